"""Which flow takes an answer (I3, I5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers import ScoreClass
from domain.intake import Facts, Intake, choose, read, stored
from domain.plans import IntakePlan

FACTS = Facts(
    "Pós-compra",
    ScoreClass.DETRACTOR,
    2,
    1_000,
    "O pedido NÃO chegou — e o atraso já passa de 9 dias!",
    (("UF", "São Paulo"), ("Loja", "Natal"), ("Loja", "Recife")),
)


def takes(facts: Facts = FACTS, **filters: object) -> bool:
    return Intake.of(1, IntakePlan(**filters)).takes(facts)  # type: ignore[arg-type]


def test_i5_a_flow_without_filters_takes_everything() -> None:
    assert takes()
    assert takes(Facts("", ScoreClass.NEUTRAL, 0, 0))


@pytest.mark.parametrize(
    ("holds", "fails"),
    [
        ({"surveys": ("X", "Pós-compra")}, {"surveys": ("X",)}),
        ({"classes": ("neutral", "detractor")}, {"classes": ("promoter",)}),
        ({"score_from": 2}, {"score_from": 3}),
        ({"score_to": 2}, {"score_to": 1}),
        ({"score_from": 0, "score_to": 6}, {"score_from": 3, "score_to": 6}),
        ({"answered_from": 1_000}, {"answered_from": 1_001}),
        ({"answered_until": 1_001}, {"answered_until": 1_000}),
        ({"attributes": (("uf", ("RJ", "sao paulo")),)}, {"attributes": (("UF", ("RJ",)),)}),
        ({"attributes": (("LOJA", ("recife",)),)}, {"attributes": (("Vendedor", ("recife",)),)}),
        (
            {"attributes": (("UF", ("São Paulo",)), ("Loja", ("Natal", "Macapá")))},
            {"attributes": (("UF", ("São Paulo",)), ("Loja", ("Macapá",)))},
        ),
        ({"keywords": ("troca", "nao  Chegou")}, {"keywords": ("troca",)}),
        ({"keywords": ("ATRASO",)}, {"keywords": ("atras",)}),
        ({"keywords": ("atras*",)}, {"keywords": ("tras*",)}),
        ({"keywords": ("dias!",)}, {"keywords": ("dias?",)}),
    ],
)
def test_i5_each_filter_holds_or_does_not(holds: dict[str, object], fails: dict[str, object]) -> None:
    assert takes(**holds)
    assert not takes(**fails)
    assert not takes(**{**fails, "score_to": 10} if "score_to" not in fails else fails), "all of the filters must hold"


def test_i5_keywords_are_text_and_no_pattern() -> None:
    assert not takes(keywords=("a.raso", "(", "[a-z]+"))
    assert takes(Facts("", ScoreClass.NEUTRAL, 0, 0, "custa R$ 10 (dez) cada"), keywords=("(dez)",))


def test_i5_the_first_flow_in_the_admins_order_wins() -> None:
    all_of_them, promoters = Intake.of(7, IntakePlan()), Intake.of(3, IntakePlan(classes=("promoter",)))
    assert choose([promoters, all_of_them], FACTS) == 7
    assert choose([all_of_them, promoters], FACTS) == 7
    assert choose([promoters], FACTS) is None


def test_i5_a_survey_that_is_renamed_stays_in_the_filter_and_one_that_is_gone_lets_nothing_through() -> None:
    kept = stored(IntakePlan(surveys=("Antes", "Ainda não há")), {"Antes": 4})
    assert read(kept, {4: "Depois"}, None, None).surveys == ("Depois", "Ainda não há")
    assert not Intake.of(1, read(stored(IntakePlan(surveys=("A",)), {"A": 4}), {}, None, None)).takes(FACTS)


WORDS = st.lists(st.text(max_size=8), max_size=3).map(tuple)


@given(
    st.builds(
        IntakePlan,
        surveys=WORDS,
        classes=WORDS,
        score_from=st.none() | st.integers(0, 100),
        score_to=st.none() | st.integers(0, 100),
        attributes=st.lists(st.tuples(st.text(max_size=8), WORDS), max_size=3).map(tuple),
        keywords=WORDS,
        answered_from=st.none() | st.integers(0, 2**40),
        answered_until=st.none() | st.integers(0, 2**40),
    ),
    st.text(max_size=40),
)
def test_i5_filters_are_kept_whole_and_any_words_can_be_asked(plan: IntakePlan, comment: str) -> None:
    assert read(stored(plan, {}), {}, plan.answered_from, plan.answered_until) == plan
    Intake.of(1, plan).takes(Facts("X", ScoreClass.PROMOTER, 9, 5, comment, (("a", comment),)))
