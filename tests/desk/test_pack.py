"""A pack for counsel: what is blacked out is in no byte of it, and each pack is on record before it leaves the desk."""

from __future__ import annotations

import hashlib
import io
import subprocess
import zipfile

import httpx
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.desk.reports import pdf_and_zip
from admin.desk.reports.redaction import (
    BLACK,
    Altered,
    Unbalanced,
    redacted,
    without_marks,
    without_words,
    words_of,
)
from admin.desk.web.context import desk_of
from crypto import pack
from crypto.encoding import b64d
from crypto.errors import CannotOpen
from crypto.identity import new_identity
from tests.desk.browser import Browser, Page, check
from tests.desk.pdf_words import words_of as words_of_pdf
from tests.desk.test_deletion import act
from tests.desk.test_intake import written
from tests.desk.world import PASSPHRASE, CountingTransport, Sent, World

SECRET = "鈴木花子"
NAME = "マルヒ太郎"


@pytest.fixture
def sent(world: World, browser: Browser) -> Sent:
    report = world.report(
        (),
        [world.attach(b"%PDF-1.7 " + SECRET.encode(), name=f"{SECRET}.pdf")],
        what_happened=f"経理の{SECRET}さんが見ました。{NAME}が持ち出しました。",
        who=f"{NAME}、経理",
    )
    browser.reply(report.case_id, f"{NAME}について調べます。")
    world.from_reporter(report, {"message": f"ﾏﾙﾋ太郎に知られました。{SECRET}より"})
    return report


def path_of(report: Sent) -> str:
    return f"cases/{report.case_id.hex()}/pack"


def marked(browser: Browser, report: Sent, **changed: str) -> Page:
    """Choose everything but the files, and black out a passage and a name."""
    page = browser.get(path_of(report))
    check(page)
    form = page.fields("/pack/check")
    form |= {name.replace("pk_text_", "pk_in_"): "yes" for name in form if name.startswith("pk_text_")}
    form = {name: text.replace(f"{SECRET}さん", f"[[{SECRET}さん]]") for name, text in form.items()}
    form = {name: text.replace(f"{SECRET}より", f"[[{SECRET}より]]") for name, text in form.items()}
    form |= {"pk_to": "弁護士 丙川", "pk_words": NAME, **changed}
    return browser.post(f"{path_of(report)}/check", form)


def made(browser: Browser, report: Sent, page: Page) -> bytes:
    data = page.fields("/pack/make")
    answer = browser.raw("POST", f"/ja/{path_of(report)}/make", data=data)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return bytes(answer.get_data())


def texts_in(raw: bytes) -> list[bytes]:
    """Return all that is in a pack: its bytes, its files, each stream of its PDF, and what a reader of PDFs shows."""
    found = [raw]
    with zipfile.ZipFile(io.BytesIO(raw)) as folder:
        for name in folder.namelist():
            found += [name.encode(), folder.read(name)]
        pdf = folder.read("pack.pdf")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found += [str(document.docinfo).encode(), str(document.trailer).encode()]
        for thing in document.objects:
            if isinstance(thing, pikepdf.Stream):
                found.append(thing.read_bytes())
    printed = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return [*found, printed, b"".join(printed.split())]


def spellings(word: str) -> list[bytes]:
    return [word.encode(code) for code in ("utf-8", "utf-16-be", "utf-16-le", "shift_jis", "euc_jp")]


def test_what_is_blacked_out_is_in_no_byte_of_the_pack(world: World, browser: Browser, sent: Sent) -> None:
    page = marked(browser, sent)
    assert page.status == 200 and SECRET not in page.text and NAME not in page.text and "ﾏﾙﾋ" not in page.text
    assert page.text.count(BLACK) >= 5
    raw = made(browser, sent, page)
    places = texts_in(raw)
    for word in (SECRET, NAME, "ﾏﾙﾋ太郎", sent.case_id.hex()):
        for place in places:
            assert not any(spelled in place for spelled in spellings(word)), word
    printed = places[-1].decode()
    # The control: the rest is there, and the boxes are.
    assert "について調べます。" in printed and printed.count(BLACK) >= 5 and "丙川" in printed
    with zipfile.ZipFile(io.BytesIO(raw)) as folder:
        assert folder.namelist() == ["pack.pdf", "pack.txt", pdf_and_zip.MANIFEST, pdf_and_zip.HASHES]
        assert "について調べます。" in folder.read("pack.txt").decode()


def test_a_pack_is_on_record_in_the_export_log_and_in_the_case(
    world: World, browser: Browser, sent: Sent
) -> None:
    raw = made(browser, sent, marked(browser, sent))
    with zipfile.ZipFile(io.BytesIO(raw)) as folder:
        digest = hashlib.sha256(folder.read(pdf_and_zip.HASHES)).hexdigest()
    assert digest in browser.case(sent.case_id).text
    work = desk_of(browser.app).work()
    roster = work.kept_roster()
    assert roster is not None
    [line] = work.register.exports(roster)
    assert b64d(line.details["hash"]).hex() == digest and line.details["to"] == "弁護士 丙川"
    assert line.details["what"] == "pack" and line.details["case"] == sent.case_id.hex()
    whole = hashlib.sha256(raw).hexdigest()
    assert b64d(line.details["file"]).hex() == whole and line.details["size"] == len(raw)
    sheet = browser.get(f"register/pack/{whole}").text
    assert whole[:8] in sheet and whole[56:] in sheet and "弁護士 丙川" in sheet
    browser.get(f"register/pack/{digest}", status=404)
    # A colleague's desk has it too: it is no case's.
    other = Browser(world.desk(1))
    other.get("")
    there = desk_of(other.app).work()
    known = there.kept_roster()
    assert known is not None
    assert [b64d(one.details["hash"]).hex() for one in there.register.exports(known)] == [digest]
    shared = other.get("register").text
    assert "SHA256SUMS の SHA-256" in shared and "暗号化なし" in shared
    assert "→ 弁護士 丙川" in shared and digest in shared
    # Two delete the case; the line stays, also at a desk that never had the case.
    act(browser, sent, "propose", delete_reason="保存期間が過ぎました。")
    act(other, sent, "agree")
    browser.get(f"cases/{sent.case_id.hex()}", status=410)
    third = Browser(world.desk(2))
    for each in (browser, other, third):
        each.get("")
        assert digest in each.get("register").text


def test_nothing_is_handed_out_that_is_not_on_record(world: World) -> None:
    report = world.report(what_happened="渡す文")
    transport = CountingTransport()
    browser = Browser(world.desk(transport=transport))
    page = browser.get(path_of(report))
    form = page.fields("/pack/check") | {"pk_to": "弁護士", "pk_in_a_what_happened": "yes"}
    looked = browser.post(f"{path_of(report)}/check", form)

    def away(request: httpx.Request) -> httpx.Response | None:
        if "register" in str(request.url):
            raise httpx.ConnectError("away")
        return None

    transport.before = away
    answer = browser.raw("POST", f"/ja/{path_of(report)}/make", data=looked.fields("/pack/make"))
    assert answer.status_code == 400 and "印は残っています" in answer.get_data(as_text=True)
    transport.before = lambda _request: None
    assert "外部に渡す資料一式" not in browser.case(report.case_id).text
    assert browser.get(path_of(report)).fields("/pack/check")["pk_to"] == "弁護士"


def test_a_pack_for_a_receiver_opens_with_the_receivers_key_alone(
    world: World, browser: Browser, sent: Sent
) -> None:
    counsel, other = new_identity(), new_identity()
    names = [one.get("name") or "" for one in browser.get(path_of(sent)).all("input")]
    [box] = [name for name in names if name.startswith("pk_file_")]
    unchanged = {box: "yes", box.replace("pk_file_", "pk_orig_"): "yes"}
    page = marked(browser, sent, pk_key=pack.receiver_text(counsel.box_pk), **unchanged)
    raw = made(browser, sent, page)
    assert raw[:4] == b"MYP1" and b"PK\x03\x04" not in raw
    opened = b"".join(pack.opened([raw], counsel.box_sk, counsel.box_pk))
    with zipfile.ZipFile(io.BytesIO(opened)) as folder:
        # A file goes along unchanged where that was chosen, under a name that says nothing.
        assert folder.read("files/1.pdf").endswith(SECRET.encode()) and folder.testzip() is None
    with pytest.raises(CannotOpen):
        list(pack.opened([raw], other.box_sk, other.box_pk))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"pk_to": " "}, "だれに渡すか"),
        ({"pk_key": "mypack1-abc"}, "受取人の鍵ではありません"),
        ({"pk_text_a_who": f"{NAME}、経理部"}, "以外の文字が変わっています"),
        ({"pk_text_a_who": f"[[{NAME}、経理"}, "終わらない"),
        ({"pk_text_a_who": f"{NAME}]]、経理"}, "終わらない"),
    ],
)
def test_what_is_wrong_is_said_and_the_marks_stay(
    browser: Browser, sent: Sent, changed: dict[str, str], said: str
) -> None:
    page = marked(browser, sent, **changed)
    assert page.status == 400 and said in page.text
    kept = browser.get(path_of(sent)).fields("/pack/check")
    assert kept["pk_words"] == NAME and "[[" in kept["pk_text_a_what_happened"]


def test_only_a_lead_makes_a_pack(world: World, sent: Sent) -> None:
    second = Browser(world.desk(1))
    assert "責任者だけです" in second.get(path_of(sent)).text
    form = second.case(sent.case_id).fields("/reply") | {"pk_to": "x", "pk_in_a_who": "yes"}
    answer = second.raw("POST", f"/ja/{path_of(sent)}/make", data=form)
    assert answer.status_code == 400 and answer.mimetype == "text/html"


def test_a_box_that_is_not_ticked_any_more_is_left_out(browser: Browser, sent: Sent) -> None:
    """Without scripts a form does not name it."""
    marked(browser, sent)
    form = browser.get(path_of(sent)).fields("/pack/check")
    assert form.pop("pk_in_a_who") == "yes"
    page = browser.post(f"{path_of(sent)}/check", form)
    assert "だれが関わっているか" not in page.text and "何が起きたか" in page.text


def test_marks_survive_the_lock_and_a_new_start(world: World, sent: Sent) -> None:
    """Without scripts they come with the button that is pressed."""
    browser = Browser(world.desk())
    form = browser.get(path_of(sent)).fields("/pack/check")
    form |= {"pk_to": "弁護士", "pk_text_a_who": f"[[{NAME}]]、経理"}
    desk_of(browser.app).keyring.lock()
    locked = Page(browser.raw("POST", f"/ja/{path_of(sent)}/check", data=form))
    assert locked.status == 403
    again = browser.post("unlock", locked.fields("/unlock") | {"passphrase": PASSPHRASE})
    assert again.fields("/pack/check")["pk_text_a_who"] == f"[[{NAME}]]、経理"
    stale = form | {"csrf_token": "old", "pk_purpose": "助言"}
    answer = browser.post(f"{path_of(sent)}/check", stale)
    assert answer.fields("/pack/check")["pk_purpose"] == "助言" and "もう一度" in answer.text


def test_marks_go_with_the_case(world: World, browser: Browser, sent: Sent) -> None:
    marked(browser, sent)
    cache = desk_of(browser.app).work().cache
    assert cache.draft(sent.case_id + b"pack") is not None
    cache.forget_case(sent.case_id)
    assert cache.draft(sent.case_id + b"pack") is None


@given(
    st.text(alphabet="ab[]［］ ｱア\n", max_size=40),
    st.lists(st.text(alphabet="abア", min_size=1, max_size=3), max_size=3),
)
def test_a_marked_text_keeps_nothing_of_what_is_blacked_out(text: str, words: list[str]) -> None:
    plain = without_marks(text)
    while plain != without_marks(plain):
        plain = without_marks(plain)
    assert redacted(plain, plain).text == plain
    assert redacted(plain, f"[[{plain}]]").text == BLACK
    done = redacted(plain, plain, words_of("\n".join(words))).text
    assert without_words(done, words) == done


@pytest.mark.parametrize("marked_text", ["a[[b", "a]]b[[c", "a[[b]]c]]"])
def test_marks_that_do_not_fit_are_refused(marked_text: str) -> None:
    with pytest.raises(Unbalanced):
        redacted(without_marks(marked_text), marked_text)


def test_nothing_else_of_a_text_can_be_changed() -> None:
    for changed in ("はい", "いいえ。", "いい え", "[[いい]]え！"):
        with pytest.raises(Altered):
            redacted("いいえ", changed)
    assert redacted("いいえ", "［［いい］］え").text == f"{BLACK}え"


def test_words_are_blacked_out_whatever_their_case_and_width() -> None:
    assert (
        without_words("ﾌﾞﾁｮｳ と ｓａｔｏ、Sato", words_of("ブチョウ\nSATO")) == f"{BLACK} と {BLACK}、{BLACK}"
    )


@pytest.mark.parametrize(
    "unseen", ["\xad", "\u200b", "\u200d", "\u2060", "\ufeff", "\ufe00", "\U000e0100", "\u202e"]
)
def test_what_is_not_seen_hides_no_word(unseen: str) -> None:
    """葛 with a variation selector, a soft hyphen from a web page: on paper the word is the word."""
    text = f"東の葛{unseen}城{unseen}さん、TA{unseen}NAKA、090{unseen}-1234"
    assert without_words(text, words_of("葛城\nTanaka\n0901234")) == f"東の{BLACK}さん、{BLACK}、{BLACK}"
    assert without_words("葛城", words_of(f"葛{unseen}城\n{unseen}")) == BLACK


@pytest.mark.parametrize("word", ["1200", "1,200", "１２００"])
@pytest.mark.parametrize("text", ["1200", "1,200", "１，２００", "1 200", "1'200", "1.200"])
def test_a_number_is_found_however_its_digits_are_parted(word: str, text: str) -> None:
    assert without_words(f"約{text}人、", words_of(word)) == f"約{BLACK}人、"
    assert without_words("090-1234-5678", words_of("09012345678")) == BLACK
    assert without_words("a-b、1,201", words_of("ab\n1200")) == "a-b、1,201"


def test_a_pack_says_once_who_wrote_a_report_down(world: World, browser: Browser) -> None:
    _page, person = written(world, browser, in_who="経理課")
    path = f"cases/{person.case_id.hex()}/pack"
    page = browser.get(path)
    source = "監査 0（監査部 0）が書きとりました。"
    assert page.text.count(source) == 1
    form = page.fields("/pack/check")
    answers = {name.replace("pk_text_", "pk_in_"): "yes" for name in form if name.startswith("pk_text_a_")}
    assert len(answers) >= 2
    checked = browser.post(f"{path}/check", form | answers | {"pk_to": "弁護士 丙川"})
    check(checked)
    assert checked.text.count(source) == 1 and "0件中" not in checked.text
    raw = browser.raw("POST", f"/ja/{path}/make", data=checked.fields("/pack/make")).get_data()
    with zipfile.ZipFile(io.BytesIO(raw)) as folder:
        text = folder.read("pack.txt").decode()
        words = words_of_pdf(folder.read("pack.pdf")).replace("\n", "")
    assert text.count(source) == 1 and words.count(source) == 1 and "経理課" in words
    named = browser.post(f"{path}/check", form | answers | {"pk_to": "弁護士 丙川", "pk_words": "監査 0"})
    assert source not in named.text and "が書きとりました。" in named.text
