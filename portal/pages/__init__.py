"""The views, one module for each journey: a request becomes a form, a use case, a page.

May import every other package of the portal but `cleaning`; no business rule and no query of the database is in here.
"""
