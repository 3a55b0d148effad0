"""The mail ledger: the balance of each mailbox, and every mail that the server showed, newest first (M8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from domain.ages import age
from domain.refusals import Refusal
from domain.text import _, line, ngettext, number
from loop.views import LedgerRow, MailboxBalance
from tui.screens.keys import Helped
from tui.screens.ledger_acts import OUTCOMES, LedgerActs, outcome_word
from tui.screens.ledger_words import why
from tui.screens.picker import Option, Picker
from tui.widgets.promptline import PromptLine
from tui.widgets.rows import Rows
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, full_date, hints, marked, plain, wrap

PAGE = 100
"""Lines read at a time."""
AHEAD = 20
"""Lines below the cursor that are read before they come into sight."""
MAILBOXES = 4
"""Mailboxes whose sums are shown; the sum of all stands above them when there are more than one."""
FROM = 26
"""Cells of the sender."""
SAID = 2
"""Lines of the foot."""
ROOMY = 100
"""Cells from which on the sums stand further apart."""

SHOWN = tuple(outcome for outcome in OUTCOMES if outcome)


def ledger_line(row: LedgerRow, now: int, width: int, *, here: bool) -> Line:
    """A mail as a line: how long ago, what came of it, from whom, about what, where it is."""
    glyph, role, word = OUTCOMES.get(row.outcome, ("·", "past", lambda: line(row.outcome, 20)))
    words = max(cells_of(word()) for _glyph, _role, word in OUTCOMES.values())
    waits = row.outcome in ("triage", "suspect", "quarantined")
    quiet = "text" if here or waits else "past"
    spans: list[Span] = [
        ("▌" if here else " ", "accent"),
        (f"{age(row.at, now):>4}", "accent" if waits else "past"),
        ("  ", "past"),
        (glyph + " ", role),
        (_padded(word(), words), "bright" if waits else quiet),
        ("  ", "past"),
        (_padded(line(row.sender, 80) or "—", min(FROM, max(12, width // 4))), quiet),
        ("  ", "past"),
        (line(row.subject) or "—", "bright" if here else quiet),
    ]
    right: tuple[Span, ...] = ((f"#{row.ticket}", "accent"),) if row.ticket is not None else ()
    return Line(tuple(spans), right)


def _padded(text: str, width: int) -> str:
    text = fit(plain(text), width)
    return text + " " * (width - cells_of(text))


def balance_lines(balances: Sequence[MailboxBalance], only: int | None, width: int) -> list[Line]:
    """The sums as a small table: seen, and by outcome; of one mailbox, or of all and each."""
    shown = [b for b in balances if only in (None, b.id)]
    names = [_("all mailboxes"), *(b.address for b in shown)] if len(shown) > 1 else [b.address for b in shown]
    sums = [_sums(shown), *(_sums([b]) for b in shown)] if len(shown) > 1 else [_sums([b]) for b in shown]
    if not shown:
        return []
    waiting = any(b.waiting for b in shown)
    titles = [_("seen"), *(_short(outcome) for outcome in SHOWN), *([_short("")] if waiting else [])]
    gap = 2 if width >= ROOMY else 1
    wide = [max(cells_of(t), *(len(str(row[i])) for row in sums)) + gap for i, t in enumerate(titles)]
    room = max(8, width - sum(wide))
    lines = [Line(((" " * room + "".join(_right(t, w) for t, w in zip(titles, wide, strict=True)), "past"),))]
    for name, row in list(zip(names, sums, strict=True))[: MAILBOXES + 1]:
        spans: list[Span] = [(_padded(line(name, 80), room), "text"), (_right(str(row[0]), wide[0]), "bright")]
        for outcome, n, w in zip((*SHOWN, ""), row[1:], wide[1:], strict=False):
            waits = n and outcome in ("triage", "suspect", "quarantined")
            spans.append((_right(str(n), w), "late" if waits else "text" if n else "past"))
        lines.append(Line(tuple(spans)))
    return lines


def _sums(balances: Sequence[MailboxBalance]) -> list[int]:
    return [
        sum(b.seen for b in balances),
        *(sum(b.counts.get(outcome, 0) for b in balances) for outcome in SHOWN),
        sum(b.waiting for b in balances),
    ]


def _short(outcome: str) -> str:
    """An outcome over a narrow column."""
    return {
        "threaded": _("threaded"),
        "new": _("new"),
        "triage": _("triage"),
        "suspect": _("suspect"),
        "automatic": _("auto"),
        "bounce": _("bounce"),
        "duplicate": _("twice"),
        "quarantined": _("quar."),
        "": _("being read"),
    }[outcome]


def _right(text: str, width: int) -> str:
    text = fit(text, width - 1)
    return " " * (width - cells_of(text)) + text


class LedgerScreen(Helped, LedgerActs):
    """Answers the number of the ticket to open, or None."""

    CSS_PATH = "ledger.tcss"
    BINDINGS: ClassVar = [
        Binding("escape", "back", show=False),
        Binding("q,M", "close", show=False),
        Binding("v", "outcome", show=False),
        Binding("b", "mailbox", show=False),
        Binding("slash", "search", show=False),
        Binding("R", "again", show=False),
        Helped.HELP,
    ]

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[LedgerRow] = []
        """What was read so far, newest first."""
        self._balances: tuple[MailboxBalance, ...] = ()
        self._refused = ""
        self._more = True
        self._turn = 0
        self._asked = False
        self._shown = False
        self._outcome: str | None = None
        self._mailbox: int | None = None
        self._words = ""
        self._said: tuple[str, str] = ("", "")
        self._now = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._head, classes="panel-title")
            yield Rows(lambda item, width, here: ledger_line(item, self._now, width, here=here))
            yield OnBar(lambda width: [Line((("─" * width, "rule"),))])
            yield PromptLine()
            yield OnBar(self._foot, classes="panel-foot")

    def on_mount(self) -> None:
        self.query_one(Rows).focus()
        self.action_again()

    # Reading

    def action_again(self) -> None:
        """Read anew, from the newest on."""
        self._turn += 1
        self._asked, self._more = False, True
        self._read(PAGE, fresh=True)

    def acted(self) -> None:
        """Read as much as is shown anew; the cursor stays on its mail."""
        self._turn += 1
        self._asked, self._more = False, True
        self._read(max(PAGE, len(self._rows)), fresh=True)

    def _read(self, limit: int = PAGE, *, fresh: bool = False) -> None:
        if self._asked or not self._more:
            return
        self._asked = True
        desk, actor, turn = self.app.desk, self.app.actor, self._turn
        self._now = desk.now()
        before = None if fresh or not self._rows else self._rows[-1].id
        mailbox, outcome, words = self._mailbox, self._outcome, self._words

        def call() -> tuple[int, int, bool, tuple[LedgerRow, ...] | Refusal, tuple[MailboxBalance, ...] | Refusal]:
            from loop import ledger

            found = ledger.lines(
                desk, actor=actor, mailbox=mailbox, outcome=outcome, words=words, before=before, limit=limit
            )
            sums = ledger.balances(desk, actor=actor) if fresh else self._balances
            return turn, limit, fresh, found, sums

        self.app.reads.submit(call, self._show)

    def _show(
        self,
        answer: tuple[int, int, bool, tuple[LedgerRow, ...] | Refusal, tuple[MailboxBalance, ...] | Refusal],
    ) -> None:
        turn, limit, fresh, found, sums = answer
        if not self._shown:
            self._shown = True
            self.app.opened()
        if turn != self._turn or self not in self.app.screen_stack:
            return
        self._asked = False
        if isinstance(found, Refusal) or isinstance(sums, Refusal):
            self._refused, self._more, found, sums = str(found), False, (), ()
        else:
            self._more = len(found) == limit
        self._balances = sums
        self._rows = list(found) if fresh else self._rows + list(found)
        rows = self.query_one(Rows)
        here = rows.current
        place = (
            0 if here is None else next((i for i, r in enumerate(self._rows) if r.id <= here.id), len(self._rows) - 1)
        )
        rows.empty = self._empty()
        said = self._said
        rows.show(self._rows, place)
        self._said = said
        self._reframe()
        self._read_ahead()

    def _read_ahead(self) -> None:
        rows = self.query_one(Rows)
        if rows.items and rows.place + max(AHEAD, rows.inner_height) >= len(rows.items):
            self._read()

    def on_rows_moved(self, event: Rows.Moved) -> None:
        event.stop()
        if self._stop is None and event.item is not None and self._said[1] != "✓":
            self._said = ("", "")
        self.query_one(".panel-foot", OnBar).refresh()
        self._read_ahead()

    # Filters

    def action_outcome(self) -> None:
        """The mails of one outcome, or of all."""
        options = [Option("all", _("Every outcome")), *(Option(o, outcome_word(o)) for o in SHOWN)]

        def chosen(outcome: str | None) -> None:
            if outcome is not None:
                self._outcome = None if outcome == "all" else outcome
                self._anew()

        self.app.push_screen(Picker(_("Show the mails that are"), options, self._outcome or "all"), chosen)

    def action_mailbox(self) -> None:
        """The mails of one mailbox, or of all."""
        options = [Option(0, _("Every mailbox")), *(Option(b.id, b.address) for b in self._balances)]

        def chosen(mailbox: int | None) -> None:
            if mailbox is not None:
                self._mailbox = mailbox or None
                self._anew()

        self.app.push_screen(Picker(_("Show the mails of"), options, self._mailbox or 0), chosen)

    def action_search(self) -> None:
        """Mails with some words in sender, subject or reason."""
        self.query_one(PromptLine).open("search", "/", self._words)
        self._reframe()

    def on_prompt_line_entered(self, event: PromptLine.Entered) -> None:
        if event.what != "search":
            super().on_prompt_line_entered(event)
            return
        event.stop()
        self.close_prompt()
        self._words = event.text
        self._anew()

    def _anew(self) -> None:
        self._said = ("", "")
        self._rows = []
        self.query_one(Rows).show([], 0)
        self.action_again()

    def action_back(self) -> None:
        """Stop what runs, else clear the filters, else leave."""
        if self.stopped():
            return
        if self._outcome or self._mailbox or self._words:
            self._outcome, self._mailbox, self._words = None, None, ""
            self._anew()
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        self.dismiss(None)

    # The mail under the cursor

    def mail_here(self) -> int | None:
        row: LedgerRow | None = self.query_one(Rows).current
        return row.id if row is not None else None

    def on_rows_taken(self, event: Rows.Taken) -> None:
        """Open it."""
        event.stop()
        from tui.screens.ledger_mail import LedgerMailScreen

        def back(number: int | None) -> None:
            if number is not None and number > 0:
                self.dismiss(number)
            elif number is not None:
                self.acted()

        self.app.opening(told=True)  # the next key is for the mail as it is then
        self.app.push_screen(LedgerMailScreen(event.item.id), back)

    def close_prompt(self) -> None:
        self.query_one(PromptLine).close()
        self.query_one(Rows).focus()
        self._reframe()

    # What is shown

    def tell(self, words: str, mark: str = "") -> None:
        self._said = (words, mark)
        self._reframe()

    def _reframe(self) -> None:
        self.query_one(".panel-title", OnBar).refresh(layout=True)
        self.query_one(".panel-foot", OnBar).refresh(layout=True)

    def _empty(self) -> list[str]:
        if self._refused:
            return [self._refused]
        if self._outcome or self._mailbox or self._words:
            return [_("No mail is so."), _("Esc shows all of them.")]
        return [
            _("No mail has come yet."),
            _("Every mail that a mailbox shows is listed here, with what came of it and why."),
            *([] if self.app.desk.config.mailboxes else [_("No mailbox is set up here: Esc, then S, Mailboxes, o.")]),
        ]

    def _head(self, width: int) -> list[Line]:
        seen = sum(b.seen for b in self._balances)
        even = all(b.seen == sum(b.counts.values()) + b.waiting for b in self._balances)
        count = ngettext("{n} mail seen", "{n} mails seen", seen).format(n=number(seen))
        shown: list[Span] = [(_("Mail ledger"), "bright"), ("  " + count, "past")]
        if self._balances:
            shown.append(
                ("  ✓ " + _("balances"), "promoter") if even else ("  ✗ " + _("does not balance"), "detractor")
            )
        filters = [outcome_word(self._outcome)] if self._outcome else []
        filters += [b.address for b in self._balances if b.id == self._mailbox]
        filters += [f"/{line(self._words, 40)}"] if self._words else []
        right: tuple[Span, ...] = ((" · ".join(filters), "late"),) if filters else ()
        sums = balance_lines(self._balances, self._mailbox, width)
        return [Line(tuple(shown), right), *sums, Line((("─" * width, "rule"),))]

    def _foot(self, width: int) -> list[Line]:
        words, mark = self._said
        row: LedgerRow | None = self.query_one(Rows).current
        if words:
            role = "late" if mark == "✗" else "bright"
            of_mark = "promoter" if mark == "✓" else "detractor" if mark == "✗" else "accent"
            lines = marked(mark or "·", of_mark, line(words, 400), width, role)
        elif row is not None:
            told = why(row.outcome, row.reason) or (_("on a ticket that you do not see") if not row.sender else "")
            about = " · ".join(filter(None, (told, line(row.mailbox, 60), full_date(row.at))))
            lines = [Line(((part, "past"),)) for part in wrap(about, width)]
        else:
            lines = []
        # The same height whatever is told, so that the list does not jump under the cursor.
        lines = (lines + [Line()] * SAID)[:SAID]
        return [*lines, self._hints(row, width)]

    def _hints(self, row: LedgerRow | None, width: int) -> Line:
        if self.query_one(PromptLine).is_open:
            return hints(width, ("Enter", _("go")), ("Esc", _("back")))
        return hints(width, *self._keys(row), ("?", _("help")))

    def _keys(self, row: LedgerRow | None) -> list[tuple[str, str]]:
        keys: list[tuple[str, str]] = [("Enter", _("open"))] if row is not None else []
        if row is not None:
            keys += verbs(row.outcome, row.ticket)
        keys += [("v", _("outcome")), ("/", _("find")), ("b", _("mailbox"))]
        return [*keys, *([("O", _("raw"))] if row is not None else []), ("Esc", _("back"))]

    def place_keys(self) -> tuple[str, list[tuple[str, str]]]:
        row: LedgerRow | None = self.query_one(Rows).current
        keys = self._keys(row)
        keys += [("B", _("block"))] if row is not None and row.sender and "B" not in dict(keys) else []
        keys += [
            ("R", _("read again")),
            ("j k", _("down, up")),
            ("g G", _("first, last")),
            ("^D ^U", _("half pages")),
        ]
        return _("Mail ledger"), keys


def verbs(outcome: str, ticket: int | None) -> list[tuple[str, str]]:
    """The keys that are likely to be wanted for a mail of some outcome."""
    if outcome == "suspect":
        return [("t", _("trust")), ("s", _("split"))]
    if outcome == "quarantined":
        return [("r", _("retry"))]
    if ticket is not None:
        return [("s", _("split"))]
    if outcome in ("triage", "automatic", "bounce"):
        return [("a", _("attach")), ("n", _("new ticket")), ("B", _("block"))]
    return []
