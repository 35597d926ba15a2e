"""The poster: what is on it is what the site and its readers' keys say, and its code is read by another program."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from admin.poster import MOST_READERS, Poster, PosterReader, poster_pdf
from cases.contacts import contact
from crypto.cards import fingerprint
from tests.cli.support import run
from tests.support.site import Site, make_site

ADDRESS = "https://speakup.example.jp"
ONION = "http://aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion"
ADVICE = contact("caa_consult_dial")


def words_and_picture(raw: bytes) -> tuple[str, Image.Image]:
    """Return the words of the only page, without blanks, and the page as a picture. It has to be A4."""
    with closing(pypdfium2.PdfDocument(raw)) as document:
        (page,) = list(document)
        assert [round(length / 72 * 25.4) for length in page.get_size()] == [210, 297]
        return "".join(page.get_textpage().get_text_bounded().split()), page.render(scale=2).to_pil()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = make_site(tmp_path_factory.mktemp("poster") / "site")
    text = made.config.read_text("utf-8")
    own = f'[site]\naddress = "{ADDRESS}/"\nonion = "{ONION}"\n'
    made.config.write_text(text.replace("[site]\n", own), "utf-8")
    return made


def test_what_stands_on_it(site: Site, tmp_path: Path) -> None:
    made = run(tmp_path, "poster", "--out", "poster.pdf", config=site.config)
    assert made.code == 0 and "カードの確認用の文字列と同じか" in made.err, made.err
    words, picture = words_and_picture((tmp_path / "poster.pdf").read_bytes())
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == f"{ADDRESS}/"
    for said in (ADDRESS, ONION, "試験の目安箱", "TestMeyasubako", *ADVICE.phone, ADVICE.checked.isoformat()):
        assert said in words, said
    assert ADVICE.hours and "".join(ADVICE.hours["ja"].split()) in words
    for auditor in site.auditors:
        assert fingerprint(auditor.card.key_id).replace(" ", "") in words
        assert "".join(auditor.card.name["ja"].split()) in words


def test_another_address_can_be_given_and_no_file_is_written_over(site: Site, tmp_path: Path) -> None:
    given = ("poster", "--out", "poster.pdf", "--address", "https://other.example.jp")
    assert run(tmp_path, *given, config=site.config).code == 0
    before = (tmp_path / "poster.pdf").read_bytes()
    assert "https://other.example.jp" in words_and_picture(before)[0]
    assert run(tmp_path, *given, config=site.config).code == 1
    assert (tmp_path / "poster.pdf").read_bytes() == before


@pytest.mark.parametrize(
    ("auditors", "more", "code", "said"),
    [
        (1, (), 3, "site.address"),
        (1, ("--address", "http://speakup.example.jp"), 3, "site.address must be https://"),
        (0, ("--address", ADDRESS), 1, "Nobody is enrolled"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_written(
    tmp_path: Path, auditors: int, more: tuple[str, ...], code: int, said: str
) -> None:
    site = make_site(tmp_path / "site", auditors)
    made = run(tmp_path, "poster", "--out", "poster.pdf", *more, config=site.config)
    assert made.code == code and said in made.err and not (tmp_path / "poster.pdf").exists()


def test_long_names_and_many_readers_stay_on_the_sheet() -> None:
    readers = [
        PosterReader("監査" * 50, "Audit department " * 6, fingerprint(bytes([number]) * 16))
        for number in range(12)
    ]
    poster = Poster(
        "目安" * 50, "Meyasubako " * 9, f"https://{'a' * 60}.{'b' * 60}.example.jp:65535", readers, ADVICE,
        date(2026, 11, 27), ONION, "例示" * 50, "Example " * 12,
    )  # fmt: skip
    raw = poster_pdf(poster)
    words, picture = words_and_picture(raw)
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == f"{poster.address}/" and poster.address in words
    shown = [reader.fingerprint.replace(" ", "") in words for reader in readers]
    assert shown == [True] * MOST_READERS + [False] * (12 - MOST_READERS) and "4more" in words
    assert poster_pdf(poster) == raw
    # Nothing is written past the sheet's edges: a white margin is left on both sides below the band.
    rows = picture.convert("L").crop((0, 440, picture.width, picture.height))
    for edge in ((0, 0, 20, rows.height), (rows.width - 20, 0, rows.width, rows.height)):
        assert rows.crop(edge).getextrema() == (255, 255)
    assert poster_pdf(replace(poster, readers=readers[:1])) != raw
