"""Answers, classes and subjects (I1, I2, I6)."""

import dataclasses
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.answers import CSAT, NPS, Answer, Scale, ScoreClass, content_hash, subject_for

ANSWER = Answer(
    external_id="r-1",
    score=3,
    comment="Chegou tarde",
    answered_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    name="Ana",
    email="ana@loja.example",
    attributes=(("Loja", "Centro"), ("UF", "SP")),
)


def classes(scale: Scale) -> str:
    """The classes of every score, a letter each."""
    return "".join(scale.classify(score)[0] for score in range(scale.low, scale.high + 1))


def test_classes_are_those_of_the_spec() -> None:
    """I2: NPS 0–6, 7–8, 9–10; CSAT 1–2, 3, 4–5."""
    assert classes(NPS) == "dddddddnnpp"
    assert classes(CSAT) == "ddnpp"
    assert ScoreClass("detractor") is ScoreClass.DETRACTOR


def test_a_survey_sets_its_own_limits() -> None:
    """I2: limits can be moved until nothing is neutral, but not crossed."""
    assert classes(Scale("csat", 1, 5, 3, 4)) == "dddpp"
    for limits in [(1, 5, 4, 4), (1, 5, 0, 4), (1, 5, 2, 6), (5, 1, 2, 4), (0, 1000, 2, 4), (1, 5, 2.0, 4)]:
        with pytest.raises(ValueError, match="scale"):
            Scale("csat", *limits)
    with pytest.raises(ValueError, match="NPS or CSAT"):
        Scale("stars", 1, 5, 2, 4)  # type: ignore[arg-type]


@pytest.mark.parametrize("score", [-1, 11])
def test_a_score_off_the_scale_has_no_class(score: int) -> None:
    """I2."""
    assert score not in NPS
    with pytest.raises(ValueError, match="scale"):
        NPS.classify(score)


def test_the_hash_says_whether_content_differs() -> None:
    """I1: the id and the order of attributes are not content; all else is."""
    same = dataclasses.replace(ANSWER, external_id="", attributes=ANSWER.attributes[::-1])
    assert content_hash(same) == content_hash(ANSWER)
    for field, value in {
        "score": 4,
        "comment": "Chegou cedo",
        "answered_at": datetime(2026, 3, 1, 13, tzinfo=UTC),
        "name": "Bia",
        "email": "",
        "phone": "+5511987654321",
        "customer_id": "7",
        "attributes": (("Loja", "Norte"), ("UF", "SP")),
        "questions": (("Por quê?", "Chegou tarde"),),
    }.items():
        assert content_hash(dataclasses.replace(ANSWER, **{field: value})) != content_hash(ANSWER), field


def test_the_hash_takes_one_text_in_two_spellings_as_one() -> None:
    """I1: é is é, composed or not; and any text at all has a hash."""
    composed, apart = (
        content_hash(dataclasses.replace(ANSWER, comment=unicodedata.normalize(form, "não é")))
        for form in ("NFC", "NFD")
    )
    assert composed == apart
    assert len(content_hash(dataclasses.replace(ANSWER, comment="\ud800"))) == 64


def test_an_answer_without_a_time_of_its_own_is_known_by_the_rest() -> None:
    """I1: the time of the file is not content, or a copied file would import anew."""
    one = dataclasses.replace(ANSWER, dated=False)
    other = dataclasses.replace(one, answered_at=datetime(2027, 1, 1, tzinfo=UTC))
    assert content_hash(one) == content_hash(other)


def test_the_subject_is_the_start_of_the_comment_on_one_line() -> None:
    """I6."""
    assert subject_for(" Chegou\ntarde \x1b[31m!", "Loja", 3) == "Chegou tarde [31m!"
    long = subject_for("palavra " * 40, "Loja", 3)
    assert long.endswith("palavra…")
    assert len(long) <= 80
    assert subject_for("😡", "Loja", 1) == "😡"


@pytest.mark.parametrize("comment", ["", " \n\t", "...", "-", "\u200b"])
def test_without_words_the_subject_is_survey_and_score(comment: str) -> None:
    """I6."""
    assert subject_for(comment, "Pós-compra", 3) == "Pós-compra · 3"
    assert len(subject_for(comment, "x" * 300, 10)) <= 80


def cells(text: str) -> int:
    """The width by the book: wide ones two, combining ones none."""
    return sum(
        0
        if unicodedata.category(c) in ("Mn", "Me", "Cf") and c != "\ufe0f"
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )


@given(st.text(max_size=300) | st.text("あ👩\u200d🚒 é\u0301\ufe0f", max_size=200))
@example("あ" * 100)
@example("x" * 79 + "あ")
@example("a" + "\u0301" * 500)
@example("👩\u200d🚒" * 40)
def test_a_subject_is_one_line_of_at_most_80_cells(comment: str) -> None:
    """I6, R7: whatever was written."""
    subject = subject_for(comment, "Pós-compra", 3)
    assert subject
    assert "\n" not in subject
    assert "\x1b" not in subject
    assert cells(subject) <= 80
    assert not subject.endswith("\u200d…")
