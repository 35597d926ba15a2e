"""The days on which a reporter should look again, from what this site knows of a report that it has just kept."""

from __future__ import annotations

from datetime import date

from cases import coming_back
from cases.coming_back import Visit
from portal.context import Portal
from portal.usecases.submit import Kept


def visits(here: Portal, kept: Kept, day: date) -> tuple[Visit, ...]:
    """Return the days to come back on. `day`: the one that the certificate names."""
    settings = here.settings
    # What was kept beside an earlier report has a day of its own; the report's counts.
    lodged = day if kept in (Kept.NEW, Kept.REPEAT) else None
    return coming_back.visits(
        lodged, here.today(), settings.site.designated, settings.promises.acknowledge_days
    )
