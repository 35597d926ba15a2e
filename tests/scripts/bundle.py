"""The tests' bundle of the page's scripts, run in Node."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from portal.scripts import build as scripts

RUN = scripts.HERE / "test" / "run.mjs"


def built(folder: Path) -> Path:
    """Build the tests' bundle into a folder and return the file."""
    scripts.build(folder, ["test/operations.ts"])
    (found,) = folder.glob("operations-*.js")
    return found


def in_node(bundle: Path, function: str, given: Any) -> Any:
    """Call one of the bundle's functions in Node."""
    called = [*scripts.node(), str(RUN), str(bundle), function]
    done = subprocess.run(called, input=json.dumps(given), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
