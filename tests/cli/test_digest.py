"""The daily reminder: the same whatever happened, to the right server only, and a clear word when it was not taken."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from admin import digest
from cases.days import JST
from store.config.mail import MailSettings
from store.config.settings import load_settings
from tests.cli.command import Result
from tests.cli.support import add_report, recipients, run
from tests.support.mail import MailServer, certificate, mail_server
from tests.support.site import Site, make_site, within

TO = ("hanako@audit.example.jp", "taro@audit.example.jp")


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"), "localhost")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path / "site")


def with_mail(site: Site, found: MailServer, *lines: str) -> Path:
    """Write the settings again with a [mail] section; return their file."""
    config = site.folder / "meyasubako.toml"
    text = config.read_text("utf-8").split("[mail]")[0]
    fixed = [
        "[mail]",
        'host = "localhost"',
        f"port = {found.port}",
        'sender = "box@example.jp"',
        f"to = {list(TO)}",
    ]
    config.write_text("\n".join([text.rstrip(), *fixed, *lines, ""]).replace("'", '"'), "utf-8")
    return config


def send(site: Site, config: Path) -> Result:
    return run(site.folder, "digest", config=config)


def words(mail: bytes) -> bytes:
    """Return a mail without its day and its number, which every mail has."""
    return re.sub(rb"(?m)^(Date|Message-ID):.*\r\n( .*\r\n)*", b"", mail)


def test_the_mail_is_the_same_before_and_after_reports(site: Site) -> None:
    with mail_server("none") as found:
        config = with_mail(site, found, 'security = "none"')
        assert send(site, config).code == 0
        ids = [add_report(config, recipients(site))[1] for _ in range(3)]
        assert send(site, config).code == 0
    assert [one[:2] for one in found.mails] == [("box@example.jp", (to,)) for to in TO] * 2
    before, after = found.mails[:2], found.mails[2:]
    assert [words(one[2]) for one in before] == [words(one[2]) for one in after]
    assert not any(one.hex().encode() in mail[2] for one in ids for mail in after)
    body = email.message_from_bytes(found.mails[0][2], policy=email.policy.default).get_content()
    assert body.replace("\r\n", "\n") == digest.BODY and not re.search("[0-9]", digest.BODY)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_it_goes_over_tls_and_with_a_password(site: Site, trusted: tuple[Path, Path], security: str) -> None:
    (site.folder / "mail.password").write_text("a word of mail\n", "utf-8")
    more = (
        f'security = "{security}"',
        f'ca_file = "{trusted[0]}"',
        'user = "reminder"',
        'password_file = "mail.password"',
    )
    with mail_server(security, trusted, wants_login=True) as found:
        assert send(site, with_mail(site, found, *more)).code == 0
    assert found.secured == [True, True] and len(found.mails) == 2


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_that_nobody_vouches_for_gets_nothing(
    site: Site, trusted: tuple[Path, Path], security: str
) -> None:
    with mail_server(security, trusted) as found:
        result = send(site, with_mail(site, found, f'security = "{security}"'))
    assert result.code == 1 and "mail.ca_file" in result.err and found.mails == []


def test_a_certificate_for_another_name_is_refused(site: Site, tmp_path: Path) -> None:
    other = certificate(tmp_path, "192.0.2.1")
    with mail_server("tls", other) as found:
        result = send(site, with_mail(site, found, f'ca_file = "{other[0]}"'))
    assert result.code == 1 and found.mails == []


def test_a_wrong_password_is_said_and_not_shown(site: Site, trusted: tuple[Path, Path]) -> None:
    (site.folder / "mail.password").write_text("another word\n", "utf-8")
    more = (f'ca_file = "{trusted[0]}"', 'user = "reminder"', 'password_file = "mail.password"')
    with mail_server("tls", trusted, wants_login=True) as found:
        result = send(site, with_mail(site, found, *more))
    assert result.code == 1 and "mail.user" in result.err and "another word" not in result.out + result.err
    assert found.mails == []


def test_no_server_and_no_password_file(site: Site) -> None:
    with mail_server("none") as found:
        pass
    result = send(site, with_mail(site, found, 'security = "none"'))
    assert result.code == 1 and "localhost" in result.err and "Traceback" not in result.err
    with mail_server("none") as found:
        more = ('security = "none"', 'user = "reminder"', 'password_file = "none.such"')
        result = send(site, with_mail(site, found, *more))
    assert result.code == 1 and "none.such" in result.err and found.mails == []


def test_without_the_section_nothing_is_sent(site: Site) -> None:
    result = send(site, site.folder / "meyasubako.toml")
    assert result.code == 3 and "[mail]" in result.err


def test_the_settings_are_read_whole(site: Site) -> None:
    config = with_mail(site, MailServer(port=2525), "hour = 7")
    mail = load_settings(config).mail
    assert mail == MailSettings("localhost", 2525, "box@example.jp", TO, hour=7)


DAY = datetime(2026, 11, 23, 10, 30, tzinfo=JST)


@pytest.mark.parametrize(
    ("now", "hour", "then"),
    [
        (DAY, 11, DAY.replace(hour=11, minute=0)),
        (DAY, 10, DAY.replace(day=24, hour=10, minute=0)),
        (DAY.replace(hour=9, minute=0), 9, DAY.replace(day=24, hour=9, minute=0)),
        (DAY.replace(month=12, day=31), 0, datetime(2027, 1, 1, 0, 0, tzinfo=JST)),
        (datetime(2028, 2, 28, 23, 0, tzinfo=JST), 9, datetime(2028, 2, 29, 9, 0, tzinfo=JST)),
    ],
)
def test_the_next_time(now: datetime, hour: int, then: datetime) -> None:
    assert digest.next_time(now, hour) == then


class Enough(Exception):
    """Ends the daily round of a test."""


def rounds(fails: int, waits_at_most: int) -> tuple[list[datetime], list[datetime], list[str]]:
    """Run the daily round on a clock of its own; the first `fails` sendings are not taken."""
    at, waits, sent, said = [DAY], list[datetime](), list[datetime](), list[str]()

    def wait_until(then: datetime) -> None:
        if len(waits) == waits_at_most:
            raise Enough
        waits.append(then)
        at[0] = then

    def send_once(_mail: MailSettings, now: datetime) -> None:
        sent.append(now)
        if len(sent) <= fails:
            raise digest.MailFailed("not taken", "")

    mail = MailSettings("localhost", 25, "box@example.jp", TO, hour=9)
    with pytest.raises(Enough):
        digest.run_daily(mail, lambda: at[0], wait_until, said.append, send_once)
    return waits, sent, said


def test_once_a_day_at_its_hour() -> None:
    waits, sent, said = rounds(0, 3)
    assert waits == sent == [DAY.replace(day=day, hour=9, minute=0) for day in (24, 25, 26)] and said == []


def test_what_was_not_taken_is_tried_again_and_then_left_to_the_next_day() -> None:
    first = DAY.replace(day=24, hour=9, minute=0)
    waits, sent, said = rounds(2, 4)
    assert waits == [
        first,
        first + timedelta(minutes=10),
        first + timedelta(minutes=20),
        first.replace(day=25),
    ]
    assert sent == waits and len(said) == 2
    waits, sent, said = rounds(100, digest.TRIES + 1)
    assert waits[-1] == first.replace(day=25) and len(sent) == digest.TRIES + 1 and len(said) == len(sent)


def test_an_hourly_timer_sends_in_its_hour_only(site: Site) -> None:
    with mail_server("none") as found:

        def mails(more: int, hour: int) -> int:
            config = with_mail(site, found, 'security = "none"', f"hour = {(hour + more) % 24}")
            before = len(found.mails)
            assert run(site.folder, "digest", "--due", config=config).code == 0
            return len(found.mails) - before

        for more, sent in ((12, 0), (0, 2)):
            _hour, count = within(lambda: datetime.now(JST).hour, partial(mails, more))
            assert count == sent
