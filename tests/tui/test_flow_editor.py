"""Shaping flows by keys on a real desk: built, saved, undone, refused, and saved by two at once (P4–P8, I5)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from domain.flows import Binding, Status
from domain.people import Actor, Level, Role
from domain.plans import FlowPlan, MemberPlan
from loop import flows, people, tickets
from tests.tui.conftest import HOSTILE, Screen, Shop, until
from tui.app import Retorno
from tui.screens.settings.choosing import ChoiceScreen
from tui.screens.settings.flow_editor import FlowEditor
from tui.screens.settings.flows import FlowsPane
from tui.screens.settings.screen import SettingsScreen

WIDE = (120, 36)


class Settings(Screen):
    """The section “Flows”, driven."""

    @property
    def settings(self) -> SettingsScreen:
        found = [s for s in self.app.screen_stack if isinstance(s, SettingsScreen)]
        return found[0]

    @property
    def pane(self) -> FlowsPane:
        pane = self.settings.pane
        assert isinstance(pane, FlowsPane)
        return pane

    @property
    def editor(self) -> FlowEditor:
        return self.pane.editor

    @property
    def said(self) -> str:
        return self.settings.said

    async def press(self, *keys: str) -> None:
        """Press keys as somebody who looks: a panel is read before the next key, letters of a line are typed."""
        for key in keys:
            await self.pilot.press(key)
            if not (isinstance(self.app.focused, Input) and len(key) == 1):
                await self.quiet()
                await until(lambda: not self.app._busy and getattr(self.app.screen, "_seen", True))
        await self.quiet()

    async def open(self, name: str) -> None:
        """Open a flow of the list."""
        names = [row.name for row in self.pane.list.rows]
        while self.pane.list.current and self.pane.list.current.name != name:
            await self.press("j" if names.index(name) > self.pane.list.place else "k")
        await self.press("enter")
        await until(lambda: self.pane.is_editing)

    async def choose(self, value: str) -> None:
        """Take a choice of the panel that is open."""
        screen = self.app.screen
        assert isinstance(screen, ChoiceScreen)
        values = [option.value for option in screen._choices]
        await self.press(*["down"] * values.index(value), "enter")


Opened = Callable[..., AbstractAsyncContextManager[Settings]]


@pytest.fixture
def opened(shop: Shop) -> Opened:
    """Opens the settings at the flows."""

    @asynccontextmanager
    async def open(size: tuple[int, int] = WIDE, actor: Actor | None = None) -> AsyncIterator[Settings]:
        app = Retorno(shop.desk, actor or shop.actor, background=False)
        async with app.run_test(size=size) as pilot:
            screen = Settings(app, pilot)
            await until(lambda: app.screen_stack and getattr(screen.queue, "_started", False))
            await app.push_screen(SettingsScreen("flows"))
            await until(lambda: screen.pane.count is not None)
            await screen.quiet()
            try:
                yield screen
            finally:
                await until(lambda: not app._busy)

    return open


def saved(shop: Shop, name: str) -> FlowPlan:
    """A flow as the database has it."""
    row = next(r for r in flows.flows(shop.desk, actor=shop.actor, inactive=True) if r.name == name)
    plan = flows.plan(shop.desk, row.id, actor=shop.actor)
    assert isinstance(plan, FlowPlan)
    return plan


def save(shop: Shop, plan: FlowPlan, actor: Actor | None = None) -> None:
    """Save a plan as another process would."""
    done = flows.save(shop.desk, plan, actor=actor or shop.actor)
    assert not isinstance(done, type(None)) and hasattr(done, "id"), done


async def test_a_flow_is_built_by_keys_alone(opened: Opened, shop: Shop) -> None:
    """P5–P7: five phases, two mandatory checklists, a member, a limited way; one F5 makes all of it."""
    people.add_user(shop.desk, "caio", "Caio", "caio@loja.example", Level.AGENT, actor=shop.actor)
    async with opened() as screen:
        await screen.press("o")
        await until(lambda: screen.editor.is_writing)
        await screen.press(*"Trocas", "enter")
        assert screen.editor.plan.name == "Trocas"
        # What a new flow begins with goes, so that all of it is built here.
        await screen.press("right_square_bracket")
        for phase in ("Solving", "No answer"):
            key = next(p.key for p in screen.editor.plan.phases if p.name == phase)
            screen.editor.canvas.go(("phase", key))
            await screen.press("d")
        assert [p.name for p in screen.editor.plan.phases] == ["New", "Contacting", "Solved"]
        contacting = next(p.key for p in screen.editor.plan.phases if p.name == "Contacting")
        screen.editor.canvas.go(("phase", contacting))
        await screen.press(
            "o", *"Waiting", "enter", "j", "o", *"Got the parcel", "enter", *"Checked it", "enter", "enter"
        )
        await screen.press("b", "k", "k", "k")
        assert screen.editor.canvas.here[0] == "phase"
        await screen.press("o", *"Refused", "enter", "shift+right")
        refused = screen.editor.plan.phase(screen.editor.canvas.phase)
        assert (refused.name, refused.status) == ("Refused", Status.CLOSED)
        assert "5 Refused" in screen.text() or "4 Refused" in screen.text()
        # From Waiting only to Solved.
        waiting = next(p.key for p in screen.editor.plan.phases if p.name == "Waiting")
        screen.editor.canvas.go(("phase", waiting))
        await screen.press("greater_than_sign", *"Refused", "enter", "f5")
        # Somebody who works in it.
        await screen.press("right_square_bracket", "right_square_bracket", "o", *"caio", "enter", "enter")
        assert not screen.editor.shaping.troubles  # type: ignore[union-attr]
        assert "changes · F5 saves" in screen.text()
        await screen.press("f5")
        assert "Saved" in screen.said
        plan = saved(shop, "Trocas")
        assert [(p.name, p.status) for p in plan.phases] == [
            ("New", Status.PENDING),
            ("Contacting", Status.PROGRESS),
            ("Waiting", Status.PROGRESS),
            *([("Solved", Status.CLOSED), ("Refused", Status.CLOSED)] if plan.phases[3].name == "Solved" else
              [("Refused", Status.CLOSED), ("Solved", Status.CLOSED)]),
        ]  # fmt: skip
        mandatory = [p for p in plan.phases if p.binding is Binding.MANDATORY and p.items]
        assert [p.name for p in mandatory] == ["Contacting", "Waiting"]
        assert [i.text for i in mandatory[1].items] == ["Got the parcel", "Checked it"]
        assert mandatory[1].onward == (next(p.key for p in plan.phases if p.name == "Solved"),)
        assert {(m.name, m.role) for m in plan.members} == {("ana", Role.ADMINISTRATOR), ("caio", Role.AGENT)}
        assert not screen.editor.unsaved and plan.version == screen.editor.plan.version


async def test_each_edit_is_a_step_that_u_takes_back(opened: Opened, shop: Shop) -> None:
    async with opened() as screen:
        await screen.open("Detratores")
        before = screen.editor.plan
        await screen.press("enter", "X", "enter", "o", *"Again", "enter", "right_square_bracket")
        await screen.press("o", *"one", "enter", *"two", "enter", "escape", "b")
        assert screen.editor.unsaved
        steps = 0
        while screen.editor.plan != before:
            await screen.press("u")
            steps += 1
        assert steps == 5 and not screen.editor.unsaved
        await screen.press("u")
        assert "nothing to take back" in screen.said


async def test_phases_move_within_their_status_and_over_its_border(opened: Opened, shop: Shop) -> None:
    """P6: with arrows; the last one of a status stays; one that holds tickets starts or closes none of them."""
    async with opened() as screen:
        await screen.open("Detratores")
        canvas = screen.editor.canvas
        solving = next(p.key for p in screen.editor.plan.phases if p.name == "Solving")
        canvas.go(("phase", solving))
        await screen.press("shift+up")
        assert [p.name for p in screen.editor.plan.phases][1:3] == ["Solving", "Contacting"]
        await screen.press("shift+right")
        assert screen.editor.plan.phase(solving).status is Status.CLOSED and canvas.phase == solving
        await screen.press("shift+left")
        assert screen.editor.plan.phase(solving).status is Status.PROGRESS
        new = next(p.key for p in screen.editor.plan.phases if p.name == "New")
        canvas.go(("phase", new))
        await screen.press("shift+right")
        assert "only phase of its status" in screen.said
        await screen.press("o", *"Sorted", "enter", "k", "shift+right")
        assert screen.editor.canvas.phase == new and "tickets, which would be started" in screen.said
        assert screen.editor.plan.phase(new).status is Status.PENDING


async def test_a_phase_in_use_asks_where_its_tickets_go(opened: Opened, shop: Shop) -> None:
    """P8: only into a phase of its status; saved, they are there, each with its event."""
    async with opened() as screen:
        await screen.open("Detratores")
        new = screen.editor.canvas.phase
        count = screen.editor.around.counts[new]
        assert count > 0
        await screen.press("d")
        assert "only phase of its status" in screen.said
        await screen.press("o", *"Sorted", "enter", "k", "d")
        assert f"Where do the {count} tickets" in screen.text() and "Contacting" not in screen.text(
            screen.app.screen.query("Options").first()
        )
        await screen.press("escape")
        assert screen.editor.plan.phase(new)
        await screen.press("d", "enter")
        assert f"its {count} tickets move to Sorted" in screen.text()
        await screen.press("f5")
        assert "Saved" in screen.said, screen.said
        plan = saved(shop, "Detratores")
        assert plan.phases[0].name == "Sorted" and new not in {p.key for p in plan.phases}
        assert flows.in_phases(shop.desk, plan.id or 0, actor=shop.actor)[plan.phases[0].key] == count


async def test_tickets_that_come_into_a_phase_after_it_was_removed_are_asked_for(opened: Opened, shop: Shop) -> None:
    """P8: nothing is saved before it is known where they go; then it is, with one key."""
    async with opened() as screen:
        await screen.open("Detratores")
        flow = screen.editor.plan.id
        contacting, solving = (next(p.key for p in screen.editor.plan.phases if p.name == n) for n in
                               ("Contacting", "Solving"))  # fmt: skip
        screen.editor.canvas.go(("phase", contacting))
        await screen.press("d")
        number = shop.rows(f"SELECT MIN(number) FROM tickets WHERE flow_id = {flow}")[0][0]
        tickets.start(shop.desk, [number], actor=shop.actor)
        await screen.press("f5")
        assert "Where does the ticket in Contacting go?" in screen.text()
        assert saved(shop, "Detratores").phase(contacting)
        await screen.press("enter")
        assert "Saved" in screen.said, screen.said
        assert shop.rows(f"SELECT phase_id FROM tickets WHERE number = {number}")[0][0] == solving


async def test_f5_within_a_line_takes_it_and_saves(opened: Opened, shop: Shop) -> None:
    async with opened() as screen:
        await screen.open("Detratores")
        await screen.press("right_square_bracket", "o", *"Read it", "f5")
        assert "Saved" in screen.said and not screen.editor.is_writing
        assert [i.text for i in saved(shop, "Detratores").phases[0].items] == ["Read it"]


async def test_settings_that_are_left_keep_the_plan(opened: Opened, shop: Shop) -> None:
    """Nothing that was shaped is lost by leaving the settings altogether."""
    async with opened() as screen:
        await screen.open("Detratores")
        await screen.press("enter", *"!", "enter", "tab", "escape")
        assert "not saved" in screen.text()
        await screen.press("y")
        assert not any(isinstance(s, SettingsScreen) for s in screen.app.screen_stack)
        await screen.app.push_screen(SettingsScreen("flows"))
        await until(lambda: screen.pane.count is not None)
        await screen.quiet()
        await screen.open("Detratores")
        assert screen.editor.plan.phases[0].name == "New!"


async def test_troubles_are_shown_and_stop_only_the_saving(opened: Opened, shop: Shop) -> None:
    async with opened() as screen:
        await screen.open("Detratores")
        await screen.press("o", *"Contacting", "enter")
        assert "Two phases are called Contacting" in screen.text()
        await screen.press("f5")
        assert "Two phases are called" in screen.said and screen.editor.unsaved
        await screen.press("enter", " ", "2", "enter")
        assert "Two phases are called" not in screen.text()
        await screen.press("f5")
        assert "Saved" in screen.said


async def test_who_saves_second_is_told_and_loses_nothing(opened: Opened, shop: Shop) -> None:
    """P8: mine goes on top of theirs where they did not touch; u brings back what I had; then F5 saves both."""
    async with opened() as screen:
        await screen.open("Detratores")
        await screen.press("enter", *"!", "enter")
        screen.editor.change(replace(screen.editor.plan, days_until_due=9))
        theirs = saved(shop, "Detratores")
        save(shop, replace(theirs, days_until_due=7, first_contact_hours=8))
        await screen.press("f5")
        await until(lambda: isinstance(screen.app.screen, ChoiceScreen))
        shown = screen.text()
        assert "saved this flow while you shaped it" in shown and "you changed it, too" in shown and "New!" in shown
        await screen.choose("mine")
        plan = screen.editor.plan
        assert (plan.days_until_due, plan.first_contact_hours, plan.phases[0].name) == (7, 8, "New!")
        await screen.press("u")
        assert screen.editor.plan.days_until_due == 9 and screen.editor.plan.phases[0].name == "New!"
        await screen.press("f5")
        assert "Saved" in screen.said
        plan = saved(shop, "Detratores")
        assert (plan.days_until_due, plan.phases[0].name) == (9, "New!")


async def test_theirs_can_be_taken_and_taken_back(opened: Opened, shop: Shop) -> None:
    async with opened() as screen:
        await screen.open("Detratores")
        await screen.press("enter", *"!", "enter")
        save(shop, replace(saved(shop, "Detratores"), days_until_due=7))
        await screen.press("f5")
        await until(lambda: isinstance(screen.app.screen, ChoiceScreen))
        assert screen.app.screen._choices[0].value == "mine"  # type: ignore[attr-defined]
        await screen.choose("theirs")
        assert not screen.editor.unsaved and screen.editor.plan.days_until_due == 7
        await screen.press("u")
        assert screen.editor.plan.phases[0].name == "New!"


async def test_esc_asks_keeps_and_brings_back(opened: Opened, shop: Shop) -> None:
    """ux: the safe answer first; what was shaped stays for the session."""
    async with opened() as screen:
        await screen.open("Detratores")
        await screen.press("enter", *"!", "enter", "escape", "enter")
        assert screen.pane.is_editing and screen.editor.unsaved
        await screen.press("escape")
        await screen.choose("keep")
        assert not screen.pane.is_editing and "not saved" in screen.text()
        await screen.open("Detratores")
        assert screen.editor.plan.phases[0].name == "New!" and "here again" in screen.said
        await screen.press("escape")
        await screen.choose("drop")
        await screen.open("Detratores")
        assert screen.editor.plan.phases[0].name == "New"
        assert saved(shop, "Detratores").phases[0].name == "New"
        await screen.press("escape")
        assert not screen.pane.is_editing


async def test_who_may_not_edit_sees_everything_and_is_told_why(opened: Opened, shop: Shop) -> None:
    """P4: the level without the role in the flow is not enough, nor the role without the level."""
    async with opened(actor=shop.other) as screen:
        await screen.open("Detratores")
        assert "only to read" in screen.text() and "Contacting" in screen.text()
        before = screen.editor.plan
        for key in ("o", "enter", "d", "b", "greater_than_sign", "shift+down", "n", "f5", "i"):
            screen.settings.foot.flash = None
            await screen.press(key)
            assert "administrator" in screen.said, (key, screen.said)
        assert screen.editor.plan == before and not screen.editor.is_writing
        await screen.press("y")
        assert 'name = "Detratores"' in screen.text()
        await screen.press("escape", "escape", "o")
        assert "administrator" in screen.said and not screen.pane.is_editing


async def test_the_form_changes_the_plan_only(opened: Opened, shop: Shop) -> None:
    async with opened() as screen:
        await screen.open("Detratores")
        screen.editor.canvas.go(("setting", "days_until_due"))
        await screen.press("enter")
        field = screen.app.screen.focused
        assert isinstance(field, Input) and field.value == "3"
        await screen.press("backspace", "8", "f5")
        assert screen.editor.plan.days_until_due == 8 and saved(shop, "Detratores").days_until_due == 3
        assert "8 days" in screen.text()
        screen.editor.canvas.go(("setting", "attributes"))
        await screen.press("enter", *"UF SP", "f5")
        assert "is no attribute" in screen.text()
        await screen.press(*["backspace"] * 3, *": SP, RJ", "f5")
        assert screen.editor.plan.intake.attributes == (("UF", ("SP", "RJ")),)


async def test_text_goes_out_and_comes_in_with_its_differences(opened: Opened, shop: Shop, tmp_path: Path) -> None:
    """Flows export to text and come back with validation and a diff; a file is never written over."""
    file = tmp_path / "flow.toml"
    async with opened() as screen:
        await screen.open("Detratores")

        async def path(words: str) -> None:
            field = screen.app.screen.focused
            assert isinstance(field, Input)
            field.value = words
            await screen.press("f5")

        await screen.press("y", "down", "enter")
        await path(str(file))
        assert 'name = "Detratores"' in file.read_text()
        await screen.press("enter")
        await path(str(file))
        assert "There is a file of that name" in screen.text()
        await screen.press("escape", "escape", "escape")
        file.write_text(file.read_text().replace("days_until_due = 3", "days_until_due = 6"))
        await screen.press("i")
        await path(str(file))
        await until(lambda: isinstance(screen.app.screen, ChoiceScreen))
        assert "days until due" in screen.text()
        await screen.press("enter")
        assert not screen.editor.unsaved
        await screen.press("i")
        await path(str(file))
        await until(lambda: isinstance(screen.app.screen, ChoiceScreen))
        await screen.choose("yes")
        assert screen.editor.plan.days_until_due == 6
        file.write_text("days_until_due = 'x'\nphases = 3\n")
        await screen.press("i")
        await path(str(file))
        assert not isinstance(screen.app.screen, ChoiceScreen) and "phases" in screen.text()


async def test_a_new_flow_comes_from_a_file(opened: Opened, shop: Shop, tmp_path: Path) -> None:
    """What F5 saves is what the file says; a name that is taken is refused and nothing is lost."""
    file = tmp_path / "flow.toml"
    file.write_text(flows.to_text(saved(shop, "Detratores")))
    async with opened() as screen:
        await screen.press("i")
        field = screen.app.screen.focused
        assert isinstance(field, Input)
        field.value = str(file)
        await screen.press("f5")
        await until(lambda: screen.pane.is_editing)
        await screen.press("f5")
        assert "called Detratores" in screen.said and screen.editor.unsaved
        await screen.press("n", *" 2", "enter", "f5")
        assert "Saved" in screen.said
        copy, first = saved(shop, "Detratores 2"), saved(shop, "Detratores")
        assert [(p.name, p.status, p.binding) for p in copy.phases] == [
            (p.name, p.status, p.binding) for p in first.phases
        ]


async def test_flows_are_put_in_the_order_of_intake(opened: Opened, shop: Shop) -> None:
    """I5."""
    save(shop, replace(flows.new_plan("en", "Second"), members=(MemberPlan("ana", Role.ADMINISTRATOR),)))
    async with opened() as screen:
        first, second = [row.name for row in screen.pane.list.rows if row.active][:2]
        screen.pane.list.go_to(screen.pane.list.rows[0].id)
        await screen.press("shift+down")
        assert [row.name for row in flows.flows(shop.desk, actor=shop.actor)][:2] == [second, first]
        assert screen.pane.list.current is not None and screen.pane.list.current.name == first


async def test_a_flow_is_switched_off_only_with_a_yes(opened: Opened, shop: Shop) -> None:
    async with opened() as screen:
        row = screen.pane.list.current
        assert row is not None and row.active
        await screen.press("d", "enter")
        assert saved(shop, row.name).active
        await screen.press("d", "y")
        assert not saved(shop, row.name).active and "switched off" in screen.text()
        screen.pane.list.go_to(row.id)
        await screen.press("d")
        assert saved(shop, row.name).active


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 45), (60, 15)])
async def test_names_from_outside_are_only_names(opened: Opened, shop: Shop, size: tuple[int, int]) -> None:
    """R7: as a flow's name, a phase's, a line's and a member's, in the list, the editor and what it asks."""
    plan = saved(shop, "Detratores")
    name = HOSTILE.replace("\x1b", "").replace("\x07", "").replace("\x9b", "")
    phase = replace(plan.phases[0], name=name[:50])
    save(shop, replace(plan, name=name[:70], phases=(phase, *plan.phases[1:])))
    async with opened(size) as screen:
        await screen.open(saved_name := screen.pane.list.rows[0].name)
        assert "[bold]" in screen.text() and "[bold]" in saved_name
        for keys in (("greater_than_sign", "escape"), ("y", "escape"), ("enter", "escape"),
                     ("o", *"x", "enter", "v", "escape"), ("G", "enter", "escape"), ("g", "enter", "escape")):  # fmt: skip
            await screen.press(*keys)
        assert not any(c in screen.text() for c in "\x1b\x9b\x07\u200d")
        assert screen.pane.is_editing


async def test_lines_that_are_typed_in_one_burst_are_lines_and_no_keys_of_the_sheet(opened: Opened) -> None:
    """A list that is pasted, or typed over a slow link: Enter ends a line, what follows is the next one."""
    async with opened() as screen:
        await screen.open("Detratores")
        await screen.press("right_square_bracket")
        before = [item.text for item in screen.editor.plan.phase(screen.editor.canvas.phase).items]
        turns = screen.app._turn
        for key in ("o", *"uno", "enter", *"dni", "enter", *"bud", "enter", "enter", "o", *"fin", "enter", "escape"):
            screen.app.post_message(events.Key(key, "\r" if key == "enter" else key if len(key) == 1 else None))
        await until(lambda: screen.app._turn > turns and not screen.app._ahead and not screen.app._busy)
        await until(lambda: not screen.editor.is_writing)
        items = [item.text for item in screen.editor.plan.phase(screen.editor.canvas.phase).items]
        assert items == [*before, "uno", "dni", "bud", "fin"]
        assert screen.editor.plan.name == "Detratores"


async def test_a_list_that_is_pasted_becomes_lines_and_elsewhere_it_is_one(opened: Opened) -> None:
    """Nothing of what is pasted is dropped."""
    async with opened() as screen:
        await screen.open("Detratores")
        await screen.press("right_square_bracket", "o")
        before = [item.text for item in screen.editor.plan.phase(screen.editor.canvas.phase).items if item.text]
        screen.app.post_message(events.Paste("Um\n \nDois\x1b[31m\nTrês\n"))
        await until(lambda: len(screen.editor.plan.phase(screen.editor.canvas.phase).items) > len(before) + 3)
        assert screen.editor.is_writing, "the next line is open"
        await screen.press("escape")
        items = [item.text for item in screen.editor.plan.phase(screen.editor.canvas.phase).items]
        assert items == [*before, "Um", "Dois[31m", "Três"]
        await screen.press("n", "end", "ctrl+u")
        screen.app.post_message(events.Paste("Quem\nreclama"))
        await until(lambda: screen.editor.line.value == "Quem reclama")
        await screen.press("enter")
        assert screen.editor.plan.name == "Quem reclama"


async def test_who_takes_themselves_out_is_asked_first(opened: Opened, shop: Shop) -> None:
    """P3: Enter is no yes; afterwards it is said that it was saved, and the flow is gone from the list."""
    people.add_user(shop.desk, "dora", "Dora", "dora@loja.example", Level.ADMINISTRATOR, actor=shop.actor)
    plan = saved(shop, "Detratores")
    save(shop, replace(plan, members=(*plan.members, MemberPlan("dora", Role.ADMINISTRATOR))))
    async with opened(actor=shop.desk.actor("dora")) as screen:
        await screen.open("Detratores")
        place = next(i for i, m in enumerate(screen.editor.plan.members) if m.name == "dora")
        screen.editor.canvas.go(("member", place))
        await screen.press("d", "f5")
        assert "You take yourself out of it" in screen.text()
        await screen.press("enter")
        assert screen.editor.unsaved and any(m.name == "dora" for m in saved(shop, "Detratores").members)
        await screen.press("f5", "y")
        await until(lambda: not screen.pane.is_editing)
        assert "Saved. Detratores is not yours to see any more." in screen.said
        await until(lambda: "Detratores" not in [row.name for row in screen.pane.list.rows])


async def test_the_cursor_stays_in_the_status_of_a_phase_that_is_removed(opened: Opened, shop: Shop) -> None:
    async with opened() as screen:
        await screen.press("o")
        await until(lambda: screen.editor.is_writing)
        await screen.press(*"Trocas", "enter")
        solving = next(p.key for p in screen.editor.plan.phases if p.name == "Solving")
        screen.editor.canvas.go(("phase", solving))
        await screen.press("d")
        assert screen.editor.plan.phase(screen.editor.canvas.phase).name == "Contacting"
