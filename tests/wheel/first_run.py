"""A first run of the desk's file inside a network namespace of its own: no network but the loopback address.

`unshare --net --map-root-user python -m tests.wheel.first_run FILE` with a new home: brings the loopback up, shows that
nothing else can be reached, starts the file as its icon does, and goes through the pages as a browser does. Prints what
it saw as JSON.
"""

from __future__ import annotations

import fcntl
import http.cookiejar
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from html import unescape
from pathlib import Path
from typing import IO

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
PASSPHRASE = "五つの 言葉を ならべて おぼえる 鍵"
GIVEN = {
    "server": "https://meyasubako.example.jp",
    "name_ja": "佐藤 花子",
    "name_en": "Hanako Sato",
    "role_ja": "監査部 部長",
    "role_en": "Head of audit",
    "duty": "lead",
    "passphrase": PASSPHRASE,
    "again": PASSPHRASE,
}


def loopback_up() -> None:
    """Bring the loopback of a fresh network namespace up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        request = fcntl.ioctl(channel, SIOCGIFFLAGS, struct.pack("16sH14s", b"lo", 0, b""))
        flags = struct.unpack("16sH14s", request)[1]
        fcntl.ioctl(channel, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", flags | IFF_UP, b""))


def networks() -> list[str]:
    """Return the network interfaces that there are."""
    return [name for _number, name in socket.if_nameindex()]


class Visitor:
    """A browser without a window."""

    def __init__(self) -> None:
        self._cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), self._cookies)
        self.base = self.page = ""

    def go(self, address: str, data: dict[str, str] | None = None) -> str:
        """Fetch a page, or send a form; return the page's heading."""
        body = None if data is None else urllib.parse.urlencode(data).encode()
        origin = "/".join(address.split("/")[:3])
        request = urllib.request.Request(address, body, {"Origin": origin, "Accept-Language": "ja"})
        try:
            with self._opener.open(request, timeout=60) as answer:
                self.page, self.base = answer.read().decode(), answer.url
        except urllib.error.HTTPError as error:
            with error:
                self.page, self.base = error.read().decode(), error.url or address
        heading = re.search("<h1[^>]*>(.*?)</h1>", self.page, re.DOTALL)
        return unescape(heading[1]).strip() if heading else self.page[:200]

    def follow(self, end: str) -> str:
        """Follow the link whose address ends so."""
        link = re.search(rf'href="([^"]*{re.escape(end)})"', self.page)
        assert link, (end, self.page)
        return self.go(urllib.parse.urljoin(self.base, link[1]))

    def send(self, end: str, **typed: str) -> str:
        """Send the form whose address ends so."""
        form = re.search(rf'<form[^>]*action="([^"]*{re.escape(end)})"(.*?)</form>', self.page, re.DOTALL)
        assert form, (end, self.page)
        token = re.search('name="csrf_token" value="([^"]*)"', form[2])
        assert token
        return self.go(urllib.parse.urljoin(self.base, form[1]), {"csrf_token": token[1], **typed})


def started(file: str, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """Start the file as its icon does; return the process and its first link."""
    command = [sys.executable, "-I", "-B", file, "--no-browser", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    return process, link_of(process.stdout)


def link_of(lines: IO[str] | None) -> str:
    """Return the next one-time link that a desk prints."""
    assert lines is not None
    for line in lines:
        if link := re.search(r"http://127\.0\.0\.1:\d+/\S+/open/\S+", line):
            return link[0]
    raise AssertionError("no link")


def end(process: subprocess.Popen[str]) -> int:
    """End a desk as Ctrl-C does."""
    process.send_signal(signal.SIGINT)
    code = process.wait(30)
    if process.stdout is not None:
        process.stdout.close()
    return code


def a_new_key(file: str) -> list[str]:
    """Make a key, print its sheet, unlock; start once more beside it and after it. Return the headings."""
    visitor = Visitor()
    process, link = started(file)
    seen = [visitor.go(link), visitor.follow("/first/new"), visitor.send("/first/new", **GIVEN)]
    seen += [visitor.follow("/first/sheet")]
    groups = re.findall(r"<li>([0-9A-Z]{5})</li>", visitor.page)
    Path("sheet.txt").write_text("\n".join(groups))
    visitor.go(visitor.base.replace("/first/sheet", "/first/done"))
    seen += [visitor.follow("/ja/"), visitor.send("/unlock", passphrase=PASSPHRASE)]
    again = subprocess.run(
        [sys.executable, "-I", "-B", file, "--no-browser"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    other = Visitor()
    seen += [other.go(re.findall(r"http://\S+", again.stdout)[0])]
    stranger = Visitor()
    seen += [stranger.go("/".join(link.split("/")[:3]) + "/")]
    seen += [str(end(process))]
    process, link = started(file)
    seen += [Visitor().go(link), str(end(process))]
    return seen


def from_the_sheet(file: str, sheet: str) -> list[str]:
    """Bring a key back from its sheet and unlock it. Return the headings that were seen."""
    visitor = Visitor()
    process, link = started(file, "--port", "8009")
    seen = [visitor.go(link), visitor.follow("/first/restore")]
    seen += [visitor.send("/first/restore", server=GIVEN["server"], text=sheet)]
    seen += [visitor.send("/unlock", passphrase=PASSPHRASE), str(end(process))]
    return seen


def main(file: str, sheet: str | None) -> None:
    """Go through a first run and print what was seen."""
    before = networks()
    loopback_up()
    os.chdir(os.environ["HOME"])
    seen = a_new_key(file) if sheet is None else from_the_sheet(file, Path(sheet).read_text())
    print(json.dumps({"networks": before, "seen": seen}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
