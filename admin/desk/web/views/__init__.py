"""The desk's views, one module for each page or task: a request becomes a form, a call of casework, a page.

May import what `admin.desk.web` may; decides nothing that casework or `cases` decides.
"""
