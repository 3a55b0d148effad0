"""What can be done, searchable by key or word (?), from the registry; Enter does it."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from domain.text import _
from tui.actions import ACTIONS, BY_ID, HINTS, Action, Where
from tui.screens.picker import Option, Options, Picker
from tui.strips import fit
from tui.widgets.ticket.lines import Line, OnBar
from tui.widgets.ticket.spans import hints

_BY_PLACE = {
    "list": (Where.LIST, Where.ANYWHERE, Where.TICKET, Where.DRAFT),
    "selection": (Where.LIST, Where.ANYWHERE, Where.TICKET, Where.DRAFT),
    "ticket": (Where.TICKET, Where.ANYWHERE, Where.LIST, Where.DRAFT),
    "draft": (Where.DRAFT, Where.ANYWHERE, Where.TICKET, Where.LIST),
}


def ordered(place: str) -> list[Action]:
    """All actions, those of the place first and of them those that its footer shows."""
    hinted, wheres = HINTS[place], _BY_PLACE[place]
    return sorted(ACTIONS, key=lambda a: (hinted.index(a.id) if a.id in hinted else len(hinted), wheres.index(a.where)))


class Keys(Options):
    """Actions as keys, name and sentence, in columns."""

    def line_of(self, index: int) -> Line:
        option, here = self.options[index], index == self.place
        action = BY_ID[option.value]
        role = "past" if option.why_not else "bright" if here else "text"
        keys = fit(action.shown_keys or f":{action.command}", 11)
        spans = [("▌ " if here else "  ", "accent"), (keys, "past" if option.why_not else "accent")]
        spans += [(" " + fit(action.title, 22 if self.size.width > 90 else 16), role), (option.hint, "past")]
        if option.why_not:
            spans.append((f"  ✗ {option.why_not}", "past"))
        return Line(tuple(spans), (), "on_cursor" if here else "on_bar")


class HelpScreen(Picker):
    """Answers with the id of an action that is to be done, or None."""

    CSS_PATH: ClassVar = ["picker.tcss", "help.tcss"]

    def __init__(self, why_not: Mapping[str, str], place: str) -> None:
        """`why_not`: why an action cannot be done now, by id; `place`: a key of `HINTS`."""
        names = {
            "list": _("Keys of the list"),
            "selection": _("Keys for a selection"),
            "ticket": _("Keys of the ticket"),
            "draft": _("Keys of the draft"),
        }
        options = [
            Option(
                action.id,
                f"{action.shown_keys} {action.title} :{action.command}",
                action.help,
                why_not.get(action.id, ""),
            )
            for action in ordered(place)
        ]
        self._place = place
        super().__init__(names[place], options)

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(lambda width: [Line(((self._title, "bright"),))], classes="panel-title")
            yield Input(placeholder=_("type a key or a word"), compact=True)
            yield Keys(self._options, None)
            yield OnBar(self._foot, classes="panel-foot")

    def _foot(self, width: int) -> list[Line]:
        """The signs of the place, which stand nowhere else, over the keys of this panel."""
        signs = [
            ("●", _("to answer")),
            ("! ↓", _("priority")),
            ("▼ ■ ▲", _("detractor, neutral, promoter")),
        ]
        if self._place in ("ticket", "draft"):
            signs = [
                ("← →", _("mail")),
                ("✎", _("note")),
                ("◆ ◇", _("phase, assignee")),
                ("☑", _("checklist")),
                ("★", _("answer")),
                ("#", _("labels")),
            ]
        return [hints(width, *signs), *super()._foot(width)]
