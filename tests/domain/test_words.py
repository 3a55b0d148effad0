"""Numbers, ages, days and kinds are written as the reader's language writes them (R6)."""

from collections.abc import Iterator

import pytest

from domain.ages import age, span, two_units, until
from domain.dues import NotUnderstood, due
from domain.people import Level
from domain.refusals import refuse
from domain.text import number, use_language
from domain.words import named

DAY = 86_400_000


@pytest.fixture
def portuguese() -> Iterator[None]:
    use_language("pt_BR")
    yield
    use_language("C")


def test_r6_numbers_have_the_marks_of_the_language(portuguese: None) -> None:
    assert [number(1234567), number(3.9, 1), number(12345.678, 2), number(-7)] == [
        "1.234.567",
        "3,9",
        "12.345,68",
        "-7",
    ]
    use_language("C")
    assert [number(1234567), number(3.9, 1), number(-7)] == ["1,234,567", "3.9", "-7"]


def test_r6_a_language_without_a_letter_for_weeks_goes_on_in_days(portuguese: None) -> None:
    assert [span(0), span(5 * 60_000), span(70 * DAY), until(-70 * DAY, 0)] == ["<1m", "5m", "70d", "−70d"]
    assert (age(0, 20_000), until(2 * DAY - 60_000, 0), two_units(52 * 3_600_000)) == ("<1m", "2d", "2d4h")
    use_language("C")
    assert [span(0), span(70 * DAY)] == ["now", "10w"]


def test_r6_kinds_and_levels_are_named_and_what_has_no_name_stays(portuguese: None) -> None:
    assert [named(w) for w in ("high", "due soon", "none", "mail held", "x\x1b[31my")] == [
        "alta",
        "vence já",
        "sem nível",
        "e-mail retido",
        "x[31my",
    ]
    assert str(refuse("needs level", level=Level.ADMINISTRATOR)) == "Isto exige o nível administrador."


def test_t5_weeks_are_understood_in_both_languages_and_months_are_not_minutes() -> None:
    assert [due(said, 0) for said in ("2 weeks", "2 semanas", "2sem", "5min")] == [14 * DAY] * 3 + [5 * 60_000]
    assert due("próxima sexta", 0) == due("next friday", 0) == due("sexta", 0)
    for said in ("2 months", "2 meses", "2mo"):
        with pytest.raises(NotUnderstood):
            due(said, 0)
