"""Keys are made and signed on laptops, enrolled and retired on the server; whatever nobody vouched for is refused."""

from __future__ import annotations

import os
import pty
import select
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from crypto import cards as crypto_cards
from crypto import identity, keyfile, logleaf, tlog
from crypto.listing import verify_list
from store import cards, db
from store import log as store_log
from store import tables as t
from store.config.secrets import load_secrets
from store.config.settings import load_settings
from tests.cli.command import PASSPHRASE, ROOT, environment, meyasubako, new_auditor
from tests.cli.conftest import Office

LINE = PASSPHRASE + "\n"


def enrolled(config: Path) -> list[cards.CardRow]:
    engine = db.make_engine(load_settings(config).store.url)
    with db.reading(engine) as conn:
        rows = cards.enrolled(conn)
    engine.dispose()
    return rows


def enroll_both(office: Office) -> None:
    assert meyasubako("auditor", "enroll", office.hanako_card, "--yes", config=office.config).code == 0
    signed = meyasubako(
        "auditor", "sign", office.taro_card, "--key", office.hanako_key, "--passphrase-stdin", stdin=LINE
    )
    assert signed.code == 0, signed.err
    assert meyasubako("auditor", "enroll", office.taro_card, config=office.config).code == 0


def key_id(card: Path) -> str:
    return crypto_cards.parse_card(card.read_bytes().strip()).key_id.hex()


def test_a_card_waits_for_the_log_once_a_report_was_taken(office: Office) -> None:
    """The first ones are sealed to at once; the command and the list say which of the two it is."""
    first = meyasubako("auditor", "enroll", office.hanako_card, "--yes", config=office.config)
    assert first.code == 0 and "03:00" not in first.out
    listed = meyasubako("auditor", "list", config=office.config)
    assert "waits for the log" not in listed.out
    engine = db.make_engine(load_settings(office.config).store.url)
    with db.writing(engine) as conn:
        store_log.set_first_day(conn, date(2026, 11, 26))
        leaf = logleaf.dummy(1)
        taken = store_log.add_pending(conn, tlog.leaf_hash(leaf), leaf, date(2026, 11, 27), 1)
    engine.dispose()
    assert taken is store_log.LeafOutcome.TAKEN
    sign = ("auditor", "sign", office.taro_card, "--key", office.hanako_key, "--passphrase-stdin", "--yes")
    assert meyasubako(*sign, stdin=LINE).code == 0
    later = meyasubako("auditor", "enroll", office.taro_card, config=office.config)
    assert later.code == 0 and "from the next 03:00 of Japan on" in later.out
    lines = [
        line
        for line in meyasubako("auditor", "list", config=office.config).out.splitlines()
        if "since" in line
    ]
    assert ["waits for the log" in line for line in lines] == [False, True]


def test_the_whole_ceremony(office: Office) -> None:
    enroll_both(office)
    known = enrolled(office.config)
    assert [row.key_id.hex() for row in known] == [key_id(office.hanako_card), key_id(office.taro_card)]
    verify_list([crypto_cards.parse_card(row.raw) for row in known])
    assert load_secrets(office.config.parent / "server.secret").first_card == known[0].key_id
    listed = meyasubako("auditor", "list", config=office.config)
    assert listed.code == 0
    assert all(word in listed.out for word in ("佐藤 花子", "Taro Suzuki", key_id(office.taro_card)))
    again = meyasubako("auditor", "enroll", office.taro_card, config=office.config)
    assert again.code == 0
    assert len(enrolled(office.config)) == 2


def test_a_key_file_is_for_its_owner_and_opens_with_its_passphrase_only(office: Office) -> None:
    assert stat.S_IMODE(office.hanako_key.stat().st_mode) == 0o600
    raw = office.hanako_key.read_bytes()
    card = crypto_cards.parse_card(office.hanako_card.read_bytes().strip())
    assert identity.from_seed(keyfile.unlock(raw, PASSPHRASE)).key_id == card.key_id
    assert PASSPHRASE.encode() not in raw + office.hanako_card.read_bytes()
    assert sorted(path.name for path in office.hanako.iterdir()) == ["hanako-sato.card", "hanako-sato.key"]


def test_a_duty_is_in_the_card_and_shown_to_its_signer(office: Office, tmp_path: Path) -> None:
    made = new_auditor(tmp_path, "Jiro Ito", "--duty", "observer")
    assert made.code == 0 and "duty: observer" in made.out
    card = tmp_path / "jiro-ito.card"
    assert crypto_cards.parse_card(card.read_bytes().strip()).duty == "observer"
    signed = meyasubako("auditor", "sign", card, "--key", office.hanako_key, "--passphrase-stdin", stdin=LINE)
    assert signed.code == 0 and "duty: observer" in signed.err
    assert (
        "duty: lead" in meyasubako("auditor", "enroll", office.hanako_card, "--yes", config=office.config).out
    )
    assert new_auditor(tmp_path, "Saburo", "--duty", "boss").code == 2


def test_nothing_is_overwritten(office: Office) -> None:
    before = office.hanako_key.read_bytes(), office.hanako_card.read_bytes()
    again = new_auditor(office.hanako, "Hanako Sato")
    assert again.code == 1
    assert "exists already" in again.err
    assert (office.hanako_key.read_bytes(), office.hanako_card.read_bytes()) == before


def test_an_unsigned_second_card_is_refused(office: Office) -> None:
    assert meyasubako("auditor", "enroll", office.hanako_card, "--yes", config=office.config).code == 0
    refused = meyasubako("auditor", "enroll", office.taro_card, config=office.config)
    assert refused.code == 1
    assert "auditor sign" in refused.err
    assert len(enrolled(office.config)) == 1


def test_a_card_signed_by_a_stranger_is_refused(office: Office) -> None:
    assert meyasubako("auditor", "enroll", office.hanako_card, "--yes", config=office.config).code == 0
    stranger = identity.new_identity()
    card = crypto_cards.parse_card(office.taro_card.read_bytes().strip())
    office.taro_card.write_bytes(crypto_cards.vouch(card, stranger.key_id, stranger.sign_seed).encode())
    assert meyasubako("auditor", "enroll", office.taro_card, config=office.config).code == 1
    # The stranger's signature under the name of a person who is enrolled.
    mine = bytes.fromhex(key_id(office.hanako_card))
    office.taro_card.write_bytes(crypto_cards.vouch(card, mine, stranger.sign_seed).encode())
    refused = meyasubako("auditor", "enroll", office.taro_card, config=office.config)
    assert refused.code == 1
    assert "does not hold" in refused.err
    assert len(enrolled(office.config)) == 1


def test_a_changed_card_is_refused(office: Office) -> None:
    raw = office.hanako_card.read_bytes()
    office.hanako_card.write_bytes(raw.replace("監査部".encode(), "総務部".encode()))
    assert office.hanako_card.read_bytes() != raw
    assert meyasubako("auditor", "enroll", office.hanako_card, "--yes", config=office.config).code == 1
    assert enrolled(office.config) == []


@pytest.mark.parametrize("how", ["in front", "alone"])
def test_write_access_to_the_database_can_not_change_the_first_card(office: Office, how: str) -> None:
    """A card that was only written there is shown to the operator to be "enrolled once more", or all are deleted."""
    enroll_both(office)
    secret = office.config.parent / "server.secret"
    before, own = secret.read_bytes(), identity.new_identity()
    words = {"ja": "監査部 部長", "en": "Head of audit"}
    other = crypto_cards.new_card(own.box_pk, own.sign_pk, own.sign_seed, words, words)
    engine = db.make_engine(load_settings(office.config).store.url)
    row = {"seq": 0, "key_id": other.key_id, "person": other.person, "raw": other.encode()}
    with db.writing(engine) as conn:
        if how == "in front":
            conn.execute(t.card.insert(), row | {"enrolled_day": date(2026, 11, 27)})
        else:
            conn.execute(t.card.delete())
    engine.dispose()
    office.taro_card.write_bytes(other.encode())
    refused = meyasubako("auditor", "enroll", office.taro_card, "--yes", config=office.config)
    assert refused.code == 3 and "names another first card" in refused.err
    assert secret.read_bytes() == before
    # The true one is no other: put back once more, it changes nothing either.
    if how == "alone":
        assert meyasubako("auditor", "enroll", office.hanako_card, "--yes", config=office.config).code == 0
        assert secret.read_bytes() == before


def test_nobody_signs_for_themselves(office: Office) -> None:
    refused = meyasubako(
        "auditor", "sign", office.taro_card, "--key", office.taro_key, "--passphrase-stdin", stdin=LINE
    )
    assert refused.code == 1


@pytest.mark.parametrize("passphrase", ["", "short", "十一文字しかありません"[:11]])
def test_a_short_passphrase_makes_no_key(tmp_path: Path, passphrase: str) -> None:
    made = new_auditor(tmp_path / "x", "Ichiro", passphrase=passphrase)
    assert made.code == 5
    assert list((tmp_path / "x").iterdir()) == []


def test_a_wrong_passphrase_and_a_wrong_key_file(office: Office, tmp_path: Path) -> None:
    args = ("auditor", "sign", office.taro_card, "--passphrase-stdin", "--key")
    before = office.taro_card.read_bytes()
    wrong = meyasubako(*args, office.hanako_key, stdin="not the passphrase\n")
    assert wrong.code == 5
    assert "not the passphrase" not in wrong.err
    (tmp_path / "no.key").write_bytes(b"{}")
    assert meyasubako(*args, tmp_path / "no.key", stdin=LINE).code == 5
    assert meyasubako(*args, tmp_path / "missing.key", stdin=LINE).code == 5
    assert office.taro_card.read_bytes() == before


def test_a_replacement_keeps_the_person(office: Office, tmp_path: Path) -> None:
    made = new_auditor(tmp_path / "new", "Hanako Sato", "--same-person-as", office.hanako_card)
    assert made.code == 0, made.err
    old = crypto_cards.parse_card(office.hanako_card.read_bytes().strip())
    new = crypto_cards.parse_card((tmp_path / "new" / "hanako-sato.card").read_bytes().strip())
    assert new.person == old.person
    assert new.key_id != old.key_id


def sign_note(office: Office, target: str, out: Path, key: Path | None = None) -> int:
    return meyasubako(
        *("auditor", "retire", target, "--key", key or office.hanako_key, "--out", out, "--passphrase-stdin"),
        stdin=LINE,
    ).code


def test_a_key_is_retired_by_a_signed_note(office: Office, tmp_path: Path) -> None:
    enroll_both(office)
    note = tmp_path / "retire.note"
    spaced = crypto_cards.fingerprint(bytes.fromhex(key_id(office.taro_card)))
    assert sign_note(office, spaced, note) == 0
    assert meyasubako("auditor", "retire", "--note", note, config=office.config).code == 0
    assert meyasubako("auditor", "retire", "--note", note, config=office.config).code == 0
    known = enrolled(office.config)
    assert [row.retired_day is not None for row in known] == [False, True]
    raw = known[1].retirement
    assert raw is not None
    verify_list([*(crypto_cards.parse_card(row.raw) for row in known), crypto_cards.parse_retirement(raw)])
    assert [row.retired_seq for row in known] == [None, 3]
    # A retired auditor can't vouch any more.
    made = new_auditor(tmp_path / "third", "Jiro")
    assert made.code == 0
    card = tmp_path / "third" / "jiro.card"
    sign = ("auditor", "sign", card, "--key", office.taro_key, "--passphrase-stdin")
    assert meyasubako(*sign, stdin=LINE).code == 0
    assert meyasubako("auditor", "enroll", card, config=office.config).code == 1


def test_notes_that_are_refused(office: Office, tmp_path: Path) -> None:
    enroll_both(office)
    hanako, taro = key_id(office.hanako_card), key_id(office.taro_card)
    new_auditor(tmp_path / "stranger", "Stranger")
    assert sign_note(office, taro, tmp_path / "s.note", tmp_path / "stranger" / "stranger.key") == 0
    assert sign_note(office, "00" * 16, tmp_path / "unknown.note") == 0
    assert sign_note(office, taro, tmp_path / "good.note") == 0
    raw = (tmp_path / "good.note").read_bytes()
    (tmp_path / "forged.note").write_bytes(raw.replace(taro.encode(), hanako.encode()))
    (tmp_path / "junk.note").write_bytes(b"junk")
    for name in ("s", "unknown", "forged", "junk", "missing"):
        refused = meyasubako("auditor", "retire", "--note", tmp_path / f"{name}.note", config=office.config)
        assert refused.code == 1, name
    assert all(row.retired_day is None for row in enrolled(office.config))


def test_the_last_auditor_stays(office: Office, tmp_path: Path) -> None:
    assert meyasubako("auditor", "enroll", office.hanako_card, "--yes", config=office.config).code == 0
    assert sign_note(office, key_id(office.hanako_card), tmp_path / "n.note") == 0
    refused = meyasubako("auditor", "retire", "--note", tmp_path / "n.note", config=office.config)
    assert refused.code == 1
    assert "Nobody would be left" in refused.err


def test_the_last_reader_and_the_last_lead_stay_no_matter_who_else_is_enrolled(
    office: Office, tmp_path: Path
) -> None:
    """Every other key counted, an observer's for a reader and an auditor's for a lead; the API has counted roles."""
    assert meyasubako("auditor", "enroll", office.hanako_card, "--yes", config=office.config).code == 0
    assert new_auditor(tmp_path, "Jiro Ito", "--duty", "observer").code == 0
    watching = tmp_path / "jiro-ito.card"
    sign = ("auditor", "sign", watching, "--key", office.hanako_key, "--passphrase-stdin")
    assert meyasubako(*sign, stdin=LINE).code == 0
    assert meyasubako("auditor", "enroll", watching, config=office.config).code == 0
    said = meyasubako("doctor", config=office.config)
    assert "Only one auditor" in said.out + said.err
    note = tmp_path / "n.note"
    assert sign_note(office, key_id(office.hanako_card), note) == 0
    refused = meyasubako("auditor", "retire", "--note", note, config=office.config)
    assert refused.code == 1 and "Nobody would be left" in refused.err
    enroll_both(office)
    refused = meyasubako("auditor", "retire", "--note", note, config=office.config)
    assert refused.code == 1 and "No lead would be left" in refused.err and "責任者" in refused.err
    said = meyasubako("doctor", config=office.config)
    assert "2 auditors, 1 who see numbers only; every signature holds" in said.out + said.err
    assert all(row.retired_day is None for row in enrolled(office.config))
    # An observer is never the last.
    assert sign_note(office, key_id(watching), tmp_path / "w.note") == 0
    assert meyasubako("auditor", "retire", "--note", tmp_path / "w.note", config=office.config).code == 0
    assert meyasubako("auditor", "retire", "--note", note, "--yes", config=office.config).code == 0


def on_a_terminal(
    command: list[str], typed: list[tuple[bytes, bytes]], config: Path | None = None
) -> tuple[int, bytes]:
    """Run a command on a terminal of its own; type each answer when its question is there."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "admin.cli", *command],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment(config),
        cwd=ROOT,
        start_new_session=True,
        # Its controlling terminal too: hidden questions go there.
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),
    )
    os.close(slave)
    seen, asked = b"", 0
    try:
        while select.select([master], [], [], 60)[0]:
            try:
                chunk = os.read(master, 4096)
            except OSError:
                break
            if not chunk:
                break
            seen += chunk
            if typed and typed[0][0] in seen[asked:]:
                asked = len(seen)
                os.write(master, typed.pop(0)[1] + b"\n")
        return process.wait(60), seen
    finally:
        process.kill()
        process.wait()
        os.close(master)


def test_on_a_terminal_a_new_passphrase_is_asked_twice_and_never_shown(tmp_path: Path) -> None:
    new = ["auditor", "new", "--name", "佐藤", "--name-en", "Aki", "--role", "監査", "--role-en", "Audit"]
    first, second = b"Passphrase: ", b"Once more: "
    code, seen = on_a_terminal(
        [*new, "--out", str(tmp_path / "a")], [(first, PASSPHRASE.encode()), (second, PASSPHRASE.encode())]
    )
    assert code == 0, seen.decode()
    assert PASSPHRASE.encode() not in seen
    assert keyfile.unlock((tmp_path / "a" / "aki.key").read_bytes(), PASSPHRASE)
    code, seen = on_a_terminal(
        [*new, "--out", str(tmp_path / "b")], [(first, PASSPHRASE.encode()), (second, b"something else 12")]
    )
    assert code == 5, seen.decode()
    assert list((tmp_path / "b").iterdir()) == []


def test_on_a_terminal_signing_asks_whether_the_fingerprint_was_confirmed(office: Office) -> None:
    before = office.taro_card.read_bytes()
    sign = ["auditor", "sign", str(office.taro_card), "--key", str(office.hanako_key)]
    code, seen = on_a_terminal(sign, [(b"[y/N]: ", b"n")])
    assert code == 1, seen.decode()
    assert crypto_cards.fingerprint(bytes.fromhex(key_id(office.taro_card))).encode() in seen
    assert office.taro_card.read_bytes() == before
    code, seen = on_a_terminal(sign, [(b"[y/N]: ", b"y"), (b"Passphrase: ", PASSPHRASE.encode())])
    assert code == 0, seen.decode()
    assert office.taro_card.read_bytes() != before


def test_without_a_terminal_nothing_waits_for_a_passphrase(office: Office) -> None:
    asked = meyasubako("open", "--key", office.hanako_key, office.hanako_card)
    assert asked.code == 2
    assert "--passphrase-stdin" in asked.err


def test_the_first_card_is_asked_about_before_it_is_enrolled(office: Office) -> None:
    enroll = ["auditor", "enroll", str(office.hanako_card)]
    print_of_it = crypto_cards.fingerprint(bytes.fromhex(key_id(office.hanako_card)))
    alone = meyasubako(*enroll, config=office.config)
    assert alone.code == 2 and "--yes" in alone.err and print_of_it in alone.err
    code, seen = on_a_terminal(enroll, [(b"[y/N]: ", b"n")], office.config)
    assert code == 1 and print_of_it.encode() in seen
    assert enrolled(office.config) == []
    assert on_a_terminal(enroll, [(b"[y/N]: ", b"y")], office.config)[0] == 0
    assert len(enrolled(office.config)) == 1
    # Nobody is asked about it again.
    assert meyasubako(*enroll, config=office.config).code == 0


def test_an_observers_card_is_refused_as_the_first_before_it_is_pinned(
    office: Office, tmp_path: Path
) -> None:
    """The pin is for good: no other first card could have been enrolled, and no report taken."""
    assert new_auditor(tmp_path, "Jiro Ito", "--duty", "observer").code == 0
    secret = office.config.parent / "server.secret"
    before = secret.read_bytes()
    refused = meyasubako("auditor", "enroll", tmp_path / "jiro-ito.card", "--yes", config=office.config)
    assert refused.code == 1 and "observer's card" in refused.err and "オブザーバー" in refused.err
    assert secret.read_bytes() == before and enrolled(office.config) == []
    assert meyasubako("auditor", "enroll", office.hanako_card, "--yes", config=office.config).code == 0


def test_a_key_file_is_no_card_and_must_not_be_here(office: Office, tmp_path: Path) -> None:
    renamed = tmp_path / "hanako.card"
    renamed.write_bytes(office.hanako_key.read_bytes())
    for path in (office.hanako_key, renamed):
        refused = meyasubako("auditor", "enroll", path, "--yes", config=office.config)
        assert refused.code == 1 and "KEY FILE" in refused.err and "must not be on a server" in refused.err
        assert "鍵ファイル" in refused.err.splitlines()[0]
    assert enrolled(office.config) == []


def test_the_secret_file_names_the_first_card_and_doctor_says_when_it_does_not(office: Office) -> None:
    """A copy of the file from before the enrolment; then another first card, as after a write into the database."""
    enroll_both(office)
    secret = office.config.parent / "server.secret"
    pinned = secret.read_bytes()
    secret.write_bytes(pinned[:70] + bytes(16))
    said = meyasubako("doctor", config=office.config)
    assert said.code != 0 and "does not name the first card" in said.out + said.err
    assert meyasubako("auditor", "enroll", office.taro_card, config=office.config).code == 0
    assert secret.read_bytes() != pinned  # the second card is not the first
    assert meyasubako("auditor", "enroll", office.hanako_card, "--yes", config=office.config).code == 0
    assert secret.read_bytes() == pinned
    secret.write_bytes(pinned[:70] + b"x" * 16)
    said = meyasubako("doctor", config=office.config)
    assert said.code != 0 and "does not begin with the card" in said.out + said.err
