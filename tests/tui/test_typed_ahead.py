"""What is typed ahead waits for what is being read, however long that takes: from far away, or on a busy machine (ux)."""

# ruff: noqa: F811  a fixture of another file is asked for by its name
import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from textual import events

from domain.rules import RuleSet, Then, When
from loop import activities, ledger, notifications, reading, rules, templates
from tests.tui.conftest import Opened, Screen, Shop, until
from tests.tui.test_activities import of
from tests.tui.test_ledger import Post, mail, outcomes, post  # noqa: F401
from tests.tui.test_notices import tell
from tests.tui.test_settings import Entered, entered  # noqa: F401
from tui import typeahead
from tui.screens.asking import AskScreen
from tui.screens.ledger_mail import LedgerMailScreen
from tui.screens.settings.screen import SettingsScreen
from tui.screens.settings.sections import SECTIONS
from tui.screens.settings.template_editor import TemplateEditor

WIDE = (120, 36)


class Gate:
    """Holds up what the lanes read until it is opened."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch, self._open = patch, threading.Event()

    def at(self, module: Any, name: str) -> None:
        """Hold up a function."""
        through: Callable[..., Any] = getattr(module, name)

        def held(*args: Any, **more: Any) -> Any:
            assert self._open.wait(60)
            return through(*args, **more)

        self._patch.setattr(module, name, held)

    def open(self) -> None:
        """Let everything through."""
        self._open.set()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    # Keys wait for hardly anything but for what is under way.
    monkeypatch.setattr(typeahead, "OPENING_LOOKS", 5)
    made = Gate(monkeypatch)
    yield made
    made.open()


async def burst(screen: Screen, *keys: str) -> None:
    """Keys in one packet; what the first one asks for takes much longer than keys wait for nothing."""
    named = {"enter": "\r", "f5": None, "tab": "\t", "space": " "}
    for key in keys:
        screen.app.post_message(events.Key(key, named.get(key, key if len(key) == 1 else None)))
    await until(lambda: screen.app.under_way)
    await asyncio.sleep(typeahead._LOOK_S * typeahead.OPENING_LOOKS * 4)
    assert screen.app._ahead or screen.app._busy, "the keys were let in"


def a_set(shop: Shop) -> None:
    saved = rules.save(
        shop.desk, RuleSet(None, "Atraso", When(classes=("detractor",)), Then(priority=1)), actor=shop.actor
    )
    assert hasattr(saved, "id"), saved


async def test_keys_behind_enter_are_for_the_rule_set_that_opens(
    entered: Entered,
    shop: Shop,
    gate: Gate,
) -> None:
    """On the list d would ask whether to remove it."""
    from tui.screens.settings import autopilot

    a_set(shop)
    gate.at(autopilot, "load")
    async with entered("autopilot") as s:
        await burst(s, "enter", "d")
        assert s.app.screen is s.frame and not s.pane.is_editing
        gate.open()
        await until(lambda: s.pane.is_editing)
        await s.quiet()
        assert not isinstance(s.app.screen, AskScreen), "d is for a line of the rule set"
    assert len(rules.rule_sets(shop.desk, actor=shop.actor)) == 1


async def test_keys_behind_a_section_wait_until_it_is_read(
    entered: Entered,
    shop: Shop,
    gate: Gate,
) -> None:
    """Enter on a list that is not there yet would open nothing."""
    a_set(shop)
    async with entered(None, (80, 24)) as s:
        s.frame.list.place = next(i for i, section in enumerate(SECTIONS) if section.id == "autopilot")
        gate.at(rules, "rule_sets")
        await burst(s, "enter", "enter")
        gate.open()
        await until(lambda: s.pane.is_editing)


async def test_what_is_typed_behind_a_new_template_is_its_text(opened: Opened, shop: Shop, gate: Gate) -> None:
    """Each letter would be a key of the list: d removes, e renames."""
    async with opened(WIDE) as screen:
        await screen.app.push_screen(SettingsScreen("templates"))
        await screen.press("o", *"Desculpas")
        gate.at(templates, "templates")
        await burst(screen, "f5", *"deo")
        gate.open()
        await until(lambda: isinstance(screen.app.screen, TemplateEditor))
        await screen.press("f5")
        await until(lambda: not isinstance(screen.app.screen, TemplateEditor))
    (row,) = templates.templates(shop.desk, actor=shop.actor)
    assert row.body == "deo"


async def test_what_is_typed_behind_a_panel_that_opens_another_reaches_that_one(
    entered: Entered,
    shop: Shop,
    gate: Gate,
) -> None:
    """A new rule set is named, then its editor is read: no key between the two acts on the list."""
    from tui.screens.settings import autopilot

    a_set(shop)
    gate.at(autopilot, "load")
    async with entered("autopilot") as s:
        await s.press("o", *"Novo")
        await burst(s, "enter", "L", "d")
        gate.open()
        await until(lambda: s.pane.is_editing)
        await s.quiet()
        assert s.pane.editor.plan.name == "Novo" and not isinstance(s.app.screen, AskScreen)


async def test_what_is_typed_behind_a_key_of_the_ledger_is_for_what_it_asks(
    opened: Opened, shop: Shop, post: Post, gate: Gate
) -> None:
    """Letters of a flow's name would be keys of the list: d fetches, t accepts, a attaches."""
    post(mail("um", subject="Cadê"))
    async with opened(WIDE) as screen:
        await screen.press("M")
        gate.at(ledger, "mail")
        await burst(screen, "n", *"detrat", "enter")
        gate.open()
        await until(lambda: [outcome for outcome, _ticket in outcomes(shop.desk).values()] == ["new"])


async def test_a_key_behind_the_one_for_the_ledger_finds_its_mails(
    opened: Opened, shop: Shop, post: Post, gate: Gate
) -> None:
    """Enter on a list that is not there yet would open nothing."""
    post(mail("um", subject="Cadê"))
    async with opened(WIDE) as screen:
        gate.at(ledger, "lines")
        await burst(screen, "M", "enter")
        gate.open()
        await until(lambda: isinstance(screen.app.screen, LedgerMailScreen))


async def test_a_key_behind_the_one_for_the_checklist_ticks_its_first_item(
    opened: Opened, shop: Shop, gate: Gate
) -> None:
    """In the list a space selects the ticket."""
    async with opened(WIDE) as screen:
        await screen.press("j", "s")
        here = screen.queue.list.number
        await screen.press("j")
        gate.at(reading, "ticket")
        await burst(screen, "k", "c", "space")
        gate.open()
        await until(lambda: shop.rows(f"SELECT 1 FROM ticks WHERE ticket = {here}"))
        await screen.quiet()
        assert not screen.queue.list.selected


async def test_a_question_that_takes_no_focus_is_answered_at_once(
    opened: Opened, shop: Shop, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys wait for what opens, and not on when it is there: the answer to a question came a second late."""
    monkeypatch.setattr(typeahead, "OPENING_LOOKS", 1 << 30)
    post(mail("um", subject="Cadê"))
    async with opened((80, 24)) as screen:
        await screen.press("M")
        await screen.press("B")
        assert isinstance(screen.app.screen, AskScreen)
        await screen.press("escape")
        assert not isinstance(screen.app.screen, AskScreen)


async def test_a_key_behind_the_one_for_the_notifications_finds_them(opened: Opened, shop: Shop, gate: Gate) -> None:
    """N2: Enter on a list that is not there yet would open nothing."""
    tell(shop, range(5, 6), "assigned")
    async with opened((80, 24)) as screen:
        gate.at(notifications, "notices")
        await burst(screen, "N", "enter")
        gate.open()
        await until(lambda: screen.queue.view is not None and screen.queue.view.row.number == 5)


async def test_what_is_typed_behind_a_key_of_an_activity_is_for_what_it_asks(
    opened: Opened, shop: Shop, gate: Gate
) -> None:
    """T7: letters of a login would be keys: i and a are, and Enter would edit."""
    async with opened(WIDE) as screen:
        here = screen.queue.list.number
        activities.add(shop.desk, here, actor=shop.actor, name="Ligar", responsible="ana")
        await screen.press(":", *"activities", "enter")
        await until(lambda: screen.queue.pane is not None and screen.queue.pane.tab == "activities")
        await screen.quiet()
        gate.at(reading, "people")
        await burst(screen, "a", *"bia", "enter")
        gate.open()
        await until(lambda: of(shop, here)[0].responsible == "bia")
