"""Tables from an attribute's values to people (A3)."""

import json
from typing import Any

import pytest

from domain.refusals import Refusal
from domain.rules import RuleSet, Then, When
from loop import audit, managers, people, rules
from loop.managers import ENTRIES
from loop.setup_views import Saved
from tests.loop.conftest import Shop


def kept(shop: Shop, table: int) -> dict[str, int]:
    """The table's values with users' ids."""
    entries = shop.desk.db.rows("SELECT entries FROM manager_tables WHERE id = :id", {"id": table})[0][0]
    return json.loads(entries) if isinstance(entries, str) else entries


def ok(done: Any) -> int:
    """The id of what was saved."""
    assert isinstance(done, Saved), done
    return done.id


def code(done: Any) -> str:
    """Why not."""
    assert isinstance(done, Refusal), done
    return done.code


@pytest.fixture
def table(shop: Shop) -> int:
    """Two stores and who manages them."""
    entries = {"São Paulo": "bia", " Natal ": "davi"}
    return ok(managers.save_table(shop.desk, None, "Gerentes", "loja", entries, actor=shop.ana))


def test_a3_a_table_is_kept_and_found_whatever_case_and_accents(shop: Shop, table: int) -> None:
    (row,) = managers.tables(shop.desk, actor=shop.caio)
    assert (row.name, row.attribute) == ("Gerentes", "loja")
    assert dict(row.entries) == {"São Paulo": "bia", "Natal": "davi"}
    assert kept(shop, table) == {"São Paulo": shop.bia.id, "Natal": shop.davi.id}


def test_p4_who_left_is_a_blank_and_stays_until_somebody_else_is_named(shop: Shop, table: int) -> None:
    davi = shop.davi.id
    ok(people.deactivate(shop.desk, "davi", actor=shop.ana))
    (row,) = managers.tables(shop.desk, actor=shop.ana)
    assert dict(row.entries) == {"São Paulo": "bia", "Natal": ""}
    # An edit elsewhere in the table, as a form would save it.
    ok(managers.save_table(shop.desk, table, "Gerentes", "loja", {"São Paulo": "caio", "Natal": ""}, actor=shop.ana))
    assert kept(shop, table) == {"São Paulo": shop.caio.id, "Natal": davi}
    ok(people.activate(shop.desk, "davi", actor=shop.ana))
    assert dict(managers.tables(shop.desk, actor=shop.ana)[0].entries)["Natal"] == "davi"


@pytest.mark.parametrize(
    ("name", "attribute", "entries", "expected"),
    [
        ("", "loja", {}, "no name"),
        ("gerentés", "loja", {}, "name used"),
        ("Outra", " ", {}, "no attribute"),
        ("Outra", "loja", {"x": "zoe"}, "no user"),
        ("Outra", "loja", {"Natal": "bia", "NATAL ": "davi"}, "value twice"),
        ("Outra", "loja", {" ": "bia"}, "empty value"),
        ("Outra", "loja", {"x" * 501: "bia"}, "too long"),
        ("Outra", "loja", {str(n): "bia" for n in range(ENTRIES + 1)}, "too many values"),
    ],
)
def test_what_cannot_be_is_said(
    shop: Shop, table: int, name: str, attribute: str, entries: dict[str, str], expected: str
) -> None:
    assert code(managers.save_table(shop.desk, None, name, attribute, entries, actor=shop.ana)) == expected
    assert len(managers.tables(shop.desk, actor=shop.ana)) == 1


def test_somebody_who_left_is_not_named_anew(shop: Shop, table: int) -> None:
    ok(people.deactivate(shop.desk, "rui", actor=shop.ana))
    assert code(managers.save_table(shop.desk, table, "Gerentes", "loja", {"Natal": "rui"}, actor=shop.ana)) == "deactivated"  # fmt: skip


def test_r7_values_are_cleaned(shop: Shop) -> None:
    ok(managers.save_table(shop.desk, None, "Ge\x1b[1mr\n", "lo\x07ja", {"Na\x1btal\n": "bia"}, actor=shop.ana))
    (row,) = managers.tables(shop.desk, actor=shop.ana)
    assert (row.name, row.attribute, row.entries) == ("Ge[1mr", "loja", (("Natal", "bia"),))


def test_only_administrators(shop: Shop, table: int) -> None:
    for actor in (shop.bia, shop.rui, shop.davi):
        assert managers.tables(shop.desk, actor=actor) == ()
        assert code(managers.save_table(shop.desk, table, "X", "y", {}, actor=actor)) == "needs level"
        assert code(managers.remove_table(shop.desk, table, actor=actor)) == "needs level"
    ok(managers.remove_table(shop.desk, table, actor=shop.caio))
    assert managers.tables(shop.desk, actor=shop.caio) == ()
    assert code(managers.remove_table(shop.desk, table, actor=shop.caio)) == "not here"


def test_changes_are_in_the_audit_line_by_line(shop: Shop, table: int) -> None:
    entries = {"São Paulo": "bia", "Natal": "caio", "Recife": "bia"}
    ok(managers.save_table(shop.desk, table, "Gerentes", "loja", entries, actor=shop.ana))
    ok(managers.save_table(shop.desk, table, "Gerentes", "loja", entries, actor=shop.ana))
    changed, created = audit.audit(shop.desk, actor=shop.caio, target="manager table")
    assert created.what == "created" and changed.what == "changed"
    assert [(c.old, c.new) for c in changed.changes] == [("Natal: davi", "Natal: caio; Recife: bia")]


def test_p4_a_table_by_which_rules_of_others_assign_is_not_theirs_to_change(shop: Shop, table: int) -> None:
    """Who is named in it gets tickets of those flows."""
    when = When(flows=("Elogios",))
    ok(rules.save(shop.desk, RuleSet(None, "Por loja", when, Then(by_table="Gerentes")), actor=shop.ana))
    before = kept(shop, table)
    for refused in (
        managers.save_table(shop.desk, table, "Gerentes", "loja", {"Natal": "caio"}, actor=shop.caio),
        managers.remove_table(shop.desk, table, actor=shop.caio),
    ):
        assert isinstance(refused, Refusal) and refused.code == "table of others"
    assert kept(shop, table) == before
    ok(managers.save_table(shop.desk, table, "Gerentes", "loja", {"Natal": "caio"}, actor=shop.ana))
    ok(managers.save_table(shop.desk, None, "Outra", "loja", {"Natal": "caio"}, actor=shop.caio))
