"""`retorno category …` and `retorno tag …` (T5)."""

import argparse
from typing import Any

from cli import output
from cli.commands.saving import pick, saved, show
from cli.opening import desk_for
from domain.text import _
from loop import labels
from loop.setup_views import CategoryRow


def categories(asked: argparse.Namespace) -> int:
    """`retorno category list`."""
    with desk_for(asked) as (desk, actor):
        rows = labels.categories(desk, actor=actor)
    paths = {id: path for path, id in _paths(rows, whole_only=True)}
    shown = [row for row in rows if asked.retired or not row.retired]
    if asked.json:
        output.say_json(
            [
                {
                    "id": c.id,
                    "name": c.name,
                    "path": paths[c.id],
                    "parent": c.parent,
                    "words": list(c.words),
                    "retired": c.retired,
                    "tickets": c.tickets,
                }
                for c in shown
            ]
        )
        return 0
    columns = [output.Column(_("Category"), gives=True), output.Column(_("Tickets"), right=True), output.Column(_("Words"), gives=True)]  # fmt: skip
    retired = _("retired")
    show(
        columns,
        [
            (paths[c.id] + (f" ({retired})" if c.retired else ""), str(c.tickets or ""), ", ".join(c.words))
            for c in shown
        ],
    )
    return 0


def _paths(rows: tuple[CategoryRow, ...], *, whole_only: bool = False) -> list[tuple[str, int]]:
    """What categories may be called by: “Parent / Name”, and the name alone."""
    names = {row.id: row.name for row in rows}
    whole = [(f"{names[r.parent]} / {r.name}" if r.parent in names else r.name, r.id) for r in rows]
    return whole if whole_only else whole + [(r.name, r.id) for r in rows if r.parent in names]


def add_category(asked: argparse.Namespace) -> int:
    """`retorno category add NAME [--under PARENT]`."""
    with desk_for(asked) as (desk, actor):
        rows = labels.categories(desk, actor=actor)
        parent = pick(asked.under, _paths(rows)) if asked.under else None
        made = labels.create_category(desk, asked.name, parent, words=asked.word, actor=actor)
        return saved(asked, made, asked.name)


def change_category(asked: argparse.Namespace) -> int:
    """`retorno category change CATEGORY …`."""
    with desk_for(asked) as (desk, actor):
        paths = _paths(labels.categories(desk, actor=actor))
        changes: dict[str, Any] = {}
        if asked.name is not None:
            changes["name"] = asked.name
        if asked.under is not None:
            changes["parent"] = pick(asked.under, paths) if asked.under else None
        if asked.position is not None:
            changes["position"] = asked.position
        if asked.word:
            changes["words"] = [word for word in asked.word if word]
        done = labels.change_category(desk, pick(asked.category, paths), changes, actor=actor)
        return saved(asked, done, asked.category)


def retire_category(asked: argparse.Namespace) -> int:
    """`retorno category retire CATEGORY [--back]`."""
    with desk_for(asked) as (desk, actor):
        id = pick(asked.category, _paths(labels.categories(desk, actor=actor)))
        return saved(asked, labels.retire_category(desk, id, actor=actor, on=not asked.back), asked.category)


def tags(asked: argparse.Namespace) -> int:
    """`retorno tag list`."""
    with desk_for(asked) as (desk, actor):
        rows = labels.tags(desk, actor=actor)
    if asked.json:
        output.say_json([{"id": t.id, "name": t.name, "tickets": t.tickets} for t in rows])
    else:
        show(
            [output.Column(_("Tag"), gives=True), output.Column(_("Tickets"), right=True)],
            [(t.name, str(t.tickets or "")) for t in rows],
        )
    return 0


def rename_tag(asked: argparse.Namespace) -> int:
    """`retorno tag rename TAG NEW`."""
    with desk_for(asked) as (desk, actor):
        id = pick(asked.tag, [(t.name, t.id) for t in labels.tags(desk, actor=actor)])
        return saved(asked, labels.rename_tag(desk, id, asked.name, actor=actor), asked.tag)


def remove_tag(asked: argparse.Namespace) -> int:
    """`retorno tag remove TAG`."""
    with desk_for(asked) as (desk, actor):
        id = pick(asked.tag, [(t.name, t.id) for t in labels.tags(desk, actor=actor)])
        return saved(asked, labels.remove_tag(desk, id, actor=actor), asked.tag)
