"""No incomplete language is offered; `make translations` and `doctor` say what it lacks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from admin.commands.doctor.program import incomplete_languages
from hatch_build import compile_catalogues
from portal.labels.i18n import FURTHER, LANGUAGES, TRANSLATIONS, offered
from templates import catalogues
from tests.portal.conftest import World
from tests.portal.desk import envelopes
from tests.support import translations as report
from tests.support.catalogues import ROOT, Catalogues, translations
from tests.support.sentences import merged

LEFT_OUT = "Send the report"
DAYS = "Step %(number)s of %(of)s: %(title)s"


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """Return a folder of catalogues in which French is English, sentence for sentence."""
    for locale in ("en", "ja"):
        shutil.copytree(TRANSLATIONS / locale, tmp_path / locale)
    write(tmp_path, english())
    return tmp_path


def english() -> Catalog:
    with (TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="fr")


def write(folder: Path, catalogue: Catalog) -> None:
    place = folder / "fr" / "LC_MESSAGES"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "messages.mo").open("wb") as compiled, (place / "messages.po").open("wb") as source:
        write_mo(compiled, catalogue)
        write_po(source, catalogue)


@pytest.mark.parametrize("language", ["ja", "en", "easy", "easy-kanji"])
def test_changing_the_language_keeps_the_form_and_checks_nothing(world: World, language: str) -> None:
    """Without scripts: each button brings back all that was typed, in its language, and nothing is stored."""
    page = world.client(language).get("report")
    buttons = page.all("button", name="change", form="form")
    typed = {"who": " 山田 ", "when": "きのう", "cause": "attack"}
    person = world.auditors[0].card.person.hex()
    sent = [
        *((name, page.fields[name]) for name in ("code", "csrf_token")),
        *typed.items(),
        ("exclude", person),
    ]
    assert len(buttons) == (3 if language.startswith("easy") else 2)
    for button in buttons:
        to = str(button.get("formaction"))
        other = world.client(to.split("/")[1]).post(to, [*sent, ("change", str(button.get("value")))])
        assert other.status == 200 and other.lang == button.get("lang")
        assert other.fields["code"] == page.fields["code"] and other.ticked("exclude") == [person]
        assert (other.fields["who"], other.fields["when"]) == (" 山田 ", "きのう")
        assert other.ticked("cause") == ["attack"] and not other.all("p", id="what_happened-error")
        # Only plain Japanese leads to plain Japanese without furigana.
        back = language if to == "/easy/report" else language.removesuffix("-kanji")
        assert other.all("button", name="change", form="form", formaction=f"/{back}/report")
    assert envelopes(world) == []


def test_changing_the_language_keeps_what_is_checked(world: World) -> None:
    client = world.client("ja")
    checked = client.post("report", [*client.form().items(), ("what_happened", "起きた"), ("check", "yes")])
    (button,) = checked.all("button", formaction="/en/report", form="checked")
    fields = [*checked.fields.items(), (str(button.get("name")), str(button.get("value")))]
    english = world.client("en").post("report", fields)
    assert "Nothing has been sent yet" in english.text and english.fields["what_happened"] == "起きた"
    assert envelopes(world) == []


def test_the_site_offers_its_three_languages_and_no_other() -> None:
    assert set(LANGUAGES) == {"ja", "en", "easy", *FURTHER}
    for locale in ("ja", "en", "ja@easy"):
        assert catalogues.faults(TRANSLATIONS, locale) == ()


def test_a_whole_language_is_offered(planted: Path) -> None:
    assert offered({"fr": "français"}, planted, ("ja", "en", "fr"))["fr"] == "français"
    assert list(incomplete_languages("portal", planted)) == []


def test_a_language_without_texts_in_the_data_is_not_offered(planted: Path) -> None:
    assert "fr" not in offered({"fr": "français"}, planted, ("ja", "en"))


@pytest.mark.parametrize("text", ["", " ", None])
def test_an_incomplete_language_is_not_offered(planted: Path, text: str | None) -> None:
    catalogue = english()
    if text is None:
        catalogue.delete(LEFT_OUT)
    else:
        catalogue[LEFT_OUT].string = text
    write(planted, catalogue)
    assert "fr" not in offered({"fr": "français"}, planted, ("ja", "en", "fr"))
    (finding,) = incomplete_languages("portal", planted)
    assert finding.level == "warn" and f"missing: {LEFT_OUT}" in finding.text and "portal/fr" in finding.text


def test_a_language_with_another_place_to_fill_in_is_not_offered(planted: Path) -> None:
    catalogue = english()
    catalogue[DAYS].string = "Étape %(nombre)s sur %(of)s : %(title)s"
    write(planted, catalogue)
    assert "fr" not in offered({"fr": "français"}, planted, ("ja", "en", "fr"))
    assert catalogues.faults(planted, "fr") == (f"other places to fill in: {DAYS}",)


def test_a_language_without_a_catalogue_is_not_offered(tmp_path: Path) -> None:
    assert "fr" not in offered({"fr": "français"}, tmp_path, ("ja", "en", "fr"))


def test_the_report_names_what_is_missing(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = english()
    catalogue.delete(LEFT_OUT)
    catalogue[DAYS].string = "Étape %(nombre)s"
    catalogue.add("A sentence of nowhere", "Une phrase")
    write(planted, catalogue)

    class Planted(Catalogues):
        def of(self, language: str) -> Catalog:
            with (planted / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
                read = read_po(file, locale=language, abort_invalid=True)
            plural = next(message for message in read if message.pluralizable and message.id)
            plural.string = translations(plural)[:1]
            return read

    monkeypatch.setattr(report, "SITE", Planted("portal", "portal"))
    said = "\n".join(report.report("fr"))
    assert f"site, pages: 1 missing\n    {LEFT_OUT}" in said
    assert f"site: other places to fill in: {DAYS}" in said
    assert "site: no longer used: A sentence of nowhere" in said
    assert "site: 1 plural forms and not 2: " in said
    assert "data: " in said and "desk: " in said


def test_texts_of_the_data_are_counted(tmp_path: Path) -> None:
    (tmp_path / "few.toml").write_text(
        '[first]\nja = "あ {day}"\nen = "a {day}"\nfr = "b"\n[[reply]]\nid = "x"\ntext.ja = "い"\ntext.en = "i"\n',
        "utf-8",
    )
    assert list(report.texts_missing("fr", tmp_path)) == [
        "few.first (other places to fill in)",
        "few.reply[x].text",
    ]
    assert list(report.texts_missing("ja", tmp_path)) == []


def test_what_is_committed_is_whole() -> None:
    compile_catalogues(Path(__file__).parents[2])
    assert [language for language in report.languages() if report.report(language)] == []


def test_a_changed_sentence_keeps_its_place_and_its_translation_is_marked() -> None:
    source = (ROOT / "portal" / "translations" / "ja" / "LC_MESSAGES" / "messages.po").read_text("utf-8")
    sentences = Catalogues("portal", "portal").in_sources
    assert merged(source, sentences, "ja") == source
    changed = (sentences - {LEFT_OUT}) | {
        LEFT_OUT + " now",
        "Quite another matter: 17",
        ("%(n)s elk", "%(n)s elks"),
    }
    before, entry, after = source.partition(f'msgid "{LEFT_OUT}"\n')
    text = merged(source, changed, "ja")
    assert text.startswith(f'{before}#, fuzzy\nmsgid "{LEFT_OUT} now"\n{after.rstrip()}')
    assert text.endswith(
        'msgid_plural "%(n)s elks"\nmsgstr[0] ""\n\nmsgid "Quite another matter: 17"\nmsgstr ""\n'
    )
    assert entry and merged(text, sentences - {LEFT_OUT}, "ja") == source.replace(
        entry + after.partition("\n\n")[0] + "\n\n", ""
    )
