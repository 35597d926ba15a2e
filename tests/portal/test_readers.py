"""What a reporter saw is what was sealed: attacks on the list of readers, by the database and by its own people.

Each is one of the review of 2026-11-27 (F1, F3, F4), or a variant of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from crypto import cards as crypto_cards
from crypto import messages, seal
from crypto.cards import Card
from crypto.encoding import b64d
from crypto.envelope import decode
from crypto.errors import BadData
from crypto.identity import Identity, new_identity
from crypto.listing import Floor, check_readers
from portal import create_app
from store import cards as store_cards
from store import db
from store import tables as t
from tests.portal.client import CheckedClient, Page
from tests.portal.conftest import World, enroll, listing, newcomer, retire
from tests.portal.desk import Desk, envelopes, open_as
from tests.portal.test_files import send
from tests.support.attacks import sealed_anew
from tests.support.site import Auditor

WORDS = "名簿が隠されています。"


def slots(world: World, which: int = -1) -> frozenset[bytes]:
    return frozenset(slot.key_id for slot in decode(envelopes(world)[which][1].raw).slots)


def keys(auditors: list[Auditor]) -> frozenset[bytes]:
    return frozenset(one.card.key_id for one in auditors)


def restarted(world: World) -> CheckedClient:
    """The same site in a process that has just started."""
    app = create_app(
        world.settings, world.engine, world.secrets, bytes(32), today=lambda: world.day, now=lambda: world.now
    )
    return CheckedClient(app, "ja")


def card_of(who: Identity, like: Card, person: bytes | None = None, **changed: Any) -> Card:
    """A card with its own signature, with the words of another one but for what is given."""
    words = {"name": like.name, "role": like.role, **changed}
    return crypto_cards.new_card(who.box_pk, who.sign_pk, who.sign_seed, person=person, **words)


def put(world: World, place: int, card: Card) -> None:
    with db.writing(world.engine) as conn:
        row = {"seq": place, "key_id": card.key_id, "person": card.person, "raw": card.encode()}
        conn.execute(insert(t.card), row | {"enrolled_day": world.day})


# F3: write access to the database alone


def test_a_row_in_front_of_the_list_is_sealed_nothing(world: World, client: CheckedClient) -> None:
    operator = new_identity()
    put(world, 0, card_of(operator, world.auditors[0].card, name={"ja": "運用", "en": "Operator"}))
    for browser in (client, restarted(world)):
        assert browser.report(what_happened=WORDS).status == 200
        assert slots(world) == keys(world.auditors)
        assert "運用" not in browser.get("keys").text
    assert listing(world).documents == [one.card for one in world.auditors]


def test_a_list_rebuilt_under_another_first_card_is_no_list(world: World, client: CheckedClient) -> None:
    """Its form would be the same to the last character."""
    operator, first = new_identity(), world.auditors[0].card
    front = card_of(operator, first, first.person)
    rebuilt = [front]
    for one in world.auditors:
        own = Card(
            one.card.person, one.card.name, one.card.role, one.card.box_pk, one.card.sign_pk, one.card.sig
        )
        rebuilt.append(crypto_cards.vouch(own, operator.key_id, operator.sign_seed))
    before = client.form()
    with db.writing(world.engine) as conn:
        conn.execute(delete(t.card))
    for place, card in enumerate(rebuilt, 1):
        put(world, place, card)
    # A process that knows the true list goes on with it; one that starts has nobody to seal to.
    sent = client.report(before, what_happened=WORDS)
    assert sent.status == 200 and slots(world) == keys(world.auditors)
    fresh = restarted(world)
    assert fresh.get("report").status == 503
    assert fresh.raw("GET", "/healthz").status_code == 503
    assert fresh.raw("GET", "/keys.json").get_json()["list"] == []


@pytest.mark.parametrize("how", ["first_gone", "moved_back", "exchanged"])
def test_a_list_without_its_first_card_at_its_place_is_no_list(world: World, how: str) -> None:
    """Variants: the pinned card is taken away, moved behind another one, or another card is under its key id."""
    first = world.auditors[0].card
    with db.writing(world.engine) as conn:
        if how == "first_gone":
            conn.execute(delete(t.card).where(t.card.c.key_id == first.key_id))
        elif how == "moved_back":
            conn.execute(update(t.card).where(t.card.c.key_id == first.key_id).values(seq=50))
        else:
            other = card_of(new_identity(), first, first.person)
            conn.execute(update(t.card).where(t.card.c.key_id == first.key_id).values(raw=other.encode()))
    found = restarted(world).get("report")
    if how == "moved_back":
        # It is the first one again; who stood ahead of it is left out, since nobody vouched for them there.
        assert found.status == 200 and listing(world).documents == [first]
    else:
        assert found.status == 503


def test_a_retired_lead_does_not_retire_the_others(world: World) -> None:
    """The retirement of the lead stays; notes in the lead's name come behind it, for one reporter."""
    lead = newcomer(world.auditors[0].identity, "以前の責任者", duty="lead")
    with db.writing(world.engine) as conn:
        enroll(conn, lead.card)
        retire(conn, lead)
    own = lead.identity
    with db.writing(world.engine) as conn:
        for one in world.auditors:
            note = crypto_cards.new_retirement(one.card.key_id, world.day, own.key_id, own.sign_seed)
            store_cards.retire(conn, one.card.key_id, note.encode(), world.day)
    assert restarted(world).report(what_happened=WORDS).status == 200
    assert slots(world) == keys(world.auditors)


def test_a_lead_who_comes_back_from_retirement_is_told_from_the_list(
    world: World, client: CheckedClient
) -> None:
    """The whole attack of the review: the retirement is deleted, and all others retired in the lead's name."""
    lead = newcomer(world.auditors[0].identity, "以前の責任者", duty="lead")
    with db.writing(world.engine) as conn:
        enroll(conn, lead.card)
        retire(conn, lead)
    true_list = listing(world)
    assert client.get("report").status == 200
    own = lead.identity
    with db.writing(world.engine) as conn:
        none = {"retired_day": None, "retirement": None, "retired_seq": None}
        conn.execute(update(t.card).where(t.card.c.key_id == own.key_id).values(**none))
        for one in world.auditors:
            note = crypto_cards.new_retirement(one.card.key_id, world.day, own.key_id, own.sign_seed)
            store_cards.retire(conn, one.card.key_id, note.encode(), world.day)
    # A process that knows the list goes on with it.
    assert client.report(what_happened=WORDS).status == 200 and slots(world) == keys(world.auditors)
    # One that has just started can't know; then each desk says so, of an envelope that it can't open.
    assert restarted(world).report(what_happened=WORDS).status == 200
    assert slots(world) == {own.key_id}
    for one in world.auditors:
        with pytest.raises(BadData) as fault:
            check_readers(
                true_list, slots(world), own=one.card.key_id, floor=Floor(len(true_list), len(true_list))
            )
        assert type(fault.value).__name__ in ("SlotMissing", "SlotsUnfit")


# F4: between the form and the sending


def grown(world: World, voucher: int = 0, name: str = "後から来た人") -> Auditor:
    late = newcomer(world.auditors[voucher].identity, name)
    with db.writing(world.engine) as conn:
        enroll(conn, late.card)
    return late


def opens(late: Auditor, raw: bytes) -> bool:
    try:
        open_as(late, raw)
    except BadData:
        return False
    return True


def again(client: CheckedClient, page: Page, ticked: list[str]) -> Page:
    """Send a form that came back, as a browser does."""
    pairs = [(name, value) for name, value in page.fields.items() if name not in ("exclude", "files")]
    return client.post("report", [*pairs, *(("exclude", one) for one in ticked)])


def test_who_was_enrolled_after_the_form_was_shown_is_said(world: World, client: CheckedClient) -> None:
    founder = world.auditors[0].card.person.hex()
    form = client.form()
    late = grown(world)
    page = client.report(form, exclude=[founder], what_happened="消えない文章", who="課長")
    assert page.status == 409 and envelopes(world) == []
    assert "まだ何も送っていません" in page.text
    assert "このフォームの表示後に一覧に加わった人： " in page.text and "後から来た人" in page.text
    assert page.fields["what_happened"] == "消えない文章" and page.fields["who"] == "課長"
    assert page.ticked("exclude") == [founder] and page.fields["code"] == form["code"]
    # Now the person was shown, and not ticked: that counts as seen.
    done = again(client, page, [founder])
    assert done.status == 200 and opens(late, envelopes(world)[0][1].raw)
    assert b64d(open_as(late, envelopes(world)[0][1].raw).payload["readers"]["digest"]) == (
        listing(world).prefix().digest
    )


def test_a_newcomer_of_a_founder_who_was_never_shown_reads_nothing(
    world: World, client: CheckedClient
) -> None:
    """A variant: enrolled after the report, before the next message of the same case."""
    founder = world.auditors[0].card.person.hex()
    code = client.report(exclude=[founder], what_happened=WORDS).code
    case = client.look(code)
    late = grown(world)
    refused = client.reply(case, "続きです。")
    assert refused.status == 409 and len(envelopes(world)) == 1
    assert "続きです。" in refused.fields["message"] and "後から来た人" in refused.text
    done = client.reply(refused, "続きです。")
    assert done.status == 200 and len(envelopes(world)) == 2
    assert not opens(late, envelopes(world)[1][1].raw)


@pytest.mark.parametrize("what", ["refreshed", "empty", "forgotten", "a new code"])
def test_no_page_counts_a_newcomer_as_shown_without_a_word(
    world: World, client: CheckedClient, what: str
) -> None:
    """Each way that gives a fresh page of an open case names who came since the last one."""
    token = ("token", client.look(client.report(what_happened=WORDS).code).fields["token"])
    grown(world)
    if what == "forgotten":
        page = client.post("forget", [token, ("sure", "yes")])
    elif what == "a new code":
        page = client.post("new-code", [token])
    else:
        page = client.post("status", [token] if what == "refreshed" else [token, ("message", " ")])
    assert "後から来た人" in page.text
    again = client.post("status", [("token", page.fields["token"]), ("message", "続き")])
    assert again.status == 200 and "後から来た人" not in again.text


def test_files_stay_with_a_form_that_comes_back(world: World, client: CheckedClient) -> None:
    form = client.form()
    grown(world)
    page = send(client, "report", {**form, "what_happened": WORDS}, [("名簿.txt", b"data")])
    assert page.status == 409 and "名簿.txt" in page.text and page.fields["kept_files"]
    done = again(client, page, [])
    assert done.status == 200 and "名簿.txt" in done.text
    assert [
        one["name"] for one in open_as(world.auditors[0], envelopes(world)[0][1].raw).payload["files"]
    ] == ["名簿.txt"]


def test_the_same_form_again_is_a_repeat_though_the_list_grew(world: World, client: CheckedClient) -> None:
    """Nothing may say "nothing has been sent" of a report that was sent."""
    form = client.form()
    first = client.report(form, what_happened=WORDS)
    grown(world)
    second = client.report(form, what_happened=WORDS)
    assert second.status == 200 and second.code == first.code and len(envelopes(world)) == 1


def test_who_left_brings_no_form_back(world: World, client: CheckedClient) -> None:
    form = client.form()
    with db.writing(world.engine) as conn:
        retire(conn, world.auditors[1])
    assert client.report(form, what_happened=WORDS).status == 200
    assert slots(world) == {world.auditors[0].card.key_id}


def test_a_card_between_sealing_and_storing_makes_it_seal_anew(
    world: World, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last moment: the list that was sealed by is the one of the transaction, or the form comes back."""
    form, sealing = client.form(), seal.seal

    def raced(*given: Any) -> Any:
        monkeypatch.setattr(seal, "seal", sealing)
        grown(world)
        return sealing(*given)

    monkeypatch.setattr(seal, "seal", raced)
    page = client.report(form, what_happened=WORDS)
    assert page.status == 409 and envelopes(world) == [] and page.fields["what_happened"] == WORDS


# F1: the names that people see


def test_the_form_shows_all_names_of_a_person(world: World, client: CheckedClient) -> None:
    """A lead gives somebody's new key another name: both are on one line, and `/keys` says so."""
    founder, old, made = world.auditors[0].identity, world.auditors[1].card, new_identity()
    renamed = card_of(made, old, old.person, name={"ja": "新しい名前", "en": "New Name"})
    renamed = crypto_cards.vouch(renamed, founder.key_id, founder.sign_seed)
    with db.writing(world.engine) as conn:
        enroll(conn, renamed)
    page = client.get("report")
    boxes = [one for one in page.all("input", name="exclude") if one.get("value") == old.person.hex()]
    line = page.text.split("監査部 1 監査 1")[1]
    assert len(boxes) == 1 and line.startswith(" 監査部 1 新しい名前")
    assert "この人の別の名前 監査 1" in client.get("keys").text
    with db.writing(world.engine) as conn:
        retire(conn, world.auditors[1])
    text = client.get("report").text
    assert "監査部 1 新しい名前 以前の名前：監査 1" in text


def test_somebody_with_the_same_name_is_pointed_out(world: World, client: CheckedClient) -> None:
    founder, other = world.auditors[0].identity, new_identity()
    card = card_of(other, world.auditors[1].card, role={"ja": "経理部", "en": "Accounting"})
    with db.writing(world.engine) as conn:
        enroll(conn, crypto_cards.vouch(card, founder.key_id, founder.sign_seed))
    assert client.get("report").text.count("一覧に同じ名前の別の人がいます") == 2
    assert client.get("keys").text.count("同じ名前の人") == 2


# What the reporter can see afterwards


def tampered(world: World, change: Callable[[bytes], bytes]) -> None:
    with db.writing(world.engine) as conn:
        (raw,) = conn.scalars(select(t.envelope.c.raw)).all()
        conn.execute(update(t.envelope).values(raw=change(raw)))


def test_the_reporter_is_told_of_a_report_sealed_anew(world: World, client: CheckedClient) -> None:
    """With the same content key and a real slot for who was excluded: only the signed readers know."""
    out = world.auditors[1]
    stranger = new_identity()
    code = client.report(exclude=[out.card.person.hex()], what_happened=WORDS).code
    opened = open_as(world.auditors[0], envelopes(world)[0][1].raw)
    to = [(one.identity.key_id, one.identity.box_pk) for one in world.auditors]
    tampered(
        world, lambda raw: sealed_anew(raw, opened.content_key, [*to, (stranger.key_id, stranger.box_pk)])
    )
    text = client.look(code).text
    assert "署名された相手のものと一致しません" in text and WORDS in text


def test_the_reporter_is_told_of_a_list_that_is_not_the_sites(world: World, client: CheckedClient) -> None:
    """Sealed by a list that is gone afterwards, as after a row for a minute."""
    late = grown(world)
    code = client.report(what_happened=WORDS).code
    assert opens(late, envelopes(world)[0][1].raw)
    with db.writing(world.engine) as conn:
        conn.execute(delete(t.card).where(t.card.c.key_id == late.card.key_id))
    assert "現在このサイトに表示されている一覧と合いません" in restarted(world).look(code).text
    assert "合いません" not in client.look(code).text  # the process that knows the list


# F15: an act under another author's name


def test_a_status_names_its_author(world: World, client: CheckedClient) -> None:
    """The act signature of one auditor's status does not carry another's, who signs the same words."""
    code = client.report(what_happened=WORDS).code
    first, second = Desk.of(world, world.auditors[0]), Desk.of(world, world.auditors[1])
    text = messages.status_text(first.case_id, 1, first.auditor.identity.key_id, "investigating", world.day)
    assert second.status(1, "investigating", act_sig=first.act(text)).value == "stored"
    assert "調査中" not in client.look(code).text
