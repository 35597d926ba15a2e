"""The tree of error classes: what vectors name are its leaves."""

from __future__ import annotations

from crypto import access_errors as access_errors  # its classes are below BadData once it is loaded
from crypto import errors
from crypto import key_errors as key_errors  # its classes are below BadData once it is loaded
from crypto import log_errors as log_errors  # as above
from crypto import roster_errors as roster_errors  # as above


def family(root: type[errors.CryptoError]) -> set[type[errors.CryptoError]]:
    """Return a class and all below it."""
    return {root, *(error for sub in root.__subclasses__() for error in family(sub))}


def leaves(root: type[errors.CryptoError]) -> set[str]:
    """Return the names of the classes below `root` that nothing is derived from."""
    return {error.__name__ for error in family(root) if not error.__subclasses__()}
