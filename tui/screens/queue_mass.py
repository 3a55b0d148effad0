"""Verbs on more tickets than one transaction takes: in pieces beside the keys, with progress, stopped by Esc (Q4, A7)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.message import Message

from domain.refusals import Refusal
from domain.text import _, ngettext, number
from loop.views import Done, Refused
from tui.lane import Failed, Finished
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from loop.mass import Acts, MassDone
    from loop.mass_outlook import Outlook
    from tui.screens.queue import QueueScreen

MANY = 100
"""Tickets from which on a verb works in pieces: as many as one transaction takes."""

REASONS = 3
"""Reasons that are told before a question."""

Said = Callable[[int], str]


class Massing:
    """One act on many tickets at a time."""

    _massing: threading.Event | None = None
    """Set, it stops the act that runs; None while none does."""

    class Behind(Message):
        """So many tickets are behind, of so many."""

        def __init__(self, behind: int, found: int) -> None:
            super().__init__()
            self.behind, self.found = behind, found

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Massing.Behind)

    # Selecting

    def select_matching(self: QueueScreen) -> None:
        """Select every ticket that the list would show, loaded or not."""
        desk, actor, view = self.app.desk, self.app.actor, self.filter

        def read() -> tuple[int, ...]:
            from loop import mass

            return mass.find(desk, view, actor=actor)

        def found(numbers: tuple[int, ...]) -> None:
            if view != self.filter:
                self.app.opened()
                return
            self.list.selected.update(dict.fromkeys(numbers))
            self.list.redraw()
            self.reselected()
            self.say(_("{n} selected: all that match.").format(n=number(len(self.list.selected))))

        self.app.opening()  # the next key is meant for all of them
        self.app.reads.submit(read, found)

    # Acting

    def act_on_many(
        self: QueueScreen,
        call: Callable[[tuple[int, ...]], Done | Refusal],
        numbers: tuple[int, ...],
        said: Said,
        then: Callable[[Done], Any] | None,
    ) -> None:
        """Call a verb with one piece of the tickets after the other."""
        from loop import mass

        desk = self.app.desk

        def run(stop: threading.Event, told: mass.Progress) -> mass.MassDone:
            sum = mass.Sum(len(numbers))

            def act(piece: tuple[int, ...]) -> None:
                done = call(piece)
                if isinstance(done, Refusal):
                    done = Done((), tuple(Refused(n, done) for n in piece))
                sum.add(piece, [done])

            mass.in_pieces(desk, numbers, act, told, stop.is_set)
            return sum.result()

        self._mass(run, said, then)

    def do_mass(self: QueueScreen, argument: str = "") -> None:
        """Choose several acts at once for the tickets that are meant."""
        numbers = self.targets()
        if not numbers:
            self.say(_("There is no ticket here."), Tone.REFUSED)
            return
        if self.is_massing():
            return
        from tui.screens import mass as panel

        desk, actor = self.app.desk, self.app.actor

        seen = 0

        def show(offered: panel.Offered) -> None:
            nonlocal seen
            seen = offered.seen
            self.app.push_screen(panel.MassScreen(self.about(_("Mass actions on {tickets}")), offered, desk), chosen)

        def chosen(given: dict[str, Any] | None) -> None:
            if given is not None:
                self._apply(panel.acts(given, desk.now(), seen), numbers)

        self.app.opening()
        self.app.reads.submit(lambda: panel.offered(desk, actor), show)

    def _apply(self: QueueScreen, acts: Acts, numbers: tuple[int, ...]) -> None:
        if acts.empty:
            self.say(_("Nothing was chosen, so nothing was done."))
            return
        if acts.template is not None:
            self._count_first(acts, numbers)
        elif len(numbers) > 1 and ((acts.phase and acts.resolution) or acts.rule is not None):
            self._ask_first(acts, numbers)
        else:
            self._apply_now(acts, numbers)

    def _count_first(self: QueueScreen, acts: Acts, numbers: tuple[int, ...]) -> None:
        """Look to how many customers it would write, then ask."""
        desk, actor = self.app.desk, self.app.actor

        def run(stop: threading.Event, told: Callable[[int, int], None] | None = None) -> Outlook:
            from loop.mass_outlook import outlook

            return outlook(desk, numbers, acts, actor=actor, progress=told, stop=stop.is_set)

        def counted(found: Outlook) -> None:
            self._massing = None
            if found.left:
                self.say(_("Nothing was done."))
            else:
                self.say("")
                self._ask_first(acts, numbers, found)

        if len(numbers) > MANY:
            self._in_thread(run, counted)
            return
        self.app.opening()  # the next key is the answer
        self.app.reads.submit(lambda: run(threading.Event()), counted)

    def _ask_first(self: QueueScreen, acts: Acts, numbers: tuple[int, ...], found: Outlook | None = None) -> None:
        """What closes many, or may write to their customers, is not done on one key. `found`: whom it would write to."""
        from tui.screens.asking import AskScreen

        n = number(len(numbers))
        asked, more = [], []
        if found is not None:
            to = len(found.would)
            asked.append(
                ngettext("Write to one customer ({n} chosen)?", "Write to {to} customers ({n} chosen)?", to).format(
                    to=number(to), n=n
                )
            )
            more += [_("Not: {n} × {why}").format(n=number(r.count), why=r.why) for r in found.refused[:REASONS]]
            more += [_("and more reasons.")] if len(found.refused) > REASONS else []
        if acts.phase and acts.resolution:
            asked.append(_("Close {n} tickets?").format(n=n if found is None else number(len(found.would))))
        if acts.rule is not None:
            asked.append(_("Run the rule set on {n} tickets?").format(n=n))
            more.append(_("It does all that it says, e-mails too."))
        about = " ".join(more)

        def answered(yes: bool | None) -> None:
            if yes:
                self._apply_now(acts, numbers)
            else:
                self.say(_("Nothing was done."))

        self.app.push_screen(AskScreen(" ".join(asked), _("do it"), about=about), answered)

    def _apply_now(self: QueueScreen, acts: Acts, numbers: tuple[int, ...]) -> None:
        desk, actor = self.app.desk, self.app.actor

        def run(stop: threading.Event, told: Callable[[int, int], None]) -> MassDone:
            from loop import mass

            return mass.apply(desk, numbers, acts, actor=actor, progress=told, stop=stop.is_set)

        self._mass(run, lambda n: ngettext("Done on one ticket.", "Done on {n} tickets.", n).format(n=number(n)), None)

    def is_massing(self: QueueScreen) -> bool:
        """Whether an act on many tickets runs, which is then said."""
        if self._massing is not None:
            self.say(_("Many tickets are being changed already; Esc stops that."), Tone.REFUSED)
        return self._massing is not None

    def _mass(
        self: QueueScreen,
        run: Callable[[threading.Event, Callable[[int, int], None]], MassDone],
        said: Said,
        then: Callable[[Done], Any] | None,
    ) -> None:
        """Have it done, and say what came of it."""
        self._in_thread(run, lambda done: self._massed(done, said, then))

    def _in_thread(
        self: QueueScreen,
        run: Callable[[threading.Event, Callable[[int, int], None]], Any],
        then: Callable[[Any], Any],
    ) -> None:
        """Call it in a thread of its own, so that neither keys nor other writing wait."""
        if self.is_massing():
            return
        stop = self._massing = threading.Event()
        self.say(_("Working… · Esc stops"))

        def work() -> None:
            try:
                done = run(stop, lambda behind, found: self.post_message(self.Behind(behind, found)))
            except Exception as error:
                self.app.post_message(Finished(self._mass_broke, error))
            else:
                self.app.post_message(Finished(then, done))

        threading.Thread(target=work, name="retorno-mass", daemon=True).start()

    def on_massing_behind(self: QueueScreen, event: Behind) -> None:
        event.stop()
        if self._massing is not None:
            words = _("{n} of {found} · Esc stops")
            self.say(words.format(n=number(event.behind), found=number(event.found)))

    def _massed(self: QueueScreen, done: MassDone, said: Said, then: Callable[[Done], Any] | None) -> None:
        self._massing = None
        behind = [said(len(done.done))] if done.done else []
        if done.written:
            n = len(done.written)
            behind.append(ngettext("one customer written to", "{n} customers written to", n).format(n=number(n)))
        if not done.done and not done.partly:
            behind.append(_("Nothing was done."))
        if done.left:
            behind.append(_("stopped, {n} left").format(n=number(done.left)))
        if done.partly:
            behind.append(_("{n} in part").format(n=number(len(done.partly))))
        refused = {n for reason in done.refused for n in reason.numbers}.difference(done.partly)
        if refused:
            behind.append(_("{n} not").format(n=number(len(refused))))
        words = " · ".join(behind)
        if done.refused:
            words += f": {done.refused[0].why}"
        self.say(words, Tone.DONE if done.done or done.partly else Tone.REFUSED)
        if done.refused and (len(done.refused) > 1 or done.left or done.partly):
            from tui.screens.mass import MassResult

            self.app.push_screen(MassResult(done))
        self._look_at(done)
        if done.done and then is not None:
            then(Done(done.done))

    def _look_at(self: QueueScreen, done: MassDone) -> None:
        touched = (*done.done, *done.partly)
        if len(touched) <= MANY:
            self.refresh_tickets(touched)
            return
        self.reload(self.list.number)
        self.recount()
        self.recount_notices()
        if self.view is not None:
            self.look_again(self.view.row.number)

    def _mass_broke(self: QueueScreen, error: Exception) -> None:
        self._massing = None
        self.reload(self.list.number)
        self.app.post_message(Failed(error))
