"""The portal's packages import only what their docstrings allow; libraries are where the docstrings say."""

from __future__ import annotations

import pytest

from tests.architecture.test_imports import imported, modules, named_libraries

PORTAL = "portal"
MODULES = frozenset({"app", "bundle", "context", "template_cache"})
"""The modules that are in no package."""

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "edge": ("cleaning", "uploads", "context"),
    "pages": ("edge", "usecases", "forms", "uploads", "labels", "context", "bundle"),
    "usecases": ("uploads", "context"),
    "forms": ("usecases", "uploads", "labels"),
    "uploads": ("cleaning",),
    "labels": (),
    "cleaning": (),
    "scripts": (),
    "context": ("usecases", "bundle", "template_cache"),
    "bundle": (),
    "template_cache": (),
}
"""Per package or module of the portal, the others of the portal that it may import."""

FLASK = ("flask", "flask_babel", "flask_wtf")
MAY_NOT_NAME: dict[str, tuple[str, ...]] = {
    "usecases": (*FLASK, "wtforms", "gunicorn"),
    "context": (*FLASK, "wtforms", "gunicorn"),
    "uploads": (*FLASK, "wtforms", "sqlalchemy"),
    "cleaning": (*FLASK, "wtforms", "sqlalchemy", "nacl"),
    "labels": ("wtforms", "sqlalchemy", "nacl"),
    "forms": ("sqlalchemy",),
    "edge": ("wtforms", "nacl"),
}
"""Per package, the libraries that none of its modules names in an import."""


def part_of(name: str) -> str:
    """Return the package, or the module outside packages, that a module of the portal belongs to."""
    return name.split(".")[1]


def forbidden(part: str, imports: set[str]) -> list[str]:
    """Return the imports of other parts of the portal that a part may not have."""
    allowed = (part, *MAY_IMPORT[part])
    return sorted(
        module
        for module in imports
        if module.startswith(f"{PORTAL}.")
        and part_of(module) in {*MAY_IMPORT, "app"}
        and part_of(module) not in allowed
    )


PARTS = [
    (name, path) for name, path in modules() if name.startswith(f"{PORTAL}.") and name != f"{PORTAL}.app"
]


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_imports_what_it_says(part: str) -> None:
    of_part = [(name, path) for name, path in PARTS if part_of(name) == part]
    assert of_part
    for name, path in of_part:
        assert forbidden(part, imported(name, path)) == [], name
        source = path.read_text(encoding="utf-8")
        assert named_libraries(source, MAY_NOT_NAME.get(part, ())) == [], name


def test_every_part_of_the_portal_is_held_to_its_imports() -> None:
    assert {part_of(name) for name, _path in PARTS} == set(MAY_IMPORT)
    assert {name for name in MODULES if f"{PORTAL}.{name}" not in dict(modules())} == set()


@pytest.mark.parametrize(
    ("part", "module"),
    [
        ("usecases", "pages.report"),
        ("usecases", "edge.request"),
        ("forms", "pages.render"),
        ("uploads", "usecases.submit"),
        ("labels", "usecases.submit"),
        ("edge", "pages.report"),
        ("pages", "cleaning.kinds"),
        ("cleaning", "uploads.receive"),
        ("context", "edge.request"),
        ("bundle", "context"),
        ("template_cache", "context"),
        ("scripts", "app"),
    ],
)
def test_the_check_itself_finds_a_wrong_import(part: str, module: str) -> None:
    assert forbidden(part, {f"{PORTAL}.{module}", f"{PORTAL}.{part}.x"}) == [f"{PORTAL}.{module}"]


@pytest.mark.parametrize("part", MAY_NOT_NAME)
def test_the_check_itself_finds_a_library(part: str) -> None:
    for library in MAY_NOT_NAME[part]:
        assert named_libraries(f"def late():\n    from {library} import x\n", MAY_NOT_NAME[part]) == [library]
