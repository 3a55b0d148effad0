"""One e-mail with a template to the customers of many tickets, by hand (A3, A7).

It is a person's mail: each is written as if alone, by `correspondence.send`, under all its rules (M1, M2, M5). What one
would have read on the ticket before writing is asked for here instead: no draft of one's own is lost, what came since the
list was looked at stops it, and nobody gets the same words twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from domain import tickets as rules
from domain.flows import Status
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import scope
from domain.rules import SEND_CLASS
from domain.tickets import Ticket
from loop import class_mail, correspondence, drafts, rule_mail, templates
from loop.desk import Desk
from loop.letters import Words, refusal_of, voice, words
from loop.loading import Loaded, load
from loop.shaping import PIECE, let_others_in, standing
from loop.tickets import find_phase
from loop.views import Done, Draft, Refused

CLASS: Literal["class"] = SEND_CLASS
"""In the place of a template: each gets the e-mail of its class, as a rule would choose it (A4)."""
SAME_H = 24
"""Hours in which the same words do not go to the same ticket again."""
_AT_ONCE = 10
"""Messages after which others may write."""

Before = Callable[[Ticket], Ticket]
"""What a ticket would be by what is done to it first."""


@dataclass(frozen=True)
class Move:
    """Where a ticket goes in the same act; where that is not allowed nothing is sent (M4)."""

    phase: str
    resolution: str = ""
    outcome: str = ""


class Writer:
    """Writes to the customer of each ticket."""

    def __init__(
        self, desk: Desk, template: int | str, actor: Actor, *, seen: int = 0, move: Move | None = None
    ) -> None:
        """`template` is an id, or `CLASS`; `seen` the newest event when the list was looked at, 0 for now."""
        self._desk, self._actor, self._template, self._move = desk, actor, template, move
        self._seen = seen or newest(desk)
        self._name = ""
        if template != CLASS:
            self._name = next((t.name for t in templates.usable(desk, actor=actor) if t.id == template), "")
        self.written: dict[int, None] = {}
        """The tickets whose customers were written to."""

    def __call__(self, piece: tuple[int, ...]) -> Done:
        refused = []
        for i, number in enumerate(piece):
            if i and i % _AT_ONCE == 0:
                let_others_in(self._desk, PIECE)
            if why := self._write(number):
                refused.append(Refused(number, why))
            else:
                self.written[number] = None
        here = {one.number for one in refused}
        return Done(tuple(n for n in piece if n not in here), tuple(refused))

    def _write(self, number: int) -> Refusal | None:
        draft = self._draft(number)
        if isinstance(draft, Refusal):
            return draft
        m = self._move
        sent = correspondence.send(
            self._desk,
            draft,
            actor=self._actor,
            then_move=m.phase if m else None,
            resolution=m.resolution if m else "",
            outcome=m.outcome if m else "",
            look=lambda work, written: self._once_more(work, number, written),
        )
        return sent if isinstance(sent, Refusal) else None

    def would(self, numbers: tuple[int, ...], before: Before) -> Done:
        """To which of them it would write now, as far as one can tell; nothing is written."""
        refused = [Refused(n, why) for n, why in self._against(numbers, before)]
        here = {one.number for one in refused}
        return Done(tuple(n for n in numbers if n not in here), tuple(refused))

    def _against(self, numbers: tuple[int, ...], before: Before) -> Iterator[tuple[int, Refusal]]:
        for i, number in enumerate(numbers):
            if i and i % _AT_ONCE == 0:
                let_others_in(self._desk, PIECE)
            draft = self._draft(number)
            why = draft if isinstance(draft, Refusal) else self._why_not(draft, before)
            if why:
                yield number, why

    def _why_not(self, draft: Draft, before: Before) -> Refusal | None:
        desk = self._desk
        with desk.db.write() as work:
            actor = standing(work, self._actor)
            one = load(work, [draft.ticket], actor).get(draft.ticket)
            if one is None:
                return refuse("no ticket", number=draft.ticket)
            one = Loaded(one.row, before(one.ticket), one.contact)
            if why := refusal_of(desk, work, draft, actor, one):
                return why
            __, __, signature = voice(desk, work.rows, actor, draft.ticket)
            written = words(work.rows, desk, draft, signature, actor)
            return written.refusal or self._once_more(work, draft.ticket, written) or self._no_move(one, actor)

    def _no_move(self, one: Loaded, actor: Actor) -> Refusal | None:
        if self._move is None:
            return None
        target = find_phase(one, self._move.phase)
        if isinstance(target, Refusal):
            return target
        if target.status is Status.CLOSED:
            return rules.may_close(actor, one.ticket, target.id, self._move.resolution)
        return rules.may_move(actor, one.ticket, target.id)

    def _draft(self, number: int) -> Draft | Refusal:
        """What a person would begin with: the template's subject and text, with what has a value put in (M2)."""
        desk, actor = self._desk, self._actor
        found = desk.db.rows("SELECT flow_id, survey_id, klass FROM tickets WHERE number = :n", {"n": number})
        if not found or not scope(actor).admits(found[0][0]):
            return refuse("no ticket", number=number)
        template = self._template
        if template == CLASS:
            text = class_mail.chosen(desk.db.rows, CLASS, *found[0][1:])
            if isinstance(text, class_mail.Unwritten):
                word = f"{text.why}: {', '.join(text.names)}" if text.names else text.why
                return refuse("no class mail", why=rule_mail.said(word))
            template = text.id
        used = templates.use(desk, int(template), number, actor=actor)
        if isinstance(used, Refusal):
            return refuse("template elsewhere", name=self._name) if self._name else used
        begun = drafts.begin(desk, number, actor=actor)
        __, subject, body = used
        return replace(begun, cc="", subject=subject or begun.subject, body=body, seen_event=self._seen)

    def _once_more(self, work: Any, number: int, written: Words) -> Refusal | None:
        """What sending one message leaves to the eyes of who sends it."""
        mine = {"me": self._actor.id, "n": number}
        kept = work.rows("SELECT body, copies FROM drafts WHERE user_id = :me AND ticket = :n", mine)
        files = work.rows("SELECT 1 FROM draft_files WHERE user_id = :me AND ticket = :n LIMIT 1", mine)
        if files or any(body.strip() or cc.strip() for body, cc in kept):
            return refuse("unsent draft")
        since = self._desk.now() - SAME_H * 3_600_000
        same = work.rows(
            """SELECT 1 FROM messages m JOIN outbox o ON o.message_id = m.id
               WHERE m.ticket = :n AND m.outgoing = true AND m.subject = :subject AND m.text = :text
               AND o.state NOT IN ('taken back', 'failed') AND (m.at > :since OR o.state <> 'sent') LIMIT 1""",
            {"n": number, "subject": written.subject, "text": written.body, "since": since},
        )
        return refuse("same mail", hours=SAME_H) if same else None


def newest(desk: Desk) -> int:
    """The newest event of all tickets: what came before it could be seen (T10)."""
    return int(desk.db.rows("SELECT COALESCE(MAX(id), 0) FROM events")[0][0])
