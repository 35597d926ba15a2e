"""The subcommands of `meyasubako`, by who uses them.

May import `crypto`, `cases`, `store` and the desk, each inside the command that needs it, since a laptop has no
database library and a server none for the desk; touches nothing of `portal`.
"""
