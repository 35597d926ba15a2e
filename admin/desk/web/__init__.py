"""The desk's pages: a Flask application for one person on loopback, and the server that runs it.

May import every other package of the desk; nothing of the desk imports it.
"""
