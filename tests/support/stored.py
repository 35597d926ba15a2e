"""Reports as the store takes them, made by the tests instead of a page."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Engine

from crypto import seal
from crypto.choice import ExcludeRecord, first_choice, seal_record
from crypto.envelope import envelope_hash
from crypto.receipt import Receipt
from store import reports
from store.object_disk import HEADER_BYTES
from store.object_places import PART, PLACES, TRASH
from store.objects import objects_folder


def new_report(
    receipt: Receipt, envelope_id: bytes, sealed: seal.Sealed, day: date, exclude: Collection[bytes] = ()
) -> reports.NewReport:
    """Return the row of a sealed report with its exclude record; `exclude`: persons (16 bytes each)."""
    act_pk = seal.act_pk(sealed.content_key)
    record = ExcludeRecord(first_choice(exclude), envelope_hash(sealed.raw), act_pk)
    return reports.NewReport(
        index=receipt.index,
        case_id=receipt.case_id,
        mailbox_pk=receipt.mailbox_pk,
        mailbox_key_id=receipt.mailbox_key_id,
        reporter_sign_pk=receipt.sign_pk,
        act_pk=act_pk,
        mailbox_record=seal_record(receipt.root, receipt.case_id, record),
        envelope_id=envelope_id,
        raw=sealed.raw,
        day=day,
        mailbox_grant=seal.grant(sealed.content_key, receipt.mailbox_pk),
    )


def stored_objects(engine: Engine) -> dict[str, bytes]:
    """Return what the folder of files holds beside a SQLite database, by id: what waits, whole or not, and what is
    named. Nothing may be left in the trash.
    """
    folder = objects_folder(engine)
    if not folder.exists():
        return {}
    assert list((folder / TRASH).iterdir()) == []
    there = [path for place in PLACES for path in (folder / place).iterdir()]
    return {path.name.removesuffix(PART): path.read_bytes()[HEADER_BYTES:] for path in there}
