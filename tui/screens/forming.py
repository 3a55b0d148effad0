"""A form over the screen: fields to fill in, F5 saves, Esc leaves."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from domain.refusals import Refusal
from domain.text import _, line
from tui.typeahead import OneByOne
from tui.widgets.form import FEW, Field, Form, Kind
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, hints, marked, wrapped

AROUND = 9
"""Lines of the panel that are not fields: frame, title, foot."""


class FormScreen(ModalScreen[dict[str, Any] | None]):
    """Answers what was given, by field, or None when it was left.

    What was typed stays when `check` or `save` has something against it; Esc asks for a second one before it loses
    anything.
    """

    CSS_PATH = "forming.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = [
        Binding("f5", "save", show=False),
        Binding("escape", "leave", show=False),
    ]

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        check: Callable[[dict[str, Any]], str] = lambda values: "",
        foot: str = "",
        *,
        save: Callable[[dict[str, Any]], Any] | None = None,
    ) -> None:
        """`check` says what is wrong with the values, '' for nothing; `foot` stands above the keys.

        `save`, if given, is run in the app's lane of writing while the form stays open: a `Refusal` (or an error) is
        said and the form goes on; anything else is kept in `saved` and the form closes. Keys that were typed ahead wait
        until something is said or opened then.
        """
        super().__init__()
        self._title, self._check, self._told, self._save = title, check, foot, save
        self.form = Form(fields)
        self.saved: Any = None
        """What `save` answered."""
        self._said = ""
        self._saving = False
        self._warned = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(lambda width: [Line(((line(self._title), "bright"),))], classes="panel-title")
            yield self.form
            yield OnBar(self._foot, classes="panel-foot")

    def on_mount(self) -> None:
        self.form.focus_field()

    def on_resize(self, event: events.Resize) -> None:
        self.form.styles.max_height = max(3, event.size.height - AROUND - (1 if self._told else 0))

    def on_descendant_focus(self) -> None:
        self._repaint()

    def on_form_changed(self, event: Form.Changed) -> None:
        self._warned = False
        self._say("")

    def on_form_done(self, event: Form.Done) -> None:
        event.stop()
        self.action_save()

    def action_save(self) -> None:
        """Save, if everything can be taken as it is."""
        if self._saving:
            return
        trouble = self.form.trouble()
        if trouble is not None:
            self.form.focus_field(trouble[0])
            self._say(trouble[1])
            return
        values = self.form.values()
        wrong = self._check(values)
        if wrong:
            self._say(wrong)
        elif self._save is None:
            self.dismiss(values)
        else:
            save = self._save
            self._saving = True
            self._say("")
            self._hold()  # keys that were typed ahead are none of this form's any more
            self.app.writes.submit(lambda: _tried(save, values), lambda result: self._over(result, values))  # type: ignore[attr-defined]

    def _over(self, result: Any, values: dict[str, Any]) -> None:
        self._saving = False
        if not self.is_attached:
            return
        if isinstance(result, Refusal | Exception):
            self._release()
            self._say(str(result) or type(result).__name__)
        else:
            self._hold()  # whoever asked opens what was made, or says that it was
            self.saved = result
            self.dismiss(values)

    def _hold(self) -> None:
        if isinstance(self.app, OneByOne):
            self.app.opening(told=True)

    def _release(self) -> None:
        if isinstance(self.app, OneByOne):
            self.app.opened()

    def action_leave(self) -> None:
        """Leave; what was changed is lost with a second Esc only."""
        if self._saving:
            return
        if self.form.changed and not self._warned:
            self._warned = True
            self._said = _("This is not saved: F5 saves it, Esc once more leaves it.")
            self._repaint()
        else:
            self.dismiss(None)

    def _say(self, words: str) -> None:
        self._said = words
        self._repaint()

    def _repaint(self) -> None:
        self.query_one(".panel-foot", OnBar).refresh(layout=True)

    def _foot(self, width: int) -> list[Line]:
        field = self.form.here
        if self._said:
            lines = marked("✗", "detractor", line(self._said), width, "late")
        elif field is not None and field.why_not:
            lines = marked("·", "late", line(field.why_not), width, "late")
        else:
            lines = wrapped(line(field.about), width, "past") if field is not None and field.about else []
        # Two lines are always there, so that nothing jumps from field to field.
        lines = [*lines[:3], *[Line()] * (2 - len(lines))]
        if self._told:
            lines.append(Line(((line(self._told), "past"),)))
        save = _("saving…") if self._saving else _("save")
        keys = [("Enter", save)] if self.form.is_lone else [("F5", save), ("Tab", _("fields"))]
        if field is not None and not field.why_not:
            keys += _keys(field)
        return [*lines, hints(width, *keys, ("Esc", _("leave")))]


def _keys(field: Field) -> list[tuple[str, str]]:
    """What is pressed in a field beside letters."""
    if field.kind is Kind.MANY and field.ordered:
        return [("Space", _("choose")), ("⇧↑ ⇧↓", _("order"))]
    if field.kind in (Kind.CHOICE, Kind.MANY) and len(field.options) > FEW:
        return [("Enter", _("open the list"))]
    if field.kind is Kind.MANY:
        return [("← →", _("go")), ("Space", _("mark"))]
    if field.kind in (Kind.CHOICE, Kind.YESNO):
        return [("← →", _("choose"))]
    return []


def _tried(save: Callable[[dict[str, Any]], Any], values: dict[str, Any]) -> Any:
    """What `save` answers, or the exception that it ended with."""
    try:
        return save(values)
    except Exception as error:
        return error
