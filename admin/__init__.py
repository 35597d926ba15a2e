"""The auditors' side: `api` runs on the server, `desk` on an auditor's laptop, `commands` on both, `cli` joins them.

`cli` alone may import `portal`, to serve it; `api` and `desk` never import each other and meet over HTTP only.
"""
