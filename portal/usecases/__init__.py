"""The site's use cases: send a report, read and answer, replace a code, and the sealed way of the scripts.

May import the context and `portal.uploads`; loads no Flask, so each can be called, tested and read without a request.
"""
