"""`meyasubako log continues`: names, in a new site's log, the log that it replaces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin.commands.log_key import log
from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.site import database

__all__ = ["continues", "log"]

if TYPE_CHECKING:
    from crypto.plainleaf import ContinuesLeaf


@log.command(epilog="Example:  meyasubako log continues old-copy.zip --old-secret old/server.secret")
@click.argument("source", metavar="[COPY]", required=False)
@click.option("--origin", help="Origin of the old log (meyasubako/…), if no copy of it exists.")
@click.option("--head", type=click.Path(path_type=Path), help="Its file log-head, with --origin.")
@click.option(
    "--old-secret", type=click.Path(path_type=Path), help="The old site's secret file, which signs it."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def continues(
    source: str | None, origin: str | None, head: Path | None, old_secret: Path | None, yes: bool
) -> None:
    """続けられなくなった記録簿に代わることを、新しい記録簿に書きます。For a new site whose old log can't go on.

    COPY: the newest copy of the old log (a witness's folder, a desk's copy, an address). The next batch has a leaf that
    names the old log's origin, size and root. Pages say so for 90 days, /keys for good; desks, witnesses and `verify`
    tell it, too. It is said once. Ask every witness and desk for a copy first: `log catch-up` goes on without all this.
    """
    from crypto.plainleaf import origin_of
    from crypto.tlog import leaf_hash
    from store import log_documents, site
    from store.db import reading, writing

    if (source is None) == (origin is None or head is None):
        raise click.UsageError("give a COPY, or --origin and --head where there is none")
    old, site_pk = _of_copy(source) if source is not None else (_of_head(origin or "", head or Path()), None)
    with database() as engine:
        with reading(engine) as conn:
            salt = site.get(conn).salt
            told = [row for row in log_documents.documents(conn) if row.word == "continues"]
        if old.origin == origin_of(salt) or any(row.index is not None for row in told):
            raise Failure(
                Exit.REFUSED,
                "This is this site's own log, or it says already which one it is in place of. Nothing was changed.",
                "このサイト自身の記録簿か、すでに書かれています。何も変えていません。",
            )
        leaf = _signed(old, salt, old_secret, site_pk).encode()
        if not yes:
            asked = f"{old.origin}, {old.size} leaves: 次の記録に入れますか / Put it into the next batch"
            click.confirm(asked, abort=True, err=True)
        with writing(engine) as conn:
            log_documents.wait_alone(conn, leaf_hash(leaf), "continues", leaf)
    click.echo("次の記録に入ります / It will be in the next batch.")
    if old_secret is None:
        click.echo(
            "前のサイトの鍵の署名はありません / It has no signature by the old site's key: tell the witnesses in "
            "person that this log is yours."
        )


def _of_copy(place: str) -> tuple[ContinuesLeaf, bytes]:
    """Return the newest state of a copy that holds together, and its site's key."""
    from admin.verify.copies import NoCopy, read_copy
    from crypto.code_reading import check_log
    from crypto.log_errors import BadLog
    from crypto.plainleaf import ContinuesLeaf

    try:
        log_ = check_log(read_copy(place), None)
    except (NoCopy, BadLog) as error:
        raise Failure(
            Exit.REFUSED,
            f"There is no whole copy of a log at this place ({type(error).__name__}). Nothing was changed.",
            "記録簿の写しを読めないか、壊れています。何も変えていません。",
        ) from None
    read = log_.signed.checkpoint
    return ContinuesLeaf(read.origin, read.size, read.root), log_.site.site_pk


def _of_head(origin: str, head: Path) -> ContinuesLeaf:
    from crypto.log_errors import PlainLeafMalformed
    from crypto.plainleaf import ContinuesLeaf, read_continues
    from store.config.log_head import LogHeadDamaged, read_head_file

    try:
        known = read_head_file(head)
        if known is None:
            raise LogHeadDamaged("no such file")
        return read_continues(ContinuesLeaf(origin, *known).encode())
    except (OSError, LogHeadDamaged, PlainLeafMalformed, UnicodeEncodeError):
        raise Failure(
            Exit.REFUSED,
            "This is no origin of a log (meyasubako/ and 32 hex digits), or no file log-head. Nothing was changed.",
            "記録簿の名前か log-head を読めません。何も変えていません。",
        ) from None


def _signed(old: ContinuesLeaf, salt: bytes, secret: Path | None, site_pk: bytes | None) -> ContinuesLeaf:
    from dataclasses import replace

    from crypto.messages import public_key, sign
    from store.config.secrets import load_secrets

    if secret is None:
        return old
    seed = load_secrets(secret).sign_seed
    if site_pk is not None and public_key(seed) != site_pk:
        raise Failure(
            Exit.REFUSED,
            "This secret file is not the one of the old log's site. Nothing was changed.",
            "前のサイトの秘密ファイルではありません。何も変えていません。",
        )
    return replace(old, sig=sign(seed, old.signed_text(salt)))
