"""What the commands share: exit codes, files, passphrases, the site of this computer.

May import `crypto` when it is loaded, and `store`, `cases` and SQLAlchemy only inside the function that needs them, so
that a laptop without the server part starts; imports neither the portal nor the desk nor a command.
"""
