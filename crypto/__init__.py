"""Bytes and keys (docs/format.md): sealing, opening, signing, and the list of auditors.

May import nothing else of the project; touches no web, database, clock, disk or console. Only `identity`, `keyfile` and
`keysheet` handle an auditor's private key, and nothing that a server loads imports them.
"""
