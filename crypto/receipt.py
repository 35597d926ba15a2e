"""Receipt codes and all that they derive (docs/format.md, section 3)."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from nacl.bindings import crypto_box_seed_keypair

from crypto import errors, key_errors
from crypto.encoding import b2
from crypto.signer import Signer

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SYMBOLS: Final = 19
SALT_BYTES: Final = 16
TYPED_AT_MOST: Final = 1000
"""Characters (code points) that are looked at: NFKC makes eighteen of one, and is slow on long runs of marks."""
_VALUE: Final = {symbol: value for value, symbol in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_LARGE: Final = {ord(small): small.upper() for small in "abcdefghijklmnopqrstuvwxyz"}
"""Only ASCII: `str.upper` would turn other letters into symbols, one even into two."""


def _between(*ranges: tuple[int, int]) -> frozenset[str]:
    return frozenset(chr(point) for first, last in ranges for point in range(first, last + 1))


# Looked for after NFKC, which has turned full-width and small forms into these (docs/format.md, section 3).
_DASHES: Final = frozenset("-_.~") | _between(
    (0x058A, 0x058A), (0x2010, 0x2015), (0x2043, 0x2043), (0x2212, 0x2212), (0x2500, 0x2501),
    (0x2E3A, 0x2E3B), (0x301C, 0x301C), (0x3030, 0x3030), (0x30A0, 0x30A0), (0x30FB, 0x30FC),
)  # fmt: skip
_SPACES: Final = _between(
    (0x0009, 0x000D), (0x0020, 0x0020), (0x0085, 0x0085), (0x00AD, 0x00AD), (0x1680, 0x1680),
    (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x2069), (0xFEFF, 0xFEFF),
)  # fmt: skip


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


def typed_values(text: str) -> list[int | None]:
    """Return the values of the symbols (0 to 31) in what people typed, without spaces and dashes; None for a foreign
    one. NFKC is slow on long runs of marks: the caller limits the length.
    """
    typed = unicodedata.normalize("NFKC", text).translate(_LARGE)
    return [_VALUE.get(symbol) for symbol in typed if symbol not in _SPACES and symbol not in _DASHES]


def parse_code(text: str) -> str:
    """Return the 20 symbols of a code as people type it.

    Raises CodeSymbol, CodeLength or CodeCheck: a slip, answered without a look-up.
    """
    if len(text) > TYPED_AT_MOST:
        raise key_errors.CodeLength
    kept = typed_values(text)
    if any(value is None for value in kept):
        raise key_errors.CodeSymbol
    if len(kept) != SYMBOLS + 1:
        raise key_errors.CodeLength
    code = "".join(ALPHABET[value or 0] for value in kept)
    if not _is_canonical(code):
        raise key_errors.CodeCheck
    return code


def _is_canonical(code: str) -> bool:
    is_shaped = len(code) == SYMBOLS + 1 and all(symbol in ALPHABET for symbol in code)
    return is_shaped and hmac.compare_digest(_check_symbol(code[:SYMBOLS]), code[SYMBOLS])


@dataclass(frozen=True, repr=False)
class Receipt:
    """The keys that a code derives; `repr` shows none of them."""

    root: bytes
    lookup_id: bytes
    index: bytes
    case_id: bytes
    mailbox_pk: bytes
    mailbox_sk: bytes
    mailbox_key_id: bytes
    sign_pk: bytes
    sign_seed: bytes

    @cached_property
    def signer(self) -> Signer:
        """The signing key of `sign_seed`."""
        return Signer(self.sign_seed)


def index_of(lookup_id: bytes) -> bytes:
    """Return the only thing about a code that is stored, 16 bytes. Raises MisuseError for a wrong length."""
    if len(lookup_id) != 16:
        raise errors.MisuseError
    return b2(16, lookup_id, person="mybk1-index")


def mailbox_key_id(mailbox_pk: bytes) -> bytes:
    """Return the key id of a mailbox, 16 bytes (format.md, section 3.3)."""
    return b2(16, mailbox_pk, person="mybk1-mboxid")


def from_root(root: bytes) -> Receipt:
    """Derive everything from a root of 32 bytes. Raises MisuseError for another length."""
    if len(root) != 32:
        raise errors.MisuseError
    lookup_id = b2(16, b"", key=root, person="mybk1-lookup")
    mailbox_pk, mailbox_sk = crypto_box_seed_keypair(b2(32, b"", key=root, person="mybk1-mailbox"))
    sign_seed = b2(32, b"", key=root, person="mybk1-rsign")
    signer = Signer(sign_seed)
    made = Receipt(
        root=root,
        lookup_id=lookup_id,
        index=index_of(lookup_id),
        case_id=b2(16, b"", key=root, person="mybk1-case"),
        mailbox_pk=mailbox_pk,
        mailbox_sk=mailbox_sk,
        mailbox_key_id=mailbox_key_id(mailbox_pk),
        sign_pk=signer.public,
        sign_seed=sign_seed,
    )
    made.__dict__["signer"] = signer  # the pair is known here: it costs as much as a signature
    return made


def derive(code: str, site_salt: bytes) -> Receipt:
    """Derive everything from a code as `parse_code` returns it and the site's public salt (16 bytes).

    Raises MisuseError for anything else: a code with dashes would derive another case without a word.
    """
    if len(site_salt) != SALT_BYTES or not _is_canonical(code):
        raise errors.MisuseError
    return from_root(b2(32, code[:SYMBOLS].encode("ascii"), key=site_salt, person="mybk1-root"))
