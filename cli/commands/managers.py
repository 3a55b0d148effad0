"""`retorno managers …`: tables from an attribute's values to people, for rule sets that assign by them (A3)."""

import argparse
import csv
import io

from cli import output
from cli.commands.saving import allowed, pick, saved, show
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from cli.text_files import read_text
from domain.rights import may_manage
from domain.rule_conditions import flat
from domain.text import _, fold, line
from loop import managers
from loop.rule_views import TableRow


def listing(asked: argparse.Namespace) -> int:
    """`retorno managers list [TABLE]`."""
    with desk_for(asked) as (desk, actor):
        allowed(may_manage(actor))
        found = managers.tables(desk, actor=actor)
    if asked.table:
        id = pick(asked.table, [(row.name, row.id) for row in found])
        found = tuple(row for row in found if row.id == id)
    if asked.json:
        output.say_json(
            [
                {
                    "id": r.id,
                    "name": r.name,
                    "attribute": r.attribute,
                    "entries": {v: who or None for v, who in r.entries},
                }
                for r in found
            ]
        )
    elif asked.table:
        show(
            [output.Column(line(found[0].attribute, 40), gives=True), output.Column(_("Person"))],
            [(value, login or _("— cannot work")) for value, login in found[0].entries],
        )
    else:
        columns = [
            output.Column(_("Table"), gives=True),
            output.Column(_("Attribute"), gives=True),
            output.Column(_("Lines"), right=True),
            output.Column(_("Without somebody who can work"), right=True),
        ]
        show(columns, [(r.name, r.attribute, str(len(r.entries)), str(_gone(r)) if _gone(r) else "") for r in found])
    return Exit.DONE


def _gone(row: TableRow) -> int:
    return sum(not login for __, login in row.entries)


def change(asked: argparse.Namespace) -> int:
    """`retorno managers set TABLE [VALUE=LOGIN …] [--attribute NAME] [--from FILE] [--only]`."""
    entries = [*(_lines(asked.file) if asked.file else ()), *asked.entries]
    with desk_for(asked) as (desk, actor):
        allowed(may_manage(actor))
        row = next((r for r in managers.tables(desk, actor=actor) if fold(r.name) == fold(line(asked.table))), None)
        kept = {} if row is None or asked.only else {flat(value): (value, login) for value, login in row.entries}
        for value, login in entries:
            if login.strip():
                kept[flat(value)] = (value, login)
            else:
                kept.pop(flat(value), None)
        attribute = asked.attribute if asked.attribute is not None else row.attribute if row else ""
        name = asked.name if asked.name is not None else row.name if row else asked.table
        done = managers.save_table(desk, row.id if row else None, name, attribute, dict(kept.values()), actor=actor)
        return saved(asked, done, name)


def remove(asked: argparse.Namespace) -> int:
    """`retorno managers remove TABLE`."""
    with desk_for(asked) as (desk, actor):
        allowed(may_manage(actor))
        id = pick(asked.table, [(row.name, row.id) for row in managers.tables(desk, actor=actor)])
        return saved(asked, managers.remove_table(desk, id, actor=actor), asked.table)


def _lines(file: str) -> list[tuple[str, str]]:
    """Value and login of each line of a CSV file, parted by comma, semicolon or tab; CommandTrouble for one that has not two."""
    text = read_text(file)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    found = []
    try:
        for n, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1):
            if not any(map(str.strip, cells)):
                continue
            if len(cells) != 2 or not cells[0].strip():
                raise CommandTrouble(
                    _("Line {n} of {file} is not a value and a login. Nothing was done.").format(
                        n=n, file=line(file, 80)
                    ),
                    Exit.INPUT,
                )
            found.append((cells[0], cells[1]))
    except csv.Error as why:
        raise CommandTrouble(_("{file} is no CSV: {why}.").format(file=line(file, 80), why=line(str(why), 80)), Exit.INPUT) from why  # fmt: skip
    return found
