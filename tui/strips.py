"""Lines of cells: words made safe, cut and padded by cells, and strips of few segments.

Every segment costs some forty bytes on the wire, so neighbours of one style are joined.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from domain.text import line

Run = tuple[str, Style]
"""Words and how they look."""

# Terminals disagree on how wide a joined or varied emoji is; apart, they agree on each.
_JOINERS = re.compile("[\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef\U0001f3fb-\U0001f3ff\u20e3]")


@lru_cache(maxsize=8192)
def words(text: str) -> str:
    """Text from outside on one line, without what moves, colours or reorders, every terminal counting the same cells."""
    return text if text.isascii() and text.isprintable() else _JOINERS.sub("", line(text))


@lru_cache(maxsize=8192)
def fit(text: str, cells: int, right: bool = False) -> str:
    """`text` in exactly so many cells: padded, or cut with an ellipsis."""
    if cells <= 0:
        return ""
    if text.isascii():
        if len(text) > cells:
            text = text[: cells - 1].rstrip() + "…"
        return text.rjust(cells) if right else text.ljust(cells)
    width = cell_len(text)
    if width > cells:
        text = set_cell_size(text, cells - 1).rstrip() + "…"
        width = cell_len(text)
    gap = " " * (cells - width)
    return gap + text if right else text + gap


def strip(runs: Iterable[Run], width: int, rest: Style, ground: Style | None = None) -> Strip:
    """A strip of exactly `width` cells; what is left over is blank in `rest`, and all of it lies on `ground`."""
    joined: list[list[str | Style]] = []
    used = 0
    for text, style in runs:
        if not text or used >= width:
            continue
        cells = cell_len(text)
        if used + cells > width:
            text, cells = fit(text, width - used), width - used
        used += cells
        if joined and not style.underline and str(joined[-1][0]).isspace() and not joined[-1][1].underline:
            joined[-1] = [str(joined[-1][0]) + text, style]
        elif joined and (joined[-1][1] == style or (text.isspace() and not joined[-1][1].underline)):
            joined[-1][0] += text  # type: ignore[operator]
        else:
            joined.append([text, style])
    if used < width:
        gap = " " * (width - used)
        if joined and not joined[-1][1].underline:  # type: ignore[union-attr]
            joined[-1][0] += gap  # type: ignore[operator]
        else:
            joined.append([gap, rest])
    if ground is None:
        return Strip([Segment(str(text), style) for text, style in joined], width)  # type: ignore[arg-type]
    return Strip([Segment(str(text), style + ground) for text, style in joined], width)  # type: ignore[operator]


def between(left: list[Run], right: list[Run], width: int, rest: Style, ground: Style | None = None) -> Strip:
    """A strip with one part at each end; the left one gives way."""
    room = width - sum(cell_len(text) for text, _ in right)
    if room < 1:
        return strip(right, width, rest, ground)
    kept: list[Run] = []
    used = 0
    for text, style in left:
        cells = cell_len(text)
        if used + cells > room:
            kept.append((fit(text, room - used), style))
            used = room
            break
        kept.append((text, style))
        used += cells
    return strip([*kept, (" " * (room - used), rest), *right], width, rest, ground)
