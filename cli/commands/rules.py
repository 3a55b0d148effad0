"""`retorno rule …`: rule sets of the autopilot are read, shaped, switched and put in order (A1–A3)."""

import argparse
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from cli import output
from cli.commands.saving import allowed, differences, in_words, pick, saved
from cli.commands.saving import show as table
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from cli.shapes import moment, rule_set_line
from domain.people import Actor
from domain.refusals import Refusal
from domain.rights import may_manage
from domain.rule_sentence import lines, sentence
from domain.rules import Condition, Moment, RuleSet, Says, Then, When
from domain.text import _, line, ngettext
from domain.tickets import Priority
from loop import rules
from loop.rule_views import RuleSetLine
from loop.setup_views import Conflict, Saved

if TYPE_CHECKING:
    from loop.desk import Desk


def listing(asked: argparse.Namespace) -> int:
    """`retorno rule list`."""
    with desk_for(asked) as (desk, actor):
        allowed(may_manage(actor))
        found = rules.rule_sets(desk, actor=actor)
    if asked.json:
        output.say_json([rule_set_line(row) for row in found])
        return Exit.DONE
    columns = [
        output.Column("#", right=True),
        output.Column(_("Rule set"), gives=True),
        output.Column(""),
        output.Column(_("Touched"), right=True),
        output.Column(_("What it does"), gives=True),
    ]
    table(columns, [(f"#{r.id}", r.name or "—", _state(r), str(r.touched), r.sentence) for r in found])
    for row in found:
        for blank in row.blanks:
            output.say(f"! {line(row.name or f'#{row.id}', 60)}: {blank}")
        if row.held:
            output.say(_held(row))
    return Exit.DONE


def _state(row: RuleSetLine) -> str:
    return (_("on") if row.active else _("off")) + (" !" if row.blanks else "")


def _held(row: RuleSetLine) -> str:
    held = ngettext("{n} e-mail waits for a yes", "{n} e-mails wait for a yes", row.held).format(n=row.held)
    return f"{line(row.name, 60)}: {held}: retorno rule mails {_quoted(row)} --confirm"


def _quoted(row: RuleSetLine | RuleSet) -> str:
    return f"'#{row.id}'" if "'" in row.name or not row.name else f"'{line(row.name)}'"


def show(asked: argparse.Namespace) -> int:
    """`retorno rule show RULE`: the lines that one can read aloud."""
    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.rule_set, actor)
        missing = rules.blanks(desk, plan, actor=actor)
    if asked.json:
        blanks = [{"where": blank.where, "text": blank.sentence} for blank in missing]
        output.say_json(asdict(plan) | {"text": sentence(plan), "blanks": blanks})
        return Exit.DONE
    state = _("on") if plan.active else _("off")
    output.write(output.paint(line(plan.name or f"#{plan.id}"), "bright") + f" · {state}\n")
    for one in lines(plan):
        parts = "".join(part.text if part.text == "," else f" {part.text}" for part in one.parts).strip()
        said = " ".join(filter(None, (one.lead, one.verb, parts)))
        output.say("  " * (1 + one.indent) + line(said))
    for blank in missing:
        output.say(f"! {blank.sentence}")
    return Exit.DONE


def add(asked: argparse.Namespace) -> int:
    """`retorno rule add NAME [--from FILE] …`."""
    plan = RuleSet(None, asked.name)
    if asked.file:
        from cli.commands.rule_files import read

        plan = replace(read(asked.file, plan), name=asked.name)
    with desk_for(asked) as (desk, actor):
        return done(asked, rules.save(desk, _set(plan, asked), actor=actor), asked.name)


def change(asked: argparse.Namespace) -> int:
    """`retorno rule change RULE …`."""
    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.rule_set, actor)
        new = _set(plan if asked.name is None else replace(plan, name=asked.name), asked)
        return done(asked, rules.save(desk, new, actor=actor), plan.name)


def copy(asked: argparse.Namespace) -> int:
    """`retorno rule copy RULE`."""
    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.rule_set, actor)
        return done(asked, rules.copy(desk, plan.id or 0, actor=actor), plan.name)


def remove(asked: argparse.Namespace) -> int:
    """`retorno rule remove RULE`."""
    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.rule_set, actor)
        return done(asked, rules.remove(desk, plan.id or 0, actor=actor), plan.name)


def order(asked: argparse.Namespace) -> int:
    """`retorno rule order RULE PLACE`."""
    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.rule_set, actor)
        return done(asked, rules.reorder(desk, plan.id or 0, asked.position, actor=actor), plan.name)


def on(asked: argparse.Namespace) -> int:
    """`retorno rule on RULE`: each blank on a line of its own where some are left."""
    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.rule_set, actor)
        why = rules.switch(desk, plan.id or 0, True, actor=actor)
        if isinstance(why, Refusal) and why.code == "blanks":
            missing = [blank.sentence for blank in rules.blanks(desk, plan, actor=actor)]
            raise CommandTrouble("\n".join([_("It cannot be switched on yet:"), *missing]))
    if isinstance(why, Refusal):
        raise CommandTrouble(str(why))
    if asked.json:
        output.say_json({"id": why.id, "active": True, "waiting": why.waiting, "since": moment(why.since)})
        return Exit.DONE
    output.say(_("{name} is on.").format(name=line(plan.name, 80)))
    if why.waiting:
        came = ngettext("{n} answer came while it was off.", "{n} answers came while it was off.", why.waiting)
        output.say(came.format(n=why.waiting))
        output.say(
            _("To run it on those too: {command}").format(
                command=f"retorno rule run {_quoted(plan)} --past --while-off"
            )
        )
    return Exit.DONE


def off(asked: argparse.Namespace) -> int:
    """`retorno rule off RULE`."""
    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.rule_set, actor)
        why = rules.switch(desk, plan.id or 0, False, actor=actor)
    if isinstance(why, Refusal):
        raise CommandTrouble(str(why))
    if asked.json:
        output.say_json({"id": why.id, "active": False, "waiting": 0, "since": None})
    else:
        output.say(_("{name} is off.").format(name=line(plan.name, 80)))
    return Exit.DONE


def find(desk: "Desk", name: str, actor: Actor) -> RuleSet:
    """The set that is called so, or #number; CommandTrouble names what there is."""
    allowed(may_manage(actor))
    id = chosen(name, rules.named(desk, actor=actor))
    plan = rules.rule_set(desk, id, actor=actor)
    if isinstance(plan, Refusal):
        raise CommandTrouble(str(plan))
    return plan


def chosen(name: str, there: tuple[tuple[str, int], ...]) -> int:
    """The id of the set that is called so, or #number; CommandTrouble names what there is."""
    number = name.strip().removeprefix("#")
    if (
        name.strip().startswith("#")
        and number.isascii()
        and number.isdecimal()
        and int(number) in {id for __, id in there}
    ):
        return int(number)
    return pick(name, there)


def done(asked: argparse.Namespace, outcome: Saved | Conflict | Refusal, name: str) -> int:
    """Say what was saved; CommandTrouble for a refusal, and for a set that somebody else changed meanwhile."""
    if isinstance(outcome, Conflict):
        if asked.json:
            output.say_json({"conflict": {"by": outcome.by, "changes": differences(outcome.changes)}})
        raise CommandTrouble(
            _("{who} changed {name} just now ({changes}). Nothing was saved; look, and do it again.").format(
                who=outcome.by, name=line(name, 80), changes="; ".join(map(in_words, outcome.changes))
            )
        )
    return saved(asked, outcome, name)


def _set(plan: RuleSet, asked: argparse.Namespace) -> RuleSet:
    """The set with what the options say; what they do not name stays."""
    return replace(plan, when=_when(plan.when, asked), then=_then(plan.then, asked))


def _when(when: When, asked: argparse.Namespace) -> When:
    says = _given(when.says, any_of=_texts(asked.says), none_of=_texts(asked.not_says), endings=_yes(asked.endings))
    assert isinstance(says, Says)
    when = _given(
        replace(when, says=says),
        surveys=_texts(asked.survey),
        classes=_texts(asked.classes),
        scores=asked.score,
        ticket=asked.ticket,
        flows=_texts(asked.flow),
        categories=_texts(asked.if_category),
        tags=_texts(asked.if_tag),
        priorities=None if asked.if_priority is None else tuple(_priority(p) for p in asked.if_priority if p),
        groups=None if asked.where is None else _groups(asked.where),
    )
    if asked.earlier is not None:
        when = replace(when, earlier_from=asked.earlier if asked.earlier != "" else None)
    for kind, hours in (("not started", asked.not_started), ("due in", asked.due_in), ("no reply", asked.no_reply)):
        if hours is not None:
            when = replace(when, moment=Moment(kind, hours))  # type: ignore[arg-type]
    return replace(when, moment=None) if asked.when_it_comes else when


def _then(then: Then, asked: argparse.Namespace) -> Then:
    then = _given(
        then,
        open_in=asked.open_in,
        categories=_texts(asked.category),
        categorise=_yes(asked.categorise),
        tags=_texts(asked.tag),
        assignee=asked.assign,
        by_table=asked.by_table,
        phase=asked.move_to,
        resolution=asked.resolution,
        followers=_texts(asked.follower),
        send=asked.send,
    )
    if asked.priority is not None:
        then = replace(then, priority=_priority(asked.priority) if asked.priority else None)
    if asked.due_days is not None:
        then = replace(then, due_days=asked.due_days if asked.due_days != "" else None)
    return then


def _given(value: Any, **fields: Any) -> Any:
    return replace(value, **{name: new for name, new in fields.items() if new is not None})


def _texts(words: list[str] | None) -> tuple[str, ...] | None:
    return None if words is None else tuple(w for w in words if w)


def _yes(word: str | None) -> bool | None:
    return None if word is None else word == "yes"


def _priority(word: str) -> int:
    return int(Priority[word.upper()].value)


def _groups(where: list[tuple[Any, ...] | None]) -> tuple[tuple[Condition, ...], ...]:
    """Groups of conditions, parted by None."""
    groups: list[list[Condition]] = [[]]
    for one in where:
        if one is None:
            groups.append([])
        elif one:
            groups[-1].append(Condition(*one))
    return tuple(tuple(group) for group in groups if group)
