"""`retorno template …`: texts to write with, and how they read on a ticket (M2)."""

import argparse
from typing import TYPE_CHECKING, Any

from cli import output
from cli.commands.saving import pick, saved
from cli.commands.saving import show as table
from cli.commands.verbs import words
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.refusals import Refusal
from domain.text import _, line
from loop import flows, surveys, templates
from loop.filling import trouble_with
from loop.setup_views import TemplateRow

if TYPE_CHECKING:
    from domain.people import Actor
    from loop.desk import Desk


def listing(asked: argparse.Namespace) -> int:
    """`retorno template list [--ticket N]`."""
    with desk_for(asked) as (desk, actor):
        if asked.ticket is None:
            rows = templates.templates(desk, actor=actor)
        else:
            rows = templates.fitting(desk, asked.ticket, actor=actor)
    if asked.json:
        output.say_json([_shape(row) for row in rows])
        return Exit.DONE
    columns = [
        output.Column("#", right=True),
        output.Column(_("Template"), gives=True),
        output.Column(_("Of"), gives=True),
        output.Column(_("Class")),
        output.Column(_("Subject"), gives=True),
    ]
    table(columns, [(str(r.id), r.name, _of(r), _class(r.klass), r.subject) for r in rows])
    return Exit.DONE


def show(asked: argparse.Namespace) -> int:
    """`retorno template show TEMPLATE`."""
    with desk_for(asked) as (desk, actor):
        row = _found(asked, desk, actor)
    if asked.json:
        output.say_json(_shape(row))
        return Exit.DONE
    output.say(f"{line(row.name)} · {_of(row)}" + (f" · {_class(row.klass)}" if row.klass else ""))
    for label, value in ((_("Sender's name"), row.sender_name), (_("Subject"), row.subject)):
        if value:
            output.say(f"{label}: {line(value)}")
    output.say("")
    output.say(row.body)
    return Exit.DONE


def add(asked: argparse.Namespace) -> int:
    """`retorno template add NAME …`."""
    given = _given(asked)
    with desk_for(asked) as (desk, actor):
        flow = survey = None
        if asked.flow:
            flow = pick(asked.flow, [(f.name, f.id) for f in flows.flows(desk, actor=actor)])
        if asked.survey:
            survey = pick(asked.survey, [(s.name, s.id) for s in surveys.surveys(desk, actor=actor)])
        made = templates.add(desk, asked.name, flow=flow, survey=survey, account=asked.account, actor=actor, **given)
        return saved(asked, made, asked.name)


def change(asked: argparse.Namespace) -> int:
    """`retorno template change TEMPLATE …`."""
    changes = _given(asked) | ({"name": asked.name} if asked.name is not None else {})
    with desk_for(asked) as (desk, actor):
        row = _found(asked, desk, actor)
        return saved(asked, templates.change(desk, row.id, changes, actor=actor), row.name)


def remove(asked: argparse.Namespace) -> int:
    """`retorno template remove TEMPLATE`."""
    with desk_for(asked) as (desk, actor):
        row = _found(asked, desk, actor)
        return saved(asked, templates.remove(desk, row.id, actor=actor), row.name)


def preview(asked: argparse.Namespace) -> int:
    """`retorno template preview TEMPLATE N`."""
    with desk_for(asked) as (desk, actor):
        row = _found(asked, desk, actor)
        done = templates.preview(desk, row.subject, row.body, asked.number, actor=actor)
    if isinstance(done, Refusal):
        raise CommandTrouble(str(done))
    subject, body = done
    why = trouble_with((_("subject"), subject), (_("text"), body))
    if asked.json:
        missing = list(dict.fromkeys((*subject.missing, *body.missing)))
        trouble = subject.trouble or body.trouble or None
        output.say_json({"subject": subject.text, "body": body.text, "missing": missing, "trouble": trouble})
    else:
        if subject.text:
            output.say(f"{_('Subject')}: {line(subject.text)}\n")
        output.say(body.text)
    if why is None:
        return Exit.DONE
    if not asked.json:
        output.complain(str(why))
    return Exit.REFUSED


def _found(asked: argparse.Namespace, desk: "Desk", actor: "Actor") -> TemplateRow:
    rows = {row.id: row for row in templates.templates(desk, actor=actor)}
    if asked.template.isdecimal() and int(asked.template) in rows:
        return rows[int(asked.template)]
    return rows[pick(asked.template, [(row.name, row.id) for row in rows.values()])]


def _given(asked: argparse.Namespace) -> dict[str, Any]:
    given = {field: getattr(asked, field) for field in ("klass", "sender_name", "subject", "body")}
    if given["klass"] == "any":
        given["klass"] = ""
    if given["body"] is not None:
        given["body"] = words(given["body"])
    return {field: value for field, value in given.items() if value is not None}


def _of(row: TemplateRow) -> str:
    return {"personal": _("mine"), "account": _("account")}.get(row.level, line(row.of, 60))


def _class(klass: str) -> str:
    return {"detractor": _("detractor"), "neutral": _("neutral"), "promoter": _("promoter")}.get(klass, "")


def _shape(row: TemplateRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "level": row.level,
        "of": row.of or None,
        "class": row.klass or None,
        "sender_name": row.sender_name,
        "subject": row.subject,
        "body": row.body,
        "complete": row.complete,
    }
