"""A reporter's browser that checks each page it fetches: valid HTML, one h1, title, ids, forms, headers, no
cookie."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

from portal.edge.headers import HEADERS
from tests.support.reporter import inputs, multipart

CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){4}\b")
HTML = "{http://www.w3.org/1999/xhtml}"


def without_furigana(html: str) -> str:
    """Return a page as it is without the readings."""
    return re.sub(r"<ruby>([^<>]*)<rt[^>]*>[^<>]*</rt></ruby>", r"\1", html)


class Page:
    """A page that passed the checks."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.html = response.get_data(as_text=True)
        self.tree: Any = None

    @property
    def text(self) -> str:
        """What a reader sees, furigana apart, each run of spaces as one."""
        tree = self.tree
        if "<ruby>" in self.html:
            tree = html5lib.parse(without_furigana(self.html), treebuilder="etree")
        return " ".join(" ".join(tree.find(f".//{HTML}body").itertext()).split())

    @property
    def title(self) -> str:
        """The page's title."""
        return str(self.tree.find(f".//{HTML}title").text)

    @property
    def lang(self) -> str:
        """The language that the page says it is in."""
        return str(self.tree.get("lang"))

    @property
    def fields(self) -> dict[str, str]:
        """What the page's form fields hold."""
        return inputs(self.html)

    @property
    def code(self) -> str:
        """The receipt code that is shown."""
        found = CODE.search(self.text)
        assert found, self.text
        return found.group(0)

    def all(self, tag: str, **attributes: str) -> list[ElementTree.Element]:
        """Return the elements of one tag with these attributes."""
        found: list[ElementTree.Element] = self.tree.findall(f".//{HTML}{tag}")
        return [element for element in found if all(element.get(k) == v for k, v in attributes.items())]

    def ticked(self, name: str) -> list[str]:
        """Return the values of the ticked boxes of one name, and of hidden fields that stand in for one."""
        boxes = self.all("input", name=name)
        return [
            box.get("value", "")
            for box in boxes
            if box.get("checked") is not None or box.get("type") == "hidden"
        ]


class CheckedClient:
    """Fetches pages of one language."""

    def __init__(self, app: Flask, language: str = "ja") -> None:
        self._client = app.test_client(use_cookies=False)
        self.language = language

    def get(self, path: str, **options: Any) -> Page:
        """Fetch a page; a path without a slash in front is under the language."""
        return self.fetch("GET", path, **options)

    def fetch(self, method: str, path: str, **options: Any) -> Page:
        """Send one request and check the page that answers."""
        full = path if path.startswith("/") else f"/{self.language}/{path}"
        page = Page(self._client.open(full, method=method, **options))
        check(page)
        return page

    def raw(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send one request; check the headers only."""
        response = self._client.open(path, method=method, **options)
        check_headers(response)
        return response

    def post(self, path: str, pairs: Sequence[tuple[str, str]]) -> Page:
        """Send a form as browsers do."""
        body, kind = multipart(pairs)
        return self.fetch("POST", path, data=body, content_type=kind)

    def form(self) -> dict[str, str]:
        """Open the report form; return its hidden fields."""
        fields = self.get("report").fields
        return {"code": fields["code"], "csrf_token": fields["csrf_token"]}

    def report(
        self, hidden: Mapping[str, str] | None = None, exclude: Sequence[str] = (), **fields: Any
    ) -> Page:
        """Send a report, on a new form unless one is given."""
        hidden = self.form() if hidden is None else hidden
        return self.post("report", [*hidden.items(), *fields.items(), *(("exclude", one) for one in exclude)])

    def look(self, code: str) -> Page:
        """Open a case with its code."""
        return self.post("status", [("code", code)])

    def reply(self, page: Page, message: str) -> Page:
        """Write a message on the page of a case."""
        return self.post("status", [("token", page.fields["token"]), ("message", message)])


def check_headers(response: TestResponse) -> None:
    """Every answer has all the headers and no cookie."""
    assert "Set-Cookie" not in response.headers
    for name, value in HEADERS:
        assert response.headers.getlist(name) == [value], name
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "Server" not in response.headers and "X-Powered-By" not in response.headers


def check(page: Page) -> None:
    """Fail unless the page is as every page has to be."""
    check_headers(page.response)
    assert page.response.mimetype == "text/html"
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=True)
    page.tree = parser.parse(page.html)
    # What only the page's scripts show is looked at where they run (tests/browser/test_with_scripts.py).
    for parent in page.tree.iter():
        for child in parent.findall(f"{HTML}template"):
            parent.remove(child)
    _check_structure(page)
    _check_forms(page)


def _check_structure(page: Page) -> None:
    assert page.lang in ("ja", "en")
    assert page.title.strip()
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    ids = Counter(element.get("id") for element in page.tree.iter() if element.get("id"))
    assert [name for name, count in ids.items() if count > 1] == []
    for element in page.tree.iter():
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            assert set((element.get(attribute) or "").split()) <= set(ids), element.attrib
        assert not any(name.startswith("on") or name == "style" for name in element.attrib), element.attrib
    for script in page.all("script"):
        # The site's own built files only, each with its hash, none inside the page.
        assert (script.get("src") or "").startswith("/static/built/") and script.text is None
        assert script.get("type") == "module" and (script.get("integrity") or "").startswith("sha384-")
    # A file to keep has its style in itself; pages have the one of the site.
    assert not page.all("style") or page.response.headers.get("Content-Disposition", "").startswith(
        "attachment"
    )
    assert not page.all("img") and not page.all("iframe")
    for link in page.all("a"):
        target = link.get("href", "")
        assert target.startswith(("/", "tel:", "https://")) or target[1:] in ids, target
        assert "".join(link.itertext()).strip()


def _check_forms(page: Page) -> None:
    labels = {label.get("for") for label in page.all("label")}
    asking = []
    for form in page.all("form"):
        assert (form.get("action") or "").startswith("/")
        if form.get("method") == "get":
            # It only leads on: nothing of it may be in an address.
            asking += [field for field in form.iter() if field.tag.endswith(("input", "textarea"))]
            assert not any(field.get("name") for field in asking)
            continue
        assert form.get("method") == "post" and form.get("enctype") == "multipart/form-data"
    for field in [*page.all("input"), *page.all("textarea")]:
        assert field.get("name") or field in asking
        if field.get("type") != "hidden":
            assert field.get("id") in labels, field.attrib
        if field.get("type") == "text" or field.tag.endswith("textarea"):
            assert field.get("autocomplete") == "off" and field.get("spellcheck") == "false"
            assert field.get("aria-describedby")
