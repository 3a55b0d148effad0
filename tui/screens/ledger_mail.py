"""A mail of the ledger, opened: who, when, what came of it, the header that decided, what it says, what people did (M8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from domain.refusals import Refusal
from domain.text import _, clean, line, ngettext
from loop.views import LedgerMail, MailAct
from tui.screens.keys import Helped
from tui.screens.ledger import verbs
from tui.screens.ledger_acts import OUTCOMES, LedgerActs, outcome_word
from tui.screens.ledger_words import why
from tui.widgets.promptline import PromptLine
from tui.widgets.ticket.entries import size
from tui.widgets.ticket.lines import OnBar, PageOnBar
from tui.widgets.ticket.spans import Line, cells_of, fit, full_date, hints, marked, pair, wrap

LABEL = 12
"""Cells of the labels."""
LONGEST = 200_000
"""Characters of a mail that are laid out; the rest is in the raw mail."""
MORE: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("attach", "a", lambda: _("attach")),
    ("open", "n", lambda: _("new ticket")),
    ("accept", "t", lambda: _("trust")),
    ("retry", "r", lambda: _("retry")),
    ("split", "s", lambda: _("split")),
)
"""What may be done with some mails too, for the help: verb, key, and what that does."""


def mail_lines(mail: LedgerMail, width: int, *, unfolded: bool = False) -> list[Line]:
    """Everything of an opened mail, for a width."""
    row = mail.row
    facts = [
        (_("From"), _person(mail.sender_name, row.sender), "text"),
        (_("To"), _people(mail.to), "text"),
        (_("Cc"), _people(mail.cc), "text"),
        (_("Date"), full_date(mail.date) if mail.date is not None else "", "text"),
        (_("Came"), f"{full_date(row.at)} · {line(row.mailbox, 80)} · {size(row.size)}", "past"),
        (_("Outcome"), _outcome(mail), OUTCOMES.get(row.outcome, OUTCOMES[""])[1]),
        (_("Why"), why(row.outcome, row.reason), "text"),
        (_("Evidence"), line(mail.evidence, 400), "text"),
        (_("Message-ID"), line(mail.message_id, 300), "past"),
        (_("Sender"), _("blocked") if mail.blocked else "", "late"),
        (_("Trouble"), line("; ".join(mail.trouble), 400), "late"),
    ]
    lines: list[Line] = []
    for label, value, role in facts:
        if value:
            lines += pair(label, value, width, LABEL, role)
    if mail.partial:
        lines += [
            Line(),
            *marked(
                "!", "late", _("Over the size limit: only its headers are here. d fetches the whole."), width, "late"
            ),
        ]
    text = clean(mail.text)[:LONGEST].strip("\n")
    lines.append(Line())
    lines += (
        [Line(((words, "text"),)) for words in wrap(text, width)]
        if text.strip()
        else [Line(((_("No text."), "past"),))]
    )
    lines += _folded(mail, width, unfolded)
    if mail.attachments:
        lines.append(Line())
    lines += [
        Line((("+ ", "accent"), (fit(line(a.name, 120) or "—", max(8, width - 12)), "text")), ((size(a.size), "past"),))
        for a in mail.attachments
    ]
    if mail.acts:
        lines += [Line(), Line(((_("What people did"), "accent"),))]
        lines += [_act(act) for act in mail.acts]
    return lines


def _folded(mail: LedgerMail, width: int, unfolded: bool) -> list[Line]:
    quoted = [words for block in mail.folded for words in clean(block)[:LONGEST].strip("\n").split("\n")]
    if not quoted:
        return []
    count = ngettext("{n} quoted line", "{n} quoted lines", len(quoted)).format(n=len(quoted))
    lines = [Line(((("▾ " if unfolded else "▸ ") + count, "past"),))]
    if unfolded:
        lines += [Line((("│ " + words, "past"),)) for quote in quoted for words in wrap(quote, width - 2)]
    return lines


def _outcome(mail: LedgerMail) -> str:
    glyph = OUTCOMES.get(mail.row.outcome, OUTCOMES[""])[0]
    where = f" · #{mail.row.ticket}" if mail.row.ticket is not None else ""
    return f"{glyph} {outcome_word(mail.row.outcome)}{where}"


def _act(act: MailAct) -> Line:
    words = {
        "attached": _("attached it"),
        "opened": _("opened a ticket with it"),
        "accepted": _("accepted it"),
        "retried": _("read it again"),
        "split": _("took it off its ticket"),
        "fetched": _("fetched the whole of it"),
    }
    change = outcome_word(act.new) if act.old == act.new else f"{outcome_word(act.old)} → {outcome_word(act.new)}"
    where = f" · #{act.ticket}" if act.ticket is not None else ""
    return Line(
        (
            (full_date(act.at) + "  ", "past"),
            (line(act.who, 40) + " ", "text"),
            (words.get(act.act, line(act.act, 20)), "text"),
            (f"  {change}{where}", "past"),
        )
    )


def _person(name: str, address: str) -> str:
    name, address = line(name, 100), line(address, 254)
    return f"{name} <{address}>" if name and address else name or address


def _people(people: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(_person(name, address) for name, address in people)


class LedgerMailScreen(Helped, LedgerActs):
    """Answers the number of the ticket to open, 0 where something changed, None otherwise."""

    CSS_PATH = "ledger.tcss"
    BINDINGS: ClassVar = [
        Binding("escape,q", "back", show=False),
        Binding("enter", "ticket", show=False),
        Binding("o", "fold", show=False),
        Helped.HELP,
    ]

    def __init__(self, id: int) -> None:
        super().__init__()
        self._id = id
        self._mail: LedgerMail | None = None
        self._changed = False
        self._unfolded = False
        self._said: tuple[str, str] = ("", "")

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._head, classes="panel-title")
            yield PageOnBar(self._lines)
            yield OnBar(lambda width: [Line((("─" * width, "rule"),))])
            yield PromptLine()
            yield OnBar(self._foot, classes="panel-foot")

    def on_mount(self) -> None:
        self.query_one(PageOnBar).focus()
        self._read()

    def _read(self) -> None:
        desk, actor, id = self.app.desk, self.app.actor, self._id

        def call() -> LedgerMail | Refusal:
            from loop import ledger

            return ledger.mail(desk, id, actor=actor)

        def show(found: LedgerMail | Refusal) -> None:
            if self._mail is None:
                self.app.opened()
            if self not in self.app.screen_stack:
                return
            if isinstance(found, Refusal):
                self._mail = None
                self.tell(str(found), "✗")
            else:
                self._mail = found
            self.query_one(PageOnBar).paint_with(self._lines)
            self._reframe()

        self.app.reads.submit(call, show)

    # Doing

    def mail_here(self) -> int | None:
        return self._id if self._mail is not None else None

    def acted(self) -> None:
        self._changed = True
        self._read()

    def action_fold(self) -> None:
        """Show what is quoted, or hide it."""
        self._unfolded = not self._unfolded
        self.query_one(PageOnBar).paint_with(self._lines)

    def action_ticket(self) -> None:
        """Open the ticket that the mail is on."""
        if self._mail is None:
            return
        if self._mail.row.ticket is None:
            self.tell(_("This mail is on no ticket."), "✗")
        else:
            self.dismiss(self._mail.row.ticket)

    def action_back(self) -> None:
        if not self.stopped():
            self.dismiss(0 if self._changed else None)

    def close_prompt(self) -> None:
        self.query_one(PromptLine).close()
        self.query_one(PageOnBar).focus()
        self._reframe()

    # What is shown

    def tell(self, words: str, mark: str = "") -> None:
        self._said = (words, mark)
        self._reframe()

    def _reframe(self) -> None:
        self.query_one(".panel-title", OnBar).refresh()
        self.query_one(".panel-foot", OnBar).refresh(layout=True)

    def _lines(self, width: int) -> list[Line]:
        return mail_lines(self._mail, width, unfolded=self._unfolded) if self._mail is not None else []

    def _head(self, width: int) -> list[Line]:
        subject = line(self._mail.row.subject) if self._mail is not None else ""
        number = _("mail {id}").format(id=self._id)
        title = fit(subject or "—", max(8, width - cells_of(number) - 2))
        return [Line(((title, "bright"),), ((number, "past"),)), Line((("─" * width, "rule"),))]

    def _foot(self, width: int) -> list[Line]:
        words, mark = self._said
        lines: list[Line] = []
        if words:
            of_mark = "promoter" if mark == "✓" else "detractor" if mark == "✗" else "accent"
            lines = marked(mark or "·", of_mark, line(words, 400), width, "late" if mark == "✗" else "bright")[:3]
        if self.query_one(PromptLine).is_open:
            return [*lines, hints(width, ("Enter", _("go")), ("Esc", _("back")))]
        return [*lines, hints(width, *self._keys(), ("?", _("help")))]

    def _keys(self) -> list[tuple[str, str]]:
        keys: list[tuple[str, str]] = []
        if (mail := self._mail) is not None:
            keys += [("Enter", _("ticket"))] if mail.row.ticket is not None else []
            keys += [("d", _("fetch whole"))] if mail.partial else []
            keys += [
                (key, self._blocks if key == "B" else does) for key, does in verbs(mail.row.outcome, mail.row.ticket)
            ]
            keys += [("o", _("quoted"))] if mail.folded else []
        return [*keys, ("O", _("raw")), ("j k", _("scroll")), ("Esc", _("back"))]

    @property
    def _blocks(self) -> str:
        """What B does."""
        return _("let in again") if self._mail is not None and self._mail.blocked else _("block")

    def place_keys(self) -> tuple[str, list[tuple[str, str]]]:
        keys = self._keys()
        if (mail := self._mail) is not None:
            keys += [(key, does()) for verb, key, does in MORE if mail.can.get(verb) is None and key not in dict(keys)]
            keys += [("B", self._blocks)] if mail.row.sender and "B" not in dict(keys) else []
        keys += [("g G", _("ends")), ("^D ^U", _("half pages"))]
        return _("mail {id}").format(id=self._id), keys
