"""Random acts of random people on a ledger: the books balance after each, and no mail is on two tickets (M7, M8, P3)."""

import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from domain.refusals import Refusal
from loop import blocking, ledger, merging, reading, receiving, tickets, transfers, triage
from loop.views import Acted
from tests.loop.conftest import Clock, people
from tests.loop.mailing import Post, balanced, mail

PEOPLE = ("ana", "ana", "caio", "bia", "rui", "davi")
WHO = st.sampled_from(PEOPLE)
PICK = st.integers(0, 30)
SENDERS = ("Marina <marina@clientes.example>", "Lia <lia@clientes.example>", "X <x@golpe.example>", "ninguém")


class Books(RuleBasedStateMachine):
    """Mails come in all ways; people attach, open, accept, retry, split, block; tickets merge, close and change flow."""

    template: Path

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "x.sqlite"
        shutil.copy(self.template, path)
        self.shop = people(f"sqlite:///{path}", Clock())
        self.desk = self.shop.desk
        self.actors = {login: self.desk.actor(login) for login in set(PEOPLE)}
        self.posts = [Post(self.shop)]
        self.tickets = [
            self.shop.answer(2, email=e) for e in ("marina@clientes.example", "outra@x.example", "lia@x.example")
        ]
        tickets.start(self.desk, self.tickets[:1], actor=self.actors["bia"], take=True)
        self.raws: list[bytes] = []
        # Something of everything, so that few steps lead far.
        for sender, way in zip(SENDERS * 3, ("plain", "plain", "big", "auto") * 3, strict=True):
            self.arrive(sender, 0, way)
        lines = [r[0] for r in self.desk.db.rows("SELECT id FROM inbound ORDER BY id")]
        ana = self.actors["ana"]
        for id, number in zip(lines, self.tickets, strict=False):
            triage.attach(self.desk, id, number, actor=ana)
        transfers.transfer(self.desk, self.tickets[2:], self.shop.other_flow, None, actor=ana)
        self.arrive(SENDERS[2], 0, "reply")
        self.break_one(1)

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.close()
            self.folder.cleanup()

    def ticket(self, pick: int) -> int:
        numbers = [r[0] for r in self.desk.db.rows("SELECT number FROM tickets ORDER BY number")]
        return numbers[pick % len(numbers)]

    def line(self, pick: int) -> int:
        ids = [r[0] for r in self.desk.db.rows("SELECT id FROM inbound ORDER BY id DESC")]
        return ids[pick % len(ids)] if ids else 1

    @rule(sender=st.sampled_from(SENDERS), pick=PICK, way=st.sampled_from(("plain", "reply", "tag", "auto", "big")))
    def comes(self, sender: str, pick: int, way: str) -> None:
        self.arrive(sender, pick, way)

    def arrive(self, sender: str, pick: int, way: str) -> None:
        self.shop.clock.now += 1000
        headers = {"Auto_Submitted": "auto-replied"} if way == "auto" else {}
        if way == "reply":
            headers["In_Reply_To"] = f"<m{pick % 5}@clientes.example>"
        subject = f"[#{self.ticket(pick)}] oi" if way == "tag" else "oi"
        raw = mail(f"n {len(self.raws)}", sender=sender, subject=subject, id=f"m{len(self.raws)}", **headers).as_bytes()
        self.raws.append(raw)
        self.posts[0](raw, size=99_000 if way == "big" else 0)

    @rule(pick=PICK)
    def comes_again(self, pick: int) -> None:
        if self.raws:
            self.posts[0](b"Received: from relay\r\n" + self.raws[pick % len(self.raws)])

    @rule(pick=PICK)
    def breaks(self, pick: int) -> None:
        """A mail that cannot be recorded, and perhaps once more the same that can."""
        self.break_one(pick)

    def break_one(self, pick: int) -> None:
        real = receiving.Receiver.receive

        def broken(*_given: object) -> receiving.Result:
            raise ValueError("it broke")

        receiving.Receiver.receive = broken  # type: ignore[method-assign,assignment]
        try:
            self.arrive(SENDERS[pick % 3], pick, "tag")
        finally:
            receiving.Receiver.receive = real  # type: ignore[method-assign]
        if pick % 2:
            self.posts[0](b"Received: from relay\r\n" + self.raws[-1])

    @rule(who=WHO, pick=PICK, to=PICK)
    def attach(self, who: str, pick: int, to: int) -> None:
        self.twice(lambda: triage.attach(self.desk, self.line(pick), self.ticket(to), actor=self.actors[who]))

    @rule(who=WHO, pick=PICK, other=st.booleans())
    def new_ticket(self, who: str, pick: int, other: bool) -> None:
        flow = self.shop.other_flow if other else self.shop.flow
        triage.open_ticket(self.desk, self.line(pick), flow, actor=self.actors[who])

    @rule(who=WHO, pick=PICK, remember=st.booleans())
    def accept(self, who: str, pick: int, remember: bool) -> None:
        self.twice(lambda: triage.accept(self.desk, self.line(pick), actor=self.actors[who], remember=remember))

    @rule(who=WHO, pick=PICK)
    def retry(self, who: str, pick: int) -> None:
        broken = [r[0] for r in self.desk.db.rows("SELECT id FROM inbound WHERE outcome = 'quarantined' ORDER BY id")]
        id = broken[pick % len(broken)] if broken and pick % 4 else self.line(pick)
        triage.retry(self.desk, id, actor=self.actors[who])

    @rule(who=WHO, pick=PICK)
    def fetch(self, who: str, pick: int) -> None:
        id = self.line(pick)
        whole = mail(f"whole {id}", id=f"w{id}").as_bytes()
        self.twice(lambda: triage.again_whole(self.desk, id, whole, actor=self.actors[who]))

    @rule(who=WHO, pick=PICK, new=st.sampled_from((None, "flow", "other_flow")))
    def split(self, who: str, pick: int, new: str | None) -> None:
        ids = [
            r[0] for r in self.desk.db.rows("SELECT message FROM inbound WHERE message IS NOT NULL ORDER BY id DESC")
        ]
        if ids:
            flow = getattr(self.shop, new) if new else None
            triage.split(self.desk, ids[pick % len(ids)], flow, actor=self.actors[who])

    @rule(sender=st.sampled_from(("marina@clientes.example", "x@golpe.example")), off=st.booleans())
    def block(self, sender: str, off: bool) -> None:
        (blocking.unblock if off else blocking.block)(self.desk, sender, actor=self.actors["ana"])

    @rule(pick=PICK, to=PICK)
    def merge(self, pick: int, to: int) -> None:
        merging.merge(self.desk, [self.ticket(pick)], self.ticket(to), actor=self.actors["ana"])

    @rule(pick=PICK)
    def close(self, pick: int) -> None:
        """Whatever the checklist says: it is ticked first."""
        view = reading.ticket(self.desk, number := self.ticket(pick), actor=self.actors["ana"])
        tickets.start(self.desk, [number], actor=self.actors["ana"], take=True)
        for phase in view.flow.phases:
            for item in phase.items:
                tickets.tick(self.desk, number, item.id, actor=self.actors["ana"])
        tickets.close(self.desk, [number], actor=self.actors["ana"], resolution="feito")

    @rule(pick=PICK)
    def transfer(self, pick: int) -> None:
        transfers.transfer(self.desk, [self.ticket(pick)], self.shop.other_flow, None, actor=self.actors["ana"])

    def twice(self, act: object) -> None:
        """What was done is done once: the second time changes nothing and writes no event."""
        first = act()  # type: ignore[operator]
        if isinstance(first, Refusal):
            return
        before = self.count()
        second = act()  # type: ignore[operator]
        assert isinstance(second, Refusal) or not second.changed, second
        assert isinstance(first, Acted) and self.count() == before

    def count(self) -> tuple[int, int, int]:
        rows = self.desk.db.rows
        return (
            rows("SELECT COUNT(*) FROM events")[0][0],
            rows("SELECT COUNT(*) FROM messages")[0][0],
            rows("SELECT COUNT(*) FROM tickets")[0][0],
        )

    @invariant()
    def books_balance(self) -> None:
        if hasattr(self, "shop"):
            balanced(self.shop)
            seen = self.desk.db.rows("SELECT COUNT(*) FROM inbound WHERE outcome = ''")[0][0]
            assert seen == 0, "nothing is only seen"

    @invariant()
    def outcomes_change_by_acts_alone(self) -> None:
        """Each line's traces follow on each other, and end in what it is."""
        if not hasattr(self, "shop"):
            return
        for row in ledger.lines(self.desk, actor=self.actors["ana"], limit=100):
            found = ledger.mail(self.desk, row.id, actor=self.actors["ana"])
            chain = [(a.old, a.new) for a in found.acts]
            assert all(one[1] == two[0] for one, two in pairwise(chain)), chain
            assert not chain or chain[-1][1] == row.outcome

    @invariant()
    def what_is_out_of_sight_stays_so(self) -> None:
        """P3: caio sees no word of a mail on a ticket of the flow that he is not in."""
        if not hasattr(self, "shop"):
            return
        hidden = {
            r[0]
            for r in self.desk.db.rows(
                "SELECT i.id FROM inbound i JOIN tickets t ON t.number = i.ticket WHERE t.flow_id = :f",
                {"f": self.shop.other_flow},
            )
        }
        for row in ledger.lines(self.desk, actor=self.actors["caio"], limit=100):
            if row.id in hidden:
                assert (row.sender, row.subject, row.reason, row.ticket) == ("", "", "", None)
                assert isinstance(ledger.raw(self.desk, row.id, actor=self.actors["caio"]), Refusal)


def test_m8_random_acts_on_the_ledger(sqlite_template: Path) -> None:
    run(sqlite_template, examples=10, steps=30)


@pytest.mark.soak
def test_m8_very_many_random_acts_on_the_ledger(sqlite_template: Path) -> None:
    run(sqlite_template, examples=200, steps=60)


def run(template: Path, *, examples: int, steps: int) -> None:
    Books.template = template
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, phases=(Phase.explicit, Phase.generate), deadline=None
        ),
    )
