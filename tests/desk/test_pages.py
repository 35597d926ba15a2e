"""Every page of the desk, in every look: axe finds nothing, nothing is wider than a small phone, and keys reach all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from admin.desk.web.app import new_link
from admin.desk.web.context import desk_of
from crypto.receipt import derive, new_code
from tests.desk.browser import Browser, by_handles
from tests.desk.case_forms import write
from tests.desk.pages_of_files import one_page
from tests.desk.world import Sent, World, serving_desk
from tests.support.browser import findings, overflow, page_of


@dataclass(frozen=True)
class Scene:
    """A site with some of everything that a page can show."""

    world: World
    sent: Sent
    shut: Sent
    left: Sent
    object_id: str
    newcomer: str

    def case(self, below: str = "") -> str:
        return f"cases/{self.sent.case_id.hex()}{below}"


Where = Callable[[Scene], list[str]]

PAGES: Final[dict[str, Where]] = {
    "inbox.cases": lambda _scene: ["", "?view=due", "?status=closed"],
    "inbox.search_page": lambda _scene: ["search"],
    "intake.show": lambda _scene: ["intake"],
    "intake.subject": lambda _scene: ["intake/subject"],
    "intake.scans": lambda _scene: ["intake/scans"],
    "cases.show": lambda scene: [
        scene.case(),
        f"cases/{scene.shut.case_id.hex()}",
        f"cases/{scene.left.case_id.hex()}",
        f"cases/{'ab' * 16}",
    ],
    "triage.preview": lambda scene: [scene.case("/preview")],
    "cases.file": lambda scene: [scene.case(f"/files/{scene.object_id}")],
    "records.handover": lambda scene: [scene.case("/handover")],
    "records.leak": lambda scene: [scene.case("/leak")],
    "records.ask_to_step_back": lambda scene: [scene.case("/step-back")],
    "exports.ask": lambda scene: [scene.case("/export")],
    "packs.ask": lambda scene: [scene.case("/pack")],
    "packfiles.show": lambda scene: [scene.case(f"/pack/files/{scene.object_id}")],
    "accesses.ask": lambda scene: [scene.case("/access"), f"cases/{scene.shut.case_id.hex()}/access"],
    "deletions.ask": lambda scene: [scene.case("/delete"), f"cases/{scene.shut.case_id.hex()}/delete"],
    "statistics.show": lambda _scene: ["statistics", "statistics?period=this_year&least=5"],
    "people.show": lambda _scene: ["people"],
    "people.roles": lambda _scene: ["people/roles"],
    "log.show": lambda _scene: ["log"],
    "guide.show": lambda _scene: ["guide"],
    "register.show": lambda _scene: ["register"],
    "register.charges": lambda _scene: ["register/charges"],
    "register.template": lambda _scene: ["register/template"],
    "people.lost": lambda _scene: ["people/lost"],
    "people.closed": lambda _scene: ["people/closed"],
    "people.join": lambda _scene: ["people/join"],
    "people.show_card": lambda scene: [f"people/{scene.newcomer}/card"],
    "people.grants": lambda scene: [f"people/{scene.newcomer}/grants"],
    "people.ask_to_retire": lambda scene: [f"people/{scene.newcomer}/retire"],
    "ownkey.show": lambda _scene: ["people/key"],
    "ownkey.ask": lambda _scene: ["people/key/passphrase"],
    "ownkey.sheet": lambda _scene: ["people/key/sheet"],
    "program.show": lambda _scene: ["people/program"],
}
NO_PAGE: Final = {
    "root.start": "leads to the inbox",
    "open_link": "leads to the inbox",
    "lock.again": "leads to the inbox",
    "lock.state": "one word for the page's script",
    "static": "files",
    "lists.due_dates": "a file",
    "log.copy": "a file",
    "log.proof": "a file",
    "statistics.statistics_csv": "a file",
    "statistics.report": "a file",
    "cases.save_file": "a file",
    "packs.check": "of a pack in which something was chosen: test_pack_files.py looks at it",
    "packs.drawn_page": "a picture",
    "register.pack_sheet": "of a pack: test_pack.py looks at it",
    "packfiles.picture": "a picture",
    "again": "for the next start, not for people (test_first_run.py)",
    "ownkey.own_card": "a file",
    **dict.fromkeys(
        [f"first.{name}" for name in ("start", "ask_new", "ask_sheet", "ask_file", "done", "card", "sheet")],
        "of a desk without a key: test_first_run.py looks at them",
    ),
}


def test_every_route_is_listed(world: World) -> None:
    rules = world.desk().url_map.iter_rules()
    assert {rule.endpoint for rule in rules if "GET" in (rule.methods or ())} == {*PAGES, *NO_PAGE}
    assert len({rule.rule for rule in rules if "GET" in (rule.methods or ())}) == len(
        [rule for rule in rules if "GET" in (rule.methods or ())]
    )


def make_scene(world: World) -> Scene:
    entry = world.attach(one_page(), name="とても長い名前の資料" * 6 + ".pdf")
    sent = world.report(
        [world.auditors[1].card.person],
        [entry],
        what_happened="x" * 300 + "名簿が公開されています。" * 9,
        cause="loss",
        evidence="https://intra.example/" + "y" * 200,
    )
    shut = world.report([world.auditors[0].card.person])
    left = world.report()
    world.from_reporter(sent, {"message": "偽"}, signer=derive(new_code(), world.salt))
    world.from_reporter(sent, {"what_happened": "変更"}, [bytes(16)])
    newcomer = world.newcomer(0)
    world.enroll(newcomer.card)
    desk = Browser(world.desk())
    write(desk, left.case_id, "step_back")
    case_id = sent.case_id
    for act, typed in (
        ("take", {}),
        ("label", {"label": "とても長いラベルの名前です" * 3}),
        ("severity", {"severity": "critical"}),
        ("task", {"task_text": "ログを確保する\n二行目", "task_due": "2026-11-01"}),
        ("note", {"note": "z" * 400}),
        ("playbook", {"done_read_alone": "1"}),
        ("leak", {"aware": "2026-11-20", "trigger_sensitive": "yes", "persons": "150"}),
    ):
        write(desk, case_id, act, **typed)
    desk.set_status(case_id, "investigating")
    desk.reply(case_id, "受け取りました。\n" + "w" * 200)
    page = desk.get(f"cases/{case_id.hex()}/delete")
    desk.post(f"cases/{case_id.hex()}/delete/propose", page.fields("/propose") | {"delete_reason": "理由"})
    return Scene(world, sent, shut, left, entry["object"], newcomer.card.key_id.hex())


def addresses(scene: Scene) -> list[str]:
    return [path for where in PAGES.values() for path in where(scene)]


@contextmanager
def desk_in(browser: Chromium, world: World, lang: str, **context: Any) -> Iterator[tuple[Page, str]]:
    """Open the unlocked desk in a real browser."""
    app = world.desk()
    with serving_desk(app) as address, page_of(browser, **context) as page:
        page.goto(new_link(app))
        yield page, f"{address}/{lang}/"


LOOKS = (("ja", 320, "light"), ("en", 1280, "dark"))
"""Where axe looks at a page, and in which colours: each language, width and look once. Whether it is too wide is asked
in both widths; 320 px are 1280 at 400 %.
"""


def test_every_page_in_every_look(world: World, chromium_browser: Chromium) -> None:
    scene, wrong = make_scene(world), []
    for lang, width, scheme in LOOKS:
        context: dict[str, Any] = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
        with desk_in(chromium_browser, world, lang, **context) as (page, base):
            outside = base[: base.index("/", len("http://"))]
            for path in (*(base + one for one in addresses(scene)), "lock", base, f"{outside}/"):
                if path == "lock":
                    desk_of(world.apps[-1]).keyring.lock()
                    continue
                page.goto(by_handles(world.apps[-1], path))
                found = findings(page)
                wide = overflow(page)
                page.set_viewport_size({"width": 1600 - width, "height": 800})
                if found or wide > 0 or overflow(page) > 0:
                    wrong.append((lang, scheme, path, wide, overflow(page), found))
                page.set_viewport_size({"width": width, "height": 800})
            assert page.locator("h1").count() == 1
    assert wrong == []


_ALL = """() => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  .filter(one => !one.disabled && one.tabIndex >= 0 && one.checkVisibility())
  .filter(one => one.type !== 'radio' || one.checked
     || !document.querySelector(`input[name="${one.name}"]:checked`)
        && one === document.querySelector(`input[name="${one.name}"]`))"""
_COUNT = f"() => {{ window.all = ({_ALL})(); return all.length; }}"
_NAMES = "() => all.map(one => one.outerHTML.slice(0, 120))"
_AT = """() => { const one = document.activeElement, look = getComputedStyle(one), box = one.getBoundingClientRect();
  return [all.indexOf(one), look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2,
          box.width > 0 && box.bottom > 0 && box.top < innerHeight]; }"""


@pytest.mark.parametrize("scripts", [True, False])
def test_keys_reach_everything_in_its_order(world: World, chromium_browser: Chromium, scripts: bool) -> None:
    scene = make_scene(world)
    context: dict[str, Any] = {"java_script_enabled": scripts, "viewport": {"width": 1280, "height": 800}}
    with desk_in(chromium_browser, world, "ja", **context) as (page, base):
        # Without scripts the same is on the pages; the longest ones show it.
        for path in addresses(scene) if scripts else ("", "search", scene.case(), scene.case("/leak")):
            page.goto(by_handles(world.apps[-1], base + path))
            count = page.evaluate(_COUNT)
            steps: list[list[Any]] = []
            while len(steps) < count:
                page.keyboard.press("Tab")
                at = page.evaluate(_AT)
                # The parts of a day's box are stops of their own.
                if not steps or steps[-1][0] != at[0]:
                    steps.append(at)
            names = page.evaluate(_NAMES)
            assert [at for at, _seen, _there in steps] == list(range(count)), (path, steps, names)
            unseen = [names[at] for at, seen, there in steps if not (seen and there)]
            assert unseen == [], path
        page.goto(base)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        two_clicks_to_the_report(page, base)


def two_clicks_to_the_report(page: Page, base: str) -> None:
    """From the inbox to the PDF for the board."""
    page.goto(base)
    page.get_by_role("navigation").get_by_role("link", name="統計").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="役員会用のPDF").click()
    assert download.value.suggested_filename.startswith("statistics-")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
