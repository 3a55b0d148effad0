"""Wrapping and cutting by cells, which the whole ticket side stands on."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.tui.ticket.harness import HOSTILE, HOSTILE_NAME
from tui.theme import _PLAIN
from tui.widgets.ticket.spans import Line, cells_of, fit, hints, marked, paint, plain, wrap

WORDS = st.lists(st.sampled_from(["a", "ç", " ", "日", "e\u0301", "👩", "-", "x" * 30, "\t", "\n", "م"])).map("".join)


@given(WORDS, st.integers(4, 60))
def test_no_wrapped_line_is_wider_than_asked_and_no_word_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_paragraphs_and_their_indents_stay() -> None:
    assert wrap("um\n\n  dois três", 12) == ["um", "", "  dois três"]


def test_words_are_cut_at_blanks() -> None:
    assert wrap("o pedido chegou com atraso", 10) == ["o pedido", "chegou com", "atraso"]


@given(WORDS, st.integers(1, 40))
def test_what_is_cut_fits_and_says_so(text: str, width: int) -> None:
    text = plain(text.replace("\n", " ").replace("\t", " "))
    cut = fit(text, width)
    assert cell_len(cut) <= width
    assert cut == text or cut.endswith("…")


@given(WORDS, WORDS, st.integers(1, 60))
def test_a_painted_line_is_exactly_as_wide_as_asked(left: str, right: str, width: int) -> None:
    flat = [x.replace("\n", " ").replace("\t", " ") for x in (left, right)]
    strip = paint(Line(((flat[0], "text"),), ((flat[1], "past"),)), width, _PLAIN)
    assert strip.cell_length == width
    assert cell_len(strip.text) == width


@given(st.text(max_size=20) | WORDS)
def test_cells_are_counted_as_rich_counts_them(text: str) -> None:
    assert cells_of(text) == cell_len(text)


def test_joined_emoji_are_taken_apart_so_that_terminals_agree_on_their_width() -> None:
    assert plain(HOSTILE_NAME) == "[bold]Zoë 👩🚒 مرحبا"
    assert "\u200d" not in paint(Line(((HOSTILE_NAME, "text"),)), 40, _PLAIN).text


def test_markup_is_only_words() -> None:
    """R7"""
    text = paint(Line(((HOSTILE.split("\x1b")[0], "text"),)), 60, _PLAIN).text
    assert "[@click=app.quit]x[/]" in text


def test_hints_that_do_not_fit_whole_are_left_out() -> None:
    line = hints(20, ("F5", "send"), ("Esc", "leave"), ("Tab", "fields"))
    assert "".join(text for text, _role in line.spans) == "F5 send   Esc leave"
    line = hints(20, ("F5", "send"), ("Esc", "leave"), ("?", "help"))
    assert "".join(text for text, _role in line.spans) == "F5 send   ? help", "which tells of the others"


def test_a_mark_stands_only_before_the_first_line() -> None:
    lines = marked("✗", "late", "uma frase que não cabe", 14, "text")
    assert ["".join(t for t, _r in x.spans) for x in lines] == ["✗ uma frase", "  que não cabe"]
