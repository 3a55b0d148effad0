"""The settings: sections at the left, the one under the cursor at the right; one over the other where it is narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import AwaitMount

from domain.text import _
from tui.screens.settings.pane import Keys, SectionPane
from tui.screens.settings.sections import SECTIONS, counts
from tui.strips import Run, between, words
from tui.theme import palette
from tui.widgets.bar import Bar, Ground
from tui.widgets.flash import Flash, Tone
from tui.widgets.saying import SayingBar
from tui.widgets.ticket.lines import Scrolled
from tui.widgets.ticket.spans import Line, cells_of, paint

if TYPE_CHECKING:
    from tui.app import Retorno

WIDE = 100
"""From so many columns on, list and section stand side by side."""


class SettingsHead(Bar):
    """Where one is, and who."""

    def line(self, width: int) -> Strip:
        p = palette(self.app)
        screen = self.screen
        crumbs = screen.crumbs() if isinstance(screen, SettingsScreen) else ()
        left: list[Run] = [(" " + _("Settings"), p.bright)]
        for crumb in crumbs:
            left += [(" › ", p.past), (words(crumb), p.text)]
        return between(left, [(words(self.app.actor.login) + " ", p.text)], width, p.text, p.on_bar)  # type: ignore[attr-defined]


class SettingsFoot(SayingBar):
    """The keys of where one is, or a sentence."""

    def keys(self, width: int) -> list[Run]:
        screen = self.screen
        keys = list(screen.keys()) if isinstance(screen, SettingsScreen) else []
        keys = [*keys[:6], ("?", _("help"))]
        runs = self._runs(keys)
        while len(keys) > 1 and sum(cells_of(text) for text, _style in runs) > width:
            del keys[-2]  # the last one is the help, which tells of the others
            runs = self._runs(keys)
        return runs

    def _runs(self, keys: list[tuple[str, str]]) -> list[Run]:
        p = palette(self.app)
        out: list[Run] = []
        for key, does in keys:
            out += [((" " if not out else "  ") + key, p.accent), (" " + does, p.past)]
        return out


class SectionList(Scrolled):
    """The sections."""

    BINDINGS: ClassVar = [Binding("enter,l,right", "screen.enter", show=False)]

    def __init__(self, place: int = 0) -> None:
        super().__init__(id="sections")
        self.place = place

    def _lines(self) -> list[int | None]:
        """Index of the section on each line; None for a blank."""
        out: list[int | None] = []
        for index, section in enumerate(SECTIONS):
            out += [None, index] if section.apart else [index]
        return out

    def on_mount(self) -> None:
        super().on_mount()
        self.virtual_size = Size(1, len(self._lines()))

    def go(self, place: int) -> None:
        """Put the cursor on a section and show it."""
        place = max(0, min(place, len(SECTIONS) - 1))
        if place != self.place:
            self.place = place
            self.refresh()
            y = self._lines().index(place)
            if not self.scroll_offset.y <= y < self.scroll_offset.y + self.inner_height:
                self.to_line(y)
            screen = self.screen
            if isinstance(screen, SettingsScreen):
                screen.moved()

    def action_down(self) -> None:
        self.go(self.place + 1)

    def action_up(self) -> None:
        self.go(self.place - 1)

    def action_top(self) -> None:
        self.go(0)

    def action_bottom(self) -> None:
        self.go(len(SECTIONS) - 1)

    def action_half(self, way: int) -> None:
        self.go(self.place + way * 3)

    def action_page(self, way: int) -> None:
        self.go(self.place + way * 6)

    def on_click(self, event: events.Click) -> None:
        lines, y = self._lines(), event.y + self.scroll_offset.y
        if y < len(lines) and (index := lines[y]) is not None:
            self.go(index)
            self.app.call_later(self.screen.run_action, "enter")

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        y += self.scroll_offset.y
        colours, width = palette(self.app), self.scrollable_content_region.width
        lines = self._lines()
        index = lines[y] if y < len(lines) else None
        if index is None:
            return Strip.blank(width, colours.text)
        section, here = SECTIONS[index], index == self.place
        screen = self.screen
        count = screen.count_of(section.id) if isinstance(screen, SettingsScreen) else None
        ground = ("on_cursor" if self.has_focus else "on_cursor_blurred") if here else ""
        line = Line(
            (("▌" if here else " ", "accent"), (section.title, "bright" if here else "text")),
            ((f"{count} ", "past"),) if count is not None else (),
            ground,
        )
        return paint(line, width, colours)


class Body(Ground, Horizontal):
    """List and section."""


class SettingsScreen(Ground, Screen[None]):
    """See the module. `section` is where one begins; None is the first, with the list in sight."""

    app: Retorno
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS: ClassVar = [(0, "-narrow"), (WIDE, "-wide")]
    VERTICAL_BREAKPOINTS: ClassVar = [(0, "-short"), (20, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("question_mark", "help", show=False),
        Binding("tab,shift+tab", "switch", show=False),
        Binding("ctrl+l", "redraw", show=False),
    ]

    def __init__(self, section: str | None = None) -> None:
        super().__init__()
        place = next((i for i, s in enumerate(SECTIONS) if s.id == section), 0)
        self.list = SectionList(place)
        self._inside = section is not None
        self._panes: dict[str, SectionPane] = {}
        self._mounts: dict[str, AwaitMount] = {}
        self._counts: dict[str, int] = {}

    def compose(self) -> ComposeResult:
        yield SettingsHead(id="settings-head")
        with Body(id="settings-body"):
            yield self.list
            yield Vertical(id="panes")
        yield SettingsFoot(id="settings-foot")

    async def on_mount(self) -> None:
        self.head, self.foot = self.query_one(SettingsHead), self.query_one(SettingsFoot)
        self.app.opened()
        self.call_after_refresh(self._begin_counting)
        if self._inside:
            await self.action_enter()
            return
        self.list.focus()
        if self.is_wide:
            await self.show()

    def _begin_counting(self) -> None:
        desk, actor = self.app.desk, self.app.actor
        self.app.figures.submit(lambda: counts(desk, actor), self._counted, key="settings")

    def _counted(self, found: dict[str, int]) -> None:
        self._counts = found
        self.refresh_frame()

    # Places

    @property
    def is_wide(self) -> bool:
        """Whether list and section stand side by side."""
        return self.app.size.width >= WIDE

    @property
    def pane(self) -> SectionPane | None:
        """The section in sight."""
        return self._panes.get(SECTIONS[self.list.place].id)

    @property
    def in_pane(self) -> bool:
        """Whether the keys go to the section."""
        return self.focused is not None and self.focused is not self.list

    def count_of(self, id: str) -> int | None:
        """How many there are in a section; None where that is not known."""
        pane = self._panes.get(id)
        return pane.count if pane is not None and pane.count is not None else self._counts.get(id)

    def moved(self) -> None:
        """The cursor is on another section."""
        if self.is_wide:
            self.run_worker(self.show(), exclusive=True, group="section")
        else:
            self.refresh_frame()

    async def show(self) -> None:
        """Show the section under the cursor, made if it never was."""
        section = SECTIONS[self.list.place]
        if section.id not in self._panes:
            pane = section.pane()
            self._panes[section.id] = pane
            self._mounts[section.id] = self.query_one("#panes", Vertical).mount(pane)
        await self._mounts[section.id]  # by another key too, which came before it was there
        for id, pane in self._panes.items():
            pane.display = id == section.id
        self._panes[section.id].begin()
        self.refresh_frame()

    async def action_enter(self) -> None:
        """Go into the section."""
        if self.pane is None or not self.pane.display:
            await self.show()
        self.add_class("-inside")
        if self.pane is not None:
            self.pane.enter()
            if not self.pane.is_read:
                self.app.opening(told=True)
        self.refresh_frame()

    async def action_switch(self) -> None:
        """Tab: from the list to the section, and back."""
        if self.in_pane:
            self._leave_pane()
        else:
            await self.action_enter()

    def _leave_pane(self) -> None:
        self.remove_class("-inside")
        self.list.focus()
        self.refresh_frame()

    def action_back(self) -> None:
        """Esc: one step back."""
        pane = self.pane
        if self.in_pane:
            if pane is None or not pane.back():
                self._leave_pane()
            self.refresh_frame()
            return
        unsaved = [p for p in self._panes.values() if p.unsaved]
        if not unsaved:
            self.dismiss(None)
            return
        from tui.screens.asking import AskScreen

        question = _("{section} has changes that are not saved; they stay until the program ends. Leave?").format(
            section=unsaved[0].title
        )
        self.app.push_screen(AskScreen(question, _("leave, save later")), lambda yes: self.dismiss() if yes else None)

    def others_changed(self) -> None:
        """Somebody changed the set-up: what is in sight is read again; a plan that is being shaped stays as it is.

        The audit stays where one reads it: R has it begin with the newest line.
        """
        if self.pane is not None and self.pane.id != "audit":
            self.pane.begin()

    def on_descendant_focus(self) -> None:
        # A click may have taken the focus into the section.
        self.set_class(self.in_pane, "-inside")
        self.refresh_frame()

    async def on_resize(self, event: events.Resize) -> None:
        if event.size.width >= WIDE and self.pane is None:
            await self.show()

    def action_redraw(self) -> None:
        self.app.refresh(layout=True)

    # Frame

    def crumbs(self) -> tuple[str, ...]:
        """Where one is, outermost first."""
        pane = self.pane
        if not self.in_pane and not self.is_wide:
            return ()
        return (SECTIONS[self.list.place].title, *(pane.crumbs() if pane is not None else ()))

    def keys(self) -> Keys:
        """Of where one is."""
        if self.in_pane and self.pane is not None:
            return self.pane.keys()
        return (("Enter", _("go in")), ("j k", _("sections")), ("Esc", _("back")))

    def refresh_frame(self) -> None:
        """Something that the frame tells has changed: where one is, the keys, the counts."""
        if self.is_attached:
            self.head.refresh()
            self.foot.refresh()
            self.list.refresh()

    def say(self, text: str, tone: Tone = Tone.SAID) -> None:
        """Show a sentence in the last line until the next key."""
        self.app.opened()
        self.foot.show_flash(Flash(text, tone))

    def say_trouble(self, error: Exception) -> None:
        """Say that something broke."""
        self.say(str(error) or type(error).__name__, Tone.TROUBLE)

    @property
    def said(self) -> str:
        """What the last line says now."""
        return self.foot.flash.text if self.foot.flash else ""

    def on_key(self) -> None:
        """The next key takes the sentence away."""
        self.foot.show_flash(None)

    def action_help(self) -> None:
        """The keys of this place."""
        from tui.screens.keys import KeysScreen

        keys, place = list(self.keys()), _("Settings")
        if self.in_pane and self.pane is not None:
            place = SECTIONS[self.list.place].title
            keys += [*self.pane.more_keys(), ("Tab", _("to the list of sections")), ("Esc", _("one step back"))]
        self.app.opening()
        self.app.push_screen(KeysScreen(place, keys), self._press)

    def _press(self, key: str | None) -> None:
        if key:
            self.app.simulate_key(key)
