"""`retorno tickets`: the list, for people and scripts (Q1, Q3, Q5)."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cli import output, shapes
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.ages import age, until
from domain.answers import ScoreClass
from domain.flows import Status
from domain.query import parse
from domain.text import _
from domain.tickets import Priority
from domain.words import named
from loop import queue
from loop.views import Row, View

if TYPE_CHECKING:
    from domain.people import Actor
    from loop.desk import Desk

BATCH = 500
FOR_PEOPLE = 100
_MAY_HOLD_BLANKS = ("flow", "phase", "survey", "customer", "tag")
GLYPHS = {ScoreClass.DETRACTOR: ("▼", "red"), ScoreClass.NEUTRAL: ("■", "amber"), ScoreClass.PROMOTER: ("▲", "green")}


def run(asked: argparse.Namespace) -> int:
    """List what the query finds, in the default order."""
    query = " ".join(_quoted(word) for word in asked.query)
    if trouble := parse(query).trouble:
        raise CommandTrouble(trouble, Exit.USAGE)
    with desk_for(asked) as (desk, actor):
        view = View(query=query)
        if asked.json:
            _as_json(_rows(desk, view, actor, asked.limit))
            return Exit.DONE
        limit = FOR_PEOPLE if asked.limit is None else asked.limit
        total = queue.counts(desk, view, actor=actor).all
        _for_people(list(_rows(desk, view, actor, limit)), desk.now())
        _below(min(limit, total), total, empty=desk.facts().empty)
    return Exit.DONE


def _quoted(word: str) -> str:
    """`flow:"Pós venda"` reaches us without its quotes when typed in a shell; a whole query in one word stays as it is."""
    field, colon, value = word.partition(":")
    if colon and " " in value and ":" not in value and '"' not in value and field.lstrip("-") in _MAY_HOLD_BLANKS:
        return f'{field}:"{value}"'
    return word


def _rows(desk: "Desk", view: View, actor: "Actor", limit: int | None) -> Iterator[Row]:
    """The rows in order, a batch at a time, so that memory does not grow with the list."""
    after, left = None, limit
    while left is None or left > 0:
        page = queue.page(desk, view, actor=actor, after=after, limit=BATCH if left is None else min(BATCH, left))
        yield from page.rows
        if not page.more or not page.rows:
            return
        left = None if left is None else left - len(page.rows)
        after = (page.rows[-1].rank, page.rows[-1].number)


def _as_json(rows: Iterator[Row]) -> None:
    between = "["
    for row in rows:
        output.write(between + output.as_json(shapes.ticket_row(row)))
        between = ",\n "
    output.write("[]\n" if between == "[" else "]\n")


def _for_people(rows: list[Row], now: int) -> None:
    if not rows:
        return
    table = output.Table(
        [
            output.Column(""),
            output.Column("", most=4),
            output.Column("#", right=True),
            output.Column(_("Customer"), most=20, gives=True),
            output.Column(_("Subject"), most=60, gives=True),
            output.Column(_("Theirs"), right=True),
            output.Column(_("Due"), right=True),
            output.Column(_("Prio"), most=6),
            output.Column(_("Phase"), most=14, gives=True),
            output.Column(_("Who"), most=12),
        ],
        output.width(),
    )
    for shown in table.lines([_cells(row, now) for row in rows], [_colours(row, now) for row in rows]):
        output.write(shown + "\n")


def _cells(row: Row, now: int) -> tuple[str, ...]:
    glyph = GLYPHS[row.health][0] if row.health else " "
    return (
        "●" if row.unanswered else "",
        f"{glyph}{'' if row.score is None else row.score}",
        str(row.number),
        row.customer or row.email or "—",
        row.subject,
        age(row.last_in, now),
        until(row.due, now),
        "" if row.priority is Priority.MEDIUM else named(row.priority.word),  # what most are goes without saying
        row.phase,
        row.assignee or "—",
    )


def _colours(row: Row, now: int) -> tuple[str, ...]:
    late = row.due is not None and row.due < now and row.status is not Status.CLOSED
    return (
        "bright",
        GLYPHS[row.health][1] if row.health else "",
        "",
        "bright" if row.unanswered else "",
        "",
        "",
        "red" if late else "",
        "bright" if row.priority is Priority.HIGH else "",
    )


def _below(shown: int, total: int, *, empty: bool) -> None:
    """What follows the table: how much of how many, or what to do where there is nothing."""
    if empty:
        output.say(
            _("No answers yet. Bring some in: retorno import answers.csv --survey NAME; or look around: retorno demo")
        )
    elif not total:
        output.say(_("No ticket is like that."))
    elif shown < total:
        output.say(_("{shown} of {total}; --limit {total} shows all.").format(shown=shown, total=total))
