"""The top line: program, flow, tabs with counts, what waits, how the mail is, and who one is."""

import time
from dataclasses import dataclass, replace
from typing import Any

from rich.cells import cell_len
from rich.style import Style
from textual.message import Message
from textual.strip import Strip

from domain.flows import Status
from domain.text import _, line, ngettext
from domain.text import number as written
from loop.views import Counts, MailHealth
from tui.strips import Run, between, words
from tui.theme import palette
from tui.widgets.bar import Bar

TABS: tuple[Status | None, ...] = (None, Status.PENDING, Status.PROGRESS, Status.CLOSED)


def tab_title(tab: Status | None) -> str:
    """The name of a list tab (Q1)."""
    return {
        None: _("All"),
        Status.PENDING: _("Open"),
        Status.PROGRESS: _("In progress"),
        Status.CLOSED: _("Closed"),
    }[tab]


def number(n: int, short: bool = False) -> str:
    """A count as people read it; short ones are at most four cells: 128, 1.2k, 54k, 1.0M."""
    if not short or n < 1000:
        return written(n)
    if n < 10_000:
        return written(n / 1000, 1) + "k"
    return f"{n // 1000}k" if n < 1_000_000 else written(n / 1_000_000, 1) + "M"


@dataclass(frozen=True)
class TopState:
    """What the top line says."""

    login: str = ""
    flow: str = ""
    """'' is every flow in sight."""
    tab: Status | None = None
    counts: Counts | None = None
    arrived: int = 0
    """New since the list was shown."""
    notices: int = 0
    """Notifications that were not read yet (N2)."""
    mail: MailHealth | None = None


class TopBar(Bar):
    """See the module."""

    class Pressed(Message):
        """A tab was clicked, where the mouse is on."""

        def __init__(self, tab: Status | None) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.state = TopState()
        self._spots: list[tuple[int, int, Status | None]] = []

    def update(self, **changes: Any) -> None:
        """Change what is said; painted only if it reads differently."""
        state = replace(self.state, **changes)
        if state != self.state:
            self.state = state
            self.refresh()

    def line(self, width: int) -> Strip:
        p, s = palette(self.app), self.state
        # Words beside the figures at the right go first, then spaces, then the names of the tabs.
        for level, long in ((0, True), (0, False), (1, False), (2, False), (3, False)):
            left, right = self._left(width, level), self._right(width, long)
            if sum(cell_len(text) for text, _style in (*left, *right)) <= width:
                break
        self._spots, at, spots = [], 0, iter(TABS)
        for text, _style in left:
            if text and text[:1] in "1234" and text[:1].isdigit():
                self._spots.append((at, at + cell_len(text) + 8, next(spots, s.tab)))
            at += cell_len(text)
        return between(left, right, width, p.text, p.on_bar)

    def _left(self, width: int, level: int) -> list[Run]:
        p, s = palette(self.app), self.state
        wide = level < 1
        flow = words(s.flow) or _("All flows")
        out: list[Run] = [(" Retorno", p.bright)]
        if level < 3:
            if len(flow) > (24 if wide else 14):
                flow = flow[: 23 if wide else 13] + "…"
            out += [("  │ " if wide else " ", p.rule), (f"{flow} ▾", p.text)]
        out.append(("    " if wide else "  ", p.text))
        counted = s.counts
        amounts = (counted.all, counted.open, counted.progress, counted.closed) if counted else (None,) * 4
        for i, (tab, n) in enumerate(zip(TABS, amounts, strict=True)):
            on = tab is s.tab
            figure = "" if n is None else number(n, short=not wide)
            if on:
                out.append((f"{i + 1} {tab_title(tab)} {figure}".rstrip(), p.accent_bold + _UNDERLINE))
            elif level < 2 and (wide or width >= 100):
                out += [(f"{i + 1} ", p.past), (tab_title(tab), p.text), (f" {figure}", p.past)]
            else:
                out.append((f"{i + 1} {figure}", p.past))
            out.append(("   " if wide else "  ", p.text))
        return out

    def _right(self, width: int, long: bool) -> list[Run]:
        p, s = palette(self.app), self.state
        wide = width >= 100
        out: list[Run] = []
        if s.arrived:
            said = _("{n} new · R").format(n=number(s.arrived, short=True))
            out += [(said, p.accent_bold), ("  ", p.text)]
        if s.counts and s.counts.unanswered:
            n = number(s.counts.unanswered, short=True)
            out += [("● " + (_("{n} to answer").format(n=n) if wide and long else n), p.accent), ("  ", p.text)]
        if s.notices:
            n = number(s.notices, short=True)
            said = ngettext("{n} notice", "{n} notices", s.notices).format(n=n) if width >= 120 and long else n
            out += [("N ", p.past), (said, p.accent_bold), ("  ", p.text)]
        if s.mail is not None and s.mail.configured:
            if s.mail.ok:
                at = time.strftime(" %H:%M", time.localtime(s.mail.at / 1000)) if s.mail.at else ""
                if wide:
                    out += [(_("mail ok") + at, p.past), ("  ", p.text)]
            else:
                since = time.strftime("%H:%M ", time.localtime(s.mail.since / 1000)) if s.mail.since else ""
                out += [("✗ " + since + (line(s.mail.said, 34) if wide else _("mail!")), p.late), ("  ", p.text)]
        out += [(words(s.login)[:16], p.text), (" ", p.text)]
        return out

    def on_click(self, event: Any) -> None:
        for start, end, tab in self._spots:
            if start <= event.x < end:
                self.post_message(self.Pressed(tab))
                return


_UNDERLINE = Style(underline=True)
