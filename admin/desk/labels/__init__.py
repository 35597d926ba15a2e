"""The sentences of the desk that are kept in tables, each marked for translation.

May import `server` for the kinds of trouble; opens, stores and sends nothing.
"""
