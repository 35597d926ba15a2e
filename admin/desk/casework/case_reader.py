"""Opens cases and stores the results: summaries, searchable text, recusals. No Flask in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from admin.desk.casework import summarize
from admin.desk.casework.addressed import Floors
from admin.desk.casework.deletion import Deletions
from admin.desk.casework.giving import Giving
from admin.desk.casework.left_cases import LeftCases
from admin.desk.casework.log_acts import LogActs
from admin.desk.casework.log_watch import LogWatch
from admin.desk.casework.lone_report import LoneReports
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.opening import open_case
from admin.desk.casework.reading import ReadingJournals
from admin.desk.casework.roster import SiteRoster
from admin.desk.casework.situation import Situation
from admin.desk.casework.sync import Sync
from admin.desk.local.copy import CaseLine, EnvelopeLine
from admin.desk.local.search import document
from admin.desk.server.client import ServerRefusal
from admin.desk.server.responses import SealedBytes, ServerTrouble
from admin.desk.server.session import BATCH

AT_ONCE: Final = 200
"""Cases that are read together; while a page is made, no more than BATCH that it does not show."""


@dataclass(repr=False)
class CaseReader(Sync):
    """Opens cases out of what was fetched."""

    def read(
        self,
        situation: Situation,
        cases: Sequence[CaseLine],
        sealed: Mapping[bytes, SealedBytes] | None = None,
        puts_off: bool = False,
    ) -> None:
        """Fetch the envelopes of cases (or take them from `sealed`), open and check them, and keep a summary and the
        text of each.

        `puts_off`: the signature of a report that was never read and that nothing followed is checked later
        (`check_reports`), or when its case is opened. Raises CacheUnusable, Locked.
        """
        lefts, case_ids = self.cache.left(), [case.case_id for case in cases]
        envelopes = self._since_left(case_ids, lefts)
        if sealed is None:
            ids = [envelope.envelope_id for of in envelopes.values() for envelope in of]
            sealed, asked = self._asked(situation, ids)
            if not asked:
                # Whether these are for this key will be seen when the server can be asked again.
                cases = [case for case in cases if _are_there(envelopes[case.case_id], sealed)]
        promises, today, floors = self.promises(), self.today(), self._floors()
        lone = LoneReports(situation.roster, self.identity, floors, promises, today)
        statuses = self.cache.statuses_of(case_ids)
        # What was checked once is not called unchecked again.
        checked = self.cache.checked_of(case_ids) if puts_off else frozenset()
        rows, documents = [], []
        for case in cases:
            was_left, there = case.case_id in lefts, sealed.get(case.report_id or b"")
            quick = None
            if not was_left and case.case_id not in statuses:
                later = puts_off and case.case_id not in checked
                quick = lone.read(case, envelopes[case.case_id], there, later)
            if quick is None:
                opened = self._read(situation, case, envelopes[case.case_id], was_left, sealed, floors)
                summary = summarize.summarize(opened, there is not None, promises, today)
                quick = summarize.encode(summary), document(summarize.texts(opened))
            rows.append(quick[0])
            if quick[1]:
                documents.append((case.case_id, case.last_seq, quick[1]))
        self.cache.put_rows(rows, documents)

    def _since_left(
        self, case_ids: Sequence[bytes], lefts: Mapping[bytes, int]
    ) -> dict[bytes, list[EnvelopeLine]]:
        """Return the envelopes of these cases; of one that this desk's auditor stepped back from, those since."""
        whole = self.cache.envelopes_of(case_ids)
        return {case_id: lines[lefts.get(case_id, 0) :] for case_id, lines in whole.items()}

    def check_reports(self, all_of_them: bool = False) -> bool:
        """Check the signatures that were put off, AT_ONCE of them or all; return whether there were any.

        Raises CacheUnusable, Locked.
        """
        known = self._known() if self.cache.unchecked(1) else None
        while known is not None and (waiting := self.cache.unchecked(AT_ONCE)):
            lines = self._since_left([case.case_id for case in waiting], self.cache.left())
            sealed = self.cache.sealed([line.envelope_id for of in lines.values() for line in of])
            self.read(Situation(known), waiting, sealed)
            if not all_of_them:
                break
        return known is not None

    def _read(
        self,
        situation: Situation,
        case: CaseLine,
        envelopes: Sequence[EnvelopeLine],
        was_left: bool,
        sealed: Mapping[bytes, SealedBytes],
        floors: Floors,
    ) -> OpenedCase:
        """Open a case out of envelopes that were fetched. `was_left`: this desk's auditor had stepped back from it."""
        if was_left:
            if self.left.still_holds(situation.roster, case.case_id, envelopes, sealed):
                return OpenedCase(case, None, left=True)
            # Brought back just now: what was let go of is fetched again.
            envelopes = self.cache.envelopes(case.case_id)
            again = self._sealed(situation, [envelope.envelope_id for envelope in envelopes])
            sealed = {**sealed, **again}
        return self._open(situation, case, envelopes, sealed, floors)

    def read_some(self) -> bool:
        """Read some of the cases that were not read yet, or check reports that were read without; False when there is
        nothing to do or the server can't be asked.

        Raises ServerTrouble, CacheUnusable, Locked.
        """
        known = self._known()
        waiting = self.cache.unread(AT_ONCE) if known is not None else []
        if known is not None and not waiting:
            if self.check_reports():
                return True
            self.give_on(Situation(known))
            return self.take_grants(Situation(known))
        if known is None:
            return False
        lines = self._since_left([case.case_id for case in waiting], self.cache.left())
        ids = [envelope.envelope_id for of in lines.values() for envelope in of]
        sealed = self.cache.sealed(ids)
        for fetched in self._fetch(
            Situation(known), [envelope_id for envelope_id in ids if envelope_id not in sealed]
        ):
            sealed |= {envelope.envelope_id: envelope for envelope in fetched}
        self.read(Situation(known), waiting, sealed, puts_off=True)
        return True

    def catch_up(self, situation: Situation) -> None:
        """Read what is new while a page is made, where it is little; else it is read beside the work."""
        waiting = self.cache.unread(BATCH + 1)
        if waiting and len(waiting) <= BATCH:
            self.read(situation, waiting)
        if len(waiting) <= BATCH and not situation.trouble:
            with suppress(ServerTrouble):  # beside the work it goes on
                self.take_grants(situation)
            self.give_on(situation)

    def _open(
        self,
        situation: Situation,
        case: CaseLine,
        envelopes: Sequence[EnvelopeLine],
        sealed: Mapping[bytes, SealedBytes],
        floors: Floors | None = None,
    ) -> OpenedCase:
        statuses, known = self.cache.statuses(case.case_id), self._floors() if floors is None else floors
        opened = open_case(case, envelopes, sealed, statuses, situation.roster, self.identity, known)
        back = opened.state.step_backs.get(self._person(situation))
        if back is not None and back.author in situation.roster.same_holder(self.identity.key_id):
            self.leave(case.case_id)  # with another copy of this desk, or before this one was set up anew
            return OpenedCase(case, None, left=True)
        if self._person(situation) in opened.access.off:
            self._taken_off(situation, opened)
            return OpenedCase(case, None, left=True)
        if opened.access.given:
            self.giving.note(opened, situation.roster)
        return opened

    def _taken_off(self, situation: Situation, case: OpenedCase) -> None:
        """Leave a case that this auditor was taken off, and keep by whom and when."""
        self.leave(case.line.case_id)
        self.left.note_removal(case, situation.roster)

    @property
    def left(self) -> LeftCases:
        """The cases that this auditor left."""
        return LeftCases(self.identity, self.cache)

    @property
    def giving(self) -> Giving:
        """Grants to those to whom a case was given."""
        return Giving(self.identity, self.cache)

    def give_on(self, situation: Situation) -> None:
        """Grant what is new of the cases that were given to somebody. Raises CacheUnusable, Locked."""
        if situation.trouble:
            return
        for case_id in self.giving.waiting():
            case = self.from_copy(case_id)
            if case is not None:
                with suppress(ServerTrouble, ServerRefusal):  # the next look tries again
                    self.giving.give(self.session(situation.roster.salt), case, situation.roster)

    def case(self, situation: Situation, case_id: bytes) -> OpenedCase | None:
        """Open a case; None when there is none that this desk shows. Raises CacheUnusable."""
        line = self.cache.case(case_id)
        if line is None:
            return None
        self.catch_up(situation)
        envelopes = self.cache.wanted(case_id)
        sealed = self._sealed(situation, [envelope.envelope_id for envelope in envelopes])
        if self.left.still_holds(situation.roster, case_id, envelopes, sealed):
            return OpenedCase(line, None, left=True)
        envelopes = self.cache.envelopes(case_id)
        sealed = self._sealed(situation, [envelope.envelope_id for envelope in envelopes])
        case = self._open(situation, line, envelopes, sealed)
        if not case.left and (case.is_open or _are_there(envelopes, sealed)):
            self._keep(case, sealed)
        return case if case.is_open or self.cache.is_shown(case_id) else None

    def _keep(self, case: OpenedCase, sealed: Mapping[bytes, SealedBytes]) -> None:
        """Keep the summary of a case that was opened, where it is another one than before."""
        line = case.line
        new = summarize.summarize(case, line.report_id in sealed, self.promises(), self.today())
        ((_line, known),) = self.cache.with_summaries([line.case_id])
        if known is None or summarize.encode(known) != summarize.encode(new):
            text = document(summarize.texts(case))
            self.cache.put_summaries([new], [(line.case_id, line.last_seq, text)] if text else [])

    def leave(self, case_id: bytes) -> None:
        """Forget what was open of a case after stepping back from it. Raises CacheUnusable, Locked."""
        line = self.cache.case(case_id)
        if line is not None:
            bare = summarize.summarize(OpenedCase(line, None, left=True), True, self.promises(), self.today())
            self.cache.leave(bare)

    def mark_seen(self, case: OpenedCase) -> None:
        """Note that this case was looked at. Raises CacheUnusable."""
        self.cache.mark_seen(case.line.case_id, case.line.last_seq)

    def take_grants(self, situation: Situation) -> bool:
        """Fetch some of what colleagues granted to this key; False when all was.

        Raises ServerTrouble, CacheUnusable, Locked.
        """
        if self.grants.are_taken or situation.trouble:
            return False
        lines, more = self.grants.take(self.session(situation.roster.salt))
        if lines:
            self.read(situation, lines)
        return more

    @property
    def deletions(self) -> Deletions:
        """This auditor's part in deleting cases."""
        return Deletions(self.identity, self.cache, self.server, self.today, self._from_copy, self.log_acts)

    @property
    def log_acts(self) -> LogActs:
        """The leaves of this auditor's acts."""
        return LogActs(self.log, self.identity.key_id)

    @property
    def log(self) -> LogWatch:
        """This desk as a witness of the log."""
        return LogWatch(self.identity, self.cache, self.server, self.today, self._asked)

    def look_at_log(self, situation: Situation) -> None:
        """Compare the log with what was fetched, now. Raises ServerTrouble, CacheUnusable, Locked."""
        self.log.look(situation)

    @property
    def readings(self) -> ReadingJournals:
        """Return the readings of each case by auditor and day."""
        return ReadingJournals(self.identity, self.cache, self.server, self.today)

    def _exchange_readings(self, situation: Situation) -> None:
        if self.readings.is_due():
            with suppress(ServerTrouble):  # it is not worth a page: the next visit tries again
                self.readings.exchange(situation)

    def _look_at_log(self, situation: Situation) -> None:
        if situation.rewound or self.log.is_due():  # a server that was put back: its log may be, too
            with suppress(ServerTrouble):  # the cases were fetched: the log is asked for again later
                self.log.look(situation)

    def _from_copy(self, line: CaseLine, roster: SiteRoster) -> OpenedCase:
        envelopes = self.cache.envelopes(line.case_id)
        sealed = self.cache.sealed([envelope.envelope_id for envelope in envelopes])
        return self._open(Situation(roster), line, envelopes, sealed)

    def from_copy(self, case_id: bytes) -> OpenedCase | None:
        """Open a case out of what is here, without asking the server; None where it is not to be written in.

        Raises CacheUnusable, Locked.
        """
        line, roster = self.cache.case(case_id), self._known()
        if line is None or roster is None or self.left.holds(case_id):
            return None
        case = self._from_copy(line, roster)
        return case if case.is_open else None

    def _bury(self, current: SiteRoster) -> tuple[bytes, ...]:
        return self.deletions.bury(current)


def _are_there(envelopes: Sequence[EnvelopeLine], sealed: Mapping[bytes, SealedBytes]) -> bool:
    return all(envelope.envelope_id in sealed for envelope in envelopes)
