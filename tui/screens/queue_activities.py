"""The activities of a ticket from the main screen (T7), and the customer's other tickets (T9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from domain.refusals import Refusal
from domain.text import _, line
from loop.views import Activity, Done, TicketView
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen
    from tui.widgets.ticket.activities import Activities


class ActivityVerbs:
    """Add, finish, change, give, remove."""

    async def do_activities(self: QueueScreen, argument: str = "") -> None:
        """Open the tab; with a name, add an activity."""
        if argument:
            self.with_view(lambda view: self._add_activity(view, argument))
            return
        await self.open_part("activities")

    def on_activities_asked(self: QueueScreen, event: Activities.Asked) -> None:
        event.stop()
        if event.what != "done":
            self.app.opening()  # the next keys are for what is asked
        if event.view.can.get("edit") is None or self.view_is_new:
            self._on_activity(event.view, event.what, event.activity)
        else:  # refused by the ticket as it was before what was done here
            self.read_ticket(event.view.row.number, lambda view: self._on_activity(view, event.what, event.activity))

    def _on_activity(self: QueueScreen, view: TicketView, what: str, activity: Activity | None) -> None:
        refusal = view.can.get("edit")
        if refusal is not None:
            self.say(str(refusal), Tone.REFUSED)
        elif activity is None:
            self._activity_form(view, None)
        elif what == "done":
            self._finish_activity(activity)
        elif what == "edit":
            self._activity_form(view, activity)
        elif what == "give":
            self._give_activity(view, activity)
        else:
            self.confirm(
                _("Remove the activity “{name}”?").format(name=line(activity.name, 60)),
                _("remove it; the timeline keeps that it was there"),
                lambda: self._on_activities(_("Removed."), lambda api, **by: api.remove(activity_id=activity.id, **by)),
            )

    def _on_activities(self: QueueScreen, said: str, call: Callable[..., Done]) -> None:
        """Call one of `loop.activities`' verbs in the lane, as the reader, and say what came of it."""
        desk, actor = self.app.desk, self.app.actor

        def run() -> Done:
            from loop import activities

            return call(activities, desk=desk, actor=actor)

        self.app.writes.submit(run, lambda done: self._acted(done, lambda n: said, None))

    def _finish_activity(self: QueueScreen, activity: Activity) -> None:
        on = activity.done is None
        said = _("Done: {name}.") if on else _("Open again: {name}.")
        said = said.format(name=line(activity.name, 60))
        self._on_activities(said, lambda api, **by: api.finish(activity_id=activity.id, on=on, **by))

    def _give_activity(self: QueueScreen, view: TicketView, activity: Activity) -> None:
        def show(people: Any) -> None:
            from tui.screens.picker import Option, Picker

            options = [Option(p.login, p.login, p.name) for p in people]
            options.append(Option("none", _("nobody")))
            self.app.push_screen(
                Picker(_("“{name}” is done by").format(name=line(activity.name, 40)), options, activity.responsible),
                lambda login: give(None if login == "none" else login) if login else None,
            )

        def give(login: str | None) -> None:
            said = _("{login} does it.").format(login=login) if login else _("Nobody has it now.")
            changes = {"responsible": login}
            self._on_activities(said, lambda api, **by: api.change(activity_id=activity.id, changes=changes, **by))

        self._read_people(view, show)

    def _read_people(self: QueueScreen, view: TicketView, then: Callable[[Any], Any]) -> None:
        from loop import reading

        desk, actor = self.app.desk, self.app.actor
        self.app.reads.submit(lambda: reading.people(desk, view.flow.id, actor=actor), then)

    def _activity_form(self: QueueScreen, view: TicketView, activity: Activity | None) -> None:
        def ask(people: Any) -> None:
            self.read_labels(lambda found: self._ask_activity(view, activity, people, found[1]))

        self._read_people(view, ask)

    def _ask_activity(
        self: QueueScreen, view: TicketView, activity: Activity | None, people: Any, categories: Any
    ) -> None:
        from tui.screens.forming import FormScreen
        from tui.screens.picker import Option
        from tui.widgets.form import Field, Kind

        desk, actor = self.app.desk, self.app.actor
        was = activity or Activity(0, "", "", "", None, actor.login, None)
        groups = [Option(0, _("none")), *(Option(id, name) for id, name in categories)]
        if was.category_id is not None and all(o.value != was.category_id for o in groups):
            groups.append(Option(was.category_id, was.category))  # one that is not offered any more stays
        logins = [Option("", _("nobody")), *(Option(p.login, p.login, p.name) for p in people)]
        fields = (
            Field("name", _("Activity"), Kind.TEXT, was.name, needed=True),
            Field("type", _("Type"), Kind.TEXT, was.type, about=_("Such as call, visit, refund; may be left out.")),
            Field("responsible", _("Done by"), Kind.CHOICE, was.responsible, tuple(logins)),
            Field("category", _("Category"), Kind.CHOICE, was.category_id or 0, tuple(groups)),
        )
        number = view.row.number

        def save(given: dict[str, Any]) -> Refusal | Done:
            from loop import activities

            given = given | {"category": given["category"] or None, "responsible": given["responsible"] or None}
            if activity is None:
                done = activities.add(desk, number, actor=actor, **given)
            else:
                old = {"name": was.name, "type": was.type, "category": was.category_id, "responsible": was.responsible}
                changes = {k: v for k, v in given.items() if v != (old[k] or None) and v != old[k]}
                done = activities.change(desk, activity.id, changes, actor=actor) if changes else Done((number,))
            return done.why or done

        def saved(given: dict[str, Any] | None) -> None:
            if given is not None:
                self.say(_("Added.") if activity is None else _("Saved."), Tone.DONE)
                self.refresh_tickets((number,))

        title = _("A new activity on #{n}") if activity is None else _("An activity on #{n}")
        self.app.push_screen(FormScreen(title.format(n=number), fields, save=save), saved)

    def _add_activity(self: QueueScreen, view: TicketView, name: str) -> None:
        refusal, number, me = view.can.get("edit"), view.row.number, self.app.actor.login
        if refusal is not None:
            self.say(str(refusal), Tone.REFUSED)
            return
        self._on_activities(
            _("Added."), lambda api, **by: api.add(number=number, name=line(name), responsible=me, **by)
        )

    # The customer's other tickets

    async def on_customer_part_ticket_asked(self: QueueScreen, event: Any) -> None:
        event.stop()
        await self.do_open(str(event.number))
