"""Shaping a flow while tickets are in it (P4–P8), who may, and what it takes (I5); on both databases."""

from dataclasses import replace

import pytest

from domain.flows import Binding, Status
from domain.people import Level, Role
from domain.planning import add_phase, move_phase, remove_phase
from domain.plans import FlowPlan, IntakePlan, ItemPlan, MemberPlan, PhasePlan
from domain.refusals import Refusal
from loop import audit, flows, queue, reading, tickets
from loop.people import add_user
from loop.setup_views import Conflict, Saved
from loop.views import View
from tests.loop.conftest import PHASES, Shop, found


def plan_of(shop: Shop, flow: int | None = None) -> FlowPlan:
    plan = flows.plan(shop.desk, flow or shop.flow, actor=shop.ana)
    assert isinstance(plan, FlowPlan)
    return plan


def phase(plan: FlowPlan, name: str) -> PhasePlan:
    return next(p for p in plan.phases if p.name == name)


def save(shop: Shop, plan: FlowPlan, **more: object) -> Saved:
    saved = flows.save(shop.desk, plan, actor=shop.ana, **more)  # type: ignore[arg-type]
    assert isinstance(saved, Saved), saved
    return saved


def refused(shop: Shop, plan: FlowPlan, **more: object) -> str:
    actor = more.pop("actor", shop.ana)
    before = plan_of(shop) if plan.id else None
    why = flows.save(shop.desk, plan, actor=actor, **more)  # type: ignore[arg-type]
    assert isinstance(why, Refusal), why
    assert str(why)
    assert before is None or plan_of(shop) == before, "nothing is written when it is refused"
    return why.code


def view(shop: Shop, number: int) -> reading.TicketView:
    seen = reading.ticket(shop.desk, number, actor=shop.ana)
    assert not isinstance(seen, Refusal)
    return seen


def tick(shop: Shop, number: int, text: str) -> int:
    item = next(i.id for p in view(shop, number).flow.phases for i in p.items if i.text == text)
    assert tickets.tick(shop.desk, number, item, actor=shop.bia).done
    return item


def with_items(plan: FlowPlan, name: str, *items: ItemPlan) -> FlowPlan:
    return plan.with_phase(replace(phase(plan, name), items=items))


# ── What changes while tickets are in it (P8) ──


def test_p8_a_plan_is_read_as_it_was_saved(shop: Shop) -> None:
    plan = FlowPlan(
        None,
        "Inteiro",
        (
            PhasePlan(-1, "A", Status.PENDING, onward=(-3,)),
            PhasePlan(-2, "Z", Status.CLOSED),
            PhasePlan(-3, "B", Status.PROGRESS, Binding.MANDATORY, (ItemPlan(None, "um"), ItemPlan(None, "dois"))),
        ),
        members=(MemberPlan("bia", Role.AGENT), MemberPlan("rui", Role.ANALYST)),
        default_assignee="bia",
        days_until_due=9,
        first_contact_hours=8,
        default_priority=1,
        notes_for_all=True,
        reopening="days",
        reopen_days=7,
        reachable_by_phone=True,
        intake=IntakePlan(("Pós-compra",), ("detractor",), 0, 6, (("UF", ("SP",)),), ("atraso",), 1_000, 2_000),
        signature="Equipe\nSP",
    )
    read = plan_of(shop, save(shop, plan).id)
    keys = {p.name: p.key for p in read.phases}
    assert [p.name for p in read.phases] == ["A", "B", "Z"], "by status, then in the admin's order"
    assert read.phases[0].onward == (keys["B"],)
    assert [i.text for i in read.phases[1].items] == ["um", "dois"]
    assert replace(read, id=None, phases=plan.phases, version=0) == plan


def test_p8_lines_keep_who_ticked_them_and_when_whatever_happens_to_them(shop: Shop, started: int) -> None:
    item = tick(shop, started, "Ler a resposta")
    tick(shop, started, "Falar com o cliente")
    (before,) = (t for t in view(shop, started).ticks if t.item == item)
    plan = plan_of(shop)
    read, __ = phase(plan, "Contato").items
    shop.clock.now += 1_000
    save(shop, with_items(plan, "Contato", ItemPlan(None, "Pedir desculpas"), replace(read, text="Ler tudo")))
    seen = view(shop, started)
    contact = next(p for p in seen.flow.phases if p.name == "Contato")
    assert [i.text for i in contact.items] == ["Pedir desculpas", "Ler tudo"], "added later, it is on open tickets"
    assert next(t for t in seen.ticks if t.item == contact.items[1].id) == before
    save(shop, with_items(plan_of(shop), "Contato", *phase(plan, "Contato").items))
    assert len([t for t in view(shop, started).ticks if t.item in {i.id for i in phase(plan, "Contato").items}]) == 2, (
        "a line that comes back has its ticks"
    )


def test_p7_a_line_added_to_a_mandatory_checklist_holds_tickets_that_are_there(shop: Shop, started: int) -> None:
    tick(shop, started, "Ler a resposta")
    tick(shop, started, "Falar com o cliente")
    plan = plan_of(shop)
    save(shop, with_items(plan, "Contato", *phase(plan, "Contato").items, ItemPlan(None, "Anotar")))
    (why,) = tickets.move(shop.desk, [started], "Solução", actor=shop.bia).refused
    assert "Anotar" in str(why.reason if hasattr(why, "reason") else why.why)


def test_p8_a_phase_in_use_goes_only_when_another_of_its_status_takes_its_tickets(shop: Shop, started: int) -> None:
    plan = plan_of(shop)
    contact, solve, new, done = (phase(plan, n) for n in ("Contato", "Solução", "Novo", "Resolvido"))
    tick(shop, started, "Ler a resposta")
    less = remove_phase(plan, contact.key)
    assert refused(shop, less) == "phase in use"
    for target in (new.key, done.key):
        assert refused(shop, less, destinations={contact.key: target}) == "wrong destination"
    for target in (contact.key, 999_999):
        assert refused(shop, less, destinations={contact.key: target}) == "no destination"
    before = view(shop, started)
    shop.clock.now += 5_000
    save(shop, less, destinations={contact.key: solve.key})
    after = view(shop, started)
    assert (after.phase_id, after.row.status) == (solve.key, Status.PROGRESS)
    assert (after.started, after.closed, after.row.due) == (before.started, before.closed, before.row.due)
    event = after.entries[-1]
    assert (event.kind, event.who, event.at, event.data["old"], event.data["new"]) == (
        "moved",
        "ana",
        shop.clock.now,
        "Contato",
        "Solução",
    )
    assert after.entries_total == before.entries_total + 1, "one act, one event (T8)"
    assert shop.desk.db.rows("SELECT COUNT(*) FROM ticks WHERE ticket = :t", {"t": started}) == [(1,)]
    assert contact.key not in flows.in_phases(shop.desk, shop.flow, actor=shop.ana)


def test_p8_a_phase_may_go_into_one_that_is_made_with_the_same_save(shop: Shop, started: int) -> None:
    plan = plan_of(shop)
    contact = phase(plan, "Contato")
    plan = add_phase(plan, contact.key, Status.PROGRESS, "Falar")
    save(shop, remove_phase(plan, contact.key), destinations={contact.key: min(p.key for p in plan.phases)})
    assert view(shop, started).row.phase == "Falar"


def test_p8_archived_tickets_are_taken_along(shop: Shop, started: int) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET archived = true WHERE number = :n", {"n": started})
    plan = plan_of(shop)
    contact, solve = phase(plan, "Contato"), phase(plan, "Solução")
    assert flows.in_phases(shop.desk, shop.flow, actor=shop.bia)[contact.key] == 1
    assert refused(shop, remove_phase(plan, contact.key)) == "phase in use"
    save(shop, remove_phase(plan, contact.key), destinations={contact.key: solve.key})
    assert view(shop, started).phase_id == solve.key


def test_p8_an_empty_phase_goes_without_a_word_and_all_phases_may_be_new(shop: Shop) -> None:
    plan = plan_of(shop)
    save(shop, remove_phase(plan, phase(plan, "Solução").key))
    save(shop, replace(plan_of(shop), phases=flows.phases_of(PHASES)))
    assert [p.name for p in plan_of(shop).phases] == [name for name, *__ in PHASES]


def test_t2_t6_a_phase_that_holds_tickets_keeps_its_status(shop: Shop, started: int) -> None:
    plan = plan_of(shop)
    contact = phase(plan, "Contato")
    assert refused(shop, move_phase(plan, contact.key, -1)) == "status in use"
    assert refused(shop, plan.with_phase(replace(contact, status=Status.CLOSED))) == "status in use"
    save(shop, move_phase(plan, phase(plan, "Solução").key, 1))
    assert phase(plan_of(shop), "Solução").status is Status.CLOSED, "an empty one may change"
    assert view(shop, started).row.status is Status.PROGRESS


def test_p6_onward_lists_bind_and_follow_the_phases(shop: Shop, started: int) -> None:
    plan = plan_of(shop)
    contact = phase(plan, "Contato")
    free = replace(contact, binding=Binding.OPTIONAL, onward=(phase(plan, "Resolvido").key,))
    save(shop, plan.with_phase(free))
    assert tickets.move(shop.desk, [started], "Solução", actor=shop.bia).refused
    save(shop, plan_of(shop).with_phase(replace(free, onward=None)))
    assert tickets.move(shop.desk, [started], "Solução", actor=shop.bia).done


# ── Two at once, and the audit ──


def test_p8_who_saves_second_is_told_who_changed_what(shop: Shop) -> None:
    mine = theirs = plan_of(shop)
    promoted = replace(theirs, members=tuple(replace(m, role=Role.ADMINISTRATOR) if m.name == "caio" else m for m in theirs.members))  # fmt: skip
    save(shop, promoted)
    mine = theirs = plan_of(shop)
    shop.clock.now += 60_000
    assert isinstance(flows.save(shop.desk, replace(theirs, days_until_due=9), actor=shop.caio), Saved)
    again = plan_of(shop)
    assert isinstance(flows.save(shop.desk, move_phase(again, phase(again, "Contato").key, 1), actor=shop.caio), Saved)
    conflict = flows.save(shop.desk, replace(mine, name="Meu"), actor=shop.ana)
    assert isinstance(conflict, Conflict)
    assert (conflict.by, conflict.at) == ("caio", shop.clock.now)
    assert next((d.field, d.old, d.new) for d in conflict.changes) == ("days until due", "3", "9")
    assert [d.field for d in conflict.changes] == ["days until due", "order of the phases"]
    assert plan_of(shop).name == "Detratores"


def test_saving_what_is_there_already_changes_nothing(shop: Shop) -> None:
    plan = plan_of(shop)
    lines = audit.audit(shop.desk, actor=shop.ana)
    assert save(shop, plan).changes == ()
    assert plan_of(shop) == plan
    assert audit.audit(shop.desk, actor=shop.ana) == lines


def test_every_change_is_in_the_audit_with_old_and_new(shop: Shop) -> None:
    plan = plan_of(shop)
    save(shop, replace(plan, days_until_due=5))
    flows.activate(shop.desk, shop.flow, on=False, actor=shop.ana)
    flows.activate(shop.desk, shop.flow, on=True, actor=shop.ana)
    flows.reorder(shop.desk, [shop.other_flow], actor=shop.ana)
    lines = audit.audit(shop.desk, actor=shop.ana, target="flow", limit=4)
    assert [line.what for line in lines] == ["reordered", "activated", "deactivated", "changed"]
    assert [(d.field, d.old, d.new) for d in lines[-1].changes] == [("days until due", "3", "5")]
    assert [(d.old, d.new) for d in lines[0].changes] == [("Detratores, Elogios", "Elogios, Detratores")]


# ── Who may (P2–P4) ──


def test_p4_level_and_role_are_needed_to_edit_and_sight_to_read(shop: Shop) -> None:
    plan = replace(plan_of(shop), days_until_due=9)
    assert refused(shop, plan, actor=shop.bia) == "needs level"
    assert refused(shop, plan, actor=shop.caio) == "needs role", "administrator by level, agent by role"
    assert refused(shop, plan, actor=shop.davi) in ("no flow", "needs level")
    assert isinstance(flows.plan(shop.desk, shop.flow, actor=shop.davi), Refusal), "P3"
    assert flows.in_phases(shop.desk, shop.flow, actor=shop.davi) == {}
    assert flows.period(shop.desk, shop.flow, actor=shop.davi) == (None, None)
    assert [f.name for f in flows.flows(shop.desk, actor=shop.davi)] == ["Elogios"]
    assert isinstance(flows.plan(shop.desk, shop.flow, actor=shop.bia), FlowPlan)


def test_p4_who_makes_a_flow_administers_it(shop: Shop) -> None:
    assert refused(shop, flows.new_plan("pt", "Novo"), actor=shop.bia) == "needs level"
    saved = flows.save(shop.desk, flows.new_plan("pt", "Do Caio"), actor=shop.caio)
    assert isinstance(saved, Saved)
    assert plan_of(shop, saved.id).members == (MemberPlan("caio", Role.ADMINISTRATOR),)
    (row,) = (f for f in flows.flows(shop.desk, actor=shop.caio) if f.id == saved.id)
    assert (row.may_edit, row.members) == (None, 1)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ((MemberPlan("ninguém", Role.AGENT),), "no user"),
        ((MemberPlan("nina", Role.AGENT),), "no level"),
        ((MemberPlan("davi", Role.ADMINISTRATOR),), "role above level"),
        ((MemberPlan("Time", Role.AGENT, team=True),), "no team"),
    ],
)
def test_p1_p2_p4_members_are_people_with_a_level_that_reaches(
    shop: Shop, members: tuple[MemberPlan, ...], code: str
) -> None:
    add_user(shop.desk, "nina", "Nina", "", Level.NONE, actor=shop.ana)
    assert refused(shop, replace(plan_of(shop), members=members)) == code


def test_p2_a_team_is_a_member_as_one(shop: Shop, ticket: int) -> None:
    from loop import teams

    assert isinstance(reading.ticket(shop.desk, ticket, actor=shop.davi), Refusal)
    assert not isinstance(teams.create(shop.desk, "Loja SP", ["davi"], actor=shop.ana), Refusal)
    plan = plan_of(shop)
    save(shop, replace(plan, members=(*plan.members, MemberPlan("Loja SP", Role.AGENT, team=True))))
    assert not isinstance(reading.ticket(shop.desk, ticket, actor=shop.davi), Refusal)
    save(shop, replace(plan_of(shop), default_assignee="davi"))
    assert next(f for f in flows.flows(shop.desk, actor=shop.ana) if f.id == shop.flow).members == 4


@pytest.mark.parametrize("login", ["rui", "davi"])
def test_p5_the_default_assignee_can_work_in_the_flow(shop: Shop, login: str) -> None:
    assert refused(shop, replace(plan_of(shop), default_assignee=login)) == "cannot work"


def test_p5_names_are_one_whatever_case_and_accents(shop: Shop) -> None:
    assert refused(shop, flows.new_plan("pt", "ELÓGIOS")) == "name taken"


def test_p3_tickets_of_who_leaves_a_flow_do_not_stay_out_of_everybodys_hands(shop: Shop, started: int) -> None:
    plan = plan_of(shop)
    assert view(shop, started).row.assignee == "bia"
    saved = save(
        shop, replace(plan, members=tuple(m for m in plan.members if m.name != "bia"), default_assignee="caio")
    )
    assert view(shop, started).row.assignee == "caio"
    assert view(shop, started).entries[-1].kind == "assigned"
    assert ("open tickets of bia", "bia (1)", "caio (1)") in {(d.field, d.old, d.new) for d in saved.changes}


def test_p8_phases_and_lines_of_other_flows_are_refused(shop: Shop) -> None:
    plan, other = plan_of(shop), plan_of(shop, shop.other_flow)
    foreign = replace(other.phases[0], name="Alheia")
    assert refused(shop, replace(plan, phases=(*plan.phases, foreign))) == "no phase"
    assert refused(shop, with_items(plan, "Solução", other.phases[1].items[0])) == "no such item"
    copied = save(shop, replace(plan, id=None, name="Cópia"))
    assert [p.name for p in plan_of(shop, copied.id).phases] == [p.name for p in plan.phases]
    assert plan_of(shop) == plan, "a copy takes nothing from the flow that it was made of"


# ── Which answers come in (I5), and how tickets are born ──


def test_i5_the_first_flow_in_the_admins_order_takes_the_answer(shop: Shop) -> None:
    third = found(shop.desk, "SP", {"bia": Role.AGENT}, attributes=(("uf", ("sao paulo",)),), keywords=("Atrás*",))
    born = lambda comment="atrasou", uf="São Paulo", **more: view(  # noqa: E731
        shop, shop.answer(comment=comment, attributes=(("UF", uf),), **more) or 0
    ).flow.id  # fmt: skip
    assert born() == shop.flow, "it stands behind"
    assert isinstance(flows.reorder(shop.desk, [third], actor=shop.ana), Saved)
    assert [f.id for f in flows.flows(shop.desk, actor=shop.ana)] == [third, shop.flow, shop.other_flow]
    assert born(comment="de novo atrasado") == third
    assert born(comment="atrás", uf="SAO PAULO") == third
    assert born(comment="veio errado") == shop.flow
    assert born(comment="atrasou em RJ", uf="RJ") == shop.flow
    flows.activate(shop.desk, third, on=False, actor=shop.ana)
    assert born(comment="atrasou outra vez") == shop.flow
    assert third not in {f.id for f in flows.flows(shop.desk, actor=shop.ana)}
    assert third in {f.id for f in flows.flows(shop.desk, actor=shop.ana, inactive=True)}


def test_i5_only_who_may_edit_all_flows_orders_them(shop: Shop) -> None:
    assert isinstance(flows.reorder(shop.desk, [shop.other_flow, shop.flow], actor=shop.caio), Refusal)
    assert isinstance(flows.reorder(shop.desk, [999], actor=shop.ana), Refusal)


def test_i5_score_and_period_and_the_period_is_the_lists_first_filter(shop: Shop) -> None:
    now, day = shop.clock.now, 86_400_000
    plan = plan_of(shop)
    start, end = now // day * day, now // day * day + day
    save(shop, replace(plan, intake=IntakePlan(score_to=3, answered_from=start, answered_until=end)))
    assert flows.period(shop.desk, shop.flow, actor=shop.bia) == (start, end)
    inside = shop.answer(score=3, comment="hoje")
    assert view(shop, inside or 0).flow.id == shop.flow
    assert view(shop, shop.answer(score=4, comment="quatro") or 0).flow.id == shop.other_flow
    shop.clock.now = end
    assert view(shop, shop.answer(score=3, comment="amanhã") or 0).flow.id == shop.other_flow
    from domain.query import within_days

    everything = View(tab=None, query="")
    seen = queue.page(shop.desk, replace(everything, query=within_days("created", start, end)), actor=shop.ana)
    assert len(seen.rows) == 2
    assert len(queue.page(shop.desk, everything, actor=shop.ana).rows) == 3
    after = queue.page(shop.desk, replace(everything, query=f"-{within_days('created', start, end)}"), actor=shop.ana)
    assert [r.subject for r in after.rows] == ["amanhã"]


def test_i4_a_flow_may_start_customers_who_are_reachable_by_phone(shop: Shop) -> None:
    with_phone = shop.answer(email="", phone="+5584999990000", name="Zé")
    without = shop.answer(email="", customer_id="c-9", name="Lia", comment="nem telefone")
    assert tickets.start(shop.desk, [with_phone, without], actor=shop.bia).done == ()  # type: ignore[list-item]
    save(shop, replace(plan_of(shop), reachable_by_phone=True))
    assert view(shop, with_phone or 0).can["start"] is None
    assert tickets.start(shop.desk, [with_phone, without], actor=shop.bia).done == (with_phone,)  # type: ignore[list-item]


def test_the_counts_of_the_list_of_flows_are_those_of_the_lists(shop: Shop, started: int) -> None:
    shop.answer(comment="outro")
    (row,) = (f for f in flows.flows(shop.desk, actor=shop.bia) if f.id == shop.flow)
    assert (row.open, row.progress, row.closed) == (1, 1, 0)
    assert row.members == 3
    assert isinstance(row.may_edit, Refusal)
