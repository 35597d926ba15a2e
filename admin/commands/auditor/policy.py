"""`auditor sign-policy`, which needs a lead's key file and runs on a laptop."""

from __future__ import annotations

from pathlib import Path

import click

from admin.commands.auditor.group import auditor
from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.files import read_file, write_new
from admin.commands.support.passphrases import key_option, passphrase_stdin, unlock


@auditor.command(
    "sign-policy", epilog="Example:  meyasubako auditor sign-policy new.proposal --key taro-suzuki.key"
)
@click.argument("proposal", type=click.Path(path_type=Path))
@key_option
@passphrase_stdin
def sign_policy(proposal: Path, key: Path, passphrase_stdin: bool) -> None:
    """記録簿の立会人の変更に署名します(責任者のみ)。Sign a change of the log's policy, as a lead.

    PROPOSAL is from `meyasubako log policy FILE` on the server. Writes PROPOSAL.signed, which the operator hands to
    `meyasubako log policy`. Every reporter's page shows the change for 90 days.
    """
    from crypto.encoding import id_from_hex
    from crypto.errors import BadData
    from crypto.log_errors import PolicyMalformed
    from crypto.log_policy import outside, read_change, sign_change
    from crypto.logproof import read_policy

    raw = read_file(proposal, "proposal", limit=20_000)
    try:
        change = read_change(raw)
        policy = read_policy(change.text)
        salt = id_from_hex(policy.log.name.removeprefix("meyasubako/"))
    except (PolicyMalformed, BadData):
        raise Failure(
            Exit.REFUSED, f"{proposal} is no proposal of `meyasubako log policy`. Nothing was signed."
        ) from None
    click.echo(change.text, err=True)
    click.echo(f"社外の立会人 / witnesses outside the company: {len(outside(policy))}", err=True)
    if not passphrase_stdin:
        click.confirm("署名しますか / Sign this", abort=True, err=True)
    identity = unlock(key, passphrase_stdin)
    signed = sign_change(change, salt, identity.key_id, identity.sign_seed)
    path = proposal.with_name(f"{proposal.name}.signed")
    write_new(path, signed.encode(), mode=0o644)
    click.echo(f"署名しました / Signed: {path}")
