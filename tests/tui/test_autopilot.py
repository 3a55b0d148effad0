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
            attributes={"UF": ("SP", "RJ", "RN")[i % 3], "Vendedor": f"v{i % 4}"},
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
        await s.add("attribute, with") if False else None
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
