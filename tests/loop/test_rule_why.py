"""Why a ticket has what it has is read from what happened to it (A6)."""

from dataclasses import dataclass

from domain.people import AUTOPILOT
from domain.refusals import Refusal
from domain.tickets import Priority
from loop import editing, reading, tickets, transfers
from loop.byhand import open_by_hand
from loop.rule_views import Because
from loop.rule_why import FIELDS, field_name, why
from loop.timeline import record
from loop.views import TicketView
from tests.loop.conftest import Shop
from tests.loop.mailing import Post, mail
from tests.loop.ruled import hit, newest, rule_set


@dataclass
class Told:
    shop: Shop
    number: int

    def __getitem__(self, field: str) -> Because:
        return self.all(field)[0]

    def all(self, field: str) -> list[Because]:
        found = why(self.shop.desk, self.number, actor=self.shop.ana)
        assert not isinstance(found, Refusal)
        return [one for one in found if one.field == field]


def test_a6_what_nobody_set_is_the_flows(shop: Shop, ticket: int) -> None:
    told = Told(shop, ticket)
    assert (told["ticket"].by, told["ticket"].who, told["ticket"].value) == (
        "flow",
        "Detratores",
        "an answer to Pós-compra",
    )
    for field, value in (("flow", "Detratores"), ("phase", "Novo"), ("priority", "medium")):
        assert (told[field].value, told[field].by, told[field].who) == (value, "flow", "Detratores")
    assert told["due"].by == "flow" and told["due"].value
    assert told.all("assignee") == told.all("tag") == [], "nobody has it, and nothing is told of that"


def test_a6_a_rule_is_named_with_the_conditions_that_held(shop: Shop, ticket: int) -> None:
    rule = rule_set(shop, name="Atrasos")
    because = {"says": ["atras*"], "class": "detractor"}
    hit(shop, rule, newest(shop), ticket=ticket, mail="", **because)
    of = {"actor": AUTOPILOT, "at": shop.clock.now, "rule": rule, "rule_name": "as it was called"}
    with shop.desk.db.write() as work:
        tag = work.rows("INSERT INTO tags (name) VALUES ('atraso') RETURNING id")[0][0]
        work.run("INSERT INTO ticket_tags (ticket, tag_id) VALUES (:n, :g)", {"n": ticket, "g": tag})
        work.run("UPDATE tickets SET priority = 1", {})
        record(work, ticket, "priority", old="medium", new="high", **of)
        record(work, ticket, "tags", added=["atraso"], removed=[], **of)
    told = Told(shop, ticket)
    for field, value in (("priority", "high"), ("tag", "atraso")):
        one = told[field]
        assert (one.value, one.by, one.who, one.at) == (value, "rule", "Atrasos", shop.clock.now)
        assert any("atras*" in clause for clause in one.because) and len(one.because) == 2


def test_a6_each_category_is_told_with_its_own_words(shop: Shop, ticket: int) -> None:
    """A set that sorts by the words of categories gives several at once; none of their words is why another is there."""
    rule = rule_set(shop, name="Sorts")
    worded = {"Prazo": ["atras*"], "Produto": ["quebr*", "veio outro"]}
    hit(shop, rule, newest(shop), ticket=ticket, mail="", says=["cancel*"], worded=worded)
    of = {"actor": AUTOPILOT, "at": shop.clock.now, "rule": rule, "rule_name": "Sorts"}
    with shop.desk.db.write() as work:
        for name in worded:
            id = work.rows("INSERT INTO categories (name, words) VALUES (:n, '[]') RETURNING id", {"n": name})[0][0]
            work.run("INSERT INTO ticket_categories (ticket, category_id) VALUES (:t, :c)", {"t": ticket, "c": id})
        work.run("UPDATE tickets SET priority = 1", {})
        record(work, ticket, "priority", old="medium", new="high", **of)
        record(work, ticket, "categories", added=list(worded), removed=[], **of)
    told = Told(shop, ticket)
    assert [(one.value, one.because) for one in told.all("category")] == [
        ("Prazo", ("the comment says “cancel*” or “atras*”",)),
        ("Produto", ("the comment says “cancel*”, “quebr*” or “veio outro”",)),
    ]
    assert told["priority"].because == ("the comment says “cancel*”",)


def test_a6_the_newest_who_set_it_counts(shop: Shop, started: int) -> None:
    told = Told(shop, started)
    assert (told["assignee"].value, told["assignee"].by, told["assignee"].who) == ("Bia", "person", "Bia")
    assert (told["phase"].value, told["phase"].who) == ("Contato", "Bia")
    rule = rule_set(shop)
    with shop.desk.db.write() as work:
        record(
            work, started, "assigned", actor=AUTOPILOT, at=shop.clock.now, old="", new="caio", rule=rule, rule_name="R"
        )
        work.run("UPDATE tickets SET assignee_id = :c", {"c": shop.caio.id})
    assert (told["assignee"].by, told["assignee"].value) == ("rule", "Caio")
    editing.tag(shop.desk, [started], ["vip"], actor=shop.caio)
    editing.set_due(shop.desk, [started], shop.clock.now, actor=shop.bia)
    tickets.prioritise(shop.desk, [started], Priority.HIGH, actor=shop.bia)
    assert [told["tag"].who, told["due"].who, told["priority"].who] == ["Caio", "Bia", "Bia"]
    transfers.transfer(shop.desk, [started], shop.other_flow, None, actor=shop.ana)
    assert (told["flow"].value, told["flow"].by, told["flow"].who) == ("Elogios", "person", "Ana")
    assert (told["ticket"].who, told["phase"].who) == ("Detratores", "Ana"), "it was born elsewhere"


def test_a6_why_it_is_there_by_hand_by_mail_and_by_a_rule(shop: Shop, ticket: int) -> None:
    by_hand = open_by_hand(shop.desk, flow_id=shop.flow, subject="Ligou", name="Rita", actor=shop.bia)
    assert isinstance(by_hand, int)
    assert (Told(shop, by_hand)["ticket"].by, Told(shop, by_hand)["ticket"].who) == ("person", "Bia")
    assert Told(shop, by_hand)["flow"].who == "Bia"
    with shop.desk.db.write() as work:
        work.run("DELETE FROM events WHERE ticket = :n", {"n": ticket})
        record(work, ticket, "opened", actor=AUTOPILOT, at=1, survey="Pós-compra", score=2, rule=7, rule_name="Abrir")
    told = Told(shop, ticket)
    assert [(told[f].by, told[f].who) for f in ("ticket", "flow", "priority")] == [
        ("rule", "Abrir"), ("rule", "Abrir"), ("flow", "Detratores"),
    ]  # fmt: skip
    from dataclasses import replace

    from tests.loop.conftest import MAILBOX

    Post(shop, replace(MAILBOX, unknown_sender="ticket"))(mail())
    number = shop.desk.db.rows("SELECT MAX(number) FROM tickets")[0][0]
    assert Told(shop, number)["ticket"].by == "customer"


def test_p3_only_of_tickets_in_sight(shop: Shop, ticket: int) -> None:
    for number, actor in ((ticket, shop.davi), (999, shop.ana)):
        assert isinstance(why(shop.desk, number, actor=actor), Refusal)
    assert not isinstance(why(shop.desk, ticket, actor=shop.rui), Refusal)
    assert all(field_name(field) for field in FIELDS)


def test_a5_the_autopilot_is_its_own_actor_on_the_timeline(shop: Shop, ticket: int) -> None:
    with shop.desk.db.write() as work:
        record(work, ticket, "priority", actor=AUTOPILOT, at=1, old="medium", new="high", rule=1, rule_name="R")
    view = reading.ticket(shop.desk, ticket, actor=shop.bia)
    assert isinstance(view, TicketView)
    assert [e.who for e in view.entries] == ["retorno", "autopilot"] and view.entries[1].data["rule_name"] == "R"
