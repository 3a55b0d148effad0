"""A flow that is changed while tickets walk through it (P8): no ticket is lost in a phase that is gone, nobody waits for ever."""

import threading
from dataclasses import replace

from domain.flows import Status
from domain.people import Role
from domain.planning import add_phase, remove_phase
from domain.plans import MemberPlan
from loop import flows, tickets
from loop.setup_views import Conflict, Saved
from tests.loop.conftest import Shop
from tests.loop.test_flows import phase, plan_of
from tests.loop.test_together import together

TICKETS = 12


def test_p8_phases_come_and_go_while_tickets_walk(shop: Shop) -> None:
    plan = plan_of(shop)
    free = replace(phase(plan, "Contato"), items=())
    assert isinstance(flows.save(shop.desk, plan.with_phase(free), actor=shop.ana), Saved)
    numbers = [shop.answer(comment=f"n{n}") or 0 for n in range(TICKETS)]
    assert len(tickets.start(shop.desk, numbers, actor=shop.bia).done) == TICKETS
    over = threading.Event()

    def shape() -> None:
        """Solução goes away and another one comes, again and again."""
        for round in range(8):
            plan = plan_of(shop)
            old = plan.phases[2]
            assert old.status is Status.PROGRESS
            plan = add_phase(plan, old.key, Status.PROGRESS, f"Meio {round}")
            target = min(p.key for p in plan.phases)
            saved = flows.save(shop.desk, remove_phase(plan, old.key), actor=shop.ana, destinations={old.key: target})
            assert isinstance(saved, Saved), saved
        over.set()

    def walk(actor: object, mine: list[int]) -> None:
        while not over.is_set():
            there = [p.name for p in plan_of(shop).phases][1:3]
            for name in there:
                done = tickets.move(shop.desk, mine, name, actor=actor)  # type: ignore[arg-type]
                assert {r.why.code for r in done.refused} <= {"no phase", "same phase"}, done.refused

    def bring() -> None:
        for n in range(6):
            assert shop.answer(comment=f"chegou agora {n}")

    together(shape, lambda: walk(shop.bia, numbers[::2]), lambda: walk(shop.caio, numbers[1::2]), bring)
    known = {p.key: p.status for p in plan_of(shop).phases}
    there = shop.desk.db.rows("SELECT phase_id, status FROM tickets WHERE flow_id = :f", {"f": shop.flow})
    assert len(there) == TICKETS + 6
    assert all(tuple(Status)[status] is known[key] for key, status in there)


def test_p8_of_two_who_save_at_once_one_is_told(shop: Shop) -> None:
    plan = plan_of(shop)
    first = replace(plan, days_until_due=5)
    second = replace(plan, members=(*plan.members, MemberPlan("davi", Role.AGENT)))
    given = together(*[lambda p=p: flows.save(shop.desk, p, actor=shop.ana) for p in (first, second)])
    assert {type(g) for g in given} == {Conflict, Saved}
    (conflict,) = (g for g in given if isinstance(g, Conflict))
    assert len(conflict.changes) == 1
