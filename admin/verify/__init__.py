"""Certificates and copies of a log, checked on any computer: what is read from where, and how it is said.

May import `crypto` and `cases`; needs none of the optional libraries.
"""
