"""`meyasubako health`: whether the site answers, for a container's health check."""

from __future__ import annotations

import http.client
import socket

import click

from admin.commands.support.exit_codes import HELP, Exit, Failure
from admin.commands.support.site import settings

SECONDS = 8


@click.command(context_settings=HELP)
@click.option(
    "--ready", is_flag=True, help="Ask whether the site accepts reports, not only whether it responds."
)
def health(ready: bool) -> None:
    """サイトが動いているかを尋ねます。Ask the running site on this machine whether it answers (/livez, /readyz).

    Exit code 0 when it does, 1 otherwise.
    """
    bind = settings().server.bind
    path = "/readyz" if ready else "/livez"
    try:
        status, text = _asked(bind, path)
    except (OSError, http.client.HTTPException) as error:
        raise Failure(Exit.REFUSED, f"{bind} does not answer ({type(error).__name__}).") from None
    click.echo(text.strip() or str(status))
    if status != 200:
        raise click.exceptions.Exit(Exit.REFUSED)


def _asked(bind: str, path: str) -> tuple[int, str]:
    """Return status and text of the answer. Raises OSError, http.client.HTTPException."""
    host, _, port = bind.rpartition(":")
    connection = http.client.HTTPConnection("localhost", timeout=SECONDS)
    if bind.startswith("unix:"):
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(SECONDS)
        connection.sock.connect(bind.removeprefix("unix:"))
    else:
        own = {"0.0.0.0": "127.0.0.1", "[::]": "::1"}.get(host, host.strip("[]"))
        connection.sock = socket.create_connection((own, int(port)), SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(10_000).decode("utf-8", "replace")
    finally:
        connection.close()
