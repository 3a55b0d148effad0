"""The pieces of the rule editor that need no screen: what is typed, parts, two at once, highlighted comments (A2, A3, P8)."""

from dataclasses import replace

import pytest

from domain.rules import Condition, RuleSet, Says, Then, When
from loop.rule_views import Ran
from tui.screens.settings.autopilot_lines import sheet_lines, wrap_spans
from tui.screens.settings.autopilot_parts import PARTS, missing, with_attribute, without
from tui.screens.settings.autopilot_pickers import lines_of, read_hours, read_scores
from tui.screens.settings.autopilot_rehearsal import comment_spans
from tui.screens.settings.autopilot_running import ran_said
from tui.screens.settings.autopilot_shaping import Shaping, differences, rebase
from tui.screens.settings.managers import read_entries
from tui.widgets.ticket.spans import spans_len

UF, SELLER, DAYS = (
    Condition("UF", "in", ("SP", "RJ")),
    Condition("Vendedor", "in", ("391fc663",)),
    Condition("Dias", ">", ("7",)),
)
WHOLE = RuleSet(
    1,
    "Atraso",
    When(("Pós-compra",), ("detractor",), (3,), Says(("atras*",), ("prazo",)), ((UF, SELLER), (DAYS,)), earlier_from=1),
    Then(categories=("Entrega / Atraso",), priority=1, by_table="UF", tags=("atraso",), send="class"),
)


@pytest.mark.parametrize(
    ("text", "scores"),
    [("", ()), ("3", (3,)), ("0-2, 7", (0, 1, 2, 7)), ("1–2;2", (1, 2)), ("3-1", None), ("x", None), ("900", None)],
)
def test_scores_as_they_are_typed(text: str, scores: tuple[int, ...] | None) -> None:
    assert read_scores(text) == scores


@pytest.mark.parametrize(
    ("text", "hours"), [("48", 48), ("48h", 48), ("2d", 48), ("0", None), ("", None), ("2w", None)]
)
def test_a6_a_time_as_it_is_typed(text: str, hours: int | None) -> None:
    assert read_hours(text) == hours


def test_words_are_lines_each_once() -> None:
    assert lines_of("atras*\n\n  não   chegou \natras*") == ("atras*", "não chegou")


def test_a3_lines_of_a_table_are_read_with_any_mark_and_the_wrong_one_is_named() -> None:
    logins = {"ana": "ana", "bia": "bia"}
    assert read_entries("SP = ana\nRJ\tbia\n\nA: B; Ana\nRN =", logins) == (
        ("SP", "ana"), ("RJ", "bia"), ("A: B", "ana"), ("RN", ""),
    )  # fmt: skip
    assert "zoe" in str(read_entries("SP = zoe", logins)) and "SP" in str(read_entries("SP", logins))


def test_a2_a3_every_line_of_a_rule_can_be_taken_away_by_its_key_and_nothing_else_goes_with_it() -> None:
    for half in sheet_lines(WHOLE):
        for one in half:
            left = without(WHOLE, one.key)
            assert left != WHOLE
            keys = [x.key for h in sheet_lines(left) for x in h]
            assert len(keys) == sum(map(len, sheet_lines(WHOLE))) - 1
    bare = WHOLE
    for part in PARTS.values():
        bare = part.off(bare)
    assert (bare.when, bare.then) == (When(), Then())
    assert len(missing(bare, action=False)) + len(missing(bare, action=True)) == len(PARTS)


def test_a2_and_or_are_indentation() -> None:
    whens, _thens = sheet_lines(WHOLE)
    attributes = [(x.lead, x.verb, "".join(t for t, _r in x.spans)) for x in whens if x.key.startswith("attr")]
    assert attributes == [
        ("and", "either", "UF any of SP, RJ"),
        ("", "", "and Vendedor is 391fc663"),
        ("", "or", "Dias > 7"),
    ]


def test_a2_conditions_are_put_where_they_belong() -> None:
    more = Condition("Loja", "filled")
    assert with_attribute(WHOLE, more, at=None, group=1).when.groups == ((UF, SELLER), (DAYS, more))
    assert with_attribute(WHOLE, more, at=None, group=None).when.groups[2] == (more,)
    assert with_attribute(WHOLE, more, at=(0, 1), group=None).when.groups[0] == (UF, more)
    assert without(without(WHOLE, "attr:0:1"), "attr:0:0").when.groups == ((DAYS,),)


def test_p8_mine_on_top_of_theirs_field_by_field() -> None:
    mine = replace(WHOLE, name="Mine", then=replace(WHOLE.then, priority=2))
    theirs = replace(WHOLE, version=9, then=replace(WHOLE.then, priority=3, tags=()))
    merged = rebase(WHOLE, mine, theirs)
    assert (merged.name, merged.then.priority, merged.then.tags, merged.version) == ("Mine", 3, (), 9)
    assert rebase(WHOLE, mine, theirs, mine_wins=True).then.priority == 2
    shaping = Shaping(WHOLE, mine)
    shaping.onto(theirs, merged)
    assert shaping.undo() and shaping.plan.then.priority == 2 and shaping.plan.version == 9
    assert {d.field for d in differences(WHOLE, mine)} == {"Name", "Priority"}


def test_what_was_saved_is_the_new_ground_and_the_steps_stay() -> None:
    shaping = Shaping(replace(WHOLE, id=None))
    shaping.change(replace(shaping.plan, name="B"))
    shaping.onto_saved(replace(shaping.plan, id=7, version=1))
    assert not shaping.unsaved and shaping.undo()
    assert (shaping.plan.name, shaping.plan.id, shaping.plan.version) == ("Atraso", 7, 1) and shaping.unsaved


@pytest.mark.parametrize("width", [6, 12, 20, 60])
def test_r7_a_comment_is_cut_to_its_cells_with_what_matched_in_sight(width: int) -> None:
    comment = "O pedido que fiz 👩‍🚒 nunca \x1b[31m chegou até hoje"
    start = comment.index("chegou")
    spans = comment_spans(comment, ((start, start + 6),), width)
    text = "".join(t for t, _role in spans)
    assert spans_len(spans) <= width and "\x1b" not in text
    assert any(role == "late" for _t, role in spans) or width < 12


def test_spans_are_wrapped_between_words() -> None:
    rows = wrap_spans((("a bc ", "text"), ("def ghi", "past")), 6)
    assert ["".join(t for t, _role in row).strip() for row in rows] == ["a bc", "def", "ghi"]


def test_a5_a_run_never_says_that_e_mails_that_wait_for_a_yes_were_sent() -> None:
    def said(mails: int, held: int) -> str:
        return ran_said(Ran(1, 9, 5, mails, (), held=held))

    assert said(5, 5) == "5 of 9 answers touched · 5 e-mails wait for a yes."
    assert said(5, 2) == "5 of 9 answers touched · 3 e-mails · 2 e-mails wait for a yes."
    assert said(5, 0) == "5 of 9 answers touched · 5 e-mails."
