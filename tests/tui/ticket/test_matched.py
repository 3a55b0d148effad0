"""What Text Match found is marked in the customer's words, by more than colour (A3)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.text import clean, line
from domain.textmatch import spans
from tests.tui.ticket.harness import HOSTILE, NOW, Harness, ticket
from tui.widgets.ticket.head import FULL, ONE, SHORT, head_lines
from tui.widgets.ticket.matched import MARK, marked_in
from tui.widgets.ticket.pane import TicketPane
from tui.widgets.ticket.spans import plain, wrap

SAID = "Olá!\n\n  Comprei\tpara o \u202eaniversário e chegou\x1b 9 dias  depois; o ATRA\u00adSO… é 👩\u200d🚒 do produto errado."


def _marked(view, size: str, width: int) -> str:
    return "|".join(t for x in head_lines(view, NOW, width, size) for t, role in x.spans if role == MARK)


def _view(*expressions: str):
    view = ticket()
    assert view.answer
    found = spans(SAID, [(e, False) for e in expressions])
    return replace(view, answer=replace(view.answer, comment=SAID), matched=found)


@pytest.mark.parametrize(("size", "width"), [(FULL, 100), (SHORT, 200), (ONE, 200)])
def test_a3_the_head_marks_what_was_found(size: str, width: int) -> None:
    view = _view("aniversario", "9 dias", "depois o atraso", "👩")
    assert plain(_marked(view, size, width)) == "aniversário|9 dias depois; o ATRA\u00adSO|👩"
    assert _marked(_view(), size, width) == ""


def test_a3_what_was_found_goes_on_over_the_end_of_a_line_and_is_cut_with_it() -> None:
    view = _view("comprei para o aniversario", "errado")
    assert _marked(view, FULL, 24) == "Comprei para o|aniversário"


@pytest.mark.parametrize("width", [8, 20, 33, 80])
def test_a3_wherever_lines_are_cut_the_same_words_are_marked(width: int) -> None:
    view = _view("9 dias", "produto errado")
    lines = wrap(f"“{clean(SAID).strip()}”", width)
    marked = "".join(t for spans in marked_in(lines, SAID, view.matched, "text") for t, role in spans if role == MARK)
    assert marked.replace(" ", "") == "9diasprodutoerrado"


@given(st.text(max_size=80) | st.just(HOSTILE), st.lists(st.tuples(st.integers(0, 90), st.integers(1, 9)), max_size=4))
def test_r7_marking_changes_no_character(raw: str, places: list[tuple[int, int]]) -> None:
    lines = wrap(f"“{line(raw)}”", 12)
    found = marked_in(lines, raw, [(a, a + n) for a, n in places], "text")
    assert ["".join(t for t, _r in spans) for spans in found] == lines


@pytest.mark.parametrize("no_color", [False, True])
async def test_a3_without_colour_it_is_still_told_apart(no_color: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    pane = TicketPane()
    app = Harness(pane)
    async with app.run_test(size=(100, 30)) as pilot:
        pane.show(_view("atraso"), NOW)
        pane.open_tab("answer")
        await pilot.pause()
        words = [
            (seg.text, seg.style)
            for y in range(pane.size.height)
            for seg in app.screen._compositor.render_strips()[y]
            if "ATRA" in seg.text
        ]
        assert [text for text, _s in words] == ["ATRA\u00adSO", "ATRA\u00adSO"], "in the head and in the answer"
        assert all(style and style.bold and style.underline for _t, style in words)
