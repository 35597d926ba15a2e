"""The group `meyasubako auditor`."""

from __future__ import annotations

import click


@click.group()
def auditor() -> None:
    """担当者の鍵とカードを扱います。Auditors' keys and cards.

    \b
    1. 担当者の PC で      on the new auditor's laptop:   meyasubako auditor new
    2. 登録済みの人の PC で  on an enrolled one's laptop:   meyasubako auditor sign CARD --key FILE
    3. サーバーで          on the server:                 meyasubako auditor enroll CARD

    The first card of a site needs no step 2. A key file never leaves its laptop; cards are public.
    """
