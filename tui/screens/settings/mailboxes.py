"""Mailboxes: how each is doing, since when there is trouble and what is tried next, and a test step by step (R3, M6)."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import Binding
from textual.message import Message

from domain.mailbox_steps import Step
from domain.refusals import Refusal
from domain.rights import may_connect, may_see_ledger
from domain.text import _, line, ngettext
from tui.screens.settings.listing import ListPane
from tui.screens.settings.pane import Keys
from tui.screens.settings.rows import Item, blank, cells, heading
from tui.widgets.flash import Tone
from tui.widgets.ticket.spans import Line, full_date, wrap

SIGNS = {"ok": ("✓", "promoter"), "note": ("·", "neutral"), "failed": ("✗", "detractor"), "skipped": ("–", "past")}
TITLE_CELLS = 27
LOOK_S = 2.0
"""Seconds between looks at how the mailboxes in sight are doing."""


class MailboxesPane(ListPane):
    """See the module. Keys of lines are the mailboxes' addresses."""

    unseen = True
    BINDINGS: ClassVar = [
        Binding("t", "test", show=False),
        Binding("o", "add", show=False),
        Binding("e", "edit", show=False),
        Binding("d,delete", "remove", show=False),
        Binding("f", "file", show=False),
    ]

    class Stepped(Message):
        """The test of a mailbox knows one step more; None at its end."""

        def __init__(self, address: str, step: Step | None, said: str = "", ok: bool = True) -> None:
            super().__init__()
            self.address, self.step, self.said, self.ok = address, step, said, ok

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.steps: dict[str, list[Step]] = {}
        """What the last test of each mailbox found."""
        self.testing = ""
        """The address of the mailbox that is being tried; '' for none."""
        self._halt = threading.Event()
        self._unfolded: set[str] = set()
        self._file: tuple[str, bool, str] | None = None

    def on_mount(self) -> None:
        self.set_interval(LOOK_S, self._look_again)

    def on_unmount(self) -> None:
        self._halt.set()

    def _look_again(self) -> None:
        """Mail comes and goes while one looks: what the mailboxes are doing stays true, and nothing else moves."""
        if self.is_on_screen and self.screen.is_active and self.data is not None and self.refusal() is None:
            self.read(self.fetch, lambda found: self._fetched(found) if found != self.data else None)

    # What it shows

    def fetch(self) -> Any:
        from loop import mailbox_states

        return mailbox_states.mailboxes(self.app.desk, actor=self.app.actor)

    def refusal(self) -> Refusal | None:
        return may_see_ledger(self.app.actor)

    def empty(self) -> str:
        return (
            ""
            if self.refusal() is not None
            else _("No mailbox is set up. o sets one up; f shows the file that it goes into.")
        )

    def items(self) -> Iterable[Item]:
        self.count = None if self.refusal() else len(self.data)
        width = max(20, self.rows.inner_width)
        for one in self.data:
            yield Item(one.address, lambda width, one=one: _head(one, width), f"{one.name} {one.address}")
            for text, role in _facts(one, one.address in self._unfolded):
                yield from _below(text, role, width, 4)
            for step in self.steps.get(one.address, ()):
                yield from _step_lines(step, width)
            if self.testing == one.address:
                yield from _below(_("… being tried; Esc stops"), "past", width, 4)
            yield blank()
        if self._file is not None:
            yield from self._setup_lines(width)

    def _setup_lines(self, width: int) -> Iterable[Item]:
        from loop.mailbox_setup import TEMPLATE

        assert self._file is not None
        where, ok, said = self._file
        yield heading(_("The configuration file"))
        yield from _below(said, "promoter" if ok else "late", width, 1)
        words = _(
            "Mailboxes stand in {path}, where no password does; o and e write it, or an editor. Each is a table such as:"
        )
        yield from _below(words.format(path=where), "past", width, 1)
        for row in TEMPLATE.splitlines():
            yield Item(None, lambda _width, row=row: Line((("   " + row, "past" if row.startswith("#") else "text"),)))

    def keys(self) -> Keys:
        if self.refusal() is not None:
            return ()
        out = [("t", _("test"))] if self.current and not self.testing else []
        if self.current:
            out.append(("e", _("edit")))
        out.append(("o", _("set up")))
        if self.current:
            out.append(("Enter", _("fold") if self.current in self._unfolded else _("unfold")))
            out.append(("d", _("remove")))
        return (*out, ("f", _("file")), ("/", _("find")))

    # What it does

    def open(self) -> None:
        if self.current is not None:
            self._unfolded ^= {self.current}
            self.repaint()

    def action_add(self) -> None:
        """Set a mailbox up."""
        if self._may_connect():
            self._fill_in(None, {})

    def action_edit(self) -> None:
        """Change the mailbox under the cursor."""
        from loop import mailbox_setup

        if self.current is None or not self._may_connect():
            return
        desk, actor, address = self.app.desk, self.app.actor, self.current
        self.read(
            lambda: mailbox_setup.settings(desk, address, actor=actor),
            lambda found: (
                self._fill_in(address, found)
                if found
                else self.say(_("That mailbox does not stand in the configuration file here."), Tone.REFUSED)
            ),
        )

    def action_remove(self) -> None:
        """Take the mailbox under the cursor out of the file."""
        from loop import mailbox_setup

        if self.current is None or not self._may_connect():
            return
        desk, actor, address = self.app.desk, self.app.actor, self.current

        def done(saved: Any) -> str:
            self.app.serve_mail()
            return _("Removed from the file. Its mails and the ledger stay.")

        about = _("It is read and written from no more; what came and went by it stays.")
        call = lambda: mailbox_setup.remove(desk, address, actor=actor)  # noqa: E731
        self.ask(_("Remove {name}?").format(name=line(address, 60)), _("remove"), about, call, done)

    def _may_connect(self) -> bool:
        why = may_connect(self.app.actor)
        if why is not None:
            self.say(str(why), Tone.REFUSED)
        return why is None

    def _fill_in(self, was: str | None, given: dict[str, Any]) -> None:
        from tui.screens.settings import mailbox_form

        desk, actor = self.app.desk, self.app.actor

        def save(form: dict[str, Any]) -> Any:
            from loop import mailbox_setup

            return mailbox_setup.save(desk, was, mailbox_form.values(form), actor=actor)

        def done(saved: Any, form: dict[str, Any]) -> None:
            self.app.serve_mail()
            self.rows.to(form["address"].strip().lower())
            said = _("Saved, and in use here. t tries it; workers elsewhere read it when they start.")
            self.say(said if saved.changes else _("Nothing was changed."), Tone.DONE)

        title = _("Set a mailbox up") if was is None else line(was, 80)
        self.fill_in(title, mailbox_form.fields(given, own=desk.facts().personal), save, done)

    def action_file(self) -> None:
        """Show what the configuration file wants, and whether what stands there can be meant."""
        if not self.may():
            return
        if self._file is not None:
            self._file = None
            self.repaint()
            return
        from loop import mailbox_setup

        desk = self.app.desk
        self.read(lambda: (mailbox_setup.file_of(desk), *mailbox_setup.check_file(desk)), self._checked)

    def _checked(self, found: tuple[str, bool, str]) -> None:
        self._file = found
        self.repaint()
        self.say(found[2], Tone.DONE if found[1] else Tone.REFUSED)

    def action_test(self) -> None:
        """Try the mailbox under the cursor, in a thread of its own: servers may take their time."""
        if not self.may() or self.current is None or self.testing:
            return
        one = next(m for m in self.data if m.address == self.current)
        if not one.configured:
            self.say(_("That mailbox is not in the configuration here, so it cannot be tried."), Tone.REFUSED)
            return
        self.testing, self._halt = one.address, threading.Event()
        self.steps[one.address] = []
        threading.Thread(target=self._try, args=(one.address, self._halt), name="mailbox test", daemon=True).start()
        self.repaint()

    def _try(self, address: str, halt: threading.Event) -> None:
        from loop.mailbox_checks import check

        try:
            found = check(
                self.app.desk,
                address,
                actor=self.app.actor,
                told=lambda step: self.post_message(self.Stepped(address, step)),
                stop=halt,
            )
        except Exception as error:  # of the database; what the servers do is in the steps
            self.post_message(self.Stepped(address, None, line(f"{type(error).__name__}: {error}", 200), False))
            return
        if isinstance(found, Refusal):
            self.post_message(self.Stepped(address, None, str(found), False))
        elif halt.is_set():
            self.post_message(self.Stepped(address, None, _("Stopped."), False))
        elif found.ok:
            self.post_message(self.Stepped(address, None, _("{name} works.").format(name=found.name)))
        else:
            said = _("{name} does not work yet; each step says why.").format(name=found.name)
            self.post_message(self.Stepped(address, None, said, False))

    def on_mailboxes_pane_stepped(self, event: Stepped) -> None:
        event.stop()
        if event.step is not None:
            self.steps.setdefault(event.address, []).append(event.step)
        else:
            self.testing = ""
            self.say(event.said, Tone.DONE if event.ok else Tone.REFUSED)
        self.repaint()

    def back(self) -> bool:
        if super().back():
            return True
        if self.testing:
            self._halt.set()
            return True
        if self._file is not None:
            self._file = None
            self.repaint()
            return True
        return False


def _head(one: Any, width: int) -> Line:
    if one.troubles:
        sign, role, said = "✗", "detractor", ""
    elif one.served:
        sign, role, said = (
            "✓",
            "promoter",
            _("last look {when}").format(when=full_date(one.polled_at) if one.polled_at else "—"),
        )
    else:
        sign, role, said = "–", "past", _("served by no worker now")
    name = one.name if one.name == one.address else f"{one.name} <{one.address}>"
    return Line(tuple(cells(width, (sign, 1, role), (name, 0, "bright"), (said, 0, "past"))))


def _facts(one: Any, unfolded: bool) -> Iterable[tuple[str, str]]:
    """What is told below a mailbox, with its style."""
    for trouble in one.troubles:
        said = f"{trouble.title}: {trouble.said}"
        if trouble.since:
            said += " · " + _("since {when}").format(when=full_date(trouble.since))
        if trouble.next_at:
            said += " · " + _("tried again {when}").format(when=full_date(trouble.next_at))
        yield said, "late"
    waits = (
        (one.waiting, ngettext("{n} message waits", "{n} messages wait", one.waiting)),
        (one.copies, ngettext("{n} copy is owed to the Sent folder", "{n} copies are owed to the Sent folder", one.copies)),
        (one.moves, ngettext("{n} mail is to be moved", "{n} mails are to be moved", one.moves)),
    )  # fmt: skip
    if told := [words.format(n=n) for n, words in waits if n]:
        yield " · ".join(told), "text"
    if unfolded and one.configured:
        yield f"IMAP {one.imap} · SMTP {one.smtp}", "past"
        yield _("password: {whence}").format(whence=one.password), "past"


def _below(text: str, role: str, width: int, indent: int) -> Iterable[Item]:
    for words in wrap(line(text), width - indent - 1):
        yield Item(None, lambda _width, words=words: Line(((" " * indent + words, role),)), below=True)


def _step_lines(step: Step, width: int) -> Iterable[Item]:
    sign, role = SIGNS[step.state]
    room = max(10, width - TITLE_CELLS - 8)
    for index, words in enumerate(wrap(line(step.said), room)):
        lead = (sign, step.title) if index == 0 else (" ", "")
        yield Item(
            None,
            lambda width, lead=lead, words=words: Line(
                (
                    ("   ", "past"),
                    *cells(TITLE_CELLS + 6, (lead[0], 1, role), (lead[1], TITLE_CELLS, "text")),
                    (" " + words, "past" if step.state == "skipped" else "text"),
                )
            ),
            below=True,
        )
