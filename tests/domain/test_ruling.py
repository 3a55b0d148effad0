"""Which rule sets hold for an answer (A1, A2, A4, A5), against a slow and obvious reading of the same rules."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rule_conditions import number_of
from domain.rule_sentence import because_words
from domain.rules import OPS, Condition, RuleSet, Says, Then, When
from domain.ruling import Case, Ruling
from domain.text import fold

SURVEYS = ("Pós-compra", "Entrega")
STATES = ("SP", "sp ", "RJ", "São Paulo", "sao  paulo", "")
WORDS = ("atraso", "atras*", "não chegou", '"antes do prazo"')
COMMENTS = ("", "O ATRASO foi grande", "Nao chegou ainda", "Chegou antes do prazo, sem atrasos", "tudo certo")
NUMBERS = ("7", "-3", "7,5", "1.000", "12 dias", "")
TAGS = ("atraso", "vip")
CATEGORIES = ("Entrega", "Entrega / Atraso")
CATEGORY_WORDS = {"Entrega": ("prazo",), "Entrega / Atraso": ("atraso", "não chegou"), "Produto": ()}
FLOWS = ("Detratores", "Elogios")


def some(*values: object, most: int = 2) -> st.SearchStrategy:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


conditions = st.one_of(
    st.builds(Condition, st.sampled_from(["UF", "uf", "Loja"]), st.sampled_from(["in", "not in"]), some(*STATES, most=3)),
    st.builds(Condition, st.just("Dias"), st.sampled_from([">", ">=", "<", "<="]), st.sampled_from(NUMBERS).map(lambda n: (n,))),
    st.builds(Condition, st.sampled_from(["UF", "Dias"]), st.sampled_from(["filled", "empty"])),
)  # fmt: skip
whens = st.builds(
    When,
    surveys=some(*SURVEYS),
    classes=some("detractor", "promoter"),
    scores=some(2, 9),
    says=st.builds(Says, some(*WORDS), some(*WORDS, most=1), st.just(False)),
    groups=st.lists(st.lists(conditions, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple),
    ticket=st.sampled_from(["any", "with", "without"]),
    flows=some(*FLOWS, most=1),
    categories=some(*CATEGORIES, most=1),
    tags=some("ATRASO", "vip", most=1),
    priorities=some(1, 2, most=1),
    earlier_from=st.none() | st.integers(1, 2),
)
thens = st.builds(
    Then,
    open_in=st.sampled_from(["", "", "Elogios"]),
    categories=some(*CATEGORIES, most=1),
    categorise=st.booleans(),
    tags=some(*TAGS, most=1),
    priority=st.none() | st.integers(1, 3),
    send=st.sampled_from(["", "class"]),
)
# Each condition alone lets enough through, so that chains of sets are met often.
loose = st.builds(lambda when, field: When(**{field: getattr(when, field)}), whens, st.sampled_from(
    ["surveys", "classes", "says", "groups", "ticket", "flows", "categories", "tags", "priorities"]))  # fmt: skip
rule_sets = st.lists(st.tuples(st.one_of(loose, whens), thens), min_size=1, max_size=5).map(
    lambda pairs: [RuleSet(i, f"set {i}", when, then, True, i) for i, (when, then) in enumerate(pairs, 1)]
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    ticket = draw(st.booleans())
    klass, score = draw(st.sampled_from([("detractor", 2), ("neutral", 7), ("promoter", 9), (None, None)]))
    attributes = {"Uf": draw(st.sampled_from(STATES)), "dias": draw(st.sampled_from(NUMBERS))}
    return Case(
        draw(st.sampled_from(SURVEYS)), klass, score, draw(st.sampled_from(COMMENTS)),
        {k: v for k, v in attributes.items() if draw(st.booleans())},
        ticket, ticket and draw(st.integers(0, 5)) == 0, draw(st.booleans()),
        draw(st.sampled_from(FLOWS)) if ticket else "",
        draw(some(*CATEGORIES)) if ticket else (), draw(some(*TAGS)) if ticket else (),
        draw(st.integers(1, 3)) if ticket else None, draw(st.integers(0, 2)),
        frozenset(draw(st.lists(st.integers(1, 5), max_size=2))),
    )  # fmt: skip


def plain(text: str) -> str:
    return " ".join(fold(text).split())


def says(comment: str, expression: str) -> bool:
    word = plain(expression).strip('"')
    pattern = re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "")
    return re.search(rf"\b{pattern}\b", plain(comment)) is not None


def number(text: str) -> float | None:
    return {"7": 7, "-3": -3, "7,5": 7.5, "1.000": 1000}.get(text)


def holds(one: Condition, attributes: dict[str, str]) -> bool:
    given = [value for name, value in attributes.items() if plain(name) == plain(one.attribute)]
    wanted = [plain(v) for v in one.values if plain(v)]
    if one.op == "in":
        return any(plain(v) in wanted for v in given)
    if one.op == "not in":
        return not any(plain(v) in wanted for v in given)
    if one.op == "filled":
        return any(v.strip() for v in given)
    if one.op == "empty":
        return not any(v.strip() for v in given)
    compare = {">": lambda a, b: a > b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b}
    right = number(one.values[0])
    return any((left := number(v)) is not None and right is not None and compare[one.op](left, right) for v in given)


def slowly(sets: list[RuleSet], case: Case, survey_sets: dict[str, frozenset[int] | None]) -> list[tuple]:
    """The rules as they are written down, one after the other, with nothing remembered."""
    found: list[tuple] = []
    ticket, flow, priority = case.ticket, case.flow, case.priority
    categories, tags = {plain(c) for c in case.categories}, {plain(t) for t in case.tags}
    for one in sets:
        when, then = one.when, one.then
        opens = bool(then.open_in) and not ticket and case.may_open
        listed = survey_sets[case.survey]
        checks = [
            not case.closed,
            one.id not in case.hit,
            listed is None or one.id in listed,
            not when.surveys or case.survey in when.surveys,
            (not when.classes and not when.scores) or case.klass in when.classes or case.score in when.scores,
            not when.says.any_of or any(says(case.comment, e) for e in when.says.any_of),
            not any(says(case.comment, e) for e in when.says.none_of),
            not when.groups or any(all(holds(c, dict(case.attributes)) for c in group) for group in when.groups),
            when.ticket == "any" or (when.ticket == "with") == ticket,
            not when.flows or (ticket and flow in when.flows),
            not when.categories or bool(categories & {plain(c) for c in when.categories}),
            not when.tags or bool(tags & {plain(t) for t in when.tags}),
            not when.priorities or (ticket and priority in when.priorities),
            when.earlier_from is None or case.earlier >= when.earlier_from,
            ticket or opens or bool(then.send),
            then != Then(categorise=True) or any(says(case.comment, w) for ws in CATEGORY_WORDS.values() for w in ws),
        ]
        if not all(checks):
            continue
        if opens:
            ticket, flow, priority = True, then.open_in, 3
        given: list[str] = []
        if ticket:
            given = list(then.categories)
            if then.categorise:
                given += [
                    n for n, ws in CATEGORY_WORDS.items() if n not in given and any(says(case.comment, w) for w in ws)
                ]
            categories |= {plain(c) for c in given}
            tags |= {plain(t) for t in then.tags}
            priority = then.priority or priority
        found.append((one.id, tuple(given)))
    return [*found, ("after", ticket, flow, priority, tags, categories)]


@given(rule_sets, cases(), st.fixed_dictionaries({s: st.none() | st.frozensets(st.integers(1, 5)) for s in SURVEYS}))
def test_a1_a2_a4_a5_sets_hold_as_they_are_written_and_see_what_earlier_ones_gave(
    sets: list[RuleSet], case: Case, survey_sets: dict[str, frozenset[int] | None]
) -> None:
    expected = slowly(sets, case, survey_sets)
    ruling = Ruling(
        sets, category_words=CATEGORY_WORDS, survey_sets=survey_sets, flow_priorities={"Elogios": 3, "Detratores": 2}
    )
    hits = ruling.decide(case)
    after = (
        "after",
        case.ticket,
        case.flow,
        case.priority,
        set(map(plain, case.tags)),
        set(map(plain, case.categories)),
    )
    assert [*((h.rule_set.id, h.categories) for h in hits), after] == expected


@given(rule_sets, st.lists(cases(), min_size=2, max_size=6))
def test_what_was_decided_of_one_answer_changes_nothing_for_the_next(sets: list[RuleSet], many: list[Case]) -> None:
    one = Ruling(sets, category_words=CATEGORY_WORDS)
    together = [[h.rule_set.id for h in one.decide(replace(case))] for case in many]
    alone = [[h.rule_set.id for h in Ruling(sets, category_words=CATEGORY_WORDS).decide(replace(c))] for c in many]
    assert together == alone


CATEGORISE = RuleSet(1, "sort", When(says=Says(("atraso",))), Then(categories=("Entrega / Atraso",)))
DELEGATE = RuleSet(2, "hurry", When(categories=("entrega / atraso",)), Then(priority=1))


@pytest.mark.parametrize(("order", "hits"), [((CATEGORISE, DELEGATE), [1, 2]), ((DELEGATE, CATEGORISE), [1])])
def test_a1_order_matters(order: tuple[RuleSet, ...], hits: list[int]) -> None:
    found = Ruling(order).decide(Case("Pós-compra", "detractor", 2, "Atraso!", ticket=True))
    assert sorted(h.rule_set.id or 0 for h in found) == hits


def test_a3_an_answer_without_ticket_is_met_only_where_something_can_be_done() -> None:
    tag, mail, opens = Then(tags=("vip",)), Then(send="class"), Then(open_in="Elogios", tags=("vip",))
    for then, may_open, met in ((tag, True, 0), (mail, False, 1), (opens, True, 1), (opens, False, 0)):
        case = Case("Entrega", "promoter", 10, may_open=may_open)
        assert len(Ruling([RuleSet(1, "x", then=then)]).decide(case)) == met
        assert tuple(case.tags) == (("vip",) if then is opens and met else ())


def test_a5_nothing_runs_on_a_closed_ticket_not_even_a_mail() -> None:
    ruling = Ruling([RuleSet(1, "x", then=Then(send="class"))])
    assert ruling.decide(Case("Entrega", "promoter", 10, ticket=True, closed=True)) == []


def test_a4_both_lists_must_name_each_other() -> None:
    one = RuleSet(1, "x", When(surveys=("Entrega",)), Then(send="class"))
    for named, survey, met in ((None, "Entrega", 1), ({1}, "Entrega", 1), ({2}, "Entrega", 0), (None, "Outra", 0), (set(), "Entrega", 0)):  # fmt: skip
        lists = {survey: None if named is None else frozenset(named)}
        assert len(Ruling([one], survey_sets=lists).decide(Case(survey, "promoter", 9))) == met


def test_a_set_whose_words_are_no_expressions_lets_nothing_through() -> None:
    """While somebody types them, a rehearsal would else count every answer."""
    half = RuleSet(1, "x", When(says=Says(('"half',))), Then(send="class"))
    assert Ruling([half]).decide(Case("Entrega", "promoter", 9, "half")) == []
    whole = replace(half, when=When(says=Says(('"half', "muito bom"))))
    assert len(Ruling([whole]).decide(Case("Entrega", "promoter", 9, "Muito bom!"))) == 1


def test_needs_says_what_a_case_must_know() -> None:
    assert Ruling([RuleSet(1, "x", When(classes=("promoter",)), Then(send="class"))]).needs == frozenset()
    when = When(
        categories=("a",), tags=("b",), earlier_from=1, groups=((Condition("UF", "filled"),),), says=Says(("c",))
    )
    assert Ruling([RuleSet(1, "x", when)]).needs == {"categories", "tags", "earlier", "attributes", "comment"}


def test_r4_why_it_held_is_told_in_the_rules_own_words() -> None:
    """Of the customer's data only what the rule names, and numbers that were compared."""
    when = When(
        classes=("detractor",), scores=(9,), says=Says(("atras*", "caro")), tags=("VIP",), earlier_from=1,
        groups=((Condition("Nome", "in", ("ana",)),), (Condition("uf", "in", ("são paulo",)), Condition("Dias", ">", ("7",)), Condition("Nome", "not in", ("Zé",)))),
    )  # fmt: skip
    case = Case(
        "Entrega", "detractor", 2, "Atrasou e atrasou", {"UF": " SAO PAULO", "dias": " 12,5", "Nome": "Marina"},
        ticket=True, tags=("vip",), earlier=3,
    )  # fmt: skip
    (hit,) = Ruling([RuleSet(1, "x", when, Then(priority=1))]).decide(case)
    assert hit.because == {
        "class": "detractor",
        "says": ["atras*"],
        "group": [
            ["uf", "in", ["são paulo"], "são paulo"],
            ["Dias", ">", ["7"], "12,5"],
            ["Nome", "not in", ["Zé"], ""],
        ],
        "tags": ["VIP"],
        "earlier": 1,
    }


def test_a6_a_category_by_its_words_is_told_with_the_words_that_gave_it() -> None:
    words = {
        "Entrega / Atraso": ("atras*", "dias depois"),
        "Produto / Defeito": ("queimou",),
        "Tarde": ("dias depois",),
    }
    case = Case("S", "detractor", 1, "Chegou dias depois", ticket=True, flow="F")
    (hit,) = Ruling([RuleSet(1, "x", When(), Then(categorise=True))], category_words=words).decide(case)
    assert hit.categories == ("Entrega / Atraso", "Tarde")
    assert hit.because == {"worded": {"Entrega / Atraso": ["dias depois"], "Tarde": ["dias depois"]}}
    assert because_words(hit.because) == ("the comment says “dias depois”",), "each word once, in a log"


def test_a3_only_the_sets_that_say_so_give_categories_by_their_words_near_ones_and_exclusions_too() -> None:
    words = {
        "Perto": ("pedido near/1 errado",),
        "Longe": ("pedido near/2 errado",),
        "Sem": ("pedido -troca",),
        "Fora": ("errado -pedido", "pedidos"),
    }
    case = Case("S", "detractor", 1, "O PEDIDO veio todo errado", ticket=True, flow="F")
    tags, sorts = RuleSet(1, "x", When(), Then(tags=("z",))), RuleSet(2, "y", When(), Then(categorise=True))
    hits = Ruling([tags, sorts], category_words=words).decide(case)
    assert [hit.categories for hit in hits] == [(), ("Sem",)]
    case = Case("S", "detractor", 1, "Pedido veio errado, quero troca", ticket=True, flow="F")
    (hit,) = Ruling([sorts], category_words=words).decide(case)
    assert hit.categories == ("Longe",)
    assert hit.because == {"worded": {"Longe": ["pedido near/2 errado"]}}


def test_a2_a_set_that_only_says_what_must_not_be_there_reads_the_comment() -> None:
    """Alone: no other set asks for words."""
    ruling = Ruling([RuleSet(1, "x", When(says=Says((), ("obrigad*",))), Then(tags=("z",)))])
    decided = [ruling.decide(Case("S", "neutral", 7, said, ticket=True, flow="F")) for said in ("Obrigada!", "Ok", "")]
    assert [len(hits) for hits in decided] == [0, 1, 1]
    assert "comment" in ruling.needs


def test_a5_a_set_that_only_sorts_does_not_meet_an_answer_without_such_words() -> None:
    """Else words that a category gets later would find the answer met already."""
    case = Case("S", "detractor", 1, "Chegou", ticket=True, flow="F")
    sorts, tags = (
        RuleSet(1, "x", When(), Then(categorise=True)),
        RuleSet(2, "y", When(), Then(categorise=True, tags=("z",))),
    )
    hits = Ruling([sorts, tags], category_words={"Atraso": ("atras*",)}).decide(case)
    assert [hit.rule_set.id for hit in hits] == [2]


@given(
    st.integers(-(10**9), 10**9),
    st.integers(1, 3),
    st.sampled_from([(",", "."), (".", ","), (" ", ","), ("", "."), ("", ",")]),
)
def test_a2_numbers_are_read_with_the_marks_of_any_land(cents: int, digits: int, marks: tuple[str, str]) -> None:
    thousands, point = marks
    value = cents / 10**digits
    written = f"{value:,.{digits}f}".translate({ord(","): thousands, ord("."): point})
    if digits == 3 and abs(value) < 1000:
        return  # one mark before three digits: below
    assert number_of(f" {written} ") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234", 1234), ("1,234", 1234), ("0.123", 0.123), ("1234,567", 1234.567), ("1.234.567", 1234567), ("−36", -36), ("+3", 3), (",5", 0.5),
        ("1’234", 1234), ("12 dias", None), ("R$ 5", None), ("", None), ("-", None), ("1e5", None), ("nan", None), ("١٢", None),
        ("1.2.3", None), ("1.234.5", None), ("9" * 60, None), ("5 %", None), ("12/10/2026", None),
    ],
)  # fmt: skip
def test_a2_what_is_no_number_is_none(text: str, value: float | None) -> None:
    assert number_of(text) == value


def test_every_comparison_is_known() -> None:
    for op in OPS:
        one = RuleSet(1, "x", When(groups=((Condition("a", op, ("1",)),),)), Then(send="class"))
        assert len(Ruling([one]).decide(Case("s", attributes={"a": "1"}))) == (op in ("in", ">=", "<=", "filled"))


@pytest.mark.parametrize(
    ("op", "values", "attributes", "fits"),
    [
        ("in", ("Natal", "São Paulo"), {"loja": " sao  PAULO "}, True),
        ("in", ("Natal", "São Paulo"), {"loja": "Recife"}, False),
        ("in", ("Natal",), {}, False),
        ("in", ("Natal",), {"Loja": "Recife", "loja ": "natal"}, True),
        ("not in", ("Natal", "São Paulo"), {"loja": "Recife"}, True),
        ("not in", ("Natal", "São Paulo"), {"loja": "sao paulo"}, False),
        ("not in", ("Natal",), {}, True),
        ("not in", ("Natal",), {"loja": ""}, True),
        ("not in", ("Natal",), {"Loja": "Recife", "loja ": "natal"}, False),
        (">", ("7",), {"loja": "7"}, False),
        (">", ("7",), {"loja": "7,5"}, True),
        (">=", ("7",), {"loja": "7"}, True),
        (">=", ("7",), {"loja": "6,9"}, False),
        ("<", ("7",), {"loja": "7"}, False),
        ("<", ("7",), {"loja": "-7"}, True),
        ("<=", ("7",), {"loja": "7,0"}, True),
        ("<=", ("7",), {"loja": "7.1"}, False),
        ("<=", ("7",), {"loja": "sete"}, False),
        ("<=", ("7",), {}, False),
        ("filled", (), {"loja": "Natal"}, True),
        ("filled", (), {"loja": "  "}, False),
        ("filled", (), {}, False),
        ("empty", (), {"loja": "\t"}, True),
        ("empty", (), {}, True),
        ("empty", (), {"loja": "0"}, False),
    ],
)
def test_a2_each_comparison_holds_to_its_edge_and_no_farther(
    op: str, values: tuple[str, ...], attributes: dict[str, str], fits: bool
) -> None:
    """A2: also of an attribute that the answer lacks, has empty, or has twice in two spellings."""
    one = RuleSet(1, "x", When(groups=((Condition("LOJA", op, values),),)), Then(send="class"))  # type: ignore[arg-type]
    assert bool(Ruling([one]).decide(Case("Entrega", attributes=attributes))) is fits


def test_a2_one_group_is_enough_and_all_of_a_group_must_hold() -> None:
    """A2: (store in {Natal, São Paulo} and seller = Ana) or store = Recife."""
    groups = (
        (Condition("store", "in", ("Natal", "São Paulo")), Condition("seller", "in", ("Ana",))),
        (Condition("store", "in", ("Recife",)),),
    )
    ruling = Ruling([RuleSet(1, "x", When(groups=groups), Then(send="class"))])

    def met(store: str, seller: str) -> bool:
        return bool(ruling.decide(Case("Entrega", attributes={"store": store, "seller": seller})))

    assert met("Natal", "Ana") and met("são paulo", "ANA") and met("Recife", "Bia") and met("Recife", "Ana")
    assert not met("Natal", "Bia") and not met("Olinda", "Ana")


@pytest.mark.parametrize(("earlier", "fits"), [(0, False), (1, False), (2, True), (3, True)])
def test_a2_earlier_tickets_are_at_least_so_many(earlier: int, fits: bool) -> None:
    ruling = Ruling([RuleSet(1, "x", When(earlier_from=2), Then(send="class"))])
    assert bool(ruling.decide(Case("Entrega", earlier=earlier))) is fits


@pytest.mark.parametrize(
    ("klass", "score", "fits"),
    [("detractor", 6, True), ("neutral", 8, True), ("neutral", 7, False), ("promoter", 10, False), (None, None, False)],
)
def test_a2_one_of_the_classes_or_one_of_the_scores(klass: str | None, score: int | None, fits: bool) -> None:
    ruling = Ruling([RuleSet(1, "x", When(classes=("detractor",), scores=(8, 0)), Then(send="class"))])
    assert bool(ruling.decide(Case("Entrega", klass, score))) is fits
