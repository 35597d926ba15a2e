"""The words of a pack's cover and lists, in the page's language."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from admin.desk.labels import pack as labels
from admin.desk.labels.i18n import show_day
from admin.desk.reports.pack import Chosen, PackFile, Wording
from admin.desk.reports.redaction import without_words
from admin.desk.web.context import desk
from admin.desk.web.pack_scene import Scene
from admin.desk.web.pages import name_of
from admin.desk.web.views import case_page


def count(passages: int) -> tuple[str, str]:
    """Return the cover's line about so many passages."""
    said = ngettext("%(num)d passage, as ■■■■", "%(num)d passages, each as ■■■■", passages)
    return str(gettext("Blacked out")), str(said)


def wording(scene: Scene, chosen: Chosen) -> Wording:
    """Return the words of a pack."""
    own = scene.situation.roster.by_key[desk().work().identity.key_id]
    day, all_parts = show_day(desk().today()), len(scene.parts)
    purpose = scene.fields.get("pk_purpose", "").strip()
    cover = [
        (gettext("For"), scene.fields.get("pk_to", "").strip()),
        *([(gettext("Purpose"), purpose)] if purpose else []),
        (gettext("Made by"), str(name_of(own))),
        (gettext("Day"), day),
        (gettext("Parts"), gettext("%(some)d of %(all)d", some=len(chosen.parts), all=all_parts)),
    ]
    if scene.opened.files:
        some_files = gettext("%(some)d of %(all)d", some=len(chosen.files), all=len(scene.opened.files))
        cover.append((gettext("Files"), some_files))
    return Wording(
        title=str(gettext("Material from a report")),
        notice=case_page.export_notice(),
        made=without_words(
            str(gettext("Made on %(day)s by %(name)s", day=day, name=name_of(own))), chosen.words
        ),
        cover_heading=str(gettext("What this is")),
        cover=[(str(label), str(text)) for label, text in cover],
        groups={name: str(gettext(text)) for name, text in labels.GROUPS.items()},
        source=scene.source,
        files_heading=str(gettext("Files")),
        about_file=_about_file,
        columns=str(gettext("In this pack:")),
        check=str(
            gettext(
                "How to check it: unpack it and run in the folder “sha256sum --check SHA256SUMS” (Linux), “shasum -a "
                "256 --check SHA256SUMS” (macOS), or compare the numbers below with what “Get-FileHash NAME” prints "
                "(Windows, PowerShell). The SHA-256 of the file SHA256SUMS is on record with the auditors."
            )
        ),
        pages=str(gettext("Page {number} of {count}")),
        letters=str(
            gettext(
                "Letters that this document’s font lacks stand as their Unicode numbers, such as 〔U+20BB7〕."
            )
        ),
        rest=str(gettext("This part goes on in the file pack.txt: it is longer than a PDF can take.")),
    )


def _about_file(file: PackFile) -> str:
    if not file.ending:
        return str(gettext("unchanged, %(size)s B", size=f"{file.file.size:,}"))
    pages = ngettext("as a picture of its %(num)d page", "as pictures of its %(num)d pages", file.pages)
    said = ngettext("%(num)d passage blacked out", "%(num)d passages blacked out", file.passages)
    return f"{pages} / {said}"
