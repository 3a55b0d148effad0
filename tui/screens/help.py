"""What can be done, searchable by key or word (?), from the registry; Enter does it."""

from collections.abc import Mapping
from typing import ClassVar

from domain.text import _
from tui.actions import ACTIONS, HINTS, Action, Where
from tui.screens.picker import Option, Picker
from tui.strips import fit

_BY_PLACE = {
    "list": (Where.LIST, Where.ANYWHERE, Where.TICKET, Where.DRAFT),
    "selection": (Where.LIST, Where.ANYWHERE, Where.TICKET, Where.DRAFT),
    "ticket": (Where.TICKET, Where.ANYWHERE, Where.LIST, Where.DRAFT),
    "draft": (Where.DRAFT, Where.ANYWHERE, Where.TICKET, Where.LIST),
}


def ordered(place: str) -> list[Action]:
    """All actions, those of the place first and of them those that its footer shows."""
    hinted, wheres = HINTS[place], _BY_PLACE[place]
    return sorted(
        ACTIONS, key=lambda a: (hinted.index(a.id) if a.id in hinted else len(hinted), wheres.index(a.where))
    )


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
                fit(action.shown_keys or f":{action.command}", 11) + " " + fit(action.title, 16),
                action.help,
                why_not.get(action.id, ""),
            )
            for action in ordered(place)
        ]
        super().__init__(names[place], options)
