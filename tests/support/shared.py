"""What the apps of one process need not do anew each: compiling templates, walking through the heap."""

from __future__ import annotations

import gc
from typing import Final

from flask import Flask
from flask.templating import Environment
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


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


def forget_nothing_twice() -> None:
    """Take what is there now (libraries, tests) out of every later garbage collection. A desk that forgets collects
    garbage, for which a process full of test libraries takes longer than for the test."""
    gc.collect()
    gc.freeze()
