"""The views, one module for each journey: a request becomes a form, a use case, a page.

May import the use cases, forms and labels of `portal`; a rule of the business or a query of the database is in none
of them.
"""
