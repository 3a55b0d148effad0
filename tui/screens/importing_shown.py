"""What the import's screen shows, stage by stage: the parts of the panel, its head, its facts and its foot (I8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Region

from domain.text import _, line, ngettext, number
from tui.screens import importing_lines as lines
from tui.screens.importing_asks import ImportAsks
from tui.widgets.completion import Completion
from tui.widgets.paths import PathInput, PathLine
from tui.widgets.promptline import PromptLine
from tui.widgets.rows import Rows
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, cells_of, fit, hints, marked, wrapped

if TYPE_CHECKING:
    from tui.screens.importing_run import Run

SHORT = 30
"""Rows of the terminal below which columns and first rows share less room."""
FACTS = 3, 8
"""Lines of facts and warnings: where there is little room, and else."""
KINDS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson")
"""How files of answers are likely to end."""
STAGES = ("file", "reading", "preview", "running", "done")


class ImportShown(ImportAsks):
    """Draws what the screen holds: its stage, the preview, the run, and what was said last."""

    run_now: Run | None = None
    """The import that is looked at, running or done."""
    _stage = "file"
    _said: tuple[str, str] = ("", "")
    """A sentence and its mark."""

    def compose(self) -> ComposeResult:
        names = Completion()
        with Vertical(classes="panel"):
            yield OnBar(self._head, classes="panel-title")
            yield OnBar(self._facts, id="facts")
            yield OnBar(lambda width: [self._title(width, "columns")], classes="list-title", id="columns-title")
            yield Rows(self._column, id="columns")
            yield OnBar(lambda width: [self._title(width, "samples")], classes="list-title", id="samples-title")
            yield Rows(self._sample, id="samples")
            yield Rows(lambda item, width, here: lines.reason_line(item, width, here=here), id="reasons")
            yield OnBar(lambda width: [Line((("─" * width, "rule"),))])
            yield PathLine(_("File"), names, self._inside, kinds=KINDS)
            yield PromptLine()
            yield OnBar(self._foot, classes="panel-foot")
            yield names

    @property
    def _columns(self) -> Rows:
        return self.query_one("#columns", Rows)

    @property
    def _samples(self) -> Rows:
        return self.query_one("#samples", Rows)

    def say(self, words: str) -> None:
        self._said = (line(words), "✗" if words else "")
        self._arrange()

    def _inside(self) -> Region:
        return self.query_one(".panel").content_region

    def _focus(self) -> None:
        if self._stage == "done":
            self.query_one("#reasons", Rows).focus()
        elif self.has_class("-rows"):
            self._samples.focus()
        else:
            self._columns.focus()

    def _arrange(self) -> None:
        """Show the parts of the stage, and draw anew."""
        for stage in STAGES:
            self.set_class(stage == self._stage, f"-{stage}")
        for id in ("facts", "columns-title", "samples-title"):
            self.query_one(f"#{id}", OnBar).refresh(layout=True)
        for rows in self.query(Rows):
            rows.refresh()
        self.query_one(".panel-title", OnBar).refresh(layout=True)
        self.query_one(".panel-foot", OnBar).refresh(layout=True)

    def _column(self, item: Any, width: int, here: bool) -> Line:
        names = max((cells_of(c.called) for c in self.preview.columns), default=0) if self.preview else 0
        return self._drawn(lines.column_line, item, names, width, here=here, active=not self.has_class("-rows"))

    def _sample(self, item: Any, width: int, here: bool) -> Line:
        assert self.preview is not None
        digits = max((len(str(row.line)) for row in self.preview.rows), default=1) + 1
        comment = next((i for i, c in enumerate(self.preview.columns) if c.field == "comment"), None)
        return self._drawn(lines.sample_line, item, digits, comment, width, here=here, active=self.has_class("-rows"))

    @staticmethod
    def _drawn(draw: Callable[..., Line], *given: Any, here: bool, active: bool) -> Line:
        """A line of a list; in the one that has no keys now the cursor is not shown."""
        drawn = draw(*given, here=here and active)
        return drawn if active else replace(drawn, ground="on_bar")

    def _title(self, width: int, which: str) -> Line:
        """The heading of a list; where the lists take turns it names both."""
        preview = self.preview
        if preview is None:
            return Line()
        bad = sum(bool(row.trouble) for row in preview.rows)
        columns = ngettext("{n} column", "{n} columns", len(preview.columns)).format(n=number(len(preview.columns)))
        rows = _("First rows")
        refused = ngettext("{n} refused", "{n} refused", bad).format(n=bad) if bad else ""
        here = (which == "samples") == self.has_class("-rows")
        role = "accent" if here else "text"
        title, about = (columns, "") if which == "columns" else (rows, refused)
        spans: list[tuple[str, str]] = [(title, role), ("  " + about if about else "", "late")]
        used = sum(cells_of(text) for text, _role in spans)
        return Line((*spans, (" " + "─" * max(0, width - used - 1), "rule")))

    def _head(self, width: int) -> list[Line]:
        name = "" if self._stage == "file" else line(self.path.name, 200)
        title = _("Import answers")
        room = max(8, width - cells_of(title) - 3)
        return [Line(((title, "bright"),), ((fit(name, room), "past"),)), Line((("─" * width, "rule"),))]

    def _facts(self, width: int) -> list[Line]:
        run = self.run_now
        if self._stage == "file":
            said = _(
                "Which file? CSV or JSON with headings. It is shown as it would be read, and nothing is kept before you say so."
            )
            known = _(
                "The score is all that it must have. Comment, date, name, e-mail, phone and the id of the answer are known by "
                "their headings, in English, Portuguese or Spanish; other columns become attributes. Any of it is corrected by hand."
            )
            return [*wrapped(said, width, "text"), Line(), *wrapped(known, width, "past")]
        if self._stage == "reading":
            return [Line(((_("Reading…"), "past"),))]
        if self._stage == "running" and run is not None:
            return lines.progress_lines(run.order, run.progress, width, stopping=run.stopping.is_set())
        if self._stage == "done" and run is not None and run.result is not None:
            found = lines.result_lines(run.order, run.result, width)
            refused = len(run.result.report.refused)
            if refused:
                title = _("Rows that were not taken")
                found += [Line(), Line(((title, "accent"), (" " + "─" * max(0, width - cells_of(title) - 1), "rule")))]
            return found
        if self.preview is None:
            return []
        room = FACTS[self.app.size.height >= SHORT]
        return lines.facts_lines(self.preview, width, 1_000 if self.has_class("-all") else room)

    def _foot(self, width: int) -> list[Line]:
        words, mark = self._said
        found: list[Line] = []
        if words:
            roles = {"✓": ("promoter", "bright"), "!": ("late", "bright")}
            of_mark, role = roles.get(mark, ("detractor", "late"))
            found = marked(mark, of_mark, words, width, role)[:3]
        path = self.query_one(PathLine)
        asks = not path.query_one(PathInput).value if self._stage == "file" else not path.is_open
        help = [("?", _("help"))] if self._stage in ("file", "done") and asks else []
        found.append(hints(width, *self._keys(), *help))
        if self._stage == "preview" and not (self.query_one(PathLine).is_open or self.query_one(PromptLine).is_open):
            found.append(hints(width, *self._corrects(), ("?", _("help"))))
        return found

    def _corrects(self) -> list[tuple[str, str]]:
        """The keys that correct how the file is read."""
        return [
            ("s", _("survey")),
            ("d", _("dates")),
            ("e", _("encoding")),
            ("p", _("delimiter")),
            ("n", _("scale")),
            ("v", _("all notes")),
            ("R", _("guess anew")),
        ]

    def place_keys(self) -> tuple[str, list[tuple[str, str]]]:
        """For the help: the keys of the stage, with those that move."""
        keys = self._keys()
        if self._stage == "preview":
            keys += [*self._corrects(), ("g G", _("first, last")), ("^D ^U", _("half pages"))]
        return _("Import answers"), keys

    def _keys(self) -> list[tuple[str, str]]:
        back = ("Esc", _("back"))
        run = self.run_now
        if self.query_one(PathLine).is_open:
            return [("Enter", _("save") if self._stage == "done" else _("look at it")), ("Tab", _("complete")), ("↑ ↓", _("choose")), back]  # fmt: skip
        if self.query_one(PromptLine).is_open:
            return [("Enter", _("take")), back]
        if self._stage == "running":
            return [("Esc", _("cancel") if run is not None and run.may_stop else _("leave it running"))]
        if self._stage == "done" and run is not None and run.result is not None:
            report = run.result.report
            keys = [("t", _("its tickets"))] if report.tickets else []
            keys += [("w", _("save what was refused"))] if report.refused else []
            return [*keys, ("f", _("another file")), back]
        if self._stage == "preview":
            here = self.has_class("-rows")
            column = [] if here else [("Enter", _("change column"))]
            other = ("Tab", _("columns") if here else _("first rows"))
            return [("i", _("import")), *column, other, ("f", _("another file")), back]
        return [back]
