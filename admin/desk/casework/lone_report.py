"""Fast path for a case of a single report: the same summary and text as `opening` and `summarize` give, in less time.
No Flask, no network, no disk in here.

Everything that `opening` checks is checked here: layout, commitment, act key, payload, and to whom it was sealed.
Only the reporter's signature can be put off (docs/adr/0008): a report is shown whether it holds or not, and nothing of
such a case's summary or text depends on it but the word that it was not checked. What is not as usual in any way
is left to `opening`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from admin.desk.casework import summarize
from admin.desk.casework.addressed import Floors, floor_of
from admin.desk.casework.authors import is_in_place
from admin.desk.casework.case_entries import Entry
from admin.desk.casework.content import entry_of
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.roster import SiteRoster
from admin.desk.local.rows import CaseLine, EnvelopeLine
from admin.desk.local.search import document
from admin.desk.local.summary import UNCHECKED, Row, encode, row_of_another
from admin.desk.server.responses import SealedBytes
from cases.deadlines import Promises
from crypto.envelope import Envelope, Kind, decode
from crypto.errors import BadData
from crypto.identity import Identity
from crypto.intake import claims_intake
from crypto.listing import check_readers
from crypto.reporter_keys import Chain
from crypto.unseal import unseal_envelope


@dataclass(repr=False)
class LoneReports:
    """Reads lone reports of one look: `today` and `promises` are those that the clocks go by."""

    roster: SiteRoster
    identity: Identity
    floors: Floors
    promises: Promises
    today: date
    _fitting: set[tuple[object, ...]] = field(default_factory=set, init=False)
    """Slots, list and floor that fitted, as the reports before had them."""
    _rows: dict[tuple[object, ...], Row] = field(default_factory=dict, init=False)
    """Summaries by all that they depend on but case, place in the feed and excerpt."""

    def read(
        self, case: CaseLine, envelopes: Sequence[EnvelopeLine], there: SealedBytes | None, puts_off: bool
    ) -> tuple[Row, bytes] | None:
        """Return a case's summary (`summary.encode`) and its text as it is kept; None where `opening` has to read it.

        `envelopes`: all of the case. `puts_off`: the signature is not checked now.
        """
        if there is None or len(envelopes) != 1 or envelopes[0].envelope_id != case.report_id:
            return None
        line = envelopes[0]
        try:
            envelope = decode(there.raw)
            own = self.identity
            opened = unseal_envelope(envelope, own.box_sk, own.box_pk, own.key_id, there.grants)
        except BadData:
            return None
        if (opened.envelope_id, int(opened.kind)) != (
            line.envelope_id,
            line.kind,
        ) or line.kind != Kind.REPORT:
            return None
        if opened.unusual or claims_intake(opened.payload) or not is_in_place(opened, case.case_id):
            return None
        if not self._fits(envelope, opened.payload, line.seq):
            return None
        if not puts_off and Chain(opened.payload).current is None:
            return None
        report = entry_of(line, opened)
        text = document(summarize.words_of(report))
        return self._row(case, report, opened.content_key, puts_off), text

    def _fits(self, envelope: Envelope, payload: Mapping[str, Any], seq: int) -> bool:
        """Tell whether a report was sealed to whom it should have been (format.md, 2.5), whether its signature holds
        or not: without its word for its readers the same questions are asked but one.
        """
        readers, floor = payload["readers"], floor_of(self.floors, seq)
        slots = tuple(slot.key_id for slot in envelope.slots)
        asked = (slots, readers["length"], readers["digest"], tuple(readers["keys"]), floor)
        if asked not in self._fitting:
            try:
                check_readers(self.roster.listing, slots, payload, self.identity.key_id, floor)
            except BadData:
                return False
            self._fitting.add(asked)
        return True

    def _row(self, case: CaseLine, report: Entry, content_key: bytes, puts_off: bool) -> Row:
        given = dict(report.answers).get("cause", ""), report.category, report.language, len(report.files)
        alike = (case.received_day, *given, puts_off)
        if alike not in self._rows:
            whole = OpenedCase(case, report, content_key=content_key)
            summary = summarize.summarize(whole, True, self.promises, self.today)
            self._rows[alike] = encode(summarize.with_signature(summary, UNCHECKED if puts_off else ""))
        return row_of_another(self._rows[alike], case.case_id, case.last_seq, summarize.excerpt(report))
