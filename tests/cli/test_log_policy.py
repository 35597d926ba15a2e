"""Whose cosignatures count: `init --witness`, a change that a lead signs, and what doctor says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from admin.logbook import LogKeeper
from crypto import log_policy, note
from crypto.messages import public_key
from store import db, log_documents
from store import log as store_log
from tests.cli.command import PASSPHRASE, meyasubako, new_auditor
from tests.cli.support import run

LINE = PASSPHRASE + "\n"
DAY = date(2026, 11, 27)
NOON = 1795741200
"""2026-11-27, 10:00 in Japan."""
UNION, OTHER = (
    note.verifier_key(name, note.COSIGNATURE, public_key(name[:1].encode() * 32))
    for name in ("union", "other")
)


def _init(config: Path, *more: str) -> tuple[int, str]:
    made = meyasubako("init", "--name", "試験", "--name-en", "Test", "--designated", *more, config=config)
    return made.code, made.out + made.err


def test_init_takes_outside_witnesses_and_says_what_it_means_to_have_none(tmp_path: Path) -> None:
    code, said = _init(tmp_path / "a.toml", "--witness", "union")
    assert code == 2 and "Nothing was made" in said and not list(tmp_path.iterdir())
    for wrong in (["--witness", UNION.text()] * 2, ["--witness", note.VerifierKey("x", 1, UNION.pk).text()]):
        assert _init(tmp_path / "a.toml", *wrong)[0] == 2
    (tmp_path / "none").mkdir()
    code, said = _init(tmp_path / "none" / "a.toml")
    assert code == 0 and "No witness outside the company" in said
    doctor = meyasubako("doctor", config=tmp_path / "none" / "a.toml").out
    assert "warn  witnesses" in doctor and "no witness outside the company" in doctor


def test_a_lead_changes_the_policy_and_it_counts_on_the_eighth_day(tmp_path: Path) -> None:
    config = tmp_path / "meyasubako.toml"
    code, said = _init(config, "--witness", UNION.text())
    assert code == 0 and "No witness" not in said
    for name, more in (("Hanako Sato", ["--duty", "lead"]), ("Taro Suzuki", [])):
        assert new_auditor(tmp_path / "keys", name, *more).code == 0
    cards = {path.stem: path for path in (tmp_path / "keys").glob("*.card")}
    keys = {path.stem: path for path in (tmp_path / "keys").glob("*.key")}
    lead, auditor = sorted(cards)
    signed = run(
        tmp_path, "auditor", "sign", cards[auditor], "--key", keys[lead], "--passphrase-stdin", stdin=LINE
    )
    assert signed.code == 0, signed.err
    for name in (lead, auditor):
        assert meyasubako("auditor", "enroll", cards[name], "--yes", config=config).code == 0
    shown = meyasubako("log", "policy", config=config).out
    assert UNION.text() in shown and "in force" in shown
    assert "1 outside the company: union" in meyasubako("doctor", config=config).out

    text = tmp_path / "new.txt"
    log = next(line for line in shown.splitlines() if line.startswith("log "))
    text.write_text(f"{log}\nwitness other {OTHER.text()}\ngroup outside any other\nquorum outside\n")
    assert meyasubako("log", "policy", text, config=config).code == 0
    proposal = tmp_path / "new.txt.proposal"
    assert meyasubako("log", "policy", proposal, config=config).code == 1, "nobody signed it"
    by_auditor = tmp_path / "by-auditor"
    by_auditor.write_bytes(proposal.read_bytes())
    for path, key in ((by_auditor, keys[auditor]), (proposal, keys[lead])):
        signed = run(tmp_path, "auditor", "sign-policy", path, "--key", key, "--passphrase-stdin", stdin=LINE)
        assert signed.code == 0, signed.err
    refused = meyasubako("log", "policy", tmp_path / "by-auditor.signed", config=config)
    assert refused.code == 1 and "no lead" in refused.err
    change = tmp_path / "new.txt.proposal.signed"
    assert meyasubako("log", "policy", change, config=config).code == 0
    assert meyasubako("log", "policy", change, config=config).code == 1, "once"
    text.write_text(text.read_text().replace(log, f"log {note.VerifierKey('x', 1, UNION.pk).text()}"))
    assert meyasubako("log", "policy", text, config=config).code == 1, "another log's"

    engine = db.make_engine(f"sqlite:///{tmp_path}/meyasubako.db")
    keeper = LogKeeper(engine, tmp_path / "server.secret")
    keeper.run(NOON)
    policies: list[str] = []
    for number in range(1, 12):
        keeper.run(NOON + number * 86400)
        with db.writing(engine) as conn:
            counting = [row for row in log_documents.documents(conn) if row.in_force]
            policies.append(log_policy.read_policy_leaf(counting[-1].raw, 0, None).text)
            if number == 10:  # the union looks at last
                head = store_log.head(conn)
                assert head is not None
                store_log.put_cosignature(conn, "union", head.size, "line")
    assert [OTHER.text() in policy for policy in policies] == [False] * 10 + [True]
    with db.writing(engine) as conn:
        leaf = [row for row in log_documents.documents(conn) if row.in_force][-1]
        assert leaf.day == DAY
    engine.dispose()
    # The old policy's witness saw the first ten batches; the new one has seen none, and doctor names it.
    doctor = meyasubako("doctor", config=config).out
    assert "other has cosigned nothing since the batch of 2026-11-27" in doctor
