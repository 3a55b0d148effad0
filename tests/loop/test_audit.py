"""The audit tells who changed what, to those whom it concerns (P3, P4)."""

import pytest

from domain.people import PROGRAM, Level
from domain.text import use_language
from loop import audit, people
from tests.loop.conftest import Shop


def write(shop: Shop, target: str, id: int | None, name: str = "x", /, **new: object) -> None:
    with shop.desk.db.write() as work:
        audit.note(
            work, actor=shop.ana, at=7, what="changed", target=target, target_id=id, name=name, old={"name": None}, new=new
        )  # fmt: skip


@pytest.mark.parametrize("login", ["bia", "rui"])
def test_p4_the_audit_is_for_administrators(shop: Shop, login: str) -> None:
    assert audit.audit(shop.desk, actor=shop.desk.actor(login)) == ()
    assert audit.audit(shop.desk, actor=shop.caio) != ()


def test_p4_an_administrator_reads_of_flows_that_they_may_edit_and_the_owner_of_all(shop: Shop) -> None:
    write(shop, "flow", shop.flow, "Detratores")
    write(shop, "flow", shop.other_flow, "Elogios")
    write(shop, "flow", None, "ordem")

    def seen(login: str) -> set[str]:
        return {
            line.name for line in audit.audit(shop.desk, actor=shop.desk.actor(login), target="flow") if line.at == 7
        }

    assert seen("caio") == set(), "agent in Detratores, whatever the level"
    with shop.desk.db.write() as work:
        work.run("UPDATE flow_members SET role = 'administrator' WHERE user_id = :c", {"c": shop.caio.id})
    assert seen("caio") == {"Detratores"}
    assert seen("ana") == {"Detratores", "Elogios", "ordem"}


def test_p3_lines_of_a_customer_are_for_who_sees_a_ticket_of_theirs(shop: Shop, ticket: int) -> None:
    """Whoever the customer was merged into since."""
    ((customer,),) = shop.desk.db.rows("SELECT contact_id FROM tickets WHERE number = :n", {"n": ticket})
    people.add_user(shop.desk, "adm", "", "", Level.ADMINISTRATOR, actor=shop.ana)
    write(shop, "customer", customer)
    assert audit.audit(shop.desk, actor=shop.caio, target="customer")
    assert audit.audit(shop.desk, actor=shop.ana, target="customer")
    assert audit.audit(shop.desk, actor=shop.adm, target="customer") == ()
    other = shop.answer(email="outra@x.example")
    ((into,),) = shop.desk.db.rows("SELECT contact_id FROM tickets WHERE number = :n", {"n": other})
    with shop.desk.db.write() as work:
        work.run("UPDATE contacts SET merged_into = :i WHERE id = :c", {"i": into, "c": customer})
        work.run("UPDATE tickets SET contact_id = :i WHERE number = :n", {"i": into, "n": ticket})
    assert audit.audit(shop.desk, actor=shop.caio, target="customer")
    assert audit.audit(shop.desk, actor=shop.adm, target="customer") == ()


def test_lines_come_newest_first_and_page_by_page(shop: Shop) -> None:
    for i in range(5):
        write(shop, "team", i, f"t{i}")
    first = audit.audit(shop.desk, actor=shop.caio, target="team", limit=2)
    assert [line.name for line in first] == ["t4", "t3"]
    rest = audit.audit(shop.desk, actor=shop.caio, target="team", before=first[-1].id)
    assert [line.name for line in rest] == ["t2", "t1", "t0"]
    assert [line.name for line in audit.audit(shop.desk, actor=shop.caio, target="team", target_id=3)] == ["t3"]


def test_r7_what_is_written_is_safe_to_show_and_said_in_words(shop: Shop) -> None:
    write(
        shop, "team", 1, "\x1b[2J[red]x\n", name="a\x1b]0;x\x07\u202e", members=["ana", "bia"], internal=True, strange_field=3
    )  # fmt: skip
    (line,) = audit.audit(shop.desk, actor=shop.ana, target="team")
    assert line.name == "[2J[red]x"
    assert [(c.field, c.old, c.new) for c in line.changes] == [
        ("name", "", "a]0;x"),
        ("members", "", "ana, bia"),
        ("of employees", "", "yes"),
        ("strange field", "", "3"),
    ]


def test_what_the_program_changed_has_no_person_s_name(shop: Shop) -> None:
    with shop.desk.db.write() as work:
        audit.note(
            work, actor=PROGRAM, at=7, what="created", target="survey", target_id=1, name="x", old={}, new={"name": "x"}
        )  # fmt: skip
    assert audit.audit(shop.desk, actor=shop.ana, target="survey")[0].who == "program"


def test_only_what_differs_is_told() -> None:
    before, after = {"a": 1, "b": [1], "c": None}, {"a": 1, "b": [2], "c": 0, "d": ""}
    assert audit.changed(before, after) == ({"b": [1], "c": None}, {"b": [2], "c": 0, "d": ""})


def test_r6_fields_are_said_in_the_reader_s_language() -> None:
    """Not in the one of whoever asked first."""
    use_language("en")
    english = audit.in_words("name")
    try:
        use_language("pt_BR")
        assert audit.said(True) in ("sim", "yes")
    finally:
        use_language()
    assert english == "name"
