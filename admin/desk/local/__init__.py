"""The sealed copy on this computer's disk and what is searched in it.

May import `server` (the shapes of what it sends) and `keys`; never Flask, `web`, `casework` or `reports`.
"""
