"""`retorno customer find|show|edit|merge|split` (I1, T9)."""

import argparse

from cli import output, shapes
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.people import Actor
from domain.refusals import Refusal
from domain.text import _, line
from loop import customers, reading
from loop.desk import Desk
from loop.setup_views import Saved
from loop.views import Customer


def customer_find(asked: argparse.Namespace) -> int:
    """Customers in sight, by words."""
    with desk_for(asked) as (desk, actor):
        found = customers.find(desk, " ".join(asked.words), actor=actor, limit=asked.limit)
    if asked.json:
        output.say_json([shapes.customer(one) for one in found])
        return Exit.DONE
    table = output.Table(
        [
            output.Column(_("Id"), right=True),
            output.Column(_("Name"), most=40, gives=True),
            output.Column(_("E-mail"), most=50, gives=True),
            output.Column(_("Phone")),
        ],
        output.width(),
    )
    for shown in table.lines([(str(c.id), c.name, c.email, c.phone) for c in found]):
        output.write(shown + "\n")
    return Exit.DONE


def customer_show(asked: argparse.Namespace) -> int:
    """One customer, with tickets and answers."""
    with desk_for(asked) as (desk, actor):
        view = customers.show(desk, which(desk, asked.who, actor), actor=actor)
        if isinstance(view, Refusal):
            raise CommandTrouble(str(view))
    if asked.json:
        output.say_json(shapes.customer_whole(view))
        return Exit.DONE
    output.write(output.paint(_short(view.customer), "bright") + "\n")
    for name, value in view.customer.attributes:
        output.say(f"  {line(name)}: {line(value)}")
    if view.merged_into is not None:
        output.say(_("  merged into customer {id}").format(id=view.merged_into))
    for one in view.merged:
        output.say(_("  merged into them: {who}").format(who=_short(one)))
    for row in view.tickets:
        output.say(f"  #{row.number} {line(row.subject, 60)} · {line(row.flow)}: {line(row.phase)}")
    for one in view.answers:
        score = "" if one.score is None else str(one.score)
        output.say(
            f"  {(shapes.moment(one.at) or '')[:10]} {line(one.survey)} {score} {line(one.comment, 60)}".rstrip()
        )
    return Exit.DONE


def customer_edit(asked: argparse.Namespace) -> int:
    """Change a customer's data."""
    changes = {field: getattr(asked, field) for field in customers.FIELDS if getattr(asked, field) is not None} | {
        f"{customers.ATTRIBUTE}{name}": value for name, value in asked.attributes
    }
    with desk_for(asked) as (desk, actor):
        return _saved(asked, customers.edit(desk, which(desk, asked.who, actor), changes, actor=actor))


def customer_merge(asked: argparse.Namespace) -> int:
    """Make two customers one."""
    with desk_for(asked) as (desk, actor):
        who, into = which(desk, asked.who, actor), which(desk, asked.into, actor)
        return _saved(asked, customers.merge(desk, who, into, actor=actor))


def customer_split(asked: argparse.Namespace) -> int:
    """Undo a merge."""
    with desk_for(asked) as (desk, actor):
        return _saved(asked, customers.split(desk, which(desk, asked.who, actor), actor=actor))


def which(desk: Desk, said: str, actor: Actor) -> int:
    """The id of the customer that a person means: the id itself, a ticket's number after #, or the address."""
    digits = said.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) < 12:
        if not said.startswith("#"):
            return int(said)
        view = reading.ticket(desk, int(digits), actor=actor, entries=0)
        if isinstance(view, Refusal):
            raise CommandTrouble(str(view))
        if view.customer.id is not None:
            return view.customer.id
    found = (
        [c for c in customers.find(desk, said, actor=actor) if c.email == said.strip().lower()] if "@" in said else []
    )
    if found and found[0].id is not None:
        return found[0].id
    raise CommandTrouble(
        _("There is no customer “{who}” that you can see; retorno customer find looks for them.").format(
            who=line(said, 60)
        )
    )


def _short(one: Customer) -> str:
    parts = [f"{one.id} {line(one.name)}".rstrip(), f"<{line(one.email)}>" if one.email else "", line(one.phone)]
    parts += [line(one.customer_id), _("bounced") if one.bounced else ""]
    return " · ".join(part for part in parts if part)


def _saved(asked: argparse.Namespace, result: Refusal | Saved) -> int:
    if isinstance(result, Refusal):
        raise CommandTrouble(str(result))
    if asked.json:
        changes = [{"field": d.field, "old": d.old, "new": d.new} for d in result.changes]
        output.say_json({"id": result.id, "changes": changes})
        return Exit.DONE
    output.say(_("Customer {id}: done.").format(id=result.id))
    for d in result.changes:
        output.say(f"  {line(d.field)}: {line(d.old) or '—'} → {line(d.new) or '—'}")
    return Exit.DONE
