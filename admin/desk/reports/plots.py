"""Plots for the board, drawn on the laptop as SVG. No case and no word of one is in here: labels and counts."""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from admin.desk.reports.fonts import FONT, font_path

_BAR: Final = 0.42
"""Inches that one bar takes."""
_WIDTH: Final = 7.0
_COLUMNS: Final = 34
"""Of narrow letters, in the room for labels."""

# Its warnings name files of this computer.
logging.getLogger("matplotlib").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Theme:
    """Colours of one look; each pair has a contrast of at least 4.5 to 1."""

    ground: str
    ink: str
    bar: str
    faint: str


THEMES: Final = {
    "light": Theme("#ffffff", "#1a1a1c", "#0017c1", "#c9c9ce"),
    "dark": Theme("#17181a", "#f1f1f3", "#a9bfff", "#4a4c52"),
}


def _lines(label: str) -> list[str]:
    """Return a label in lines of about one length that fit beside the bars; wide letters count twice."""
    parts = [(part, sum(map(_columns, part))) for part in re.findall(r"[\x21-\x7e]+\s*|\s+|.", label)]
    total = sum(wide for _part, wide in parts)
    most = -(-total // -(-total // _COLUMNS)) if total else 0
    lines, taken = [""], 0
    for part, wide in parts:
        if lines[-1] and taken + wide > min(most + 2, _COLUMNS):
            lines, taken = [*lines, ""], 0
        lines[-1], taken = lines[-1] + part, taken + wide
    return [line.rstrip() for line in lines]


def _columns(letter: str) -> int:
    return 2 if unicodedata.east_asian_width(letter) in "FW" else 1


def bars(rows: Sequence[tuple[str, int | None]], theme: Theme, hidden: str) -> bytes:
    """Return a picture of counts as bars, each with its number; `hidden` stands where a count is hidden."""
    import matplotlib
    from matplotlib import font_manager
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    font_manager.fontManager.addfont(str(font_path()))
    with matplotlib.rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": "meyasubako", "font.family": [FONT, "sans-serif"]}
    ):
        figure = Figure(figsize=(_WIDTH, 0.5 + _BAR * max(len(rows), 1)), facecolor=theme.ground)
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0.4, 0.06, 0.5, 0.9), facecolor=theme.ground)
        counts = [count or 0 for _label, count in rows]
        axes.barh(range(len(rows)), counts, color=theme.bar, height=0.6)
        axes.set_yticks([])
        axes.invert_yaxis()
        axes.set_xlim(0, max([*counts, 1]) * 1.12)
        axes.xaxis.set_visible(False)
        for side in ("top", "right", "bottom"):
            axes.spines[side].set_visible(False)
        axes.spines["left"].set_color(theme.faint)
        for place, (label, count) in enumerate(rows):
            lines = _lines(label)
            for number, line in enumerate(lines):
                # Each line by itself: a browser's letters are wider than those that the picture is measured with.
                axes.annotate(
                    line,
                    (0, place),
                    xytext=(-6, 13 * ((len(lines) - 1) / 2 - number)),
                    textcoords="offset points",
                    ha="right",
                    va="center",
                    color=theme.ink,
                    fontsize=11,
                    parse_math=False,
                )
            text = hidden if count is None else str(count)
            axes.annotate(
                text,
                (counts[place], place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                color=theme.ink,
                fontsize=11,
                parse_math=False,
            )
        made = io.BytesIO()
        figure.savefig(made, format="svg", facecolor=theme.ground, metadata={"Date": None, "Creator": None})
    return made.getvalue()
