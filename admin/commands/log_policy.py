"""`meyasubako log policy`: the witnesses whose cosignatures count, and changes of that list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin.commands.log import log
from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.files import read_file, write_new
from admin.commands.support.site import database, roster, settings

__all__ = ["log", "policy"]

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crypto.note import VerifierKey

_MALFORMED = (
    "This is no policy of this log. It has a line `log` with this log's key, `witness`, `group` and `quorum` lines "
    "(docs/format.md, 5.2). Nothing was changed.",
    "この記録簿の方針(policy)として読めません。何も変更していません。",
)


@log.command(epilog="Example:  meyasubako log policy new.txt")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def policy(file: Path | None) -> None:
    """記録簿の立会人を表示・変更します。Show or change whose cosignatures count.

    Without FILE: the policy that counts. With a policy's text: writes FILE.proposal, which a lead signs on their laptop
    (`meyasubako auditor sign-policy`). With the signed proposal: it goes into the next batch, and counts from the
    eighth day after, when the witnesses of the policy before have cosigned that batch. Pages show it for 90 days.
    """
    from crypto.log_policy import is_signed
    from store.db import reading, writing

    with database() as engine:
        if file is None:
            with reading(engine) as conn:
                _show(conn)
            return
        raw = read_file(file, "policy", limit=20_000)
        if is_signed(raw):
            with writing(engine) as conn:
                _take(conn, raw)
            click.echo("次の記録に入ります / It will be in the next batch.")
        else:
            with reading(engine) as conn:
                proposed = _proposal(conn, raw)
            path = file.with_name(f"{file.name}.proposal")
            write_new(path, proposed, mode=0o644)
            click.echo(f"責任者が署名します / For a lead to sign (`meyasubako auditor sign-policy`): {path}")


def _log_keys(conn: Connection) -> tuple[bytes, tuple[VerifierKey, ...]]:
    """Return the site's salt and the keys that its log has had: a policy may go on with the one that it names."""
    from admin.log_signing import chain_in
    from store import site
    from store.config.secrets import load_secrets

    own = load_secrets(settings().server.secret_file)
    return site.get(conn).salt, chain_in(conn, own).keys.all


def _show(conn: Connection) -> None:
    from store import log_documents

    for row in log_documents.documents(conn):
        if row.word == "policy":
            from crypto.log_policy import read_policy_leaf

            read = read_policy_leaf(row.raw, row.index or 0, row.day)
            where = "waits for its batch" if row.index is None else f"leaf {row.index}, {row.day or 'first'}"
            click.echo(f"# {where}; {'in force' if row.in_force else 'not yet in force'}\n{read.text}")


def _proposal(conn: Connection, raw: bytes) -> bytes:
    from admin.log_policies import policies_of
    from crypto.log_errors import PolicyMalformed
    from crypto.log_policy import proposal
    from crypto.logproof import read_policy
    from crypto.tlog import leaf_hash

    known = policies_of(conn)
    if not known:
        raise Failure(Exit.REFUSED, "The log was not begun; the server begins it when it starts.")
    try:
        text = raw.decode("ascii")
        named, own = read_policy(text).log, _log_keys(conn)[1]
        return proposal(text, named if named in own else own[-1], leaf_hash(known[-1].leaf))
    except (PolicyMalformed, UnicodeDecodeError):
        raise Failure(Exit.REFUSED, *_MALFORMED) from None


def _take(conn: Connection, raw: bytes) -> None:
    from admin.log_policies import policies_of
    from cases.roles import may_change_policy
    from crypto.errors import BadData
    from crypto.log_errors import PolicyMalformed
    from crypto.log_policy import check_change, policy_leaf, read_change
    from crypto.logproof import read_policy
    from crypto.tlog import leaf_hash
    from store import log_documents

    salt, own = _log_keys(conn)
    people, known = roster(conn), policies_of(conn)
    try:
        change = read_change(raw)
        if read_policy(change.text).log not in own:
            raise PolicyMalformed
        card = people.by_key[change.key_id]
        check_change(change, salt, card.sign_pk)
    except PolicyMalformed:
        raise Failure(Exit.REFUSED, *_MALFORMED) from None
    except (KeyError, BadData):
        raise Failure(Exit.REFUSED, "No lead of this site signed it. Nothing was changed.") from None
    if not people.is_active(change.key_id) or not may_change_policy(people.role_of(change.key_id)):
        raise Failure(Exit.REFUSED, "Who signed it is no lead of this site. Nothing was changed.")
    if not known or change.before != leaf_hash(known[-1].leaf):
        raise Failure(
            Exit.REFUSED,
            "The policy was changed since this was proposed. Propose it again: `meyasubako log policy FILE`.",
        )
    leaf = policy_leaf(change)
    if not log_documents.wait(conn, leaf_hash(leaf), "policy", leaf):
        raise Failure(Exit.REFUSED, "This change is there already.")
