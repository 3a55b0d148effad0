"""Verbs on tickets, on both databases."""

from domain.flows import Status
from domain.tickets import Priority
from loop import notes, queue, reading, tickets
from loop.views import View
from tests.loop.conftest import Events, Shop


def items(shop: Shop, number: int, phase: int = 1) -> list[int]:
    return [i.id for i in reading.ticket(shop.desk, number, actor=shop.ana).flow.phases[phase].items]


def test_t2_start_enters_the_first_phase_in_progress_once_and_is_recorded(
    shop: Shop, ticket: int, events: Events
) -> None:
    assert tickets.start(shop.desk, [ticket], actor=shop.bia).done == (ticket,)
    view = reading.ticket(shop.desk, ticket, actor=shop.bia)
    assert (view.row.phase, view.row.status, view.started, view.row.assignee) == (
        "Contato",
        Status.PROGRESS,
        shop.clock.now,
        "",
    )
    assert tickets.start(shop.desk, [ticket], actor=shop.bia).why.code == "already started"
    assert events(ticket) == [("opened", "—"), ("started", "bia")]


def test_i4_a_ticket_without_email_cannot_be_started(shop: Shop) -> None:
    number = shop.answer(name="Sem e-mail", email="", phone="+5511987654321")
    assert number
    assert tickets.start(shop.desk, [number], actor=shop.bia).why.code == "no e-mail"


def test_t3_and_t4_assignee_and_priority_change_only_on_started_tickets(
    shop: Shop, ticket: int, events: Events
) -> None:
    assert tickets.assign(shop.desk, [ticket], "bia", actor=shop.bia).why.code == "not started"
    assert tickets.prioritise(shop.desk, [ticket], Priority.HIGH, actor=shop.bia).why.code == "not started"
    tickets.start(shop.desk, [ticket], actor=shop.bia)
    assert tickets.assign(shop.desk, [ticket], "caio", actor=shop.bia).done == (ticket,)
    assert tickets.prioritise(shop.desk, [ticket], Priority.HIGH, actor=shop.bia).done == (ticket,)
    assert tickets.assign(shop.desk, [ticket], "davi", actor=shop.bia).why.code == "not a member"
    assert tickets.assign(shop.desk, [ticket], "ninguém", actor=shop.bia).why.code == "no user"
    assert tickets.assign(shop.desk, [ticket], None, actor=shop.bia).done == (ticket,)
    assert [kind for kind, __ in events(ticket)] == ["opened", "started", "assigned", "priority", "assigned"]


def test_p7_a_mandatory_checklist_holds_and_names_what_is_missing(shop: Shop, started: int) -> None:
    first, second = items(shop, started)
    why = tickets.move(shop.desk, [started], "Solução", actor=shop.bia).why
    assert why.code == "checklist" and "Ler a resposta, Falar com o cliente" in str(why)
    assert tickets.close(shop.desk, [started], resolution="feito", actor=shop.bia).why.code == "checklist"
    tickets.tick(shop.desk, started, first, actor=shop.bia)
    assert "Falar com o cliente" in str(tickets.move(shop.desk, [started], "Solução", actor=shop.bia).why)
    tickets.tick(shop.desk, started, second, actor=shop.bia)
    assert tickets.move(shop.desk, [started], "solu", actor=shop.bia).done == (started,)
    tickets.tick(shop.desk, started, first, on=False, actor=shop.bia)
    assert tickets.move(shop.desk, [started], "Contato", actor=shop.bia).done == (started,), (
        "going back is always allowed (P6)"
    )
    assert tickets.move(shop.desk, [started], "Solução", actor=shop.bia).why.code == "checklist"


def test_p8_a_tick_keeps_who_and_when(shop: Shop, started: int) -> None:
    item = items(shop, started)[0]
    tickets.tick(shop.desk, started, item, actor=shop.caio)
    tickets.tick(shop.desk, started, item, actor=shop.bia)
    (tick,) = reading.ticket(shop.desk, started, actor=shop.bia).ticks
    assert (tick.by, tick.at) == ("caio", shop.clock.now)


def test_t6_closing_asks_for_a_resolution(shop: Shop, started: int, events: Events) -> None:
    for item in items(shop, started):
        tickets.tick(shop.desk, started, item, actor=shop.bia)
    assert tickets.close(shop.desk, [started], resolution="  ", actor=shop.bia).why.code == "resolution"
    assert tickets.move(shop.desk, [started], "Resolvido", actor=shop.bia).why.code == "resolution"
    assert tickets.close(shop.desk, [started], resolution="Trocado", outcome="contente", actor=shop.bia).done == (
        started,
    )
    view = reading.ticket(shop.desk, started, actor=shop.bia)
    assert (view.row.status, view.resolution, view.outcome, view.closed) == (
        Status.CLOSED,
        "Trocado",
        "contente",
        shop.clock.now,
    )
    assert events(started)[-1] == ("closed", "bia")


def test_t2_a_pending_ticket_leaves_only_by_being_started(shop: Shop, ticket: int) -> None:
    assert tickets.move(shop.desk, [ticket], "Contato", actor=shop.bia).why.code == "starting is an act"
    assert tickets.close(shop.desk, [ticket], resolution="x", actor=shop.bia).why.code == "starting is an act"


def test_p3_who_is_not_a_member_neither_sees_nor_works(shop: Shop, started: int) -> None:
    assert queue.counts(shop.desk, View(), actor=shop.davi).all == 0
    assert queue.page(shop.desk, View(), actor=shop.davi).rows == ()
    assert queue.rows(shop.desk, [started], actor=shop.davi) == ()
    assert reading.ticket(shop.desk, started, actor=shop.davi).code == "no ticket"
    assert reading.timeline(shop.desk, started, actor=shop.davi) == ()
    assert queue.counts(shop.desk, View(flow=shop.flow, query="Marina"), actor=shop.davi).all == 0
    for done in (
        tickets.start(shop.desk, [started], actor=shop.davi),
        tickets.move(shop.desk, [started], "Solução", actor=shop.davi),
        notes.add(shop.desk, [started], "oi", actor=shop.davi),
        tickets.tick(shop.desk, started, items(shop, started)[0], actor=shop.davi),
    ):
        assert done.why.code == "no ticket"
    assert queue.counts(shop.desk, View(), actor=shop.ana).all == 1, "the owner sees all"


def test_p4_analysts_read_and_change_nothing_but_their_notes(shop: Shop, started: int) -> None:
    assert queue.counts(shop.desk, View(), actor=shop.rui).all == 1
    assert tickets.move(shop.desk, [started], "Solução", actor=shop.rui).why.code == "analysts read"
    assert notes.add(shop.desk, [started], "vi isto antes", actor=shop.rui).done == (started,)


def test_n1_a_note_is_seen_by_author_assignee_and_followers_only(shop: Shop, started: int) -> None:
    notes.add(shop.desk, [started], "segredo de rui", actor=shop.rui)

    def sees(login: str) -> bool:
        return any(e.text == "segredo de rui" for e in reading.timeline(shop.desk, started, actor=getattr(shop, login)))

    assert sees("rui") and sees("bia") and not sees("caio")


def test_q4_a_set_is_done_one_by_one_and_says_who_was_refused(shop: Shop, ticket: int) -> None:
    other = shop.answer(name="João", email="joao@clientes.example")
    phone_only = shop.answer(name="Zé", email="", phone="+5511912345678")
    assert other and phone_only
    done = tickets.start(shop.desk, [ticket, other, phone_only, 999_999], actor=shop.bia)
    assert done.done == (ticket, other)
    assert [(r.number, r.why.code) for r in done.refused] == [(phone_only, "no e-mail"), (999_999, "no ticket")]


def test_d1_to_d3_metrics(shop: Shop, ticket: int) -> None:
    none = queue.metrics(shop.desk, View(), actor=shop.bia)
    assert (none.completion, none.to_start, none.to_close) == (0.0, None, None)
    shop.clock.now += 3_600_000
    tickets.start(shop.desk, [ticket], actor=shop.bia, take=True)
    for item in items(shop, ticket):
        tickets.tick(shop.desk, ticket, item, actor=shop.bia)
    shop.clock.now += 3_600_000
    tickets.close(shop.desk, [ticket], resolution="ok", actor=shop.bia)
    shop.answer(name="Rita", email="rita@clientes.example")
    found = queue.metrics(shop.desk, View(), actor=shop.bia)
    assert (found.completion, found.to_start, found.to_close, found.closed_a_day) == (
        50.0,
        3_600_000.0,
        7_200_000.0,
        1 / 7,
    )
