"""The audit: every change of the set-up, newest first, with old and new values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import Binding

from domain.ages import age
from domain.refusals import Refusal
from domain.rights import may_see_audit
from domain.text import _, line
from loop.setup_views import AuditRow
from tui.screens.picker import Option
from tui.screens.settings.listing import ListPane
from tui.screens.settings.pane import Keys
from tui.screens.settings.rows import Item, blank, cells, told
from tui.widgets.ticket.spans import Line, Span, full_date, wrap

PAGE = 100
"""Lines that are read at once."""
WIDE = 84


def acts() -> dict[str, str]:
    """What was done, in words."""
    return {
        "created": _("created"),
        "changed": _("changed"),
        "deactivated": _("deactivated"),
        "activated": _("activated"),
        "removed": _("removed"),
        "reordered": _("reordered"),
        "blocked": _("blocked"),
        "unblocked": _("let in again"),
        "unsubscribed": _("unsubscribed"),
        "subscribed": _("subscribed again"),
    }


def targets() -> dict[str, str]:
    """What it was done to, in words."""
    return {
        "flow": _("flow"),
        "user": _("person"),
        "team": _("team"),
        "survey": _("survey"),
        "category": _("category"),
        "tag": _("tag"),
        "customer": _("customer"),
        "signing key": _("key that signs mail"),
    }


class AuditPane(ListPane):
    """See the module. Keys of lines are the ids of `AuditRow`, and "more" at the end."""

    unseen = True
    BINDINGS: ClassVar = [
        Binding("t", "target", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.target: str | None = None
        """Only changes of this are shown; None is all."""
        self._unfolded: set[int] = set()
        self._more = False

    def fetch(self) -> Any:
        return self._read(None)

    def _read(self, before: int | None) -> tuple[AuditRow, ...]:
        from loop import audit

        return audit.audit(self.app.desk, actor=self.app.actor, target=self.target, before=before, limit=PAGE)

    def _fetched(self, data: Any) -> None:
        self._more = len(data) == PAGE
        super()._fetched(data)

    def refusal(self) -> Refusal | None:
        return may_see_audit(self.app.actor)

    def about(self) -> str:
        return _("Only changes of: {target}").format(target=targets()[self.target]) if self.target else ""

    def empty(self) -> str:
        if self.refusal() is not None:
            return ""
        return _(
            "Nothing was changed yet. Who changes flows, people, surveys or categories is told here, with old and new."
        )

    def items(self) -> Iterable[Item]:
        now = self.app.desk.now()
        for row in self.data:
            unfolded = row.id in self._unfolded
            yield Item(
                row.id,
                lambda width, row=row, unfolded=unfolded: _row_line(row, width, now, unfolded),
                _searched(row),
            )
            if unfolded:
                yield from _unfolded_lines(row, max(20, self.rows.inner_width))
        if self._more:
            yield blank()
            yield Item("more", lambda width: Line(((" " + _("Enter reads what is older"), "past"),)), _("older"))

    def keys(self) -> Keys:
        if self.refusal() is not None:
            return ()
        fold = _("fold") if self.current in self._unfolded else _("unfold")
        keys = [("Enter", fold), ("t", _("only changes of …")), ("/", _("find"))]
        return (*keys, ("Esc", _("all again"))) if self.target else tuple(keys)

    def open(self) -> None:
        if self.current == "more":
            last = self.data[-1].id
            self.read(lambda: self._read(last), self._older)
        elif self.current is not None:
            self._unfolded ^= {self.current}
            self.repaint()

    def _older(self, rows: tuple[AuditRow, ...]) -> None:
        self._more = len(rows) == PAGE
        self.data = (*self.data, *rows)
        self.repaint()
        if rows:
            self.rows.to(rows[0].id)

    def action_target(self) -> None:
        """Show only changes of one kind of thing."""
        from tui.screens.picker import Picker

        options = [Option("all", _("everything")), *(Option(id, name) for id, name in targets().items())]

        def chosen(target: str | None) -> None:
            if target is not None:
                self.target = None if target == "all" else target
                self.begin()

        self.ask_over(Picker(_("Only changes of …"), options, self.target or "all"), chosen)

    def back(self) -> bool:
        if super().back():
            return True
        if self.target is not None:
            self.target = None
            self.begin()
            return True
        return False


def _searched(row: AuditRow) -> str:
    """What a filter looks at."""
    changes = " ".join(f"{d.field} {d.old} {d.new}" for d in row.changes)
    act, target = acts().get(row.what, row.what), targets().get(row.target, row.target)
    return f"{row.who} {act} {target} {row.name} {changes}"


def _row_line(row: AuditRow, width: int, now: int, unfolded: bool) -> Line:
    what = f"{acts().get(row.what, line(row.what))} {targets().get(row.target, line(row.target))} "
    told: list[Span] = [(what, "past"), (line(row.name) or "—", "bright")]
    if row.changes and not unfolded:
        told.append(("  " + " · ".join(_said(d.field, d.old, d.new) for d in row.changes), "past"))
    when = (full_date(row.at), 18) if width >= WIDE else (age(row.at, now), -4)
    sign = "▾" if unfolded else "▸" if row.changes else " "
    return Line(tuple(cells(width, (sign, 1, "accent"), (*when, "past"), (row.who, 10, "text"), (told, 0, ""))))


def _unfolded_lines(row: AuditRow, width: int) -> Iterable[Item]:
    """Each change on lines of its own."""
    if width < WIDE - 2:
        yield Item(None, lambda _width: Line((("   " + full_date(row.at), "past"),)), below=True)
    if not row.changes:
        yield Item(None, told(_("No values were kept."), 3).build, below=True)
    for change in row.changes:
        before = change.old or ("" if row.what == "created" else "—")
        words = _said(change.field, before, change.new or "—")
        for index, text in enumerate(wrap(line(words), width - 5)):
            lead = "   " if index == 0 else "     "
            yield Item(None, lambda _width, text=lead + text: Line(((text, "text"),)), below=True)


def _said(field: str, old: str, new: str) -> str:
    arrow = f"{line(old)} → {line(new)}" if old else line(new)
    return f"{line(field)}: {arrow}"
