"""Up to ten activities, each with its own responsible (T7)."""

import threading
from concurrent.futures import ThreadPoolExecutor

from domain.people import Actor
from domain.tickets import MOST_ACTIVITIES
from loop import activities, merging
from tests.loop.caring import category, history, run, seen
from tests.loop.conftest import Shop


def test_t7_an_activity_has_name_type_category_and_a_responsible_of_its_own(shop: Shop, started: int) -> None:
    parent = category(shop, "Entrega")
    late = category(shop, "Atraso", parent)
    done = activities.add(
        shop.desk, started, " Ligar para\na loja ", type="ligação", category=late, responsible="caio", actor=shop.bia
    )
    assert done.done == (started,)
    (one,) = seen(shop, started).activities
    assert (one.name, one.type, one.category, one.category_id, one.responsible, one.done) == (
        "Ligar para a loja", "ligação", "Entrega / Atraso", late, "caio", None,
    )  # fmt: skip
    assert seen(shop, started).row.assignee == "bia", "the ticket's assignee is another matter"
    kind, who, data = history(shop, started)[-1]
    assert (kind, who, data["text"], data["responsible"]) == ("activity added", "bia", "Ligar para a loja", "caio")


def test_t7_the_responsible_finishes_it_and_it_can_be_taken_back(shop: Shop, started: int) -> None:
    activities.add(shop.desk, started, "Ligar", responsible="caio", actor=shop.bia)
    (one,) = seen(shop, started).activities
    for on in (True, True, False, False):
        assert activities.finish(shop.desk, one.id, on=on, actor=shop.caio).done == (started,)
        assert (seen(shop, started).activities[0].done is not None) == on
    kinds = [(kind, who) for kind, who, __ in history(shop, started)][-2:]
    assert kinds == [("activity done", "caio"), ("activity undone", "caio")], "twice the same is one event"


def test_t7_a_change_says_which_fields_with_old_and_new(shop: Shop, started: int) -> None:
    activities.add(shop.desk, started, "Ligar", type="ligação", responsible="caio", actor=shop.bia)
    (one,) = seen(shop, started).activities
    assert activities.change(
        shop.desk, one.id, {"name": "Ligar", "type": "visita", "responsible": None}, actor=shop.bia
    ).done
    kind, __, data = history(shop, started)[-1]
    assert (kind, data["fields"], data["old"], data["new"]) == (
        "activity changed",
        ["type", "responsible"],
        "ligação · caio",
        "visita · —",
    )
    before = history(shop, started)
    assert activities.change(shop.desk, one.id, {"type": "visita", "responsible": ""}, actor=shop.bia).done
    assert history(shop, started) == before, "nothing changed, no event"


def test_t7_what_an_activity_has_stays_although_it_is_not_given_any_more(shop: Shop, started: int) -> None:
    """A retired category or somebody who left does not stand in the way of a new name."""
    old = category(shop, "Antiga")
    activities.add(shop.desk, started, "Ligar", category=old, responsible="caio", actor=shop.bia)
    (one,) = seen(shop, started).activities
    run(shop, "UPDATE categories SET retired_at = 1 WHERE id = :id", id=old)
    run(shop, "UPDATE users SET active = :no WHERE login = 'caio'", no=False)
    same = {"name": "Ligar já", "category": old, "responsible": "caio"}
    assert activities.change(shop.desk, one.id, same, actor=shop.bia).done
    again = activities.add(shop.desk, started, "Outra", category=old, actor=shop.bia)
    assert again.why.code == "no category"


def test_t7_ten_are_the_most_and_a_removed_one_makes_room(shop: Shop, started: int) -> None:
    for i in range(MOST_ACTIVITIES):
        assert activities.add(shop.desk, started, f"Passo {i}", actor=shop.bia).done
    why = activities.add(shop.desk, started, "Mais uma", actor=shop.bia).why
    assert why.code == "too many activities" and "10" in str(why)
    first = seen(shop, started).activities[0]
    assert activities.remove(shop.desk, first.id, actor=shop.bia).done
    assert history(shop, started)[-1][2]["text"] == "Passo 0", "the timeline keeps what it was (T8)"
    assert activities.add(shop.desk, started, "Mais uma", actor=shop.bia).done
    assert [a.name for a in seen(shop, started).activities][-1] == "Mais uma"


def test_t7_the_responsible_is_a_member_who_may_work(shop: Shop, started: int) -> None:
    why = lambda login: activities.add(shop.desk, started, "x", responsible=login, actor=shop.bia).why.code  # noqa: E731
    assert (why("rui"), why("davi"), why("zeca")) == ("analysts read", "not a member", "no user")
    assert activities.add(shop.desk, started, "  ", actor=shop.bia).why.code == "no activity name"
    assert activities.add(shop.desk, started, "x" * 121, actor=shop.bia).why.code == "too long"


def test_p3_and_p4_rights_are_the_tickets(shop: Shop, started: int) -> None:
    other = shop.answer(name="João", email="joao@clientes.example")
    activities.add(shop.desk, started, "Ligar", actor=shop.bia)
    (one,) = seen(shop, started).activities
    for who, code in ((shop.rui, "analysts read"), (shop.davi, "no activity")):
        for done in (
            activities.finish(shop.desk, one.id, actor=who),
            activities.change(shop.desk, one.id, {"name": "x"}, actor=who),
            activities.remove(shop.desk, one.id, actor=who),
        ):
            assert done.why.code == code
    assert activities.finish(shop.desk, 9999, actor=shop.bia).why.code == "no activity"
    assert activities.add(shop.desk, started, "x", actor=shop.davi).why.code == "no ticket"
    merging.merge(shop.desk, [started], other, actor=shop.bia)
    assert activities.finish(shop.desk, one.id, actor=shop.bia).why.code == "merged"


def test_n2_a_new_responsible_is_told_and_who_does_it_for_themselves_is_not(shop: Shop, started: int) -> None:
    activities.add(shop.desk, started, "Ligar", responsible="caio", actor=shop.bia)
    activities.add(shop.desk, started, "Ver", responsible="bia", actor=shop.bia)
    (one, __) = seen(shop, started).activities
    activities.change(shop.desk, one.id, {"responsible": "ana"}, actor=shop.bia)
    activities.change(shop.desk, one.id, {"type": "visita"}, actor=shop.bia)
    told = "SELECT u.login FROM notifications n JOIN users u ON u.id = n.user_id WHERE n.ticket = :n ORDER BY n.id"
    assert [r[0] for r in shop.desk.db.rows(told, {"n": started})] == ["caio", "ana"]


def test_t7_the_tenth_is_one_persons_even_when_two_add_it_at_once(shop: Shop, started: int) -> None:
    for i in range(MOST_ACTIVITIES - 1):
        activities.add(shop.desk, started, f"Passo {i}", actor=shop.bia)
    actors, gate = [shop.bia, shop.caio, shop.ana], threading.Barrier(3)

    def add(actor: Actor) -> bool:
        gate.wait(60)
        return bool(activities.add(shop.desk, started, f"De {actor.login}", actor=actor).done)

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(add, actors)) == [False, False, True]
    assert len(seen(shop, started).activities) == MOST_ACTIVITIES
