"""The flow's sheet as lines, places and plans, without a screen (P2, P5–P8)."""

from dataclasses import replace

import pytest

from domain.flows import Binding, Status
from domain.people import Role
from domain.plans import FlowPlan, IntakePlan, ItemPlan, MemberPlan, PhasePlan
from tui.screens.settings.flow_forms import (
    attribute_text,
    candidates,
    check_intake,
    intake_fields,
    read_attributes,
    with_intake,
    with_work,
    work_fields,
)
from tui.screens.settings.flow_text import file_name, text_lines
from tui.widgets.flow import edits
from tui.widgets.flow.rebase import rebase
from tui.widgets.flow.shaping import Shaping
from tui.widgets.flow.sheet import Sheet, draw, sentence_lines
from tui.widgets.flow.spots import TOP, Id, Spot, next_group, walk, wrap_spans
from tui.widgets.ticket.spans import Line, cells_of, spans_len

HOSTILE = "[bold]Zoë 👩‍🚒 مرحبا \x1b[31mred\x9b2J [@click=app.quit]x[/]"


def text(lines: tuple[Line, ...] | list[Line]) -> str:
    return "\n".join("".join(words for words, _role in x.spans).rstrip() for x in lines)


def items(*texts: str, first: int = 1) -> tuple[ItemPlan, ...]:
    return tuple(ItemPlan(n, words) for n, words in enumerate(texts, first))


def flow(**more: object) -> FlowPlan:
    phases = (
        PhasePlan(1, "New", Status.PENDING),
        PhasePlan(2, "Contacting", Status.PROGRESS, Binding.MANDATORY, items("Read it", "Call"), (3, 4)),
        PhasePlan(3, "Solving", Status.PROGRESS, Binding.OPTIONAL, items("Agree", first=3)),
        PhasePlan(4, "Solved", Status.CLOSED),
        PhasePlan(5, "No answer", Status.CLOSED),
    )
    members = (MemberPlan("ana", Role.ADMINISTRATOR), MemberPlan("Equipe SP", Role.AGENT, True))
    return replace(FlowPlan(1, "Detratores", phases, members, version=3), **more)  # type: ignore[arg-type]


def drawn(plan: FlowPlan, here: Id = ("phase", 2), width: int = 94, phase: int = 2) -> str:
    return text(draw(Sheet(plan, plan, {1: 31, 2: 38}, {}, {"Equipe SP": 6}), here, phase, width).lines)


def test_wide_the_statuses_are_columns_and_each_phase_says_its_tickets_and_list() -> None:
    shown = drawn(flow())
    row = next(x for x in shown.split("\n") if "1 New" in x)
    assert row.index("New") < row.index("Contacting") < row.index("Solved")
    assert "31" in row and "38" in row
    assert "☑ mandatory (2)" in shown and "☐ optional (1)" in shown
    head = next(x for x in shown.split("\n") if x.strip().startswith("pending"))
    assert head.index("pending") < head.index("in progress") < head.index("closed")


def test_narrow_the_statuses_stand_one_below_the_other() -> None:
    rows = drawn(flow(), width=74).split("\n")
    new, contacting, solved = (next(i for i, x in enumerate(rows) if f" {w} " in x + " ") for w in
                               ("1 New", "2 Contacting", "4 Solved"))  # fmt: skip
    assert new < contacting < solved


def test_allowed_ways_are_marked_and_read_out() -> None:
    """P6: only from the phase under the cursor, and only when they are limited."""
    shown = drawn(flow())
    assert "→ 3 Solving" in shown and "→ 4 Solved" in shown and "→ 5" not in shown
    assert "goes on to Solving or Solved" in shown
    assert "→ 5" not in drawn(flow(), ("phase", 3), phase=3) and "any phase further on" in drawn(flow(), phase=3)


def test_a_mandatory_list_says_what_it_holds_back() -> None:
    """P7."""
    assert "cannot go on to Solving or Solved until both are ticked" in drawn(flow())
    assert "holds no ticket back" in drawn(edits.toggle_binding(flow(), 2))


@pytest.mark.parametrize("width", [56, 74, 94, 134])
def test_no_line_is_longer_than_the_sheet_and_no_place_lies_outside(width: int) -> None:
    """Twelve phases, forty lines, and names from outside (R7)."""
    many = tuple(PhasePlan(n, f"{HOSTILE} {n}", list(Status)[n // 4]) for n in range(12))
    long = items(*[f"Line {n} {HOSTILE * 3}" for n in range(40)])
    plan = flow(
        name=HOSTILE, phases=(replace(many[0], items=long, onward=(4, 8)), *many[1:]), default_assignee=HOSTILE,
        members=tuple(MemberPlan(f"{HOSTILE}{n}", Role.AGENT, n % 2 == 0) for n in range(9)), signature=HOSTILE,
        intake=IntakePlan((HOSTILE,), ("detractor",), 0, 6, ((HOSTILE, (HOSTILE, "b")),), (HOSTILE,)),
    )  # fmt: skip
    for here in (TOP, ("phase", 0), ("item", 39), ("item", "ways"), ("member", 8), ("setting", "surveys")):
        drawing = draw(Sheet(plan, plan, {0: 123456}), here, 0, width)
        assert max(spans_len(x.spans) for x in drawing.lines) <= width
        assert all(0 <= s.y < len(drawing.lines) and s.x + s.width <= width for s in drawing.spots)
        assert not any(c in text(drawing.lines) for c in "\x1b\x9b\u200d")
        assert len({s.id for s in drawing.spots}) == len(drawing.spots)
    assert sum(1 for s in drawing.spots if s.id[0] == "item") == 41


@pytest.mark.parametrize("width", [56, 94, 134])
def test_arrows_reach_every_place_and_come_back(width: int) -> None:
    plan = flow()
    spots = (Spot(TOP, -1, 0, width), *draw(Sheet(plan, plan), ("phase", 1), 1, width).spots)
    seen: set[Id] = {TOP}
    left = [TOP]
    while left:
        here = left.pop()
        phase = int(here[1]) if here[0] == "phase" else 1
        for dx, dy in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            there = walk(spots, here, dx, dy, phase)
            if there not in seen:
                seen.add(there)
                left.append(there)
    assert seen == {s.id for s in spots}


def test_up_from_the_checklist_leads_back_to_its_phase() -> None:
    plan = flow()
    spots = draw(Sheet(plan, plan), ("item", 0), 3, 94).spots
    assert walk(spots, ("item", 0), 0, -1, 3) == ("phase", 3)
    assert walk(spots, ("phase", 3), 0, 1, 3) == ("item", 0)
    assert next_group(spots, ("phase", 3), 1, 3) == ("item", 0)
    assert next_group(spots, ("item", 0), -1, 3) == ("phase", 3)


def test_the_sentence_keeps_its_words_and_its_colours() -> None:
    lines = sentence_lines(flow(intake=IntakePlan(classes=("detractor",))), 60)
    assert ("▼ detractor", "detractor") in [(t.strip(), r) for x in lines for t, r in x.spans]
    assert all(spans_len(x.spans) <= 60 for x in lines)


def test_wrapping_keeps_every_word_and_every_role() -> None:
    spans = (("It takes answers of ", "past"), ("Pós-compra", "text"), (", and ", "past"), ("x" * 30, "text"))
    lines = wrap_spans(spans, 16)
    assert " ".join("".join(t for t, _r in x).strip() for x in lines).startswith("It takes answers of Pós-compra, and")
    assert all(sum(cells_of(t) for t, _r in x) <= 16 for x in lines)


def test_what_goes_to_a_phase_that_goes_too_goes_on_with_it() -> None:
    """P8: A into B, then B into C: the tickets of A are in C."""
    assert edits.removed_into({2: 3}, 3, 4) == {2: 4, 3: 4}
    assert edits.removed_into({2: 3}, 3, None) == {}


def test_steps_back_take_destinations_along() -> None:
    shaping = Shaping(flow())
    without = replace(flow(), phases=tuple(p for p in flow().phases if p.key != 3))
    shaping.remove_into(without, 3, 2)
    assert shaping.unsaved and dict(shaping.destinations) == {3: 2}
    assert shaping.undo() and not shaping.unsaved and not shaping.destinations
    assert not shaping.undo()


# Two people at once


def test_what_only_one_touched_is_kept_from_both() -> None:
    """P8: my fields on theirs, field by field, line by line."""
    base = flow()
    mine = edits.rename_phase(edits.add_item(replace(base, days_until_due=5), 2, 2, "Write"), 3, "Mending")
    theirs = replace(edits.set_item(base, 2, 0, "Read it all"), first_contact_hours=8, version=4)
    theirs = edits.add_member(theirs, MemberPlan("bia", Role.AGENT))
    both = rebase(base, mine, theirs)
    assert (both.days_until_due, both.first_contact_hours, both.version) == (5, 8, 4)
    assert [i.text for i in both.phase(2).items] == ["Read it all", "Call", "Write"]
    assert both.phase(3).name == "Mending"
    assert [m.name for m in both.members] == ["ana", "Equipe SP", "bia"]


def test_where_both_touched_it_is_theirs_or_mine_as_asked() -> None:
    base = flow()
    mine, theirs = replace(base, days_until_due=5), replace(base, days_until_due=7, version=4)
    assert rebase(base, mine, theirs).days_until_due == 7
    assert rebase(base, mine, theirs, mine_wins=True).days_until_due == 5


def test_phases_that_one_adds_removes_or_moves_meet_those_of_the_other() -> None:
    base = flow()
    new = PhasePlan(-1, "Waiting", Status.PROGRESS)
    mine = replace(base, phases=(base.phases[0], base.phases[2], base.phases[1], new, *base.phases[3:]))
    added = PhasePlan(9, "Refunding", Status.PROGRESS)
    theirs = replace(base, version=4, phases=(*base.phases[:3], added, base.phases[3]))
    both = rebase(base, mine, theirs)
    assert [p.name for p in both.phases] == ["New", "Solving", "Contacting", "Waiting", "Refunding", "Solved"] or [
        p.name for p in both.phases
    ] == ["New", "Solving", "Refunding", "Contacting", "Waiting", "Solved"]
    assert {p.key for p in both.phases} == {1, 2, 3, 4, 9, -1}


def test_what_they_went_on_shaping_is_not_removed_by_me() -> None:
    base = flow()
    mine = replace(base, phases=tuple(p for p in base.phases if p.key != 3))
    renamed = edits.rename_phase(base, 3, "Mending")
    assert 3 in {p.key for p in rebase(base, mine, renamed).phases}
    assert 3 not in {p.key for p in rebase(base, mine, base).phases}
    assert 3 not in {p.key for p in rebase(base, base, mine).phases}


def test_the_step_back_to_mine_can_be_saved_though_they_removed_what_i_shaped() -> None:
    """A phase that is gone comes back as a new one, with its lines and the ways to it."""
    base = flow()
    shaping = Shaping(base)
    shaping.change(edits.rename_phase(base, 3, "Mending"))
    theirs = replace(base, version=4, phases=tuple(p for p in base.phases if p.key != 3))
    shaping.onto(theirs, rebase(base, shaping.plan, theirs))
    assert 3 not in {p.key for p in shaping.plan.phases}
    assert shaping.undo()
    mending = next(p for p in shaping.plan.phases if p.name == "Mending")
    assert mending.key < 0 and [(i.id, i.text) for i in mending.items] == [(None, "Agree")]
    assert shaping.plan.phase(2).onward == (mending.key, 4) and shaping.plan.version == 4


# Forms


def test_the_forms_give_back_what_they_were_given() -> None:
    intake = IntakePlan(
        ("Pós-compra",), ("detractor",), 0, 6, (("UF", ("SP", "RJ")), ("Loja", ("Centro, SP",))), ("a",)
    )
    plan = flow(intake=intake, signature="A\nB", first_contact_hours=8)
    given = {f.id: f.value for f in intake_fields(intake, ("Pós-compra", "Loja"))}
    assert check_intake(given) == "" and with_intake(plan, given) == plan
    given = {f.id: f.value for f in work_fields(plan, {"Equipe SP": ("caio",)})}
    assert with_work(plan, given) == plan


def test_attributes_are_typed_as_lines() -> None:
    assert read_attributes("UF: SP, RJ\n\nuf2: a; b, c;\nUF: MG") == (
        ("UF", ("SP", "RJ", "MG")),
        ("uf2", ("a", "b, c")),
    )
    assert attribute_text((("Loja", ("Centro, SP",)),)) == "Loja: Centro, SP;"
    assert "UF SP" in str(read_attributes("UF SP"))
    assert "UF:" in str(read_attributes("UF:"))


def test_only_who_works_in_the_flow_can_be_its_default_assignee() -> None:
    plan = replace(flow(), members=(*flow().members, MemberPlan("rui", Role.ANALYST)))
    assert candidates(plan, {"Equipe SP": ("caio", "leo")}) == ["ana", "caio", "leo"]


def test_a_file_is_named_plainly() -> None:
    """R7: nothing of a name becomes a path."""
    assert file_name("Detratores SP – ação") == "detratores-sp-acao"
    assert file_name("../../etc/passwd") == "etc-passwd" and file_name("مرحبا") == "flow"


def test_text_is_shown_as_it_is() -> None:
    shown = text(text_lines(f'name = "{HOSTILE}"\n[[phases]]\n' + "x" * 200, 60))
    assert "\x1b" not in shown and "[[phases]]" in shown and "[bold]" in shown
    assert max(map(cells_of, shown.split("\n"))) <= 60
