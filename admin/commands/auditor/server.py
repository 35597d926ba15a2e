"""`auditor enroll` and `auditor list`, which need the database and run on the server."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from admin.commands.auditor.cards import describe, read_card, refuse
from admin.commands.auditor.group import auditor
from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.site import database, roster, settings, today

if TYPE_CHECKING:
    from crypto.cards import Card
    from store.cards import CardRow


@auditor.command(epilog="Example:  meyasubako auditor enroll hanako-sato.card")
@click.argument("card", type=click.Path(path_type=Path))
@click.option(
    "--yes", is_flag=True, help="The first card's fingerprint was compared; do not ask (for scripts)."
)
def enroll(card: Path, yes: bool) -> None:
    """カードを登録します(サーバーで)。Enrol a card, on the server.

    Reports are sealed to an auditor's or a lead's card when it is in the log: at once while the site is new or nobody
    else could read, else from the next 03:00 of Japan on; to a guest's or an observer's never. The first card of
    a site is your word; each later one needs the signature of a lead (`auditor sign`), or it is refused with exit
    code 1.

    The first card's fingerprint is shown, and asked for, before anything is changed: a second person, not from IT,
    compares it with the auditor.
    """
    from store import cards, db, site
    from store.config.secrets import load_secrets
    from store.outcome import Outcome

    new_card, secret = read_card(card), settings().server.secret_file
    with database() as engine, db.reading(engine) as conn:
        site.get(conn)
        known = cards.enrolled(conn)
    is_first = (not known and new_card.voucher is None) or (
        bool(known) and known[0].key_id == new_card.key_id
    )
    if is_first and not _is_pinned(secret, new_card):
        # Before the card itself: a card that the secret file does not name is sealed nothing.
        _pin_first(new_card, secret, yes)
    with database() as engine, db.writing(engine) as conn:
        known = cards.enrolled(conn)
        if new_card.key_id not in {row.key_id for row in known}:
            _check_voucher(new_card, known, load_secrets(secret).first_card)
        outcome = cards.enroll(conn, new_card.key_id, new_card.person, new_card.encode(), today())
    if outcome is Outcome.REFUSED:
        raise Failure(
            Exit.REFUSED,
            f"This key is enrolled with another card, or there are {cards.MAX_ACTIVE} cards. Nothing was "
            "changed.",
        )
    click.echo(
        "登録しました / Enrolled:" if outcome is Outcome.STORED else "登録済みです / Enrolled already:"
    )
    click.echo(describe(new_card, is_first))
    waits = _tell_when(new_card, secret)
    if _has_older_key(new_card, known):
        when = " Unless it is lost, do so after that." if waits else ""
        click.echo(
            f"The same person has an older key that is still sealed to: retire it with `auditor retire`.{when}"
        )


_SEALED_TO: Final = (
    "次の3時（日本時間）に記録簿に入ってから、この鍵でも暗号化します。\n"
    "In the log, and sealed to, from the next 03:00 of Japan on."
)
_NOT_SEALED_TO: Final = (
    "次の3時（日本時間）に記録簿に入ります。通報はこの鍵では暗号化されません。\n"
    "In the log from the next 03:00 of Japan on. No report is sealed to this key."
)
_TO_GUESTS: Final = (
    "その後に、監査担当者2人が案件を一つずつ渡せます。\nTwo auditors can give it single cases then."
)
_TO_OBSERVERS: Final = "その後に、統計を送れます。\nStatistics can be sent to it then."


def _from_when(duty: str) -> str:
    """Return what is sealed to a card of this duty that waits for the log, and from when."""
    from cases import roles

    if roles.reads_reports(duty):
        return _SEALED_TO
    return f"{_NOT_SEALED_TO}\n{_TO_GUESTS if roles.reads_given_cases(duty) else _TO_OBSERVERS}"


def _tell_when(card: Card, secret: Path) -> bool:
    """Put the card into the log where it may not wait; else say from when it is sealed to, and return True."""
    from admin.logbook import LogKeeper
    from store import db
    from store.config.log_head import LogHeadDamaged

    with database() as engine:
        with suppress(OSError, LogHeadDamaged):  # then the server does it, and doctor says what is wrong
            LogKeeper(engine, secret).enter_now()
        with db.reading(engine) as conn:
            waits = card in roster(conn).waiting
    if waits:
        click.echo(_from_when(card.duty))
    return waits


def _has_older_key(card: Card, known: list[CardRow]) -> bool:
    """Tell whether another key of the card's person is enrolled and not retired."""
    others = (row for row in known if row.person == card.person and row.key_id != card.key_id)
    return any(row.retired_day is None for row in others)


def _pin_first(card: Card, secret: Path, yes: bool) -> None:
    """Pin a site's first card in the secret file, after asking. Raises Abort, Failure, SecretFileError."""
    from store.config.secrets import pin_first_card

    # Before it is pinned, which is for good: a card that can't be the first would leave a site without auditors.
    _check_voucher(card, [], None)
    if not yes:
        _ask_about_first(card)
    pin_first_card(secret, card.key_id)


def _is_pinned(secret: Path, card: Card) -> bool:
    """Tell whether the secret file names this card as the first one. Raises SecretFileError."""
    from store.config.secrets import load_secrets

    return load_secrets(secret).first_card == card.key_id


def _ask_about_first(card: Card) -> None:
    """Ask whether the first card, which has no voucher, is the right one. Raises Abort, Failure without a terminal."""
    click.echo(
        "最初のカードです。この人を登録します / The first card. This person would be enrolled:", err=True
    )
    click.echo(describe(card, is_first=True), err=True)
    if not sys.stdin.isatty():
        raise Failure(
            Exit.USAGE,
            "There is no terminal to ask on whether this fingerprint was compared. Nothing was changed; once it was,\n"
            "give --yes.",
            "確認用の文字列を確かめたかどうかを尋ねる端末がありません。確かめた後、--yes を付けてください。",
        )
    click.confirm(
        "この確認用の文字列を本人と確かめましたか / Was this fingerprint compared with the auditor?",
        abort=True,
        err=True,
    )


def _check_voucher(card: Card, known: list[CardRow], first_card: bytes | None) -> None:
    """Refuse a card without the signature of an active auditor, except the first one."""
    from crypto import roster_errors
    from crypto.listing import fitting
    from store.cards import documents

    listing = fitting([(document.what, document.raw) for document in documents(known)], first_card)[0]
    try:
        listing.check(card)
    except roster_errors.FirstCardVouched:
        refuse("The first card of a site is not signed by anybody else, and this one is.")
    except roster_errors.VoucherMissing:
        refuse(
            "Nobody has signed this card. A person who is enrolled runs `meyasubako auditor sign` on it first."
        )
    except (roster_errors.VoucherUnknown, roster_errors.VoucherRetired):
        refuse("The signer of this card is not enrolled here, or not any more.")
    except roster_errors.VoucherWrong:
        refuse("The signature on this card does not hold.")
    except roster_errors.DutyWrong:
        if not listing.documents:
            raise Failure(
                Exit.REFUSED,
                "This is an observer's card, and the first card of a site is a lead's. Nothing was changed.",
                "オブザーバー (observer) のカードです。最初は責任者 (lead) のカードです。何も変更していません。",
            ) from None
        refuse(
            "The signer of this card may not vouch for it. A lead signs for newcomers; others only for an own new "
            "key."
        )
    except roster_errors.NameChanged:
        refuse(
            "A new key that its own person vouches for carries the same name and role. Another lead may give another "
            "name."
        )
    except roster_errors.NameTaken:
        refuse(
            "Somebody else on the list has this name and role. For the same person make the key with --same-person-as;"
            "\nelse tell them apart in the role."
        )


@auditor.command("list", epilog="Example:  meyasubako auditor list")
def list_cards() -> None:
    """登録されたカードを一覧します。List every card, the retired ones too."""
    from crypto.cards import parse_card
    from store import cards, db

    with database() as engine, db.reading(engine) as conn:
        known = cards.enrolled(conn)
        waiting = {card.key_id for card in roster(conn).waiting}
    if not known:
        click.echo(
            "まだだれも登録されていません。通報は受け付けられません。\nNobody is enrolled yet; no report "
            "is accepted."
        )
    for row in known:
        retired = f", 終了 / retired {row.retired_day}" if row.retired_day is not None else ""
        waits = ", 記録簿を待っています / waits for the log" if row.key_id in waiting else ""
        click.echo(f"{row.key_id.hex()}  登録 / since {row.enrolled_day}{retired}{waits}")
        click.echo(describe(parse_card(row.raw), row.key_id == known[0].key_id))
