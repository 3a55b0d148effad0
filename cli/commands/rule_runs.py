"""`retorno rule rehearse|run|log|hits|mails`: what rule sets would do, do and did (A5, A6)."""

import argparse
import sys
from collections.abc import Iterable
from typing import Any

from cli import output
from cli.commands.rules import find
from cli.commands.saving import allowed
from cli.commands.saving import show as table
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from cli.shapes import hit, ran, rehearsal, run_line
from domain.plan_words import class_word
from domain.plan_words import day as day_of
from domain.plan_words import moment as day
from domain.refusals import Refusal
from domain.rights import may_manage
from domain.rules import RuleSet
from domain.text import _, line, ngettext, number
from loop import rules
from loop.rule_views import Ran


def rehearse(asked: argparse.Namespace) -> int:
    """`retorno rule rehearse RULE [--days N] [--rows N]`."""
    from loop.rule_rehearsal import rehearse as rehearsed

    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.rule_set, actor)
        found = rehearsed(desk, plan, days=asked.days or None, actor=actor, rows=asked.rows)
    if isinstance(found, Refusal):
        raise CommandTrouble(str(found))
    if asked.json:
        output.say_json(rehearsal(found))
        return Exit.DONE
    if found.newest is not None:
        head = _("None came in those days. Of all {answers} answers, the newest of {date}, it would touch {touched}.")
    elif found.days is None:
        head = _("Of all {answers} answers it would touch {touched}.")
    else:
        head = _("Of {answers} answers of the last {days} days it would touch {touched}.")
    date = "" if found.newest is None else day_of(found.newest)
    output.say(head.format(answers=number(found.answers), touched=number(found.touched), days=found.days, date=date))
    for label, value in (
        (_("with an open ticket"), found.with_ticket),
        (_("would get a ticket"), found.would_open),
        (_("without a ticket"), found.without_ticket),
        (_("left alone, as their tickets are closed"), found.closed),
        (_("e-mails would be sent"), found.mails),
    ):
        if value:
            output.say(f"  {number(value)} {label}")
    _say_counted(_("No e-mail:"), found.unsent)
    _say_counted(_("Not done:"), found.undone)
    if found.rows:
        columns = [
            output.Column(_("Ticket"), right=True),
            output.Column(_("Customer"), gives=True, most=24),
            output.Column(_("Class")),
            output.Column(_("Score"), right=True),
            output.Column(_("Comment"), gives=True),
        ]
        cells = [(_ticket(r.ticket), r.customer, class_word(r.klass), _score(r.score), r.comment) for r in found.rows]
        output.say()
        table(columns, cells)
    return Exit.DONE


def run(asked: argparse.Namespace) -> int:
    """`retorno rule run RULE (--past [--days N | --while-off] | N…)`."""
    from loop import autopilot

    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.rule_set, actor)
        if asked.past:
            since = _off_since(desk, plan, actor) if asked.while_off else None
            done = autopilot.run_past(
                desk, plan.id or 0, days=asked.days, since=since, actor=actor, progress=_Ticker().told
            )
        else:
            done = autopilot.run_on(desk, plan.id or 0, asked.numbers, actor=actor)
    if isinstance(done, Refusal):
        raise CommandTrouble(str(done))
    if asked.json:
        output.say_json(ran(done))
    else:
        _say_ran(done, plan)
    return Exit.REFUSED if done.refused else Exit.DONE


def _off_since(desk: Any, plan: RuleSet, actor: Any) -> int:
    since = next((row.off_since for row in rules.rule_sets(desk, actor=actor) if row.id == plan.id), None)
    if since is None:
        raise CommandTrouble(_("{name} was never switched off. Nothing was done.").format(name=line(plan.name, 60)))
    return since


def _say_ran(done: Ran, plan: RuleSet) -> None:
    looked, touched = number(done.looked_at), number(done.touched)
    output.say(_("Of {looked} answers {touched} were touched.").format(looked=looked, touched=touched))
    if done.mails:
        output.say(
            ngettext("{n} e-mail was asked for; see retorno rule mails.", "{n} e-mails were asked for; see retorno rule mails.", done.mails).format(n=done.mails)
        )  # fmt: skip
    if done.held:
        output.say(
            ngettext("{n} of them waits for a yes: its answer is older than seven days.", "{n} of them wait for a yes: their answers are older than seven days.", done.held).format(n=number(done.held))
        )  # fmt: skip
    _say_counted(_("Not done:"), done.undone)
    for ticket, why in done.refused:
        output.complain(f"#{ticket}: {why}")
    if done.stopped:
        output.say(_("Stopped; what was done stays."))


class _Ticker:
    """How far it is, on stderr, where a person looks."""

    def __init__(self) -> None:
        self._on = output.is_terminal(sys.stderr)
        self._said = 0

    def told(self, n: int) -> None:
        """So many answers were looked at."""
        if self._on and n >= self._said + 1_000:
            self._said = n
            output.complain(_("{n} answers looked at …").format(n=number(n)))


def log(asked: argparse.Namespace) -> int:
    """`retorno rule log [RULE]`."""
    from loop import rule_log

    with desk_for(asked) as (desk, actor):
        allowed(may_manage(actor))
        only = find(desk, asked.rule_set, actor).id if asked.rule_set else None
        found = rule_log.runs(desk, actor=actor, rule_set_id=only, limit=asked.limit)
    if asked.json:
        output.say_json([run_line(one) for one in found])
        return Exit.DONE
    columns = [
        output.Column(_("Run"), right=True),
        output.Column(_("When")),
        output.Column(_("By")),
        output.Column(_("About"), gives=True),
        output.Column(_("Rule set"), gives=True),
        output.Column(_("Looked at"), right=True),
        output.Column(_("Touched"), right=True),
        output.Column(_("E-mails"), right=True),
        output.Column(_("Not done"), gives=True),
    ]
    table(
        columns,
        [
            (
                str(r.run), day(r.at), _way(r.way) + (f" ({r.who})" if r.who else ""), r.about, r.rule_set, number(r.looked_at),
                number(r.touched), number(r.mails), "; ".join(f"{why} ({n})" for why, n in r.undone),
            )
            for r in found
        ],
    )  # fmt: skip
    return Exit.DONE


def _way(way: str) -> str:
    words = {
        "import": _("import"),
        "webhook": _("webhook"),
        "past": _("the past"),
        "time": _("time"),
        "hand": _("hand"),
    }
    return words.get(way, way)


def hits(asked: argparse.Namespace) -> int:
    """`retorno rule hits RULE [--run N]`."""
    from loop import rule_log

    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.rule_set, actor)
        found = rule_log.hits(desk, plan.id or 0, actor=actor, run=asked.of_run, limit=asked.limit)
    if asked.json:
        output.say_json([hit(one) for one in found])
        return Exit.DONE
    columns = [
        output.Column(_("Ticket"), right=True),
        output.Column(_("When")),
        output.Column(_("Customer"), gives=True, most=24),
        output.Column(_("Class")),
        output.Column(_("Because"), gives=True),
        output.Column(_("Did"), gives=True),
    ]
    table(
        columns,
        [
            (
                _ticket(h.ticket), day(h.at), h.customer, class_word(h.klass), "; ".join(h.because),
                "; ".join((*h.did, *([h.mail] if h.mail else []))),
            )
            for h in found
        ],
    )  # fmt: skip
    return Exit.DONE


def mails(asked: argparse.Namespace) -> int:
    """`retorno rule mails RULE [--confirm]`."""
    from loop import rule_mail

    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.rule_set, actor)
        held = next((row.held for row in rules.rule_sets(desk, actor=actor) if row.id == plan.id), 0)
        confirmed = rule_mail.confirm(desk, plan.id or 0, actor=actor) if asked.confirm else 0
    if isinstance(confirmed, Refusal):
        raise CommandTrouble(str(confirmed))
    if asked.json:
        output.say_json({"held": held - confirmed, "confirmed": confirmed})
    elif asked.confirm:
        output.say(ngettext("{n} e-mail will be sent.", "{n} e-mails will be sent.", confirmed).format(n=confirmed))
    else:
        output.say(
            ngettext(
                "{n} e-mail to an answer older than seven days waits; --confirm sends it.",
                "{n} e-mails to answers older than seven days wait; --confirm sends them.",
                held,
            ).format(n=held)
        )
    return Exit.DONE


def _say_counted(head: str, many: Iterable[tuple[str, int]]) -> None:
    for why, n in many:
        output.say(f"  {number(n)} · {head} {why}")


def _ticket(ticket: int | None) -> str:
    return "" if ticket is None else f"#{ticket}"


def _score(score: int | None) -> str:
    return "" if score is None else str(score)
