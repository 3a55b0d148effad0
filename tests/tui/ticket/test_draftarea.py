"""Variables and files in a draft (M2, M4): offered as one types, marked where nothing is put in, shown and taken off."""

from loop.views import Attachment, Draft
from tests.tui.ticket.harness import HOSTILE, NOW, Harness, safe, ticket
from tui.widgets.completion import Completion
from tui.widgets.ticket.compose import Compose
from tui.widgets.ticket.draftarea import begun, spans

KNOWN = {"customer.first_name": "Marina", "customer.phone": "", 'customer.attributes["Loja SP"]': "Natal"}


async def _opened(app: Harness, compose: Compose, pilot, body: str = "", files: tuple[Attachment, ...] = ()) -> None:
    compose.open(Draft(1042, "marina@clientes.example", "", "Re: x", body, NOW, 3), ticket())
    compose.know(KNOWN, files)
    await pilot.pause()


def test_what_is_begun_after_the_braces() -> None:
    assert [begun(text) for text in ("Olá {{", "{{ cust", "{{ a }} b", "Olá", '{{ customer.attributes["Lo')] == [
        "", "cust", None, None, 'customer.attributes["Lo'
    ]  # fmt: skip


def test_m2_variables_are_marked_by_whether_something_is_put_in() -> None:
    text = "{{ customer.first_name }} {{ customer.phone }} {{ customer.phone | default('x') }} {{x}} {% if a %} {{ customer.attributes['Loja SP'] | upper }}"
    assert [filled for __, __, filled in spans(text, KNOWN)] == [True, False, True, False, True, True]
    assert text[slice(*spans(text, KNOWN)[1][:2])] == "{{ customer.phone }}"


async def test_m2_variables_are_offered_as_one_types_and_taken_whole() -> None:
    compose = Compose()
    app = Harness(compose)
    async with app.run_test(size=(100, 24)) as pilot:
        await _opened(app, compose, pilot)
        await pilot.press(*"Oi {{ cu")
        await pilot.pause()
        offered = compose.query_one("#variables", Completion)
        assert offered.is_open and "Marina" in app.screen_text()
        await pilot.press(*"stomer.f", "enter", "!")
        assert compose.draft.body == "Oi {{ customer.first_name }}!"
        await pilot.press(*" {{", "escape", "x")
        assert not offered.is_open and compose.draft.body.endswith("{{x")
        assert not app.of(Compose.Left), "Esc closes the list first"


async def test_m2_what_is_missing_is_named_while_one_writes() -> None:
    compose = Compose()
    app = Harness(compose)
    async with app.run_test(size=(100, 24)) as pilot:
        await _opened(app, compose, pilot, "{{ customer.first_name }} {{ customer.phone }}")
        assert "nothing is put in for customer.phone" in app.screen_text()
        compose.take_template("Sobre o pedido", "Olá")
        await pilot.pause()
        assert compose.draft.subject == "Sobre o pedido"
        assert compose.draft.body.endswith("}}Olá")


async def test_m4_files_are_listed_and_the_last_is_taken_off() -> None:
    compose = Compose()
    app = Harness(compose)
    files = (Attachment(1, "nota.pdf", "", 2048), Attachment(7, HOSTILE, "", 10))
    async with app.run_test(size=(80, 24)) as pilot:
        await _opened(app, compose, pilot, files=files)
        assert "nota.pdf 2" in app.screen_text() and safe(app.screen_text())
        await pilot.press("ctrl+r", "ctrl+t")
        await pilot.pause()
        assert [m.file for m in app.of(Compose.FileDropped)] == [7]
        assert [m.ticket for m in app.of(Compose.TemplateAsked)] == [1042]
        compose.show_files(tuple(Attachment(n, f"arquivo comprido {n}.pdf", "", n) for n in range(20)))
        await pilot.pause()
        assert "+1" in app.screen_text()
