"""Witnesses outside the company, as an operator names them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from admin.commands.support.exit_codes import Exit, Failure

if TYPE_CHECKING:
    from crypto.note import VerifierKey

NO_WITNESS: Final = (
    "  社外の立会人がいません。記録簿を見るのが社内だけであることが、通報者の画面に出ます。\n"
    "  No witness outside the company: pages tell reporters that only the company looks after the log. A later one\n"
    "  counts from the eighth day on (`meyasubako log policy`)."
)
_QUESTION: Final = (
    "社外の立会人(労働組合、社外の弁護士など)が `meyasubako witness key` で得た行を貼ってください。なければ Enter。\n"
    "Paste the line of a witness outside the company (union, outside counsel), from `meyasubako witness key`; Enter if "
    "there\nis none (more can be given with --witness)"
)


def ask_witnesses(given: Sequence[str]) -> list[VerifierKey]:
    """Return the witnesses that were given; on a terminal the operator is asked for one. Raises Failure."""
    from crypto.log_errors import BadNote, PolicyMalformed
    from crypto.log_policy import first_text
    from crypto.note import COSIGNATURE, ED25519, read_key, verifier_key

    texts = list(given)
    if not texts and sys.stdin.isatty():
        texts = [str(click.prompt(_QUESTION, default="", show_default=False, err=True)).strip()]
    try:
        keys = [read_key(text.strip()) for text in texts if text.strip()]
        first_text(verifier_key("log", ED25519, bytes(32)), keys)
    except (BadNote, PolicyMalformed):
        keys = []
        raise Failure(
            Exit.USAGE,
            "A witness's line looks like name+1a2b3c4d+BA…, from `meyasubako witness key`; each has a name and a key "
            "of its own. Nothing was made.",
            "立会人の行を読めません。何も作成していません。",
        ) from None
    if any(key.key_type != COSIGNATURE for key in keys):
        raise Failure(Exit.USAGE, "This is a log's key, not a witness's. Nothing was made.")
    return keys
