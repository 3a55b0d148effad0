"""Panels of the rule editor: choosing among what answers know or typing something else; words with what is wrong at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from textual.widgets import Input, TextArea

from domain.text import _, fold, line
from tui.screens.forming import FormScreen
from tui.screens.marking import ManyPicker, Marked
from tui.screens.picker import Option, Options, Picker
from tui.widgets.form import Field, Form, Kind

MOST_SCORES = 101


def _with_typed(found: Sequence[Option], typed: str) -> list[Option]:
    """The options, and what is typed as one more where none is called so."""
    typed = line(typed)
    if not typed or any(fold(line(o.label)) == fold(typed) for o in found):
        return list(found)
    return [*found, Option(typed, typed, _("as typed"))]


class FreePicker(Picker):
    """One of the options, or what is typed. Values are strings."""

    CSS_PATH: ClassVar = ["../picker.tcss"]

    def on_input_changed(self, event: Input.Changed) -> None:
        event.prevent_default()
        super().on_input_changed(event)
        options = self.query_one(Options)
        options.show(_with_typed(options.options, event.value))


class FreeManyPicker(ManyPicker):
    """Some of the options, and what is typed. Values are strings; what is chosen stands first."""

    CSS_PATH: ClassVar = ["../picker.tcss"]

    def __init__(self, title: str, options: Sequence[Option], chosen: Sequence[str] = ()) -> None:
        known = {fold(o.value): o for o in options}
        first = [known.get(fold(value)) or Option(value, value) for value in chosen]
        rest = [o for o in options if fold(o.value) not in {fold(f.value) for f in first}]
        super().__init__(title, [*first, *rest], [o.value for o in first])

    def on_input_changed(self, event: Input.Changed) -> None:
        event.prevent_default()
        super().on_input_changed(event)
        options = self.query_one(Options)
        options.show(_with_typed(options.options, event.value))

    def _choose(self) -> None:
        option = self.query_one(Marked).current
        super()._choose()
        if option is None or option.why_not:
            return
        if option not in self._options:
            self._options = (Option(option.value, option.label), *self._options)
            self._folded = [fold(option.label), *self._folded]
        # The next one can be typed at once.
        self.query_one(Input).value = ""


class LinesScreen(FormScreen):
    """A form in whose texts one goes on writing below what is there."""

    CSS_PATH: ClassVar = ["../forming.tcss"]

    def on_mount(self) -> None:
        for area in self.query(TextArea):
            area.move_cursor(area.document.end)


class WordsScreen(LinesScreen):
    """Text Match: words on lines, those that must not be there, endings; what is no expression is said as one types."""

    def __init__(self, title: str, any_of: Sequence[str], none_of: Sequence[str], endings: bool) -> None:
        how = _('One on a line: word, beginn*, two words, "exact phrase", a near b, a -without.')
        fields = (
            Field("any_of", _("The comment says"), Kind.LINES, "\n".join(any_of), rows=5, about=how),
            Field("none_of", _("and none of"), Kind.LINES, "\n".join(none_of), rows=3, about=how),
            Field("endings", _("Any ending"), Kind.YESNO, endings, about=_("“atrasada” and “atrasos” for “atraso”.")),
        )
        super().__init__(title, fields, self._wrong)

    def on_form_changed(self, event: Form.Changed) -> None:
        event.prevent_default()
        self._warned = False
        self._say(self._wrong({c.field.id: c.raw for c in self.form.controls}))

    @staticmethod
    def _wrong(given: dict[str, Any]) -> str:
        return next(filter(None, map(words_trouble, (*lines_of(given["any_of"]), *lines_of(given["none_of"])))), "")


def words_trouble(expression: str) -> str:
    """Why an expression of Text Match is none, a sentence; '' if it is one."""
    from domain.textmatch import trouble

    return trouble(expression) or ""


def lines_of(text: str) -> tuple[str, ...]:
    """The lines that say something, each once."""
    return tuple(dict.fromkeys(filter(None, map(line, text.split("\n")))))


def read_scores(text: str) -> tuple[int, ...] | None:
    """Scores as they are typed: `0-3, 7`; None if that is not what they are."""
    found: set[int] = set()
    for part in re.split(r"[,;]", text):
        if not (words := line(part)):
            continue
        match = re.fullmatch(r"(\d{1,3})(?: ?[-–] ?(\d{1,3}))?", words)
        if match is None:
            return None
        low, high = int(match[1]), int(match[2] or match[1])
        if low > high or high >= MOST_SCORES:
            return None
        found |= set(range(low, high + 1))
    return tuple(sorted(found))


def read_hours(text: str) -> int | None:
    """A time as it is typed, in hours: `48`, `48h`, `2d`; None if that is not what it is."""
    match = re.fullmatch(r"(\d{1,5}) ?(h|d|)", line(text).lower())
    if match is None or int(match[1]) == 0:
        return None
    return int(match[1]) * (24 if match[2] == "d" else 1)
