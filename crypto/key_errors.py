"""Errors of what a person keeps or types: receipt codes, key files and their printed sheets (docs/format.md, 7)."""

from __future__ import annotations

from crypto.errors import BadData


class BadReceiptCode(BadData):
    """This is not a receipt code."""


class CodeSymbol(BadReceiptCode):
    """A receipt code holds a symbol that no code has."""


class CodeLength(BadReceiptCode):
    """A receipt code has 20 symbols."""


class CodeCheck(BadReceiptCode):
    """A receipt code's check symbol does not fit: a slip."""


class BadKeyFile(BadData):
    """A key file does not open."""


class WrongPassphrase(BadKeyFile):
    """The passphrase does not open the key file, or the file is damaged."""


class KeyFileVersion(BadKeyFile):
    """This is not a key file of version 1."""


class KeyFileFields(BadKeyFile):
    """A key file's fields are not as the format says."""


class KeyFileParameters(BadKeyFile):
    """A key file asks for too little or too much work, or for more memory than there is."""


class BadKeySheet(BadData):
    """The text of a key sheet is wrong."""

    def __init__(self, groups: tuple[int, ...] = ()) -> None:
        """`groups`: the numbers of the groups to look at, from 1."""
        super().__init__()
        self.groups = groups


class SheetLength(BadKeySheet):
    """A key sheet has 40 groups of 5 symbols; these are fewer or more."""


class SheetGroups(BadKeySheet):
    """A group of a key sheet does not hold its check symbol: a slip."""


class SheetChecksum(BadKeySheet):
    """Each group of a key sheet fits, and the whole does not."""


class SheetVersion(BadKeySheet):
    """This is not a key sheet of version 1."""


class PackKeyMalformed(BadData):
    """This is not the public key of a pack's receiver: a slip, or something else."""
