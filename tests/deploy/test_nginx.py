"""The nginx site of deploy/, run as it is but for its places: what it hands on, what it answers, what it writes."""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from portal.edge.request import INSIDE_HEADER, KEPT_HEADERS
from tests.support.mail import certificate
from tests.support.ports import free_port
from tests.support.site import select_nothing

ROOT = Path(__file__).resolve().parents[2]
NGINX = ROOT / "deploy" / "nginx"
HOST = "meyasubako.example.jp"
VISITOR = {
    "User-Agent": "visitor-browser",
    "Cookie": "visitor=cookie",
    "Referer": "https://intranet.example.jp/visitor",
    "X-Forwarded-For": "192.0.2.7",
    "X-Real-IP": "192.0.2.7",
    "Forwarded": "for=192.0.2.7",
    "Via": "1.1 visitor",
    "Authorization": "visitor",
    "X-Meyasubako-Inside": "1",
    "Sec-CH-UA": "visitor",
    "DNT": "1",
}
NEEDED = {
    "Accept-Language": "en",
    "Accept-Encoding": "br",
    "Origin": f"https://{HOST}",
    "Sec-Fetch-Site": "same-origin",
    "Content-Type": "application/x-marker",
}


@dataclass
class Nginx:
    """A running nginx: its TLS port, the backend's port, and what came to the backend."""

    folder: Path
    port: int
    backend: int
    answer: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str = "GET", path: str = "/", body: bytes | None = None, address: str = "127.0.0.1"
    ) -> tuple[int, dict[str, str], str]:
        """Ask as a browser with all that it tells of itself; return status, headers in lower case, body."""
        trusted = ssl.create_default_context(cafile=str(self.folder / f"{HOST}.crt"))
        trusted.check_hostname = False
        connection = http.client.HTTPSConnection(address, self.port, timeout=30, context=trusted)
        try:
            connection.request(method, path, body, {"Host": HOST, **VISITOR, **NEEDED})
            with connection.getresponse() as raw:
                headers = {name.lower(): value for name, value in raw.getheaders()}
                return raw.status, headers, raw.read().decode()
        finally:
            connection.close()


def configuration(folder: Path, port: int, backend: int) -> Path:
    """Write nginx.conf around the site of deploy/, whose places are replaced and nothing else."""
    text = (NGINX / "meyasubako.conf").read_text("utf-8")
    plain = free_port()
    for old, new in (
        ("listen 443 ", f"listen 127.0.0.1:{port} "),
        ("listen [::]:443 ", f"listen [::1]:{port} "),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen [::]:80;", f"listen [::1]:{plain};"),
        ("/etc/ssl/meyasubako/fullchain.pem", str(folder / f"{HOST}.crt")),
        ("/etc/ssl/meyasubako/key.pem", str(folder / f"{HOST}.key")),
        ("/etc/nginx/meyasubako-proxy.conf", str(NGINX / "meyasubako-proxy.conf")),
        ("/usr/share/meyasubako/nginx", str(NGINX)),
        ("127.0.0.1:8000", f"127.0.0.1:{backend}"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text, "utf-8")
    temporary = "".join(
        f"{name}_temp_path {folder / 'temp'};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "temp").mkdir()
    own = folder / "nginx.conf"
    # What Debian's nginx.conf has: a log of every visitor, unless the site says otherwise.
    own.write_text(
        f"daemon off; worker_processes 1; pid {folder / 'pid'}; error_log {folder / 'error.log'};\n"
        f"events {{ worker_connections 64; }}\n"
        f"http {{ access_log {folder / 'access.log'};\n{temporary}include {folder / 'site.conf'}; }}\n",
        "utf-8",
    )
    return own


def program() -> str:
    """Return where nginx lies: Debian has it where only root's path leads."""
    path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    assert path, "nginx is needed: apt-get install nginx-light"
    return path


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    folder = tmp_path_factory.mktemp("nginx")
    certificate(folder, HOST)
    running = Nginx(folder, free_port(), free_port())

    class Backend(BaseHTTPRequestHandler):
        """Answers as it is told to, and remembers the last request's headers."""

        def do_GET(self) -> None:
            running.headers = {name.lower(): value for name, value in self.headers.items()}
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b"the site's own words"
            self.send_response(running.answer)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_args: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", running.backend), Backend)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    own = configuration(folder, running.port, running.backend)
    tested = subprocess.run(
        [program(), "-t", "-q", "-p", str(folder), "-c", str(own)],
        capture_output=True,
        text=True,
        check=False,
    )
    # Newer ones than Debian 12's say that "listen ... http2" is written otherwise now.
    assert tested.returncode == 0, tested.stderr
    with subprocess.Popen(
        [program(), "-p", str(folder), "-c", str(own)], stderr=subprocess.DEVNULL
    ) as process:
        try:
            await_port(running.port, process)
            yield running
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(20)
            server.shutdown()
            thread.join()
            server.server_close()


def await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when somebody listens on a port of this machine."""
    for _attempt in range(400):
        assert process.poll() is None, "nginx did not start"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            select_nothing(0.025)
    raise AssertionError("nginx does not listen")


def test_nothing_about_the_visitor_is_handed_on(nginx: Nginx) -> None:
    nginx.answer = 200
    assert nginx.ask("POST", "/ja/report", b"text")[0] == 200
    assert set(nginx.headers) == {"host", "content-length", *(name.lower() for name in NEEDED)}
    assert all(nginx.headers[name.lower()] == value for name, value in NEEDED.items())
    read = {name.removeprefix("HTTP_").replace("_", "-").lower() for name in KEPT_HEADERS}
    assert read <= set(nginx.headers) and INSIDE_HEADER.removeprefix("HTTP_").lower() not in nginx.headers


def test_only_desks_are_handed_on_with_their_signature(nginx: Nginx) -> None:
    nginx.answer = 200
    nginx.ask("POST", "/api/feed", b"{}")
    assert nginx.headers["authorization"] == "visitor"
    assert "user-agent" not in nginx.headers and "x-forwarded-for" not in nginx.headers


def test_what_the_site_answers_is_handed_on_also_when_it_is_503(nginx: Nginx) -> None:
    nginx.answer = 503
    status, headers, text = nginx.ask()
    assert (status, text) == (503, "the site's own words")
    assert headers["server"] == "nginx" and "max-age" in headers["strict-transport-security"]


def test_ipv6_works(nginx: Nginx) -> None:
    nginx.answer = 200
    assert nginx.ask(address="::1")[0] == 200


def test_plain_http_leads_to_https_but_for_a_public_authoritys_question(nginx: Nginx) -> None:
    (plain,) = re.findall(r"listen 127\.0\.0\.1:(\d+);", (nginx.folder / "site.conf").read_text("utf-8"))
    answers = {}
    for path in ("/ja/report?a=b", "/.well-known/acme-challenge/none"):
        connection = http.client.HTTPConnection("127.0.0.1", int(plain), timeout=30)
        connection.request("GET", path, headers={"Host": HOST})
        with connection.getresponse() as raw:
            answers[path] = raw.status, raw.getheader("Location")
        connection.close()
    assert list(answers.values()) == [(301, f"https://{HOST}/ja/report?a=b"), (404, None)]


def test_it_waits_for_as_long_as_large_files_take() -> None:
    text = (NGINX / "meyasubako-proxy.conf").read_text("utf-8")
    for name in ("proxy_send_timeout", "proxy_read_timeout"):
        assert re.findall(rf"(?m)^{name} (\d+)s;", text) == ["900"]
    assert "proxy_request_buffering off;" in text and "proxy_max_temp_file_size 0;" in text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_while_the_site_is_away_a_page_says_what_to_do(method: str, tmp_path: Path, nginx: Nginx) -> None:
    # Nobody listens on the port of the second server block's backend, as while the site is down.
    own = tmp_path / "nginx.conf"
    (tmp_path / "temp").mkdir()
    text = (nginx.folder / "nginx.conf").read_text("utf-8").replace(str(nginx.folder), str(tmp_path))
    site = (nginx.folder / "site.conf").read_text("utf-8")
    port, plain = free_port(), free_port()
    site = site.replace(f":{nginx.port} ", f":{port} ").replace(
        f"127.0.0.1:{nginx.backend}", f"127.0.0.1:{plain}"
    )
    site = re.sub(r"listen (127\.0\.0\.1|\[::1\]):\d+;", rf"listen \1:{free_port()};", site)
    (tmp_path / "site.conf").write_text(site, "utf-8")
    own.write_text(text, "utf-8")
    away = Nginx(nginx.folder, port, plain)
    with subprocess.Popen(
        [program(), "-p", str(tmp_path), "-c", str(own)], stderr=subprocess.DEVNULL
    ) as process:
        try:
            await_port(port, process)
            status, headers, shown = away.ask(method, "/ja/report", b"text" if method == "POST" else None)
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(20)
    assert status == 502 and headers["server"] == "nginx"
    assert "二重に保存されることはありません" in shown and "Nothing is stored twice" in shown
    assert headers["cache-control"] == "no-store" and "max-age" in headers["strict-transport-security"]
    (style,) = re.findall(r"(?s)<style>(.*?)</style>", shown)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in headers["content-security-policy"]
    assert (tmp_path / "access.log").read_bytes() == b""


def test_nothing_is_written_about_anybody(nginx: Nginx) -> None:
    nginx.ask("POST", "/ja/report", b"text")
    assert (nginx.folder / "access.log").read_bytes() == b""
    assert "127.0.0.1" not in (nginx.folder / "error.log").read_text("utf-8")
    assert list((nginx.folder / "temp").iterdir()) == []
