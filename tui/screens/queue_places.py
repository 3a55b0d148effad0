"""Where one goes from the main screen: settings and notifications, with what waits there (N2); what one wishes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from domain.text import _, fold
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen


class Places:
    """Other screens, and what is told of them here."""

    def do_settings(self: QueueScreen, argument: str = "") -> None:
        """Shape flows, people and the rest; what was changed there shows here at once."""
        from tui.screens.settings.screen import SettingsScreen

        def back(_result: object) -> None:
            self.read_wishes()
            self.reload(self.list.number)
            if self.view is not None:
                self.refresh_tickets((self.view.row.number,))

        self.app.push_screen(SettingsScreen(), back)

    def do_notices(self: QueueScreen, argument: str = "") -> None:
        """What one should know; choosing one opens its ticket."""
        from tui.screens.notices import NoticesScreen

        async def back(number: int | None) -> None:
            # Behind what marks them as read, which is on its way.
            self.app.writes.submit(lambda: None, lambda _done: self.recount_notices())
            if number is not None:
                await self.do_open(str(number))

        self.app.opening(told=True)  # the next key is for one of them
        self.app.push_screen(NoticesScreen(), back)

    def recount_notices(self: QueueScreen) -> None:
        """Count what is unread, for the top line (N2)."""
        if not self._warm:
            return
        desk, actor = self.app.desk, self.app.actor

        def read() -> int:
            from loop import notifications

            return notifications.unread(desk, actor=actor)

        self.app.figures.submit(read, lambda n: self.top.update(notices=n), key="notices")

    # Flows

    def do_flow(self: QueueScreen, argument: str = "") -> None:
        """Show the tickets of one flow, or of all; the flow's period is the list's first date filter (I5)."""
        from loop import queue

        desk, actor = self.app.desk, self.app.actor

        def choose(flows: Any) -> None:
            wanted = fold(argument)
            found = [f.id for f in flows if wanted and fold(f.name).startswith(wanted)]
            if found:
                self._enter_flow(found[0], flows)
                return
            from tui.screens.picker import Option, Picker

            options = [Option(0, _("All flows")), *(Option(f.id, f.name) for f in flows)]
            self.app.push_screen(
                Picker(_("Show the tickets of"), options, self.filter.flow or 0),
                lambda id: self._enter_flow(id, flows) if id is not None else None,
            )

        self.app.reads.submit(lambda: queue.flows(desk, actor=actor), choose)

    def _enter_flow(self: QueueScreen, id: int, flows: Any) -> None:
        desk, actor = self.app.desk, self.app.actor
        name = next((f.name for f in flows if f.id == id), "")

        def read() -> str:
            if not id:
                return ""
            from domain.query import within_days
            from loop import flows

            return within_days("created", *flows.period(desk, id, actor=actor))

        def show(period: str) -> None:
            # The period of the flow that one leaves goes; what was typed beside it stays.
            typed = self.filter.query.removeprefix(self._period).strip()
            self._period = period
            self.top.update(flow=name)
            self.show_list(flow=id or None, query=f"{period} {typed}".strip())

        self.app.reads.submit(read, show)

    _period = ""
    """The date filter that came with the flow."""

    # What one wishes

    def read_wishes(self: QueueScreen) -> None:
        """Read what the reader chose for themselves, before the first page is."""
        desk, actor = self.app.desk, self.app.actor

        def read() -> Mapping[str, Any]:
            from loop import prefs

            return prefs.prefs(desk, actor=actor)

        self.app.reads.submit(read, self._show_wishes, key="wishes")

    def _show_wishes(self: QueueScreen, found: Mapping[str, Any]) -> None:
        from tui.widgets.queue_columns import wished

        columns = found.get("columns")
        self._wish(wished(map(str, columns)) if isinstance(columns, list) else ())
        theme = str(found.get("theme") or "")
        if theme != self._theme_wish and not self.app.theme_is_given and theme in self.app.available_themes:
            self.app.theme = theme
        self._theme_wish = theme

    _theme_wish = ""
    """The theme that was last read as the reader's; one that is tried out stays until that changes."""

    def _wish(self: QueueScreen, columns: tuple[str, ...]) -> None:
        if columns != self.list.wish:
            self.list.wish = columns
            self.list.redraw()
            self.head.refresh()

    def do_columns(self: QueueScreen, argument: str = "") -> None:
        """`:columns health customer due` at once, `:columns auto` by the width, else from a list (Q2)."""
        from tui.widgets.queue_columns import choices, columns, wished

        if argument in ("auto", "default"):
            self._keep_columns(())
            return
        if argument:
            words = argument.replace(",", " ").split()
            unknown = [word for word in words if not wished([word])]
            if unknown:
                known = ", ".join(choices())
                self.say(
                    _("{word} is no column; there are {known}.").format(word=unknown[0], known=known), Tone.REFUSED
                )
            else:
                self._keep_columns(wished(words))
            return
        from tui.screens.forming import FormScreen
        from tui.screens.picker import Option
        from tui.widgets.form import Field, Kind

        here = self.list.wish or tuple(c.id for c in columns(self.list.size.width, 4))
        field = Field(
            "columns",
            _("Columns"),
            Kind.MANY,
            here,
            tuple(Option(id, title) for id, title in choices().items()),
            ordered=True,
        )
        self.app.push_screen(
            FormScreen(
                _("Columns of the list"),
                (field,),
                foot=_("The last give way where there is no room; none leaves it to the width."),
            ),
            lambda given: self._keep_columns(given["columns"]) if given is not None else None,
        )

    def _keep_columns(self: QueueScreen, chosen: tuple[str, ...]) -> None:
        desk, actor = self.app.desk, self.app.actor
        self._wish(chosen)

        def call() -> object:
            from loop import prefs

            return prefs.set_prefs(desk, {"columns": list(chosen) or None}, actor=actor)

        said = (
            _("The columns are kept for you; :columns auto leaves them to the width.")
            if chosen
            else _("The width says which columns there are.")
        )
        self.app.writes.submit(call, lambda _saved: self.say(said, Tone.DONE))
