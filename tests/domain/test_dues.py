"""A due date as people say it (T5): English and Portuguese, spans, days, dates, none."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dues import NotUnderstood, due

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
NOW_MS = int(NOW.timestamp() * 1000)


def said(text: str) -> str:
    found = due(text, NOW_MS, UTC)
    return "none" if found is None else datetime.fromtimestamp(found / 1000, UTC).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2d", "2026-11-22 12:00"),
        ("+5h", "2026-11-20 17:00"),
        ("in 3 days", "2026-11-23 12:00"),
        ("1w", "2026-11-27 12:00"),
        ("31/12", "2026-12-31 23:59"),
        ("12/31", "2026-12-31 23:59"),
        ("1/2", "2027-02-01 23:59"),
        ("29/2", "2028-02-29 23:59"),
        ("31/12/27 14:30", "2027-12-31 14:30"),
        ("2026-12-01", "2026-12-01 23:59"),
        ("sexta", "2026-11-27 23:59"),
        ("fri", "2026-11-27 23:59"),
        ("Segunda-feira 9h", "2026-11-23 09:00"),
        ("sábado", "2026-11-21 23:59"),
        ("amanhã", "2026-11-21 23:59"),
        ("today 18:00", "2026-11-20 18:00"),
        ("18h30", "2026-11-20 18:30"),
        ("none", "none"),
        ("sem prazo", "none"),
    ],
)
def test_what_is_said_is_understood(text: str, meant: str) -> None:
    assert said(text) == meant


@pytest.mark.parametrize("text", ["", "soon", "31/31", "25:00", "2026-13-01", "0/0", "fr", "d", "99999d"])
def test_what_names_no_time_is_said_to(text: str) -> None:
    with pytest.raises(NotUnderstood):
        due(text, NOW_MS, UTC)


@given(st.text(max_size=20))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    """Every text is a time, none, or not understood."""
    with contextlib.suppress(NotUnderstood):
        due(text, NOW_MS, UTC)
