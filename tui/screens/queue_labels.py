"""Marking tags and categories in one list; what is typed and not there yet becomes a new tag (T5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import Key, Mount
from textual.widgets import Input

from domain.text import _, fold, line
from tui.screens.picker import Option, Options, Picker
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, hints, marked

TAG_LENGTH = 60


@dataclass(frozen=True)
class Labels:
    """The tags and categories of a ticket."""

    tags: tuple[str, ...]
    categories: tuple[int, ...]
    """Ids."""

    def tags_beyond(self, other: "Labels") -> tuple[str, ...]:
        """The tags here that the other has not."""
        return tuple(t for t in self.tags if t not in other.tags)

    def categories_beyond(self, other: "Labels") -> tuple[int, ...]:
        """The categories here that the other has not."""
        return tuple(c for c in self.categories if c not in other.categories)


class Marked(Options):
    """The options with a mark each."""

    def __init__(self, options: Sequence[Option], chosen: set[Any]) -> None:
        super().__init__(options, None)
        self.chosen = chosen

    def line_of(self, index: int) -> Line:
        option, here = self.options[index], index == self.place
        on = option.value in self.chosen
        kind, _value = option.value
        return Line(
            (
                ("▌ " if here else "  ", "accent"),
                ("☑ " if on else "☐ ", "accent" if on else "past"),
                ("" if kind == "category" else "#", "past"),
                (line(option.label) or "—", "bright" if here else "text"),
            ),
            ((line(option.hint), "past"),) if option.hint else (),
            "on_cursor" if here else "on_bar",
        )


class LabelScreen(Picker):
    """Answers the `Labels` that are marked at the end, or None."""

    BINDINGS: ClassVar = [
        Binding("f5", "save", show=False, priority=True),
        Binding("ctrl+s", "save", show=False, priority=True),
    ]
    CSS_PATH = "picker.tcss"

    def __init__(
        self,
        title: str,
        tags: Iterable[str],
        categories: Iterable[tuple[int, str]],
        here: Labels,
        *,
        adding: bool = False,
    ) -> None:
        """`adding`: several tickets are meant, so that what is marked is added and nothing is taken away."""
        known = sorted({*tags, *here.tags}, key=lambda t: (t not in here.tags, fold(t)))
        groups = sorted(categories, key=lambda c: c[0] not in here.categories)
        options = [Option(("tag", t), t) for t in known]
        options += [Option(("category", id), name, _("category")) for id, name in groups]
        super().__init__(title, options)
        self._adding = adding
        self.chosen: set[Any] = {("tag", t) for t in here.tags} | {("category", c) for c in here.categories}
        self._hidden = tuple(c for c in here.categories if c not in {id for id, _name in groups})
        """Categories that are not offered any more, and stay."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(lambda width: [Line(((line(self._title), "bright"),))], classes="panel-title")
            yield Input(placeholder=_("type to find, or a new tag"), compact=True, max_length=TAG_LENGTH)
            yield Marked(self._options, self.chosen)
            yield OnBar(self._foot, classes="panel-foot")

    @property
    def _list(self) -> Marked:
        return self.query_one(Marked)

    def on_mount(self, event: Mount) -> None:
        event.prevent_default()  # Textual would call the picker's once more, after this
        super().on_mount()
        # There is room for a tag that is new.
        self._list.styles.height = max(1, min(len(self._options) + 1, self.app.size.height - 8))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.prevent_default()
        super().on_input_changed(event)
        self.query_one(".panel-foot", OnBar).refresh(layout=True)
        new = line(event.value.replace(",", " "), TAG_LENGTH).removeprefix("#")
        if new and not any(o.value[0] == "tag" and fold(o.label) == fold(new) for o in self._options):
            self._list.show([*self._list.options, Option(("tag", new), new, _("new tag"))])

    def _choose(self) -> None:
        """Enter marks what is under the cursor, and with nothing typed saves."""
        option, field = self._list.current, self.query_one(Input)
        if not field.value:
            self.action_save()
        elif option is not None:
            self._toggle(option)
            field.value = ""

    def on_key(self, event: Key) -> None:
        """Space marks while nothing is typed; in a word it is a blank."""
        if event.key == "space" and not self.query_one(Input).value and self._list.current is not None:
            event.stop()
            event.prevent_default()
            self._toggle(self._list.current)

    def _toggle(self, option: Option) -> None:
        if option.hint == _("new tag") and option not in self._options:
            self._options = (option, *self._options)
            self._folded.insert(0, fold(option.label))
        self.chosen ^= {option.value}
        self._list.chosen = self.chosen
        self._say("")
        self._list.refresh()

    def action_save(self) -> None:
        """Answer with what is marked."""
        field = self.query_one(Input)
        if field.value and self._list.current is not None and self._list.current.value not in self.chosen:
            self._toggle(self._list.current)
        tags = tuple(o.value[1] for o in self._options if o.value[0] == "tag" and o.value in self.chosen)
        groups = tuple(o.value[1] for o in self._options if o.value[0] == "category" and o.value in self.chosen)
        self.dismiss(Labels(tags, groups + self._hidden))

    def _foot(self, width: int) -> list[Line]:
        if self._said:
            return marked("✗", "detractor", line(self._said), width, "late")
        if self.query_one(Input).value:
            lines = [hints(width, ("Enter", _("mark it")), ("↑ ↓", _("choose")), ("Esc", _("clear what is typed")))]
        else:
            lines = [hints(width, ("Space", _("mark")), ("Enter", _("save")), ("Esc", _("leave, nothing changed")))]
        if self._adding:
            lines.insert(0, Line(((_("What is marked is added; nothing is taken away."), "past"),)))
        return lines
