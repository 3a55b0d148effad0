"""Days in the query language (Q5), and a flow's period as the list's first filter (I5)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.query import DAY_MS, parse, within_days

DAYS = st.dates()


def at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("created:2026-01-31", "2026-01-31", "2026-02-01"),
        ("created:=2026-01-31", "2026-01-31", "2026-02-01"),
        ("created:>=2026-01-31", "2026-01-31", None),
        ("created:>2026-01-31", "2026-02-01", None),
        ("created:<2026-01-31", None, "2026-01-31"),
        ("due:<=2026-01-31", None, "2026-02-01"),
        ("created:2026-01-01..2026-01-31", "2026-01-01", "2026-02-01"),
        ("created:2026-01-01..", "2026-01-01", None),
        ("created:..2026-01-31", None, "2026-02-01"),
    ],
)
def test_q5_days_are_whole_and_a_span_holds_both_its_ends(text: str, start: str | None, end: str | None) -> None:
    (term,) = parse(text).terms
    assert term.field == text.partition(":")[0]
    assert term.span == (start and at(start), end and at(end))


@pytest.mark.parametrize(
    "text", ["created:2026-02-30", "created:2026-02-02..2026-02-01", "created:..", "created:2026-1-1"]
)
def test_q5_a_day_that_cannot_be_is_a_trouble_and_not_everything(text: str) -> None:
    assert parse(text).trouble
    assert not parse(text).terms


def test_q5_spans_from_now_are_what_they_were() -> None:
    (term,) = parse("due:<2d").terms
    assert (term.value, term.op) == (str(2 * DAY_MS), "<")


@given(st.one_of(st.none(), DAYS), st.one_of(st.none(), DAYS))
def test_i5_a_period_of_whole_days_becomes_a_term_that_means_the_same(start, end) -> None:  # type: ignore[no-untyped-def]
    first, last = (None if d is None else at(d.isoformat()) for d in (start, end))
    if first is not None and last is not None and first > last:
        first, last = last, first
    after = None if last is None else last + DAY_MS
    text = within_days("created", first, after)
    if first is None and after is None:
        assert text == ""
    else:
        assert parse(text).terms[0].span == (first, after)
