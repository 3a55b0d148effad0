"""What a run of the autopilot knows of the set-up: flows, rule sets, and what their names mean now (A1–A4).

Read once for a run and again when the set-up changed, which is told by the audit: asked for each piece.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.intake import Intake
from domain.rule_effects import Table, World
from domain.rules import RuleSet
from domain.ruling import Ruling, flat
from domain.text import fold
from loop.desk import actors
from loop.flow_plans import decoded
from loop.intaking import Home, homes_of
from loop.rule_plans import read_categories, read_names, read_sets, read_survey_sets
from loop.rule_runs import Run

LOOKED_BACK = 100
"""So many lines of the audit tell that nothing changed: more than are written at one time, as PostgreSQL commits them
out of their order."""


@dataclass(frozen=True)
class Setup:
    """The set-up as it stands now."""

    homes: Mapping[int, Home]
    """What each active flow gives its tickets."""
    intakes: tuple[Intake, ...]
    """In the admin's order."""
    sets: Mapping[int, RuleSet]
    """Those that run, in order."""
    ruling: Ruling
    world: World
    flow_names: Mapping[int, str]
    """All flows'."""


def setup(work: Any, run: Run, only: int | None = None) -> Setup:
    """What holds for this piece of a run: with the sets that run when an answer comes in, or with `only` that one.

    `work` is anything with `rows`.
    """
    seen = tuple(id for (id,) in work.rows(f"SELECT id FROM audit ORDER BY id DESC LIMIT {LOOKED_BACK}", {}))
    kept = run.memo.get(("setup", only))
    if kept is None or kept[0] != seen:
        kept = run.memo["setup", only] = seen, _read(work, only)
    return kept[1]


def _read(work: Any, only: int | None) -> Setup:
    homes, intakes = homes_of(work)
    sets = {
        one.id: one
        for one in read_sets(work.rows, active_only=True)
        if one.id is not None and (one.when.moment is None if only is None else one.id == only)
    }
    names = dict(work.rows("SELECT id, name FROM flows", {}))
    ruling = Ruling(
        sets.values(),
        category_words=read_categories(work.rows) if sets else {},
        survey_sets=read_survey_sets(work.rows) if sets else {},
        flow_priorities={names[id]: home.priority for id, home in homes.items()},
    )
    world = _world(work, {names[id]: id for id in homes}) if sets else World()
    return Setup(homes, tuple(intakes), sets, ruling, world, names)


def _world(work: Any, flows: dict[str, int]) -> World:
    ids = read_names(work.rows).categories
    return World(
        people={one.login: one for one in actors(work.rows, "1 = 1", {})},
        logins=dict(work.rows("SELECT id, login FROM users", {})),
        categories={name: id for name in read_categories(work.rows) if (id := ids.id(name)) is not None},
        tables={
            name: table_of(attribute, entries)
            for name, attribute, entries in work.rows("SELECT name, attribute, entries FROM manager_tables", {})
        },
        flows=flows,
        tags={fold(name): name for (name,) in work.rows("SELECT name FROM tags", {})},
    )


def table_of(attribute: str, entries: Any) -> Table:
    """A table of managers as its columns keep it."""
    return Table(flat(attribute), {flat(value): int(id) for value, id in (decoded(entries) or {}).items() if id})
