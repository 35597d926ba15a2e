"""The subcommands of `meyasubako`, by who uses them. Modules load what a command needs when it runs: a laptop
has no database library, a server none for the desk.
"""
