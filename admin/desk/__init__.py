"""The auditor's local program: holds the private key in memory and opens what the server stores sealed.

Imports `crypto`, `cases` and `templates`; never `store`, `portal` or `admin.api`, and loads nothing by itself.
"""
