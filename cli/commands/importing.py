"""`retorno import FILE --survey NAME`: answers in, each once, with a report of what was refused (I1, I8)."""

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cli import output, shapes
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.text import _, line
from loop import importing
from loop.views import ImportReport

if TYPE_CHECKING:
    from domain.people import Actor
    from loop.desk import Desk

SHOWN = 20
"""Refused rows that are told to a person; --json tells all that the report keeps."""


def run(asked: argparse.Namespace) -> int:
    """Import, or say what an import would do."""
    if not line(asked.survey):
        raise CommandTrouble(_("--survey wants a name. Nothing was imported."), Exit.USAGE)
    with desk_for(asked) as (desk, actor):
        try:
            report = _import(asked, desk, actor)
        except importing.NotAllowed as e:
            raise CommandTrouble(_("{why} Nothing was imported.").format(why=e)) from e
        except importing.FileTrouble as e:
            raise CommandTrouble(_("{why} Nothing was imported.").format(why=e), Exit.INPUT) from e
    if asked.json:
        output.say_json(shapes.import_report(report))
    else:
        _for_people(report, dry=asked.dry_run)
    return Exit.REFUSED if report.refused else Exit.DONE


def _import(asked: argparse.Namespace, desk: "Desk", actor: "Actor") -> ImportReport:
    layout = _layout(asked)
    if asked.dry_run:
        from loop import rehearsing

        return rehearsing.import_file(desk, asked.file, asked.survey, actor=actor, layout=layout, kind=asked.scale)
    ticker = _Ticker()
    try:
        return importing.import_file(
            desk, asked.file, asked.survey, actor=actor, layout=layout, kind=asked.scale, progress=ticker.told
        )
    except KeyboardInterrupt:
        ticker.clear()
        output.complain(
            _("Stopped after {n} rows; they are kept. Importing the same file again goes on from there.").format(
                n=ticker.rows
            )
        )
        raise
    finally:
        ticker.clear()


def _layout(asked: argparse.Namespace) -> Any:
    """The guessed layout with what was said by hand; None to leave all of it to the guess."""
    given = {
        name: value
        for name, value in (
            ("date_order", asked.dates),
            ("delimiter", {"\\t": "\t", "tab": "\t"}.get(asked.delimiter, asked.delimiter)),
            ("encoding", asked.encoding),
        )
        if value is not None
    }
    if not given and not asked.columns:
        return None
    guessed = importing.guess(asked.file)
    layout = replace(guessed, **given, columns={**guessed.columns, **dict(asked.columns)})
    layout.check()
    return layout


class _Ticker:
    """A count on the terminal while a long import runs."""

    def __init__(self) -> None:
        self.rows = 0
        self._shown = False

    def told(self, rows: int) -> None:
        self.rows = rows
        if output.is_terminal(sys.stderr):
            sys.stderr.write("\r" + _("{n} rows …").format(n=rows))
            sys.stderr.flush()
            self._shown = True

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r" + " " * 40 + "\r")
            self._shown = False


def _for_people(report: ImportReport, *, dry: bool) -> None:
    said = (
        _("{read} rows read: {imported} would be imported, {duplicates} are here already, {refused} would be refused; "
          "{tickets} tickets would open. Nothing was kept.")
        if dry
        else _("{read} rows read: {imported} imported, {duplicates} here already, {refused} refused; {tickets} tickets opened.")
    )  # fmt: skip
    refused = report.read - report.imported - report.duplicates
    output.say(
        said.format(
            read=report.read,
            imported=report.imported,
            duplicates=report.duplicates,
            refused=refused,
            tickets=report.tickets,
        )
    )
    for at, why in report.refused[:SHOWN]:
        output.complain(_("line {line}: {why}").format(line=at, why=line(why, 200)))
    if refused > SHOWN:
        output.complain(_("and {n} more; --json lists them").format(n=refused - SHOWN))
