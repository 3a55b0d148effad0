"""Bringing answers in from a file: which file, how it is read, how far it is, what came of it (I8)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.geometry import Region

from domain.refusals import Refusal
from domain.text import _, line, ngettext, number
from tui.lane import Lane
from tui.screens import importing_lines as lines
from tui.screens.files import default_folder
from tui.screens.importing_asks import ImportAsks
from tui.screens.importing_run import Order, Run
from tui.screens.kept import keep, kept
from tui.widgets.completion import Completion
from tui.widgets.paths import PathLine
from tui.widgets.promptline import PromptLine
from tui.widgets.rows import Rows
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, cells_of, fit, hints, marked, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from loop.import_views import Layout, Preview

SHORT = 30
"""Rows of the terminal below which columns and first rows take turns."""
FACTS = 3, 8
"""Lines of facts and warnings: where there is little room, and else."""
STAGES = ("file", "reading", "preview", "running", "done")


class ImportScreen(ImportAsks):
    """Answers the query that shows the new tickets, or None. The run is told of by `ran`, also when this is left."""

    CSS_PATH = "importing.tcss"
    VERTICAL_BREAKPOINTS: ClassVar = [(0, "-short"), (SHORT, "-tall")]
    BINDINGS: ClassVar = [
        Binding("escape", "back", show=False),
        Binding("tab,shift+tab", "other", show=False),
        Binding("f", "file", show=False),
        Binding("v", "all", show=False),
        Binding("i", "go", show=False),
        Binding("w", "save", show=False),
        Binding("t", "tickets", show=False),
        Binding("q", "close", show=False),
    ]

    def __init__(self, begin: Callable[[Order], Run], path: str = "", survey: str = "", run: Run | None = None) -> None:
        """`begin` starts an import; `run` is one that runs already, to be looked at again."""
        super().__init__()
        self._begin = begin
        self._typed = path
        self.path = Path(path).expanduser()
        self._survey = survey
        self._kind: str | None = None
        self.run_now = run
        self._stage = "running" if run else "file"
        self._said: tuple[str, str] = ("", "")
        self._turn = 0
        self._reading: Lane | None = None

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
            yield PathLine(_("File"), names, self._inside)
            yield PromptLine()
            yield OnBar(self._foot, classes="panel-foot")
            yield names

    def on_mount(self) -> None:
        self._reading = Lane("preview", self.app.post_message)
        if self.run_now is not None:
            self.ran(self.run_now)
        elif self._typed:
            self._read()
        else:
            self.action_file()
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    @property
    def _columns(self) -> Rows:
        return self.query_one("#columns", Rows)

    @property
    def _samples(self) -> Rows:
        return self.query_one("#samples", Rows)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What corrects is of use only while the preview is shown."""
        corrects = ("encoding", "delimiter", "dates", "scale", "survey", "guess", "all", "other", "go")
        return self._stage == "preview" if action in corrects else True

    # Which file

    def action_file(self) -> None:
        """Ask for the file."""
        if self._stage == "running":
            return
        self.remove_class("-rows", "-all")
        if self._stage == "done":
            self._stage, self.run_now, self.preview, self._survey, self._kind = "file", None, None, "", None
        typed = self._typed or str(kept(self.app, "import", 0) or "")
        self.query_one(PathLine).open(typed, offer=bool(typed))
        self._arrange()

    def on_path_line_entered(self, event: PathLine.Entered) -> None:
        event.stop()
        if self._stage == "done":
            self._save_to(event.path)
            return
        self.query_one(PathLine).close()
        self._typed, self.path = event.path, Path(event.path).expanduser()
        self.preview, self._survey, self._kind = None, "", None
        self._read()

    def on_path_line_left(self, event: PathLine.Left) -> None:
        event.stop()
        if self._stage == "file":
            self.dismiss(None)
        else:
            self._focus()
            self._arrange()

    def on_completion_taken(self, event: Completion.Taken) -> None:
        event.stop()
        self.query_one(PathLine).take(event.suggestion)

    # How it is read

    def _read(self, layout: Layout | None = None) -> None:
        """Read the preview, aside: the file may be long or far away."""
        self._turn += 1
        turn, path, survey, kind = self._turn, self.path, self._survey, self._kind
        desk, actor = self.app.desk, self.app.actor
        self._said = ("", "")
        if self.preview is None:
            self._stage = "reading"

        def call() -> tuple[int, Preview | Refusal | Exception]:
            from loop import importing
            from loop.import_views import FileTrouble

            try:
                return turn, importing.preview(desk, path, survey, layout=layout, kind=kind, actor=actor)
            except (FileTrouble, OSError, ValueError, RuntimeError) as error:
                return turn, error

        assert self._reading is not None
        self._reading.submit(call, self._show, key="preview")
        self._arrange()

    def _show(self, found: tuple[int, Preview | Refusal | Exception]) -> None:
        turn, preview = found
        if turn != self._turn or not self.is_attached or self._stage in ("running", "done"):
            return
        if isinstance(preview, Refusal | Exception):
            self._said = (line(str(preview)), "✗")
            if self.preview is None:
                self._stage = "file"
                self.query_one(PathLine).open(self._typed, offer=False)
            self._arrange()
            return
        first = self.preview is None
        self.preview, self._stage = preview, "preview"
        keep(self.app, "import", 0, self._typed)
        self._columns.show(preview.columns, 0 if first else None)
        self._samples.show(preview.rows, 0 if first else None)
        if first:
            self._focus()
        self._arrange()
        if first and not self._survey and not preview.trouble:
            self.ask_survey()

    def corrected(self, layout: Layout | None) -> None:
        self._read(layout)

    def rescaled(self, kind: str) -> None:
        self._kind = kind
        self._read(self.preview.layout if self.preview else None)

    def entitle(self, survey: str) -> None:
        """What was corrected stays; what was only guessed gives way to what the survey remembers."""
        self._survey = survey
        given = self.preview is not None and self.preview.origin == "given"
        self._read(self.preview.layout if self.preview and given else None)

    def name_survey(self, proposed: str) -> None:
        self.query_one(PromptLine).open("survey", _("The new survey is called"), proposed)
        self._arrange()

    def on_prompt_line_entered(self, event: PromptLine.Entered) -> None:
        event.stop()
        name = line(event.text, 120)
        self._close_prompt()
        if name:
            self.entitle(name)

    def on_prompt_line_left(self, event: PromptLine.Left) -> None:
        event.stop()
        self._close_prompt()

    def _close_prompt(self) -> None:
        self.query_one(PromptLine).close()
        self._focus()
        self._arrange()

    def action_other(self) -> None:
        """From the columns to the first rows, or back."""
        if self._stage == "preview":
            self.toggle_class("-rows")
            self._focus()
            self._arrange()

    def action_all(self) -> None:
        """Show all that was noticed, in place of the lists; and the lists again."""
        if self._stage == "preview":
            self.toggle_class("-all")
            self._arrange()

    def on_rows_taken(self, event: Rows.Taken) -> None:
        event.stop()
        if self._stage == "preview" and not self.has_class("-rows"):
            self.ask_column(event.item)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        event.stop()
        if self._said[0] and self._said[1] != "✓":
            self.say("")
        self.query_one(".panel-foot", OnBar).refresh(layout=True)

    # Bringing it in

    def action_go(self) -> None:
        """Bring it in as it is shown."""
        preview = self.preview
        if self._stage != "preview" or preview is None:
            return
        if preview.trouble:
            self.say(_("It cannot be read like this; above stands why."))
        elif not preview.survey:
            self.ask_survey()
        else:
            layout = replace(preview.layout)
            self.run_now = self._begin(Order(self.path, preview.survey, layout, self._kind))
            self._stage = "running"
            self._focus()
            self._arrange()

    def ran(self, run: Run) -> None:
        """News of the run."""
        if run is not self.run_now or not self.is_attached:
            return
        if not run.ended:
            self._stage = "running"
        elif run.error is not None or (run.result and run.result.report.stopped):
            self.run_now = None
            why = _("Stopped: nothing was kept, all is as before.")
            if run.error is not None:
                why = line(str(run.error)) or type(run.error).__name__
            self._said = (why, "✗" if run.error else "!")
            self._stage = "preview" if self.preview is not None else "file"
            if self.preview is None:
                self.query_one(PathLine).open(self._typed, offer=False)
            self._focus()
        elif run.result is not None:
            self._stage = "done"
            self.query_one("#reasons", Rows).show(run.result.report.refused, 0)
            self._focus()
        self._arrange()

    def action_back(self) -> None:
        """Stop what keeps nothing yet, leave what goes on; else back."""
        run = self.run_now
        if self._stage == "running" and run is not None and run.may_stop:
            run.stopping.set()
            self._arrange()
        elif self._stage == "preview" and self.has_class("-all"):
            self.action_all()
        elif self._stage == "preview" and self.has_class("-rows"):
            self.action_other()
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        if self._stage != "running" or not self.run_now or not self.run_now.may_stop:
            self.dismiss(None)

    # What came of it

    def action_save(self) -> None:
        """Ask where refused rows go."""
        result = self.run_now.result if self.run_now else None
        if self._stage != "done" or result is None or not result.report.refused:
            return
        name = _("{file}-refused").format(file=self.run_now.order.path.stem) + self.run_now.order.path.suffix  # type: ignore[union-attr]
        folder = str(kept(self.app, "folder", 0) or default_folder())
        self.query_one(PathLine).open(f"{folder.rstrip('/')}/{name}", offer=False)
        self._arrange()

    def _save_to(self, typed: str) -> None:
        desk, actor = self.app.desk, self.app.actor
        assert self.run_now and self.run_now.result
        id, path = self.run_now.result.report.id, Path(typed).expanduser()

        def call() -> int | Exception:
            from loop import importing
            from loop.import_views import FileTrouble

            try:
                return importing.save_refused(desk, id, path, actor=actor)
            except (FileTrouble, OSError, ValueError, RuntimeError) as error:
                return error

        self.app.reads.submit(call, lambda done: self._saved(path, done))

    def _saved(self, path: Path, done: int | Exception) -> None:
        if not self.is_attached:
            return
        if isinstance(done, Exception):
            self.say(line(str(done)))
            return
        self.query_one(PathLine).close()
        self._focus()
        said = ngettext("{n} row was saved in {path}", "{n} rows were saved in {path}", done)
        self._said = (said.format(n=number(done), path=path), "✓")
        self._arrange()

    def action_tickets(self) -> None:
        """Show the survey's tickets that nobody has started."""
        run = self.run_now
        if self._stage == "done" and run and run.result and run.result.report.tickets:
            self.dismiss('is:open survey:"{survey}"'.format(survey=run.order.survey.replace('"', " ")))

    # What is shown

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
        return lines.column_line(item, names, width, here=here and not self.has_class("-rows"))

    def _sample(self, item: Any, width: int, here: bool) -> Line:
        assert self.preview is not None
        digits = max((len(str(row.line)) for row in self.preview.rows), default=1) + 1
        comment = next((i for i, c in enumerate(self.preview.columns) if c.field == "comment"), None)
        return lines.sample_line(item, digits, comment, width, here=here and self.has_class("-rows"))

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
            return wrapped(said, width, "text")
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
        found.append(hints(width, *self._keys()))
        if self._stage == "preview" and not (self.query_one(PathLine).is_open or self.query_one(PromptLine).is_open):
            corrects = [
                ("s", _("survey")),
                ("d", _("dates")),
                ("e", _("encoding")),
                ("p", _("delimiter")),
                ("n", _("scale")),
            ]
            found.append(hints(width, *corrects, ("R", _("guess anew")), ("v", _("all notes"))))
        return found

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
