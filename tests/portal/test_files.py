"""Files without scripts: sealed while they come in, kept while the form is put right, and nothing left behind."""

from __future__ import annotations

import io
import os
import random
import re
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from werkzeug.exceptions import BadRequest, ServiceUnavailable
from werkzeug.test import run_wsgi_app

from crypto import attachment
from crypto.encoding import b64d, id_from_hex
from portal import cleaning
from portal.app import make_objects
from portal.context import Slots
from portal.forms import kept_files
from portal.uploads.receive import Limits, Uploaded, read_form
from store.config.settings import LimitSettings
from store.db import StoreFailed
from store.objects import Objects
from tests.portal.client import CheckedClient, Page
from tests.portal.conftest import World, make_world
from tests.portal.desk import envelopes, open_as
from tests.portal.test_bad_requests import BOUNDARY, part, posted
from tests.support.stored import stored_objects

File = tuple[str, bytes]


def file_part(name: str, data: bytes, kind: str = "text/plain", field: str = "files") -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: {kind}'
    return head.encode() + b"\r\n\r\n" + data + b"\r\n"


def body(fields: dict[str, str], files: Sequence[File]) -> bytes:
    texts = [part(name, value.encode()) for name, value in fields.items()]
    return b"".join([*texts, *(file_part(name, data) for name, data in files)]) + b"--x--\r\n"


def send(client: CheckedClient, path: str, fields: dict[str, str], files: Sequence[File] = ()) -> Page:
    return client.fetch("POST", path, data=body(fields, files), content_type=BOUNDARY)


def report(client: CheckedClient, *files: File, **fields: str) -> Page:
    return send(client, "report", {**client.form(), "what_happened": "隠された", **fields}, files)


def rows(world: World) -> int:
    """Count the objects that the store holds, named or waiting."""
    return len(stored_objects(world.engine))


def opened(world: World, payload: dict[str, Any]) -> list[bytes]:
    """Open the files that a payload names, as a desk does."""
    objects = make_objects(world.settings, world.engine)
    found = []
    for entry in payload["files"]:
        opener, data, offset, total = attachment.Opener(b64d(entry["key"]), entry["size"]), b"", 0, 1
        while offset < total:
            piece, total = objects.read_named(id_from_hex(entry["object"]), offset)
            offset += len(piece)
            data += opener.update(piece)
        opener.finish()
        hashed = attachment.FileHash()
        hashed.update(data)
        attachment.check_file(entry, len(data), hashed.digest())
        found.append(data)
    return found


def payloads(world: World) -> list[dict[str, Any]]:
    return [open_as(world.auditors[0], row.raw).payload for _, row in envelopes(world)]


@pytest.mark.parametrize("size", [0, 1, 15, 16, 70_000, 262_144, 600_000, 3_000_000])
def test_a_file_arrives_as_it_was(world: World, client: CheckedClient, size: int) -> None:
    data = os.urandom(size)
    assert report(client, ("記録 (1).bin", data)).status == 200
    (payload,) = payloads(world)
    assert opened(world, payload) == [data]
    (entry,) = payload["files"]
    assert (entry["name"], entry["type"]) == ("記録 (1).bin", "text/plain")
    assert (entry["cleaned"], entry["found"], entry["size"]) == ("not", [], size)
    assert rows(world) == 1  # what was kept aside on the way is gone


def test_a_picture_is_cleaned_before_it_is_sealed(world: World, client: CheckedClient) -> None:
    picture, out = Image.frombytes("RGB", (64, 64), os.urandom(64 * 64 * 3)), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x013B] = "Maker of cameras", "Model 7", "An author"
    picture.save(out, "JPEG", exif=exif)
    assert b"Maker of cameras" in out.getvalue()
    receipt = report(client, ("写真.jpg", out.getvalue()))
    assert receipt.status == 200
    assert "そのまま残ります。 取り除いたもの： 作成者、カメラや機器<" in receipt.html
    (payload,) = payloads(world)
    (data,) = opened(world, payload)
    assert b"Maker of cameras" not in data and data.startswith(b"\xff\xd8\xff")
    assert payload["files"][0]["cleaned"] == "removed" and "camera" in payload["files"][0]["found"]


def test_what_only_begins_like_a_picture_and_is_too_large_to_clean_is_asked_about_and_sealed_as_it_is(
    world: World, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.uploads.receive.LIMIT_BYTES", 1_000_000)
    data = b"\xff\xd8\xff" + os.urandom(2_000_000)
    asked = report(client, ("large.jpg", data))
    assert asked.status == 400 and payloads(world) == []
    again = {key: asked.fields[key] for key in ("code", "csrf_token", "kept_files", "what_happened")}
    (uncleaned,) = re.findall(r'name="send_as_is" value="([0-9a-f]{32})"', asked.html)
    assert send(client, "report", {**again, "send_as_is": uncleaned}).status == 200
    (payload,) = payloads(world)
    assert opened(world, payload) == [data] and payload["files"][0]["cleaned"] == "not"


def test_several_files_and_a_message_with_one(world: World, client: CheckedClient) -> None:
    page = report(client, ("a", b"one"), ("b", b"two" * 200_000), ("", b""))
    case = client.look(page.code)
    reply = {"token": case.fields["token"], "message": "追加"}
    assert send(client, "status", reply, [("c.txt", b"three")]).status == 200
    first, second = payloads(world)
    assert opened(world, first) == [b"one", b"two" * 200_000]
    assert opened(world, second) == [b"three"] and second["message"] == "追加"


def test_a_form_without_a_chosen_file_is_as_before(world: World, client: CheckedClient) -> None:
    assert report(client, ("", b"")).status == 200
    assert payloads(world)[0]["files"] == [] and rows(world) == 0


# --- a form that comes back


def test_files_are_kept_while_the_form_is_put_right(world: World, client: CheckedClient) -> None:
    page = report(client, ("a.txt", b"inside the file" * 100), what_happened="")
    assert page.status == 400 and rows(world) == 1 and "inside the file" not in page.html
    again = {name: page.fields[name] for name in ("code", "csrf_token", "kept_files")}
    done = send(client, "report", {**again, "what_happened": "今度は"}, [("b.txt", b"two")])
    assert done.status == 200
    (payload,) = payloads(world)
    assert opened(world, payload) == [b"inside the file" * 100, b"two"] and rows(world) == 2


def test_a_kept_file_can_be_taken_off(world: World, client: CheckedClient) -> None:
    page = report(client, ("a.txt", b"one"), ("b.txt", b"two"), what_happened="")
    again = {name: page.fields[name] for name in ("code", "csrf_token", "kept_files")}
    index = bytes.fromhex("00" * 16)
    assert kept_files.read(world.secrets.form_key, index, again["kept_files"]) == []  # another code's
    ids = sorted(stored_objects(world.engine))
    done = send(client, "report", {**again, "what_happened": "今度は", "drop_file": ids[0]})
    assert done.status == 200 and len(payloads(world)[0]["files"]) == 1 and rows(world) == 1


def test_files_of_a_message_are_kept_too(world: World, client: CheckedClient) -> None:
    case = client.look(report(client).code)
    page = send(client, "status", {"token": case.fields["token"], "message": ""}, [("c", b"three")])
    assert page.status == 400
    again = {name: page.fields[name] for name in ("token", "kept_files")}
    assert send(client, "status", {**again, "message": "今度は"}).status == 200
    assert opened(world, payloads(world)[1]) == [b"three"]


def test_changing_the_language_keeps_files_sealed_and_asks_nothing_yet(
    world: World, client: CheckedClient
) -> None:
    """A browser can't carry a chosen file to another page: it is sent, and only sealed bytes are stored."""
    plain, english = b"inside the file" * 100, world.client("en")
    form, files = (
        {**client.form(), "what_happened": "x", "change": "yes"},
        [("a.txt", plain), ("b.heic", HEIC)],
    )
    page = send(english, "report", form, files)
    assert page.status == 200 and not page.title.startswith("Error") and "b.heic" in page.text
    assert page.html.count('name="send_as_is"') == 1 and payloads(world) == [] and rows(world) == 2
    assert not any(b"inside" in sealed for sealed in stored_objects(world.engine).values())
    names = ("code", "csrf_token", "kept_files", "what_happened")
    (asked,) = page.all("input", name="send_as_is")
    done = send(
        english,
        "report",
        {**{name: page.fields[name] for name in names}, "send_as_is": str(asked.get("value"))},
    )
    assert opened(world, payloads(world)[0]) == [plain, HEIC]
    case = english.look(done.code)
    page = send(client, "status", {"token": case.fields["token"], "message": "続き", "change": "yes"}, files)
    assert (
        page.status == 200 and page.fields["message"] == "続き" and page.html.count('name="send_as_is"') == 1
    )
    assert not page.title.startswith("エラー") and rows(world) == 4 and len(payloads(world)) == 1


def test_kept_files_that_are_gone_are_said(world: World, client: CheckedClient) -> None:
    page = report(client, ("a.txt", b"one"), what_happened="")
    again = {name: page.fields[name] for name in ("code", "csrf_token", "kept_files")}
    make_objects(world.settings, world.engine).sweep(world.day + timedelta(3))
    told = send(client, "report", {**again, "what_happened": "残る文"})
    assert told.status == 409 and told.fields["what_happened"] == "残る文"
    assert "kept_files" not in told.fields and envelopes(world) == []


@pytest.mark.parametrize("change", ["token", "list"])
def test_a_form_that_lost_its_token_says_that_the_files_are_gone(
    world: World, client: CheckedClient, change: str
) -> None:
    page = report(client, ("a.txt", b"one"), what_happened="")
    again = {name: page.fields[name] for name in ("code", "csrf_token", "kept_files")}
    if change == "token":
        again["csrf_token"] = client.form()["csrf_token"]
    else:
        again["kept_files"] = again["kept_files"][:-4] + "AAAA"
    told = send(client, "report", {**again, "what_happened": "残る文"})
    assert told.status in (400, 409) and told.fields["what_happened"] == "残る文"
    assert "前に選んだファイルがもう残っていない" in told.text and payloads(world) == []
    hidden = {name: told.fields[name] for name in ("code", "csrf_token")}
    assert send(client, "report", {**hidden, "what_happened": "残る文"}).status == 200


def test_the_same_form_with_the_same_files_is_one_report(world: World, client: CheckedClient) -> None:
    fields = {**client.form(), "what_happened": "同じ"}
    first, again = (send(client, "report", fields, [("a.txt", b"one" * 9)]) for _ in range(2))
    assert first.status == again.status == 200 and first.code == again.code
    assert len(envelopes(world)) == 1 and rows(world) == 1
    other = send(client, "report", fields, [("a.txt", b"two" * 9)])
    assert other.status == 200 and len(envelopes(world)) == 2 and rows(world) == 2


@given(
    st.lists(
        st.builds(
            Uploaded,
            st.binary(min_size=16, max_size=16),
            st.binary(min_size=32, max_size=32),
            st.binary(min_size=32, max_size=32),
            st.integers(0, 2**40),
            st.text("あa.\u3000𠮷", min_size=1, max_size=200),
            st.just("image/png"),
            st.just("removed"),
            st.just(("camera", "place")),
        ),
        max_size=20,
    ),
    st.binary(min_size=16, max_size=16),
)
@settings(max_examples=30)
def test_a_list_of_kept_files_comes_back(files: list[Uploaded], index: bytes) -> None:
    key = bytes(range(32))
    text = kept_files.write(key, index, files)
    assert kept_files.read(key, index, text) == files
    for other_key, other_index in ((bytes(32), index), (key, bytes(a ^ 1 for a in index))):
        assert kept_files.read(other_key, other_index, text) == []
    assert kept_files.read(key, index, text[:-3]) == kept_files.read(key, index, "あ") == []


# --- what is refused keeps the text, and leaves nothing


def small_world(folder: Path, **limits: int) -> World:
    """Make a site with small limits."""
    world = make_world(folder)
    chosen = replace(LimitSettings(), **limits)
    object.__setattr__(world.settings, "limits", chosen)
    portal = world.app.extensions["meyasubako"]
    portal.objects = make_objects(world.settings, world.engine)
    return world


@pytest.mark.parametrize(
    ("limits", "files", "status", "words"),
    [
        ({"max_file_bytes": 1000}, [("a", bytes(1001))], 413, "受け取れる大きさ"),
        ({"max_files": 2}, [("a", b"1"), ("b", b"2"), ("c", b"3")], 413, "数"),
        ({"max_waiting_bytes": 100_000}, [("a", b"1"), ("b", b"2")], 503, "空き"),
    ],
)
def test_refused_files_keep_the_text(
    tmp_path: Path, limits: dict[str, int], files: list[File], status: int, words: str
) -> None:
    world = small_world(tmp_path, **limits)
    page = report(world.client(), *files)
    assert page.status == status and page.fields["what_happened"] == "隠された"
    assert words in page.text and envelopes(world) == []
    # What was in order is still there; what was not has left nothing.
    assert rows(world) == len(files) - 1
    world.engine.dispose()


def test_a_flood_of_waiting_files_stops_files_and_not_reports(tmp_path: Path) -> None:
    world = small_world(tmp_path, max_waiting_bytes=200_000)
    client, refused = world.client(), 0
    for _ in range(4):
        refused += report(client, ("a", b"x"), what_happened="").status == 503
    assert refused == 1 and rows(world) == 3
    assert report(client).status == 200
    world.engine.dispose()


def test_a_form_that_is_refused_for_good_leaves_no_file(world: World, client: CheckedClient) -> None:
    page = send(client, "status", {"token": "nonsense", "message": "文"}, [("a", b"x" * 900_000)])
    assert page.status == 400 and page.fields["message"] == "文" and rows(world) == 0


def test_a_file_elsewhere_is_not_taken(world: World, client: CheckedClient) -> None:
    data = body({**client.form(), "what_happened": "文"}, [])[: -len(b"--x--\r\n")]
    data += file_part("a.jpg", b"z" * 900_000, field="photo") + b"--x--\r\n"
    page = client.fetch("POST", "report", data=data, content_type=BOUNDARY)
    assert page.status == 400 and page.fields["what_happened"] == "文" and rows(world) == 0


@pytest.mark.parametrize("size", [100, 1_500_000])
@pytest.mark.parametrize("files", [1, 2])
def test_a_connection_that_breaks_leaves_nothing(world: World, size: int, files: int) -> None:
    whole = body({**world.client().form(), "what_happened": "途中"}, [("a", bytes(size))] * files)
    for cut in (len(whole) - 3, len(whole) - 40, len(whole) - size // 2):
        environ = posted("/ja/report", BOUNDARY)
        environ |= {"wsgi.input": io.BytesIO(whole[:cut]), "CONTENT_LENGTH": str(len(whole))}
        _, status, _ = run_wsgi_app(world.app, environ, buffered=True)
        assert status.startswith("400")
        assert rows(world) == 0 and envelopes(world) == []


def test_a_store_that_fails_in_the_middle_keeps_the_text(
    world: World, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden, calls, put = client.form(), [0], Objects.put_piece

    def fail(*given: Any) -> int:
        calls[0] += 1
        if calls[0] == 3:
            raise StoreFailed("disk full")
        return put(*given)

    monkeypatch.setattr(Objects, "put_piece", fail)
    page = send(client, "report", {**hidden, "what_happened": "残る文"}, [("a", bytes(2_000_000))])
    assert page.status == 503 and page.fields["what_happened"] == "残る文" and rows(world) == 0


def test_text_is_limited_as_without_files(world: World, client: CheckedClient) -> None:
    page = send(client, "report", {**client.form(), "what_happened": "x" * 2_100_000}, [("a", b"file")])
    assert page.status == 413 and rows(world) == 0


@pytest.mark.parametrize(("path", "told"), [("keys", "405"), ("outside", "413")])
def test_other_pages_take_no_large_bodies(world: World, path: str, told: str) -> None:
    environ = posted(f"/ja/{path}", BOUNDARY)
    environ |= {"wsgi.input": io.BytesIO(b""), "CONTENT_LENGTH": "3000000"}
    _, status, _ = run_wsgi_app(world.app, environ, buffered=True)
    assert status.startswith(told) and rows(world) == 0


# --- many at once


def test_large_uploads_take_half_of_the_threads(world: World, client: CheckedClient) -> None:
    portal = world.app.extensions["meyasubako"]
    portal.slots = Slots(2)
    with portal.slots.taken() as free:
        assert free
        page = report(client, ("a", bytes(3_000_000)))
        assert page.status == 503 and page.fields["what_happened"] == "隠された" and rows(world) == 0
        # Small ones never wait: they were collected before they got a thread.
        assert report(client, ("a", bytes(1_000_000))).status == 200
        with portal.slots.taken() as second:
            assert not second
            with pytest.raises(ServiceUnavailable), portal.slots.taken():
                pass
    assert report(client, ("a", bytes(3_000_000))).status == 200


# --- the parser


LIMITS = Limits(100_000, 10, 3, 5_000_000)


class Dribble(io.BytesIO):
    """Gives what it holds in pieces of odd sizes, as a network does."""

    def __init__(self, data: bytes, seed: int) -> None:
        super().__init__(data)
        self._sizes = random.Random(seed)

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._sizes.choice((1, 3, 17, 4096, 65_536)))


@given(
    st.lists(st.tuples(st.text(max_size=20), st.booleans(), st.binary(max_size=300)), max_size=5),
    st.integers(0, 2**32),
)
@settings(max_examples=60, deadline=None)
def test_however_it_arrives_it_is_the_same_form(parts: list[tuple[str, bool, bytes]], seed: int) -> None:
    texts = [("f", data.hex()) for _, is_file, data in parts if not is_file]
    whole = b"".join(part(name, value.encode()) for name, value in texts) + b"--x--\r\n"
    parsed = read_form(Dribble(whole, seed), b"x", LIMITS, None, None, True)  # type: ignore[arg-type]
    assert parsed.form.getlist("f") == [value for _, value in texts]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\\\Users\\\\yamada\\\\a.pdf", "a.pdf"),
        ("../../etc/passwd", "passwd"),
        ("か\u3099.txt", "が.txt"),
        ("a\x07b\u202egpj.exe", "abgpj.exe"),
        ("長" * 300 + ".xlsx", "長" * 65 + ".xlsx"),
        ("\u202e", "file"),
    ],
)
def test_names_of_files(world: World, client: CheckedClient, sent: str, kept: str) -> None:
    assert report(client, (sent, b"x")).status == 200
    assert payloads(world)[0]["files"][0]["name"] == kept


def test_half_a_form_is_none(world: World) -> None:
    objects = make_objects(world.settings, world.engine)
    whole = part("f", b"text") + file_part("a", bytes(900_000)) + b"--x--\r\n"
    for cut in (5, 60, 500_000, len(whole) - 4):
        with pytest.raises(BadRequest):
            read_form(io.BytesIO(whole[:cut]), b"x", LIMITS, objects, world.day, True)
        assert rows(world) == 0


# --- a file that could not be cleaned

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
UNCLEANED = {
    "broken.pdf": b"%PDF-1.7\n" + bytes(40),
    "broken.docx": b"PK\x03\x04" + bytes(60),
    "photos.zip": b"PK\x03\x04" + bytes(60),
    "photo.heic": HEIC,
    "film.mp4": b"\0\0\0\x18ftypisom" + bytes(64),
    "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
    "late.pdf": bytes(900) + b"%PDF-1.7\n" + bytes(400),
}


@pytest.mark.parametrize("name", UNCLEANED)
def test_what_could_not_be_cleaned_is_asked_about_before_it_goes(
    name: str, world: World, client: CheckedClient
) -> None:
    asked = report(client, (name, UNCLEANED[name]), ("ok.txt", b"text"))
    assert asked.status == 400 and payloads(world) == []
    assert asked.html.count('name="send_as_is"') == 1 and "まだ何も送っていません" in asked.html
    assert rows(world) == 2, "both files wait, sealed"
    again = {key: asked.fields[key] for key in ("code", "csrf_token", "kept_files", "what_happened")}
    unanswered = send(client, "report", again)
    assert unanswered.status == 400 and payloads(world) == []
    (uncleaned,) = re.findall(r'name="send_as_is" value="([0-9a-f]{32})"', unanswered.html)
    done = send(client, "report", {**again, "send_as_is": uncleaned})
    assert done.status == 200
    (payload,) = payloads(world)
    assert opened(world, payload) == [UNCLEANED[name], b"text"]
    assert [one["cleaned"] for one in payload["files"]] == ["not", "not"]


def test_it_can_be_left_out_and_sent_later(world: World, client: CheckedClient) -> None:
    asked = report(client, ("photo.heic", HEIC))
    again = {key: asked.fields[key] for key in ("code", "csrf_token", "kept_files", "what_happened")}
    (uncleaned,) = re.findall(r'name="send_as_is" value="([0-9a-f]{32})"', asked.html)
    done = send(client, "report", {**again, "drop_file": uncleaned})
    assert done.status == 200 and payloads(world)[0]["files"] == [] and rows(world) == 0
    case = client.look(done.code)
    reply = {"token": case.fields["token"], "message": "追加"}
    later = send(client, "status", reply, [("photo.heic", HEIC)])
    assert len(payloads(world)) == 1 and later.html.count('name="send_as_is"') == 1
    kept = {key: later.fields[key] for key in ("token", "kept_files", "message")}
    sent = send(
        client, "status", {**kept, "send_as_is": re.findall(r'send_as_is" value="(\w+)"', later.html)[0]}
    )
    assert sent.status == 200 and opened(world, payloads(world)[1]) == [HEIC]


def test_no_turn_is_asked_about_and_one_request_waits_once(
    world: World, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = io.BytesIO()
    Image.new("L", (8, 8)).save(picture, "JPEG", comment=b"Hanako")
    waits: list[float] = []
    taken = threading.BoundedSemaphore(1)
    taken.acquire()

    class Turns:
        def acquire(self, timeout: float) -> bool:
            waits.append(timeout)
            return taken.acquire(timeout=min(timeout, 0.05))

    monkeypatch.setattr("portal.cleaning._turns", Turns())
    monkeypatch.setattr("portal.uploads.receive.Patience", lambda: cleaning.Patience(0.04))
    asked = report(client, *((f"{number}.jpg", picture.getvalue()) for number in range(3)))
    assert asked.status == 400 and payloads(world) == [] and asked.html.count('name="send_as_is"') == 3
    assert waits[0] > 0 and waits[1:] == [0.0, 0.0]


def test_a_file_is_let_go_only_by_who_was_asked(world: World, client: CheckedClient) -> None:
    asked = report(client, ("photo.heic", HEIC), send_as_is="00" * 16)
    assert asked.status == 400 and payloads(world) == []
