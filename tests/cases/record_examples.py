"""Examples of every record, and strategies that make any: for tests of reading and of folding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from hypothesis import strategies as st

from cases import breach
from cases.case_state import AuthoredRecord
from cases.form import CAUSES
from cases.records import LINKS, MILESTONES, Record, make

DAY = date(2026, 11, 23)
IDS = [f"{number:032x}" for number in range(1, 4)]
TRIGGERS = dict.fromkeys(breach.TRIGGER_IDS, "no")

GOOD: Mapping[str, dict[str, Any]] = {
    "note": {"text": "確認しました。"},
    "task": {"task": IDS[0], "text": "ログを確保", "due": "2026-12-01", "assignee": IDS[1]},
    "task_done": {"task": IDS[0], "done": True, "day": "2026-11-24"},
    "label": {"label": "名簿", "on": True},
    "owner": {"person": IDS[0]},
    "severity": {"severity": "high"},
    "cause": {"cause": "insider"},
    "plan": {"text": "帳簿と照らす"},
    "interview": {
        "interview": "0" * 32,
        "who": "経理課の担当者",
        "day": "2026-12-03",
        "by": "",
        "minutes": "",
        "held": False,
    },
    "evidence": {
        "evidence": "0" * 32,
        "what": "売上台帳",
        "hash": "A" * 43,
        "day": "2026-12-01",
        "source": "経理課",
        "place": "監査部の金庫",
    },
    "conflict": {"conflict": True, "text": "同じ課にいました"},
    "category": {"category": "harassment"},
    "link": {"case": IDS[2], "as": "related", "on": True},
    "title": {"title": "名簿の持ち出し（2,400名）"},
    "panel": {"records": [{"type": "severity", "severity": "high"}, {"type": "owner", "person": IDS[0]}]},
    "step": {"item": "preserve", "done": True, "day": "2026-11-24", "not_needed": ""},
    "breach": {"aware": "2026-11-20", "triggers": TRIGGERS, "persons": 3200, "entrusted": "no"},
    "breach_form": {"stage": "final", "items": {"outline": "概要"}},
    "breach_reported": {"stage": "preliminary", "day": "2026-11-25"},
    "milestone": {"what": "persons", "plan": "2026-12-01", "day": "", "how": "郵便で"},
    "decision": {"sequence": 1, "reason": "通報の対象となる事実ではありません。"},
    "step_back": {},
    "bring_back": {"person": IDS[0], "answers": IDS[1]},
    "access": {
        "what": "off",
        "target": IDS[0],
        "number": 1,
        "sig": "A" * 86,
        "reason": "利害関係があります。",
    },
    "access_refused": {"proposal": IDS[0], "reason": "必要ありません。"},
    "export": {"what": "pdf", "hash": "A" * 43},
    "deletion": {"action": "propose", "reason": "保存期間が過ぎました。"},
}

A, B, C = (bytes([number]) * 16 for number in (1, 2, 3))
DUTIES = {A: "lead", B: "auditor", C: "lead"}
_count = iter(range(10**9))


def said(record: Record, person: bytes = A, day: date = DAY) -> AuthoredRecord:
    return AuthoredRecord(next(_count).to_bytes(16, "big"), person, person, DUTIES[person], day, record)


def made(type_: str, fields: dict[str, Any]) -> Record:
    return make(type_, **fields)


ids = st.sampled_from(IDS)
texts = st.text(st.characters(exclude_categories=["Cs", "Zs", "Cc"]), min_size=1, max_size=30)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1)).map(date.isoformat)
persons = st.sampled_from([A.hex(), B.hex(), C.hex()])
ANY: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "note": st.fixed_dictionaries({"text": texts}),
    "task": st.fixed_dictionaries(
        {"task": ids, "text": texts, "due": days | st.just(""), "assignee": persons | st.just("")}
    ),
    "task_done": st.fixed_dictionaries({"task": ids, "done": st.booleans(), "day": days}),
    "label": st.fixed_dictionaries({"label": texts, "on": st.booleans()}),
    "owner": st.fixed_dictionaries({"person": persons | st.just("")}),
    "severity": st.fixed_dictionaries({"severity": st.sampled_from(["", "low", "critical"])}),
    "cause": st.fixed_dictionaries({"cause": st.sampled_from(["", *CAUSES])}),
    "link": st.fixed_dictionaries({"case": ids, "as": st.sampled_from(LINKS), "on": st.booleans()}),
    "title": st.fixed_dictionaries({"title": st.sampled_from(["", "題", "名簿"])}),
    "step": st.fixed_dictionaries(
        {"item": st.sampled_from(["a", "b"]), "done": st.booleans(), "day": days, "not_needed": st.just("")}
    ),
    "milestone": st.fixed_dictionaries(
        {
            "what": st.sampled_from(MILESTONES),
            "plan": days | st.just(""),
            "day": days | st.just(""),
            "how": texts | st.just(""),
        }
    ),
    "decision": st.fixed_dictionaries({"sequence": st.integers(1, 3), "reason": texts}),
    "step_back": st.just({}),
    "bring_back": st.fixed_dictionaries({"person": persons, "answers": ids}),
    "access": st.fixed_dictionaries(
        {
            "what": st.sampled_from(["off", "given"]),
            "target": ids,
            "number": st.integers(1, 3),
            "sig": st.just("A" * 86),
            "reason": texts,
        }
    ),
    "access_refused": st.fixed_dictionaries({"proposal": ids, "reason": texts}),
    "breach": st.fixed_dictionaries(
        {
            "aware": days | st.just(""),
            "triggers": st.fixed_dictionaries(
                {name: st.sampled_from(breach.ANSWERS) for name in breach.TRIGGER_IDS}
            ),
            "persons": st.none() | st.integers(0, 10**10),
            "entrusted": st.sampled_from(breach.ANSWERS),
        }
    ),
    "breach_form": st.fixed_dictionaries(
        {
            "stage": st.sampled_from(["preliminary", "final"]),
            "items": st.dictionaries(st.sampled_from(breach.ITEM_IDS), texts),
        }
    ),
    "breach_reported": st.fixed_dictionaries(
        {"stage": st.sampled_from(["preliminary", "final"]), "day": days | st.just("")}
    ),
    "export": st.fixed_dictionaries(
        {"what": st.sampled_from(["pdf", "folder", "csv"]), "hash": st.just("A" * 43)}
    ),
    "deletion": st.fixed_dictionaries(
        {"action": st.sampled_from(["propose", "withdraw", "agree"]), "reason": texts | st.just("")}
    ),
}
records = st.one_of(*[st.builds(made, st.just(type_), fields) for type_, fields in ANY.items()])
