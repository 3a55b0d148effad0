"""The parts of a rule set: what each is called, whether it is there, and the plan without it or with another (A2, A3).

A part has a key, by which the editor's cursor stays on it: a field of `When` (`surveys`), of `Then` (`then:priority`), or
one condition on an attribute (`attr:0:1`, group and place). Plans are values: every edit makes another one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from domain.rule_sentence import THEN
from domain.rules import Condition, RuleSet, Says
from domain.text import N_, _

ATTRIBUTE = "attr"
"""What an attribute is asked for by; one that is there has its own key."""


@dataclass(frozen=True)
class Part:
    """Something that a rule set can say."""

    key: str
    name: str
    """English, as it is offered; `title` is what is shown."""
    about: str
    fields: dict[str, Any]
    """Of `When` or `Then`, with what each holds where the part is not there."""

    @property
    def title(self) -> str:
        """What it is called."""
        return _(self.name)

    @property
    def is_action(self) -> bool:
        """Whether it says what is done."""
        return self.key.startswith("then:")

    def of(self, plan: RuleSet) -> bool:
        """Whether the plan says it."""
        half = plan.then if self.is_action else plan.when
        return any(getattr(half, name) != empty for name, empty in self.fields.items())

    def off(self, plan: RuleSet) -> RuleSet:
        """The plan without it."""
        if self.is_action:
            return replace(plan, then=replace(plan.then, **self.fields))
        return replace(plan, when=replace(plan.when, **self.fields))


CONDITIONS: tuple[Part, ...] = (
    Part("surveys", N_("Survey"), N_("the answer is from it"), {"surveys": ()}),
    Part("class", N_("Class or score"), N_("detractor, neutral, promoter; or scores"), {"classes": (), "scores": ()}),
    Part("says", N_("Words"), N_("the comment says them, or not"), {"says": Says()}),
    Part(ATTRIBUTE, N_("Attribute"), N_("store, seller, product, state …"), {"groups": ()}),
    Part("ticket", N_("With or without a ticket"), "", {"ticket": "any"}),
    Part("flows", N_("Flow"), N_("its ticket is in it"), {"flows": ()}),
    Part("categories", N_("Category"), N_("its ticket has it, by an earlier rule too"), {"categories": ()}),
    Part("tags", N_("Tag"), N_("its ticket has it, by an earlier rule too"), {"tags": ()}),
    Part("priorities", N_("Priority"), N_("its ticket's, by an earlier rule too"), {"priorities": ()}),
    Part("moment", N_("Time"), N_("not started, due soon, no reply: the rule runs then"), {"moment": None}),
    Part("earlier", N_("Earlier tickets"), N_("the customer has some already"), {"earlier_from": None}),
)
ACTIONS: tuple[Part, ...] = (
    Part("then:open_in", N_("Open a ticket"), N_("for an answer that has none"), {"open_in": ""}),
    Part("then:categories", N_("Category"), N_("these"), {"categories": ()}),
    Part("then:categorise", N_("Categories by their words"), N_("all whose words the comment has"), {"categorise": False}),
    Part("then:tags", N_("Tag"), "", {"tags": ()}),
    Part("then:priority", N_("Priority"), "", {"priority": None}),
    Part("then:assign", N_("Assign"), N_("somebody, or by a table"), {"assignee": "", "by_table": ""}),
    Part("then:due", N_("Due"), N_("in so many days"), {"due_days": None}),
    Part("then:phase", N_("Move to a phase"), N_("out of pending this starts the ticket"), {"phase": "", "resolution": ""}),
    Part("then:followers", N_("Followers"), "", {"followers": ()}),
    Part("then:send", N_("Send"), N_("the class's e-mail, or a template"), {"send": ""}),
)  # fmt: skip
PARTS: dict[str, Part] = {part.key: part for part in (*CONDITIONS, *ACTIONS)}


def attribute_at(key: str) -> tuple[int, int] | None:
    """Group and place of a condition's key; None for a key of something else."""
    head, _colon, rest = key.partition(":")
    if head != ATTRIBUTE or not rest:
        return None
    group, _colon, place = rest.partition(":")
    return int(group), int(place)


def in_then(key: str) -> bool:
    """Whether a key is of what is done."""
    return key == THEN or key.startswith("then:")


def missing(plan: RuleSet, *, action: bool) -> tuple[Part, ...]:
    """What can still be said; an attribute always can."""
    parts = ACTIONS if action else CONDITIONS
    return tuple(p for p in parts if p.key == ATTRIBUTE or not p.of(plan))


def without(plan: RuleSet, key: str) -> RuleSet:
    """The plan without a part; as it is for a key that names none."""
    at = attribute_at(key)
    if at is None:
        return PARTS[key].off(plan) if key in PARTS else plan
    return _groups(plan, lambda groups: groups[at[0]].pop(at[1]) if _there(groups, at) else None)


def with_attribute(plan: RuleSet, condition: Condition, *, at: tuple[int, int] | None, group: int | None) -> RuleSet:
    """The plan with a condition in place of the one `at`, or a new one: behind those of `group`, or in one of its own."""

    def put(groups: list[list[Condition]]) -> None:
        if at is not None and _there(groups, at):
            groups[at[0]][at[1]] = condition
        elif group is not None and group < len(groups):
            groups[group].append(condition)
        else:
            groups.append([condition])

    return _groups(plan, put)


def when(plan: RuleSet, **changes: Any) -> RuleSet:
    """The plan with other conditions."""
    return replace(plan, when=replace(plan.when, **changes))


def then(plan: RuleSet, **changes: Any) -> RuleSet:
    """The plan with other actions."""
    return replace(plan, then=replace(plan.then, **changes))


def _there(groups: list[list[Condition]], at: tuple[int, int]) -> bool:
    return at[0] < len(groups) and at[1] < len(groups[at[0]])


def _groups(plan: RuleSet, change: Callable[[list[list[Condition]]], Any]) -> RuleSet:
    groups = [list(group) for group in plan.when.groups]
    change(groups)
    return when(plan, groups=tuple(tuple(group) for group in groups if group))
