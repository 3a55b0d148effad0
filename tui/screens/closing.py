"""Closing a ticket: into which phase, what was done, with what outcome, and in which category that belongs (T6)."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, TextArea

from domain.flows import Phase, Status, may_go
from domain.refusals import Refusal
from domain.text import _, clean, line
from loop.views import TicketView
from tui.screens.kept import keep, kept
from tui.screens.picker import Option, Picker
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, Span, hints, marked


class Closing(NamedTuple):
    """What closing asks for."""

    phase: int
    resolution: str
    outcome: str
    category: int | None = None
    """A category's id."""


class Ways(OnBar, can_focus=True):
    """The closed phases of a flow, one of them chosen with ← and →."""

    BINDINGS: ClassVar = [
        Binding("left,h", "step(-1)", show=False),
        Binding("right,l,space", "step(1)", show=False),
    ]

    def __init__(self, phases: tuple[Phase, ...], chosen: int) -> None:
        super().__init__(self._row, classes="ways")
        self.phases = phases
        self.place = chosen

    @property
    def phase(self) -> Phase:
        """The one that is chosen."""
        return self.phases[self.place]

    def action_step(self, by: int) -> None:
        self.place = (self.place + by) % len(self.phases)
        self.refresh()
        self.screen.query_one(".panel-foot", OnBar).refresh(layout=True)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _row(self, width: int) -> list[Line]:
        spans: list[Span] = []
        for index, phase in enumerate(self.phases):
            here = index == self.place
            role = ("tab" if self.has_focus else "bright") if here else "past"
            spans += [
                ("● " if here else "○ ", "accent" if here else "past"),
                (line(phase.name, 30), role),
                ("   ", "past"),
            ]
        return [Line(tuple(spans))]


class InCategory(OnBar, can_focus=True):
    """The category that a closed ticket belongs to; Enter opens the list of them."""

    BINDINGS: ClassVar = [
        Binding("enter,space,right", "open", show=False),
        Binding("backspace,delete", "clear", show=False),
    ]

    def __init__(self, categories: Sequence[tuple[int, str]]) -> None:
        super().__init__(self._row, classes="ways")
        self._names = dict(categories)
        self.chosen: int | None = None
        """Its id."""

    def action_open(self) -> None:
        options = [Option(0, _("none")), *(Option(id, name) for id, name in self._names.items())]
        self.app.push_screen(Picker(_("Category"), options, self.chosen or 0), self._choose)

    def action_clear(self) -> None:
        self._choose(0)

    def _choose(self, id: int | None) -> None:
        if id is not None:
            self.chosen = id or None
            self.refresh()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def _row(self, width: int) -> list[Line]:
        name = self._names.get(self.chosen or 0, "")
        role = "tab" if self.has_focus else "text" if name else "past"
        said = line(name) or (_("Enter chooses one; may be left out") if self.has_focus else _("none"))
        return [Line(((said, role),))]


class ClosingScreen(ModalScreen[Closing | None]):
    """Answers with a `Closing`, or None. What was typed stays in `resolution` and `outcome`.

    A resolution that was left is there again when the same ticket is to be closed next.
    """

    CSS_PATH = "closing.tcss"
    BINDINGS: ClassVar = [
        Binding("f5", "close", show=False),
        Binding("escape", "leave", show=False),
    ]

    def __init__(
        self,
        view: TicketView,
        resolution: str = "",
        outcome: str = "",
        phase: int | None = None,
        *,
        categories: Sequence[tuple[int, str]] = (),
    ) -> None:
        """`phase` is the closed phase that was asked for, if one was; `categories` are offered by id and name."""
        super().__init__()
        self._categories = tuple(categories)
        self._view = view
        self.resolution = clean(resolution or view.resolution)
        """What is typed so far."""
        self.outcome = line(outcome or view.outcome)
        """What is typed so far."""
        self._said = ""
        ticked = {tick.item for tick in view.ticks}
        self._phases = tuple(p for p in view.flow.phases if p.status is Status.CLOSED)
        self._why: dict[int, Refusal | None] = {
            p.id: may_go(view.flow, view.phase_id, p.id, ticked) for p in self._phases
        }
        ways = [i for i, p in enumerate(self._phases) if p.id == phase]
        ways += [i for i, p in enumerate(self._phases) if self._why[p.id] is None]
        self._first = ways[0] if ways else 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._title, classes="panel-title")
            with Horizontal(classes="field"):
                yield Label(_("Into"), markup=False)
                yield Ways(self._phases, self._first)
            yield Label(_("What was done"), markup=False, classes="above")
            yield TextArea(self.resolution, compact=True, soft_wrap=True, highlight_cursor_line=False)
            with Horizontal(classes="field"):
                yield Label(_("Outcome"), markup=False)
                yield Input(self.outcome, compact=True, placeholder=_("in a word or two; may be left out"))
            with Horizontal(classes="field"):
                yield Label(_("Category"), markup=False)
                yield InCategory(self._categories)
            yield OnBar(self._foot, classes="panel-foot")

    def on_mount(self) -> None:
        area, field = self.query_one(TextArea), self.query_one(Input)
        if not self.resolution and (left := kept(self.app, "resolution", self._view.row.number)):
            self.resolution = left
            area.load_text(left)
        area.cursor_blink = field.cursor_blink = False
        area.move_cursor(area.document.end)
        self.query_one(Ways).can_focus = len(self._phases) > 1
        self.query_one(InCategory).can_focus = bool(self._categories)
        self.query_one(InCategory).parent.display = bool(self._categories)  # type: ignore[union-attr]
        area.focus()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._keep()
        self._say("")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._keep()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    def action_close(self) -> None:
        """Close, if the flow allows it and a resolution is written."""
        self._keep()
        phase = self.query_one(Ways).phase
        if self._why[phase.id] is not None:
            self._say(str(self._why[phase.id]))
        elif not self.resolution.strip():
            self._say(_("Closing asks for a resolution: say what was done."))
            self.query_one(TextArea).focus()
        else:
            keep(self.app, "resolution", self._view.row.number, "")
            self.dismiss(Closing(phase.id, self.resolution.strip(), self.outcome, self.query_one(InCategory).chosen))

    def action_leave(self) -> None:
        self._keep()
        keep(self.app, "resolution", self._view.row.number, self.resolution)
        self.dismiss(None)

    def _keep(self) -> None:
        self.resolution = clean(self.query_one(TextArea).text)
        self.outcome = line(self.query_one(Input).value)

    def _say(self, words: str) -> None:
        if words != self._said:
            self._said = words
            self.query_one(".panel-foot", OnBar).refresh(layout=True)

    def _title(self, width: int) -> list[Line]:
        row = self._view.row
        return [Line(((_("Close") + f" #{row.number}", "bright"), ("  " + line(row.subject), "past")))]

    def _foot(self, width: int) -> list[Line]:
        ways = self.query(Ways)
        refusal = self._why[ways.first(Ways).phase.id] if ways else None
        said = self._said or (str(refusal) if refusal else "")
        lines = marked("✗", "detractor", line(said), width, "late") if said else []
        keys = [("F5", _("close the ticket")), ("Tab", _("fields"))]
        if len(self._phases) > 1:
            keys.append(("← →", _("phase")))
        return [*lines, hints(width, *keys, ("Esc", _("leave, text kept")))]
