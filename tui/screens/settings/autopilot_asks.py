"""The panels of the rule editor: what a line of the sheet is asked for by (A2, A3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domain.plan_words import class_word, priority_word
from domain.rule_sentence import NAME, THEN, WHEN, attribute_key
from domain.rules import OPS, Condition, Moment, Says
from domain.text import _, fold, line, ngettext, number
from tui.screens.forming import FormScreen
from tui.screens.marking import ManyPicker
from tui.screens.picker import Option, Picker
from tui.screens.settings.autopilot_actions import Actions
from tui.screens.settings.autopilot_lines import SIGNS, op_name
from tui.screens.settings.autopilot_parts import (
    ATTRIBUTE,
    attribute_at,
    in_then,
    missing,
    then,
    when,
    with_attribute,
)
from tui.screens.settings.autopilot_pickers import (
    FreeManyPicker,
    FreePicker,
    WordsScreen,
    lines_of,
    read_hours,
    read_scores,
)
from tui.widgets.form import Field, Kind

if TYPE_CHECKING:
    from tui.screens.settings.autopilot_editor import AutopilotEditor

CLASSES = ("detractor", "neutral", "promoter")


class Asks(Actions):
    """See the module."""

    def ask_for(self: AutopilotEditor, key: str) -> None:
        """Open the panel of a part, with what it says now."""
        at = attribute_at(key)
        asks: dict[str, Callable[[], None]] = {
            NAME: self.ask_name,
            WHEN: self.ask_condition,
            THEN: self.ask_action,
            ATTRIBUTE: lambda: self.ask_attribute(None, None),
            "moment": self._ask_moment,
            "surveys": lambda: self._ask_many("surveys", _("From which surveys?"), self.around.surveys),
            "class": self._ask_class,
            "says": self._ask_says,
            "ticket": self._ask_ticket,
            "flows": lambda: self._ask_many("flows", _("In which flows is its ticket?"), self.around.flows),
            "categories": lambda: self._ask_many("categories", _("Of which categories?"), self.around.categories),
            "tags": lambda: self._ask_many("tags", _("With which tags?"), self.around.tags),
            "priorities": self._ask_priorities,
            "earlier": self._ask_earlier,
            "then:open_in": self._ask_open_in,
            "then:categories": self._ask_categories,
            "then:categorise": lambda: self.take(then(self.plan, categorise=True), "then:categorise"),
            "then:tags": lambda: self._ask_many("then:tags", _("Which tags does it get?"), self.around.tags, free=True),
            "then:priority": self._ask_priority,
            "then:assign": self._ask_assign,
            "then:due": self._ask_due,
            "then:phase": self._ask_phase,
            "then:followers": self._ask_followers,
            "then:send": self._ask_send,
        }
        if at is not None:
            self.ask_attribute(at, None)
        elif key in asks:
            asks[key]()

    # What is added

    def ask_more(self: AutopilotEditor, key: str) -> None:
        """o: another condition beside that one, or another action."""
        at = attribute_at(key)
        if in_then(key):
            self.ask_action()
        else:
            self.ask_condition(group=at[0] if at is not None else None)

    def ask_other(self: AutopilotEditor, key: str) -> None:
        """O: what would do instead: other attributes, another class or score, another expression."""
        if key in ("class", "says", "surveys", "flows", "categories", "tags", "priorities"):
            self.ask_for(key)
        elif in_then(key):
            self.pane.say(_("What is done is done all at once; o adds to it."))
        else:
            self.ask_attribute(None, None)

    def ask_name(self: AutopilotEditor) -> None:
        """What it is called."""
        field = Field("name", _("Name"), Kind.TEXT, self.plan.name, needed=True, limit=80)
        self._form(_("What is it called?"), [field], lambda given: replace(self.plan, name=given["name"]), NAME)

    def ask_condition(self: AutopilotEditor, group: int | None = None) -> None:
        """What else must hold."""
        parts = missing(self.plan, action=False)
        options = [Option(p.key, p.title, _(p.about) if p.about else "") for p in parts]
        several = group is not None and len(self.plan.when.groups) > 1
        if group is not None:
            title = _("Attribute, with this one") if several else _("Attribute")
            options = [Option("here", title), *(o for o in options if several or o.value != ATTRIBUTE)]

        def chosen(key: str | None) -> None:
            if key == "here":
                self.ask_attribute(None, group)
            elif key == ATTRIBUTE:
                # Beside one group, another condition belongs to it: `or` begins a new one.
                self.ask_attribute(None, 0 if len(self.plan.when.groups) == 1 else None)
            elif key is not None:
                self.ask_for(key)

        self.ask(Picker(_("And what must hold?"), options), chosen)

    def ask_action(self: AutopilotEditor) -> None:
        """What else is done."""
        options = [Option(p.key, p.title, _(p.about) if p.about else "") for p in missing(self.plan, action=True)]
        self.ask(Picker(_("And what is done?"), options), lambda key: None if key is None else self.ask_for(key))

    # Conditions

    def ask_attribute(self: AutopilotEditor, at: tuple[int, int] | None, group: int | None) -> None:
        """The attribute, how it is compared, and with what; `at` is changed, or one more is made."""
        was = None
        if at is not None and at[0] < len(self.plan.when.groups) and at[1] < len(self.plan.when.groups[at[0]]):
            was = self.plan.when.groups[at[0]][at[1]]

        def come(known: Any) -> None:
            options = [Option(g.text, g.text, count=_answers(g.count)) for g in known]
            if was is not None and not any(fold(o.value) == fold(was.attribute) for o in options):
                options.insert(0, Option(was.attribute, was.attribute))
            current = next((o.value for o in options if was and fold(o.value) == fold(was.attribute)), None)
            self.ask(FreePicker(_("Which attribute?"), options, current), named)

        def named(attribute: str | None) -> None:
            if attribute is None:
                return
            options = [Option(op, op_name(op)) for op in OPS]
            title = _("{attribute} is …").format(attribute=line(attribute, 40))
            self.ask(Picker(title, options, was.op if was else "in"), lambda op: compared(attribute, op))

        def compared(attribute: str, op: Any) -> None:
            if op is None:
                return
            if op in ("filled", "empty"):
                taken(Condition(attribute, op))
            elif op in ("in", "not in"):
                self._ask_values(attribute, op, was, lambda values: taken(Condition(attribute, op, values)))
            else:
                old = was.values[0] if was is not None and was.values and was.op == op else ""
                about = _("A number, with a comma or a point.")
                field = Field("value", f"{line(attribute, 16)} {op_name(op)}", Kind.TEXT, old, needed=True, about=about)
                form = FormScreen(line(attribute, 60), [field], _number_wrong)
                self.ask(form, lambda given: given and taken(Condition(attribute, op, (line(given["value"]),))))

        def taken(condition: Condition) -> None:
            plan = with_attribute(self.plan, condition, at=at, group=group)
            g = at[0] if at else group if group is not None else len(plan.when.groups) - 1
            self.take(plan, attribute_key(g, at[1] if at else len(plan.when.groups[g]) - 1))

        def read() -> Any:
            from loop import rule_values

            return rule_values.attributes(self.app.desk, actor=self.app.actor)

        self.pane.read(read, come)

    def _ask_values(
        self: AutopilotEditor, attribute: str, op: str, was: Condition | None, then: Callable[[tuple[str, ...]], None]
    ) -> None:
        same = was is not None and fold(was.attribute) == fold(attribute) and was.op in ("in", "not in")
        chosen = was.values if was is not None and same else ()

        def read() -> Any:
            from loop import rule_values

            return rule_values.values(self.app.desk, attribute, actor=self.app.actor)

        def come(known: Any) -> None:
            options = [Option(g.text, g.text, count=_answers(g.count)) for g in known]
            title = f"{line(attribute, 40)} {op_name(op)} …"
            self.ask(FreeManyPicker(title, options, chosen), lambda values: then(values) if values else None)

        self.pane.read(read, come)

    def _ask_class(self: AutopilotEditor) -> None:
        now = self.plan.when
        options = tuple(Option(k, f"{SIGNS[k]} {class_word(k)}") for k in CLASSES)
        scores = ", ".join(map(str, now.scores))
        fields = [
            Field("classes", _("The answer is"), Kind.MANY, now.classes, options),
            Field("scores", _("or its score is"), Kind.TEXT, scores, about=_("Such as 3 or 0-2, 7.")),
        ]

        def wrong(given: dict[str, Any]) -> str:
            return _("Write scores such as 3 or 0-2, 7.") if read_scores(given["scores"]) is None else ""

        def plan(given: dict[str, Any]) -> Any:
            return when(self.plan, classes=given["classes"], scores=read_scores(given["scores"]) or ())

        self._form(_("Which class or score?"), fields, plan, "class", wrong)

    def _ask_says(self: AutopilotEditor) -> None:
        says = self.plan.when.says

        def taken(given: dict[str, Any] | None) -> None:
            if given is not None:
                new = Says(lines_of(given["any_of"]), lines_of(given["none_of"]), given["endings"])
                self.take(when(self.plan, says=new), "says")

        self.ask(WordsScreen(_("What does the comment say?"), says.any_of, says.none_of, says.endings), taken)

    def _ask_ticket(self: AutopilotEditor) -> None:
        options = [
            Option("with", _("a ticket")),
            Option("without", _("no ticket"), _("thanks to promoters, for example")),
            Option("any", _("either")),
        ]
        self._pick(_("The answer has …"), options, self.plan.when.ticket, lambda v: when(self.plan, ticket=v), "ticket")

    def _ask_priorities(self: AutopilotEditor) -> None:
        options = [Option(n, priority_word(n)) for n in (1, 2, 3)]

        def taken(values: tuple[int, ...] | None) -> None:
            if values is not None:
                self.take(when(self.plan, priorities=tuple(sorted(values))), "priorities")

        self.ask(ManyPicker(_("Which priority has its ticket?"), options, self.plan.when.priorities), taken)

    def _ask_earlier(self: AutopilotEditor) -> None:
        field = Field(
            "n", _("Tickets, at least"), Kind.NUMBER, self.plan.when.earlier_from or 1, needed=True, low=1, high=999
        )
        self._form(_("Earlier tickets"), [field], lambda given: when(self.plan, earlier_from=given["n"]), "earlier")

    def _ask_moment(self: AutopilotEditor) -> None:
        now = self.plan.when.moment
        options = [
            Option("not started", _("not started"), _("so long after it came")),
            Option("due in", _("due soon"), _("so long before")),
            Option("no reply", _("no reply"), _("so long after our last message")),
            *([Option("none", _("when the answer comes in"))] if now else []),
        ]

        def kind(value: Any) -> None:
            if value == "none":
                self.take(when(self.plan, moment=None), WHEN)
            elif value is not None:
                text = f"{now.hours}h" if now else "48h"
                field = Field("time", _("Time"), Kind.TEXT, text, needed=True, about=_("48h or 2d."))
                self._form(
                    _("How long?"),
                    [field],
                    lambda given: when(self.plan, moment=Moment(value, read_hours(given["time"]) or 1)),
                    "moment",
                    lambda given: "" if read_hours(given["time"]) else _("Write a time such as 48h or 2d."),
                )

        self.ask(Picker(_("It runs on a ticket that is …"), options, now.kind if now else None), kind)

    # Ways to ask

    def _pick(
        self: AutopilotEditor, title: str, options: Sequence[Option], now: Any, plan: Callable[[Any], Any], key: str
    ) -> None:
        self.ask(Picker(title, options, now), lambda value: None if value is None else self.take(plan(value), key))

    def _ask_many(self: AutopilotEditor, key: str, title: str, known: Iterable[str], *, free: bool = False) -> None:
        """Some of the names that are known; those that the plan has and nobody knows are there to be taken off."""
        half, change = (self.plan.then, then) if in_then(key) else (self.plan.when, when)
        field = key.removeprefix("then:")
        now: tuple[str, ...] = getattr(half, field)
        names = {fold(name): name for name in known}
        options = [Option(name, name) for name in names.values()]
        lost = [name for name in now if fold(name) not in names]
        options = [*(Option(name, name, "! " + _("not known here")) for name in lost if not free), *options]
        chosen = [name if name in lost else names[fold(name)] for name in now]
        screen = (FreeManyPicker if free else ManyPicker)(title, options, chosen)

        def taken(values: tuple[str, ...] | None) -> None:
            if values is not None:
                self.take(change(self.plan, **{field: tuple(values)}), key)

        self.ask(screen, taken)

    def _form(
        self: AutopilotEditor,
        title: str,
        fields: Sequence[Field],
        plan: Callable[[dict[str, Any]], Any],
        key: str,
        wrong: Callable[[dict[str, Any]], str] = lambda given: "",
    ) -> None:
        form = FormScreen(title, fields, wrong)
        self.ask(form, lambda given: None if given is None else self.take(plan(given), key))


def _answers(n: int) -> str:
    return ngettext("{n} answer", "{n} answers", n).format(n=number(n))


def _number_wrong(given: dict[str, Any]) -> str:
    from re import fullmatch

    return "" if fullmatch(r"-?\d+([.,]\d+)?", line(given["value"])) else _("Write a number, such as 7 or 2,5.")
