"""A mail server on the loopback address: real sockets, real TLS; it keeps what it was given."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

ACCOUNT = b64encode(b"\0reminder\0a word of mail")


@dataclass
class MailServer:
    """`mails`: (sender, receivers, text) of each mail that was taken. `secured`: whether it came over TLS."""

    port: int = 0
    mails: list[tuple[str, tuple[str, ...], bytes]] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)


def certificate(folder: Path, host: str = "localhost") -> tuple[Path, Path]:
    """Make a certificate that vouches for itself; return its file and its key's."""
    cert, key = folder / f"{host}.crt", folder / f"{host}.key"
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    known = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([known]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    cert.write_bytes(made.public_bytes(Encoding.PEM))
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert, key


@contextmanager
def mail_server(
    security: str, certificate: tuple[Path, Path] | None = None, wants_login: bool = False
) -> Iterator[MailServer]:
    """Serve SMTP on a free port: "none", "starttls" or "tls"."""
    found = MailServer()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)

    class Session(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            # A client that does not like the certificate goes away.
            with (
                suppress(OSError),
                closing(_Talk(self.request, security, context, wants_login, found)) as talk,
            ):
                talk.run()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as listener:
        listener.daemon_threads = True
        found.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield found
        finally:
            listener.shutdown()
            thread.join()


class _Talk:
    """One connection."""

    def __init__(
        self,
        sock: socket.socket,
        security: str,
        context: ssl.SSLContext | None,
        wants_login: bool,
        found: MailServer,
    ) -> None:
        self.sock, self.context, self.found = sock, context, found
        self.offers = [b"AUTH PLAIN"] if wants_login else []
        self.logged_in = not wants_login
        self.secured = False
        self.offers_tls = security == "starttls"
        self.sender, self.receivers = "", list[str]()
        if security == "tls":
            self.secure()
        else:
            self.lines = sock.makefile("rb")

    def secure(self) -> None:
        assert self.context is not None
        try:
            self.sock = self.context.wrap_socket(self.sock, server_side=True)
        except OSError:
            self.sock.close()
            raise
        self.lines, self.secured, self.offers_tls = self.sock.makefile("rb"), True, False

    def close(self) -> None:
        self.lines.close()
        self.sock.close()

    def run(self) -> None:
        self.sock.sendall(b"220 ready\r\n")
        while line := self.lines.readline():
            word = line.split(b":")[0].split(b" ")[0].strip().upper()
            answer = self.answer(word, line)
            self.sock.sendall(answer + b"\r\n")
            if word == b"STARTTLS":
                self.secure()
            if word == b"QUIT":
                return

    def answer(self, word: bytes, line: bytes) -> bytes:
        if word == b"EHLO":
            every = [b"here", *self.offers, *([b"STARTTLS"] if self.offers_tls else [])]
            return b"\r\n".join([*(b"250-" + one for one in every[:-1]), b"250 " + every[-1]])
        if word == b"AUTH":
            self.logged_in = line.split()[-1] == ACCOUNT
            return b"235 welcome" if self.logged_in else b"535 no"
        if word in (b"QUIT", b"STARTTLS"):
            return {b"QUIT": b"221 bye", b"STARTTLS": b"220 go on"}[word]
        if not self.logged_in:
            return b"530 log in first"
        if word == b"MAIL":
            self.sender, self.receivers = _address(line), []
        elif word == b"RCPT":
            self.receivers.append(_address(line))
        elif word == b"DATA":
            self.sock.sendall(b"354 go on\r\n")
            text = b"".join(iter(self.lines.readline, b".\r\n"))
            self.found.mails.append((self.sender, tuple(self.receivers), text))
            self.found.secured.append(self.secured)
        return b"250 fine"


def _address(line: bytes) -> str:
    return line.split(b"<")[1].split(b">")[0].decode()
