"""No module imports itself by way of others, the product imports no test, and every package says what it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.architecture.test_imports import ROOT, modules

BUILDS = ("hatch_build.py", "deploy/debian/build.py", "portal/scripts/build.py")
"""Programs that make what is installed: they run where nothing of the project is."""
ONLY_TESTS = frozenset({"tests", "pytest", "hypothesis", "playwright"})


def named(source: str, package: str = "") -> Iterator[tuple[str, bool]]:
    """Yield the modules, and the names of modules, that a source text imports, and whether as it is loaded.

    `package`: the one that the module is in, for imports relative to it.
    """
    tree = ast.parse(source)
    first = set(map(id, tree.body))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in first
        elif isinstance(node, ast.ImportFrom):
            up = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*up, *([node.module] if node.module else [])])
            yield base, id(node) in first
            for alias in node.names:
                yield f"{base}.{alias.name}", id(node) in first


def cycle(sources: Mapping[str, str]) -> list[str]:
    """Return modules that import each other in a ring as they are loaded; none where there is no ring.

    `sources`: by module name. A package that only leads to the module that is meant is no import of it.
    """
    graph: dict[str, set[str]] = {}
    for name, source in sources.items():
        is_package = any(other.startswith(f"{name}.") for other in sources)
        package = name if is_package else name.rpartition(".")[0]
        wanted = {module for module, is_loaded in named(source, package) if is_loaded and module in sources}
        leads = {module for module in wanted if any(other.startswith(f"{module}.") for other in wanted)}
        graph[name] = wanted - leads - {name}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_by_way_of_others() -> None:
    sources = {name: path.read_text(encoding="utf-8") for name, path in modules()}
    assert len(sources) > 400
    assert cycle(sources) == []


@pytest.mark.parametrize(
    ("sources", "is_ring"),
    [
        ({"a": "import b", "b": "from c import x", "c": "import a"}, True),
        ({"a": "import b", "b": "def late():\n    import a"}, False),
        ({"p.a": "from p import b", "p.b": "from p.a import x"}, True),
        ({"p": "", "p.a": "from p import b", "p.b": ""}, False),
        ({"p": "", "p.a": "from .b import x", "p.b": "from . import a"}, True),
    ],
)
def test_the_check_itself_finds_a_ring(sources: dict[str, str], is_ring: bool) -> None:
    assert bool(cycle(sources)) is is_ring


def test_the_product_imports_no_test() -> None:
    paths = [*(path for _name, path in modules()), *(ROOT / build for build in BUILDS)]
    roots = {
        str(path.relative_to(ROOT)): {module.split(".")[0] for module, _ in named(path.read_text("utf-8"))}
        for path in paths
    }
    assert {path: found & ONLY_TESTS for path, found in roots.items() if found & ONLY_TESTS} == {}


@pytest.mark.parametrize("build", BUILDS)
def test_a_build_imports_nothing_of_the_project(build: str) -> None:
    tops = {name.split(".")[0] for name, _path in modules()}
    assert {module.split(".")[0] for module, _ in named((ROOT / build).read_text("utf-8"))} & tops == set()


def test_the_check_itself_finds_a_planted_import() -> None:
    planted = [module for module, _is_loaded in named("def late():\n    from tests.support import site")]
    assert {module.split(".")[0] for module in planted} & ONLY_TESTS == {"tests"}


def documentation(path: Path) -> str:
    """Return the docstring of a module; "" for none."""
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def test_every_package_says_what_it_is() -> None:
    packages = [path for _name, path in modules() if path.name == "__init__.py"]
    assert len(packages) > 35
    assert [str(path.relative_to(ROOT)) for path in packages if len(documentation(path)) <= 80] == []
