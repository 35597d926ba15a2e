"""Reads a multipart request as it arrives and seals each file before any byte of it reaches a disk.

May import `portal.cleaning`; it knows no case, no table and no sentence.
"""
