"""What a witness sees, each by the attack (statements 1, 2, 8, 14 and 20 for witnesses), and what it cosigns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from admin.witness.folder import FolderFault, make_folder, open_folder
from admin.witness.run import WitnessExit
from crypto import logbatch, note, tlog
from crypto.logbatch import release_leaf
from portal import bundle
from store import db, log_documents
from store import log as store_log
from tests.cli.command import meyasubako
from tests.witness.conftest import Watched

SIGNED = "/log/checkpoint"


def served_by(watched: Watched, path: str, text: str | bytes, status: int = 200) -> None:
    """Let the server answer otherwise."""
    before = watched.transport.before

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.method == "GET" and request.url.path == path:
            raw = text if isinstance(text, bytes) else text.encode()
            return httpx.Response(status, stream=httpx.ByteStream(raw))
        return before(request)

    watched.transport.before = answer


def other_history(watched: Watched, size: int | None = None, serve: bool = True) -> str:
    """Let the server show another log of its own key: the last leaf is another one."""
    head = watched.head()
    with db.reading(watched.world.engine) as conn:
        leaves = store_log.leaves(conn, 0, head.size)
    leaves = [*leaves[:-1], bytes([leaves[-1][0] ^ 1]) + leaves[-1][1:]]
    leaves = [*leaves, *leaves[-1:] * ((size or head.size) - head.size)]
    root = tlog.root_of([tlog.leaf_hash(leaf) for leaf in leaves])
    seed = logbatch.log_seed(watched.world.secrets.sign_seed)
    signed = note.sign_checkpoint(note.Checkpoint(watched.verifier.name, len(leaves), root), seed)
    served_by(watched, SIGNED, signed)
    if serve:
        for number in range(-(-len(leaves) // 256)):
            part = leaves[256 * number : 256 * number + 256]
            path = f"/log/{tlog.tile_path(-1, number, len(part))}"
            served_by(watched, path, tlog.entry_bundle(part))
    return signed


def test_a_witness_cosigns_what_fits_each_day_with_the_time_of_the_batch(watched: Watched) -> None:
    for _day in range(3):
        done = watched.run()
        assert (done.exit, done.faults, done.is_cosigned) == (WitnessExit.FITS, [], True)
        signed = watched.served()
        assert [time % 86400 for time in signed.cosigned.values()] == [18 * 3600]
        state, leaves = watched.folder.load()
        assert state.size == state.cosigned == signed.checkpoint.size == len(leaves)
        watched.tick()
    # Again on the same day: the same, and nothing is fetched twice.
    watched.run()
    watched.transport.requests.clear()
    assert watched.run().exit is WitnessExit.FITS
    assert not [line for line in watched.transport.requests if "/log/tile" in line]


def test_run_and_show_name_the_newest_day_that_is_kept(watched: Watched, tmp_path: Path) -> None:
    watched.tick(3)
    (tmp_path / "day").write_text(watched.world.day.isoformat(), "ascii")
    done = meyasubako("witness", "run", watched.folder.path, "--demo-day", tmp_path / "day")
    shown = meyasubako("witness", "show", watched.folder.path)
    head = watched.head()
    assert head.day is not None and (done.code, shown.code) == (0, 0), done.err
    assert f"newest day {head.day.isoformat()}  leaves {head.size} " in done.out and "cosigned\n" in done.out
    assert f"newest day {head.day.isoformat()}\n" in shown.out and "not taken" not in shown.out


def test_it_asks_for_no_leaf_by_name_and_needs_no_port(watched: Watched) -> None:
    watched.transport.requests.clear()
    watched.run()
    logs = {line for line in watched.transport.requests if "/log/" in line}
    size = watched.head().size
    assert logs == {
        "GET /log/checkpoint",
        f"GET /log/{tlog.tile_path(-1, 0, size)}",
        "GET /log/rule",
        f"GET /log/{bundle.VERIFY_PAGE.name}",
        "POST /log/cosignature",
    }


@pytest.mark.parametrize("larger", [False, True])
def test_a_fork_stops_the_witness_and_both_notes_are_kept(watched: Watched, larger: bool) -> None:
    """Statement 1: a fork of the same size, and a larger one that is a tree of its own."""
    assert watched.run().exit is WitnessExit.FITS
    kept = watched.folder.load()[0]
    forged = other_history(watched, kept.size + 17 if larger else None)
    done = watched.run()
    assert done.exit is WitnessExit.FORK and not done.is_cosigned
    size = note.checkpoint_of(note.read_note(forged).text, watched.verifier.name).size
    text = (watched.folder.path / f"fork-{size}.txt").read_text("utf-8")
    assert note.read_note(kept.note).text in text and forged in text
    assert watched.folder.load()[0].cosigned == kept.size
    # It stays so also when the site shows the true log again, until a person says otherwise.
    watched.transport.before = lambda _request: None
    watched.tick()
    assert watched.run().exit is WitnessExit.FORK
    assert not watched.served().cosigned
    watched.folder.write(replace(watched.folder.load()[0], stopped=""))
    assert watched.run().exit is WitnessExit.FITS and watched.served().cosigned


def test_the_control_a_witness_that_forgot_cosigns_the_fork(watched: Watched) -> None:
    """Why key and state are one object: the same key without its state has nothing to compare with."""
    assert watched.run().exit is WitnessExit.FITS
    other_history(watched)
    state, _leaves = watched.folder.load()
    watched.folder.write(replace(state, note="", size=0))
    (watched.folder.path / "leaves").unlink()
    served = dict(watched.run().faults)
    assert "fork" not in served


def test_a_fork_whose_leaves_are_hidden_is_cosigned_by_nobody(watched: Watched) -> None:
    assert watched.run().exit is WitnessExit.FITS
    size = watched.head().size
    other_history(watched, size + 17, serve=False)
    done = watched.run()
    assert done.exit is WitnessExit.TROUBLE and not done.is_cosigned


def test_a_smaller_checkpoint_is_older_also_one_that_was_cosigned(watched: Watched) -> None:
    """Statement 2: rollback, and the replay of an old cosigned checkpoint."""
    assert watched.run().exit is WitnessExit.FITS
    old = watched.folder.load()[0].note
    watched.tick()
    assert watched.run().exit is WitnessExit.FITS
    served_by(watched, SIGNED, old)
    done = watched.run()
    assert (done.exit, done.is_cosigned) == (WitnessExit.OLDER, False)
    assert done.faults[0][0] == "older"
    watched.transport.before = lambda _request: None
    served_by(watched, SIGNED, b"", status=404)
    assert watched.run().faults[0][0] == "gone"


def test_a_day_that_is_not_over_is_not_cosigned(watched: Watched) -> None:
    watched.tick()
    watched.world.day -= watched.world.day.resolution
    done = watched.run()
    assert done.exit is WitnessExit.OLDER and done.faults[0][0] == "early" and not done.is_cosigned
    assert watched.folder.load()[0].size == 0


def test_nothing_new_for_two_days_is_said_and_cosigned(watched: Watched) -> None:
    watched.world.day += 2 * watched.world.day.resolution
    done = watched.run()
    assert (done.exit, done.is_cosigned) == (WitnessExit.SILENT, True)
    watched.world.day -= watched.world.day.resolution
    assert watched.run().exit is WitnessExit.FITS


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("\n", "\r\n", 1),
        lambda text: "",
        lambda text: text.replace("meyasubako/", "meyasubako/0"),
        lambda text: text[:-4] + "AA=\n",
    ],
)
def test_a_checkpoint_that_this_key_did_not_sign_is_trouble(
    watched: Watched, spoil: Callable[[str], str]
) -> None:
    good = httpx.get(f"{watched.world.url}{SIGNED}").text
    served_by(watched, SIGNED, spoil(good))
    done = watched.run()
    assert done.exit is WitnessExit.TROUBLE and done.faults[0][0] == "note" and not done.is_cosigned


def test_leaves_that_are_no_log_are_not_cosigned(watched: Watched) -> None:
    """A batch of 15 hidden leaves, properly signed: the day would stand out."""
    head = watched.head()
    with db.reading(watched.world.engine) as conn:
        leaves = store_log.leaves(conn, 0, head.size)[:-1]
    root = tlog.root_of([tlog.leaf_hash(leaf) for leaf in leaves])
    seed = logbatch.log_seed(watched.world.secrets.sign_seed)
    served_by(
        watched,
        SIGNED,
        note.sign_checkpoint(note.Checkpoint(watched.verifier.name, len(leaves), root), seed),
    )
    served_by(watched, f"/log/{tlog.tile_path(-1, 0, len(leaves))}", tlog.entry_bundle(leaves))
    done = watched.run()
    assert done.faults[0][0] == "malformed" and not done.is_cosigned and done.exit is WitnessExit.TROUBLE


def test_another_rule_is_not_cosigned(watched: Watched) -> None:
    served_by(watched, "/log/rule", "Nothing follows from anything.\n")
    done = watched.run()
    assert done.faults[0][0] == "rule" and not done.is_cosigned


# Key and state


@pytest.mark.parametrize("name", ["head.json", "key"])
def test_key_and_state_are_one_object(watched: Watched, name: str) -> None:
    watched.run()
    (watched.folder.path / name).unlink()
    with pytest.raises(FolderFault, match="one object"):
        open_folder(watched.folder.path).load()


def test_a_mixed_or_damaged_folder_runs_nothing(watched: Watched, tmp_path: Path) -> None:
    watched.run()
    path = watched.folder.path
    other = make_folder(tmp_path / "other", "counsel")
    kept = {name: (path / name).read_bytes() for name in ("key", "head.json", "leaves")}
    for name, raw in (
        ("key", (other.path / "key").read_bytes()),
        ("key", b"nothing"),
        ("head.json", kept["head.json"].replace(b'"v":1', b'"v":2')),
        ("head.json", b"{}"),
        ("leaves", kept["leaves"][:-1]),
        ("leaves", bytes([kept["leaves"][0], kept["leaves"][1], kept["leaves"][2] ^ 1]) + kept["leaves"][3:]),
        ("leaves", b""),
    ):
        (path / name).write_bytes(raw)
        with pytest.raises(FolderFault):
            open_folder(path).load()
        (path / name).write_bytes(kept[name])
    with pytest.raises(FolderFault, match="already"):
        make_folder(path, "union")
    assert watched.run().exit is WitnessExit.FITS


def test_a_folder_that_was_interrupted_before_its_key_stops_no_next_start(tmp_path: Path) -> None:
    begun = make_folder(tmp_path / "witness", "union")
    (begun.path / "key").unlink()
    again = make_folder(begun.path, "union")
    assert again.seed != begun.seed and open_folder(again.path).load()[0].size == 0
    # A state that has met a log is never replaced.
    log = again.load()[0].vkey
    again.write(replace(again.load()[0], log=log))
    (again.path / "key").unlink()
    with pytest.raises(FolderFault, match="already"):
        make_folder(again.path, "union")


def test_leaves_that_were_written_before_a_crash_are_cut_off(watched: Watched) -> None:
    watched.run()
    with (watched.folder.path / "leaves").open("ab") as file:
        file.write(b"\x00\x05half")
    watched.tick()
    assert watched.run().exit is WitnessExit.FITS
    assert len(watched.folder.load()[1]) == watched.head().size


def test_an_older_copy_of_the_whole_folder_is_noticed(watched: Watched) -> None:
    """Its own key signed something that the folder knows nothing of: put back, or two witnesses with one key."""
    watched.run()
    kept = {path.name: path.read_bytes() for path in watched.folder.path.iterdir() if path.is_file()}
    watched.tick()
    assert watched.run().exit is WitnessExit.FITS
    for name, raw in kept.items():
        (watched.folder.path / name).write_bytes(raw)
    done = watched.run()
    assert done.faults[0][0] == "twice" and not done.is_cosigned and done.exit is WitnessExit.TROUBLE


def test_the_state_is_on_disk_before_a_cosignature_leaves(watched: Watched) -> None:
    seen: list[int] = []

    def before(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/log/cosignature":
            seen.append(watched.folder.load()[0].cosigned)
            raise httpx.ConnectError("gone")
        return None

    watched.transport.before = before
    done = watched.run()
    assert seen == [watched.head().size] and done.exit is WitnessExit.TROUBLE
    watched.transport.before = lambda _request: None
    assert watched.run().exit is WitnessExit.FITS


# What the site takes


def test_the_site_takes_lines_of_the_policys_witnesses_only(watched: Watched, tmp_path: Path) -> None:
    """Statement 8 for witnesses: another key, another name, another tree, another time under the signature."""
    stranger = make_folder(tmp_path / "stranger", "union")
    watched.pin(stranger)
    done = watched.run(stranger)
    assert (done.exit, done.is_cosigned, done.faults) == (WitnessExit.TROUBLE, False, [("refused", "")])
    own = note.read_checkpoint(stranger.load()[0].note, watched.verifier, [stranger.load()[0].vkey])
    assert done.is_signed and own.cosigned, "signed and kept, whatever the site takes"
    watched.transport.before = lambda request: (
        httpx.Response(403, stream=httpx.ByteStream(b"")) if request.method == "POST" else None
    )
    declined = watched.run()
    assert (declined.is_signed, declined.is_cosigned, declined.faults) == (True, False, [("declined", "")])
    watched.transport.before = lambda _request: None
    signed = httpx.get(f"{watched.world.url}{SIGNED}").text
    text, seed = note.read_note(signed).text, watched.folder.seed
    good = note.cosign(text, "union", seed, 1795629600)
    later = replace(good, signature=(1795629601).to_bytes(8, "big") + good.signature[8:])
    for line in (
        note.cosign(text, "counsel", seed, 1795629600),
        note.cosign(text.replace("\n", "0\n", 1), "union", seed, 1795629600),
        later,
    ):
        answer = httpx.post(
            f"{watched.world.url}/log/cosignature",
            content=line.text(),
            headers={"Content-Type": "text/plain"},
        )
        assert answer.status_code == 403
    assert not watched.served().cosigned
    assert watched.run().is_cosigned and len(watched.served().cosigned) == 1


def test_a_week_without_witnesses_stops_nothing(watched: Watched) -> None:
    """Statement 20: batches go on, and the witness takes them all when it is back."""
    watched.run()
    for _day in range(7):
        assert len(watched.tick().made) == 1
    assert not watched.served().cosigned
    done = watched.run()
    assert (done.exit, done.new, done.is_cosigned) == (WitnessExit.FITS, 7 * 17, True)


# Pages


def test_a_script_that_is_not_the_logs_is_kept_and_said(watched: Watched) -> None:
    script = bundle.read()["report"]
    raw = (bundle.FOLDER / script.path.rpartition("/")[2]).read_bytes()
    assert watched.run().exit is WitnessExit.FITS
    served_by(watched, f"/static/{script.path}", raw + b";fetch('https://evil.example')")
    done = watched.run()
    assert done.exit is WitnessExit.PAGES and done.is_cosigned
    kept = list((watched.folder.path / "seen").iterdir())
    assert [path.read_bytes() for path in kept] == [raw + b";fetch('https://evil.example')"]
    assert watched.folder.load()[0].files[0][0] == script.path.rpartition("/")[2]


@pytest.mark.parametrize(
    ("page", "added"),
    [
        ("/ja/report", '<script src="https://evil.example/x.js"></script>'),
        ("/en/report", '<script src="/static/built/other.js"></script>'),
        ("/ja/status", "<script>steal()</script>"),
        ("/en/status", '<img src="x" onerror="steal()">'),
        ("/ja/keys", '<base href="https://evil.example/">'),
    ],
)
def test_a_page_with_another_script_is_kept_and_said(watched: Watched, page: str, added: str) -> None:
    raw = httpx.get(watched.world.url + page).text.replace("</main>", f"{added}</main>")
    assert added in raw
    served_by(watched, page, raw)
    done = watched.run()
    assert done.exit is WitnessExit.PAGES
    assert [path.read_text("utf-8") for path in (watched.folder.path / "seen").iterdir()] == [raw]


def test_an_upgrade_that_is_in_the_log_fits_again(watched: Watched) -> None:
    watched.run()
    watched.release = release_leaf([*bundle.served(), ("new.js", b"new")])
    served_by(watched, "/static/built/new.js", b"new")
    watched.tick()
    assert watched.run().exit is WitnessExit.FITS
    served_by(watched, "/static/built/new.js", b"newer")
    assert watched.run().exit is WitnessExit.PAGES


def test_another_verify_page_is_kept_and_said(watched: Watched) -> None:
    """The download that a lawyer may use is in the `release` leaf."""
    page = f"/log/{bundle.VERIFY_PAGE.name}"
    assert watched.run().exit is WitnessExit.FITS
    served_by(watched, page, b"<!doctype html><title>Good</title>")
    done = watched.run()
    assert done.exit is WitnessExit.PAGES and done.faults[0][1].startswith(bundle.VERIFY_PAGE.name)


# What an honest server learns


def test_only_the_logs_own_key_can_stop_it(watched: Watched) -> None:
    watched.run()
    forged = other_history(watched)

    def hand_in(text: str, kind: str = "text/plain") -> int:
        url = f"{watched.world.url}/log/checkpoint"
        return httpx.post(url, content=text.encode(), headers={"Content-Type": kind}).status_code

    true = watched.folder.load()[0].note
    assert hand_in(true) == 200 and hand_in(true, "application/json") == 415
    body = note.read_note(forged).text
    stranger = note.Note(body, (note.signed_text(body, watched.verifier.name, bytes(32)),)).encode()
    for bad in (stranger, body, "", "x" * 9000, true.replace("\n", "\n0", 1)):
        assert hand_in(bad) == 403
    assert len(watched.tick().made) == 1
    assert hand_in(forged) == 202 and hand_in(forged) == 202
    assert watched.tick().made == ()
    with db.reading(watched.world.engine) as conn:
        ((_hash, _size, kept),) = log_documents.evidence(conn)
    assert note.read_note(kept).text == body
    watched.world.site_now = lambda: watched.noon(watched.world.day)
    health = httpx.get(f"{watched.world.url}/healthz")
    assert health.status_code in (200, 503) and "other" in health.text
