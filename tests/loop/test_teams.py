"""Teams decide who is in flows, so who may change them is a matter of rights (P2–P4)."""

from dataclasses import replace

import pytest

from domain.people import Level, Role
from domain.plans import MemberPlan
from domain.refusals import Refusal
from loop import audit, flows, people, teams
from loop.setup_views import Conflict, Saved, TeamRow
from storage.tables import FlowMember
from tests.loop.conftest import Shop


def code(done: object) -> str:
    return done.code if isinstance(done, Refusal) else repr(done)


def team(shop: Shop, reader: str = "ana") -> TeamRow:
    (only,) = teams.teams(shop.desk, actor=shop.desk.actor(reader))
    return only


@pytest.fixture
def sul(shop: Shop) -> int:
    """A team of davi's and rui's that is in Detratores as agents."""
    made = teams.create(shop.desk, "Sul", ["rui", "davi"], actor=shop.caio)
    assert isinstance(made, Saved)
    with shop.desk.db.write() as work:
        work.insert_one(FlowMember, flow_id=shop.flow, team_id=made.id, role="agent")
    return made.id


def test_p2_a_team_in_a_flow_makes_its_people_members_each_within_their_level(shop: Shop, sul: int) -> None:
    assert shop.davi.roles == {shop.flow: Role.AGENT, shop.other_flow: Role.AGENT}
    assert shop.rui.roles == {shop.flow: Role.ANALYST}, "a role never exceeds the level"
    assert team(shop) == TeamRow(sul, "Sul", ("davi", "rui"), (("Detratores", "agent"),))


@pytest.mark.parametrize("login", ["bia", "rui"])
def test_p4_teams_are_an_administrators_work(shop: Shop, sul: int, login: str) -> None:
    me = shop.desk.actor(login)
    for done in (
        teams.create(shop.desk, "Norte", [], actor=me),
        teams.change(shop.desk, sul, name="X", actor=me),
        teams.remove(shop.desk, sul, actor=me),
    ):
        assert code(done) == "needs level"
    assert team(shop).name == "Sul"


def test_p4_who_is_in_a_team_is_for_who_may_edit_the_team_s_flows(shop: Shop, sul: int) -> None:
    """caio is administrator by level but agent in Detratores: by way of the team he would let anybody in, himself too."""
    assert code(teams.change(shop.desk, sul, members=["davi", "rui", "caio"], actor=shop.caio)) == "flows of others"
    assert isinstance(teams.change(shop.desk, sul, name="Sul e Sudeste", actor=shop.caio), Saved), (
        "a name lets nobody in"
    )
    with shop.desk.db.write() as work:
        work.run("UPDATE flow_members SET role = 'administrator' WHERE user_id = :c", {"c": shop.caio.id})
    assert isinstance(teams.change(shop.desk, sul, members=["davi", "caio"], actor=shop.caio), Saved)
    assert team(shop).members == ("caio", "davi")


def test_p1_only_people_with_a_level_who_are_here_come_into_a_team(shop: Shop, sul: int) -> None:
    people.add_user(shop.desk, "nina", "", "", Level.NONE, actor=shop.ana)
    people.deactivate(shop.desk, "bia", actor=shop.ana)
    for login, why in (("nina", "no level"), ("bia", "deactivated"), ("ninguém", "no user")):
        assert code(teams.change(shop.desk, sul, members=["davi", login], actor=shop.ana)) == why
        assert code(teams.create(shop.desk, "Norte", [login], actor=shop.ana)) == why
    assert team(shop).members == ("davi", "rui")


def test_who_is_deactivated_stays_in_the_team_when_others_come_in(shop: Shop, sul: int) -> None:
    people.deactivate(shop.desk, "davi", actor=shop.ana)
    assert isinstance(teams.change(shop.desk, sul, members=["davi", "rui", "bia"], actor=shop.ana), Saved)
    assert team(shop).members == ("bia", "davi", "rui")


def test_p3_who_leaves_a_team_hands_over_what_is_out_of_their_sight_now(shop: Shop, sul: int, ticket: int) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET assignee_id = :d", {"d": shop.davi.id})
        work.run("UPDATE flows SET default_assignee_id = :d", {"d": shop.davi.id})
    other = shop.answer(score=10, email="p@x.example")
    done = teams.change(shop.desk, sul, members=["rui"], actor=shop.ana)
    assert isinstance(done, Saved) and done.changes[-1].new == "1"
    rows = dict(shop.desk.db.rows("SELECT number, assignee_id FROM tickets"))
    assert rows == {ticket: None, other: shop.davi.id}, "in Elogios davi is a member by name"
    defaults = dict(shop.desk.db.rows("SELECT id, default_assignee_id FROM flows"))
    assert defaults == {shop.flow: None, shop.other_flow: shop.davi.id}


def test_a_team_that_a_flow_has_is_not_removed(shop: Shop, sul: int) -> None:
    """The flows are named to who sees them, and to nobody else (P3)."""
    refused = teams.remove(shop.desk, sul, actor=shop.ana)
    assert code(refused) == "team in flows" and "Detratores" in str(refused)
    with shop.desk.db.write() as work:
        work.run("DELETE FROM flow_members WHERE user_id = :c", {"c": shop.caio.id})
    refused = teams.remove(shop.desk, sul, actor=shop.caio)
    assert isinstance(refused, Refusal) and "Detratores" not in str(refused)
    assert team(shop, "caio").flows == ()
    with shop.desk.db.write() as work:
        work.run("DELETE FROM flow_members WHERE team_id = :t", {"t": sul})
    assert isinstance(teams.remove(shop.desk, sul, actor=shop.caio), Saved)
    assert teams.teams(shop.desk, actor=shop.ana) == ()
    assert code(teams.remove(shop.desk, sul, actor=shop.ana)) == "not here"
    assert code(teams.change(shop.desk, sul, name="X", actor=shop.ana)) == "not here"


@pytest.mark.parametrize(("name", "why"), [("sul", "name used"), ("SÚL", "name used"), ("", "no name"), ("\x1b[", "no name"), ("—", "no name"), ("x" * 81, "too long")])  # fmt: skip
def test_names_that_people_would_confuse_or_not_see_are_refused(shop: Shop, sul: int, name: str, why: str) -> None:
    assert code(teams.create(shop.desk, name, [], actor=shop.ana)) == why
    other = teams.create(shop.desk, "Norte", [], actor=shop.ana)
    assert isinstance(other, Saved)
    assert code(teams.change(shop.desk, other.id, name=name, actor=shop.ana)) == why


def test_the_audit_holds_old_and_new_of_what_changed_only(shop: Shop, sul: int) -> None:
    teams.change(shop.desk, sul, name="Súl\n[b]", members=["rui", "davi"], actor=shop.ana)
    newest, *__, oldest = audit.audit(shop.desk, actor=shop.ana, target="team")
    assert [(c.field, c.old, c.new) for c in newest.changes] == [("name", "Sul", "Súl [b]")]
    assert (oldest.what, [c.new for c in oldest.changes]) == ("created", ["Sul", "davi, rui"])
    assert teams.change(shop.desk, sul, name="Súl [b]", actor=shop.ana) == Saved(sul)
    assert len(audit.audit(shop.desk, actor=shop.ana, target="team")) == 2, "nothing changed, no line"


def test_who_has_no_level_sees_no_team(shop: Shop, sul: int) -> None:
    people.add_user(shop.desk, "nina", "", "", Level.NONE, actor=shop.ana)
    assert teams.teams(shop.desk, actor=shop.nina) == ()


def test_p8_a_team_that_is_renamed_is_told_to_who_edits_its_flow(shop: Shop) -> None:
    """The plan that they have names the team as it was; they are told, and not that there is no such team."""
    made = teams.create(shop.desk, "Noite", ["bia"], actor=shop.ana)
    assert isinstance(made, Saved)
    plan = flows.plan(shop.desk, shop.flow, actor=shop.ana)
    plan = replace(plan, members=(*plan.members, MemberPlan("Noite", Role.AGENT, team=True)))
    assert isinstance(flows.save(shop.desk, plan, actor=shop.ana), Saved)
    read = flows.plan(shop.desk, shop.flow, actor=shop.ana)
    assert isinstance(teams.change(shop.desk, made.id, name="Turno da noite", actor=shop.ana), Saved)
    conflict = flows.save(shop.desk, replace(read, days_until_due=9), actor=shop.ana)
    assert isinstance(conflict, Conflict)
    assert "Turno da noite" in str(conflict.changes)
