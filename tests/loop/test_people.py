"""Who works here: levels, leaving, what one has in hand (P1, P4)."""

import threading

import pytest

from domain.people import Actor, Level, Role
from domain.refusals import Refusal
from loop import activities, audit, handing, people, reading, tickets
from loop.setup_views import Saved, UserRow
from loop.views import TicketView
from storage.tables import FlowMember, TeamMember
from tests.loop.conftest import Events, Shop


def row(shop: Shop, login: str, reader: str = "ana") -> UserRow:
    return next(r for r in people.people(shop.desk, actor=shop.desk.actor(reader), inactive=True) if r.login == login)


def code(done: object) -> str:
    return done.code if isinstance(done, Refusal) else repr(done)


def owners(shop: Shop) -> list[str]:
    return [
        login
        for (login,) in shop.desk.db.rows(
            "SELECT login FROM users WHERE active = true AND level = 'owner' ORDER BY login"
        )
    ]


@pytest.mark.parametrize("login", ["bia", "caio", "rui"])
def test_p1_only_the_owner_lets_people_in_grants_and_shuts_out(shop: Shop, login: str) -> None:
    """An administrator neither, and nobody grants themselves."""
    me = shop.desk.actor(login)
    for done in (
        people.add_user(shop.desk, "x", "X", "", Level.AGENT, actor=me),
        people.change_user(shop.desk, login, level=Level.OWNER, actor=me),
        people.change_user(shop.desk, "davi", name="Outro", actor=me),
        people.deactivate(shop.desk, "davi", actor=me),
        people.activate(shop.desk, "davi", actor=me),
    ):
        assert code(done) == "needs level"
    assert {r.login: r.level for r in people.people(shop.desk, actor=shop.ana)} == {
        "ana": "owner", "bia": "agent", "caio": "administrator", "davi": "agent", "rui": "analyst",
    }  # fmt: skip


def test_p1_own_name_and_address_are_ones_own_to_change(shop: Shop) -> None:
    done = people.change_user(shop.desk, "bia", name="Bia\x1b[31m Sá", email="Bia@Casa.Example", actor=shop.bia)
    assert isinstance(done, Saved) and len(done.changes) == 2
    me = people.me(shop.desk, actor=shop.bia)
    assert (me.name, me.email) == ("Bia[31m Sá", "bia@casa.example")
    last = audit.audit(shop.desk, actor=shop.ana)[0]
    assert (last.who, last.what, last.target, last.name) == ("bia", "changed", "user", "bia")
    assert {(c.old, c.new) for c in last.changes} == {("Bia", "Bia[31m Sá"), ("bia@loja.example", "bia@casa.example")}


def test_an_address_that_cannot_stand_in_a_header_is_refused(shop: Shop) -> None:
    for bad in ("bia", "bia@x", "a@b.example\r\nBcc: c@d.example", "a b@c.example"):
        assert code(people.change_user(shop.desk, "bia", email=bad, actor=shop.bia)) == "bad address", bad
        assert code(people.add_user(shop.desk, "novo", "N", bad, Level.AGENT, actor=shop.ana)) == "bad address", bad
    assert isinstance(people.change_user(shop.desk, "bia", email="", actor=shop.bia), Saved)
    assert people.me(shop.desk, actor=shop.bia).email == ""


@pytest.mark.parametrize("login", ["BIA", "bía", "bia", "ana"])
def test_a_login_that_people_would_confuse_is_taken(shop: Shop, login: str) -> None:
    assert code(people.add_user(shop.desk, login, "", "", Level.AGENT, actor=shop.ana)) == "login taken"


@pytest.mark.parametrize("login", ["", " ", "a b", "-x", "@x", "x" * 65, "a;b", "a/b", "[red]x", "me", "NONE", "a'b"])
def test_a_login_is_one_plain_word(shop: Shop, login: str) -> None:
    assert code(people.add_user(shop.desk, login, "", "", Level.AGENT, actor=shop.ana)) in ("bad login", "kept word")


def test_p4_there_is_always_an_active_owner(shop: Shop) -> None:
    ana = shop.ana
    assert code(people.deactivate(shop.desk, "ana", actor=ana)) == "last owner"
    assert code(people.change_user(shop.desk, "ana", level=Level.ADMINISTRATOR, actor=ana)) == "last owner"
    assert isinstance(people.change_user(shop.desk, "caio", level=Level.OWNER, actor=ana), Saved)
    assert isinstance(people.deactivate(shop.desk, "ana", actor=ana), Saved)
    assert owners(shop) == ["caio"]
    assert code(people.activate(shop.desk, "ana", actor=ana)) == "needs level", "who was shut out acts no more"
    assert code(people.deactivate(shop.desk, "caio", actor=shop.caio)) == "last owner"
    assert isinstance(people.activate(shop.desk, "ana", actor=shop.caio), Saved)
    assert owners(shop) == ["ana", "caio"]


def test_p4_two_owners_who_shut_each_other_out_at_once_leave_one(shop: Shop) -> None:
    assert isinstance(people.change_user(shop.desk, "caio", level=Level.OWNER, actor=shop.ana), Saved)
    ana, caio = shop.ana, shop.caio
    start, done = threading.Barrier(2), []

    def shut(login: str, actor: Actor) -> None:
        start.wait()
        done.append(people.deactivate(shop.desk, login, actor=actor))

    threads = [threading.Thread(target=shut, args=pair) for pair in (("caio", ana), ("ana", caio))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(owners(shop)) == 1
    assert sorted(isinstance(d, Saved) for d in done) == [False, True]


def test_p4_a_role_given_with_a_person_never_exceeds_the_level(shop: Shop) -> None:
    id = people.add_user(
        shop.desk, "eva", "Eva", "", Level.ANALYST, actor=shop.ana, flows={shop.flow: Role.ADMINISTRATOR}
    )
    assert isinstance(id, int)
    assert shop.eva.roles == {shop.flow: Role.ANALYST}
    assert [(r.what, r.target) for r in audit.audit(shop.desk, actor=shop.ana, limit=2)] == [
        ("changed", "flow"),
        ("created", "user"),
    ]


def test_p1_nobody_without_a_level_is_in_a_flow_or_team(shop: Shop) -> None:
    """Neither added so, nor left so when the level is taken away."""
    none = people.add_user(shop.desk, "eva", "", "", Level.NONE, actor=shop.ana, flows={shop.flow: Role.AGENT})
    assert code(none) == "no level"
    with shop.desk.db.write() as work:
        work.run("INSERT INTO teams (name) VALUES (:n)", {"n": "Sul"})
        ((team,),) = work.rows("SELECT id FROM teams")
        work.insert_one(TeamMember, team_id=team, user_id=shop.bia.id)
        work.insert_one(FlowMember, flow_id=shop.other_flow, team_id=team, role="agent")
    assert row(shop, "bia").teams == ("Sul",)
    assert row(shop, "bia").flows == (("Detratores", "agent"), ("Elogios", "agent"))
    bia = shop.bia
    assert isinstance(people.change_user(shop.desk, "bia", level=Level.NONE, actor=shop.ana), Saved)
    assert row(shop, "bia").teams == row(shop, "bia").flows == ()
    for table in ("flow_members", "team_members"):
        assert not shop.desk.db.rows(f"SELECT 1 FROM {table} WHERE user_id = :id", {"id": bia.id})
    lines = audit.audit(shop.desk, actor=shop.ana, limit=3)
    assert {(line.target, line.name) for line in lines} == {("user", "bia"), ("flow", "Detratores"), ("team", "Sul")}


def test_p4_who_is_deactivated_hands_over_what_is_open_and_nothing_else(shop: Shop, events: Events) -> None:
    """Pending, started and archived tickets go to the successor; a closed one stays; each has one event."""
    pending, started, archived, closed = (shop.answer(email=f"c{i}@x.example") for i in range(4))
    for number in (started, archived, closed):
        assert tickets.start(shop.desk, [number], actor=shop.bia, take=True).done
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET assignee_id = :b WHERE number = :n", {"b": shop.bia.id, "n": pending})
        work.run("UPDATE tickets SET archived = true WHERE number = :n", {"n": archived})
        work.run("UPDATE tickets SET status = 2 WHERE number = :n", {"n": closed})
    before = {n: len(events(n)) for n in (pending, started, archived, closed)}
    assert row(shop, "bia").open_tickets == 3
    done = people.deactivate(shop.desk, "bia", successor="caio", actor=shop.ana)
    assert isinstance(done, Saved)
    assert ("", "3") in {(c.old, c.new) for c in done.changes}
    has = dict(shop.desk.db.rows("SELECT t.number, u.login FROM tickets t LEFT JOIN users u ON u.id = t.assignee_id"))
    assert has == {pending: "caio", started: "caio", archived: "caio", closed: "bia"}
    assert {n: len(events(n)) - before[n] for n in before} == {pending: 1, started: 1, archived: 1, closed: 0}
    assert events(started)[-1] == ("assigned", "ana")
    ((data,),) = shop.desk.db.rows("SELECT data FROM events WHERE ticket = :n ORDER BY id DESC LIMIT 1", {"n": pending})
    assert "bia" in str(data) and "caio" in str(data)
    with pytest.raises(Exception, match="bia"):
        shop.desk.actor("bia")


def test_p4_where_the_successor_cannot_work_the_flow_s_default_or_nobody_takes_over(shop: Shop) -> None:
    """davi works in Elogios only; Detratores has bia herself as default, who leaves."""
    one, other = shop.answer(), shop.answer(score=10, email="p@x.example")
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET default_assignee_id = :b", {"b": shop.bia.id})
        work.run("UPDATE tickets SET assignee_id = :b", {"b": shop.bia.id})
    done = people.deactivate(shop.desk, "bia", successor="davi", actor=shop.ana)
    assert isinstance(done, Saved)
    rows = shop.desk.db.rows("SELECT t.number, u.login FROM tickets t LEFT JOIN users u ON u.id = t.assignee_id")
    assert dict(rows) == {one: None, other: "davi"}
    defaults = "SELECT f.name, u.login FROM flows f LEFT JOIN users u ON u.id = f.default_assignee_id"
    assert dict(shop.desk.db.rows(defaults)) == {"Detratores": None, "Elogios": "davi"}
    assert [(c.old, c.new) for c in done.changes if "default" in c.field] == [("bia", ""), ("bia", "davi")]
    assert {line.name for line in audit.audit(shop.desk, actor=shop.ana, target="flow", limit=2)} == {
        "Detratores",
        "Elogios",
    }


def test_p4_the_flow_s_default_assignee_takes_over_without_a_successor(shop: Shop, started: int) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET default_assignee_id = :c WHERE id = :f", {"c": shop.caio.id, "f": shop.flow})
    assert isinstance(people.deactivate(shop.desk, "bia", actor=shop.ana), Saved)
    assert shop.desk.db.rows("SELECT assignee_id FROM tickets WHERE number = :n", {"n": started}) == [(shop.caio.id,)]


def test_p4_activities_of_who_left_are_somebody_elses_too(shop: Shop, ticket: int, events: Events) -> None:
    tickets.start(shop.desk, [ticket], actor=shop.caio, take=True)
    assert activities.add(shop.desk, ticket, "Ligar", responsible="bia", actor=shop.caio).done
    assert activities.add(shop.desk, ticket, "Visitar", actor=shop.caio, responsible="caio").done
    people.deactivate(shop.desk, "bia", successor="caio", actor=shop.ana)
    view = reading.ticket(shop.desk, ticket, actor=shop.caio)
    assert isinstance(view, TicketView)
    assert [a.responsible for a in view.activities] == ["caio", "caio"]
    assert events(ticket)[-1] == ("activity changed", "ana"), "and the ticket itself stays with who has it"


@pytest.mark.parametrize(
    ("successor", "why"), [("bia", "own successor"), ("nina", "no user"), ("davi", "deactivated"), ("", "no user")]
)
def test_p4_a_successor_is_another_active_person(shop: Shop, successor: str, why: str) -> None:
    assert isinstance(people.deactivate(shop.desk, "davi", actor=shop.ana), Saved)
    assert code(people.deactivate(shop.desk, "bia", successor=successor, actor=shop.ana)) == why
    assert row(shop, "bia").active, "nothing was done"


@pytest.mark.parametrize("level", [Level.ANALYST, Level.NONE])
def test_p4_who_may_only_read_from_now_on_hands_over_too(shop: Shop, started: int, level: Level) -> None:
    done = people.change_user(shop.desk, "bia", level=level, actor=shop.ana)
    assert isinstance(done, Saved) and done.changes[-1].new == "1"
    assert shop.desk.db.rows("SELECT assignee_id FROM tickets WHERE number = :n", {"n": started}) == [(None,)]
    assert isinstance(people.change_user(shop.desk, "bia", level=Level.AGENT, actor=shop.ana), Saved)


def test_p4_an_owner_who_is_one_no_more_hands_over_what_only_owners_see(shop: Shop, ticket: int) -> None:
    """ana is a member of no flow; she makes caio owner and steps down by herself."""
    assert tickets.start(shop.desk, [ticket], actor=shop.ana, take=True).done
    assert isinstance(people.change_user(shop.desk, "caio", level=Level.OWNER, actor=shop.ana), Saved)
    done = people.change_user(shop.desk, "ana", level=Level.AGENT, actor=shop.ana)
    assert isinstance(done, Saved) and done.changes[-1].new == "1"
    assert shop.desk.db.rows("SELECT assignee_id FROM tickets WHERE number = :n", {"n": ticket}) == [(None,)]


def test_p4_handing_over_is_done_in_pieces_and_can_be_done_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, events: Events
) -> None:
    """Broken off after the first piece, the rest is handed over the next time; no ticket twice."""
    numbers = [shop.answer(email=f"c{i}@x.example") for i in range(7)]
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET assignee_id = :b", {"b": shop.bia.id})
    monkeypatch.setattr(handing, "PIECE", 3)
    pieces, waits = [], []

    def break_off(*args: object, **named: object) -> object:
        if pieces:
            raise KeyboardInterrupt
        pieces.append(1)
        return tickets.on_each(*args, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(handing, "on_each", break_off)
        with pytest.raises(KeyboardInterrupt):
            people.deactivate(shop.desk, "bia", successor="caio", actor=shop.ana)
    assert row(shop, "bia").active is False
    assert row(shop, "caio").open_tickets == 3

    def others_write(*_: object) -> None:
        """Between two pieces nothing is held: another writer need not wait."""
        other = threading.Thread(target=people.set_prefs, args=(shop.desk, {"theme": "x"}), kwargs={"actor": shop.caio})
        other.start()
        other.join(60)
        waits.append(other.is_alive())

    monkeypatch.setattr(handing, "let_others_in", others_write)
    done = people.deactivate(shop.desk, "bia", successor="caio", actor=shop.ana)
    assert isinstance(done, Saved) and [c.new for c in done.changes] == ["4"]
    assert waits == [False, False]
    assert [[kind for kind, __ in events(n)].count("assigned") for n in numbers] == [1] * 7
    assert len(audit.audit(shop.desk, actor=shop.ana, target="user", target_id=row(shop, "bia").id)) == 2


def test_p4_nobody_is_deleted_and_who_comes_back_has_flows_but_not_the_tickets(shop: Shop, started: int) -> None:
    assert isinstance(people.deactivate(shop.desk, "bia", successor="caio", actor=shop.ana), Saved)
    assert "bia" not in {r.login for r in people.people(shop.desk, actor=shop.ana)}
    assert row(shop, "bia").flows == (("Detratores", "agent"),)
    assert isinstance(people.activate(shop.desk, "bia", actor=shop.ana), Saved)
    assert shop.bia.roles == {shop.flow: Role.AGENT}
    assert row(shop, "bia").open_tickets == 0 and row(shop, "caio").open_tickets == 1
    assert people.activate(shop.desk, "bia", actor=shop.ana) == Saved(shop.bia.id), "again changes nothing"


def test_p3_flows_and_figures_of_people_are_those_in_the_reader_s_sight(shop: Shop, started: int) -> None:
    assert row(shop, "bia", "davi").flows == () and row(shop, "bia", "davi").open_tickets == 0
    assert row(shop, "bia", "caio").flows == (("Detratores", "agent"),)
    assert row(shop, "bia", "caio").open_tickets == 1
    people.add_user(shop.desk, "nina", "", "", Level.NONE, actor=shop.ana)
    assert [r.login for r in people.people(shop.desk, actor=shop.nina)] == ["nina"]


def test_n2_choices_are_ones_own_and_kept_beside_each_other(shop: Shop) -> None:
    people.set_prefs(shop.desk, {"columns": ["due", "customer"], "notify": {"mention": True}}, actor=shop.bia)
    people.set_prefs(shop.desk, {"theme": "dark"}, actor=shop.bia)
    assert people.prefs(shop.desk, actor=shop.bia) == {
        "columns": ["due", "customer"], "notify": {"mention": True}, "theme": "dark",
    }  # fmt: skip
    assert people.prefs(shop.desk, actor=shop.caio) == {}
    people.set_prefs(shop.desk, {"theme": None}, actor=shop.bia)
    assert "theme" not in people.prefs(shop.desk, actor=shop.bia)
    with pytest.raises(KeyError):
        people.set_prefs(shop.desk, {"level": "owner"}, actor=shop.bia)


def test_m3_the_signature_is_ones_own(shop: Shop) -> None:
    people.set_signature(shop.desk, "Bia\r\nBcc: x@y.example", "Abraços,\nBia\x1b[2J", actor=shop.bia)
    assert people.signature(shop.desk, actor=shop.bia) == ("Bia Bcc: x@y.example", "Abraços,\nBia[2J")
    assert people.signature(shop.desk, actor=shop.caio) == ("", "")
