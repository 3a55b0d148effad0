"""`retorno why N`: which rule, flow or person gave a ticket what it has (A6)."""

import argparse

from cli import output
from cli.commands.saving import show
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from cli.shapes import because
from domain.plan_words import moment
from domain.refusals import Refusal
from domain.text import _
from loop import rule_why


def run(asked: argparse.Namespace) -> int:
    """Say it."""
    with desk_for(asked) as (desk, actor):
        found = rule_why.why(desk, asked.number, actor=actor)
    if isinstance(found, Refusal):
        raise CommandTrouble(str(found))
    if asked.json:
        output.say_json([because(one) for one in found])
        return Exit.DONE
    columns = [
        output.Column(""),
        output.Column("", gives=True),
        output.Column(_("By"), gives=True),
        output.Column(_("When")),
        output.Column(_("Because"), gives=True),
    ]
    show(
        columns,
        [
            (rule_why.field_name(b.field), b.value, f"{_by(b.by)} {b.who}".strip(), moment(b.at), "; ".join(b.because))
            for b in found
        ],
    )
    return Exit.DONE


def _by(by: str) -> str:
    words = {"rule": _("rule"), "flow": _("flow"), "person": "", "program": _("Retorno"), "customer": _("customer")}
    return words.get(by, by)
