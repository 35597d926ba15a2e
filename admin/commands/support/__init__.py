"""Shared by the commands: exit codes, files, passphrases, the site of this computer.

May import `crypto`, and `store` and `cases` inside the function that needs them, so that a laptop without the server
part starts; touches neither the portal nor the desk, and imports no command.
"""
