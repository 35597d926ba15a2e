"""A case, opened: what `opening` makes of its envelopes and statuses. No Flask, no network, no disk in here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from admin.desk.casework.attachments import File, find
from admin.desk.casework.case_entries import Entry, StatusEntry, WrittenDown
from admin.desk.casework.roster import SiteRoster
from admin.desk.local.rows import CaseLine
from admin.desk.local.summary import SHUT
from cases.case_fold import fold
from cases.case_state import AuthoredRecord, CaseState
from cases.lodging import Lodging, through_the_site, written_down
from cases.status import RECEIVED, Step
from crypto.access import NOTHING, Access
from crypto.cards import Card
from crypto.choice import FIRST
from crypto.envelope import Kind
from crypto.treated import Treated, treated_as


@dataclass(frozen=True, repr=False)
class OpenedCase:
    """A case as this desk can read it. Without `content_key` the report could not be opened: nothing can be
    done in it.

    `exclude`: persons whom the reporter excluded, ever. `mailbox_pk`: from what the reporter signed alone; None when
    the report names none or is not signed. `report_hash`: the envelope hash that the reporter's receipt names.
    `rewritten`: the server gave two statuses for one place in the history.
    """

    line: CaseLine
    report: Entry | None
    entries: tuple[Entry, ...] = ()
    statuses: tuple[StatusEntry, ...] = ()
    rewritten: bool = False
    exclude: frozenset[bytes] = frozenset()
    at_report: frozenset[bytes] = frozenset()
    seen: tuple[bytes, ...] = ()
    content_key: bytes | None = field(default=None)
    mailbox_pk: bytes | None = None
    choice: int = FIRST
    """The newest number of the reporter's choice that this desk was given."""
    choice_named_by: tuple[Card, ...] = ()
    """Colleagues whose answers name a newer one: the server keeps something of the reporter's from this desk, or what
    they name is not true."""
    report_hash: bytes = b""
    said: tuple[AuthoredRecord, ...] = ()
    left: bool = False
    """This auditor stepped back from the case, or was taken off it."""
    access: Access = NOTHING
    """Who was taken off the case, and to whom it was given."""
    unheard: frozenset[bytes] = frozenset()
    """Persons who are off and of whose removal no envelope of the reporter's shows that their page has it: what the
    reporter writes may still open for them."""
    fault: str = ""
    """Why the report does not open here (`fault_of`); empty where it does."""
    report_fault: str = ""
    """The fault of the list of readers of a report that can't be opened (`Entry.list_fault`)."""
    moved: int | None = None
    """Where the newest thing in the case is a record that was kept from this key: the place in the feed of the newest
    other one. None: what is newest is shown."""
    written_down: WrittenDown | None = None
    """By which auditor the report was written down; None for the reporter's own."""

    @property
    def lodging(self) -> Lodging:
        """When the report was made, and whether in writing."""
        said = self.written_down.said if self.written_down else None
        received = self.line.received_day
        return written_down(received, said.channel, said.day) if said else through_the_site(received)

    @property
    def first_code(self) -> frozenset[bytes]:
        """The messages (envelope ids) under the first code of a report that was written down: its author had that code,
        so they may be the author's. Empty for every other report."""
        if self.written_down is None:
            return frozenset()
        ids: list[bytes] = []
        for entry in self.entries:
            if entry.verified and entry.kind == Kind.FROM_REPORTER:
                if entry.new_code:
                    break
                ids.append(entry.envelope_id)
        return frozenset(ids)

    @property
    def new_code_day(self) -> date | None:
        """The day on which a new code was taken first; None: not yet."""
        taken = (entry.day for entry in self.entries if entry.verified and entry.new_code)
        return next(taken, None)

    @property
    def shown(self) -> tuple[Entry, ...]:
        """The entries that pages and documents show."""
        return tuple(entry for entry in self.entries if not entry.kept_from_own)

    @property
    def list_faults(self) -> tuple[str, ...]:
        """The faults of the lists of readers of the case's envelopes, the report's first, each once."""
        faults = [entry.list_fault for entry in (self.report, *self.entries) if entry is not None]
        return tuple(dict.fromkeys(fault for fault in (self.report_fault, *faults) if fault))

    @property
    def gone(self) -> frozenset[bytes]:
        """The persons who stepped back or were taken off."""
        return self.state.stepped_back | self.access.off.keys()

    def out(self, roster: SiteRoster, back: bytes | None = None) -> frozenset[bytes]:
        """Return the key ids that nothing more of the case is sealed or granted to. `back`: a person who is about to
        be brought back."""
        return roster.may_not_read(self.exclude, self.gone - {back}, self.at_report)

    def readers(self, roster: SiteRoster) -> list[Card]:
        """Return who can read the case now: neither excluded by the reporter, nor stepped back, nor taken off."""
        out = self.out(roster)
        return [card for card in roster.readers if card.key_id not in out]

    def sure_readers(self, roster: SiteRoster) -> list[Card]:
        """Return who of `readers` can open the report for certain: it was sealed to them, or they signed something with
        its act key. To whom else a colleague handed it over, no other desk is told.
        """
        entries = (entry for entry in self.entries if entry.verified and entry.author)
        signed = {entry.author.key_id for entry in entries if entry.author}
        signed |= {status.author.key_id for status in self.statuses if status.verified and status.author}
        return [card for card in self.readers(roster) if card.key_id in self.at_report | signed]

    def later_readers(self, roster: SiteRoster) -> list[Card]:
        """Return who of `readers` came after the report, and has no other key that opens it: what is written since is
        sealed to them, and what is older only opens if a colleague handed it over (format.md, 2.2)."""
        sure = {card.person for card in self.sure_readers(roster)}
        return [card for card in self.readers(roster) if card.person not in sure]

    def given_to(self, roster: SiteRoster) -> tuple[Card, ...]:
        """Return the active cards that the case was given to."""
        out = self.out(roster)
        keys = [key_id for key_id in self.access.given if key_id not in out and roster.is_active(key_id)]
        return tuple(roster.by_key[key_id] for key_id in keys)

    @property
    def choice_withheld(self) -> bool:
        """Tell whether somebody names a newer choice of the reporter than this desk was given: nothing may be sent."""
        return bool(self.choice_named_by)

    @cached_property
    def state(self) -> CaseState:
        """The state to which the auditors' records fold."""
        return fold(self.said, self.given_cause, self.given_category)

    @property
    def given_cause(self) -> str:
        """The cause that the reporter chose; empty: none."""
        return dict(self.report.answers).get("cause", "") if self.report else ""

    @property
    def given_category(self) -> str:
        """The category that the reporter, or the auditor who wrote the report down, chose; "": none, or not asked."""
        return self._own_category or (self.report.category if self.report else "")

    @property
    def is_category_own(self) -> bool:
        """Tell whether the reporter chose `given_category`, and no auditor who wrote the report down."""
        return bool(self._own_category) or self.written_down is None

    @property
    def _own_category(self) -> str:
        own = [entry for entry in self.entries if entry.verified and entry.kind == Kind.FROM_REPORTER]
        return next((entry.category for entry in reversed(own) if entry.category), "")

    @property
    def told_category(self) -> str:
        """The category in answers from here on (format.md, 2.17): the auditors' decision; "" before one."""
        decided = any(said.record.type == "category" for said in self.state.said)
        return self.state.category if decided else ""

    @property
    def treated(self) -> Treated | None:
        """The category that the reporter's page shows; None where no answer told it."""
        answers = (entry for entry in self.entries if entry.verified and entry.kind == Kind.TO_REPORTER)
        return treated_as((entry.category, entry.day) for entry in answers)

    @property
    def language(self) -> str:
        """The language of the page that the reporter last used a form on (a word of `crypto.payloads.PAGE_LANGUAGES`);
        empty: not said."""
        own = [entry for entry in self.entries if entry.verified and entry.kind == Kind.FROM_REPORTER]
        forms = [form for form in (self.report, *own) if form is not None and form.language]
        return forms[-1].language if forms else ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The statuses that can be believed, as the clocks need them."""
        return tuple(Step(status.status, status.day) for status in self.statuses if status.verified)

    @property
    def days_contradict(self) -> bool:
        """Tell whether signed days contradict the server's: a status before the report came, or before the one that
        it follows."""
        days = [self.line.received_day, *(status.day for status in self.statuses if status.verified)]
        return days != sorted(days)

    @property
    def answered(self) -> date | None:
        """The day of the first message to the reporter."""
        return min(self.reply_days, default=None)

    @property
    def reply_days(self) -> tuple[date, ...]:
        """The days of the messages to the reporter."""
        return tuple(entry.day for entry in self.entries if entry.kind == Kind.TO_REPORTER and entry.verified)

    @property
    def is_open(self) -> bool:
        """Tell whether the report could be opened."""
        return self.content_key is not None

    @property
    def is_shut(self) -> bool:
        """Tell whether nothing of this case is shown here: it is whole, and not for this key."""
        return self.fault == SHUT

    @property
    def files(self) -> list[File]:
        """The files that the reporter's words name."""
        own = [entry for entry in self.entries if entry.verified and entry.author is None]
        # A report that nobody signed is shown, so that none is lost; so are its files.
        named = [self.report, *own] if self.report else own
        return [file for entry in named for file in entry.files]

    @property
    def scans(self) -> frozenset[bytes]:
        """The files (object ids) of a report that an auditor wrote down: that auditor's scans, not the reporter's."""
        own = self.report.files if self.report and self.written_down else ()
        return frozenset(file.object_id for file in own)

    @property
    def foreign(self) -> tuple[Entry, ...]:
        """Entries under the reporter's name that are signed with other keys than the report's."""
        return tuple(
            entry
            for entry in self.entries
            if entry.kind == Kind.FROM_REPORTER and entry.opened and not entry.verified
        )

    @property
    def status(self) -> str:
        """Return the last status that the server has: the next one has to follow it."""
        return self.statuses[-1].status if self.statuses else RECEIVED

    @property
    def status_is_verified(self) -> bool:
        """Tell whether that status can be believed."""
        return not self.statuses or self.statuses[-1].verified

    @property
    def next_sequence(self) -> int:
        """Return the sequence of the next status."""
        return self.statuses[-1].sequence + 1 if self.statuses else 1

    def file(self, object_id: bytes) -> File | None:
        """Return a file that the reporter's words name."""
        return find(self.files, object_id)

    def entry(self, envelope_id: bytes) -> Entry | None:
        """Return the entry of an envelope."""
        return next((entry for entry in self.entries if entry.envelope_id == envelope_id), None)
