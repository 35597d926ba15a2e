"""The auditors: enrolment, retirement, handing over earlier cases."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, abort, flash, request

from admin.desk.casework.handover import Handover
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import Situation
from admin.desk.casework.work import Work
from admin.desk.labels.auditors import GRANTS, JOIN, RETIRE
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import ServerTrouble
from admin.desk.web.context import desk
from admin.desk.web.pages import page, to
from admin.desk.web.views.path import LANGUAGE, key_id_of
from cases import roles
from crypto import cards as crypto_cards
from crypto.cards import Card
from crypto.errors import CryptoError
from crypto.identity import Identity
from crypto.roster_errors import NameChanged, NameTaken

LONGEST_CARD: Final = 20_000

people = Blueprint("people", __name__, url_prefix=f"/{LANGUAGE}/people")


@people.get("")
def show(lang: str) -> Response:
    """Show who can read reports, with the fingerprints that people compare."""
    return _page("people", desk().work())


@people.get("/roles", endpoint="roles")
def show_roles(lang: str) -> Response:
    """Show what leads, auditors and observers may do, and who is what."""
    return _page("people_roles", desk().work())


@people.get("/lost")
def lost(lang: str) -> Response:
    """Show what to do when a key or a passphrase is lost."""
    return _page("people_lost", desk().work())


@people.get("/closed")
def closed(lang: str) -> Response:
    """Show what it can mean that something does not open here: the same words at every desk, whatever is there."""
    return _page("people_closed", desk().work())


@people.get("/join")
def join(lang: str) -> Response:
    """Ask for a newcomer's card."""
    return _page("people_join", desk().work(), card=None, problem=None)


@people.post("/join")
def look_at_card(lang: str) -> Response:
    """Show a card with its fingerprint, to be compared; with the box ticked, vouch for it and enrol it."""
    work = desk().work()
    situation = work.refresh()
    raw = _sent_card()
    card, problem = _read_card(raw, work, situation)
    if card is None or problem:
        return _page("people_join", work, situation, 400, card=None, problem=problem)
    if "vouch" not in request.form:
        return _page("people_join", work, situation, card=card, problem=None)
    if request.form.get("compared") != "yes":
        return _page("people_join", work, situation, 400, card=card, problem="compare")
    if situation.trouble is not None:
        return _page("people_join", work, situation, 502, card=card, problem="trouble")
    return _enrol(lang, work, situation, card)


def _enrol(lang: str, work: Work, situation: Situation, card: Card) -> Response:
    own = work.identity
    vouched = crypto_cards.vouch(card, own.key_id, own.sign_seed)
    try:
        work.session(situation.roster.salt).enrol(vouched.encode())
    except ServerRefusal as refused:
        known = {"duty": "may_not", "name": "name_taken", "own_keys": "own_keys", "own_cards": "own_cards"}
        problem = known.get(refused.code, "refused")
        return _page("people_join", work, status=400, card=card, problem=problem)
    except ServerTrouble as trouble:
        now = Situation(situation.roster, trouble)
        return _page("people_join", work, now, 502, card=card, problem="trouble")
    flash("enrolled")
    return to(f"/{lang}/people/{card.key_id.hex()}/{'grants' if roles.reads_reports(card.duty) else 'card'}")


@people.get("/<key>/card")
def show_card(lang: str, key: str) -> Response:
    """Show one card, and what can be done about it."""
    work = desk().work()
    situation = work.refresh()
    return _page("people_card", work, situation, card=_card(situation.roster, key))


@people.get("/<key>/grants")
def grants(lang: str, key: str) -> Response:
    """Go on handing over what came before, if a run was begun; with `pause` in the query, only show how far it is."""
    work = desk().work()
    situation = work.refresh()
    card = _card(situation.roster, key)
    granting = _granting(work, situation, card)
    run, problem, trouble = granting.run(), None, situation.trouble
    waits = card in situation.roster.waiting
    goes = (
        run is not None and not run.is_done and "pause" not in request.args and trouble is None and not waits
    )
    try:
        if goes and run is not None:
            run = granting.step(run)
    except ServerRefusal:
        problem = "refused"
    except ServerTrouble as fault:
        trouble = fault
    now = Situation(situation.roster, trouble)
    status = 502 if problem or trouble else 200
    goes = goes and status == 200
    if problem or trouble:
        run = granting.run()
    return _page("people_grants", work, now, status, card=card, run=run, goes_on=goes, problem=problem)


@people.post("/<key>/grants")
def begin_grants(lang: str, key: str) -> Response:
    """Begin to hand over what came before."""
    work = desk().work()
    situation = work.refresh()
    card = _card(situation.roster, key)
    if card in situation.roster.waiting:
        return _page("people_grants", work, situation, 409, card=card, run=None, goes_on=False, problem=None)
    _granting(work, situation, card).begin(request.form.get("closed") == "yes")
    return to(f"/{lang}/people/{key}/grants")


def _granting(work: Work, situation: Situation, card: Card) -> Handover:
    """Return what a run needs; 404 for a key that nothing can be granted to. Raises TrustBroken."""
    now = situation.roster
    now.check_proved()
    if (
        card not in now.active
        or not roles.may_hand_over(now.role_of(work.identity.key_id), now.role_of(card.key_id))
        or card.key_id == work.identity.key_id
    ):
        abort(404)
    return Handover(work.identity, work.server, work.cache, now, card)


@people.get("/<key>/retire")
def ask_to_retire(lang: str, key: str) -> Response:
    """Say what retiring a key means, before it is done."""
    work = desk().work()
    situation = work.refresh()
    card = _card(situation.roster, key)
    return _page(
        "people_retire", work, situation, card=card, problem=_cannot_retire(work, situation.roster, card)
    )


@people.post("/<key>/retire")
def retire(lang: str, key: str) -> Response:
    """Sign a retirement and send it."""
    work = desk().work()
    situation = work.refresh()
    card, own = _card(situation.roster, key), work.identity
    problem = _cannot_retire(work, situation.roster, card)
    if problem is None and request.form.get("sure") != "yes":
        problem = "confirm"
    if problem:
        return _page("people_retire", work, situation, 400, card=card, problem=problem)
    note = crypto_cards.new_retirement(card.key_id, work.today(), own.key_id, own.sign_seed)
    try:
        if situation.trouble is not None:
            raise situation.trouble
        work.session(situation.roster.salt).retire(note.encode())
    except ServerRefusal as refused:
        problem = {"last": "last", "duty": "may_not"}.get(refused.code, "refused")
        return _page("people_retire", work, status=400, card=card, problem=problem)
    except ServerTrouble as trouble:
        now = Situation(situation.roster, trouble)
        return _page("people_retire", work, now, 502, card=card, problem="trouble")
    flash("retired")
    return to(f"/{lang}/people")


def _cannot_retire(work: Work, now: SiteRoster, card: Card) -> str | None:
    """Return why a key can't be retired from here, as far as this desk can tell; the server has the last word."""
    own = work.identity.key_id
    if card.key_id in now.retired:
        return "retired"
    if not roles.may_retire(now.role_of(own), card.key_id == own):
        return "may_not"
    left = [now.role_of(other.key_id) for other in now.active if other != card]
    return "last" if roles.is_last(now.role_of(card.key_id), left) else None


def _sent_card() -> bytes:
    file = request.files.get("file")
    sent = file.read(LONGEST_CARD + 1) if file is not None else b""
    return sent.strip() or request.form.get("card", "")[:LONGEST_CARD].encode("utf-8", "replace").strip()


def _read_card(raw: bytes, work: Work, situation: Situation) -> tuple[Card | None, str | None]:
    """Return the card that was sent, or what is wrong with it."""
    if not raw:
        return None, "required"
    if b'"kdf"' in raw:
        return None, "keyfile"
    try:
        card = crypto_cards.parse_card(raw)
    except CryptoError:
        return None, "unreadable"
    if card.key_id == work.identity.key_id:
        return card, "own"
    if card.key_id in situation.roster.by_key:
        return card, "enrolled"
    limit = _own_limit(situation.roster, work, card)
    return card, cannot_vouch(situation.roster, work.identity, card) or limit


def _own_limit(now: SiteRoster, work: Work, card: Card) -> str | None:
    """Return what keeps this desk's auditor from vouching for one more key of the card's person."""
    keys = [(day, now.is_active(key_id)) for key_id, day in now.keys_of(card.person).items()]
    return roles.vouching_limit(now.role_of(work.identity.key_id), keys, work.today()) or None


def cannot_vouch(now: SiteRoster, own: Identity, card: Card) -> str | None:
    """Return why an enrolled key may not vouch for a card (format.md, section 1.4): name or may_not."""
    try:
        now.listing.check(crypto_cards.vouch(card, own.key_id, own.sign_seed))
    except (NameChanged, NameTaken) as fault:
        return "name_changed" if isinstance(fault, NameChanged) else "name_taken"
    except CryptoError:
        return "may_not"
    return None


def _card(now: SiteRoster, key: str) -> Card:
    return now.by_key.get(key_id_of(key)) or abort(404)


def _page(
    template: str, work: Work, situation: Situation | None = None, status: int = 200, **context: Any
) -> Response:
    now = situation or work.refresh()
    problem = context.get("problem")
    return page(
        template,
        status,
        roster=now.roster,
        own=work.identity.key_id,
        own_duty=now.roster.role_of(work.identity.key_id),
        trouble=now.trouble,
        join_problems=JOIN,
        grant_problems=GRANTS,
        retire_problems=RETIRE,
        problems=[problem] if problem and status >= 400 else [],
        **context,
    )
