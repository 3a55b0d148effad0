"""Every command by its words (ctrl+p), from the registry."""

from collections.abc import Mapping
from typing import ClassVar

from domain.text import _
from tui.actions import ACTIONS
from tui.screens.picker import Option, Picker


class PaletteScreen(Picker):
    """Answers with the id of an action, or None."""

    CSS_PATH: ClassVar = ["picker.tcss", "help.tcss"]

    def __init__(self, why_not: Mapping[str, str]) -> None:
        """`why_not`: why an action cannot be done now, by id."""
        options = [
            Option(
                action.id,
                f":{action.command} {action.takes}".rstrip(),
                " · ".join(part for part in (action.title, action.help, action.shown_keys) if part),
                why_not.get(action.id, ""),
            )
            for action in ACTIONS
            if action.command
        ]
        super().__init__(_("Commands"), options)
