"""The ticket pane: head (T1), tabs, checklist (P7), answer and customer (T9)."""

from dataclasses import replace

import pytest

from domain.flows import Status
from domain.refusals import refuse
from loop.views import Earlier
from tests.tui.ticket.harness import DAY, HOUR, NOW, Harness, hostile_ticket, safe, ticket
from tui.widgets.ticket.checklist import Checklist
from tui.widgets.ticket.head import FULL, ONE, SHORT, head_lines
from tui.widgets.ticket.pane import TABS, TicketPane
from tui.widgets.ticket.side import Side, side_lines


def _head(view=None, width: int = 70, size: str = FULL) -> list[str]:
    return [
        "".join(t for t, _r in line.spans) + "  " + "".join(t for t, _r in line.right)
        for line in head_lines(view or ticket(), NOW, width, size)
    ]


async def _shown(app: Harness, pane: TicketPane, view, pilot) -> str:
    pane.show(view, NOW)
    pane.focus()
    await pilot.pause()
    return app.screen_text()


def test_the_head_says_number_due_customer_trend_phases_and_people() -> None:
    """T1"""
    head = _head()
    assert head[0] == "#1042 Entrega atrasada  high · due in 5h"
    assert head[1].startswith("▼2 Marina Alves · Pós-compra · third answer 7 → 5 → 2")
    assert head[2].startswith("Novo ─ ● Contato ─ Solução ─ Encerrado ─ Desistiu  ana +bia +caio")
    assert head[3].startswith("“Comprei para o aniversário")
    assert head[-1].strip() == "Entrega · #atraso"


@pytest.mark.parametrize("size", [FULL, SHORT, ONE])
@pytest.mark.parametrize("width", [20, 40, 70, 110])
def test_score_and_comment_are_always_in_sight(size: str, width: int) -> None:
    """T1"""
    head = "\n".join(_head(width=width, size=size))
    assert "▼2" in head and "“Comprei" in head


def test_the_head_takes_three_lines_or_one_where_there_is_little_room() -> None:
    assert len(_head(size=SHORT)) == 3
    assert len(_head(size=ONE)) == 1


def test_overdue_and_closed_are_in_words() -> None:
    assert _head(ticket(row_due=NOW - DAY))[0].endswith("high · overdue 1d")
    closed = ticket(row_status=Status.CLOSED, closed=NOW - 2 * HOUR)
    assert _head(closed)[0].endswith("closed 2h ago")


def test_the_first_answer_has_no_trend_and_many_are_counted() -> None:
    assert "answer" not in _head(ticket(earlier=()))[1]
    many = tuple(Earlier(NOW - (30 + i) * DAY, "x", i, None, "", None) for i in range(8))
    assert "9 answers … → 2 → 1 → 0 → 2" in _head(ticket(earlier=many))[1]


def test_answers_that_came_later_are_no_part_of_the_trend() -> None:
    assert "answer" not in _head(ticket(earlier=(Earlier(NOW, "x", 9, None, "", None),)))[1]


def test_a_long_way_is_shortened_around_the_phase_one_is_in() -> None:
    assert "● Contato" in _head(width=34)[2]


async def test_nothing_to_show_says_what_to_do() -> None:
    pane = TicketPane()
    app = Harness(pane)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Enter opens it" in await _shown(app, pane, None, pilot)


async def test_tabs_go_round_and_carry_the_focus() -> None:
    pane = TicketPane()
    app = Harness(pane)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await _shown(app, pane, ticket(), pilot)
        assert "Timeline 6   Answer   Checklist 1/3   Activities   Customer" in text
        seen = []
        for _press in TABS:
            await pilot.press("]")
            seen.append(pane.tab)
            assert pane.body.has_focus
        assert seen == ["answer", "checklist", "activities", "customer", "timeline"]
        await pilot.press("[")
        assert pane.tab == "customer"


async def test_a_refresh_keeps_the_tab_and_another_ticket_begins_with_its_timeline() -> None:
    pane = TicketPane()
    app = Harness(pane)
    async with app.run_test(size=(80, 24)) as pilot:
        await _shown(app, pane, ticket(), pilot)
        pane.next_tab(1)
        pane.show(ticket(tags=()), NOW)
        assert pane.tab == "answer"
        pane.show(ticket(row_number=7), NOW)
        assert pane.tab == "timeline"


async def test_the_answer_tab_shows_every_question() -> None:
    """T9"""
    pane = TicketPane()
    app = Harness(pane)
    async with app.run_test(size=(80, 30)) as pilot:
        await _shown(app, pane, ticket(resolution="Trocamos o produto.", outcome="troca"), pilot)
        pane.open_tab("answer")
        await pilot.pause()
        text = app.screen_text()
        for words in ("▼2 detractor", "Como foi a entrega?", "Péssima", "canal", "Trocamos o produto.", "troca"):
            assert words in text


async def test_the_customer_tab_shows_data_and_earlier_answers_with_their_tickets() -> None:
    """T9"""
    pane = TicketPane()
    app = Harness(pane)
    async with app.run_test(size=(80, 40)) as pilot:
        await _shown(app, pane, ticket(), pilot)
        pane.open_tab("customer")
        await pilot.pause()
        text = app.screen_text()
        for words in ("marina@clientes.example", "Pinheiros", "▼5", "■7", "#702", "#311", "atraso"):
            assert words in text


async def test_space_ticks_the_first_open_item_and_takes_a_tick_away() -> None:
    """P7"""
    pane = TicketPane()
    app = Harness(pane)
    async with app.run_test(size=(80, 24)) as pilot:
        await _shown(app, pane, ticket(), pilot)
        pane.open_tab("checklist")
        await pilot.pause()
        text = app.screen_text()
        assert "● Contato  mandatory" in text and "☑ Ligar para o cliente" in text and "ana · 20h" in text
        await pilot.press("space", "k", "enter")
        await pilot.pause()
        asked = [(m.number, m.item, m.on) for m in app.of(TicketPane.TickAsked)]
        assert asked == [(1042, 2, True), (1042, 1, False)]


async def test_keys_on_a_checklist_that_has_no_room_yet_end_nothing() -> None:
    """What is typed ahead may come before the first layout."""
    checklist = Checklist()
    checklist.styles.display = "none"
    app = Harness(checklist)
    async with app.run_test(size=(80, 24)):
        checklist.show(ticket(), NOW)
        checklist.action_down()
        checklist.action_tick()


async def test_a_refusal_to_tick_is_said_before_and_when_pressed() -> None:
    """P4: analysts read."""
    pane = TicketPane()
    app = Harness(pane)
    async with app.run_test(size=(80, 24)) as pilot:
        await _shown(app, pane, ticket(can={"tick": refuse("analysts read")}), pilot)
        pane.open_tab("checklist")
        await pilot.pause()
        assert "Analysts read tickets" in app.screen_text()
        await pilot.press("space")
        await pilot.pause()
        assert not app.of(TicketPane.TickAsked)
        assert "Analysts" in app.of(TicketPane.TickRefused)[0].why


async def test_the_cursor_stays_on_its_item_over_a_refresh() -> None:
    pane = TicketPane()
    app = Harness(pane)
    async with app.run_test(size=(80, 24)) as pilot:
        await _shown(app, pane, ticket(), pilot)
        pane.open_tab("checklist")
        await pilot.press("j", "j")
        pane.show(ticket(ticks=()), NOW)
        await pilot.press("space")
        await pilot.pause()
        assert [m.item for m in app.of(TicketPane.TickAsked)] == [4]


async def test_a_flow_without_checklists_says_so() -> None:
    flow = ticket().flow
    bare = replace(flow, phases=tuple(replace(p, items=()) for p in flow.phases))
    pane = TicketPane()
    app = Harness(pane)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await _shown(app, pane, ticket(flow=bare), pilot)
        assert "Checklist   Activities   Customer" in text
        pane.open_tab("checklist")
        await pilot.press("space", "j")
        assert "No phase of this flow has a checklist." in app.screen_text()


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ((80, 24), "retorno"),
        ((24, 8), "retorno-light"),
        ((120, 36), "retorno-16"),
        ((80, 24), "dracula"),
        ((80, 24), "ansi-dark"),
    ],
)
async def test_every_tab_holds_against_hostile_words(size: tuple[int, int], theme: str) -> None:
    """R7"""
    pane = TicketPane()
    app = Harness(pane, theme=theme)
    async with app.run_test(size=size) as pilot:
        await _shown(app, pane, hostile_ticket(), pilot)
        for _press in TABS:
            assert safe(app.screen_text())
            await pilot.press("G", "o", "]")
            await pilot.pause()
        assert app.is_running


async def test_keys_are_told_at_the_foot_of_every_tab() -> None:
    pane = TicketPane()
    app = Harness(pane)
    async with app.run_test(size=(80, 24)) as pilot:
        await _shown(app, pane, ticket(), pilot)
        for _press in TABS:
            assert "[ ] tabs" in app.screen_text().split("\n")[-1]
            await pilot.press("]")


async def test_the_side_column_shows_customer_attributes_answers_and_checklist() -> None:
    side = Side()
    app = Harness(side)
    async with app.run_test(size=(40, 40)) as pilot:
        side.show(ticket(), NOW)
        await pilot.pause()
        text = app.screen_text()
        for words in ("Marina Alves", "Pinheiros", "canal", "Earlier answers", "#702", "☐ Pedir uma foto"):
            assert words in text
        side.show(None, NOW)
        await pilot.pause()
        assert not app.screen_text().strip()


def test_the_side_column_holds_against_hostile_words() -> None:
    """R7"""
    assert safe("".join(t for line in side_lines(hostile_ticket(), NOW, 40) for t, _r in (*line.spans, *line.right)))
