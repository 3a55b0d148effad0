"""What can be edited of tickets from the main screen: subject, description, due, tags, categories, followers (T5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from domain.text import _, line, ngettext
from loop.views import Done, TicketView
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen


class Care:
    """Each verb works on the selection under the rules of one ticket (Q4)."""

    # Tags and categories

    def read_labels(self: QueueScreen, then: Callable[[Any], Any]) -> None:
        """Read the tags in use and the categories that are offered, then go on with them."""
        desk, actor = self.app.desk, self.app.actor

        def read() -> Any:
            from loop import editing

            return editing.labels(desk, actor=actor)

        self.app.reads.submit(read, then)

    def do_tags(self: QueueScreen, argument: str = "") -> None:
        """`:tags a, b, -c` without asking; `t` with a list to mark."""
        if argument:
            words = [w for w in (line(part, 60) for part in argument.split(",")) if w]
            gone = tuple(w[1:].strip() for w in words if w.startswith("-"))
            self._label(tuple(w.removeprefix("+") for w in words if not w.startswith("-")), gone)
        else:
            self.if_may("tags", lambda view: self.read_labels(lambda found: self._mark_labels(view, found)))

    def _mark_labels(self: QueueScreen, view: TicketView, found: Any) -> None:
        from tui.screens.queue_labels import Labels, LabelScreen

        tags, categories = found
        several = len(self.targets()) > 1
        here = Labels((), ()) if several else Labels(view.tags, view.category_ids)

        def marked(new: Labels | None) -> None:
            if new is None:
                return
            add, remove = new.tags_beyond(here), here.tags_beyond(new)
            self._label(add, remove, new.categories_beyond(here), here.categories_beyond(new))

        title = self.about(_("Tags and categories of {tickets}"))
        self.app.push_screen(LabelScreen(title, tags, categories, here, adding=several), marked)

    def _label(
        self: QueueScreen,
        add: tuple[str, ...],
        remove: tuple[str, ...],
        categories: tuple[int, ...] = (),
        no_categories: tuple[int, ...] = (),
    ) -> None:
        if not (add or remove or categories or no_categories):
            return
        desk, actor = self.app.desk, self.app.actor

        def call(numbers: tuple[int, ...]) -> Done:
            from loop import editing

            done = Done(numbers)
            if add or remove:
                done = editing.tag(desk, numbers, add, remove, actor=actor)
            if (categories or no_categories) and done.done:
                second = editing.categorise(desk, done.done, categories, no_categories, actor=actor)
                done = Done(second.done, done.refused + second.refused)
            return done

        said = [f"+{t}" for t in add] + [f"−{t}" for t in remove]
        changed = len(categories) + len(no_categories)
        if changed:
            said.append(ngettext("{n} category", "{n} categories", changed).format(n=changed))
        self.act(call, lambda n: _("Marked: {changes}.").format(changes=" ".join(said)))

    # Due

    def do_due(self: QueueScreen, argument: str = "") -> None:
        from domain.dues import NotUnderstood, due

        def give(at: int | None) -> None:
            from tui.widgets.ticket.spans import full_date

            def call(numbers: tuple[int, ...]) -> Done:
                from loop import editing

                return editing.set_due(self.app.desk, numbers, at, actor=self.app.actor)

            when = _("Due {date}.").format(date=full_date(at)) if at is not None else _("No due date any more.")
            self.act(call, lambda n: when)

        def ask(view: TicketView) -> None:
            from tui.screens.queue_due import DueScreen

            old = None if self.list.selected else view.row.due
            self.app.push_screen(
                DueScreen(self.about(_("When is {tickets} due?")), old, self.app.desk.now()),
                lambda found: None if found is None else give(found.at),
            )

        if not argument:
            self.if_may("due", ask)
            return
        try:
            at = due(argument, self.app.desk.now())
        except NotUnderstood:
            self.say(_("“{said}” is no time; say 2d, 31/12, friday 14:00 or none.").format(said=argument), Tone.REFUSED)
        else:
            self.if_may("due", lambda view: give(at))

    # Words

    def do_subject(self: QueueScreen, argument: str = "") -> None:
        def give(view: TicketView) -> None:
            def call(numbers: tuple[int, ...]) -> Done:
                from loop import editing

                return editing.set_subject(self.app.desk, numbers, line(argument), actor=self.app.actor)

            self.act(call, lambda n: _("The subject is “{subject}”.").format(subject=line(argument, 60)))

        self.if_may("subject", give) if argument else self.do_describe()

    def do_describe(self: QueueScreen, argument: str = "") -> None:
        """Subject and description of one ticket, in a form."""

        def ask(view: TicketView) -> None:
            from tui.screens.forming import FormScreen
            from tui.widgets.form import Field, Kind

            number, desk, actor = view.row.number, self.app.desk, self.app.actor
            fields = (
                Field("subject", _("Subject"), Kind.TEXT, view.row.subject, needed=True),
                Field("description", _("Description"), Kind.LINES, view.description, rows=10),
            )

            def save(given: dict[str, Any] | None) -> None:
                if given is None:
                    return

                def call() -> Done:
                    from loop import editing

                    done = Done((number,))
                    if given["subject"] != line(view.row.subject):
                        done = editing.set_subject(desk, (number,), given["subject"], actor=actor)
                    if done.done and given["description"].strip() != view.description.strip():
                        done = editing.describe(desk, (number,), given["description"], actor=actor)
                    return done

                self.app.writes.submit(call, lambda done: self._acted(done, lambda n: _("Saved."), None))

            self.app.push_screen(FormScreen(_("Ticket #{number}").format(number=number), fields), save)

        if self.list.selected:
            self.say(_("One ticket at a time: Esc clears the selection."), Tone.REFUSED)
        else:
            self.if_may("describe", ask)

    # Followers

    def do_follow(self: QueueScreen, argument: str = "") -> None:
        """Follow, or follow no more; a login has somebody follow."""

        def toggle(view: TicketView) -> None:
            on = self.list.selected or self.app.actor.login not in view.followers
            self._follow("", on=bool(on))

        self._follow(argument, on=True) if argument else self.with_view(toggle)

    def do_unfollow(self: QueueScreen, argument: str = "") -> None:
        self._follow(argument, on=False)

    def _follow(self: QueueScreen, login: str, *, on: bool) -> None:
        desk, actor = self.app.desk, self.app.actor
        who = None if login in ("", "me", actor.login) else login

        def call(numbers: tuple[int, ...]) -> Done:
            from loop import following

            return (following.follow if on else following.unfollow)(desk, numbers, who, actor=actor)

        if on:
            said = _("{login} follows it now.").format(login=who) if who else _("You follow it now: f ends that.")
        else:
            said = _("{login} follows it no more.").format(login=who) if who else _("You follow it no more.")
        self.act(call, lambda n: said)

    def do_open_notes(self: QueueScreen, argument: str = "") -> None:
        """The assignee's or an administrator's yes to a follower's reading what was noted before (N1)."""

        def give(view: TicketView) -> None:
            def call() -> Done:
                from loop import following

                return following.open_notes(self.app.desk, view.row.number, argument, actor=self.app.actor)

            said = _("{login} reads the earlier notes now.").format(login=argument)
            self.app.writes.submit(call, lambda done: self._acted(done, lambda n: said, None))

        self.with_view(give)
