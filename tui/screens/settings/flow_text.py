"""A flow as text: shown, copied, saved to a file; and read from one (TOML)."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from domain.plans import FlowPlan
from domain.text import _, clean, fold, line
from tui.screens.forming import FormScreen
from tui.screens.picker import Option
from tui.screens.settings.choosing import ChoiceScreen
from tui.widgets.form import Field, Kind
from tui.widgets.ticket.spans import Line, wrap

if TYPE_CHECKING:
    from tui.app import Retorno

MOST_READ = 1_000_000
"""Octets of a file that is read."""
MOST_COPIED = 70_000
"""Characters that are sent to the terminal's clipboard; many terminals drop more."""


class PathForm(FormScreen):
    """One path; what is done with it is tried while the form stays open."""

    CSS_PATH: ClassVar = ["../forming.tcss"]


def text_lines(text: str, width: int) -> list[Line]:
    """The text as it is, long lines folded; tables and names set apart."""
    lines: list[Line] = []
    for typed in clean(text).rstrip("\n").split("\n"):
        words = typed.lstrip()
        for index, part in enumerate(wrap(typed, width)):
            name, equals, rest = part.partition(" = ")
            if index or not (equals and name.replace("_", "").replace('"', "").isalnum()):
                role = "accent" if not index and words.startswith("[") else "text"
                lines.append(Line(((part, role),)))
            else:
                lines.append(Line(((name, "past"), (equals, "past"), (rest, "text"))))
    return lines


def text_screen(app: "Retorno", plan: FlowPlan) -> ChoiceScreen:
    """Shows a plan as text; it can be copied and saved from there."""
    from loop import flows

    text = flows.to_text(plan)

    def act(choice: str) -> bool:
        if choice == "copy":
            if len(text) > MOST_COPIED:
                screen.say(_("That is too long for the clipboard; save it to a file."))
            else:
                app.copy_to_clipboard(text)
                screen.say(_("Sent to the terminal's clipboard."))
        else:
            app.opening()
            app.push_screen(_save_form(app, plan, text), lambda given: _said_saved(screen, form_path(given)))
        return True

    name = line(plan.name, 60) or "…"
    screen = ChoiceScreen(
        _("{flow} as text").format(flow=name),
        lambda width: text_lines(text, width),
        [Option("copy", _("Copy")), Option("save", _("Save to a file"))],
        act=act,
    )
    return screen


def form_path(given: dict[str, Any] | None) -> str:
    """The path that was given; '' for none."""
    return str(given["path"]) if given else ""


def _said_saved(screen: ChoiceScreen, path: str) -> None:
    if path:
        screen.say(_("Saved to {path}.").format(path=line(path, 60)))


def file_name(name: str) -> str:
    """A plain file name for a flow."""
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in fold(line(name))).strip("-")
    return "-".join(part for part in plain.split("-") if part)[:60] or "flow"


def _save_form(app: "Retorno", plan: FlowPlan, text: str) -> FormScreen:
    about = _("A new file; one that is there is never written over.")
    field = Field("path", _("File"), Kind.TEXT, f"~/{file_name(plan.name)}.toml", about=about, needed=True)

    def save(given: dict[str, Any]) -> Any:
        try:
            path = Path(given["path"]).expanduser()
            with open(path, "x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError as error:
            raise ValueError(_("There is a file of that name already.")) from error
        except (OSError, RuntimeError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise ValueError(_("That could not be written: {why}.").format(why=why)) from error
        return str(path)

    return PathForm(_("Save {flow} to a file").format(flow=line(plan.name, 40) or "…"), [field], save=save)


def import_form(
    base: FlowPlan | None, then: Callable[[FlowPlan, str], None]
) -> tuple[FormScreen, Callable[[Any], None]]:
    """Asks for a file and reads it; what is wrong with it is said where the path is typed. `then` gets plan and name."""

    def read(given: dict[str, Any]) -> tuple[FlowPlan, str]:
        from loop import flows
        from tui.widgets.paths import read as read_file

        found = read_file(given["path"], MOST_READ)
        if isinstance(found, str):
            raise ValueError(found)
        name, data = found
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(_("{name} is no text in UTF-8.").format(name=line(name, 60))) from error
        plan = flows.from_text(text, base=base)
        if isinstance(plan, FlowPlan):
            return plan, name
        more = len(plan) - 3
        said = " ".join(plan[:3]) + (" " + _("And {n} more.").format(n=more) if more > 0 else "")
        raise ValueError(said)

    about = _("A flow as text (TOML), as y shows it. You see what would change before anything does.")
    screen = PathForm(
        _("Bring a flow in from a file"), [Field("path", _("File"), Kind.TEXT, "~/", about=about)], save=read
    )

    def over(given: dict[str, Any] | None) -> None:
        if given is not None and screen.saved is not None:
            then(*screen.saved)

    return screen, over
