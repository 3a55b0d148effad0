"""`retorno rule export` and `retorno rule import`: a rule set as text, to keep with other files, change and bring back."""

import argparse

from cli import output
from cli.commands.rules import done, find
from cli.commands.saving import differences, in_words
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from cli.text_files import read_text
from domain.rule_differences import differences as between
from domain.rules import RuleSet
from domain.text import _, fold, line
from loop import rule_text, rules


def export(asked: argparse.Namespace) -> int:
    """`retorno rule export RULE`."""
    with desk_for(asked) as (desk, actor):
        plan = find(desk, asked.rule_set, actor)
    text = rule_text.to_text(plan)
    if asked.json:
        output.say_json({"name": plan.name, "text": text})
    else:
        output.write(text)
    return Exit.DONE


def bring(asked: argparse.Namespace) -> int:
    """`retorno rule import FILE [--rule RULE] [--dry-run]`."""
    text = read_text(asked.file)
    with desk_for(asked) as (desk, actor):
        base: RuleSet | None = None
        if asked.rule_set:
            base = find(desk, asked.rule_set, actor)
        else:
            wanted = fold(rule_text.name_in(text))
            known = [id for name, id in rules.named(desk, actor=actor) if wanted and fold(name) == wanted]
            if known:
                base = find(desk, f"#{known[0]}", actor)
        plan = parsed(text, base)
        if not asked.dry_run:
            return done(asked, rules.save(desk, plan, actor=actor), plan.name)
    changes = between(base, plan)
    if asked.json:
        output.say_json({"id": plan.id, "changes": differences(changes), "saved": False})
        return Exit.DONE
    name = line((base or plan).name, 80)
    if base is None:
        output.say(_("{name} would be a new rule set.").format(name=name))
    for change in changes:
        output.say(f"{name}: {in_words(change)}")
    if not changes:
        output.say(_("{name}: nothing to change.").format(name=name))
    return Exit.DONE


def read(file: str, base: RuleSet | None) -> RuleSet:
    """The set that a file says; CommandTrouble with what is wrong in it."""
    return parsed(read_text(file), base)


def parsed(text: str, base: RuleSet | None) -> RuleSet:
    """The set that a text says; CommandTrouble with what is wrong in it."""
    plan = rule_text.from_text(text, base=base)
    if not isinstance(plan, RuleSet):
        raise CommandTrouble("\n".join((*plan, _("Nothing was done."))), Exit.INPUT)
    return plan
