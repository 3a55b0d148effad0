"""What surveys and templates say of the autopilot's e-mails (A4): tabs with `!`, tried on answers, which rule sets apply."""

from domain.rules import RuleSet, Then
from loop import rules, surveys, templates
from tests.tui.conftest import Opened, Screen, Shop, until
from tui.screens.forming import FormScreen
from tui.screens.settings.screen import SettingsScreen
from tui.screens.settings.template_editor import TemplateEditor

WIDE = (120, 36)


async def at(screen: Screen, section: str) -> None:
    await screen.app.push_screen(SettingsScreen(section))
    await screen.quiet()


async def over(screen: Screen, kind: type) -> None:
    await until(lambda: isinstance(screen.app.screen, kind) and screen.app.focused is not None)
    await screen.quiet()


async def test_a4_each_class_shows_what_it_lacks_until_it_is_complete(opened: Opened, shop: Shop) -> None:
    """Made from its line with the sender's name, written, tried on an answer; the account's knows the customer's name only."""
    async with opened(WIDE) as screen:
        await at(screen, "templates")
        text = screen.text()
        assert text.count("Nothing is written yet.") == 3 and "! —" in text
        await screen.press("enter")
        await over(screen, FormScreen)
        await screen.press("tab", *"Loja", "f5")
        await over(screen, TemplateEditor)
        await until(lambda: "tried on Cliente" in screen.text() or "tried on [bold]" in screen.text())
        assert "It is not sent before it has: subject, text." in screen.text()
        assert "no subject yet" in screen.text() and "the draft" not in screen.text()
        # The longest name of a field, in any language, leaves a gap before what is typed.
        assert screen.app.screen.query(".subject Label").first().size.width > len("Remetente")
        await screen.press(*"Oi {{ customer.fi", "enter", *" {{ answer.score }}")
        await until(lambda: "this answer has nothing for answer.score" in screen.text())
        for _i in range(19):
            await screen.press("backspace")
        await screen.press("shift+tab", *"Desculpas")
        await until(lambda: "It is not sent before" not in screen.text())
        await screen.press("f5")
        await until(lambda: not isinstance(screen.app.screen, TemplateEditor))
        await screen.quiet()
        (row,) = templates.templates(shop.desk, actor=shop.actor)
        assert row.complete and (row.level, row.klass, row.sender_name) == ("account", "detractor", "Loja")
        assert row.body.strip() == "Oi {{ customer.first_name }}"
        assert screen.text().count("Nothing is written yet.") == 2 and "✓" in screen.text()
        assert "No templates yet" not in screen.text()


async def test_a4_a_survey_says_whose_e_mails_are_sent_and_which_rule_sets_apply(opened: Opened, shop: Shop) -> None:
    for name in ("Primeiro", "Segundo"):
        rules.save(shop.desk, RuleSet(None, name, then=Then(tags=("x",))), actor=shop.actor)
    async with opened(WIDE) as screen:
        await at(screen, "surveys")
        await screen.press("enter")
        await over(screen, FormScreen)
        form = screen.app.screen
        assert isinstance(form, FormScreen)
        form.form.focus_field("own_templates")
        await screen.press("left")
        form.form.focus_field("listed")
        await screen.press("right", "tab", "right", "space", "f5")
        await until(lambda: not isinstance(screen.app.screen, FormScreen))
        await screen.quiet()
        (survey,) = surveys.surveys(shop.desk, actor=shop.actor)
        second = next(s.id for s in rules.rule_sets(shop.desk, actor=shop.actor) if s.name == "Segundo")
        assert survey.own_templates and survey.rule_sets == (second,)
        assert "own e-mails · 1 rule set" in screen.text()
        await screen.press("enter")
        await over(screen, FormScreen)
        form = screen.app.screen
        assert isinstance(form, FormScreen)
        form.form.focus_field("listed")
        await screen.press("left", "f5")
        await until(lambda: not isinstance(screen.app.screen, FormScreen))
        await screen.quiet()
        assert surveys.surveys(shop.desk, actor=shop.actor)[0].rule_sets is None
