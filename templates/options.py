"""How the templates of both sites are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jinja2 import StrictUndefined

import templates

JINJA_OPTIONS: Final[Mapping[str, Any]] = {
    "trim_blocks": True,
    "lstrip_blocks": True,
    "undefined": StrictUndefined,
    "finalize": templates.shown,
}
"""A name that a page forgot is an error, and every expression goes through `templates.shown`."""
