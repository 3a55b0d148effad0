"""`retorno survey …`: where answers come from, and how they are scored (I1–I3)."""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cli import output
from cli.commands.saving import allowed, pick, saved, show
from cli.opening import desk_for
from domain.rights import may_manage
from domain.text import _
from loop import surveys

if TYPE_CHECKING:
    from domain.people import Actor
    from loop.desk import Desk


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
        output.Column(_("E-mail")),
        output.Column(_("Rule sets"), right=True),
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
                (_("its own") if s.own_templates else _("the account's")) if s.sends_mail else _("none"),
                _("all") if s.rule_sets is None else str(len(s.rule_sets)),
            )
            for s in rows
        ],
    )
    return 0


def _given(asked: argparse.Namespace, desk: "Desk", actor: "Actor") -> dict[str, Any]:
    """The options that were given, as the fields they are."""
    fields = {"kind": asked.scale} | {field: getattr(asked, field) for field in surveys.FIELDS if hasattr(asked, field)}
    given = {field: value for field, value in fields.items() if value is not None}
    if "rule_sets" in given:
        given["rule_sets"] = _rule_sets(given["rule_sets"], desk, actor)
    return given


def _rule_sets(words: str, desk: "Desk", actor: "Actor") -> tuple[int, ...] | None:
    """The sets that are named: None for all of them."""
    from cli.commands.rules import chosen
    from loop import rules

    allowed(may_manage(actor))
    if words.strip() in ("all", "none"):
        return None if words.strip() == "all" else ()
    there = rules.named(desk, actor=actor)
    return tuple(chosen(name, there) for name in words.split(",") if name.strip())


def add(asked: argparse.Namespace) -> int:
    """`retorno survey add NAME …`."""
    with desk_for(asked) as (desk, actor):
        return saved(asked, surveys.create(desk, actor=actor, **_given(asked, desk, actor)), asked.name)


def change(asked: argparse.Namespace) -> int:
    """`retorno survey change NAME …`."""
    with desk_for(asked) as (desk, actor):
        allowed(may_manage(actor))
        id = pick(asked.survey, [(row.name, row.id) for row in surveys.surveys(desk, actor=actor)])
        changes = _given(asked, desk, actor)
        more = [surveys.limits_note()] if {"kind", *surveys.LIMITS} & changes.keys() else []
        return saved(asked, surveys.change(desk, id, changes, actor=actor), asked.survey, *more)
