"""`retorno import FILE --survey NAME`, `retorno imports …`: answers in, each once, and what was refused (I1, I8)."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING, Any

from cli import output, shapes
from cli.commands.saving import allowed, show
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.rights import may_import
from domain.text import _, line, ngettext, number
from loop import importing
from loop.import_views import Layout, Preview, Progress
from loop.views import ImportReport

if TYPE_CHECKING:
    from domain.people import Actor
    from loop.desk import Desk

SHOWN = 20
"""Refused rows that are told to a person; --json tells all that the report keeps."""


def run(asked: argparse.Namespace) -> int:
    """Import, or show what an import would be and do."""
    if not line(asked.survey):
        raise CommandTrouble(_("--survey wants a name. Nothing was imported."), Exit.USAGE)
    with desk_for(asked) as (desk, actor):
        try:
            report, seen = _import(asked, desk, actor)
        except importing.NotAllowed as e:
            raise CommandTrouble(_("{why} Nothing was imported.").format(why=e)) from e
        except importing.FileTrouble as e:
            raise CommandTrouble(_("{why} Nothing was imported.").format(why=e), Exit.INPUT) from e
        if report.stopped:
            raise CommandTrouble(_("Stopped. Nothing was imported."), Exit.INTERRUPTED)
        saved = _save_refused(asked, desk, actor, report)
    if asked.json:
        output.say_json(shapes.import_report(report) | ({"preview": _shape(seen)} if seen else {}))
    else:
        if seen:
            _show(seen)
        _for_people(report, dry=asked.dry_run)
        if saved:
            output.say(
                _("{n} refused rows are in {file}; mend them and import it.").format(n=saved, file=asked.refused)
            )
    return Exit.REFUSED if report.refused else Exit.DONE


def _import(asked: argparse.Namespace, desk: "Desk", actor: "Actor") -> tuple[ImportReport, Preview | None]:
    layout = _layout(asked, desk, actor)
    ticker = _Ticker()
    try:
        if asked.dry_run:
            from loop import rehearsing

            seen = importing.preview(desk, asked.file, asked.survey, layout=layout, kind=asked.scale, actor=actor)
            if not isinstance(seen, Preview):
                raise importing.NotAllowed(seen)
            if seen.trouble:
                raise importing.FileTrouble(seen.trouble)
            report = rehearsing.import_file(
                desk, asked.file, asked.survey, actor=actor, layout=seen.layout, kind=asked.scale, progress=ticker.read
            )
            return report, seen
        with _stopping(ticker) as stop:
            report = importing.import_file(
                desk,
                asked.file,
                asked.survey,
                actor=actor,
                layout=layout,
                kind=asked.scale,
                remember=asked.remember,
                progress=ticker.told,
                stop=stop,
            )
        if not asked.remember:
            importing.forget(desk, asked.survey, actor=actor)
        return report, None
    finally:
        ticker.clear()


@contextmanager
def _stopping(ticker: "_Ticker") -> Iterator[Any]:
    """Ctrl+C asks an import to stop while that leaves nothing; a second one ends the command, and the import goes on later."""
    asked: list[bool] = []

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(True)
        if ticker.publishing:
            ticker.clear()
            output.complain(
                _("The answers are coming in already: this goes on to the end, now or with the next import.")
            )

    try:
        before = signal.signal(signal.SIGINT, stop)
    except ValueError:  # not the main thread
        yield lambda: False
        return
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


def _layout(asked: argparse.Namespace, desk: "Desk", actor: "Actor") -> Layout | None:
    """The layout with what was said by hand; None to leave all of it to what is remembered, or to the guess."""
    given = {
        name: value
        for name, value in (
            ("date_order", asked.dates),
            ("delimiter", {"\\t": "\t", "tab": "\t"}.get(asked.delimiter, asked.delimiter)),
            ("encoding", asked.encoding),
        )
        if value is not None
    }
    roles = [
        (heading, role)
        for role, headings in (("out", asked.leave_out), ("attribute", asked.attribute), ("question", asked.question))
        for heading in headings
    ]
    if not (given or asked.columns or roles):
        return None if asked.remember else importing.guess(asked.file)
    layout = importing.guess(asked.file)
    if asked.remember:
        seen = importing.preview(desk, asked.file, asked.survey, kind=asked.scale, actor=actor)
        layout = seen.layout if isinstance(seen, Preview) else layout
    layout = replace(layout, **given)
    layout.check()
    by_hand = dict(asked.columns)
    if layout.format == "csv":
        _check_headings(asked.file, layout, [*by_hand.values(), *(heading for heading, _role in roles)])
    for field, heading in by_hand.items():
        layout = layout.taking(heading, "field", field)
    layout = replace(layout, columns={**layout.columns, **by_hand})  # one column may well be two things, if said so
    for heading, role in roles:
        layout = layout.taking(heading, role)
    return layout


def _check_headings(file: str, layout: Layout, wanted: list[str]) -> None:
    """FileTrouble for a heading that the file does not have: a slip of the pen would leave nothing out."""
    there = importing.headings(file, layout)
    for heading in wanted:
        if heading not in there:
            raise importing.FileTrouble(
                _("The file has no column “{name}”; it has: {columns}.").format(
                    name=line(heading, 40), columns=", ".join(line(name, 40) for name in there[:30])
                )
            )


def _save_refused(asked: argparse.Namespace, desk: "Desk", actor: "Actor", report: ImportReport) -> int:
    if not asked.refused or not report.refused or asked.dry_run:
        return 0
    try:
        return importing.save_refused(desk, report.id, asked.refused, actor=actor)
    except importing.FileTrouble as e:
        said = _("The answers are in; their refused rows could not be saved: {why}").format(why=e)
        raise CommandTrouble(said, Exit.INPUT) from e


def listing(asked: argparse.Namespace) -> int:
    """`retorno imports list`."""
    with desk_for(asked) as (desk, actor):
        allowed(may_import(actor))
        found = importing.imports(desk, actor=actor)
    if asked.json:
        output.say_json([asdict(one) for one in found])
        return Exit.DONE
    states = {"staging": _("being read"), "publishing": _("coming in"), "done": _("done")}
    columns = [
        output.Column("ID", right=True),
        output.Column(_("File"), gives=True),
        output.Column(_("Survey"), gives=True),
        output.Column(_("State")),
        output.Column(_("At")),
        output.Column(_("Read"), right=True),
        output.Column(_("New"), right=True),
        output.Column(_("Refused"), right=True),
        output.Column(_("Tickets"), right=True),
    ]
    rows = [
        (
            str(one.id),
            one.file,
            one.survey,
            states[one.state],
            f"{datetime.fromtimestamp(one.at / 1000, UTC).astimezone():%Y-%m-%d %H:%M}",
            number(one.read),
            number(one.imported),
            number(one.refused),
            number(one.tickets),
        )
        for one in found
    ]
    show(columns, rows)
    return Exit.DONE


def refused(asked: argparse.Namespace) -> int:
    """`retorno imports refused ID --to FILE`."""
    with desk_for(asked) as (desk, actor):
        allowed(may_import(actor))
        try:
            count = importing.save_refused(desk, asked.id, asked.to, actor=actor)
        except importing.FileTrouble as e:
            raise CommandTrouble(str(e), Exit.INPUT) from e
    if asked.json:
        output.say_json({"id": asked.id, "file": asked.to, "rows": count})
    else:
        output.say(_("{n} refused rows are in {file}; mend them and import it.").format(n=count, file=asked.to))
    return Exit.DONE


class _Ticker:
    """A count on the terminal while a long import runs."""

    def __init__(self) -> None:
        self.publishing = False
        self._shown = False

    def read(self, rows: int) -> None:
        self._say(ngettext("{n} row read …", "{n} rows read …", rows).format(n=number(rows)))

    def told(self, progress: Progress) -> None:
        self.publishing = progress.stage == "publishing"
        if self.publishing:
            said = _("{n} of {all} answers are in …")
            self._say(said.format(n=number(progress.rows), all=number(progress.total)))
        else:
            self.read(progress.rows)

    def _say(self, text: str) -> None:
        if output.is_terminal(sys.stderr):
            sys.stderr.write("\r" + text.ljust(50))
            sys.stderr.flush()
            self._shown = True

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r" + " " * 60 + "\r")
            self._shown = False


def _shape(seen: Preview) -> dict[str, Any]:
    """A preview as JSON."""
    shown = asdict(replace(seen, layout=None, remembered=None))
    for row in shown["rows"]:
        del row["written_at"]  # `answered_at` says it for programs
    return {**shown, "layout": seen.layout.to_dict()}


def _show(seen: Preview) -> None:
    """The columns, the first rows, and what to look at."""
    for sentence in (*seen.reasons, seen.scale_why):
        output.say(sentence)
    output.say()
    columns = [output.Column(_("Column"), gives=True), output.Column(_("Is")), output.Column(_("Why")), output.Column(_("Such as"), gives=True)]  # fmt: skip
    show(columns, [(c.heading, c.called, c.why, " · ".join(c.samples)) for c in seen.columns])
    output.say()
    fields = [
        place for name in ("score", "answered_at", "email", "comment") for place, c in enumerate(seen.columns) if c.field == name
    ]  # fmt: skip
    heads = [
        output.Column(_("Line"), right=True),
        *(output.Column(seen.columns[p].heading, gives=True) for p in fields),
    ]
    heads.append(output.Column(_("Refused because"), gives=True))
    show(heads, [_row(row.line, row.cells, fields, row.trouble) for row in seen.rows])
    output.say()
    for sentence in seen.warnings:
        output.complain(sentence)


def _row(at: int, cells: tuple[str, ...], fields: list[int], trouble: str) -> tuple[str, ...]:
    return (str(at), *(cells[place] if place < len(cells) else "" for place in fields), trouble)


def _for_people(report: ImportReport, *, dry: bool) -> None:
    read, opened = report.read, report.tickets
    rows = ngettext("{n} row read", "{n} rows read", read).format(n=read)
    tickets = (
        ngettext("{n} ticket would open", "{n} tickets would open", opened)
        if dry
        else ngettext("{n} ticket opened", "{n} tickets opened", opened)
    ).format(n=opened)
    said = (
        _("{rows}: {imported} would be imported, {duplicates} here already, {refused} would be refused; {tickets}. Nothing was kept.")
        if dry
        else _("{rows}: {imported} imported, {duplicates} here already, {refused} refused; {tickets}.")
    )  # fmt: skip
    refused = read - report.imported - report.duplicates
    output.say(
        said.format(rows=rows, imported=report.imported, duplicates=report.duplicates, refused=refused, tickets=tickets)
    )
    for at, why in report.refused[:SHOWN]:
        output.complain(_("line {line}: {why}").format(line=at, why=line(why, 200)))
    if refused > SHOWN:
        output.complain(_("and {n} more; --json lists them").format(n=refused - SHOWN))
