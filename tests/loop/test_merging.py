"""Duplicates are merged and come apart again as they were (Q7, M7, P3)."""

from domain.flows import Status
from loop import editing, merging, notes, queue, tickets, transfers
from loop.matching import survivor
from loop.views import View
from tests.loop.caring import both_flows, history, run, seen
from tests.loop.conftest import Shop


def three(shop: Shop) -> tuple[int, int, int]:
    made = [shop.answer(comment=f"Caixa {i}", name="Marina", email="marina@x.example") for i in range(3)]
    assert all(made)
    return made[0], made[1], made[2]


def test_q7_a_merged_ticket_leaves_the_lists_and_both_say_so(shop: Shop) -> None:
    a, b, c = three(shop)
    assert merging.merge(shop.desk, [a], b, actor=shop.bia).done == (a,)
    assert [r.number for r in queue.page(shop.desk, View(), actor=shop.bia).rows] == [b, c]
    assert queue.counts(shop.desk, View(), actor=shop.bia).all == 2
    assert history(shop, a)[-1] == ("merged", "bia", {"into": b, "archived": False})
    assert history(shop, b)[-1] == ("took in", "bia", {"number": a})
    view = seen(shop, a)
    assert (view.merged_into, view.can["edit"].code, view.can["unmerge"]) == (b, "merged", None)
    for done in (
        tickets.start(shop.desk, [a], actor=shop.bia),
        editing.set_subject(shop.desk, [a], "x", actor=shop.bia),
        merging.merge(shop.desk, [a], c, actor=shop.bia),
    ):
        assert done.why.code == "merged" and f"#{b}" in str(done.why)


def test_q7_unmerging_brings_it_back_with_its_state(shop: Shop) -> None:
    a, b, __ = three(shop)
    tickets.start(shop.desk, [a], actor=shop.bia, take=True)
    run(shop, "UPDATE tickets SET archived = :yes WHERE number = :n", yes=True, n=a)
    before = seen(shop, a)
    merging.merge(shop.desk, [a], b, actor=shop.bia)
    assert merging.unmerge(shop.desk, [b], actor=shop.bia).why.code == "not merged"
    assert merging.unmerge(shop.desk, [a], actor=shop.caio).done == (a,)
    after = seen(shop, a)
    assert (after.row, after.merged_into) == (before.row, None)
    assert shop.desk.db.rows("SELECT archived FROM tickets WHERE number = :n", {"n": a})[0][0], (
        "as it was archived before"
    )
    assert history(shop, a)[-1][0] == history(shop, b)[-1][0] == "unmerged"
    assert seen(shop, a).row.status is Status.PROGRESS


def test_q7_a_chain_is_one_step_and_comes_apart_in_any_order(shop: Shop) -> None:
    a, b, c = three(shop)
    merging.merge(shop.desk, [a], b, actor=shop.bia)
    merging.merge(shop.desk, [b], c, actor=shop.bia)
    assert (seen(shop, a).merged_into, seen(shop, b).merged_into) == (c, c)
    merging.unmerge(shop.desk, [b], actor=shop.bia)
    assert (seen(shop, a).merged_into, seen(shop, b).merged_into) == (b, None), "what was merged into it comes with it"
    merging.unmerge(shop.desk, [a], actor=shop.bia)
    assert queue.counts(shop.desk, View(), actor=shop.bia).all == 3


def test_q7_merging_into_a_merged_one_goes_to_its_survivor_and_never_in_a_circle(shop: Shop) -> None:
    a, b, c = three(shop)
    merging.merge(shop.desk, [a], b, actor=shop.bia)
    assert merging.merge(shop.desk, [c], a, actor=shop.bia).done
    assert seen(shop, c).merged_into == b
    assert merging.merge(shop.desk, [b], a, actor=shop.bia).why.code == "merge itself"
    assert merging.merge(shop.desk, [b], b, actor=shop.bia).why.code == "merge itself"
    with shop.desk.db.write() as work:
        assert [survivor(work, n) for n in (a, b, c)] == [b, b, b], "where later replies land (M7)"


def test_q7_a_whole_selection_is_merged_into_one_of_it(shop: Shop) -> None:
    """Q4: the one that goes on is refused, as it is the same ticket, and does not hold up the others."""
    a, b, c = three(shop)
    done = merging.merge(shop.desk, [a, b, c], b, actor=shop.bia)
    assert (done.done, [(r.number, r.why.code) for r in done.refused]) == ((a, c), [(b, "merge itself")])


def test_q2_a_customer_who_waits_on_the_merged_ticket_waits_on_the_survivor(shop: Shop) -> None:
    a, b, __ = three(shop)
    run(shop, "UPDATE tickets SET unanswered = :yes, last_in_at = 77 WHERE number = :n", yes=True, n=a)
    merging.merge(shop.desk, [a], b, actor=shop.bia)
    assert (seen(shop, b).row.unanswered, seen(shop, b).row.last_in) == (True, 77)
    assert queue.counts(shop.desk, View(), actor=shop.bia).unanswered == 1


def test_p3_and_p4_merging_wants_work_on_both(shop: Shop) -> None:
    a, b, c = three(shop)
    transfers.transfer(shop.desk, [c], shop.other_flow, None, actor=shop.ana)
    assert merging.merge(shop.desk, [a], c, actor=shop.bia).why.code == "no ticket"
    assert merging.merge(shop.desk, [a], 9999, actor=shop.bia).why.code == "no ticket"
    assert merging.merge(shop.desk, [a], b, actor=shop.rui).why.code == "analysts read"
    assert merging.merge(shop.desk, [a], b, actor=shop.davi).why.code == "no ticket"
    both = both_flows(shop)
    assert merging.merge(shop.desk, [a], c, actor=both).done
    assert merging.unmerge(shop.desk, [a], actor=shop.caio).why.code == "no ticket", "its survivor is out of sight"
    assert merging.unmerge(shop.desk, [a], actor=both).done


def test_t8_the_merged_tickets_own_timeline_stays(shop: Shop) -> None:
    a, b, __ = three(shop)
    notes.add(shop.desk, [a], "liguei", actor=shop.bia)
    merging.merge(shop.desk, [a], b, actor=shop.bia)
    assert [e.kind for e in seen(shop, a, shop.bia).entries] == ["opened", "note", "merged"]
