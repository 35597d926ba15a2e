"""Checks of the installed program, on a server as on a laptop."""

from __future__ import annotations

import gettext
import importlib.util
import struct
import subprocess
import sys
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Final

from admin.commands.doctor.findings import Finding, Findings, fail, note, ok, warn
from admin.commands.support.parts import DESK_LIBRARIES, SERVER_LIBRARIES, how_to_install
from admin.commands.support.site import today

LEAST_PYTHON: Final = (3, 11)
LEAST_PATCH: Final = {(3, 11): 8, (3, 12): 2}
"""The least patch release of each Python: those before read ZIP files with overlapping entries (CVE-2024-0450, in
Python's changelog for 3.11.8 and 3.12.2) and bring an older Expat. Later versions of Python have it from the start."""
SANDBOX: Final = ("no_new_privileges", "landlock", "seccomp")
"""The layers that sandbox.py asks of the kernel."""


def missing_libraries(libraries: tuple[str, ...]) -> list[str]:
    """Return those of the libraries that are not installed."""
    return [name for name in libraries if importlib.util.find_spec(name) is None]


def program() -> Findings:
    """Check the versions of this program and of Python."""
    try:
        version = metadata.version("meyasubako")
    except metadata.PackageNotFoundError:
        version = "not installed as a package"
    python = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < LEAST_PYTHON:
        yield fail("program", f"Python {python} is too old; 3.11 or newer is needed.")
    else:
        yield ok("program", f"meyasubako {version}, Python {python}")
        yield from python_patch(*sys.version_info[:3])


def python_patch(major: int, minor: int, micro: int) -> Findings:
    """Warn of a patch release of Python that lacks mends which this program counts on."""
    least = LEAST_PATCH.get((major, minor), 0)
    if micro < least:
        yield warn(
            "program",
            f"Python {major}.{minor}.{micro}: faults in reading ZIP and XML files were mended in "
            f"{major}.{minor}.{least}. Please install that one or a later one, unless it is your distribution's Python "
            "(Debian and Ubuntu mend theirs and keep the number).",
        )


def cryptography() -> Findings:
    """Check that PyNaCl opens what it seals."""
    from crypto.identity import new_identity
    from crypto.seal import grant
    from crypto.unseal import open_grant

    keys = new_identity()
    if open_grant(grant(keys.seed, keys.box_pk), keys.box_sk, keys.box_pk) == keys.seed:
        yield ok("cryptography", "PyNaCl seals and opens.")
    else:
        yield fail("cryptography", "PyNaCl does not open what it sealed; install it again.")


def _folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec is not None else None
    return Path(next(iter(places))) if places else None


def texts() -> Findings:
    """Check the catalogues, templates and static files."""
    wrong = []
    for package in ("portal", "admin.desk"):
        for language in ("ja", "en"):
            folder = _folder(package)
            file = folder / "translations" / language / "LC_MESSAGES" / "messages.mo" if folder else None
            try:
                with open(file or "", "rb") as opened:
                    gettext.GNUTranslations(opened)
            except (OSError, ValueError, EOFError, struct.error):
                wrong.append(f"{package}/{language}")
    if wrong:
        yield fail("translations", f"Missing or damaged: {', '.join(wrong)}. Install the package again.")
    else:
        yield ok("translations", "Japanese and English, site and desk.")
        for package in ("portal", "admin.desk"):
            folder = _folder(package)
            if folder is not None:
                yield from incomplete_languages(package, folder / "translations")
    needed = {"templates": ("portal", "desk", "components"), "portal": ("static",), "admin.desk": ("static",)}
    gone = [
        f"{package}/{part}"
        for package, parts in needed.items()
        for part in parts
        if not any(((_folder(package) or Path("/nonexistent")) / part).glob("*.*"))
    ]
    if gone:
        yield fail("pages", f"Missing: {', '.join(gone)}. Install the package again.")
    else:
        yield ok("pages", "Templates and static files are there.")


def incomplete_languages(package: str, translations: Path) -> Findings:
    """Warn of each language whose catalogue is not whole; a further one is offered only when it is."""
    from templates.catalogues import faults

    for folder in sorted(translations.glob("*/LC_MESSAGES")):
        locale = folder.parent.name
        lacking = faults(translations, locale)
        if lacking:
            yield warn(
                "translations",
                f"{package}/{locale} is not whole, so a further language is not offered: {len(lacking)} sentences, "
                f"first {lacking[0]}",
            )


def parts() -> Findings:
    """Say which of the two parts are installed here."""
    for part, libraries in (("desk", DESK_LIBRARIES), ("server", SERVER_LIBRARIES)):
        missing = missing_libraries(libraries)
        if not missing:
            yield ok(f"{part} part", "installed")
        elif len(missing) == len(libraries):
            yield note(f"{part} part", f"not installed here. {how_to_install(part)}")
        else:
            yield fail(f"{part} part", f"incomplete, {', '.join(missing)} missing. {how_to_install(part)}")


def cleaner() -> Findings:
    """Say what the kernel takes from the process that looks into files (sandbox.py)."""
    command = [sys.executable, "-I", "-B", "-m", "sandbox"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    missing = [layer for layer in SANDBOX if layer not in done.stdout.split()]
    if sys.platform != "linux":
        yield note("file cleaner", "runs without a sandbox: this system has none for it.")
    elif missing:
        yield warn(
            "file cleaner",
            f"This kernel or unit does not give {' or '.join(missing)}: a fault in a library that reads files could do "
            "more there. See docs/operations.md, section 4.",
        )
    else:
        yield ok("file cleaner", f"closed off: {', '.join(SANDBOX)}")


def facts_reviewed(day: date) -> Finding:
    """Say whether every contact and rule of the guide is within its review day on `day` (Japan)."""
    from cases import contacts, law

    due = len(contacts.due_for_review(day)) + len(law.due_for_review(day))
    if not due:
        return ok("facts", "Every contact and rule of the guide is within its review day.")
    return warn(
        "facts",
        f"{due} contacts or rules of the guide are past their review day; see `meyasubako facts check`.",
    )


def facts() -> Findings:
    """Check the review days of the guide's facts as of today."""
    yield facts_reviewed(today())
