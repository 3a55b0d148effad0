"""The settings, driven by keys on a real desk: frame, people, surveys, labels, audit, my settings (P1–P4, I2, T5, ux)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from textual import events
from textual.screen import Screen as TextualScreen

from domain.people import Level
from loop import audit, editing, labels, people, prefs, surveys, teams
from tests.tui.conftest import HOSTILE, Screen, Shop, until
from tui.app import Retorno
from tui.screens.asking import AskScreen
from tui.screens.forming import FormScreen
from tui.screens.settings.screen import SettingsScreen
from tui.screens.settings.sections import SECTIONS

WIDE = (120, 36)
SIZES = [(60, 15), (80, 24), (100, 30), (160, 45)]
SECTION_IDS = [s.id for s in SECTIONS if s.id != "flows"]


class Bare(Retorno):
    """The program with nothing under the settings."""

    CSS_PATH = None

    def get_default_screen(self) -> TextualScreen[Any]:
        return TextualScreen()


class Settings(Screen):
    """The settings, driven."""

    @property
    def frame(self) -> SettingsScreen:
        """The screen itself, whatever is over it."""
        found = [s for s in self.app.screen_stack if isinstance(s, SettingsScreen)]
        assert found
        return found[0]

    @property
    def said(self) -> str:
        """What the last line says."""
        return self.frame.said

    @property
    def pane(self) -> Any:
        """The section in sight."""
        return self.frame.pane

    async def form(self, *keys: str) -> FormScreen:
        """Press keys that open a form."""
        await self.press(*keys)
        await until(lambda: isinstance(self.app.screen, FormScreen) and self.app.focused is not None)
        assert isinstance(self.app.screen, FormScreen)
        return self.app.screen

    async def fill(self, **texts: str) -> None:
        """Type into fields of the form, in place of what they hold, and save."""
        form = self.app.screen
        assert isinstance(form, FormScreen)
        for id, text in texts.items():
            form.form.focus_field(id)
            await self.press("end", "ctrl+u", *("space" if c == " " else c for c in text))
        await self.press("f5")
        await self.quiet()

    async def asked(self, *keys: str) -> str:
        """Press keys that lead to a question; what it says."""
        await self.press(*keys)
        await until(lambda: isinstance(self.app.screen, AskScreen) and self.app.screen._seen)
        return self.text()


Entered = Callable[..., AbstractAsyncContextManager[Settings]]


@pytest.fixture
def entered(shop: Shop) -> Entered:
    """Opens the settings at a section, for somebody, at a size."""

    @asynccontextmanager
    async def enter(
        section: str | None = "people", size: tuple[int, int] = WIDE, login: str = "ana"
    ) -> AsyncIterator[Settings]:
        app = Bare(shop.desk, shop.desk.actor(login), background=False)
        async with app.run_test(size=size) as pilot:
            settings = Settings(app, pilot)
            await app.push_screen(SettingsScreen(section))
            await settings.quiet()
            yield settings
            await until(lambda: not app._busy)  # a key that is still on its way would find no screen

    return enter


# The frame


async def test_narrow_one_thing_over_another_wide_side_by_side(entered: Entered) -> None:
    """Under 100 columns the list alone, Enter goes in, Esc back, Esc out; from 100 on both, and Tab between them."""
    async with entered(None, (80, 24)) as s:
        s.frame.list.place = 1
        assert "People and teams" in s.text() and "Login" not in s.text()
        await s.press("enter")
        await until(lambda: "Login" in s.text())
        assert "Surveys" not in s.text()
        await s.press("escape")
        assert "Surveys" in s.text() and "Login" not in s.text()
        await s.press("escape")
        assert not isinstance(s.app.screen, SettingsScreen)
    async with entered("people", (100, 30)) as s:
        assert "Login" in s.text() and "Surveys" in s.text()
        assert s.frame.in_pane
        await s.press("tab")
        assert not s.frame.in_pane
        await s.press("j")
        await until(lambda: "Pós-compra" in s.text())
        await s.press("tab")
        assert s.frame.in_pane


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("section", SECTION_IDS)
async def test_every_section_at_every_size(entered: Entered, section: str, size: tuple[int, int]) -> None:
    """Title and help are in sight, the help lists the section's keys, and every line keeps to the screen."""
    async with entered(section, size) as s:
        assert s.pane.data is not None
        shown = s.text()
        assert "? help" in shown and s.pane.title in shown.split("\n")[0]
        assert "Nothing here" not in shown
        await s.press("question_mark")
        for key, _does in s.pane.keys()[:2]:
            assert key in s.text()


async def test_hostile_names_are_only_names(entered: Entered, shop: Shop) -> None:
    """R7: in every section, form and question."""
    ana = shop.actor
    people.change_user(shop.desk, "bia", name=HOSTILE + "x" * 200, actor=ana)
    name = HOSTILE.replace("\x1b", "").replace("\x07", "").replace("\x9b", "")
    teams.create(shop.desk, name[:70], ["bia"], actor=ana)
    surveys.create(shop.desk, name, actor=ana)
    labels.create_category(shop.desk, name[:50], words=[name], actor=ana)
    editing.tag(shop.desk, [1], add=[name[:50]], actor=ana)
    for section in SECTION_IDS:
        async with entered(section, (80, 24)) as s:
            await s.press("G", "enter")
            assert not any(c in s.text() for c in "\x1b\x9b\x07")
            await s.press("escape")
            assert "\u200d" not in s.text() and s.app.is_running


async def test_a_filter_keeps_the_titles_of_what_it_leaves(entered: Entered) -> None:
    """/ shows what is called so, Esc all again; nothing found says what to do."""
    async with entered() as s:
        await s.press("slash", *"BÍA")
        assert "bia@" not in s.text() and "ana           Ana" not in s.text() and "Login" in s.text()
        await s.press("enter")
        assert s.pane.current == ("user", "bia")
        await s.press("slash", *"xyz")
        assert "Esc shows all again" in s.text()
        await s.press("escape")
        assert "ana           Ana" in s.text() and s.frame.in_pane


async def test_trouble_in_reading_is_a_sentence(entered: Entered, monkeypatch: pytest.MonkeyPatch) -> None:
    async with entered() as s:

        def broken(*args: Any, **more: Any) -> None:
            raise OSError("the disk is full")

        monkeypatch.setattr(people, "people", broken)
        await s.press("R")
        assert s.said == "the disk is full"
        await s.press("j")
        assert s.said == ""


# People and teams


async def test_somebody_is_let_in_and_a_taken_login_is_refused_in_the_form(entered: Entered, shop: Shop) -> None:
    """P1: the owner adds; what the loop refuses is said where it was typed, and kept."""
    async with entered() as s:
        form = await s.form("o")
        await s.fill(login="bia", name="Another Bia")
        assert s.app.screen is form and "bia" in s.text()
        assert form.form.control("name").raw == "Another Bia"
        await s.fill(login="caio")
        await until(lambda: s.app.screen is s.frame)
        await s.quiet()
        assert s.pane.current == ("user", "caio") and "caio is in" in s.said
    assert {u.login: u.level for u in people.people(shop.desk, actor=shop.actor)}["caio"] == Level.AGENT


async def test_who_leaves_hands_over_and_enter_is_never_yes(entered: Entered, shop: Shop) -> None:
    """P4: asks who takes the open tickets, then once more; only y does it. d lets them in again."""
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET assignee_id = :id WHERE number < :n", {"id": shop.other.id, "n": 12})
    async with entered() as s:
        await s.press("j")
        await s.press("d")
        assert "Who takes the 11 open tickets of bia?" in s.text()
        question = await s.asked("enter")
        assert "Deactivate bia" in question and "→ ana" in question
        await s.press("enter")
        assert s.app.screen is s.frame
        assert shop.rows("SELECT active FROM users WHERE login = 'bia'")[0][0]
        await s.press("d")
        await s.asked("enter")
        await s.press("y")
        await s.quiet()
        assert "bia is out" in s.said and "11" in s.said
        assert not shop.rows("SELECT active FROM users WHERE login = 'bia'")[0][0]
        assert shop.rows(f"SELECT COUNT(*) FROM tickets WHERE assignee_id = {shop.actor.id}")[0][0] == 11
        assert "inactive" in s.text()
        await s.press("d")
        assert "bia is in again" in s.said


async def test_teams_are_made_changed_and_removed(entered: Entered, shop: Shop) -> None:
    """P2: O adds a team, Enter says who is in it, d asks."""
    async with entered() as s:
        assert "O makes the first" in s.text()
        form = await s.form("O")
        form.form.focus_field("members")
        await s.press("right", "space")
        await s.fill(name="Equipe SP")
        assert [(t.name, t.members) for t in teams.teams(shop.desk, actor=shop.actor)] == [("Equipe SP", ("bia",))]
        await s.press("G")
        assert s.pane.team is not None
        form = await s.form("enter")
        await s.fill(name="Equipe RJ")
        assert "Equipe RJ" in s.text()
        await s.asked("d")
        await s.press("enter")
        assert teams.teams(shop.desk, actor=shop.actor)
        await s.asked("d")
        await s.press("y")
        assert not teams.teams(shop.desk, actor=shop.actor) and "gone" in s.said


async def test_who_may_not_change_sees_it_and_is_told_why(entered: Entered, shop: Shop) -> None:
    """P1, P4: an agent reads, keys say why; their own name they change."""
    async with entered(login="bia") as s:
        assert "Read only" in s.text() and "add somebody" not in s.text()
        for key in ("o", "O", "d"):
            await s.press(key)
            assert "needs the level" in s.said, key
        await s.form("enter")
        assert s.app.screen.form.control("name").field.why_not
        await s.press("escape", "j")
        form = await s.form("enter")
        assert form.form.control("level").field.why_not and not form.form.control("name").field.why_not
        await s.fill(name="Bia Souza")
        assert s.said == "Saved."
    assert people.me(shop.desk, actor=shop.other).name == "Bia Souza"
    for section in ("surveys", "audit"):
        async with entered(section, login="bia") as s:
            assert "needs the level" in s.text() and "Pós-compra" not in s.text()


async def test_keys_typed_ahead_never_reach_the_list_below(entered: Entered, shop: Shop) -> None:
    """A slow line brings keys in bursts: what follows o is the login, and no d of it deactivates anybody."""
    async with entered() as s:
        for key in "odd":
            s.app.post_message(events.Key(key, key))
        await until(
            lambda: isinstance(s.app.screen, FormScreen) and "dd" in [c.raw for c in s.app.screen.form.controls]
        )
        await s.press("escape", "escape", "j")
        for key in "dy":
            s.app.post_message(events.Key(key, key))
        await until(lambda: isinstance(s.app.screen, AskScreen) and s.app.screen._seen)
        await s.quiet()
        assert isinstance(s.app.screen, AskScreen), "a y from before the question is no answer"
    assert shop.rows("SELECT active FROM users WHERE login = 'bia'")[0][0]


async def test_a_level_that_works_no_tickets_is_warned_of(entered: Entered, shop: Shop) -> None:
    """P4: the open tickets leave their hands, which is said before it is done."""
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET assignee_id = :id WHERE number < :n", {"id": shop.other.id, "n": 12})
    async with entered() as s:
        await s.press("j")
        form = await s.form("enter")
        form.form.control("level").choose(("analyst",))
        await s.press("f5")
        assert "11 open tickets of bia" in " ".join(s.text().split()) and s.app.screen is form
        await s.press("f5")
        await s.quiet()
        assert s.app.screen is s.frame and "analyst" in s.text()


# Surveys


async def test_a_survey_is_added_and_its_limits_changed(entered: Entered, shop: Shop) -> None:
    """I2: limits class new answers only, which is said; what makes no scale is refused in the form."""
    async with entered("surveys") as s:
        assert "▼0–6" in s.text() and "200" in s.text()
        form = await s.form("o")
        form.form.focus_field("kind")
        await s.press("right")
        await s.fill(name="Loja")
        assert "▼1–2  ■3    ▲4–5" in s.text()
        form = await s.form("enter")
        form.form.control("kind").choose(("nps",))
        await s.press("f5")
        await s.quiet()
        assert s.text().count("▼0–6  ■7–8  ▲9–10") == 2, "another kind is another scale"
        form = await s.form("enter")
        form.form.control("kind").choose(("csat",))
        await s.press("f5")
        await s.press("G")
        form = await s.form("enter")
        assert form.form.control("kind").field.why_not, "it has answers"
        await s.fill(detractor_max="9")
        assert s.app.screen is form
        await s.fill(detractor_max="4")
        assert "keep their class" in s.said and "▼0–4  ■5–8" in s.text()
        await s.press("d")
        assert "stays" in s.said
    assert {v.name: v.detractor_max for v in surveys.surveys(shop.desk, actor=shop.actor)} == {
        "Loja": 2,
        "Pós-compra": 4,
    }


# Categories and tags


async def test_categories_grow_as_a_tree(entered: Entered, shop: Shop) -> None:
    """o adds beside, O below; Enter edits words; J K order; d retires after asking and offers again."""
    async with entered("labels") as s:
        assert "o adds one" in s.text()
        await s.form("o")
        await s.fill(name="Entrega")
        await s.form("O")
        await s.fill(name="Correios")
        await s.form("o")
        await s.fill(name="Loja")
        await s.press("K")
        found = [(c.name, c.parent) for c in labels.categories(shop.desk, actor=shop.actor)]
        assert found == [("Entrega", None), ("Loja", 1), ("Correios", 1)]
        assert s.pane.category.name == "Loja"
        form = await s.form("enter")
        form.form.focus_field("words")
        await s.press(*"fila", "enter", *"caixa", "f5")
        await s.quiet()
        assert s.pane.category.words == ("fila", "caixa")
        await s.asked("d")
        await s.press("y")
        assert s.pane.category.retired and "retired" in s.said
        await s.press("d")
        assert not s.pane.category.retired


async def test_tags_are_renamed_merged_and_removed(entered: Entered, shop: Shop) -> None:
    """Onto the name of another is a merge, which asks; Enter is no yes."""
    editing.tag(shop.desk, [1, 2], add=["loja sp"], actor=shop.actor)
    editing.tag(shop.desk, [2, 3], add=["vip"], actor=shop.actor)

    def tags() -> dict[str, int]:
        return {t.name: t.tickets for t in labels.tags(shop.desk, actor=shop.actor)}

    async with entered("labels") as s:
        await s.press("G")
        await s.form("enter")
        await s.fill(name="VIPs")
        assert tags() == {"loja sp": 2, "VIPs": 2}
        await s.form("enter")
        await s.fill(name="Loja SP")
        assert "Merge VIPs into loja sp?" in s.text()
        await s.press("enter")
        assert len(tags()) == 2
        await s.form("enter")
        await s.fill(name="Loja SP")
        await until(lambda: isinstance(s.app.screen, AskScreen) and s.app.screen._seen)
        await s.press("y")
        assert tags() == {"loja sp": 3}
        await s.press("G")
        assert "3 tickets" in await s.asked("d")
        await s.press("y")
        assert not tags()


# The audit


async def test_the_audit_unfolds_and_is_narrowed(entered: Entered, shop: Shop) -> None:
    """Who, when, what, old → new; t leaves one kind of thing, Esc shows all again."""
    people.change_user(shop.desk, "bia", name="Bia Souza", actor=shop.actor)
    labels.create_category(shop.desk, "Entrega", actor=shop.actor)
    async with entered("audit") as s:
        await s.press("j", "enter")
        assert "name: Bia → Bia Souza" in s.text()
        assert [line for line in s.text().split("\n") if "name: Bia → Bia Souza" in line and "person" not in line]
        await s.press("t", *"person", "enter")
        assert "Entrega" not in s.text() and "Only changes of: person" in s.text()
        await s.press("escape")
        assert "Entrega" in s.text() and s.frame.in_pane
        await s.press("slash", *"entrega", "enter")
        assert "Bia Souza" not in s.text()


async def test_older_lines_of_the_audit_are_read_on_demand(entered: Entered, shop: Shop) -> None:
    with shop.desk.db.write() as work:
        for n in range(150):
            audit.note(
                work, actor=shop.actor, at=n, what="changed", target="tag", target_id=n, name=f"t{n}", old={}, new={}
            )
    async with entered("audit") as s:
        await s.press("G", "enter")
        assert len(s.pane.data) > 150 and "t0" in {row.name for row in s.pane.data}


# My settings


async def test_my_settings_are_mine(entered: Entered, shop: Shop) -> None:
    """M3, N2, Q2: name, signature, colours at once, columns in their order, what comes by e-mail."""
    async with entered("mine", login="bia") as s:
        await s.form("j", "j", "enter")
        await s.fill(sender_name="Bia da Loja")
        form = await s.form("j", "enter")
        await s.press(*"Bia", "enter", *"Loja", "f5")
        await s.quiet()
        assert people.signature(shop.desk, actor=shop.other) == ("Bia da Loja", "Bia\nLoja")
        form = await s.form("j", "enter")
        await s.press("enter", *"retorno-light", "enter", "f5")
        await s.quiet()
        assert s.app.theme == "retorno-light"
        form = await s.form("j", "enter")
        form.form.control("columns").choose(("due", "customer"))
        await s.press("f5")
        await s.quiet()
        form = await s.form("j", "enter")
        await s.press("space", "right", "space", "f5")
        await s.quiet()
        assert s.said == "Saved."
    kept = prefs.prefs(shop.desk, actor=shop.other)
    assert kept["columns"] == ["due", "customer"] and kept["theme"] == "retorno-light"
    assert kept["notify"]["mention"] is False and kept["notify"]["assigned"] is True
