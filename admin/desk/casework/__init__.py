"""Work on cases: fetching, opening, checking, answering, handing over and deleting them.

May import `local` and `server`; never Flask or `web`.
"""
