"""Moving a ticket to another flow names the phase, and holds what moving holds (I7, P3, P4, P7, T2, T6)."""

from domain.flows import Status
from loop import activities, queue, tickets, transfers
from loop.views import View
from tests.loop.caring import both_flows, history, run, seen
from tests.loop.conftest import Shop


def tick_all(shop: Shop, number: int) -> None:
    view = seen(shop, number)
    for item in view.flow.phase(view.phase_id).items:
        tickets.tick(shop.desk, number, item.id, actor=shop.ana)


def test_i7_a_ticket_moves_to_the_first_phase_of_its_status_and_out_of_the_first_flows_sight(
    shop: Shop, started: int
) -> None:
    bia = both_flows(shop)
    assert transfers.transfer(shop.desk, [started], shop.other_flow, None, actor=bia).done == (started,)
    view = seen(shop, started, shop.davi)
    assert (view.row.flow, view.row.phase, view.row.status) == ("Elogios", "Contato", Status.PROGRESS)
    assert view.row.assignee == "bia", "she works in both"
    assert history(shop, started)[-1] == (
        "transferred",
        "bia",
        {
            "old": "Detratores · Contato",
            "new": "Elogios · Contato",
            "old_flow": shop.flow,
            "new_flow": shop.other_flow,
        },
    )
    assert queue.rows(shop.desk, [started], actor=shop.caio) == (), (
        "members of the old flow do not see it any more (P3)"
    )
    assert queue.counts(shop.desk, View(), actor=shop.davi).progress == 1


def test_p3_and_p4_only_who_works_in_both_moves_it(shop: Shop, ticket: int) -> None:
    why = lambda who: transfers.transfer(shop.desk, [ticket], shop.other_flow, None, actor=who).why.code  # noqa: E731
    assert why(shop.bia) == "no flow", "a flow out of sight is as if it were not there"
    assert why(shop.rui) == "analysts read"
    assert why(shop.davi) == "no ticket"
    assert why(both_flows(shop, role="analyst")) == "analysts read"
    assert seen(shop, ticket, shop.bia).can["transfer"].code == "no other flow"
    assert seen(shop, ticket, both_flows(shop, "caio")).can["transfer"] is None
    assert len(history(shop, ticket)) == 1


def test_i7_the_phase_is_named_and_must_be_one_of_that_flow(shop: Shop, started: int) -> None:
    bia = both_flows(shop)
    assert transfers.transfer(shop.desk, [started], shop.other_flow, "Nada", actor=bia).why.code == "no phase"
    assert transfers.transfer(shop.desk, [started], shop.other_flow, 99_999, actor=bia).why.code == "no phase"
    assert transfers.transfer(shop.desk, [started], shop.flow, None, actor=bia).why.code == "same flow"
    run(shop, "UPDATE flows SET active = :no WHERE id = :f", no=False, f=shop.other_flow)
    assert transfers.transfer(shop.desk, [started], shop.other_flow, None, actor=bia).why.code == "no flow"


def test_t2_a_pending_ticket_stays_pending_unless_it_is_started(shop: Shop, ticket: int) -> None:
    bia = both_flows(shop)
    no = transfers.transfer(shop.desk, [ticket], shop.other_flow, "Solução", actor=bia)
    assert no.why.code == "starting is an act"
    assert transfers.transfer(shop.desk, [ticket], shop.other_flow, None, actor=bia).done
    assert (seen(shop, ticket).row.status, seen(shop, ticket).started) == (Status.PENDING, None)


def test_p7_and_t6_closing_by_a_transfer_wants_the_checklist_and_a_resolution(shop: Shop, started: int) -> None:
    bia = both_flows(shop)
    close = lambda said: transfers.transfer(  # noqa: E731
        shop.desk, [started], shop.other_flow, "Resolvido", actor=bia, resolution=said
    )
    why = close("Trocado").why
    assert why.code == "checklist" and "Falar com o cliente" in str(why)
    tick_all(shop, started)
    assert close(" ").why.code == "resolution"
    assert close("Trocado").done
    view = seen(shop, started)
    assert (view.row.status, view.resolution, view.closed) == (Status.CLOSED, "Trocado", shop.clock.now)
    assert transfers.transfer(shop.desk, [started], shop.flow, "Contato", actor=bia).done, (
        "going back is always allowed"
    )
    assert seen(shop, started).closed is None


def test_i7_who_cannot_work_there_is_replaced_by_the_flows_default_or_nobody(shop: Shop, started: int) -> None:
    assert transfers.transfer(shop.desk, [started], shop.other_flow, None, actor=shop.ana).done
    assert seen(shop, started).row.assignee == ""
    data = history(shop, started)[-1][2]
    assert (data["old_assignee"], data["new_assignee"]) == ("bia", "")
    assert transfers.transfer(shop.desk, [started], shop.flow, None, actor=shop.ana).done
    tickets.assign(shop.desk, [started], "bia", actor=shop.ana)
    davi = shop.davi.id
    run(shop, "UPDATE flows SET default_assignee_id = :u WHERE id = :f", u=davi, f=shop.other_flow)
    assert transfers.transfer(shop.desk, [started], shop.other_flow, None, actor=shop.ana).done
    assert seen(shop, started).row.assignee == "davi"


def test_n2_who_is_given_the_ticket_by_it_is_told(shop: Shop, started: int) -> None:
    run(shop, "UPDATE flows SET default_assignee_id = :u WHERE id = :f", u=shop.davi.id, f=shop.other_flow)
    transfers.transfer(shop.desk, [started], shop.other_flow, None, actor=shop.ana)
    told = "SELECT u.login, n.kind FROM notifications n JOIN users u ON u.id = n.user_id WHERE n.ticket = :n"
    assert list(shop.desk.db.rows(told, {"n": started})) == [("davi", "assigned")]


def test_i7_open_activities_of_who_cannot_work_there_are_nobodys(shop: Shop, started: int) -> None:
    for name, who in (("a", "bia"), ("b", "caio"), ("c", "caio")):
        activities.add(shop.desk, started, name, responsible=who, actor=shop.ana)
    bia = both_flows(shop)
    activities.finish(shop.desk, seen(shop, started).activities[2].id, actor=bia)
    transfers.transfer(shop.desk, [started], shop.other_flow, None, actor=bia)
    assert [a.responsible for a in seen(shop, started).activities] == ["bia", "", "caio"], "done ones stay as they were"
    assert history(shop, started)[-1][2]["activities_freed"] == 1
