"""Templates in the settings (M2): written beside how they read on a real ticket, saved, refused, left."""

from textual.widgets import Input, TextArea

from loop import templates
from loop.filling import Piece
from tests.tui.conftest import HOSTILE, Opened, Screen, Shop, until
from tui.screens.forming import FormScreen
from tui.screens.settings.screen import SettingsScreen
from tui.screens.settings.template_editor import TemplateEditor, pieces_wrapped
from tui.widgets.ticket.lines import PageOnBar

WIDE = (120, 36)


async def on(screen: Screen, kind: type) -> None:
    await until(lambda: isinstance(screen.app.screen, kind))
    await screen.quiet()


async def at_templates(screen: Screen) -> None:
    await screen.app.push_screen(SettingsScreen("templates"))
    await screen.quiet()


async def test_m2_a_variable_is_told_on_one_line(opened: Opened) -> None:
    async with opened((80, 24)) as screen:
        await at_templates(screen)
        assert "{{ customer.first_name }}" in screen.text().replace("\u00a0", " ")


async def test_m2_a_template_is_made_written_and_tried_on_a_real_ticket(opened: Opened, shop: Shop) -> None:
    async with opened(WIDE) as screen:
        await at_templates(screen)
        assert "No templates yet" in screen.text()
        await screen.press("o")
        await on(screen, FormScreen)
        await screen.press(*"Desculpas", "f5")
        await on(screen, TemplateEditor)
        await screen.press(*"Oi {{ customer.na", "enter", *" {{ customer.ph", "enter")
        await until(lambda: "Oi Cliente 199" in screen.text())
        assert "this ticket has nothing for customer.phone" in screen.text()
        await screen.press("f2")
        await until(lambda: "Oi Cliente 198" in screen.text())
        await screen.press("f5")
        await until(lambda: not isinstance(screen.app.screen, TemplateEditor))
        (row,) = templates.templates(shop.desk, actor=shop.actor)
        assert row.body == "Oi {{ customer.name }} {{ customer.phone }}"
        await screen.quiet()
        assert "Desculpas" in screen.text()


async def test_tab_goes_round_what_can_be_typed_in_and_the_preview_follows(opened: Opened, shop: Shop) -> None:
    body = "\n".join(f"linha {i}" for i in range(60))
    templates.add(shop.desk, "x", body=body, account=True, klass="promoter", actor=shop.actor)
    async with opened() as screen:
        await at_templates(screen)
        await screen.press("G", "enter")
        await on(screen, TemplateEditor)
        editor = screen.app.screen
        await until(lambda: "linha 59" in screen.text())
        page = editor.query_one(PageOnBar)
        assert page.scroll_offset.y > 0, "where the cursor is, at the end"
        for _i in range(4):
            await screen.press("tab")
            assert isinstance(editor.focused, Input | TextArea)
        editor.query_one(TextArea).move_cursor((0, 0))
        await screen.quiet()
        assert page.scroll_offset.y == 0


async def test_what_cannot_be_a_template_is_said_and_nothing_is_lost(opened: Opened, shop: Shop) -> None:
    templates.add(shop.desk, "x", body="Oi", actor=shop.actor)
    async with opened() as screen:
        await at_templates(screen)
        await screen.press("G", "enter")
        await on(screen, TemplateEditor)
        await screen.press(*" {{ customer.nane }}", "f5")
        await until(lambda: "no variable customer.nane" in screen.text())
        await screen.press("escape")
        assert "not saved" in screen.text()
        await screen.press("escape")
        await until(lambda: not isinstance(screen.app.screen, TemplateEditor))
        assert templates.templates(shop.desk, actor=shop.actor)[0].body == "Oi"


def test_r7_pieces_are_wrapped_and_cleaned() -> None:
    pieces = (Piece("Olá ", "text"), Piece(HOSTILE, "value"), Piece("\n\nx" * 2, "text"), Piece("{{ a }}", "missing"))
    for width in (8, 20, 70):
        lines = pieces_wrapped(pieces, width)
        text = "\n".join("".join(t for t, __ in each.spans) for each in lines)
        assert "\x1b" not in text and "\x9b" not in text
        assert ("{{", "late") in lines[-1].spans or ("{{ a }}", "late") in lines[-1].spans or width == 8
