"""`retorno survey …`: where answers come from, and how they are scored (I1–I3)."""

import argparse
from dataclasses import asdict
from typing import Any

from cli import output
from cli.commands.saving import allowed, pick, saved, show
from cli.opening import desk_for
from domain.rights import may_manage
from domain.text import _
from loop import surveys


def listing(asked: argparse.Namespace) -> int:
    """`retorno survey list`."""
    with desk_for(asked) as (desk, actor):
        allowed(may_manage(actor))
        rows = surveys.surveys(desk, actor=actor)
    if asked.json:
        output.say_json([asdict(row) for row in rows])
        return 0
    columns = [
        output.Column(_("Survey"), gives=True),
        output.Column(_("Scale")),
        output.Column(_("Detractors")),
        output.Column(_("Promoters")),
        output.Column(_("Answers"), right=True),
        output.Column(_("Zone"), gives=True),
        output.Column(_("Of employees")),
    ]
    show(
        columns,
        [
            (
                s.name,
                f"{s.kind.upper()} {s.low}–{s.high}",
                f"{s.low}–{s.detractor_max}",
                f"{s.promoter_min}–{s.high}",
                str(s.answers),
                s.zone,
                _("yes") if s.internal else "",
            )
            for s in rows
        ],
    )
    return 0


def _given(asked: argparse.Namespace) -> dict[str, Any]:
    """The options that were given, as the fields they are."""
    fields = {"kind": asked.scale} | {field: getattr(asked, field) for field in surveys.FIELDS if hasattr(asked, field)}
    return {field: value for field, value in fields.items() if value is not None}


def add(asked: argparse.Namespace) -> int:
    """`retorno survey add NAME …`."""
    with desk_for(asked) as (desk, actor):
        return saved(asked, surveys.create(desk, actor=actor, **_given(asked)), asked.name)


def change(asked: argparse.Namespace) -> int:
    """`retorno survey change NAME …`."""
    with desk_for(asked) as (desk, actor):
        allowed(may_manage(actor))
        id = pick(asked.survey, [(row.name, row.id) for row in surveys.surveys(desk, actor=actor)])
        changes = _given(asked)
        more = [surveys.limits_note()] if {"kind", *surveys.LIMITS} & changes.keys() else []
        return saved(asked, surveys.change(desk, id, changes, actor=actor), asked.survey, *more)
