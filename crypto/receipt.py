"""Receipt codes and all that they derive (docs/format.md, section 3)."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from typing import Final

from nacl.bindings import crypto_box_seed_keypair, crypto_sign_seed_keypair

from crypto import errors
from crypto.encoding import b2

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SYMBOLS: Final = 19
SALT_BYTES: Final = 16
_VALUE: Final = {symbol: value for value, symbol in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_DASHES: Final = frozenset("-‐‑‒–—―−ー─━_・.")


def _check_symbol(symbols: str) -> str:
    total = 0
    for place, symbol in enumerate(reversed(symbols)):
        value = _VALUE[symbol] * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def new_code() -> str:
    """Return a new code: 19 random symbols (95 bits, from the operating system) and the check symbol."""
    symbols = "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))
    return symbols + _check_symbol(symbols)


def format_code(code: str) -> str:
    """Return a code as it is shown: five groups of four."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def parse_code(text: str) -> str:
    """Return the 20 symbols of a code as people type it. Raises CodeSymbol, CodeLength or CodeCheck (a slip)."""
    typed = unicodedata.normalize("NFKC", text).upper()
    kept = [symbol for symbol in typed if not symbol.isspace() and symbol not in _DASHES]
    if any(symbol not in _VALUE for symbol in kept):
        raise errors.CodeSymbol
    if len(kept) != SYMBOLS + 1:
        raise errors.CodeLength
    code = "".join(ALPHABET[_VALUE[symbol]] for symbol in kept)
    if _check_symbol(code[:SYMBOLS]) != code[SYMBOLS]:
        raise errors.CodeCheck
    return code


@dataclass(frozen=True, repr=False)
class Receipt:
    """What a code derives; `repr` shows none of it."""

    root: bytes
    lookup_id: bytes
    index: bytes
    case_id: bytes
    mailbox_pk: bytes
    mailbox_sk: bytes
    mailbox_key_id: bytes
    sign_pk: bytes
    sign_seed: bytes


def index_of(lookup_id: bytes) -> bytes:
    """Return the only thing about a code that is stored, 16 bytes."""
    return b2(16, lookup_id, person="mybk1-index")


def from_root(root: bytes) -> Receipt:
    """Derive everything from a root of 32 bytes. Raises MisuseError for another length."""
    if len(root) != 32:
        raise errors.MisuseError
    lookup_id = b2(16, b"", key=root, person="mybk1-lookup")
    mailbox_pk, mailbox_sk = crypto_box_seed_keypair(b2(32, b"", key=root, person="mybk1-mailbox"))
    sign_seed = b2(32, b"", key=root, person="mybk1-rsign")
    return Receipt(
        root=root,
        lookup_id=lookup_id,
        index=index_of(lookup_id),
        case_id=b2(16, b"", key=root, person="mybk1-case"),
        mailbox_pk=mailbox_pk,
        mailbox_sk=mailbox_sk,
        mailbox_key_id=b2(16, mailbox_pk, person="mybk1-mboxid"),
        sign_pk=crypto_sign_seed_keypair(sign_seed)[0],
        sign_seed=sign_seed,
    )


def derive(code: str, site_salt: bytes) -> Receipt:
    """Derive everything from a parsed code and the site's public salt (16 bytes)."""
    if len(site_salt) != SALT_BYTES:
        raise errors.MisuseError
    return from_root(b2(32, code[:SYMBOLS].encode("ascii"), key=site_salt, person="mybk1-root"))
