"""Addresses under which the site itself is reached: `site.address` and `site.onion`."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final
from urllib.parse import urlsplit

from store.config.settings_file import SettingsSection

_ONION: Final = re.compile(r"http://([a-z2-7]{56})\.onion/?\Z")
_KEY_BYTES: Final = 32
_VERSION: Final = b"\x03"


def is_onion_host(name: str) -> bool:
    """Tell whether a host's name is an onion service's, of whatever version."""
    return name.lower().rstrip(".").endswith(".onion")


def onion_of(site: SettingsSection) -> str | None:
    """Return the onion service's address, without a slash at its end; None for none. Raises SettingsError.

    Version 3 of the onion address format (Tor's rend-spec-v3, section 6): key, checksum and version in base32. A slip
    in it would lead reporters to nobody, or to somebody else.
    """
    if "onion" not in site.values:
        return None
    match = _ONION.match(site.text("onion"))
    if match is None:
        raise site.wrong(
            "onion",
            "must be http:// and 56 letters and digits with .onion, without a port or a path",
            "は、http:// と56文字の .onion で、ポートやパスを付けずに書いてください",
        )
    raw = base64.b32decode(match[1].upper())
    key, checksum, version = raw[:_KEY_BYTES], raw[_KEY_BYTES:-1], raw[-1:]
    if version != _VERSION or hashlib.sha3_256(b".onion checksum" + key + version).digest()[:2] != checksum:
        raise site.wrong(
            "onion",
            "has a slip in it: its check digits are wrong. Copy it from the file `hostname` of the onion service",
            "に書き誤りがあります（検査数字が合いません）。onion service の hostname ファイルから写してください",
        )
    return f"http://{match[1]}.onion"


def site_address_of(site: SettingsSection) -> str | None:
    """Return the address that people are told, without a slash at its end; None for none. Raises SettingsError."""
    if "address" not in site.values:
        return None
    text = site.text("address")
    try:
        parts = urlsplit(text)
        port, name = parts.port, parts.hostname or ""
        # Nothing after the host: pages are below it, and a query would be told to everybody who looks on.
        whole = text.rstrip("/") == f"https://{name}" + (f":{port}" if port else "")
    except ValueError:
        whole, name = False, ""
    if not whole or not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", name) or is_onion_host(name):
        raise site.wrong(
            "address",
            "must be https:// and the host's name in small letters (and a port), without a path",
            "は、https:// と小文字のホスト名（とポート）で、パスを付けずに書いてください",
        )
    return text.rstrip("/")
