"""Whom an address is written to is found by two indexes, as most customers' keys hold it already (I1), on both databases."""

import pytest

from loop.knowing import at_address
from storage.conditions import AT_ADDRESS
from storage.tables import Contact
from tests.loop.conftest import Shop

HERS = "marina@clientes.example"
BY_KEY_AND_ADDRESS = [
    (f"e:{HERS}", HERS),
    ("p:+5511987654321", HERS),
    ("e:antiga@clientes.example", HERS),
    ("e:outra@clientes.example", "nova@clientes.example"),
    ("c:77", ""),
]


@pytest.fixture
def ids(shop: Shop) -> dict[str, int]:
    with shop.desk.db.write() as work:
        return {k: work.add(Contact(key=k, email=e, created_at=1)).id for k, e in BY_KEY_AND_ADDRESS}


@pytest.mark.parametrize(
    "address", [HERS, "nova@clientes.example", "outra@clientes.example", "antiga@clientes.example", ""]
)
def test_i1_all_who_are_written_to_at_an_address_are_found_and_nobody_else(
    shop: Shop, ids: dict[str, int], address: str
) -> None:
    wanted = [ids[k] for k, email in BY_KEY_AND_ADDRESS if email == address != ""]
    with shop.desk.db.write() as work:
        assert [c.id for c in at_address(work, address)] == wanted


def test_no_more_customers_are_read_for_it_than_there_are_at_the_address(shop: Shop, ids: dict[str, int]) -> None:
    sqlite = shop.desk.db.dialect == "sqlite"
    with shop.desk.db.write() as work:
        if not sqlite:
            work.run("SET LOCAL enable_seqscan = off", {})  # it reads a small table whole where it may
        explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
        plan = "\n".join(str(row[-1]) for row in work.rows(f"{explain} {AT_ADDRESS[1:-1]}", {"address": HERS}))
    assert "SCAN contacts" not in plan and "Seq Scan" not in plan
    assert "ix_contacts_learnt_email" in plan
