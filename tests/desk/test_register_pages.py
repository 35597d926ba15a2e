"""The pages of what belongs to no case: own templates, stand-ins, persons in charge, shared lists, the export log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.desk.browser import Browser, Page
from tests.desk.world import World

TEMPLATE = {
    "name_ja": "面談のお願い",
    "text_ja": "{today}までに面談をお願いします。場所：[場所を書いてください]",
    "name_en": "Please meet us",
    "text_en": "Please meet us. Where: [please write the place]",
    "category": "",
    "kept": "1",
}


@pytest.fixture
def lead(world: World) -> Browser:
    return Browser(world.desk(0))


@pytest.fixture
def auditor(world: World) -> Browser:
    return Browser(world.desk(1))


def write(browser: Browser, kind: str, fields: dict[str, str], status: int = 200) -> Page:
    form = browser.get("register").fields("/lock")
    page = browser.post(f"register/{kind}", form | fields)
    assert page.status == status, page.text[:2000]
    return page


def test_a_leads_template_is_on_every_desk_and_is_not_sent_unfilled(
    world: World, lead: Browser, auditor: Browser
) -> None:
    sent = world.report(what_happened="x")
    assert "面談のお願い" in write(lead, "template", TEMPLATE).text
    page = auditor.case(sent.case_id)
    assert "面談のお願い" in page.text
    (own_id,) = [
        one.get("value") for one in page.all("button", name="template") if one.text == "面談のお願い"
    ]
    assert own_id is not None
    filled = auditor.post(
        f"cases/{sent.case_id.hex()}/template", page.fields("/reply") | {"template": own_id}
    )
    text = filled.fields("/reply")["message"]
    assert "[場所を書いてください]" in text and "{today}" not in text
    refused = auditor.post(f"cases/{sent.case_id.hex()}/reply", filled.fields("/reply"))
    assert refused.status == 400 and "[ ]" in refused.text
    done = filled.fields("/reply") | {"message": text.replace("[場所を書いてください]", "本社1階")}
    assert auditor.post(f"cases/{sent.case_id.hex()}/reply", done).status == 200
    assert [entry.message for entry in world.reporter_sees(sent).entries if entry.message][-1] == done[
        "message"
    ].strip()


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("name_en", "", "80字以内"),
        ("text_ja", " ", "3,000字以内"),
        ("text_en", "x" * 3001, "3,000字以内"),
        ("text_ja", "{password}", "{…}"),
        ("name_ja", "受け取り ました", "同じ名前"),
        ("name_en", "ｒｅｃｅｉｖｅｄ", "同じ名前"),
        ("text_ja", "[ここに", "かっこの片方"),
    ],
)
def test_a_template_with_a_fault_comes_back_as_it_was_typed(
    lead: Browser, field: str, text: str, said: str
) -> None:
    typed = TEMPLATE | {field: text}
    page = write(lead, "template", typed, 400)
    assert said in page.text and page.fields("/register/template")["name_ja"] == typed["name_ja"]
    assert "面談のお願い" not in lead.get("register").text


def test_an_auditor_writes_no_template_and_a_changed_one_keeps_its_id(
    lead: Browser, auditor: Browser
) -> None:
    assert "責任者" in write(auditor, "template", TEMPLATE, 400).text
    write(lead, "template", TEMPLATE)
    page = lead.get("register")
    (href,) = [one.get("href") for one in page.all("a") if "register/template?id=" in (one.get("href") or "")]
    assert href is not None
    form = lead.get(href.partition("/ja/")[2]).fields("/register/template")
    write(lead, "template", form | {"name_ja": "面談のご案内", "kept": "1"})
    text = auditor.get("register").text
    assert "面談のご案内" in text and "面談のお願い" not in text
    form = lead.get(href.partition("/ja/")[2]).fields("/register/template")
    write(lead, "template", form | {"kept": "0"})
    assert "面談" not in auditor.get("register").text


@pytest.mark.parametrize(
    ("kind", "fields", "way", "later"),
    [
        ("template", TEMPLATE, "register/template?id=", {"text_ja": "あとから書いた文面"}),
        (
            "charge",
            {"name": "社外 次郎", "post": "顧問弁護士", "scope": "調査", "first": "2026-12-01", "last": ""},
            "register?charge=",
            {"scope": "調査と是正"},
        ),
    ],
)
def test_two_who_change_one_entry_do_not_undo_each_other_unseen(
    lead: Browser, kind: str, fields: dict[str, str], way: str, later: dict[str, str]
) -> None:
    write(lead, kind, fields)
    href = next(one.get("href") or "" for one in lead.get("register").all("a") if way in one.get("href", ""))
    page = lead.get(href.partition("/ja/")[2].partition("#")[0])
    form = page.fields(f"/register/{kind}") | fields
    write(lead, kind, form | later)
    write(lead, kind, form | later)  # the same button twice undoes nothing
    (name,) = later
    stale = write(lead, kind, form | {name: "古いページから"}, 400)
    assert "あとに、別の人が変更" in stale.text and later[name] in stale.text
    assert "古いページから" in stale.html
    write(lead, kind, stale.fields(f"/register/{kind}") | fields | {name: "古いページから"})


def test_an_entry_about_a_person_in_charge_is_corrected_and_who_is_missing_is_named(lead: Browser) -> None:
    fields = {"name": "社外 次朗", "post": "顧問弁護士", "scope": "調査", "first": "2026-12-01", "last": ""}
    page = write(lead, "charge", fields)
    assert "名簿にまだない" in page.text
    href = next(one.get("href") or "" for one in page.all("a") if "?charge=" in (one.get("href") or ""))
    form = lead.get(href.partition("/ja/")[2].partition("#")[0]).fields("/register/charge")
    text = write(lead, "charge", form | {"name": "社外 次郎", "last": ""}).text
    assert "社外 次郎" in text and "社外 次朗" not in text


def test_persons_in_charge_are_a_sheet(lead: Browser, auditor: Browser) -> None:
    fields = {"name": "社外 次郎", "post": "顧問弁護士", "scope": "調査", "first": "2026-12-01", "last": ""}
    write(lead, "charge", fields)
    page = auditor.get("register/charges")
    assert all(text in page.text for text in ("社外 次郎", "顧問弁護士", "2026年12月1日"))
    write(auditor, "charge", fields, 400)
    assert "終わりの日" in write(lead, "charge", fields | {"last": "2026-11-01"}, 400).text


def test_who_stands_in_is_led_to_the_cases(world: World, lead: Browser, auditor: Browser) -> None:
    away, by = world.auditors[1].card.person.hex(), world.auditors[0].card.person.hex()
    days = {"first": world.day.isoformat(), "last": (world.day + timedelta(days=3)).isoformat()}
    write(auditor, "stand_in", {"person": by, "by": away, **days}, 400)
    offered = auditor.get("register").fields("/register/stand_in")
    assert offered["by"] == "" and "ほかの人" in write(auditor, "stand_in", offered | days, 400).text
    write(auditor, "stand_in", {"person": away, "by": by, **days})
    page = lead.get()
    assert "の代理です" in page.text and f"?owner={away}" in page.html
    write(auditor, "stand_in", {"person": away, "by": ""})
    assert "の代理です" not in lead.get().text


def test_a_list_is_shared_without_what_is_a_cases(world: World, lead: Browser, auditor: Browser) -> None:
    world.report(what_happened="x")
    asked = {"name": "会計だけ", "category": "accounting", "owner": "0" * 32, "label": "x", "kept": "1"}
    form = auditor.get("?category=accounting").fields("/filter")
    auditor.post("register/view", form | asked)
    page = lead.get()
    (link,) = [one for one in page.all("a") if one.text and one.text.strip() == "会計だけ"]
    assert (link.get("href") or "").endswith("?category=accounting")


def test_what_leaves_is_in_a_log_that_outlives_its_case(
    world: World, lead: Browser, auditor: Browser
) -> None:
    sent, out = (
        world.report(what_happened="x"),
        world.report([world.auditors[1].card.person], what_happened="y"),
    )
    for case in (sent, out):
        form = lead.get(f"cases/{case.case_id.hex()}/export").fields("/export/pdf")
        assert lead.raw("POST", f"/ja/cases/{case.case_id.hex()}/export/pdf", data=form).status_code == 200
    number = sent.case_id.hex()[:4].upper()
    told = lead.get("register").text
    assert told.count("案件のPDF") == 2 and number in told
    assert auditor.get("register").text.count("案件のPDF") == 1
