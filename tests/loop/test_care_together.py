"""A ticket's care by several at once, on both databases: nothing twice, no circle, nobody lost."""

from domain.flows import Status
from loop import byhand, customers, editing, merging, queue, transfers
from loop.views import View
from tests.loop.caring import both_flows, history, seen
from tests.loop.conftest import Shop
from tests.loop.test_together import together


def test_q7_two_tickets_merged_into_each_other_make_no_circle(shop: Shop) -> None:
    numbers = [shop.answer(comment=f"Caixa {i}") for i in range(4)]
    bia, caio = shop.bia, shop.caio
    together(
        lambda: merging.merge(shop.desk, numbers, numbers[0], actor=bia),
        lambda: merging.merge(shop.desk, numbers[::-1], numbers[3], actor=caio),
    )
    left = [r.number for r in queue.page(shop.desk, View(), actor=bia).rows]
    assert len(left) == 1
    assert {seen(shop, n).merged_into for n in numbers if n not in left} == {left[0]}


def test_i1_two_customers_merged_into_each_other_make_no_circle(shop: Shop) -> None:
    pair = [shop.answer(comment="x", name=n, email=f"{n}@x.example") for n in ("ana", "bia")]
    a, b = (seen(shop, n).customer.id for n in pair)
    bia, caio = shop.bia, shop.caio
    results = together(
        lambda: customers.merge(shop.desk, a, b, actor=bia), lambda: customers.merge(shop.desk, b, a, actor=caio)
    )
    assert sorted(getattr(r, "code", "") for r in results) == ["", "merge customer itself"]
    assert len({seen(shop, n).customer.id for n in pair}) == 1


def test_i1_opened_by_hand_for_one_new_customer_at_once_is_one_customer(shop: Shop) -> None:
    bia, caio = shop.bia, shop.caio
    made = together(
        *[
            lambda who=who: byhand.open_by_hand(
                shop.desk, flow_id=shop.flow, subject="Ligou", name="Ivo", email="ivo@x.example", actor=who
            )
            for who in (bia, caio, bia)
        ]
    )
    assert len(set(made)) == 3 and len({seen(shop, n).customer.id for n in made}) == 1


def test_t5_edits_of_one_ticket_at_once_are_all_in_the_timeline(shop: Shop, started: int) -> None:
    bia, caio = both_flows(shop), shop.caio
    together(
        lambda: editing.tag(shop.desk, [started], ["um", "dois"], actor=bia),
        lambda: editing.tag(shop.desk, [started], ["dois", "três"], actor=caio),
        lambda: editing.set_subject(shop.desk, [started], "Outro", actor=caio),
        lambda: transfers.transfer(shop.desk, [started], shop.other_flow, None, actor=bia),
    )
    view = seen(shop, started)
    assert (view.row.flow, view.row.status) == ("Elogios", Status.PROGRESS)
    assert sorted(e for kind, __, data in history(shop, started) if kind == "tags" for e in data["added"]) == sorted(
        view.tags
    ), "each tag was added once, and is there"
