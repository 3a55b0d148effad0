"""Rule sets read aloud, and what is missing in them (A1–A3, A6)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rule_checks import blanks
from domain.rule_sentence import because_words, did_words, lines, sentence
from domain.rule_shape import NAMED, SCORE, VALUE
from domain.rules import MOMENTS, OPS, SEND_CLASS, Condition, Moment, RuleSet, Says, Then, When
from domain.ruling import Case, Ruling

LATE = RuleSet(
    1,
    "Atraso",
    When(
        surveys=("Pós-compra", "Pós-venda"),
        classes=("detractor",),
        scores=(3,),
        says=Says(("atras*", "não chegou", "prazo"), ("antes do prazo",)),
        groups=(
            (Condition("UF", "in", ("SP", "RJ")), Condition("Vendedor", "in", ("391fc663",))),
            (Condition("Dias de atraso", ">", ("7",)),),
        ),
    ),
    Then(categories=("Entrega / Atraso",), tags=("atraso",), priority=1, by_table="gerentes", send=SEND_CLASS),
)


def test_a_whole_rule_is_one_sentence() -> None:
    assert sentence(LATE) == (
        "When the survey is Pós-compra or Pós-venda, the answer is detractor or has the score 3, the comment says “atras*”, "
        "“não chegou” or “prazo”, but not “antes do prazo”, and either (UF is SP or RJ and Vendedor is 391fc663) or Dias de "
        "atraso is above 7: give the category Entrega › Atraso; add the tag atraso; set the priority to high; assign it by the "
        "table gerentes; send the e-mail of its class."
    )


def test_an_exact_phrase_is_in_its_own_quotation_marks_only() -> None:
    says = Says(('"fora do prazo"', 'troca -"sem custo"', '"a" near "b"'))
    assert sentence(replace(LATE, when=When(says=says))).startswith(
        """When the comment says "fora do prazo", “troca -"sem custo"” or “"a" near "b"”: """
    )


def test_every_line_has_its_own_key_and_reads_aloud() -> None:
    told = [(x.key, x.indent, x.lead, x.verb, " ".join(p.text for p in x.parts)) for x in lines(LATE)]
    assert told == [
        ("surveys", 0, "", "is from", "Pós-compra , Pós-venda"),
        ("class", 0, "and", "is", "detractor or score 3"),
        ("says", 0, "and", "says", "“atras*” , “não chegou” , “prazo” and not “antes do prazo”"),
        ("attr:0:0", 0, "either", "", "UF any of SP , RJ"),
        ("attr:0:1", 1, "and", "", "Vendedor is 391fc663"),
        ("attr:1:0", 0, "or", "", "Dias de atraso > 7"),
        ("then:categories", 0, "", "category", "Entrega › Atraso"),
        ("then:tags", 0, "", "tag", "atraso"),
        ("then:priority", 0, "", "priority", "high"),
        ("then:assign", 0, "", "assign", "by table gerentes"),
        ("then:send", 0, "", "send", "e-mail of its class"),
    ]


names = st.lists(
    st.text(max_size=12) | st.sampled_from(["\x1b[31mred", "a\nb", "\u202egnp", "“{x}”", "{0}"]), max_size=9
).map(tuple)
conditions = st.builds(Condition, st.text(max_size=8), st.sampled_from(OPS), names)
plans = st.builds(
    RuleSet,
    st.none(),
    st.text(max_size=9),
    st.builds(
        When, names, st.lists(st.sampled_from(["detractor", "x"])).map(tuple), st.lists(st.integers()).map(tuple),
        st.builds(Says, names, names, st.booleans()), st.lists(st.lists(conditions).map(tuple), max_size=3).map(tuple),
        st.sampled_from(["any", "with", "without"]), names, names, names, st.lists(st.integers()).map(tuple), st.none() | st.integers(),
        st.none() | st.builds(Moment, st.sampled_from(MOMENTS), st.integers()),
    ),
    st.builds(
        Then, st.text(max_size=9), names, st.booleans(), names, st.none() | st.integers(), st.text(max_size=9), st.text(max_size=9),
        st.none() | st.integers(0, 9), st.text(max_size=9), st.text(max_size=9), names, st.text(max_size=9),
    ),
)  # fmt: skip


@given(plans)
def test_r7_whatever_is_half_written_is_told_on_one_line_and_checked(plan: RuleSet) -> None:
    told = sentence(plan) + "".join(p.text for x in lines(plan) for p in x.parts)
    assert "\n" not in told and "\x1b" not in told and "\u202e" not in told
    keys = [x.key for x in lines(plan)]
    assert len(set(keys)) == len(keys)
    for blank in blanks(plan):
        assert blank.sentence and "\n" not in blank.sentence and "\x1b" not in blank.sentence


@given(plans)
def test_each_blank_stands_at_a_line_or_where_one_is_wanted(plan: RuleSet) -> None:
    keys = {x.key for x in lines(plan)} | {"name", "when", "then"}
    empty = {f"attr:{g}:0" for g, group in enumerate(plan.when.groups) if not group}
    ends = {"says"} if plan.when.says.endings else set()
    assert {b.where for b in blanks(plan)} <= keys | empty | ends | {"class", "ticket"}


def test_a1_a_whole_set_has_no_blank() -> None:
    assert blanks(LATE) == ()
    for kind in MOMENTS:
        assert blanks(RuleSet(None, "x", When(moment=Moment(kind, 4)), Then(priority=1))) == ()  # type: ignore[arg-type]


WELL = RuleSet(None, "x", When(), Then(tags=("a",)))


@pytest.mark.parametrize(
    ("plan", "where", "part"),
    [
        (replace(WELL, name=" "), "name", "no name"),
        (replace(WELL, then=Then()), "then", "what is done"),
        (replace(WELL, when=When(says=Says(('"half',)))), "says", "quotation mark"),
        (replace(WELL, when=When(says=Says((), ("*",)))), "says", "“*”"),
        (replace(WELL, when=When(says=Says(('"!!"',)))), "says", "“!!”"),
        (replace(WELL, when=When(says=Says(endings=True))), "says", "words"),
        (replace(WELL, when=When(classes=("angry",))), "class", "angry"),
        (replace(WELL, when=When(scores=(SCORE + 1,))), "class", f"0 to {SCORE}"),
        (replace(WELL, when=When(groups=((),))), "attr:0:0", "no condition"),
        (replace(WELL, when=When(groups=((Condition("UF", "in", ("SP",)), Condition(" ")),))), "attr:0:1", "no attribute"),
        (replace(WELL, when=When(groups=((Condition("UF", "in"),),))), "attr:0:0", "which values"),
        (replace(WELL, when=When(groups=((Condition("UF", "in", ("SP", " ")),),))), "attr:0:0", "is empty"),
        (replace(WELL, when=When(groups=((Condition("Dias", ">", ("12 dias",)),),))), "attr:0:0", "one number"),
        (replace(WELL, when=When(groups=((Condition("Dias", ">", ("1", "2")),),))), "attr:0:0", "one number"),
        (replace(WELL, when=When(groups=((Condition("Dias", "=~", ("1",)),),))), "attr:0:0", "no comparison"),  # type: ignore[arg-type]
        (replace(WELL, when=When(moment=Moment("due in", 0))), "moment", "from 1"),
        (replace(WELL, when=When(earlier_from=0)), "earlier", "from 1"),
        (replace(WELL, when=When(priorities=(4,))), "priorities", "1 to 3"),
        (replace(WELL, when=When(tags=("",))), "tags", "empty"),
        (replace(WELL, when=When(ticket="without", flows=("a",)), then=Then(send="x")), "ticket", "only tickets have"),
        (replace(WELL, when=When(ticket="without")), "then", "only get a ticket or an e-mail"),
        (replace(WELL, when=When(ticket="with"), then=Then(open_in="x")), "then:open_in", "have none"),
        (replace(WELL, then=Then(assignee="a", by_table="b")), "then:assign", "not both"),
        (replace(WELL, then=Then(priority=0)), "then:priority", "1 to 3"),
        (replace(WELL, then=Then(due_days=-1)), "then:due", "from 0"),
        (replace(WELL, then=Then(resolution="feito")), "then:phase", "which phase"),
        (replace(WELL, then=Then(tags=("x" * (VALUE + 1),))), "then:tags", "too long"),
        (replace(WELL, when=When(surveys=tuple(map(str, range(NAMED + 1))))), "surveys", str(NAMED)),
    ],
)  # fmt: skip
def test_a1_each_blank_is_named_where_it_is(plan: RuleSet, where: str, part: str) -> None:
    assert len(blanks(plan)) == 1
    assert blanks(plan)[0].where == where and part in blanks(plan)[0].sentence


def test_a6_why_it_held_is_told_in_clauses() -> None:
    case = Case("Pós-compra", "neutral", 3, "Atrasou", {"dias de atraso": "12,5"}, ticket=True)
    (hit,) = Ruling([LATE]).decide(case)
    assert because_words(hit.because) == (
        "the survey is Pós-compra",
        "the score is 3",
        "the comment says “atras*”",
        "Dias de atraso is above 7 (12,5)",
    )


@given(st.dictionaries(st.sampled_from(["says", "group", "class", "moment", "tags", "earlier", "new"]), st.none() | st.integers() | st.text() | st.lists(st.text() | st.lists(st.text()))))  # fmt: skip
def test_what_another_version_kept_breaks_nothing(kept: dict[str, object]) -> None:
    assert all(isinstance(words, str) for words in (*because_words(kept), *did_words(kept)))


def test_what_was_done_is_told() -> None:
    did = {"opened": "Detratores", "categories": ["Entrega / Atraso"], "tags": ["a", "b"], "priority": 1, "assignee": "bia", "due": 1_795_000_000_000,
           "phase": "Contato", "followers": ["caio"], "send": "class", "undone": [["phase", "checklist"]], "later": 3}  # fmt: skip
    assert did_words(did) == (
        "a ticket in Detratores", "category Entrega › Atraso", "tags a and b", "priority high", "assigned to bia", "due 2026-11-18",
        "moved to Contato", "follower caio", "e-mail of its class",
    )  # fmt: skip
