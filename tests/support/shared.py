"""What the apps of one process need not do anew each: compiling templates and routes, walking through the heap."""

from __future__ import annotations

import gc
from typing import Any, Final

from flask import Flask
from flask.templating import Environment
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class _InMemory(BytecodeCache):
    """Templates that were compiled before. jinja2 compares their sources' checksums itself."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (found := self._compiled.get(bucket.key)) is not None:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        # Environments that compile otherwise have other templates' keys: theirs is kept apart by the checksum only.
        self._compiled[bucket.key] = bucket.bytecode_to_string()


class _Environment(Environment):
    """An app's templates, compiled once in a process."""

    def __init__(self, app: Flask, **options: object) -> None:
        super().__init__(app, **options)
        self.bytecode_cache = _CACHES.setdefault(app.import_name, _InMemory())


_CACHES: Final[dict[str, _InMemory]] = {}


def share_compiled_templates() -> None:
    """Let all apps of this process of one name share their compiled templates."""
    Flask.jinja_environment = _Environment  # type: ignore[assignment]


def share_compiled_routes() -> None:
    """Let equal rules of all apps share the function that builds their addresses, a tenth of the time of a test of the
    site; it takes the rule as its first argument. A werkzeug without this method compiles as it likes."""
    compiled = getattr(Rule, "_compile_builder", None)
    if compiled is None:
        return
    builders: dict[object, Any] = {}

    def once(rule: Any, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compiled(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in builders:
            builders[key] = compiled(rule, append_unknown)
        return builders[key]

    setattr(Rule, "_compile_builder", once)  # noqa: B010


def forget_nothing_twice() -> None:
    """Take what is there now (libraries, tests) out of every later garbage collection. A desk that forgets collects
    garbage, for which a process full of test libraries takes longer than for the test."""
    gc.collect()
    gc.freeze()
