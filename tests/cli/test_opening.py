"""Envelopes are listed and fetched on the server, sealed, and opened on a laptop without settings or network."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from crypto.identity import new_identity
from crypto.seal import Recipient
from tests.cli.support import LINE, MARK, add_report, quick_key, recipients, run
from tests.support.site import Site, make_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("opening") / "site", 2)


def test_an_envelope_is_listed_fetched_and_opened_offline(site: Site, tmp_path: Path) -> None:
    _, envelope_id, receipt = add_report(site.config, recipients(site))
    listed = run(tmp_path, "envelope", "list", config=site.config)
    assert re.search(rf"^{envelope_id.hex()}  {receipt.case_id.hex()}  .*  report ", listed.out, re.MULTILINE)
    get = ("envelope", "get", envelope_id.hex())
    assert run(tmp_path, *get, "-o", "one.envelope", config=site.config).code == 0
    piped = run(tmp_path, *get, config=site.config)
    assert piped.code == 0 and piped.raw == (tmp_path / "one.envelope").read_bytes()
    assert MARK.encode() not in piped.raw
    for number, who in enumerate(site.auditors):
        key = quick_key(tmp_path / f"{number}.key", who.identity)
        opened = run(tmp_path, "open", "--key", key, "--passphrase-stdin", "one.envelope", stdin=LINE)
        assert opened.code == 0, opened.err
        assert json.loads(opened.raw)["what_happened"] == MARK
        assert MARK in opened.out  # as people read it, not as escapes
    both = run(tmp_path, "open", "--key", "0.key", "--passphrase-stdin", "-", stdin=LINE.encode() + piped.raw)
    assert both.raw == opened.raw


def test_what_a_terminal_would_act_on_is_shown_as_escapes(site: Site, tmp_path: Path) -> None:
    _, envelope_id, _ = add_report(site.config, recipients(site), "a\x1b[2J\u202eb\x9bc")
    run(tmp_path, "envelope", "get", envelope_id.hex(), "-o", "x", config=site.config)
    key = quick_key(tmp_path / "a.key", site.auditors[0].identity)
    opened = run(tmp_path, "open", "--key", key, "--passphrase-stdin", "x", stdin=LINE)
    assert json.loads(opened.raw)["what_happened"] == "a\x1b[2J\u202eb\x9bc"
    assert not {"\x1b", "\u202e", "\x9b"} & set(opened.out)


def test_envelopes_that_are_not_there_or_would_overwrite(site: Site, tmp_path: Path) -> None:
    _, envelope_id, _ = add_report(site.config, recipients(site))
    (tmp_path / "mine").write_text("mine")
    get = ("envelope", "get")
    assert run(tmp_path, *get, envelope_id.hex(), "-o", "mine", config=site.config).code == 1
    assert (tmp_path / "mine").read_text() == "mine"
    assert run(tmp_path, *get, "0" * 32, config=site.config).code == 1
    assert run(tmp_path, *get, "xyz", config=site.config).code == 2


def test_what_can_not_be_opened_is_a_calm_sentence(site: Site, tmp_path: Path) -> None:
    other = new_identity()
    key = quick_key(tmp_path / "other.key", other)
    command = ("open", "--key", key, "--passphrase-stdin")
    _, excluded, _ = add_report(site.config, [Recipient(other.key_id, other.box_pk, excluded=True)])
    _, not_addressed, _ = add_report(site.config, recipients(site))
    for envelope_id, said in ((excluded, "can't be opened"), (not_addressed, "not addressed")):
        name = envelope_id.hex()
        assert run(tmp_path, "envelope", "get", name, "-o", name, config=site.config).code == 0
        refused = run(tmp_path, *command, name, stdin=LINE)
        assert (refused.code, refused.raw) == (1, b"")
        assert said in refused.err and "Error" not in refused.err
    (tmp_path / "junk").write_bytes(b"junk")
    assert run(tmp_path, *command, "junk", stdin=LINE).code == 1
    assert run(tmp_path, *command, "nothing-there", stdin=LINE).code == 1


def test_key_file_and_passphrase_have_an_exit_code_of_their_own(tmp_path: Path) -> None:
    key = quick_key(tmp_path / "a.key", new_identity())
    (tmp_path / "junk.key").write_bytes(b"{}")
    for name, line in ((key, "something else\n"), (key, "\n"), ("no.key", LINE), ("junk.key", LINE)):
        assert run(tmp_path, "open", "--key", name, "--passphrase-stdin", "x", stdin=line).code == 5
    assert run(tmp_path, "open", "--key", key, "--passphrase-stdin", "x", stdin=b"\xff\xfe\n").code == 5
