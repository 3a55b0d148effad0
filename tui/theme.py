"""Colours: the themes, and one palette of Rich styles for everything that is drawn line by line.

A theme names its colours as `$r-…` variables (for stylesheets) and `palette(app)` gives the same colours as
styles (for strips). Nothing is told by colour alone: a class has its glyph, a cursor its bar, what is new is bold.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from domain.answers import ScoreClass

if TYPE_CHECKING:
    from textual.app import App

DARK = {
    "bg": "#14161b",
    "bar": "#181b21",
    "rule": "#2a2f3a",
    "past": "#6b7385",
    "text": "#c9d1df",
    "bright": "#f2f5fa",
    "accent": "#5fb3f6",
    "cursor": "#1f3347",
    "cursor-blurred": "#1b2530",
    "detractor": "#f07178",
    "neutral": "#e6b450",
    "promoter": "#7fd07f",
    "late": "#ff9e64",
    "note": "#e8d9a0",
    "note-bg": "#2b2a1e",
    "customer-bg": "#1b2530",
}
LIGHT = {
    "bg": "#fbfbf9",
    "bar": "#eeefec",
    "rule": "#d4d6d2",
    "past": "#71767f",
    "text": "#333a45",
    "bright": "#0b0e13",
    "accent": "#0b63b0",
    "cursor": "#cfe3f6",
    "cursor-blurred": "#e4edf5",
    "detractor": "#b3202c",
    "neutral": "#8a5a00",
    "promoter": "#1f7a2e",
    "late": "#b34700",
    "note": "#5c4a00",
    "note-bg": "#f8f0cf",
    "customer-bg": "#e6f0f9",
}
DARK_256 = {
    "bg": "#121212",
    "bar": "#1c1c1c",
    "rule": "#303030",
    "past": "#767676",
    "text": "#d0d0d0",
    "bright": "#eeeeee",
    "accent": "#5fafff",
    "cursor": "#303030",
    "cursor-blurred": "#262626",
    "detractor": "#ff5f5f",
    "neutral": "#d7af5f",
    "promoter": "#87d787",
    "late": "#ffaf5f",
    "note": "#d7d7af",
    "note-bg": "#262626",
    "customer-bg": "#1c1c1c",
}
"""Colours that terminals of 256 have; the nearest to those of `DARK` would be a teal bar and a blue rule."""
SIXTEEN = {
    "bg": "ansi_default",
    "bar": "ansi_default",
    "rule": "ansi_bright_black",
    "past": "ansi_bright_black",
    "text": "ansi_default",
    "bright": "ansi_default",
    "accent": "ansi_cyan",
    "cursor": "ansi_default",
    "cursor-blurred": "ansi_default",
    "detractor": "ansi_red",
    "neutral": "ansi_yellow",
    "promoter": "ansi_green",
    "late": "ansi_magenta",
    "note": "ansi_yellow",
    "note-bg": "ansi_default",
    "customer-bg": "ansi_default",
}


def _theme(name: str, colours: dict[str, str], *, dark: bool, ansi: bool = False) -> Theme:
    variables = {f"r-{key}": value for key, value in colours.items()}
    if ansi:
        variables |= BUILTIN_THEMES["ansi-dark"].variables
    else:
        variables |= {
            "block-cursor-background": colours["cursor"],
            "block-cursor-foreground": colours["bright"],
            "block-cursor-text-style": "none",
            "input-cursor-background": colours["accent"],
            "input-cursor-foreground": colours["bg"],
            "input-selection-background": colours["cursor"],
            "scrollbar": colours["rule"],
            "scrollbar-hover": colours["past"],
            "scrollbar-active": colours["accent"],
            "scrollbar-background": colours["bg"],
            "scrollbar-background-hover": colours["bg"],
            "scrollbar-background-active": colours["bg"],
            "scrollbar-corner-color": colours["bg"],
            "border": colours["accent"],
            "border-blurred": colours["rule"],
        }
    return Theme(
        name,
        primary=colours["accent"],
        secondary=colours["past"],
        warning=colours["late"],
        error=colours["detractor"],
        success=colours["promoter"],
        accent=colours["accent"],
        foreground=colours["text"],
        background=colours["bg"],
        surface=colours["bar"],
        panel=colours["bar"],
        dark=dark,
        ansi=ansi,
        variables=variables,
    )


THEMES = (
    _theme("retorno", DARK, dark=True),
    _theme("retorno-light", LIGHT, dark=False),
    _theme("retorno-256", DARK_256, dark=True),
    _theme("retorno-16", SIXTEEN, dark=True, ansi=True),
)
"""Ours; Textual's own are to be had by name too."""


def known() -> tuple[str, ...]:
    """The names of all themes that there are, ours first."""
    return (*(ours.name for ours in THEMES), *sorted(BUILTIN_THEMES))


def suited(no_color: bool, colour_system: str | None) -> str:
    """The theme to begin with: as many colours as the terminal has, sixteen where none are wanted.

    `colour_system` is Rich's name: 'standard', '256', 'truecolor', or None.
    """
    if no_color or colour_system in (None, "standard"):
        return "retorno-16"
    return "retorno-256" if colour_system == "256" else "retorno"


def derived(theme: Theme) -> dict[str, str]:
    """Our `r-…` variables for a theme that does not name them, taken from its own colours."""
    if "r-bg" in theme.variables:
        return {}
    if theme.ansi:
        return {f"r-{key}": value for key, value in SIXTEEN.items()}
    base = DARK if theme.dark else LIGHT
    bg = Color.parse(theme.background or base["bg"])
    fg = Color.parse(theme.foreground or base["text"])
    accent = Color.parse(theme.accent or theme.primary)
    warning = theme.warning or base["neutral"]
    ink = Color(255, 255, 255) if theme.dark else Color(0, 0, 0)
    colours = {
        "bg": bg,
        "bar": bg.blend(fg, 0.05),
        "rule": bg.blend(fg, 0.18),
        "past": bg.blend(fg, 0.55),
        "text": fg,
        "bright": fg.blend(ink, 0.6),
        "accent": accent,
        "cursor": bg.blend(accent, 0.25),
        "cursor-blurred": bg.blend(accent, 0.12),
        "detractor": Color.parse(theme.error or base["detractor"]),
        "neutral": Color.parse(warning),
        "promoter": Color.parse(theme.success or base["promoter"]),
        "late": Color.parse(warning),
        "note": fg.blend(Color.parse(warning), 0.4),
        "note-bg": bg.blend(Color.parse(warning), 0.1),
        "customer-bg": bg.blend(accent, 0.1),
    }
    return {f"r-{key}": colour.hex6 for key, colour in colours.items()}


@dataclass(frozen=True)
class Palette:
    """Styles for strips. Words have the page's ground; add an `on_…` last to lay them on another one."""

    text: Style
    past: Style
    """What is over, labels, hints."""
    bright: Style
    """What waits for this person; names. Bold where there is no colour."""
    accent: Style
    accent_bold: Style
    """The tab one is on, keys."""
    rule: Style
    detractor: Style
    neutral: Style
    promoter: Style
    late: Style
    note: Style
    """Words of a note; goes with `on_note`."""
    unknown: Style
    """A ticket without a class."""
    on_bar: Style
    on_cursor: Style
    """The row one is on, while its list has the focus."""
    on_cursor_blurred: Style
    on_note: Style
    on_customer: Style
    """Under the customer's words."""
    link: Style

    def health(self, health: ScoreClass | None) -> Style:
        """The colour of a score class; it always goes with its glyph (I2)."""
        if health is None:
            return self.unknown
        return {
            ScoreClass.DETRACTOR: self.detractor,
            ScoreClass.NEUTRAL: self.neutral,
            ScoreClass.PROMOTER: self.promoter,
        }[health]


def glyph(health: ScoreClass | None) -> str:
    """The sign of a score class, one cell: ▼ ■ ▲, or a blank."""
    if health is None:
        return " "
    return {ScoreClass.DETRACTOR: "▼", ScoreClass.NEUTRAL: "■", ScoreClass.PROMOTER: "▲"}[health]


def palette(app: "App[object]") -> Palette:
    """The styles of the theme that the app has now; cheap to ask for on every line.

    Who keeps strips must drop them on `app.theme_changed_signal`.
    """
    return _palette(app.theme, app.current_theme.ansi, app.no_color, _Colours(app))


class _Colours:
    """The app's colour variables, equal to every other so that the cache looks at the theme's name only."""

    def __init__(self, app: "App[object]") -> None:
        self.app = app

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Colours)

    def __hash__(self) -> int:
        return 0

    def __getitem__(self, name: str) -> str:
        theme = self.app.current_theme
        return theme.variables.get(f"r-{name}") or derived(theme)[f"r-{name}"]


@lru_cache(maxsize=64)
def _palette(name: str, ansi: bool, no_color: bool, colours: _Colours) -> Palette:
    if no_color:
        return _PLAIN
    if ansi:
        return _sixteen()
    bg = colours["bg"]

    def ink(colour: str, **how: bool) -> Style:
        return Style(color=colours[colour], bgcolor=bg, **how)

    def ground(colour: str) -> Style:
        return Style(bgcolor=colours[colour])

    return Palette(
        text=ink("text"),
        past=ink("past"),
        bright=ink("bright", bold=True),
        accent=ink("accent"),
        accent_bold=ink("accent", bold=True),
        rule=ink("rule"),
        detractor=ink("detractor"),
        neutral=ink("neutral"),
        promoter=ink("promoter"),
        late=ink("late"),
        note=ink("note"),
        unknown=ink("past"),
        on_bar=ground("bar"),
        on_cursor=ground("cursor"),
        on_cursor_blurred=ground("cursor-blurred"),
        on_note=ground("note-bg"),
        on_customer=ground("customer-bg"),
        link=ink("accent", underline=True),
    )


def _sixteen() -> Palette:
    """For terminals with sixteen colours: their own ground, and reverse for the cursor."""
    plain = Style()
    return Palette(
        text=plain,
        past=Style(color="bright_black"),
        bright=Style(bold=True),
        accent=Style(color="cyan"),
        accent_bold=Style(color="cyan", bold=True),
        rule=Style(color="bright_black"),
        detractor=Style(color="red"),
        neutral=Style(color="yellow"),
        promoter=Style(color="green"),
        late=Style(color="magenta", bold=True),
        note=Style(color="yellow"),
        unknown=Style(color="bright_black"),
        on_bar=plain,
        on_cursor=Style(color="default", bgcolor="default", reverse=True),
        on_cursor_blurred=Style(bold=True),
        on_note=plain,
        on_customer=plain,
        link=Style(color="cyan", underline=True),
    )


_DIM, _BOLD, _NONE = Style(dim=True), Style(bold=True), Style()
_PLAIN = Palette(
    text=_NONE,
    past=_DIM,
    bright=_BOLD,
    accent=_NONE,
    accent_bold=Style(bold=True, underline=True),
    rule=_DIM,
    detractor=_NONE,
    neutral=_NONE,
    promoter=_NONE,
    late=_BOLD,
    note=Style(italic=True),
    unknown=_DIM,
    on_bar=_NONE,
    on_cursor=Style(reverse=True),
    on_cursor_blurred=_BOLD,
    on_note=_NONE,
    on_customer=_NONE,
    link=Style(underline=True),
)
"""Where no colour is wanted: bold, dim, reverse."""
