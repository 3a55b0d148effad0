"""What can be corrected by hand in how a file is read: columns, encoding, delimiter, dates, scale, survey (I8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.screen import ModalScreen

from domain.text import _, line
from tui.screens.keys import Helped
from tui.screens.picker import Option, Picker

if TYPE_CHECKING:
    from loop.import_views import Column, Layout, Preview
    from tui.app import Retorno

ENCODINGS = ("utf-8", "cp1252", "iso-8859-15", "utf-16", "utf-16-le", "utf-16-be", "mac-roman", "cp850")


class ImportAsks(Helped, ModalScreen[str | None]):
    """The keys that correct; who inherits holds the preview and reads it anew (`corrected`, `entitle`)."""

    app: Retorno
    BINDINGS: ClassVar = [
        Binding("e", "encoding", show=False),
        Binding("p", "delimiter", show=False),
        Binding("d", "dates", show=False),
        Binding("n", "scale", show=False),
        Binding("s", "survey", show=False),
        Binding("R", "guess", show=False),
        Helped.HELP,
    ]
    preview: Preview | None = None
    """How the file is read now; None while there is none, or while nothing of it can be corrected any more."""
    path: Path

    def corrected(self, layout: Layout | None) -> None:
        """Read the preview anew with this layout; None lets it be chosen again."""
        raise NotImplementedError

    def rescaled(self, kind: str) -> None:
        """Read it anew as a survey of that kind."""
        raise NotImplementedError

    def entitle(self, survey: str) -> None:
        """Read it anew as a file of that survey."""
        raise NotImplementedError

    def name_survey(self, proposed: str) -> None:
        """Ask for the name of a new survey."""
        raise NotImplementedError

    def say(self, words: str) -> None:
        """Tell it in the foot."""
        raise NotImplementedError

    def ask_column(self, column: Column) -> None:
        """What is this column?"""
        from loop.import_words import field_words, role_words

        preview = self.preview
        if preview is None:
            return
        taken = {c.field: c.heading for c in preview.columns if c.role == "field" and c.heading != column.heading}
        options = [
            Option(("field", field), words, _("now “{heading}”").format(heading=line(taken[field], 40)) if field in taken else "")
            for field, words in field_words().items()
        ]  # fmt: skip
        options += [Option((role, ""), words) for role, words in role_words().items()]

        def chosen(role: tuple[Any, str] | None) -> None:
            if role is not None and self.preview is not None:
                self.corrected(self.preview.layout.taking(column.heading, *role))

        title = _("“{heading}” is").format(heading=line(column.heading, 60) or "—")
        self._pick(title, options, (column.role, column.field), chosen)

    def action_encoding(self) -> None:
        """How its letters are written."""
        names = {
            "utf-8": _("UTF-8, as most programs write today"),
            "cp1252": _("Windows 1252, as Excel writes in the west"),
            "utf-16": _("UTF-16, as Excel's “Unicode text”"),
        }
        options = [Option(one, one, names.get(one, "")) for one in ENCODINGS]
        if self.preview and self.preview.layout.encoding not in ENCODINGS:
            options.insert(0, Option(self.preview.layout.encoding, self.preview.layout.encoding))
        self._change("encoding", _("Letters are written in"), options)

    def action_delimiter(self) -> None:
        """What parts its columns."""
        if self.preview and self.preview.layout.format != "csv":
            self.say(_("JSON has no delimiter."))
            return
        names = {";": _("semicolon ;"), ",": _("comma ,"), "\t": _("tab"), "|": _("bar |"), "^": _("caret ^")}
        self._change("delimiter", _("Columns are parted by"), [Option(one, words) for one, words in names.items()])

    def action_dates(self) -> None:
        """How 01/02/2026 is meant."""
        orders = {
            "dmy": _("day/month/year"),
            "mdy": _("month/day/year"),
            "ymd": _("year-month-day"),
        }
        self._change("date_order", _("Dates are written as"), [Option(one, words) for one, words in orders.items()])

    def action_scale(self) -> None:
        """Which scores there are."""
        preview = self.preview
        if preview is None:
            return
        if preview.known:
            self.say(_("{survey} has its scale already; the settings (S) change it.").format(survey=preview.survey))
            return
        options = [Option("nps", _("NPS, 0 to 10")), Option("csat", _("CSAT, 1 to 5"))]
        self._pick(_("Scores are"), options, preview.scale.kind, lambda kind: self.rescaled(kind) if kind else None)

    def action_guess(self) -> None:
        """Forget what was corrected or remembered, and guess anew."""
        if self.preview is None:
            return
        path = self.path

        def call() -> Layout:
            from loop import importing

            return importing.guess(path)

        self.app.reads.submit(call, self._guessed, key="import guess")

    def _guessed(self, layout: Layout) -> None:
        if self.is_attached:
            self.corrected(layout)

    def action_survey(self) -> None:
        """Which survey the answers belong to."""
        if self.preview is not None:
            self.ask_survey()

    def ask_survey(self) -> None:
        """One that is here, or a new one."""
        desk, actor = self.app.desk, self.app.actor

        def call() -> list[str]:
            from loop import surveys

            return [row.name for row in surveys.surveys(desk, actor=actor)]

        self.app.reads.submit(call, self._offer_surveys, key="import surveys")

    def _offer_surveys(self, names: Sequence[str]) -> None:
        if not self.is_attached:
            return
        proposed = (self.preview.survey if self.preview else "") or line(self.path.stem, 120)
        if not names:
            self.name_survey(proposed)
            return
        options = [*(Option(name, name) for name in names), Option("\n", _("A new survey…"))]

        def chosen(name: str | None) -> None:
            if name == "\n":
                self.name_survey(proposed if proposed not in names else "")
            elif name is not None:
                self.entitle(name)

        self._pick(_("These are answers to"), options, proposed, chosen)

    def _change(self, what: str, title: str, options: list[Option]) -> None:
        """Pick another value of a part of the layout."""
        if self.preview is None:
            return
        layout = self.preview.layout

        def chosen(value: Any) -> None:
            if value is not None and value != getattr(layout, what):
                self.corrected(replace(layout, **{what: value}))

        self._pick(title, options, getattr(layout, what), chosen)

    def _pick(self, title: str, options: Sequence[Option], current: Any, chosen: Any) -> None:
        self.app.push_screen(Picker(title, options, current), chosen)
