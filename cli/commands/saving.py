"""What the commands that shape the set-up say: what was changed, or why not."""

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from cli import output
from cli.exits import CommandTrouble, Exit
from domain.plans import Difference
from domain.refusals import Refusal
from domain.text import _, fold, line
from loop.setup_views import Saved


def saved(asked: argparse.Namespace, done: Refusal | Saved, name: str, *more: str) -> int:
    """Say what was saved, and `more` sentences about it; CommandTrouble for a refusal."""
    if isinstance(done, Refusal):
        raise CommandTrouble(str(done))
    if asked.json:
        output.say_json({"id": done.id, "changes": differences(done.changes)})
        return Exit.DONE
    name = line(name, 80)
    if not done.changes:
        output.say(_("{name}: nothing to change.").format(name=name))
        return Exit.DONE
    for change in done.changes:
        output.say(f"{name}: {in_words(change)}")
    for sentence in more:
        output.say(sentence)
    return Exit.DONE


def allowed(why: Refusal | None) -> None:
    """CommandTrouble unless it may be done: lists that one may not see would only look empty."""
    if why:
        raise CommandTrouble(str(why))


def in_words(change: Difference) -> str:
    """A difference on one line."""
    return (
        f"{change.field}: {change.old or '—'} → {change.new or '—'}" if change.old else f"{change.field}: {change.new}"
    )


def differences(changes: Iterable[Difference]) -> list[dict[str, Any]]:
    """Differences for scripts."""
    return [{"field": c.field, "old": c.old or None, "new": c.new or None} for c in changes]


def show(columns: Sequence[output.Column], rows: Sequence[Sequence[str]]) -> None:
    """A table for people."""
    for shown in output.Table(columns, output.width()).lines(rows):
        output.write(shown + "\n")


def pick(wanted: str, there: Iterable[tuple[str, int]]) -> int:
    """The id of the one that is called so, case and accents aside; CommandTrouble names what there is."""
    known = list(there)
    exact = [id for name, id in known if name == wanted]
    found = exact or [id for name, id in known if fold(name) == fold(line(wanted))]
    if len(found) == 1:
        return found[0]
    names = "; ".join(line(name, 60) for name, __ in known[:20]) + ("; …" if len(known) > 20 else "") or "—"
    if found:
        sentence = _("“{wanted}” may mean several; there are: {names}. Nothing was done.")
    else:
        sentence = _("There is no “{wanted}”; there are: {names}. Nothing was done.")
    raise CommandTrouble(sentence.format(wanted=line(wanted, 60), names=names))
