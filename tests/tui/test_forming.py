"""Forms: what is typed is taken, refused with a sentence, or kept; nothing is lost on one key (ux)."""

import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen as TextualScreen

from domain.refusals import refuse
from tests.tui.conftest import HOSTILE, Screen, Shop, until
from tui.app import Retorno
from tui.screens.forming import FormScreen
from tui.screens.picker import Option
from tui.widgets.form import Field, Form, Kind, read_date, say_date

SIZES = [(60, 15), (80, 24), (120, 36), (160, 45)]
LETTERS = tuple(Option(x, f"letter {x}") for x in "abc")
NUMBERS = tuple(Option(n, f"number {n}") for n in range(12))
EVERY = (
    Field("text", "Name", Kind.TEXT, "Bia", about="As colleagues read it.", needed=True, limit=80),
    Field("lines", "Words", Kind.LINES, "one\ntwo", rows=3),
    Field("choice", "Level", Kind.CHOICE, "b", LETTERS),
    Field("many", "Teams", Kind.MANY, ("c", "a"), LETTERS),
    Field("more", "Members", Kind.MANY, (3,), NUMBERS),
    Field("order", "Columns", Kind.MANY, ("c", "a"), LETTERS, ordered=True),
    Field("yes", "On", Kind.YESNO, True),
    Field("number", "Days", Kind.NUMBER, 3, low=0, high=90),
    Field("date", "Until", Kind.DATE, None),
    Field("told", "Login", Kind.TEXT, "ana", why_not="A login stays."),
)


class Bare(Retorno):
    """The program with nothing under the form."""

    CSS_PATH = None

    def get_default_screen(self) -> TextualScreen[Any]:
        return TextualScreen()


Asked = Callable[..., AbstractAsyncContextManager[Screen]]


@pytest.fixture
def asked(shop: Shop) -> Asked:
    """Shows a form; what it answers is in `answers`."""

    @asynccontextmanager
    async def ask(form: FormScreen, answers: list[Any], size: tuple[int, int] = (80, 24)) -> AsyncIterator[Screen]:
        app = Bare(shop.desk, shop.actor, background=False)
        async with app.run_test(size=size) as pilot:
            screen = Screen(app, pilot)
            app.push_screen(form, answers.append)
            await until(lambda: app.focused is not None)
            await screen.quiet()
            yield screen

    return ask


async def test_what_was_not_touched_comes_back_as_it_was(asked: Asked) -> None:
    """Each kind gives the kind of value that it takes; what is marked stands in the options' order, if not `ordered`."""
    answers: list[Any] = []
    form = FormScreen("A form", EVERY)
    async with asked(form, answers) as screen:
        assert not form.form.changed
        await screen.press("f5")
    assert answers == [
        {
            "text": "Bia", "lines": "one\ntwo", "choice": "b", "many": ("a", "c"), "more": (3,),
            "order": ("c", "a"), "yes": True, "number": 3, "date": None, "told": "ana",
        }
    ]  # fmt: skip


async def test_every_kind_is_filled_in_by_keys(asked: Asked) -> None:
    answers: list[Any] = []
    form = FormScreen("A form", EVERY)
    async with asked(form, answers, (120, 36)) as screen:
        await screen.press("space", "S", "tab")
        await screen.press("end", "down", "end", "enter", *"six", "tab")
        await screen.press("right", "tab")
        await screen.press("right", "space", "tab")
        await screen.press("enter", *"11", "enter", "f5", "tab")
        await screen.press("shift+down", "down", "space", "tab")
        await screen.press("left", "tab")
        await screen.press("7", "tab")
        await screen.press(*"2026-11-30", "tab")
        await screen.press("X")
        assert "A login stays." in screen.text()
        await screen.press("f5")
    assert answers == [
        {
            "text": "Bia S", "lines": "one\ntwo\nsix", "choice": "c", "many": ("a", "b", "c"), "more": (3, 11),
            "order": ("a", "c", "b"), "yes": False, "number": 37, "told": "ana",
            "date": int(datetime(2026, 11, 30).astimezone().timestamp() * 1000),
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("id", "keys", "said"),
    [
        ("text", ["backspace"] * 3, "Name must not be empty."),
        ("number", ["9", "9"], "Days: write a number from 0 to 90."),
        ("number", ["x"], "Days: write a number from 0 to 90."),
        ("date", [*"31/02/2026"], "Until: write a day"),
    ],
)
async def test_what_cannot_be_taken_is_said_and_kept(asked: Asked, id: str, keys: list[str], said: str) -> None:
    """F5 goes to the field, says why, and everything typed stays."""
    answers: list[Any] = []
    form = FormScreen("A form", EVERY)
    async with asked(form, answers) as screen:
        form.form.focus_field(id)
        await screen.press(*keys)
        typed = form.form.control(id).raw
        form.form.focus_field("yes")
        await screen.press("f5")
        assert said in screen.text() and not answers
        assert form.form.here is not None and form.form.here.id == id and form.form.control(id).raw == typed


async def test_a_check_and_a_refused_save_keep_the_form_open(asked: Asked, shop: Shop) -> None:
    """What the loop refuses is a sentence in the form; so is trouble; the next F5 may succeed."""
    answers: list[Any] = []
    results: list[Any] = [refuse("login taken", login="bia"), OSError("the disk is full"), "saved"]

    def save(values: dict[str, Any]) -> Any:
        result = results.pop(0)
        if isinstance(result, OSError):
            raise result
        return result

    form = FormScreen("A form", EVERY, lambda v: "Not Bia!" if v["text"] == "Bia" else "", save=save)
    async with asked(form, answers) as screen:
        await screen.press("f5")
        assert "Not Bia!" in screen.text() and len(results) == 3
        await screen.press("2", "f5")
        assert str(refuse("login taken", login="bia")) in " ".join(screen.text().split())
        await screen.press("f5")
        assert "the disk is full" in screen.text() and not answers
        await screen.press("f5")
    assert answers[0]["text"] == "Bia2" and form.saved == "saved"


async def test_esc_loses_nothing_on_one_key(asked: Asked) -> None:
    """Esc leaves an untouched form at once, a changed one with the second Esc; a key between takes the first back."""
    answers: list[Any] = []
    form = FormScreen("A form", EVERY)
    async with asked(form, answers) as screen:
        await screen.press("x", "escape")
        assert "not saved" in screen.text() and not answers
        await screen.press("y", "escape")
        assert not answers
        await screen.press("escape")
    assert answers == [None]
    again = FormScreen("A form", EVERY)
    async with asked(again, answers) as screen:
        await screen.press("escape")
    assert answers == [None, None]


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_words_are_only_words_at_every_size(asked: Asked, size: tuple[int, int]) -> None:
    """R7: label, value, option, sentence; no line is longer than the screen, and the keys stay in sight."""
    options = (Option(1, HOSTILE), Option(2, "[/]" * 70))
    fields = tuple(
        Field(f"f{kind}{i}", HOSTILE * 3, kind, value, options, about=HOSTILE * 4)
        for i, (kind, value) in enumerate(
            [(Kind.TEXT, HOSTILE), (Kind.LINES, HOSTILE), (Kind.CHOICE, 1), (Kind.MANY, (1,)), (Kind.YESNO, 0)] * 2
        )
    )
    form = FormScreen(HOSTILE * 3, fields, foot=HOSTILE)
    async with asked(form, [], size) as screen:
        for field in fields[::3]:
            form.form.focus_field(field.id)
            await screen.pilot.pause()
            shown = screen.text()
            assert "F5" in shown and not any(c in shown for c in "\x1b\x9b\x07")


async def test_a_long_form_scrolls_to_the_field_with_the_focus(asked: Asked) -> None:
    form = FormScreen("A form", EVERY)
    async with asked(form, [], (60, 15)) as screen:
        for field in EVERY:
            form.form.focus_field(field.id)
            await until(lambda label=field.label: label in screen.text(form.query_one(Form)) or label in screen.text())


def test_days_are_read_as_people_write_them() -> None:
    now = datetime(2026, 11, 22, 15, 30).astimezone()

    def at(*when: int) -> int:
        return int(datetime(*when).astimezone().timestamp() * 1000)  # type: ignore[arg-type]

    assert read_date("", now) is None
    assert read_date("2026-12-01", now) == at(2026, 12, 1) == read_date("1/12", now) == read_date(" 01/12/2026 ", now)
    assert read_date("2026-12-01 14:30", now) == at(2026, 12, 1, 14, 30)
    assert read_date("+3d", now) == at(2026, 11, 25)
    for wrong in ("soon", "2026-13-01", "1/2/3", "2026-12-01 25:00", "2026-12-01 1 2", "[/]"):
        with pytest.raises(ValueError):
            read_date(wrong, now)
    for ms in (None, at(2026, 12, 1), at(2026, 12, 1, 14, 30)):
        assert read_date(say_date(ms), now) == ms


def test_forms_bring_in_nothing_of_the_loop() -> None:
    """A clean interpreter: neither the forms nor the frame of the settings import what reads and writes."""
    code = (
        "import sys, tui.screens.forming, tui.screens.settings.screen, tui.screens.settings.people;"
        "print([m for m in ('sqlmodel','sqlalchemy','loop.people','loop.audit','loop.flows') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_enter_saves_a_form_of_one_line_and_goes_on_in_longer_ones(asked: Asked) -> None:
    answers: list[Any] = []
    async with asked(FormScreen("Name", [Field("name", "Name", Kind.TEXT, "", needed=True)]), answers) as screen:
        assert "Enter save" in screen.text()
        await screen.press("enter")
        assert not answers
        await screen.press("B", "i", "a", "enter")
        await until(lambda: bool(answers))
    assert answers == [{"name": "Bia"}]
    more = FormScreen("Names", [Field("a", "A", Kind.TEXT, "1"), Field("b", "B", Kind.TEXT, "2")])
    async with asked(more, answers) as screen:
        await screen.press("enter")
        assert more.form.here is not None and more.form.here.id == "b" and len(answers) == 1
