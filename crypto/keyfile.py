"""Key files: an auditor's seed under a passphrase (docs/format.md, section 1). Bytes in, bytes out.

A serving process never loads this module.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from nacl import exceptions
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_pwhash_alg,
    crypto_pwhash_ALG_ARGON2ID13,
)
from nacl.utils import random

from crypto import errors, key_errors
from crypto.encoding import b64d, b64e, canonical_json, parse_canonical_json

# libsodium's MODERATE: what real keys have. Only the demo and tests ask for less.
OPS: Final = 3
MEM: Final = 256 * 1024 * 1024
# What a key file may ask of the machine that opens it. Above, a planted file would stop the desk; below, a
# passphrase would be guessed too fast for any purpose.
OPS_RANGE: Final = range(1, 17)
MEM_RANGE: Final = range(8 * 1024 * 1024, 1024 * 1024 * 1024 + 1)
KDF: Final = "argon2id13"
_FIELDS: Final = {"v", "kdf", "ops", "mem", "salt", "nonce", "sealed"}


def _secret(passphrase: str) -> bytes:
    """Return the passphrase's bytes. Raises MisuseError for lone surrogates, which no keyboard types."""
    try:
        return unicodedata.normalize("NFKC", passphrase).encode()
    except UnicodeEncodeError:
        raise errors.MisuseError from None


def _key(secret: bytes, salt: bytes, ops: int, mem: int) -> bytes:
    try:
        return bytes(crypto_pwhash_alg(32, secret, salt, ops, mem, crypto_pwhash_ALG_ARGON2ID13))
    except exceptions.RuntimeError:
        # The memory was not there. To call this a wrong passphrase would send somebody on a vain search.
        raise key_errors.KeyFileParameters from None


def lock(seed: bytes, passphrase: str, ops: int = OPS, mem: int = MEM) -> bytes:
    """Return a key file's bytes. `mem` is in bytes.

    Raises MisuseError for a wrong seed, an empty passphrase or parameters out of range, KeyFileParameters
    when there is not enough memory.
    """
    if len(seed) != 32 or ops not in OPS_RANGE or mem not in MEM_RANGE or not passphrase:
        raise errors.MisuseError
    salt, nonce = random(16), random(24)
    head = {"v": 1, "kdf": KDF, "ops": ops, "mem": mem, "salt": b64e(salt), "nonce": b64e(nonce)}
    key = _key(_secret(passphrase), salt, ops, mem)
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(seed, canonical_json(head), nonce, key)
    return canonical_json({**head, "sealed": b64e(bytes(sealed))})


def _read(raw: bytes) -> dict[str, Any]:
    fields = parse_canonical_json(raw.removesuffix(b"\n"))
    if type(fields.get("v")) is not int or fields["v"] != 1 or fields.get("kdf") != KDF:
        raise key_errors.KeyFileVersion
    if set(fields) != _FIELDS or not all(
        isinstance(fields[name], str) for name in ("salt", "nonce", "sealed")
    ):
        raise key_errors.KeyFileFields
    if type(fields["ops"]) is not int or type(fields["mem"]) is not int:
        raise key_errors.KeyFileFields
    if fields["ops"] not in OPS_RANGE or fields["mem"] not in MEM_RANGE:
        raise key_errors.KeyFileParameters
    return fields


def check(raw: bytes) -> bytes:
    """Return a key file's canonical JSON, without the line feed at its end, if it has the form of one.

    Raises what `unlock` raises, except WrongPassphrase: only the passphrase shows whether it opens.
    """
    fields = _read(raw)
    if [len(b64d(fields[name])) for name in ("salt", "nonce", "sealed")] != [16, 24, 48]:
        raise key_errors.KeyFileFields
    return canonical_json(fields)


def fault(error: errors.CryptoError) -> str:
    """Return what is wrong with a key file in one word, for the tables of messages: `wrong` (the passphrase, or
    damage that nobody can tell from it), `version`, `fields`, `parameters`, `cut` (no whole JSON).
    """
    if isinstance(error, key_errors.WrongPassphrase):
        return "wrong"
    codes: dict[type[errors.CryptoError], str] = {
        key_errors.KeyFileVersion: "version",
        key_errors.KeyFileFields: "fields",
        key_errors.KeyFileParameters: "parameters",
    }
    if isinstance(error, errors.BadBase64):
        return "fields"
    return codes.get(type(error), "cut")


def unlock(raw: bytes, passphrase: str) -> bytes:
    """Return the seed of a key file; one line feed at its end is fine.

    Raises WrongPassphrase (also when a field is damaged: nobody can tell), KeyFileVersion, KeyFileFields,
    KeyFileParameters (also when there is not enough memory), or what canonical JSON and base64 raise.
    """
    fields = _read(raw)
    salt, nonce, sealed = b64d(fields["salt"]), b64d(fields["nonce"]), b64d(fields["sealed"])
    if (len(salt), len(nonce), len(sealed)) != (16, 24, 48):
        raise key_errors.KeyFileFields
    head = canonical_json({name: value for name, value in fields.items() if name != "sealed"})
    try:
        key = _key(_secret(passphrase), salt, fields["ops"], fields["mem"])
    except errors.MisuseError:
        raise key_errors.WrongPassphrase from None
    try:
        return bytes(crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, head, nonce, key))
    except exceptions.CryptoError:
        raise key_errors.WrongPassphrase from None
