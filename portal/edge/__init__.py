"""Everything between a socket and a page: gunicorn's settings and worker, request filtering, headers, compression.

May import the context, `portal.uploads` and `portal.cleaning`; it touches no form, no sentence, no table and no case.
"""
