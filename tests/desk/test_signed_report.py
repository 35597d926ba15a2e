"""Anyone who writes into the database puts another report in the place of one that no desk has fetched."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select, update

from admin.desk.web.context import desk_of
from crypto import messages, seal
from crypto.envelope import Kind, envelope_hash
from crypto.receipt import Receipt, derive, new_code
from store import cases, db
from store.tables import case_file, envelope
from tests.desk.browser import Browser
from tests.desk.world import World

FORGED = "備品の話 MARKER-FORGED"


def _payload(receipt: Receipt, text: str = FORGED) -> dict[str, object]:
    return messages.report_payload({"what_happened": text}, [], receipt)


def test_a_report_under_the_codes_own_keys_can_not_be_forged(world: World, browser: Browser) -> None:
    """All that the database shows of a code is in it, but no signature of the code."""
    code, forger = new_code(), derive(new_code(), world.salt)
    receipt = derive(code, world.salt)
    out = world.auditors[2].card.person
    payload = messages.report_payload({"what_happened": FORGED}, [out], receipt)
    sent = world.store_report(code, receipt, payload, [out], signer=forger)
    world.from_reporter(sent, {"message": "ほんとうの続報"})
    page = browser.case(sent.case_id)
    # Nothing is lost of it, and nothing is believed of it.
    assert "MARKER-FORGED" in page.text and "正しい署名がありません" in page.text
    assert "返事を送れません" in page.text and not page.all("textarea", name="message")
    article = "".join(page.all("article")[0].itertext())
    assert "未確認：だれの発言とも言えません" in article
    # Whom it excludes stays out.
    assert world.auditors[2].card.name["ja"] in page.text and page.all(
        "section", **{"aria-labelledby": "excluded-people"}
    )
    # The reporter's page does not take it for the reporter's, nor for anybody's.
    seen = world.reporter_sees(sent)
    assert [entry.message for entry in seen.entries] == ["ほんとうの続報"] and seen.unchecked == 1
    # It is found by its words all the same.
    form = {"csrf_token": page.fields("/lock")["csrf_token"], "words": "MARKER-FORGED"}
    assert desk_of(browser.app).handles.of(sent.case_id) in browser.post("search", form).html


def test_a_report_with_a_forgers_own_keys_shows_at_the_first_true_message(
    world: World, browser: Browser
) -> None:
    code, forger = new_code(), derive(new_code(), world.salt)
    receipt = derive(code, world.salt)
    payload = _payload(replace(receipt, sign_seed=forger.sign_seed, sign_pk=forger.sign_pk))
    sent = world.store_report(code, receipt, payload, signer=forger)
    page = browser.case(sent.case_id)
    assert "正しい署名がありません" not in page.text and not page.all("p", id="foreign")
    browser.reply(sent.case_id, "備品についての返事")
    world.from_reporter(sent, {"message": "ほんとうの続報"})
    page = browser.case(sent.case_id)
    assert page.all("p", id="foreign") and "差し替えられたものであるおそれ" in page.text
    with db.reading(world.engine) as conn:
        raw = cases.envelopes(conn, sent.case_id)[0].raw
    assert envelope_hash(raw).hex() in page.text


def test_an_exchanged_report_makes_every_answer_nobodys_for_its_reporter(
    world: World, browser: Browser
) -> None:
    """The true report is what the reporter is shown; the desk had fetched another one."""
    out = world.auditors[2].card.person
    sent = world.report([out], what_happened="ほんとうの通報")
    forger = derive(new_code(), world.salt)
    keys = replace(sent.receipt, sign_seed=forger.sign_seed, sign_pk=forger.sign_pk)
    payload = {**_payload(keys), "envelope_id": sent.envelope_id.hex()}
    forged = seal.seal(
        Kind.REPORT, sent.envelope_id, messages.sign_reporter(Kind.REPORT, payload, forger), world.slots()
    )
    true = _put(world, sent.envelope_id, forged.raw, seal.act_pk(forged.content_key))
    browser.reply(sent.case_id, "備品についての返事")
    _put(world, sent.envelope_id, *true)
    seen = world.reporter_sees(sent)
    assert seen.entries[0].answers["what_happened"] == "ほんとうの通報"
    assert [entry for entry in seen.entries if entry.author] == [] and seen.unchecked == 1


def _put(world: World, envelope_id: bytes, raw: bytes, act_pk: bytes) -> tuple[bytes, bytes]:
    """Write a report's bytes and act key into the database; return what was there."""
    of_case = envelope.c.envelope_id == envelope_id
    with world.engine.begin() as conn:
        case_id, old = conn.execute(select(envelope.c.case_id, envelope.c.raw).where(of_case)).one()
        in_file = case_file.c.case_id == case_id
        before = conn.execute(select(case_file.c.act_pk).where(in_file)).scalar_one()
        conn.execute(update(envelope).where(of_case).values(raw=raw))
        conn.execute(update(case_file).where(in_file).values(act_pk=act_pk))
    return old, before
