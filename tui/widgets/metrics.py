"""The second line: the four figures of the list (D1–D4), and the filter, always in sight."""

from typing import Any

from textual.strip import Strip

from domain.ages import two_units
from domain.text import _, number
from loop.views import Metrics
from tui.strips import Run, between, fit, words
from tui.theme import palette
from tui.widgets.bar import Bar

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: tuple[int, ...]) -> str:
    """A row of bars, one cell a value; nothing for no values."""
    most = max(values, default=0)
    return "".join(_BARS[round(v / most * (len(_BARS) - 1)) if most else 0] for v in values)


class MetricsLine(Bar):
    """See the module."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.metrics: Metrics | None = None
        self.query_text = ""
        self.trouble = ""
        """What of the filter could not be read."""

    def update(self, **changes: Any) -> None:
        """Change `metrics`, `query_text` or `trouble`."""
        if any(getattr(self, name) != value for name, value in changes.items()):
            for name, value in changes.items():
                setattr(self, name, value)
            self.refresh()

    def line(self, width: int) -> Strip:
        p, m = palette(self.app), self.metrics
        wide = width >= 100
        figures = [
            (_("closed"), "–" if m is None or m.completion is None else f"{m.completion:.0f}%"),
            (_("to start") if wide else _("start"), two_units(m.to_start if m else None)),
            (_("to close") if wide else _("close"), two_units(m.to_close if m else None)),
            (_("a day"), number(m.closed_a_day, 1) if m else "–"),
        ]
        left: list[Run] = [(" ", p.past)]
        for i, (name, value) in enumerate(figures):
            gap = ("   " if wide else " · ") if i else ""
            left += [(f"{gap}{name} ", p.past), (value, p.text)]
        if m and any(m.closed_by_day) and width >= 76:
            left += [(" ", p.past), (sparkline(m.closed_by_day), p.promoter)]
        return between(left, self._filter(width), width, p.text)

    def _filter(self, width: int) -> list[Run]:
        p = palette(self.app)
        if self.trouble:
            return [(" / ", p.past), (fit(words(self.trouble), min(60, width // 2)).rstrip(), p.late), (" ", p.past)]
        if not self.query_text:
            return [(" / ", p.past), (_("filter"), p.past), (" ", p.past)]
        said = fit(words(self.query_text), width // 3).rstrip()
        runs: list[Run] = [(" / ", p.past), (said, p.accent), (" ", p.past)]
        return [*runs, (_("· Esc clears "), p.past)] if width >= 100 else runs
