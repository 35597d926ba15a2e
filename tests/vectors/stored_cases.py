"""The vectors of `choice.json`: one stored case each, and what follows from it (docs/format.md, section 2.9).

The reporter excluded SECOND with the report, and THIRD with a changed form; FOUNDER answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nacl.bindings import crypto_box_seal

from crypto import access, choice, listing, messages, seal
from crypto.cards import parse_card
from crypto.casehead import StoredEnvelope, head_of
from crypto.encoding import b64e, hex_id
from crypto.envelope import Kind, envelope_hash
from crypto.identity import Identity
from crypto.payloads import MAX_CHOICE
from crypto.receipt import Receipt, from_root
from tests.vectors.parts import (
    FOUNDER,
    FOURTH,
    NEW_RECEIPT,
    RECEIPT,
    SECOND,
    THIRD,
    Vector,
    card_json,
    good,
    person_of,
    text_of,
    vouched,
)

FORGER = from_root(bytes([0x66]) * 32)
CARDS = [
    card_json(FOUNDER),
    vouched(card_json(SECOND), FOUNDER),
    vouched(card_json(THIRD), FOUNDER),
    vouched(card_json(FOURTH), FOUNDER),
]
AT_REPORT = (FOUNDER, SECOND, THIRD)
"""FOURTH was enrolled later."""
CASE = RECEIPT.case_id
READERS = listing.readers_field(listing.Prefix(3, bytes(32)), [one.key_id for one in AT_REPORT])


def person(who: Identity) -> bytes:
    return bytes.fromhex(person_of(who))


@dataclass(frozen=True)
class Made:
    """An envelope with what its maker knows of it."""

    number: int
    raw: bytes
    content_key: bytes
    act_sig: bytes | None = None

    @property
    def envelope_id(self) -> bytes:
        return bytes([self.number]) * 16

    def stored(self, *mailboxes: Receipt) -> dict[str, Any]:
        """Return it as it is stored, with a grant to each of these mailboxes."""
        grants = [seal.grant(self.content_key, one.mailbox_pk).hex() for one in mailboxes]
        act_sig = self.act_sig.hex() if self.act_sig else None
        return {
            "id": hex_id(self.envelope_id),
            "raw_b64": b64e(self.raw),
            "act_sig": act_sig,
            "grants": grants,
        }


def _sealed(number: int, kind: Kind, payload: Mapping[str, Any], act_key: bytes = b"") -> Made:
    slots = [seal.Recipient(one.key_id, one.box_pk) for one in AT_REPORT]
    made = seal.seal(kind, bytes([number]) * 16, payload, slots)
    act = messages.sign(seal.act_seed(act_key), messages.act_text(CASE, made.raw)) if act_key else None
    return Made(number, made.raw, made.content_key, act)


def _own(number: int, kind: Kind, payload: Mapping[str, Any], by: Receipt) -> Made:
    named = {"readers": READERS, **payload, "envelope_id": f"{number:02x}" * 16, "case_id": hex_id(CASE)}
    return _sealed(number, kind, messages.sign_reporter(kind, named, by))


def _report(number: int, by: Receipt, *out: Identity) -> Made:
    payload = messages.report_payload({"what_happened": "流出"}, [person(one) for one in out], by)
    return _own(number, Kind.REPORT, payload, by)


def _choice(number: int, *out: Identity) -> choice.Choice:
    return choice.Choice(frozenset(person(one) for one in out), number)


def _answer(
    number: int, by: Identity, of: Made, names: int, change: access.AccessChange | None = None
) -> Made:
    payload = messages.auditor_payload(
        Kind.TO_REPORTER,
        by.key_id,
        CASE,
        bytes([number]) * 16,
        {"message": "返事", **({"access": change.fields()} if change else {})},
        [],
        by.sign_seed,
        READERS,
        names,
    )
    return _sealed(number, Kind.TO_REPORTER, payload, of.content_key)


def _record(
    of: Made | None,
    held: choice.Choice,
    by: Receipt = RECEIPT,
    case: bytes = CASE,
    off: Mapping[bytes, int] | None = None,
) -> bytes:
    record = choice.ExcludeRecord(held)
    if of is not None:
        record = choice.ExcludeRecord(held, envelope_hash(of.raw), seal.act_pk(of.content_key), off or {})
    return choice.seal_record(by.root, case, record)


class _Case:
    """Everything that the vectors put together."""

    def __init__(self) -> None:
        self.report = _report(1, RECEIPT, SECOND)
        form = messages.reporter_message(
            {"what_happened": "続き"}, RECEIPT, [], CASE, choice=_choice(2, SECOND, THIRD)
        )
        self.form = _own(2, Kind.FROM_REPORTER, form, RECEIPT)
        self.answer = _answer(3, FOUNDER, self.report, 2)
        keys = messages.new_keys_message(NEW_RECEIPT, RECEIPT, [], CASE, _choice(3, SECOND, THIRD))
        self.keys = _own(4, Kind.FROM_REPORTER, keys, RECEIPT)
        self.forged = _report(5, FORGER)
        handed = {
            **messages.new_keys_message(RECEIPT, FORGER, [], CASE, _choice(2)),
            # The forger has no key of the true code: the best that can be put here.
            "new_sig": b64e(
                messages.sign(FORGER.sign_seed, messages.taken_text(CASE, FORGER.sign_pk, RECEIPT.mailbox_pk))
            ),
        }
        self.handed = _own(6, Kind.FROM_REPORTER, handed, FORGER)
        self.forged_answer = _answer(7, SECOND, self.forged, 9)
        self.stranger = _answer(8, FOURTH, self.forged, 9)
        self.by_second = _answer(9, SECOND, self.report, 9)
        self.early = _answer(10, FOUNDER, self.report, 1)
        self.late = _answer(11, FOUNDER, self.report, MAX_CHOICE)
        elsewhere = messages.reporter_message({"message": "別件"}, RECEIPT, [], bytes(16), choice=_choice(9))
        named = {**elsewhere, "envelope_id": "0c" * 16}
        self.plain = _report(13, RECEIPT)
        taken = access.propose(CASE, "off", person(SECOND), 1, FOUNDER.key_id, FOUNDER.sign_seed)
        self.removal = _answer(14, THIRD, self.plain, 1, taken)
        self.by_off = _answer(15, SECOND, self.plain, 1)
        other = access.propose(CASE, "off", person(THIRD), 1, FOUNDER.key_id, FOUNDER.sign_seed)
        self.by_excluded = _answer(16, SECOND, self.report, 1, other)
        self.moved = _sealed(
            12, Kind.FROM_REPORTER, messages.sign_reporter(Kind.FROM_REPORTER, named, RECEIPT)
        )


def stored_cases() -> tuple[list[Vector], dict[str, Any]]:
    made, shared = _Case(), dict[str, Any]()
    first, second = _choice(1, SECOND), _choice(2, SECOND, THIRD)
    by_server = bytes(crypto_box_seal((b"MYX1" + bytes([0])).ljust(1029, b"\0"), RECEIPT.mailbox_pk))

    def case(
        name: str,
        record: bytes,
        envelopes: Sequence[dict[str, Any]],
        stop: str | None,
        persons: Sequence[Identity],
        number: int,
        report: Made | None,
        code: Receipt = RECEIPT,
    ) -> Vector:
        """Check by hand what matters most; the rest of the output is what Python says."""
        stored = [
            StoredEnvelope(
                bytes.fromhex(one["id"]),
                shared_raw(one["raw_b64"]),
                [bytes.fromhex(grant) for grant in one["grants"]],
                bytes.fromhex(one["act_sig"]) if one["act_sig"] else None,
            )
            for one in envelopes
        ]
        cards = [parse_card(text_of(one).encode()) for one in CARDS]
        head = head_of(CASE, record, stored, cards, code, retired={})
        assert (head.stop.value if head.stop else None) == stop, (name, head.stop)
        assert head.known.persons == {person(one) for one in persons}, name
        assert head.known.number == number, (name, head.known.number)
        assert head.report_id == (report.envelope_id if report else None), name
        given = {
            "root": code.root.hex(),
            "case_id": hex_id(CASE),
            "record_b64": b64e(record),
            "cards": "@cards",
            "envelopes": list(envelopes),
        }
        return good(name, "stored_case", given, told(head))

    def kept(name: str, of: Made, *mailboxes: Receipt) -> dict[str, Any]:
        shared[name] = b64e(of.raw)
        return {**of.stored(*mailboxes), "raw_b64": f"@{name}"}

    def shared_raw(text: str) -> bytes:
        from crypto.encoding import b64d

        return b64d(shared[text[1:]])

    shared["cards"] = [text_of(one) for one in CARDS]
    report, form = kept("report", made.report, RECEIPT), kept("form", made.form, RECEIPT)
    answer, early = kept("answer", made.answer, RECEIPT), kept("early", made.early, RECEIPT)
    keys = kept("keys", made.keys, NEW_RECEIPT)
    old = [kept("report", made.report, NEW_RECEIPT), kept("form", made.form, NEW_RECEIPT)]
    forged, handed = kept("forged", made.forged, RECEIPT), kept("handed", made.handed, RECEIPT)
    forged_answer = kept("forged_answer", made.forged_answer, RECEIPT)
    stranger, by_second = (
        kept("stranger", made.stranger, RECEIPT),
        kept("by_second", made.by_second, RECEIPT),
    )
    late, moved = kept("late", made.late, RECEIPT), kept("moved", made.moved, RECEIPT)
    plain, removal = kept("plain", made.plain, RECEIPT), kept("removal", made.removal, RECEIPT)
    by_off, by_excluded = kept("by_off", made.by_off, RECEIPT), kept("by_excluded", made.by_excluded, RECEIPT)
    of_plain, plain_gone = _record(made.plain, _choice(1)), kept("plain", made.plain)
    with_off = _record(made.plain, _choice(1), off={person(SECOND): 1})
    gone, form_gone = kept("report", made.report), kept("form", made.form)
    both, one = (SECOND, THIRD), (SECOND,)
    true = made.report
    fresh, newer = _record(true, first), _record(true, second)
    renewed = _record(true, _choice(3, *both), NEW_RECEIPT)
    unknown = _record(None, second)
    broken = newer[:-1] + bytes([newer[-1] ^ 1])
    return [
        case("a report alone", fresh, [report], None, one, 1, true),
        case("a changed form", newer, [report, form, answer], None, both, 2, true),
        case("forgotten", newer, [gone, form_gone], None, both, 2, true),
        case("forgotten, and answered since", newer, [gone, form_gone, answer], None, both, 2, true),
        case("a new code", renewed, [*old, keys], None, both, 3, true, NEW_RECEIPT),
        case(
            "a new code, forgotten",
            renewed,
            [gone, form_gone, {**keys, "grants": []}],
            None,
            both,
            3,
            true,
            NEW_RECEIPT,
        ),
        case("a report that is not known any more", unknown, [gone, form_gone], None, both, 2, None),
        case("no record, the report opens", b"", [report, form], "missing", both, 2, true),
        case("no record, nothing opens", b"", [gone, form_gone], "missing", (), 2, None),
        case("a broken record, the report opens", broken, [report, form], "broken", both, 2, true),
        case("a broken record, nothing opens", broken, [gone, form_gone], "broken", (), 2, None),
        case("a record that the server made", by_server, [report, form], "broken", both, 2, true),
        case(
            "another case's record",
            _record(true, second, case=bytes(16)),
            [report, form],
            "broken",
            both,
            2,
            true,
        ),
        case("another code's record", _record(true, second, FORGER), [report, form], "broken", both, 2, true),
        case(
            "the old code's record after a new code",
            newer,
            [*old, keys],
            "broken",
            both,
            3,
            true,
            NEW_RECEIPT,
        ),
        case("the new code's record under the old code", renewed, [report, form], "broken", both, 2, true),
        case("an old record beside a changed form", fresh, [report, form], "old", both, 2, true),
        case(
            "an old record, the form withheld, an answer names it",
            fresh,
            [report, form_gone, answer],
            "old",
            one,
            2,
            true,
        ),
        case(
            "an old record after forgetting, an answer names a newer one",
            fresh,
            [gone, form_gone, answer],
            "old",
            one,
            2,
            true,
        ),
        case(
            "an old record after a new code",
            _record(true, second, NEW_RECEIPT),
            [*old, keys],
            "old",
            both,
            3,
            true,
            NEW_RECEIPT,
        ),
        case(
            "the right number, a person too few",
            _record(true, _choice(2, SECOND)),
            [report, form],
            "old",
            both,
            2,
            true,
        ),
        case(
            "an excluded auditor's answer names a newer one",
            newer,
            [report, form, by_second],
            "old",
            both,
            9,
            true,
        ),
        case("a changed form withheld, the record is newer", newer, [report, form_gone], None, both, 2, true),
        case("the report's grant deleted", newer, [gone, form], None, both, 2, true),
        case("an old record, the form's grant deleted", fresh, [report, form_gone], "old", one, 2, true),
        case(
            "an old record, forgotten before the form", fresh, [gone, form_gone, early], "old", one, 2, true
        ),
        case("everything newer removed: no program can tell", fresh, [report, early], None, one, 1, true),
        case("a forged report in front", newer, [forged, report, form, forged_answer], None, both, 2, true),
        case("a forged report in front, forgotten", newer, [forged, gone, form_gone], None, both, 2, true),
        case(
            "a forged report in front, a broken record",
            broken,
            [forged, report, form],
            "broken",
            both,
            2,
            true,
        ),
        case(
            "a forged report in the place of the true one",
            newer,
            [forged, form, forged_answer],
            "no_report",
            both,
            2,
            None,
        ),
        case("a forged report alone, a broken record", broken, [forged, gone], "broken", (), 1, None),
        case(
            "a forged report that hands on to the true code",
            broken,
            [forged, handed, gone],
            "broken",
            (),
            2,
            None,
        ),
        case("the report removed", newer, [form], "no_report", both, 2, None),
        case("nothing left", newer, [], "no_report", both, 2, None),
        case(
            "an answer of a key that nobody vouched into the case",
            newer,
            [report, form, stranger],
            None,
            both,
            2,
            true,
        ),
        case("who was taken off", of_plain, [plain, removal], None, (), 1, made.plain),
        case("what was answered before it", of_plain, [plain, by_off, removal], None, (), 1, made.plain),
        case("what was answered behind it", of_plain, [plain, removal, by_off], None, (), 1, made.plain),
        case("forgotten, the record keeps it", with_off, [plain_gone], None, (), 1, made.plain),
        case("the removal withheld, the record keeps it", with_off, [plain, by_off], None, (), 1, made.plain),
        case("the removal withheld, the record is older", of_plain, [plain, by_off], None, (), 1, made.plain),
        case("a removal by an excluded person", fresh, [report, by_excluded], None, one, 1, true),
        case("an envelope of another case", fresh, [report, moved], "old", one, 2, true),
        case(
            "the largest number",
            _record(true, _choice(MAX_CHOICE, *both)),
            [report, form, late],
            None,
            both,
            MAX_CHOICE,
            true,
        ),
        case("the largest number in an answer", newer, [report, form, late], "old", both, MAX_CHOICE, true),
    ], shared


def told(head: Any) -> dict[str, Any]:
    """Return what both languages have to say of a stored case."""
    return {
        "stop": head.stop.value if head.stop else None,
        "number": head.known.number,
        "persons": sorted(one.hex() for one in head.known.persons),
        "next": head.next_choice().number,
        "report": head.report_id.hex() if head.report_id else None,
        "report_hash": head.report_hash.hex(),
        "act_pk": head.act_pk.hex(),
        "at_report": sorted(one.hex() for one in head.at_report),
        "opened": sorted(one.hex() for one in head.opened),
        "own": sorted(one.hex() for one in head.own),
        "answers": {one.hex(): author.hex() for one, author in head.answers.items()},
        "trusted": sorted(one.hex() for one in head.trusted),
        "out": sorted(one.hex() for one in head.out),
        "off": {person.hex(): number for person, number in head.access.off.items()},
        "given": [key_id.hex() for key_id in head.access.given],
    }
