"""`retorno team …`: named groups of people (P2)."""

import argparse

from cli import output
from cli.commands.saving import pick, saved, show
from cli.opening import desk_for
from domain.text import _, line
from loop import teams


def listing(asked: argparse.Namespace) -> int:
    """`retorno team list`."""
    with desk_for(asked) as (desk, actor):
        rows = teams.teams(desk, actor=actor)
    if asked.json:
        output.say_json(
            [
                {
                    "id": t.id,
                    "name": t.name,
                    "members": list(t.members),
                    "flows": [{"flow": flow, "role": role} for flow, role in t.flows],
                }
                for t in rows
            ]
        )
    else:
        columns = [output.Column(_("Team")), output.Column(_("Members"), gives=True), output.Column(_("Flows"), gives=True)]  # fmt: skip
        show(
            columns,
            [(t.name, " ".join(t.members), "; ".join(f"{flow} ({role})" for flow, role in t.flows)) for t in rows],
        )
    return 0


def add(asked: argparse.Namespace) -> int:
    """`retorno team add NAME [--member LOGIN]…`."""
    with desk_for(asked) as (desk, actor):
        return saved(asked, teams.create(desk, asked.name, asked.members, actor=actor), asked.name)


def change(asked: argparse.Namespace) -> int:
    """`retorno team change NAME …`."""
    with desk_for(asked) as (desk, actor):
        rows = {row.id: row for row in teams.teams(desk, actor=actor)}
        team = rows[pick(asked.team, [(row.name, row.id) for row in rows.values()])]
        members = None
        if asked.member or asked.add or asked.remove:
            members = (set(asked.member or team.members) | set(asked.add)) - set(asked.remove)
        return saved(asked, teams.change(desk, team.id, name=asked.name, members=members, actor=actor), line(team.name))


def remove(asked: argparse.Namespace) -> int:
    """`retorno team remove NAME`."""
    with desk_for(asked) as (desk, actor):
        id = pick(asked.team, [(row.name, row.id) for row in teams.teams(desk, actor=actor)])
        return saved(asked, teams.remove(desk, id, actor=actor), asked.team)
