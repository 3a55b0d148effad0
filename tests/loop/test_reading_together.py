"""A ticket is read by several queries: what others commit between them makes no error and shows nothing (P3, P8)."""

from typing import Any

import pytest

from domain.flows import Status
from domain.planning import add_phase, remove_phase
from domain.refusals import Refusal
from loop import flows, reading, transfers
from loop.setup_views import Saved
from tests.loop.conftest import Shop


def test_p8_a_phase_that_goes_away_while_its_ticket_is_read(
    shop: Shop, started: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = reading.read_flows

    def after_the_phase_went(rows: Any, ids: Any) -> Any:
        monkeypatch.setattr(reading, "read_flows", look)
        plan = flows.plan(shop.desk, shop.flow, actor=shop.ana)
        assert not isinstance(plan, Refusal)
        here = next(p for p in plan.phases if p.status is Status.PROGRESS)
        plan = add_phase(plan, None, Status.PROGRESS, "Nova")
        there = next(p for p in plan.phases if p.name == "Nova")
        saved = flows.save(shop.desk, remove_phase(plan, here.key), actor=shop.ana, destinations={here.key: there.key})
        assert isinstance(saved, Saved)
        return look(rows, ids)

    monkeypatch.setattr(reading, "read_flows", after_the_phase_went)
    view = reading.ticket(shop.desk, started, actor=shop.bia)
    assert not isinstance(view, Refusal)
    assert view.flow.phase(view.phase_id).name == "Nova" == view.row.phase


def test_p3_a_ticket_that_leaves_ones_flow_while_it_is_read(
    shop: Shop, started: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, bia = reading.rows, shop.bia

    def then_it_left(*args: Any, **named: Any) -> Any:
        found = look(*args, **named)
        assert transfers.transfer(shop.desk, [started], shop.other_flow, None, actor=shop.ana).done
        return found

    monkeypatch.setattr(reading, "rows", then_it_left)
    found = reading.ticket(shop.desk, started, actor=bia)
    assert isinstance(found, Refusal) and found.code == "no ticket"
