"""The site's sentences in tables, for pages and for scripts, and which language a page speaks.

May import nothing else of the portal; it asks no database and decides nothing.
"""
