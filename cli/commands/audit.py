"""`retorno audit list`: who changed what in the set-up."""

import argparse

from cli import output
from cli.commands.saving import allowed, differences, in_words
from cli.opening import desk_for
from cli.shapes import moment
from domain.rights import may_see_audit
from domain.text import line
from domain.words import named
from loop import audit


def listing(asked: argparse.Namespace) -> int:
    """Changes, the newest first; of flows that one may not edit there are none."""
    with desk_for(asked) as (desk, actor):
        allowed(may_see_audit(actor))
        rows = audit.audit(
            desk, actor=actor, target=asked.target, target_id=asked.id, before=asked.before, limit=asked.limit
        )
    if asked.json:
        output.say_json(
            [
                {
                    "id": row.id,
                    "at": moment(row.at),
                    "who": row.who,
                    "what": row.what,
                    "target": row.target,
                    "target_id": row.target_id,
                    "name": row.name,
                    "changes": differences(row.changes),
                }
                for row in rows
            ]
        )
        return 0
    for row in rows:
        output.say(f"{moment(row.at)}  {row.who}  {named(row.what)} {named(row.target)} {line(row.name, 80)}")
        for change in row.changes:
            output.say(f"    {line(in_words(change), 400)}")
    return 0
