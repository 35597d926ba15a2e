"""The desk as one file: a zip archive with wheels for each system, which Python runs (docs/adr/0029).

`build` makes it (`make desk`); `entry` and `unpack` go into it and run before anything of it is installed. They import
the standard library only, and of the project nothing but the command that they start.
"""
