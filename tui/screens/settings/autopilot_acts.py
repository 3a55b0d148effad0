"""What is done to a rule set in the list: made, copied, removed, switched, run on the past, its e-mails let go (A1, A5, A6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.refusals import Refusal
from domain.text import _, line, ngettext, number
from loop.rule_views import Switched, TableRow
from tui.screens.asking import AskScreen
from tui.screens.picker import Option, Picker
from tui.screens.settings.autopilot_rows import NEW
from tui.screens.settings.autopilot_shaping import forget, kept
from tui.screens.settings.choosing import ChoiceScreen
from tui.widgets.flash import Tone
from tui.widgets.form import Field, Kind
from tui.widgets.ticket.spans import marked, wrapped

if TYPE_CHECKING:
    from tui.screens.settings.autopilot import AutopilotPane


class Acts:
    """See the module."""

    def act(self: AutopilotPane, what: str) -> None:
        """A key of the list."""
        if not self.may():
            return
        if what == "add":
            self._add()
        elif what in ("up", "down"):
            self.shift(-1 if what == "up" else 1)
        elif self.table is not None:
            if what == "remove":
                self._remove_table(self.table)
        elif self.current == NEW and what == "remove":
            self._drop_new()
        elif self.row is None:
            return
        elif what == "log":
            self.show_log(self.row.id, self.row.name)
        elif self.row.may_edit is not None:
            self.say(str(self.row.may_edit), Tone.REFUSED)
        else:
            {
                "remove": self._remove,
                "copy": self._copy,
                "switch": self._switch,
                "past": self._past,
                "mails": self._mails,
            }[what]()

    def _add(self: AutopilotPane) -> None:
        if isinstance(self.current, tuple) and self.current[0] == "table":
            self.open_table(None)
            return
        if kept(self.app, None) is not None:
            self.open_set(None)  # what was begun and never saved is gone on with, and not written over
            return
        from tui.screens.forming import FormScreen

        about = _("As the log and the timeline of tickets name it.")
        field = Field("name", _("Name"), Kind.TEXT, "", needed=True, limit=80, about=about)
        form = FormScreen(_("Add a rule set"), [field])
        self.ask_over(form, lambda given: None if given is None else self.open_set(None, name=given["name"]))

    def _drop_new(self: AutopilotPane) -> None:
        """Throw away what was begun and never saved."""

        def gone() -> None:
            forget(self.app, None)
            self.repaint()

        self.confirm(AskScreen(_("Throw away the rule set that was never saved?"), _("throw away")), gone)

    def _copy(self: AutopilotPane) -> None:
        row = self.row
        assert row is not None

        def call() -> Any:
            from loop import rules

            return rules.copy(self.app.desk, row.id, actor=self.app.actor)

        def come(saved: Any) -> None:
            def then() -> None:
                self.rows.to(("set", saved.id))
                self.say(_("Copied; the copy comes last and is off."), Tone.DONE)

            self.reread(then)

        self.write(call, come)

    def _remove(self: AutopilotPane) -> None:
        row = self.row
        assert row is not None
        name = line(row.name, 60)

        def call() -> Any:
            from loop import rules

            return rules.remove(self.app.desk, row.id, actor=self.app.actor)

        if row.active:
            self.say(_("{name} is on: space switches it off first.").format(name=name), Tone.REFUSED)
            return
        question = _("Remove the rule set {name}?").format(name=name)
        self.ask(question, _("remove"), "", call, lambda saved: _("{name} is gone.").format(name=name))

    def _remove_table(self: AutopilotPane, table: TableRow) -> None:
        def call() -> Any:
            from loop import managers

            return managers.remove_table(self.app.desk, table.id, actor=self.app.actor)

        name = line(table.name, 60)
        about = _("Rule sets that assign by it assign to nobody then, and cannot be switched on.")
        question = _("Remove the table {name}?").format(name=name)
        self.ask(question, _("remove"), about, call, lambda saved: _("{name} is gone.").format(name=name))

    def open_table(self: AutopilotPane, table: TableRow | None) -> None:
        """Edit a table of managers; None makes one."""
        if not self.may():
            return
        from tui.screens.settings.managers import open_managers

        def closed(saved: int | None) -> None:
            if saved is not None:

                def then() -> None:
                    self.rows.to(("table", saved))
                    self.say(_("Saved."), Tone.DONE)

                self.reread(then)

        open_managers(self, table, closed)

    # On, off, the past

    def _switch(self: AutopilotPane) -> None:
        row = self.row
        assert row is not None
        if not row.active and row.blanks:
            n = len(row.blanks)
            title = ngettext(
                "{n} blank before it can be switched on", "{n} blanks before it can be switched on", n
            ).format(n=n)
            blanks = row.blanks
            self.ask_over(
                ChoiceScreen(
                    title,
                    lambda width: [one for said in blanks for one in marked("!", "late", line(said), width, "text")],
                    [Option("open", _("Open it"))],
                ),
                lambda answer: self.open_set(row.id) if answer == "open" else None,
            )
            return

        def call() -> Any:
            from loop import rules

            return rules.switch(self.app.desk, row.id, not row.active, actor=self.app.actor)

        self.write(call, lambda done: self.reread(lambda: self.switched(done, not row.active, row.name)))

    def offer_waiting(self: AutopilotPane, switched: Switched, name: str) -> None:
        """It is on: run it on what came while it was off? Leaving them is the safe answer."""
        n = switched.waiting
        title = _("{name} is on").format(name=line(name, 60))
        said = ngettext(
            "{n} answer came while it was off. It is not touched unless you say so.",
            "{n} answers came while it was off. They are not touched unless you say so.",
            n,
        ).format(n=number(n))
        run = ngettext("Run it on that one", "Run it on those {n}", n).format(n=number(n))
        choices = [Option("leave", _("Leave them as they are")), Option("run", run, _("p does that later, too"))]

        def chosen(answer: str | None) -> None:
            if answer == "run":
                self.run_past(switched.id, name, since=switched.since)

        self.ask_over(ChoiceScreen(title, lambda width: wrapped(said, width, "text"), choices), chosen)

    def _past(self: AutopilotPane) -> None:
        row = self.row
        assert row is not None
        if not row.active:
            self.say(_("It runs on the past only while it is on: space switches it on."), Tone.REFUSED)
            return
        options = [Option(n, _("the last {n} days").format(n=n)) for n in (7, 30, 90)]
        options.append(Option(0, _("all answers")))
        title = _("Run {name} on answers of …").format(name=line(row.name, 40))

        def chosen(days: int | None) -> None:
            if days is None:
                return
            about = _(
                "What it touched before is left alone. Answers older than seven days send no e-mail without a yes."
            )
            over = _("all answers") if not days else _("the answers of the last {n} days").format(n=days)
            question = _("Run “{name}” on {answers}?").format(name=line(row.name, 60), answers=over)
            self.confirm(
                AskScreen(question, _("run it"), about=about),
                lambda: self.run_past(row.id, row.name, days=days or None),
            )

        self.ask_over(Picker(title, options), chosen)

    def run_past(
        self: AutopilotPane, rule_set_id: int, name: str, *, days: int | None = None, since: int | None = None
    ) -> None:
        """Run a set on answers that are here, with a count that one can stop."""
        from tui.screens.settings.autopilot_running import RunScreen

        def over(result: Any) -> None:
            self.reread(lambda: self._ran(result))

        self.ask_over(RunScreen(rule_set_id, name, days=days, since=since), over)

    def _ran(self: AutopilotPane, result: Any) -> None:
        if self.is_editing:
            self.editor.refresh_all()
        if isinstance(result, Refusal):
            self.say(str(result), Tone.REFUSED)
        elif isinstance(result, Exception):
            self.say(str(result) or type(result).__name__, Tone.TROUBLE)
        elif result is not None:
            from tui.screens.settings.autopilot_running import ran_said

            self.say(ran_said(result), Tone.DONE)

    def _mails(self: AutopilotPane) -> None:
        row = self.row
        assert row is not None
        if not row.held:
            self.say(_("No e-mail of it waits for a yes."))
            return

        def call() -> Any:
            from loop import rule_mail

            return rule_mail.confirm(self.app.desk, row.id, actor=self.app.actor)

        def done(n: int) -> str:
            return ngettext("{n} e-mail leaves now.", "{n} e-mails leave now.", n).format(n=number(n))

        question = ngettext("Send the {n} e-mail that waits?", "Send the {n} e-mails that wait?", row.held).format(
            n=number(row.held)
        )
        about = _("Their answers are older than seven days, so nothing was sent by itself.")
        self.ask(question, _("send"), about, call, done)

    # The log

    def show_log(self: AutopilotPane, rule_set_id: int | None, name: str) -> None:
        """What it did, run by run."""
        if rule_set_id is None:
            self.say(_("It was never saved, so it never ran."))
            return
        from tui.screens.settings.autopilot_log import LogScreen

        self.ask_over(LogScreen(rule_set_id, name), self.open_ticket)

    def open_ticket(self: AutopilotPane, ticket: int | None) -> None:
        """Show a ticket in the main screen, if that is below; what was edited here stays."""
        if ticket is None:
            return
        main = self.app.screen_stack[0]
        show = getattr(main, "do_open", None)
        if show is None:
            self.say(_("Ticket #{number}").format(number=ticket))
            return
        self.screen.dismiss(None)
        self.app.call_later(show, str(ticket))
