"""A reporter's browser with scripts off, reduced to what it sends and what it reads back."""

from __future__ import annotations

import http.client
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){4}\b")


@dataclass
class Answer:
    """One HTTP answer: status, headers in lower case, body as text."""

    status: int
    headers: list[tuple[str, str]]
    text: str

    def header(self, name: str) -> str:
        """Return the first header of that name, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def code(self) -> str:
        """The receipt code that the page shows."""
        found = CODE.search(self.text)
        assert found, f"no receipt code on a page with status {self.status}"
        return found.group(0)


class _Inputs(HTMLParser):
    """Collects what a browser would send back: inputs with a value, textareas."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.checkboxes: dict[str, list[str]] = {}
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name")
        if tag == "textarea" and name:
            self._textarea, self.values[name] = name, ""
        elif tag == "input" and name and found.get("type") in ("checkbox", "radio"):
            self.checkboxes.setdefault(name, []).append(found.get("value") or "")
        elif tag == "input" and name:
            self.values[name] = found.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = None


_TEMPLATE = re.compile("<template.*?</template>", re.S)


def inputs(html: str) -> dict[str, str]:
    """Return the named fields of a page with the values that they hold; those in a template are none."""
    parser = _Inputs()
    parser.feed(_TEMPLATE.sub("", html))
    return parser.values


def choices(html: str, name: str) -> list[str]:
    """Return the values that the checkboxes or radios of one name offer."""
    parser = _Inputs()
    parser.feed(html)
    return parser.checkboxes.get(name, [])


def multipart(pairs: Sequence[tuple[str, str]]) -> tuple[bytes, str]:
    """Encode pairs as multipart/form-data; return the body and its content type."""
    boundary = "----form" + secrets.token_hex(12)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in pairs
    ]
    return ("".join(parts) + f"--{boundary}--\r\n").encode(), f"multipart/form-data; boundary={boundary}"


@dataclass
class Reporter:
    """Speaks to one site; keeps no cookie, because it is never given one."""

    host: str
    port: int
    language: str = "ja"
    timeout: float = 30.0
    source: str = "127.0.0.1"

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request over a connection of its own and read the whole answer."""
        connection = http.client.HTTPConnection(
            self.host, self.port, timeout=self.timeout, source_address=(self.source, 0)
        )
        try:
            connection.request(method, path, body, dict(headers or {}))
            with connection.getresponse() as raw:
                return Answer(raw.status, raw.getheaders(), raw.read().decode())
        finally:
            connection.close()

    def get(self, page: str) -> Answer:
        """Fetch one page in the reporter's language."""
        return self.request("GET", f"/{self.language}/{page}")

    def post(self, page: str, pairs: Sequence[tuple[str, str]]) -> Answer:
        """Send one form as a browser does."""
        body, kind = multipart(pairs)
        return self.request("POST", f"/{self.language}/{page}", body, {"Content-Type": kind})

    def form(self) -> dict[str, str]:
        """Fetch the report form; return its hidden fields."""
        page = self.get("report")
        assert page.status == 200, page.status
        found = inputs(page.text)
        return {"code": found["code"], "csrf_token": found["csrf_token"]}

    def report(self, hidden: Mapping[str, str], exclude: Sequence[str] = (), **fields: str) -> Answer:
        """Send a report on a form that was fetched before."""
        pairs = [*hidden.items(), *fields.items(), *(("exclude", person) for person in exclude)]
        return self.post("report", pairs)

    def status(self, code: str) -> Answer:
        """Look a code up."""
        return self.post("status", [("code", code)])

    def reply(self, page: Answer, message: str) -> Answer:
        """Answer on the status page that was shown."""
        found = inputs(page.text)
        return self.post("status", [("token", found["token"]), ("message", message)])
