"""The auditors' side: `api` runs on the server, `desk` on an auditor's laptop, `cli` is the command of both."""
