"""Form data from the browser: the fields of the form, the sealed token of an open case, references to uploaded files.

May import the use cases' types, `portal.uploads` and the labels; it asks no database and renders no page.
"""
