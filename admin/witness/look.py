"""Compares the site's pages, scripts and styles, as a visitor gets them, with the newest `release` leaf.

A server that knows a witness by its connection can show it other pages than a reporter: that limit stays
(docs/threat-model/P4.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

from admin.desk.server.client import Server
from admin.desk.server.responses import ServerTrouble, Trouble

PAGES: Final = ("ja/report", "ja/status", "ja/keys", "en/report", "en/status", "en/keys")
_LONGEST: Final = 16 * 1024 * 1024
_BROWSER: Final = {
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}
"""As browsers say it, so that a page for witnesses alone is a little harder to make."""
_FOLDERS: Final = {"css": "static", "html": "log"}
"""Where a release's files are, by their ending: the verify page is a download below /log; others are scripts."""
_DATA: Final = ("application/json", "application/ld+json")


@dataclass(frozen=True)
class SeenFile:
    """Something that is not as the release leaf says. `name`: path or file name; `sha256`: hex, of `raw`."""

    name: str
    sha256: str
    raw: bytes


@dataclass
class _PageParts(HTMLParser):
    """The scripts and styles that a page has. `own`: text of inline scripts and of handlers: there are none."""

    addresses: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    _inside: bool = False

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    __hash__ = HTMLParser.__hash__

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag brings along."""
        given = {name: value or "" for name, value in attrs}
        self.own += [f"{name}={value}" for name, value in given.items() if name.startswith("on")]
        self.own += [value for value in given.values() if value.strip().lower().startswith("javascript:")]
        if tag == "script":
            if "src" in given:
                self.addresses.append(given["src"])
            elif given.get("type", "") not in _DATA:
                self._inside = True
        elif tag == "link" and {"stylesheet", "preload", "modulepreload"} & set(given.get("rel", "").split()):
            self.addresses.append(given.get("href", ""))
        elif tag in ("iframe", "object", "embed", "base"):
            self.own.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of an inline script."""
        if tag == "script":
            self._inside = False

    def handle_data(self, data: str) -> None:
        """Note the text of an inline script."""
        if self._inside and data.strip():
            self.own.append(data)


def read_release(document: bytes | None) -> dict[str, str]:
    """Return name and SHA-256 (hex) of each file of a release; empty where it can't be read or there is none."""
    try:
        read = json.loads(document or b"{}")
    except ValueError:
        return {}
    fits = isinstance(read, dict) and all(isinstance(value, str) for value in read.values())
    return dict(read) if fits else {}


def look(server: Server, release: Mapping[str, str]) -> list[SeenFile]:
    """Return what does not fit a release, after all pages and files were fetched. Raises ServerTrouble."""
    strange: list[SeenFile] = []
    files: dict[str, bytes] = {}
    for path in PAGES:
        language = "ja,en;q=0.5" if path.startswith("ja") else "en,ja;q=0.5"
        raw = _fetch(server, f"{server.url}/{path}", {**_BROWSER, "Accept-Language": language})
        parts = _PageParts()
        parts.feed(raw.decode("utf-8", "replace"))
        parts.close()
        is_strange = bool(parts.own)
        for address in parts.addresses:
            url = urljoin(f"{server.url}/{path}", address)
            name = urlsplit(url).path.rpartition("/")[2]
            if not url.startswith(f"{server.url}/") or name not in release:
                is_strange = True
            elif name not in files:
                files[name] = _fetch(server, url, _BROWSER)
        if is_strange:
            strange.append(SeenFile(path, sha256(raw).hexdigest(), raw))
    for name in sorted(release.keys() - files.keys()):
        folder = _FOLDERS.get(name.rpartition(".")[2], "static/built")
        files[name] = _fetch(server, f"{server.url}/{folder}/{name}", _BROWSER)
    for name, raw in sorted(files.items()):
        digest = sha256(raw).hexdigest()
        if digest != release[name]:
            strange.append(SeenFile(name, digest, raw))
    return strange


def _fetch(server: Server, url: str, headers: Mapping[str, str]) -> bytes:
    status, _headers, body = server.exchange(server.build("GET", url, headers=dict(headers)), _LONGEST)
    if status >= 500:
        raise ServerTrouble(Trouble.BUSY)
    return body if status == 200 else b""
