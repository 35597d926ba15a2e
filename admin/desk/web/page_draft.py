"""Draft of a page with one form, stored in the local copy until it is sent or discarded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from admin.desk.local.draft import Draft, DraftTooLarge
from admin.desk.web.context import desk
from cases.form import clean_text
from crypto.encoding import normalize_text


@dataclass(frozen=True)
class PageDraft:
    """The draft of one page. `place`: where it is kept among the drafts; `names`: of the fields that it keeps;
    `boxes`: those of them that are ticked.
    """

    place: bytes
    names: re.Pattern[str]
    boxes: re.Pattern[str]

    def typed(self) -> dict[str, str]:
        """Return the page's fields that came with this request, with one kind of line break and composed characters."""
        form = request.form
        return {name: normalize_text(clean_text(form[name])) for name in form if self.names.fullmatch(name)}

    def kept(self) -> Draft:
        """Return what is kept. Raises CacheUnusable, Locked."""
        return desk().work().cache.draft(self.place) or Draft()

    def keep(self, before: Mapping[str, str] | None = None) -> str:
        """Keep what came with this request; return "", or why it was not kept. `before`: what the fields show while
        nothing is typed. Raises CacheUnusable, Locked.
        """
        given = self.typed()
        if not given:
            return ""
        here = desk()
        with here.drafting:
            if request.form.get("page_id", "") in here.spent:
                return "sent"
            draft = self.kept()
            given |= self._unticked(draft, given)
            new = draft.typed(given, before or {}, request.form.get("draft_number") == str(draft.number))
            if new.fields != draft.fields:
                try:
                    here.work().cache.put_draft(self.place, new)
                except DraftTooLarge:
                    return "too_long"
        return ""

    def _unticked(self, draft: Draft, given: Mapping[str, str]) -> dict[str, str]:
        """Return the boxes that are not ticked any more: a form does not name them. A page's script names them
        itself.
        """
        is_whole = request.form.get("draft_number") == str(draft.number) and not request.path.endswith(
            "/draft"
        )
        names = [name for name in draft.fields if self.boxes.fullmatch(name) and name not in given]
        return dict.fromkeys(names, "") if is_whole else {}

    def forget(self) -> None:
        """Forget what was kept; what this page still says comes too late."""
        here = desk()
        with here.drafting:
            if page_id := request.form.get("page_id"):
                here.spent.append(page_id[:64])
            here.work().cache.put_draft(self.place, Draft())
