"""The company's register: no word of an intake, a change of who reads, the register or an investigation is at rest."""

from __future__ import annotations

import secrets
from pathlib import Path

from admin.desk.casework import intake
from admin.desk.casework.access import proposals
from admin.desk.casework.intake import WrittenReport
from admin.desk.casework.opened_case import OpenedCase
from admin.desk.casework.situation import Situation
from admin.desk.casework.work import Work
from admin.desk.web.app import DeskOptions, create_desk
from admin.desk.web.context import desk_of
from cases import register
from cases.records import make
from crypto.receipt import new_code
from tests.leaks.test_nothing_in_plain import marker
from tests.support import leaks
from tests.support.ports import free_port
from tests.support.site import Site, make_site, running, today

WORDS = (
    *(
        "told",
        "why",
        "answer",
        "template",
        "charge",
        "view",
        "to",
        "plan",
        "who",
        "minutes",
        "proof",
        "conflict",
    ),
    "reason",
)


def look(work: Work, case_id: bytes) -> tuple[Situation, OpenedCase]:
    now = work.refresh()
    case = work.case(now, case_id)
    assert case is not None and case.is_open
    return now, case


def wrote(site: Site, lead: Work, second: Work, words: dict[str, str]) -> None:
    """Do everything once: write a report down, investigate, take an auditor off it, write into the register."""
    answers = {"what_happened": words["told"], "how_often": words["told"]}
    written = WrittenReport(
        answers, "ja", "talk", today(), frozenset(), secrets.token_bytes(16), "harassment"
    )
    case_id = intake.send(lead, lead.refresh(), written, new_code()).case_id
    own_id, day = secrets.token_hex(16), today().isoformat()
    for record in (
        make("plan", text=words["plan"]),
        make(
            "interview",
            interview=own_id,
            who=words["who"],
            day="",
            by="",
            minutes=words["minutes"],
            held=True,
        ),
        make(
            "evidence",
            evidence=own_id,
            what=words["proof"],
            hash="",
            day=day,
            source=words["proof"],
            place=words["proof"],
        ),
        make("conflict", conflict=True, text=words["conflict"]),
        make("category", category="accounting"),
    ):
        lead.add_record(*look(lead, case_id), secrets.token_bytes(16), record)
    off = site.auditors[2].card.person
    lead.propose_access(*look(lead, case_id), secrets.token_bytes(16), "off", off, words["why"])
    now, case = look(second, case_id)
    (proposal,) = proposals(case, now.roster)
    second.agree_access(now, case, secrets.token_bytes(16), proposal, words["answer"])
    both = dict.fromkeys(("ja", "en"), words["template"])
    for entry in (
        register.make("template", template=own_id, name=both, text=both, category="", kept=True),
        register.make(
            "charge",
            charge=own_id,
            name=words["charge"],
            post=words["charge"],
            scope=words["charge"],
            first=day,
            last="",
        ),
        register.make("view", view=own_id, name=words["view"], query={"category": "harassment"}, kept=True),
    ):
        lead.register.add(lead.refresh(), entry)
    details = {"case": case_id.hex(), "what": "pack", "to": words["to"], "purpose": words["reason"]}
    lead.register.log_export(lead.refresh(), details)
    # The control: the other desk reads all of it.
    now, case = look(second, case_id)
    state, (line,) = second.register.state(now.roster), second.register.exports(now.roster)
    kept = [*state.templates.values(), *state.charges.values(), *state.views.values()]
    assert case.report is not None
    said = repr(
        (
            case.report.answers,
            [entry.message for entry in case.entries],
            [entry.record.as_json() for entry in case.said],
            [each.entry.as_json() for each in kept],
            line.details,
        )
    )
    assert [word for word in words.values() if word not in said] == []


def test_nothing_of_the_companys_register_is_at_rest(tmp_path: Path) -> None:
    words = {name: marker(name) for name in WORDS}
    site = make_site(tmp_path / "site", auditors=3, server="workers = 1")
    places = [tmp_path / f"desk-{number}" for number in range(2)]
    with running(site):
        apps = [
            create_desk(
                site.base, None, DeskOptions(cache_dir=folder, identity=who.identity, port=free_port())
            )
            for folder, who in zip(places, site.auditors, strict=False)
        ]
        lead, second = (desk_of(app).work() for app in apps)
        wrote(site, lead, second, words)
        assert (site.folder / "meyasubako.db-wal").stat().st_size > 0
        assert leaks.find(words.values(), [*places, site.folder]) == []
        for app in apps:
            desk_of(app).close()
