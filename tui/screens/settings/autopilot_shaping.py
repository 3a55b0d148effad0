"""A rule set while somebody edits it: what was read, what it is now, the steps back and forth, and two at once."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from domain.plans import Difference
from domain.rule_sentence import lines
from domain.rules import RuleSet
from domain.text import _
from tui.screens.settings.autopilot_lines import words_of
from tui.screens.settings.autopilot_parts import ATTRIBUTE, PARTS, attribute_at

if TYPE_CHECKING:
    from textual.app import App

STEPS = 500
"""So many edits can be taken back."""


class Shaping:
    """See the module. Plans are values, so a step is the plan before it."""

    def __init__(self, base: RuleSet, plan: RuleSet | None = None) -> None:
        self.base = base
        """As it was read."""
        self.plan = plan or base
        """As it is edited."""
        self._past: list[RuleSet] = []
        self._future: list[RuleSet] = []

    @property
    def unsaved(self) -> bool:
        """Whether there is something to save."""
        return said(self.plan) != said(self.base)

    @property
    def changes(self) -> tuple[Difference, ...]:
        """What differs from what was read."""
        return differences(self.base, self.plan)

    def change(self, plan: RuleSet) -> bool:
        """Edit it so; False where nothing changes."""
        if plan == self.plan:
            return False
        self._past.append(self.plan)
        del self._past[:-STEPS]
        self._future.clear()
        self.plan = plan
        return True

    def undo(self) -> bool:
        """Take the last edit back; False where there is none."""
        if not self._past:
            return False
        self._future.append(self.plan)
        self.plan = self._past.pop()
        return True

    def redo(self) -> bool:
        """Make the edit again that was taken back last; False where there is none."""
        if not self._future:
            return False
        self._past.append(self.plan)
        self.plan = self._future.pop()
        return True

    def onto_saved(self, plan: RuleSet) -> None:
        """It was saved, or switched: what is kept now is what one goes on from. The steps stay, on the new ground."""
        ground = {"id": plan.id, "version": plan.version, "active": plan.active, "position": plan.position}
        self._past = [replace(step, **ground) for step in self._past]  # type: ignore[arg-type]
        self._future = [replace(step, **ground) for step in self._future]  # type: ignore[arg-type]
        self.base = self.plan = plan

    def onto(self, base: RuleSet, plan: RuleSet) -> None:
        """Go on over what somebody else saved; the step before it is the plan as it was, on the same ground."""
        mine = replace(self.plan, id=base.id, version=base.version, active=base.active, position=base.position)
        self._past, self._future = ([mine] if mine != plan else []), []
        self.base, self.plan = base, plan


def said(plan: RuleSet) -> tuple[Any, ...]:
    """What a save would write."""
    return (plan.name, plan.when, plan.then)


def differences(old: RuleSet, new: RuleSet) -> tuple[Difference, ...]:
    """What differs, part by part, as the sheet words it."""
    was, now = _words(old), _words(new)
    found = [Difference(name, was.get(key, ""), now.get(key, "")) for key, name in _titles() if was.get(key, "") != now.get(key, "")]  # fmt: skip
    return tuple(found)


def _titles() -> list[tuple[str, str]]:
    return [("name", _("Name")), *((part.key, part.title) for part in PARTS.values())]


def _words(plan: RuleSet) -> dict[str, str]:
    found = {"name": plan.name}
    groups: dict[int, list[str]] = {}
    for one in lines(plan):
        at = attribute_at(one.key)
        if at is None:
            found[one.key] = words_of(one)
        else:
            groups.setdefault(at[0], []).append(words_of(one))
    told = [f" {_('and')} ".join(group) for group in groups.values()]
    if told:
        found[ATTRIBUTE] = f" {_('or')} ".join(f"({g})" if len(told) > 1 else g for g in told)
    return found


def rebase(base: RuleSet, mine: RuleSet, theirs: RuleSet, *, mine_wins: bool = False) -> RuleSet:
    """My changes of `base` on top of `theirs`: field by field; what both changed is theirs, unless `mine_wins`."""

    def pick(was: Any, my: Any, their: Any) -> Any:
        if my == was:
            return their
        return my if their == was or mine_wins else their

    def half(name: str) -> Any:
        was, my, their = (getattr(plan, name) for plan in (base, mine, theirs))
        picked = {f.name: pick(getattr(was, f.name), getattr(my, f.name), getattr(their, f.name)) for f in fields(was)}
        return replace(their, **picked)

    return replace(theirs, name=pick(base.name, mine.name, theirs.name), when=half("when"), then=half("then"))


_KEPT: WeakKeyDictionary[App[Any], dict[int, Shaping]] = WeakKeyDictionary()
"""Rule sets that somebody edited and did not save, until the program ends; 0 for one that is not there yet."""


def keep(app: App[Any], shaping: Shaping) -> None:
    """Keep what has changes; what has none is forgotten."""
    plans = _KEPT.setdefault(app, {})
    if shaping.unsaved:
        plans[shaping.base.id or 0] = shaping
    else:
        plans.pop(shaping.base.id or 0, None)


def forget(app: App[Any], rule_set_id: int | None) -> None:
    """Forget what was kept of a rule set."""
    _KEPT.get(app, {}).pop(rule_set_id or 0, None)


def kept(app: App[Any], rule_set_id: int | None) -> Shaping | None:
    """What was edited and not saved of a rule set, or of a new one."""
    return _KEPT.get(app, {}).get(rule_set_id or 0)
