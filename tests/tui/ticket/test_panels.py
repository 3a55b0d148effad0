"""What lies over the ticket: review (M2), picker, closing (T6), note (N1), raw mail (M10)."""

from dataclasses import replace
from datetime import datetime

import pytest
from textual.widget import Widget

from domain.flows import Status
from domain.refusals import refuse
from loop.views import Attachment, Review, Tick
from tests.tui.ticket.harness import HOSTILE, HOSTILE_NAME, NOW, Harness, hostile_ticket, safe, ticket
from tui.screens.asking import AskScreen
from tui.screens.closing import Closing, ClosingScreen
from tui.screens.later import LaterScreen
from tui.screens.noting import NoteScreen
from tui.screens.picker import Option, Picker
from tui.screens.rawmail import MOST, RawMailScreen, raw_lines, visible
from tui.screens.review import ReviewScreen
from tui.screens.settings.choosing import ChoiceScreen

REVIEW = Review(
    "Ana da Loja <loja@loja.example>",
    "Marina Alves <marina@clientes.example>",
    "",
    "Re: Entrega atrasada",
    "Olá Marina,\n\na troca é por nossa conta.\n-- \nAna",
    None,
)
ALL_TICKED = (Tick(1, "ana", NOW), Tick(2, "ana", NOW), Tick(3, "ana", NOW))


async def _answer(screen, *keys: str, size: tuple[int, int] = (80, 24)) -> list:
    app = Harness()
    async with app.run_test(size=size) as pilot:
        app.ask(screen)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        return app.answers


async def _text(screen, *keys: str, size: tuple[int, int] = (80, 24), theme: str = "retorno") -> str:
    app = Harness(theme=theme)
    async with app.run_test(size=size) as pilot:
        app.ask(screen)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        assert not app.answers
        return app.screen_text()


@pytest.mark.parametrize(
    ("key", "answer"), [("y", "send"), ("l", "later"), ("m", "move"), ("e", "edit"), ("escape", "keep")]
)
async def test_the_review_answers_by_key(key: str, answer: str) -> None:
    assert await _answer(ReviewScreen(REVIEW, 10), key) == [answer]


@pytest.mark.parametrize(
    ("screen", "key", "answer"),
    [
        (ReviewScreen(REVIEW, 10), "y", "send"),
        (AskScreen("Block x@y.example?", "block"), "y", True),
        (ChoiceScreen("Remove it?", lambda _width: [], [Option("away", "remove it")]), "enter", "away"),
    ],
)
async def test_a_key_counts_from_when_its_panel_was_painted(
    screen, key: str, answer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads fast, on a machine that is slow with all the rest, is not ignored; what was not painted was not read."""
    app = Harness()
    async with app.run_test(size=(80, 24)) as pilot:
        monkeypatch.setattr(Widget, "call_after_refresh", lambda *_more, **_words: True)  # for ever late
        app.ask(screen)
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
        assert app.answers == [answer]


async def test_enter_and_space_send_nothing() -> None:
    """Enter is never yes to something dangerous."""
    assert await _answer(ReviewScreen(REVIEW, 10), "enter", "space", "tab", "enter", "s", "Y") == []


async def test_the_review_shows_exactly_what_leaves_and_its_keys() -> None:
    """M2"""
    text = await _text(ReviewScreen(replace(REVIEW, cc="bia@loja.example", warnings=("Nothing is attached.",)), 10))
    for words in (
        "From     Ana da Loja <loja@loja.example>", "To       Marina Alves <marina@clientes.example>",
        "Cc       bia@loja.example", "Subject  Re: Entrega atrasada", "a troca é por nossa conta.", "Ana",
        "! Nothing is attached.", "it waits 10s; u takes it back", "y send", "m send and move", "e edit",
        "Esc keep it", "? help",
    ):  # fmt: skip
        assert words in text


async def test_what_is_refused_cannot_be_sent_and_says_why() -> None:
    """M1, T10"""
    refused = replace(REVIEW, refusal=refuse("something new"))
    text = await _text(ReviewScreen(refused, 10), "y", "l", "m")
    assert "✗ Something arrived that you have not seen" in text and "y cannot be sent" in text
    assert "y send" not in text and "m send" not in text
    assert await _answer(ReviewScreen(refused, 10), "y", "m", "e") == ["edit"]


async def test_m2_m4_the_review_lists_files_and_shows_the_html_beside_the_text() -> None:
    files = (Attachment(1, "nota.pdf", "", 2048), Attachment(2, HOSTILE, "", 3))
    review = replace(REVIEW, html='<p>Olá <a href="https://loja.example/">loja</a></p>', files=files)
    text = await _text(ReviewScreen(review, 10))
    assert "Files    nota.pdf  2" in text and "a troca é por nossa conta." in text and safe(text)
    text = await _text(ReviewScreen(review, 10), "v")
    assert '<a href="https://loja.example/">' in text and "a troca" not in text
    assert "a troca é" in await _text(ReviewScreen(review, 10), "v", "v")


async def test_m4_later_understands_a_time_to_come_and_nothing_else() -> None:
    said = await _answer(LaterScreen(NOW), *"2h", "enter")
    assert [due.at for due in said] == [NOW + 2 * 3_600_000]
    (tomorrow,) = await _answer(LaterScreen(NOW), *"tomorrow", "enter")
    assert datetime.fromtimestamp(tomorrow.at / 1000).hour == 9, "a day alone means its morning"
    for words in ("none", "-2h", "1/1/2001", "soon"):
        assert await _answer(LaterScreen(NOW), *words, "enter") == []


async def test_a_long_message_scrolls_under_its_keys() -> None:
    long = replace(REVIEW, body="\n".join(f"linha {i}" for i in range(100)))
    text = await _text(ReviewScreen(long, 0), "G")
    assert "linha 99" in text and "y send" in text and "takes it back" not in text


PEOPLE = [
    Option("ana", "Ana Prado"),
    Option("joao", "João Avelã", "joao"),
    Option("zoe", HOSTILE_NAME),
    Option("caio", "Caio", why_not="not a member of this flow"),
]


async def test_the_picker_finds_without_accents_and_takes_with_enter() -> None:
    assert await _answer(Picker("Assign to", PEOPLE), *"avela", "enter") == ["joao"]
    assert await _answer(Picker("Assign to", PEOPLE), "down", "down", "up", "enter") == ["joao"]


async def test_the_picker_puts_what_begins_so_first() -> None:
    options = [Option(1, "São Paulo de Olivença"), Option(2, "Olinda")]
    assert await _answer(Picker("Loja", options), *"ol", "enter") == [2]


async def test_the_picker_begins_on_the_current_value() -> None:
    assert await _answer(Picker("Assign to", PEOPLE, "zoe"), "enter") == ["zoe"]
    assert "●" in await _text(Picker("Assign to", PEOPLE, "ana"))


async def test_what_cannot_be_chosen_says_why_and_is_not_taken() -> None:
    text = await _text(Picker("Assign to", PEOPLE), *"caio", "enter")
    assert text.count("✗ not a member of this flow") == 2, "beside it, and louder when it was asked for"


async def test_the_picker_begins_on_what_can_be_taken_and_says_the_whole_reason_of_what_cannot() -> None:
    why = "The checklist of Contato is mandatory. Still missing: Li a resposta e o histórico, Falei com o cliente."
    phases = [
        Option(1, "Novo"),
        Option(2, "Contato", why_not="here already"),
        Option(3, "Solução", why_not=why),
        Option(4, "Fim"),
    ]
    assert await _answer(Picker("Move to", phases, 2), "enter") == [4]
    assert "Falei com o cliente." in " ".join((await _text(Picker("Move to", phases, 2), "up")).split())


async def test_escape_clears_what_was_typed_and_then_leaves() -> None:
    picker = Picker("Assign to", PEOPLE)
    assert "Ana Prado" in await _text(picker, "z", "z", "escape")
    assert await _answer(Picker("Assign to", PEOPLE), "z", "escape", "escape") == [None]


async def test_nothing_found_is_said_and_enter_takes_nothing() -> None:
    assert "Nothing is called so." in await _text(Picker("x", PEOPLE), *"qqq", "enter")
    assert "There is none yet." in await _text(Picker("x", []), "enter", "down")


async def test_a_long_list_scrolls_with_the_cursor() -> None:
    many = [Option(i, f"pessoa {i}") for i in range(200)]
    text = await _text(Picker("x", many), *["pagedown"] * 5)
    assert "▌ pessoa 40" in text and "Enter take" in text


async def test_closing_asks_for_the_resolution_and_gives_phase_and_outcome() -> None:
    """T6"""
    view = ticket(ticks=ALL_TICKED)
    assert "Closing asks for a resolution" in await _text(ClosingScreen(view), "f5")
    keys = (*"Trocado", "tab", *"troca", "f5")
    assert await _answer(ClosingScreen(view), *keys) == [(4, "Trocado", "troca", None)]


async def test_the_closed_phase_is_chosen_with_arrows() -> None:
    view = ticket(ticks=ALL_TICKED)
    keys = ("x", "shift+tab", "right", "f5")
    assert await _answer(ClosingScreen(view), *keys) == [(5, "x", "", None)]
    assert await _answer(ClosingScreen(view, phase=5), "x", "f5") == [(5, "x", "", None)]


async def test_a_mandatory_checklist_holds_the_closing_and_is_named_at_once() -> None:
    """P7"""
    text = await _text(ClosingScreen(ticket()), "x", "f5")
    assert "Still missing: Pedir uma foto" in text


async def test_leaving_the_closing_loses_nothing() -> None:
    screen = ClosingScreen(ticket(ticks=ALL_TICKED))
    assert await _answer(screen, *"meio", "escape") == [None]
    assert screen.resolution == "meio"
    again = ClosingScreen(ticket(ticks=ALL_TICKED), screen.resolution)
    assert await _answer(again, "x", "f5") == [(4, "meiox", "", None)]


async def test_a_flow_with_one_closed_phase_has_nothing_to_choose() -> None:
    view = ticket(ticks=ALL_TICKED)
    one = replace(view.flow, phases=tuple(p for p in view.flow.phases if p.id != 5))
    assert any(p.status is Status.CLOSED for p in one.phases)
    assert await _answer(ClosingScreen(replace(view, flow=one)), "x", "f5") == [(4, "x", "", None)]


async def test_a_note_is_added_with_f5_and_kept_by_escape() -> None:
    """N1"""
    assert await _answer(NoteScreen(ticket()), *"oi", "enter", *"bia", "f5") == [("oi\nbia", ())]
    screen = NoteScreen(ticket(), "@bia ")
    assert await _answer(screen, *"ver", "escape") == [None]
    assert screen.text == "@bia ver"


async def test_an_empty_note_is_not_added() -> None:
    assert "There is nothing written yet." in await _text(NoteScreen(ticket()), "space", "f5")


def test_octets_of_a_raw_mail_are_made_visible_and_obeyed_by_nobody() -> None:
    """M10, R7"""
    text = visible(b"Ol\xc3\xa1 \x1b[31m\x07 \xe9 \r\n\xc2\x9b2J \xe2\x80\xae \x00\tfim\rx")
    assert text == "Olá \\x1b[31m\\x07 \\xe9 \n\\x9b2J \\u202e \\x00\tfim\\x0dx"


async def test_a_raw_mail_scrolls_and_escape_goes_back() -> None:
    raw = b"Subject: x\r\n\r\n" + b"".join(b"linha %d\r\n" % i for i in range(300)) + HOSTILE.encode()
    text = await _text(RawMailScreen(HOSTILE, raw), "G")
    assert safe(text) and "linha 299" in text and "Esc back" in text and "\\x1b]0;owned\\x07" in text
    assert await _answer(RawMailScreen("x", raw), "escape") == [None]


def test_of_an_enormous_mail_the_beginning_is_shown_and_the_rest_is_told() -> None:
    lines = raw_lines(b"a" * 76 + (b"\r\n" + b"b" * 76) * (MOST // 70), 76)
    assert "more, which are kept" in lines[-1].spans[0][0]
    assert len(lines) < 20_000


@pytest.mark.parametrize("theme", ["retorno", "retorno-light", "retorno-16"])
@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_panels_hold_against_hostile_words(theme: str, size: tuple[int, int]) -> None:
    """R7"""
    view = hostile_ticket()
    review = Review(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, refuse("no user", login=HOSTILE_NAME), (HOSTILE,))
    options = [Option(1, HOSTILE, HOSTILE, HOSTILE), Option(2, HOSTILE_NAME)]
    for screen in (
        ReviewScreen(review, 3),
        Picker(HOSTILE, options, 2),
        ClosingScreen(view),
        NoteScreen(view, HOSTILE),
        RawMailScreen(HOSTILE, HOSTILE.encode()),
    ):
        assert safe(await _text(screen, "down", theme=theme, size=size))


async def test_what_was_left_is_there_again_until_it_is_used() -> None:
    """Nothing typed is lost by Esc."""
    app = Harness()
    async with app.run_test(size=(80, 24)) as pilot:
        for keys in ((*"um", "escape"), (*"dois", "f5"), ("f5",)):
            app.ask(NoteScreen(ticket()))
            await pilot.pause()
            await pilot.press(*keys)
            await pilot.pause()
        assert app.answers == [None, ("umdois", ())]
        await pilot.press("escape")
        app.ask(NoteScreen(ticket(row_number=7)))
        await pilot.pause()
        assert "umdois" not in app.screen_text()
        await pilot.press("escape")
        for keys in ((*"feito", "escape"), ("!", "f5")):
            app.ask(ClosingScreen(ticket(ticks=ALL_TICKED)))
            await pilot.pause()
            await pilot.press(*keys)
            await pilot.pause()
        assert app.answers[-1] == Closing(4, "feito!", "")
