"""An auditor's browser in front of a desk; it checks each page that it is shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

from admin.desk.web.app import new_link
from admin.desk.web.context import desk_of
from admin.desk.web.headers import HEADERS

HTML = "{http://www.w3.org/1999/xhtml}"


class Page:
    """A page that passed the checks."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.html = response.get_data(as_text=True)
        self.tree: Any = html5lib.HTMLParser(strict=True, namespaceHTMLElements=True).parse(self.html)
        check(self)

    @property
    def text(self) -> str:
        """What a reader sees, each run of spaces as one."""
        return " ".join(" ".join(self.tree.find(f".//{HTML}body").itertext()).split())

    @property
    def h1(self) -> str:
        """The page's heading."""
        return "".join(self.all("h1")[0].itertext()).strip()

    def all(self, tag: str, **attributes: str) -> list[Any]:
        """Return the elements of one tag with these attributes."""
        found = self.tree.findall(f".//{HTML}{tag}")
        return [
            one
            for one in found
            if all(one.get(key.rstrip("_")) == value for key, value in attributes.items())
        ]

    def fields(self, action: str) -> dict[str, str]:
        """Return what the form that goes to an address (its end) holds."""
        button = next(
            (one for one in self.all("button") if (one.get("formaction") or "").endswith(action)), None
        )
        own = "" if button is None else button.get("form") or ""
        form = next(
            one
            for one in self.all("form")
            if (one.get("action") or "").endswith(action) or (own and one.get("id") == own)
        )
        own = own or form.get("id") or ""
        found: dict[str, str] = {}
        beside = [
            one
            for tag in ("input", "textarea", "select")
            for one in self.all(tag)
            if own and one.get("form") == own
        ]
        for one in [*form.iter(), *beside]:
            if (value := _value(one)) is not None:
                found[one.get("name")] = value
        return found

    def choices(self) -> list[str]:
        """Return the statuses that may be chosen."""
        return [one.get("value") for one in self.all("input", type="radio")]


def _value(one: Any) -> str | None:
    """Return what a browser would send of a field."""
    tag, kind = one.tag.removeprefix(HTML), one.get("type")
    if tag == "textarea":
        return "".join(one.itertext())
    if tag == "select":
        options = list(one)
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return chosen[0].get("value") if chosen else None
    if tag != "input" or (kind in ("radio", "checkbox") and one.get("checked") is None):
        return None
    return one.get("value") or ""


_ID = re.compile("((?:cases|files)/)([0-9a-f]{32})")


def by_handles(app: Flask, address: str) -> str:
    """Return an address with handles, where a test names a case or a file by its id."""
    handles = desk_of(app).handles

    def named(found: re.Match[str]) -> str:
        is_handle = handles.find(found[2], list) is not None
        return found[0] if is_handle else f"{found[1]}{handles.of(bytes.fromhex(found[2]))}"

    return _ID.sub(named, address)


class Browser:
    """Keeps the desk's cookie and sends the headers that browsers send."""

    def __init__(self, app: Flask, language: str = "ja", enter: bool = True) -> None:
        self.app = app
        self.base = f"http://127.0.0.1:{desk_of(app).port}"
        self.client = app.test_client()
        self.language = language
        if enter:
            assert self.raw("GET", urlsplit(new_link(app)).path).status_code == 303

    def raw(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send one request; the headers of the answer are checked."""
        headers = {"Origin": self.base} if method == "POST" else {}
        headers |= options.pop("headers", {})
        options.setdefault("base_url", self.base)
        root = desk_of(self.app).root
        below = path if path.startswith(f"{root}/") else root + path
        below = by_handles(self.app, below)
        response = self.client.open(below, method=method, headers=headers, **options)
        check_headers(response)
        # The secret path of this run is taken off again, so that tests can name addresses.
        response.set_data(response.get_data().replace(root.encode(), b""))
        if "Location" in response.headers:
            response.headers["Location"] = response.headers["Location"].removeprefix(root)
        return response

    def get(self, path: str = "", status: int = 200) -> Page:
        """Fetch a page; a path without a slash in front is under the language."""
        page = Page(self.raw("GET", path if path.startswith("/") else f"/{self.language}/{path}"))
        assert page.status == status, page.text
        return page

    def post(self, path: str, data: Mapping[str, str]) -> Page:
        """Send a form and follow the redirect that answers a success."""
        response = self.raw("POST", f"/{self.language}/{path}", data=dict(data))
        if response.status_code == 303:
            return self.get(response.headers["Location"].partition("#")[0])
        return Page(response)

    def case(self, case_id: bytes) -> Page:
        """Open a case."""
        return self.get(f"cases/{case_id.hex()}")

    def reply(self, case_id: bytes, text: str, page: Page | None = None) -> Page:
        """Write to the reporter."""
        form = (page or self.case(case_id)).fields("/reply")
        return self.post(f"cases/{case_id.hex()}/reply", form | {"message": text})

    def set_status(self, case_id: bytes, status: str, page: Page | None = None) -> Page:
        """Choose a status, and say yes where it is asked for once more."""
        answer = self.choose(case_id, status, page)
        if (form := answer.all("input", name="confirmed")) and form[0].get("value") == status:
            # The reason is asked for where it is not investigated; elsewhere nobody reads it.
            return self.post(f"cases/{case_id.hex()}/status", answer.fields("/status") | {"reason": "理由"})
        return answer

    def choose(self, case_id: bytes, status: str, page: Page | None = None, message: str = "") -> Page:
        """Choose a status, with a reply that is being written."""
        form = (page or self.case(case_id)).fields("/status")
        return self.post(f"cases/{case_id.hex()}/status", form | {"status": status, "message": message})

    def unlock(self, passphrase: str, page: Page | None = None) -> Page:
        """Type a passphrase."""
        form = (page or self.get(status=403)).fields("/unlock")
        return self.post("unlock", form | {"passphrase": passphrase})


def check_headers(response: TestResponse) -> None:
    """Every answer has all the headers; a cookie is the desk's own, for this browser's scripts and other
    sites no.
    """
    for name, value in HEADERS:
        assert response.headers.getlist(name) == [value], name
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    for cookie in response.headers.getlist("Set-Cookie"):
        assert cookie.startswith("meyasubako_desk_") and "HttpOnly" in cookie and "SameSite=Strict" in cookie


def _check_languages(page: Page) -> None:
    """Fail unless the switch of languages, where there is one, leads to this page in the other language."""
    for nav in page.all("nav", class_="languages"):
        for way in [*nav.iter(f"{HTML}a"), *nav.iter(f"{HTML}button")]:
            path = (way.get("href") or way.get("value")).partition("?")[0]
            own = re.sub(r"^/[\w-]{22}(?=/)", "", page.response.request.path)
            assert path.count("/ja/") + path.count("/en/") == 1 and "//" not in path, path
            # A page that a test fetched with another client has no address here.
            assert path == f"/{way.get('lang')}{own[3:]}" or not re.match("/(ja|en)/", own), path


def check(page: Page) -> None:
    """Fail unless the page is as every page has to be."""
    assert page.response.mimetype == "text/html"
    assert page.tree.get("lang") in ("ja", "en")
    assert len(page.all("h1")) == 1 and len(page.all("main")) == 1 and page.all("title")[0].text.strip()
    ids = Counter(one.get("id") for one in page.tree.iter() if one.get("id"))
    assert [name for name, count in ids.items() if count > 1] == []
    for one in page.tree.iter():
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            assert set((one.get(attribute) or "").split()) <= set(ids), one.attrib
        assert not any(str(name).startswith("on") or name == "style" for name in one.attrib), one.attrib
    forms = {form.get("id") for form in page.all("form")}
    for one in page.tree.iter():
        # A button of a form that is not on the page does nothing at all, the lock's as little as a link's.
        assert one.get("form") is None or one.get("form") in forms, one.attrib
    _check_languages(page)
    for script in page.all("script"):
        # The desk's own file and nothing written into the page.
        assert (script.get("src") or "").startswith("/static/") and not "".join(script.itertext()).strip()
    assert not page.all("style") and not page.all("iframe")
    # Pictures are this desk's own, and say in words what they show.
    assert all((one.get("src") or "").startswith("/") and one.get("alt") for one in page.all("img"))
    for link in page.all("a"):
        target = link.get("href", "")
        # Out of the desk there are only the authority's own pages, and they don't learn where somebody came from.
        is_official = target.startswith("https://www.ppc.go.jp/") and link.get("rel") == "noreferrer noopener"
        assert target.startswith("/") or target[1:] in ids or is_official, target
    labels = {label.get("for") for label in page.all("label")}
    for form in page.all("form"):
        names = [one.get("name") for one in form.iter(f"{HTML}input")]
        assert form.get("method") == "post" and "csrf_token" in names
    for one in [*page.all("input"), *page.all("textarea")]:
        assert one.get("type") == "hidden" or one.get("id") in labels, one.attrib
