"""`retorno demo --check`: the whole loop without a screen, on real SMTP and IMAP, one line a step."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from demo.place import Place
from demo.servers import HOST, PASSWORD, USER, Servers
from domain.text import _, line

if TYPE_CHECKING:
    from domain.people import Actor
    from loop.desk import Desk
    from loop.views import Entry, MailHealth, TicketView

PATIENCE_S = 15.0
"""How long one step may wait for the mail; it takes a fraction of a second where all is well."""


class Failed(Exception):
    """A step did not happen; the text says what was seen instead."""


@dataclass
class Said:
    """What a step has to say for itself, once it knows."""

    words: str


class Report:
    """One line a step, with the time that it took."""

    def __init__(self, write: Callable[[str], object] | None = None) -> None:
        self.write = write or _print
        self.steps = 0
        """How many happened."""

    @contextmanager
    def step(self, words: str) -> Iterator[Said]:
        """A step; it happened when nothing is raised in it. Failed says that it did not."""
        began = time.monotonic()
        said = Said(words)
        try:
            yield said
        except Failed as e:
            self.write(_("FAILED  {step}: {why}").format(step=said.words, why=e))
            raise
        except Exception as e:
            self.write(_("FAILED  {step}: {why}").format(step=said.words, why=line(f"{type(e).__name__}: {e}", 300)))
            raise Failed(said.words) from e
        self.steps += 1
        self.write(f"ok  {said.words}  ({time.monotonic() - began:.1f} s)")


def _print(words: str) -> None:
    print(words, flush=True)


def check() -> int:
    """Play the loop; 0 only if every step happened. Leaves no process and no file, stopped by Ctrl+C or not."""
    report = Report()
    began = time.monotonic()
    place = Place.fresh()
    servers = Servers(delay=(0, 0), sweep=place.folder)
    try:
        try:
            _play(report, place, servers)
        finally:
            servers.close()
            place.remove()
        with report.step(_("servers and files are gone")):
            _demand(not servers.running, _("the mail servers are still there"))
            _demand(not place.folder.exists(), _("the folder is still there"))
        report.write(
            _("The loop closes: {steps} steps in {seconds:.1f} s").format(
                steps=report.steps, seconds=time.monotonic() - began
            )
        )
    except Failed:
        return 1
    except KeyboardInterrupt:
        print(_("Stopped; nothing is left behind."), file=sys.stderr)
        return 130
    return 0


def _demand(true: object, otherwise: str) -> None:
    if not true:
        raise Failed(otherwise)


def _play(report: Report, place: Place, servers: Servers) -> None:
    with report.step(_("a database with three people and two flows")):
        from demo import world
        from loop.desk import open_desk

        world.found(place.config())
    with report.step(_("mail servers on loopback")) as said:
        config = place.config(servers.smtp, servers.imap)
        said.words = _("SMTP on port {smtp} and IMAP on port {imap} of loopback").format(
            smtp=servers.smtp, imap=servers.imap
        )
    desk = open_desk(config)
    try:
        played = _Loop(report, desk, desk.actor(world.PLAYER), servers)
        played.play()
    finally:
        desk.close()


class _Loop:
    """One loop after the other, as an agent works them."""

    def __init__(self, report: Report, desk: "Desk", actor: "Actor", servers: Servers) -> None:
        self.report, self.desk, self.actor, self.servers = report, desk, actor, servers
        self.health: list[MailHealth] = []

    def play(self) -> None:
        """Every step in its order; raises Failed at the first that does not happen."""
        from demo.answers import people
        from demo.letters import Behaviour
        from demo.world import number_of
        from loop.worker import Worker

        self._answers_in()
        addresses = {person.behaviour: address for address, person in reversed(people().items())}
        asks, away, gone = (
            number_of(self.desk, addresses[b], actor=self.actor)
            for b in (Behaviour.QUESTION, Behaviour.AWAY, Behaviour.BOUNCE)
        )
        for number in (asks, away, gone):
            self._start(number)
        self._second_thoughts(asks)
        worker = Worker(self.desk, self.health.append)
        worker.start()
        try:
            for number in (asks, away, gone):
                self._write_to(number)
            self._leaves(asks)
            self._reply_arrives(asks)
            self._out_of_office(away)
            self._bounce(gone)
            self._checklist(asks)
            self._close(asks)
            self._ledger()
        finally:
            with self.report.step(_("the worker stops")):
                worker.stop(5.0)

    def _answers_in(self) -> None:
        from demo import world
        from demo.answers import SURVEY, samples
        from loop import answers, queue
        from loop.views import View

        rows = [world.answer(row, self.desk.now()) for row in samples()]
        with self.report.step(_("answers in")) as said:
            report = answers.take(self.desk, SURVEY, rows, actor=self.actor)
            said.words = _("{answers} answers in, {tickets} tickets").format(
                answers=report.imported, tickets=report.tickets
            )
            _demand(report.imported == len(rows) and not report.refused, str(report))
            counts = queue.counts(self.desk, View(), actor=self.actor)
            _demand(counts.open == report.tickets > 0, str(counts))
        with self.report.step(_("the same answers again change nothing")):
            again = answers.take(self.desk, SURVEY, rows, actor=self.actor)
            _demand(again.duplicates == len(rows) and not again.imported and not again.tickets, str(again))

    def _start(self, number: int) -> None:
        from domain.flows import Status
        from loop import tickets

        with self.report.step(_("#{number} started and taken").format(number=number)):
            done = tickets.start(self.desk, [number], actor=self.actor, take=True)
            _demand(done.done == (number,), str(done.why))
            row = self._ticket(number).row
            _demand(row.status is Status.PROGRESS and row.assignee == self.actor.login, str(row))

    def _second_thoughts(self, number: int) -> None:
        from loop import correspondence, drafts
        from loop.desk import Desk
        from loop.views import Draft, Sent

        with self.report.step(
            _("a reply to #{number} sent and taken back: the draft is here again").format(number=number)
        ):
            slow = Desk(replace(self.desk.config, undo_seconds=60), self.desk.db, self.desk.now)
            draft = replace(drafts.begin(slow, number, actor=self.actor), body="Olá, isto ainda não está pronto")
            drafts.save(slow, draft, actor=self.actor)
            sent = correspondence.send(slow, draft, actor=self.actor)
            _demand(isinstance(sent, Sent) and drafts.load(slow, number, actor=self.actor) is None, str(sent))
            back = correspondence.take_back(slow, sent.outbox, actor=self.actor)
            _demand(isinstance(back, Draft) and back.body == draft.body, str(back))

    def _write_to(self, number: int) -> None:
        from loop import correspondence, drafts
        from loop.views import Sent

        with self.report.step(_("a reply to #{number} in the outbox").format(number=number)):
            draft = drafts.begin(self.desk, number, actor=self.actor)
            name = self._ticket(number).customer.name
            draft = replace(draft, body=f"Olá, {name.split()[0]},\n\nsentimos muito. Já estamos vendo.\n\nAna")
            review = correspondence.review(self.desk, draft, actor=self.actor)
            _demand(review.refusal is None, str(review.refusal))
            sent = correspondence.send(self.desk, draft, actor=self.actor)
            _demand(isinstance(sent, Sent), str(sent))

    def _leaves(self, number: int) -> None:
        with self.report.step(_("the server takes the reply to #{number}").format(number=number)) as said:
            entry = self._await(number, "mail out", lambda e: e.state == "sent")
            said.words = _("the server took it: {answer}").format(answer=line(entry.answer, 60))

    def _reply_arrives(self, number: int) -> None:
        with self.report.step(_("reply threaded onto #{number}").format(number=number)):
            entry = self._await(number, "mail in")
            ticket = self._ticket(number)
            _demand(ticket.row.unanswered, _("the ticket is not marked unanswered"))
            _demand(entry.text.strip() and "Já estamos vendo" not in entry.text, _("the quote is not folded"))
            _demand("Já estamos vendo" in "\n".join(entry.folded), _("the quote was dropped"))

    def _out_of_office(self, number: int) -> None:
        with self.report.step(_("out-of-office recorded on #{number} as automatic").format(number=number)):
            before = self._ticket(number).phase_id
            self._await(number, "automatic mail")
            ticket = self._ticket(number)
            _demand(not ticket.row.unanswered and ticket.phase_id == before, _("automatic mail changed the ticket"))

    def _bounce(self, number: int) -> None:
        with self.report.step(_("bounce recorded on #{number}").format(number=number)) as said:
            self._await(number, "bounce")
            ticket = self._ticket(number)
            said.words = _("bounce recorded on #{number}: {address} takes no mail").format(
                number=number, address=ticket.customer.email
            )
            _demand(ticket.customer.bounced, _("the address is not marked"))
            _demand(ticket.can["reply"] is not None, _("one could write to it again"))

    def _checklist(self, number: int) -> None:
        from domain.flows import missing
        from loop import tickets

        with self.report.step(_("a move past the checklist is refused")) as said:
            ticket = self._ticket(number)
            here = ticket.flow.phase(ticket.phase_id)
            there = ticket.flow.phases[ticket.flow.phases.index(here) + 1]
            wanted = missing(here, frozenset())
            refused = tickets.move(self.desk, [number], there.id, actor=self.actor)
            said.words = _("a move to {phase} is refused: {why}").format(phase=there.name, why=refused.why)
            _demand(refused.why is not None and refused.why.code == "checklist", _("the move was not refused"))
            _demand(all(text in str(refused.why) for text in wanted), _("it does not name what is missing"))
        with self.report.step(
            _("{count} lines ticked, moved to {phase}").format(count=len(here.items), phase=there.name)
        ):
            for item in here.items:
                _demand(tickets.tick(self.desk, number, item.id, actor=self.actor).done, item.text)
            done = tickets.move(self.desk, [number], there.id, actor=self.actor)
            _demand(done.done and self._ticket(number).phase_id == there.id, str(done.why))

    def _close(self, number: int) -> None:
        from domain.flows import Status
        from loop import tickets

        with self.report.step(_("closing #{number} without a resolution is refused").format(number=number)):
            refused = tickets.close(self.desk, [number], actor=self.actor, resolution=" ")
            _demand(refused.why is not None and refused.why.code == "resolution", str(refused))
        with self.report.step(_("#{number} closed with a resolution").format(number=number)):
            words = "Poltrona trocada pela cor certa, sem custo."
            done = tickets.close(self.desk, [number], actor=self.actor, resolution=words, outcome="trocado")
            ticket = self._ticket(number)
            _demand(done.done and ticket.row.status is Status.CLOSED and ticket.resolution == words, str(done.why))

    def _ledger(self) -> None:
        from loop import ledger

        with self.report.step(_("the ledger balances")) as said:
            balance = ledger.balance(self.desk, actor=self.actor)
            _demand(isinstance(balance, dict), str(balance))
            shown = _mails_on_the_server(self.servers)
            parts = {name: count for name, count in balance.items() if name != "seen" and count}
            said.words = _("the ledger balances: {seen} seen = {parts}").format(
                seen=balance["seen"], parts=" + ".join(f"{count} {name}" for name, count in parts.items())
            )
            _demand(balance["seen"] == shown, _("the server showed {count}").format(count=shown))
            _demand(sum(parts.values()) == balance["seen"] and "waiting" not in parts, str(balance))
            _demand(parts == {"threaded": 1, "automatic": 1, "bounce": 1}, str(parts))

    def _ticket(self, number: int) -> "TicketView":
        from loop import reading
        from loop.views import TicketView

        found = reading.ticket(self.desk, number, actor=self.actor)
        _demand(isinstance(found, TicketView), str(found))
        return found

    def _await(self, number: int, kind: str, holds: Callable[["Entry"], bool] = lambda entry: True) -> "Entry":
        """The newest entry of a kind on a ticket's timeline, as soon as it is there."""
        from loop import reading
        from loop.changes import Watcher

        end = time.monotonic() + PATIENCE_S
        watcher = Watcher(self.desk, self.actor)
        try:
            while True:
                entries = reading.timeline(self.desk, number, actor=self.actor)
                found = [e for e in entries if e.kind == kind and e.state != "taken back"]
                if found and holds(found[-1]):
                    return found[-1]
                if (left := end - time.monotonic()) <= 0:
                    trouble = next((h.said for h in reversed(self.health) if not h.ok), "")
                    state = found[-1].state if found else _("nothing")
                    raise Failed(
                        _("{seconds:.0f} seconds without it; there is {state}").format(seconds=PATIENCE_S, state=state)
                        + (f" · {trouble}" if trouble else "")
                    )
                watcher.wait(left)
        finally:
            watcher.close()


def _mails_on_the_server(servers: Servers) -> int:
    """How many mails the server itself counts in the shop's mailbox."""
    from imapclient import IMAPClient

    with IMAPClient(HOST, servers.imap, ssl=False, timeout=5) as client:
        client.login(USER, PASSWORD)
        return int(client.folder_status("INBOX", [b"MESSAGES"])[b"MESSAGES"])
