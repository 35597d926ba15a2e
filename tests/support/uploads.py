"""Reports with files, as a browser without scripts sends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.support.reporter import Answer, Reporter

BOUNDARY = "x"


def body_of(fields: Mapping[str, str], files: Sequence[bytes]) -> bytes:
    """Return a form with text files."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for number, content in enumerate(files):
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{number}.txt"\r\n'
        parts.append(head.encode() + b"Content-Type: text/plain\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def send(reporter: Reporter, hidden: Mapping[str, str], text: str, files: Sequence[bytes]) -> Answer:
    """Send a report with files on a form that was fetched before."""
    body = body_of({**hidden, "what_happened": text}, files)
    return reporter.request(
        "POST",
        f"/{reporter.language}/report",
        body,
        {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
    )
