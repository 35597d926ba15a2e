"""The site's own reply templates, where a reply is begun or sent."""

from __future__ import annotations

from admin.desk.web.context import desk
from cases.replies import Reply, for_case, replies


def own_templates() -> tuple[Reply, ...]:
    """Return the templates that leads wrote. Raises Locked, CacheUnusable."""
    work = desk().work()
    return work.register.templates(work.kept_roster())


def all_templates() -> tuple[Reply, ...]:
    """Return the templates of this program, and the own ones."""
    return (*replies(), *own_templates())


def templates_for(category: str) -> tuple[Reply, ...]:
    """Return those for a word of `cases.categories`."""
    own = tuple(reply for reply in own_templates() if category in reply.categories)
    return (*for_case(category), *own)
