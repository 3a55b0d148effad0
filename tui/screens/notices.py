"""What a person should know: mentions, assignments, replies, what is due and mail that failed (N2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from domain.ages import age
from domain.text import _, clean, line, ngettext
from loop.views import Notice
from tui.screens.keys import Helped
from tui.widgets.rows import Rows
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, full_date, hints, plain, wrap

if TYPE_CHECKING:
    from tui.app import Retorno

PAGE = 100
"""Notices read at a time."""
AHEAD = 20
"""Notices below the cursor that are read before they come into sight."""
TEXT_LINES = 2
"""Lines of the words of the notice under the cursor."""
WHO = 12
"""Cells of who did it."""

_LOOKS: dict[str, tuple[str, str, Callable[[], str]]] = {
    "mention": ("@", "note", lambda: _("mention")),
    "assigned": ("◇", "accent", lambda: _("yours now")),
    "reply": ("←", "accent", lambda: _("replied")),
    "due soon": ("◔", "neutral", lambda: _("due soon")),
    "overdue": ("!", "late", lambda: _("overdue")),
    "mail failed": ("✗", "detractor", lambda: _("mail failed")),
    "bounce": ("✗", "detractor", lambda: _("bounced")),
    "follower": ("+", "text", lambda: _("following")),
}
"""By kind: glyph, its role, and the word."""

GROUPS: tuple[tuple[str, ...], ...] = (
    (),
    ("mention",),
    ("assigned", "follower"),
    ("reply",),
    ("due soon", "overdue"),
    ("mail failed", "bounce"),
)
"""What `v` reduces the list to, in turn; nothing is everything."""


def group_name(kinds: tuple[str, ...]) -> str:
    """What a group leaves, in the reader's language."""
    names = {
        "mention": _("mentions"),
        "assigned": _("assigned and following"),
        "reply": _("replies"),
        "due soon": _("due and overdue"),
        "mail failed": _("mail that failed"),
    }
    return names[kinds[0]] if kinds else _("every kind")


def notice_line(notice: Notice, now: int, width: int, *, here: bool) -> Line:
    """A notice as a line: unread ones bright, behind a dot."""
    glyph, role, word = _LOOKS.get(notice.kind, ("·", "past", lambda: line(notice.kind, 20)))
    words = max(cells_of(word()) for _glyph, _role, word in _LOOKS.values())
    new = not notice.read
    quiet = "text" if here else "past"
    spans: list[Span] = [
        ("▌" if here else " ", "accent"),
        ("● " if new else "  ", "accent"),
        (f"{age(notice.at, now):>4}", "accent" if new else "past"),
        ("  ", "past"),
        (glyph + " ", role if new else quiet),
        (_padded(word(), words), "bright" if new else quiet),
        ("  ", "past"),
        (_padded(line(notice.who, 60), WHO), "text" if new else quiet),
        ("  ", "past"),
    ]
    if notice.ticket is not None:
        spans += [(f"#{notice.ticket} ", "accent" if new else quiet)]
    spans.append((line(notice.subject) or "—", "bright" if new else quiet))
    return Line(tuple(spans))


def _padded(text: str, width: int) -> str:
    text = fit(plain(text), width)
    return text + " " * (width - cells_of(text))


class NoticesScreen(Helped, ModalScreen[int | None]):
    """Answers the number of the ticket to open, or None."""

    app: Retorno
    CSS_PATH = "notices.tcss"
    BINDINGS: ClassVar = [
        Binding("escape,q,N", "close", show=False),
        Binding("u", "unread", show=False),
        Binding("v", "kinds", show=False),
        Binding("A", "all_read", show=False),
        Binding("R", "again", show=False),
        Helped.HELP,
    ]

    def __init__(self) -> None:
        super().__init__()
        self._notices: list[Notice] = []
        """What was read so far, newest first."""
        self._unread = 0
        self._more = True
        self._turn = 0
        self._asked = False
        self._shown = False
        self._only_unread = False
        self._group = 0
        self._said = ""
        self._now = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._head, classes="panel-title")
            yield Notices(lambda item, width, here: notice_line(item, self._now, width, here=here))
            yield OnBar(self._foot, classes="panel-foot")

    def on_mount(self) -> None:
        self.query_one(Rows).focus()
        self.action_again()

    # Reading

    def action_again(self) -> None:
        """Read the list anew, from the newest on."""
        self._turn += 1
        self._notices, self._more, self._asked = [], True, False
        self._now = self.app.desk.now()
        self._read()

    def _read(self) -> None:
        """Read the next page in the lane."""
        if self._asked or not self._more:
            return
        self._asked = True
        desk, actor, turn, unread = self.app.desk, self.app.actor, self._turn, self._only_unread
        before = self._notices[-1].id if self._notices else None
        writes, after = self.app.writes, self.app.writes.asked

        def call() -> tuple[int, tuple[Notice, ...], int]:
            from loop import notifications

            writes.reach(after)  # what was just marked is read
            found = notifications.notices(desk, actor=actor, unread=unread, before=before, limit=PAGE)
            return turn, found, notifications.unread(desk, actor=actor)

        self.app.reads.submit(call, self._show)

    def _show(self, found: tuple[int, tuple[Notice, ...], int]) -> None:
        turn, notices, unread = found
        if not self._shown:
            self._shown = True
            self.app.opened()
        if turn != self._turn or self not in self.app.screen_stack:
            return
        self._asked = False
        self._more = len(notices) == PAGE
        self._notices += notices
        self._unread = unread
        self._list(first=len(self._notices) == len(notices))

    def _list(self, *, first: bool = False) -> None:
        """Show what the kinds leave; the cursor stays on its notice where it is still there."""
        rows = self.query_one(Rows)
        kinds = GROUPS[self._group]
        left = [n for n in self._notices if not kinds or n.kind in kinds]
        here = rows.current
        place = 0 if first or here is None else next((i for i, n in enumerate(left) if n.id <= here.id), len(left) - 1)
        rows.empty = self._empty()
        rows.show(left, place)
        self._reframe()
        self._read_ahead()

    def _read_ahead(self) -> None:
        rows = self.query_one(Rows)
        if rows.place + max(AHEAD, rows.inner_height) >= len(rows.items):
            self._read()

    def on_rows_moved(self, event: Rows.Moved) -> None:
        event.stop()
        self._said = ""
        self.query_one(".panel-foot", OnBar).refresh()
        self._read_ahead()

    # Doing

    def on_rows_taken(self, event: Rows.Taken) -> None:
        event.stop()
        notice: Notice = event.item
        self._mark((notice.id,))
        if notice.ticket is None:
            self._say(_("There is no ticket behind this one."))
        else:
            self.dismiss(notice.ticket)

    def action_mark(self) -> None:
        """Mark the notice as read, and go to the next."""
        rows = self.query_one(Rows)
        notice = rows.current
        if notice is not None:
            if not notice.read:
                self._mark((notice.id,))
            rows.step(1)

    def action_all_read(self) -> None:
        if self._unread or any(not n.read for n in self._notices):
            self._mark(None)
        else:
            self._say(_("Everything is read."))

    def _mark(self, ids: tuple[int, ...] | None) -> None:
        """Mark notices as read, all of them for None; rows stay where they are until the list is read anew."""
        desk, actor = self.app.desk, self.app.actor

        def call() -> tuple[int, int]:
            from loop import notifications

            return notifications.read(desk, ids, actor=actor), notifications.unread(desk, actor=actor)

        self.app.writes.submit(call, lambda done: self._marked(ids, *done))
        self._notices = [replace(n, read=True) if ids is None or n.id in ids else n for n in self._notices]
        rows = self.query_one(Rows)
        kinds = GROUPS[self._group]
        rows.items = [n for n in self._notices if not kinds or n.kind in kinds]
        rows.refresh()

    def _marked(self, ids: tuple[int, ...] | None, count: int, unread: int) -> None:
        if self not in self.app.screen_stack:
            return
        self._unread = unread
        if ids is None:
            self._said = ngettext("{n} marked as read.", "{n} marked as read.", count).format(n=count)
        self._reframe()

    def action_unread(self) -> None:
        """Only unread ones, or all."""
        self._only_unread = not self._only_unread
        self.action_again()

    def action_kinds(self) -> None:
        """The next group of kinds."""
        self._group = (self._group + 1) % len(GROUPS)
        self._list()

    def action_close(self) -> None:
        self.dismiss(None)

    # What is shown

    def _say(self, words: str) -> None:
        self._said = words
        self._reframe()

    def _reframe(self) -> None:
        self.query_one(".panel-title", OnBar).refresh()
        self.query_one(".panel-foot", OnBar).refresh()

    def _empty(self) -> list[str]:
        if self._asked or self._more:
            return [_("Reading…")]
        if self._group or self._only_unread:
            return [_("Nothing here."), _("u and v show the others.")]
        return [
            _("Nothing to tell you."),
            _("Mentions, tickets that become yours, replies on what you follow, what is due: they come here."),
        ]

    def _head(self, width: int) -> list[Line]:
        shown: list[Span] = [(_("Notifications"), "bright")]
        count = ngettext("{n} unread", "{n} unread", self._unread).format(n=self._unread)
        shown += [("  " + count, "accent" if self._unread else "past")]
        left = [group_name(GROUPS[self._group])] if self._group else []
        left += [_("unread only")] if self._only_unread else []
        right: tuple[Span, ...] = ((" · ".join(left), "late"),) if left else ()
        return [Line(tuple(shown), right), Line((("─" * width, "rule"),))]

    def _foot(self, width: int) -> list[Line]:
        notice: Notice | None = self.query_one(Rows).current
        words: list[Line] = []
        if self._said:
            words = [Line(((text, "bright"),)) for text in wrap(self._said, width)]
        elif notice is not None:
            text = line(clean(notice.text))
            quoted = wrap(text[: width * TEXT_LINES * 2], width)
            if len(quoted) > TEXT_LINES:
                quoted[TEXT_LINES - 1] = fit(quoted[TEXT_LINES - 1] + "…", width)
            words = [Line(((part, "note" if notice.kind == "mention" else "text"),)) for part in quoted if part]
            words = words or [Line(((full_date(notice.at), "past"),))]
        # The same height whatever is told, so that the list does not jump under the cursor.
        words = (words + [Line()] * TEXT_LINES)[:TEXT_LINES]
        return [Line((("─" * width, "rule"),)), *words, hints(width, *self._keys(), ("?", _("help")))]

    def _keys(self) -> list[tuple[str, str]]:
        keys = [("Enter", _("open")), ("Space", _("read")), ("A", _("all read"))]
        return [
            *keys,
            ("u", _("all") if self._only_unread else _("unread only")),
            ("v", _("kinds")),
            ("Esc", _("back")),
        ]

    def place_keys(self) -> tuple[str, list[tuple[str, str]]]:
        return _("Notifications"), [
            *self._keys(),
            ("R", _("read again")),
            ("j k", _("down, up")),
            ("g G", _("first, last")),
            ("^D ^U", _("half pages")),
        ]


class Notices(Rows):
    """The list; space marks instead of paging."""

    BINDINGS: ClassVar = [Binding("space", "screen.mark", show=False)]
