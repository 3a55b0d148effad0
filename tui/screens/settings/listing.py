"""A section that is a list: rows with a cursor, `/` over them, and a sentence where there is nothing yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, Label

from domain.refusals import Refusal
from domain.text import _, fold
from tui.screens.settings.pane import Keys, SectionPane
from tui.screens.settings.rows import Item, Rows, blank, filtered, sentence
from tui.widgets.flash import Tone
from tui.widgets.ticket.lines import Painted
from tui.widgets.ticket.spans import Line, marked, wrapped

if TYPE_CHECKING:
    from tui.widgets.form import Field


class FilterInput(Input):
    """What is typed after `/`."""

    BINDINGS: ClassVar = [Binding("down", "screen.focus_next", show=False)]


class ListPane(SectionPane):
    """A section that is a list. Who inherits says `fetch` and `items`, and acts on `current`."""

    DEFAULT_CSS = """
    ListPane > .pane-head { padding: 0; margin-bottom: 1; }
    ListPane > .pane-filter { height: 1; display: none; background: $r-bg; }
    ListPane.-filtering > .pane-filter { display: block; }
    .pane-filter > Label { width: 3; padding: 0 1; color: $r-accent; background: $r-bg; }
    .pane-filter > FilterInput {
        width: 1fr; height: 1; border: none; padding: 0; background: $r-bg; color: $r-bright;
    }
    .pane-filter > FilterInput:focus { border: none; background: $r-bg; }
    """
    BINDINGS: ClassVar = [
        Binding("slash", "filter", show=False),
        Binding("R", "reread", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = Rows()
        self.data: Any = None
        """What `fetch` answered; None before."""
        self._words = ""

    def compose(self) -> ComposeResult:
        yield Painted(self._head, classes="pane-head")
        with Horizontal(classes="pane-filter"):
            yield Label("/", markup=False)
            yield FilterInput(placeholder=_("type to find"), compact=True, select_on_focus=False)
        yield self.rows

    def on_mount(self) -> None:
        self.query_one(FilterInput).cursor_blink = False

    # What the section says

    def fetch(self) -> Any:
        """Read what is shown; runs in the lane."""
        raise NotImplementedError

    def items(self) -> Iterable[Item]:
        """The lines for `data`."""
        raise NotImplementedError

    def empty(self) -> str:
        """What to do where there is nothing."""
        return ""

    def open(self) -> None:
        """Enter was pressed on a line."""

    def refusal(self) -> Refusal | None:
        """Why this reader may not change anything here; None if they may."""
        return None

    unseen = False
    """Whether who may not change anything here may not see it either."""

    def about(self) -> str:
        """A sentence at the head."""
        return ""

    # What it does

    @property
    def current(self) -> Any:
        """The key under the cursor."""
        return self.rows.current

    def may(self) -> bool:
        """Whether this reader may change what is here; if not, it is said why."""
        why = self.refusal()
        if why is not None:
            self.say(str(why), Tone.REFUSED)
        return why is None

    def begin(self) -> None:
        self.read(self.fetch, self._fetched)

    @property
    def is_read(self) -> bool:
        return self.data is not None

    def enter(self) -> None:
        self.rows.focus()

    def _fetched(self, data: Any) -> None:
        first, self.data = self.data is None, data
        self.repaint()
        if first:
            self.app.opened()

    def repaint(self) -> None:
        """Show `data` again."""
        if self.data is None:
            return
        items = list(self.items())
        wanted = fold(self._words).split()
        if wanted:
            items = filtered(items, wanted)
        if not any(item.key is not None for item in items):
            said = _("Nothing here is called so; Esc shows all again.") if wanted else self.empty()
            if said:
                items = [*items, blank(), *sentence(said, max(20, self.rows.inner_width))]
        self.rows.show(items)
        head = self.query_one(".pane-head", Painted)
        head.display = bool(self.about() or self.refusal())
        head.refresh(layout=True)
        self.screen.refresh_frame()

    # Changing

    def reread(self, then: Callable[[], Any]) -> None:
        """Show what is now, then go on."""

        def show(data: Any) -> None:
            self._fetched(data)
            then()

        self.read(self.fetch, show)

    def fill_in(
        self,
        title: str,
        fields: Iterable[Field],
        save: Callable[[dict[str, Any]], Any],
        done: Callable[[Any, dict[str, Any]], Any],
        check: Callable[[dict[str, Any]], str] = lambda given: "",
    ) -> None:
        """Have a form filled in and saved; `done` is given what `save` answered and the values, once the list is current.

        It opens or says something; keys that were typed ahead wait for that.
        """
        from tui.screens.forming import FormScreen

        form = FormScreen(title, tuple(fields), check, save=save)

        def closed(given: dict[str, Any] | None) -> None:
            if given is not None:
                self.app.opening(told=True)
                self.reread(lambda: done(form.saved, given))

        self.ask_over(form, closed)

    def do(self, call: Callable[[], Any], done: Callable[[Any], str]) -> None:
        """Write; once the list is current, say what `done` makes of the answer."""
        self.write(call, lambda saved: self.reread(lambda: self.say(done(saved), Tone.DONE)))

    def ask(self, question: str, yes: str, about: str, call: Callable[[], Any], done: Callable[[Any], str]) -> None:
        """Write only after a yes."""
        from tui.screens.asking import AskScreen

        def answered(answer: bool | None) -> None:
            if answer:
                self.do(call, done)

        # Keys that were typed ahead are no answer: nothing holds them until the question is there.
        self.app.push_screen(AskScreen(question, yes, about=about), answered)

    def back(self) -> bool:
        field = self.query_one(FilterInput)
        if not (self._words or field.has_focus):
            return False
        field.value = self._words = ""
        self.remove_class("-filtering")
        self.rows.focus()
        self.repaint()
        return True

    def action_filter(self) -> None:
        """Show only what is called so."""
        self.add_class("-filtering")
        self.query_one(FilterInput).focus()

    def action_reread(self) -> None:
        self.begin()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._words = event.value
        self.repaint()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_class(bool(self._words.strip()), "-filtering")
        self.rows.focus()

    def on_rows_moved(self, event: Rows.Moved) -> None:
        event.stop()
        self.screen.refresh_frame()

    def on_rows_widened(self, event: Rows.Widened) -> None:
        event.stop()
        self.repaint()

    def on_rows_opened(self, event: Rows.Opened) -> None:
        event.stop()
        self.open()

    def more_keys(self) -> Keys:
        return (("/", _("find")), ("R", _("read again")), *super().more_keys())

    def _head(self, width: int) -> list[Line]:
        lines = wrapped(self.about(), width, "past") if self.about() else []
        why = self.refusal()
        if why is not None:
            said = str(why) if self.unseen else _("Read only.") + " " + str(why)
            lines += marked("·", "late", said, width, "past")
        return lines
