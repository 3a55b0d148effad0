"""The section “Autopilot”, driven by keys on a real desk (A1–A6): a rule set built, checked, switched on, undone, collided."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from domain.answers import NPS, Answer
from domain.rules import Condition, RuleSet, Says, Then, When
from loop import answers, labels, managers, rules
from tests.tui.conftest import HOSTILE, START, Opened, Screen, Shop, until
from tui.screens.asking import AskScreen
from tui.screens.forming import FormScreen
from tui.screens.picker import Picker
from tui.screens.settings.autopilot import AutopilotPane
from tui.screens.settings.autopilot_editor import AutopilotEditor
from tui.screens.settings.choosing import ChoiceScreen
from tui.screens.settings.screen import SettingsScreen

WIDE = (120, 36)
ATRASO = RuleSet(
    None,
    "Atraso na entrega",
    When(surveys=("Pós-compra",), classes=("detractor",), says=Says(("tarde",))),
    Then(priority=1, tags=("atraso",)),
)


class Autopilot(Screen):
    """The section, driven."""

    @property
    def frame(self) -> SettingsScreen:
        """The settings, whatever is over them."""
        return next(s for s in self.app.screen_stack if isinstance(s, SettingsScreen))

    @property
    def pane(self) -> AutopilotPane:
        """The section."""
        pane = self.frame.pane
        assert isinstance(pane, AutopilotPane)
        return pane

    @property
    def editor(self) -> AutopilotEditor:
        """The editor."""
        return self.pane.editor

    @property
    def plan(self) -> RuleSet:
        """What is edited."""
        return self.editor.plan

    @property
    def said(self) -> str:
        """What the last line says."""
        return self.frame.said

    async def panel(self, kind: type, *keys: str) -> Any:
        """Press keys that open a panel."""
        await self.press(*keys)
        await until(lambda: isinstance(self.app.screen, kind))
        await self.quiet()
        return self.app.screen

    async def back_at_sheet(self, *keys: str) -> None:
        """Press keys that close what is over the settings."""
        await self.press(*keys)
        await until(lambda: self.app.screen is self.frame)
        await self.quiet()

    async def pick(self, text: str, *keys: str) -> None:
        """In a picker: type, take."""
        await until(lambda: isinstance(self.app.screen, Picker) and self.app.focused is not None)
        before = self.app.screen
        await self.press(*letters(text), *keys, "enter")
        await until(lambda: self.app.screen is not before)
        await self.quiet()

    async def add(self, part: str) -> None:
        """o, and what is to be added."""
        await self.panel(Picker, "o")
        await self.pick(part)

    async def opened_set(self) -> None:
        """Enter on a rule set."""
        await self.press("enter")
        await until(lambda: self.pane.is_editing and self.app.focused is self.editor.sheet)
        await self.quiet()

    async def rehearsed(self) -> None:
        """Wait for the rehearsal."""
        await until(lambda: not self.editor.rehearsing and self.editor.found is not None)
        await self.quiet()


def letters(text: str) -> list[str]:
    """Keys that write a text."""
    names = {" ": "space", "*": "asterisk", "\n": "enter", "-": "minus", "=": "equals_sign", ",": "comma"}
    return [names.get(c, c) for c in text]


Entered = Callable[..., AbstractAsyncContextManager[Autopilot]]


@pytest.fixture
def entered(opened: Opened, shop: Shop) -> Entered:
    """Opens the section at a size, over the main screen."""

    @asynccontextmanager
    async def enter(size: tuple[int, int] = WIDE, at: Shop = shop) -> AsyncIterator[Autopilot]:
        async with opened(size, at) as screen:
            await screen.app.push_screen(SettingsScreen("autopilot"))
            at_it = Autopilot(screen.app, screen.pilot)
            await at_it.quiet()
            yield at_it

    return enter


def with_stores(shop: Shop) -> None:
    """Answers with a state and a seller."""
    given = [
        Answer(
            f"s{i}", i % 7, "Atrasou dez dias e não chegou" if i % 2 else "Veio a cor errada",
            START.replace(hour=13), f"Loja {i}", f"s{i}@clientes.example",
            attributes=(("UF", ("SP", "RJ", "RN")[i % 3]), ("Vendedor", f"v{i % 4}")),
        )
        for i in range(30)
    ]  # fmt: skip
    answers.take(shop.desk, "Pós-compra", given, actor=shop.actor, scale=NPS)


def saved(shop: Shop, plan: RuleSet = ATRASO) -> int:
    """Keep a rule set, off."""
    done = rules.save(shop.desk, plan, actor=shop.actor)
    assert hasattr(done, "id"), done
    return done.id  # type: ignore[union-attr]


async def test_a1_a2_a3_a_rule_set_is_built_by_keys_alone_and_switched_on(entered: Entered, shop: Shop) -> None:
    with_stores(shop)
    labels.create_category(shop.desk, "Entrega", actor=shop.actor)
    async with entered() as s:
        assert "No rule sets yet" in s.text()
        await s.panel(FormScreen, "o")
        await s.press(*letters("Atraso na entrega"), "f5")
        await until(lambda: s.pane.is_editing and s.app.focused is s.editor.sheet)
        await s.quiet()
        assert "off while you edit" in s.text() or "not saved" in s.text()
        await s.add("survey")
        await s.back_at_sheet("enter", "f5")
        await s.add("class")
        await s.back_at_sheet("space", "f5")
        await s.add("words")
        await s.back_at_sheet(*letters("atras*\nnão chegou"), "f5")
        await s.add("attribute")
        await s.pick("UF")
        await s.pick("")
        await s.press(*"SP", "enter", *"RJ", "enter")
        await s.back_at_sheet("f5")
        await s.press("G")
        await s.add("category")
        await s.back_at_sheet("enter", "f5")
        await s.add("priority")
        await s.back_at_sheet("enter")
        await s.add("tag")
        await s.press(*"atraso", "enter")
        await s.back_at_sheet("f5")
        assert s.plan == RuleSet(
            None,
            "Atraso na entrega",
            When(
                surveys=("Pós-compra",),
                classes=("detractor",),
                says=Says(("atras*", "não chegou")),
                groups=((Condition("UF", "in", ("SP", "RJ")),),),
            ),
            Then(categories=("Entrega",), priority=1, tags=("atraso",)),
        )
        await s.rehearsed()
        assert s.editor.blanks == ()
        found = s.editor.found
        assert found is not None and found.touched == 10
        assert "would touch" in s.text()
        await s.press("f8")
        await until(lambda: s.plan.active)
        await s.quiet()
        assert "is on" in s.said and "● on" in s.text()
        (row,) = rules.rule_sets(shop.desk, actor=shop.actor)
        assert row.active and row.name == "Atraso na entrega"


async def test_a1_a_set_that_is_on_is_read_only_until_it_is_switched_off(entered: Entered, shop: Shop) -> None:
    id = saved(shop)
    rules.switch(shop.desk, id, True, actor=shop.actor)
    async with entered() as s:
        assert "● on" in s.text()
        await s.opened_set()
        assert "only to read" in s.text()
        await s.panel(AskScreen, "d")
        assert "Switch it off to edit it?" in s.text()
        await s.back_at_sheet("enter")
        assert s.plan.active and s.plan.when == ATRASO.when
        await s.panel(AskScreen, "enter")
        await s.back_at_sheet("y")
        await until(lambda: not s.plan.active)
        await s.quiet()
        assert "off while you edit" in s.text()
        await s.press("d")
        assert s.plan.when.surveys == ()


async def test_a1_blanks_are_named_where_they_are_and_hold_the_switch(entered: Entered, shop: Shop) -> None:
    saved(shop, RuleSet(None, "x", When(says=Says(('"open',))), Then(assignee="nobody-here")))
    async with entered() as s:
        assert "! 2 blanks" in s.text()
        await s.panel(ChoiceScreen, "space")
        assert "2 blanks before it can be switched on" in s.text()
        await s.press("enter")
        await until(lambda: s.pane.is_editing)
        await s.quiet()
        assert "nobody-here" in s.text() and len(s.editor.blanks) == 2
        await s.panel(ChoiceScreen, "f8")
        await s.back_at_sheet("enter")
        assert s.editor.current == s.editor.blanks[0].where == "says"
        await s.press("d")
        await until(lambda: len(s.editor.blanks) == 1)
        assert not rules.rule_sets(shop.desk, actor=shop.actor)[0].active


async def test_u_takes_back_and_shift_u_makes_again(entered: Entered, shop: Shop) -> None:
    saved(shop)
    async with entered() as s:
        await s.opened_set()
        await s.press("d")
        assert s.plan.when.surveys == () and "not saved" in s.text()
        await s.press("d")
        assert s.plan.when.classes == ()
        await s.press("u", "u")
        assert s.plan.when == ATRASO.when and "not saved" not in s.text()
        await s.press("U")
        assert s.plan.when.surveys == () and s.plan.when.classes == ("detractor",)
        await s.press("u", "u")
        assert "nothing to take back" in s.said


async def test_unsaved_edits_are_asked_about_and_can_be_kept_until_the_program_ends(
    entered: Entered, shop: Shop
) -> None:
    saved(shop)
    async with entered() as s:
        await s.opened_set()
        await s.press("d")
        await s.panel(ChoiceScreen, "escape")
        assert "1 change is not saved" in s.text()
        await s.back_at_sheet("enter")
        assert s.pane.is_editing
        await s.panel(ChoiceScreen, "escape")
        await s.press("down", "down", "enter")
        await until(lambda: not s.pane.is_editing)
        await s.quiet()
        assert "● not saved" in s.text()
        await s.opened_set()
        assert s.plan.when.surveys == () and "here again" in s.said
        await s.panel(ChoiceScreen, "escape")
        await s.press("down", "enter")
        await until(lambda: not s.pane.is_editing)
        await s.quiet()
        kept = rules.rule_set(shop.desk, 1, actor=shop.actor)
        assert isinstance(kept, RuleSet) and kept.when.surveys == ()


async def test_a_set_that_was_begun_and_never_saved_is_in_the_list_until_it_is_thrown_away(
    entered: Entered, shop: Shop
) -> None:
    async with entered((80, 24)) as s:
        await s.panel(FormScreen, "o")
        await s.back_at_sheet(*letters("Nova"), "enter")
        await until(lambda: s.pane.is_editing)
        await s.add("with or without")
        await s.pick("no ticket")
        await s.panel(ChoiceScreen, "escape")
        await s.back_at_sheet("j", "j", "enter")
        assert "Nova" in s.text() and "not saved" in s.text(), "not only where one knows that it is kept"
        await s.press("o")
        await until(lambda: s.pane.is_editing)
        assert (s.editor.plan.name, s.editor.plan.when.ticket) == ("Nova", "without")
        await s.panel(ChoiceScreen, "escape")
        await s.back_at_sheet("j", "j", "enter")
        await s.panel(AskScreen, "d")
        await s.back_at_sheet("y")
        assert "Nova" not in s.text()
        assert rules.rule_sets(shop.desk, actor=shop.actor) == ()


async def test_p8_what_two_people_saved_at_once_is_told_and_neither_is_lost(entered: Entered, shop: Shop) -> None:
    id = saved(shop)
    async with entered() as s:
        await s.opened_set()
        await s.press("d")
        theirs = rules.rule_set(shop.desk, id, actor=shop.actor)
        assert isinstance(theirs, RuleSet)
        rules.save(shop.desk, replace(theirs, then=replace(theirs.then, priority=3)), actor=shop.actor)
        await s.panel(ChoiceScreen, "f5")
        assert "saved this rule set while you edited it" in s.text() and "Priority" in s.text()
        await s.back_at_sheet("enter")
        assert s.plan.then.priority == 3 and s.plan.when.surveys == ()
        await s.press("f2")
        await until(lambda: not s.editor.unsaved)
        kept = rules.rule_set(shop.desk, id, actor=shop.actor)
        assert isinstance(kept, RuleSet) and (kept.then.priority, kept.when.surveys) == (3, ())


async def test_a2_groups_stand_as_either_and_or_and_o_adds_to_the_one_under_the_cursor(
    entered: Entered, shop: Shop
) -> None:
    with_stores(shop)
    saved(shop, RuleSet(None, "x", When(groups=((Condition("UF", "in", ("SP",)),),)), Then(tags=("a",))))
    async with entered() as s:
        await s.opened_set()
        await s.panel(Picker, "O")
        await s.pick("Vendedor")
        await s.pick("filled")
        await until(lambda: len(s.plan.when.groups) == 2)
        await s.quiet()
        assert "either" in s.text() and "or" in s.text()
        await s.press("k", "o")
        await s.pick("with this one")
        await s.pick("Dias de atraso")
        await s.pick("more than")
        await until(lambda: isinstance(s.app.screen, FormScreen))
        await s.press(*"sete", "f5")
        assert "Write a number" in s.text()
        await s.back_at_sheet("ctrl+u", "7", "f5")
        assert s.plan.when.groups == (
            (Condition("UF", "in", ("SP",)), Condition("Dias de atraso", ">", ("7",))),
            (Condition("Vendedor", "filled"),),
        )
        await s.press("d")
        assert s.plan.when.groups[0] == (Condition("UF", "in", ("SP",)),)


async def test_a2_what_is_no_expression_is_said_as_one_types(entered: Entered, shop: Shop) -> None:
    saved(shop)
    async with entered() as s:
        await s.opened_set()
        await s.press("j", "j")
        await s.panel(FormScreen, "enter")
        await s.press("enter", "quotation_mark", "a")
        assert "✗" in s.text()
        await s.press("quotation_mark")
        assert "✗" not in s.text()
        await s.back_at_sheet("f5")
        assert s.plan.when.says.any_of == ("tarde", '"a"')


async def test_a6_the_rehearsal_follows_the_edits_and_its_list_opens_a_ticket(entered: Entered, shop: Shop) -> None:
    saved(shop)
    async with entered() as s:
        await s.opened_set()
        s.editor.days = None
        s.editor.rehearse_soon()
        await s.rehearsed()
        first = s.editor.found
        assert first is not None and first.touched > 0
        assert f"would touch {first.touched} of" in s.text()
        await s.press("d", "d")
        await s.rehearsed()
        assert s.editor.found is not None and s.editor.found.touched > first.touched
        await s.press("f6")
        await until(lambda: s.app.screen is not s.frame)
        await s.quiet()
        assert "Rehearsal over all answers" in s.text() and "\x1b" not in s.text()
        await s.press("j", "enter")
        await until(lambda: s.app.screen is s.queue)
        await until(lambda: s.queue.view is not None)


async def test_a6_where_every_answer_is_older_than_the_days_all_are_rehearsed_and_that_is_said(
    entered: Entered, shop: Shop
) -> None:
    saved(shop)
    with shop.desk.db.write() as work:
        work.run("UPDATE answers SET answered_at = answered_at - :ms", {"ms": 200 * 86_400_000})
    async with entered() as s:
        await s.opened_set()
        await s.rehearsed()
        assert s.editor.days == 90 and s.editor.found is not None and s.editor.found.touched > 0
        assert "Rehearsal over all answers: the newest is of" in s.text()


async def test_lines_are_as_wide_as_the_window_whatever_stood_over_them(entered: Entered, shop: Shop) -> None:
    saved(shop)
    async with entered((80, 24)) as s:
        told = s.text()
        await s.opened_set()
        await s.press("escape")
        await until(lambda: not s.pane.is_editing)
        await s.quiet()
        assert "Atraso na entrega" in told and s.text() == told
        # What was read is shown before the list itself is.
        s.pane.rows.display = False
        await s.quiet()
        s.pane.repaint()
        await s.quiet()
        s.pane.rows.display = True
        s.pane.rows.focus()
        await s.quiet()
        assert s.text() == told
        await s.app.push_screen(SettingsScreen("templates"))
        await s.quiet()
        await until(lambda: "customer.first_name" in s.text())
        assert "a text with variables" in next(line for line in s.text().splitlines() if "No templates yet" in line)


async def test_the_list_puts_in_order_copies_removes_and_shows_the_log(entered: Entered, shop: Shop) -> None:
    saved(shop)
    saved(shop, replace(ATRASO, name="Cor errada"))
    async with entered() as s:
        await s.press("shift+down")
        assert [r.name for r in rules.rule_sets(shop.desk, actor=shop.actor)] == ["Cor errada", "Atraso na entrega"]
        await s.press("y")
        await until(lambda: "Copied" in s.said)
        assert s.pane.row is not None and "copy" in s.pane.row.name
        await s.panel(AskScreen, "d")
        await s.press("y")
        await until(lambda: len(s.pane.sets) == 2)
        await s.press("g", "L")
        await until(lambda: "It never touched anything" in s.text())
        await s.press("escape")


async def test_a1_a5_answers_that_came_while_it_was_off_are_offered_run_and_logged(
    entered: Entered, shop: Shop
) -> None:
    id = saved(shop, replace(ATRASO, when=When(says=Says(("cor errada",)))))
    rules.switch(shop.desk, id, True, actor=shop.actor)
    rules.switch(shop.desk, id, False, actor=shop.actor)
    with_stores(shop)
    async with entered() as s:
        assert "answers came while off" in s.text()
        await s.panel(ChoiceScreen, "space")
        assert "answers came while it was off" in s.text()
        await s.press("down", "enter")
        await until(lambda: s.app.screen is s.frame and "touched" in s.said)
        assert "15 of 30 answers touched" in s.said
        await s.press("L")
        await until(lambda: "15 of 30" in s.text())
        await s.press("enter")
        await until(lambda: "because" in s.text())
        assert "cor errada" in s.text() and "tag atraso" in s.text()


async def test_a3_a_table_of_managers_is_pasted_and_offers_values_that_answers_know(
    entered: Entered, shop: Shop
) -> None:
    with_stores(shop)
    async with entered() as s:
        await s.press("o", "escape")
        saved(shop)
        await s.press("R", "G", "enter")
        await s.pick("UF")
        await until(lambda: "nobody yet" in s.text())
        assert "RJ" in s.text() and "10 answers" in s.text()
        await s.press("enter")
        await s.pick("bia")
        await s.panel(FormScreen, "p")
        await s.press("enter", *letters("Natal = ana"), "f5")
        await until(lambda: not isinstance(s.app.screen, FormScreen))
        await s.press("f5")
        await until(lambda: s.app.screen is s.frame)
        await s.quiet()
        (table,) = managers.tables(shop.desk, actor=shop.actor)
        assert table.attribute == "UF" and ("Natal", "ana") in table.entries and len(table.entries) == 2


async def test_a3_a_table_and_a_category_that_are_missing_are_made_where_the_rule_asks_for_them(
    entered: Entered, shop: Shop
) -> None:
    with_stores(shop)
    saved(shop)
    async with entered() as s:
        await s.opened_set()
        await s.press("G")
        await s.add("Assign")
        await s.pick("new table")
        await s.pick("UF")
        await until(lambda: "nobody yet" in s.text())
        await s.press("enter")
        await s.pick("bia")
        await s.press("f5")
        await until(lambda: s.plan.then.by_table == "UF")
        await s.add("Category")
        await until(lambda: isinstance(s.app.screen, Picker) and s.app.focused is not None)
        await s.press(*letters("Prazo da loja"), "enter", "f5")
        await until(lambda: bool(s.plan.then.categories))
        await s.quiet()
        assert s.plan.then.categories == ("Prazo da loja",) and "was made" in s.said
        assert [c.name for c in labels.categories(shop.desk, actor=shop.actor)][-1] == "Prazo da loja"
        assert "UF" in s.text() and not s.editor.blanks


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 36), (160, 45)])
async def test_r7_hostile_words_colour_nothing_and_break_no_size(
    entered: Entered, shop: Shop, size: tuple[int, int]
) -> None:
    saved(
        shop,
        RuleSet(
            None,
            HOSTILE,
            When(
                surveys=(HOSTILE,), says=Says((HOSTILE,)), groups=((Condition(HOSTILE, "in", (HOSTILE, "x" * 190)),),)
            ),
            Then(tags=(HOSTILE,), assignee=HOSTILE, phase=HOSTILE, resolution=HOSTILE * 3, send=HOSTILE),
        ),
    )
    saved(shop)
    managers.save_table(shop.desk, None, HOSTILE, HOSTILE, {HOSTILE: "bia"}, actor=shop.actor)
    async with entered(size) as s:
        for keys in ((), ("enter",), ("j",), ("j", "enter"), ("escape",), ("f6",), ("escape",)):
            await s.press(*keys)
            text = s.text()
            assert "\x1b" not in text and "\x9b" not in text
            assert "[bold]" in text or size == (60, 15)
            assert all(len(row) <= size[0] for row in text.split("\n"))


async def test_p4_who_may_not_rule_sees_no_rule_sets_and_why(entered: Entered, shop: Shop) -> None:
    saved(shop)
    async with entered(at=Shop(shop.desk, shop.other, shop.actor)) as s:
        assert "Atraso" not in s.text() and "administrator" in s.text()
        await s.press("o")
        assert not isinstance(s.app.screen, FormScreen)


async def test_the_empty_section_says_what_to_do(entered: Entered, empty_shop: Shop) -> None:
    async with entered((80, 24), empty_shop) as s:
        assert "o adds one" in s.text()
        await s.panel(FormScreen, "o")
        await s.press("x", "f5")
        await until(lambda: s.pane.is_editing)
        await s.rehearsed()
        assert "nothing is done yet" in s.text() and "No answer came in that time" in s.text()
