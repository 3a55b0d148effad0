"""Two people saved the same at once: what each changed, and which way to go on; and what F5 would save (P8, A1)."""

from collections.abc import Sequence

from domain.plans import Difference
from domain.text import _, line
from loop.setup_views import Conflict
from tui.screens.picker import Option
from tui.screens.settings.choosing import ChoiceScreen
from tui.widgets.flow.diff import diff_lines
from tui.widgets.ticket.spans import Line, full_date


def collision(title: str, conflict: Conflict, theirs: Sequence[Difference], mine: Sequence[Difference]) -> ChoiceScreen:
    """Asks mine, over (only where both changed the same) or theirs; `title` holds {who}."""
    both = {d.field for d in theirs} & {d.field for d in mine}

    def build(width: int) -> list[Line]:
        return [
            Line(((_("What {who} changed").format(who=line(conflict.by, 40) or "—"), "accent"),)),
            *diff_lines(theirs, width, both),
            Line(),
            Line(((_("What you changed, not saved yet"), "accent"),)),
            *diff_lines(mine, width),
        ]

    choices = [
        Option("mine", _("Go on with mine on top of theirs"), _("u brings back your own") if both else ""),
        Option("theirs", _("Take theirs"), _("u brings back yours")),
    ]
    if both:
        choices.insert(1, Option("over", _("Mine on top, and mine where both changed it")))
        choices[0] = Option("mine", _("Mine on top, theirs where both changed it"), _("u brings back your own"))
    about = _("{when}. Nothing of yours is lost, and nothing was saved.").format(when=full_date(conflict.at))
    return ChoiceScreen(title.format(who=line(conflict.by, 40) or _("Somebody")), build, choices, about=about)


def unsaved(name: str, changes: Sequence[Difference]) -> ChoiceScreen:
    """Shows what F5 would save."""
    title = _("What F5 saves: {name}").format(name=line(name, 60) or "…")
    return ChoiceScreen(title, lambda width: diff_lines(changes, width), [Option("back", _("go on"))])
