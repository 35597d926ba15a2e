"""The scripts of the reporter's pages and of the verify page (TypeScript), and the program that builds them.

`build` imports nothing of the project: it runs before anything is installed.
"""
