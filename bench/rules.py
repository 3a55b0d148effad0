"""The autopilot over a world: rehearsals over its answers, and an import that a hundred rule sets look at."""

import csv
import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import cycle, pairwise
from pathlib import Path
from random import Random
from typing import Any

from bench.rates import Rate
from bench.reads import timed
from bench.words import comments, people
from bench.world import NOW_MS
from domain.people import Actor
from domain.refusals import Refusal
from domain.rules import Condition, RuleSet, Says, Then, When
from loop import importing, labels, rules
from loop.desk import Desk
from loop.rule_rehearsal import rehearse
from loop.setup_views import Saved

SETS, CATEGORIES, EXPRESSIONS = 100, 200, 20
"""As an admin who has all of it: rule sets with five expressions each, categories with twenty."""
MANY, FEW = 100_000, 5_000
"""Answers that are imported into worlds of a hundred thousand tickets and more, and into smaller ones."""
STATES = ("SP", "RJ", "MG", "RS", "BA")
LATE = Says(("atras*", "não chegou", "prazo", "demor* near entrega"), ("antes do prazo",))

PLANS = {
    "promoters, thank-you mail": RuleSet(None, "a", When(classes=("promoter",)), Then(send="class")),
    "words": RuleSet(None, "b", When(says=LATE), Then(priority=1)),
    "class, words, attributes": RuleSet(
        None,
        "c",
        When(
            classes=("detractor",),
            scores=(7,),
            says=LATE,
            groups=((Condition("UF", "in", ("SP", "RJ")),), (Condition("Dias de atraso", ">", ("7",)),)),
        ),
        Then(priority=1, tags=("atraso",), phase="Resolvido", resolution="Avisado."),
    ),
    "every answer, attributes": RuleSet(
        None, "d", When(groups=((Condition("Dias de atraso", ">", ("7",)),),)), Then(priority=1)
    ),
}


def measured(desk: Desk, owner: Actor, folder: Path) -> dict[str, Any]:
    """Both; changes the world."""
    dress(desk)
    found: dict[str, Any] = {"rehearsals": rehearsals(desk, owner)}
    rate = import_with_rules(desk, owner, folder)
    return found | {"imported": asdict(rate) | {"per_second": rate.per_second}}


def dress(desk: Desk) -> None:
    """Give the world's answers attributes, as a shop's have."""
    cases = " ".join(f"WHEN {i} THEN '{state}'" for i, state in enumerate(STATES))
    with desk.db.write() as work:
        work.run(
            f"""UPDATE answers SET attributes = '{{"UF": "' || CASE id % {len(STATES)} {cases} END || '", "Cidade": "Cidade ' || (id % 500)
                || '", "Vendedor": "' || (id % 9973) || '", "Categoria do produto": "móveis", "Dias de atraso": "' || (id % 41 - 20) || '"}}'""",
            {},
        )


def rehearsals(desk: Desk, owner: Actor) -> dict[str, float]:
    """Milliseconds by plan, over all answers and over the last 90 days, as the editor rehearses them."""
    found = {}
    desk = Desk(desk.config, desk.db, lambda: NOW_MS)  # or the last 90 days of the world would be over some day
    for name, plan in PLANS.items():
        for days, told in ((None, "all answers"), (90, "90 days")):

            def ask(plan: RuleSet = plan, days: int | None = days) -> None:
                if isinstance(why := rehearse(desk, plan, days=days, actor=owner), Refusal):
                    raise RuntimeError(str(why))

            found[f"{name}, {told}"] = timed(ask)
    return found


def import_with_rules(desk: Desk, owner: Actor, folder: Path) -> Rate:
    """A CSV file of answers from new customers, with `SETS` rule sets on and `CATEGORIES` categories that know their words."""
    set_up(desk, owner)
    count = MANY if desk.db.rows("SELECT COUNT(*) FROM tickets")[0][0] >= MANY else FEW
    path = folder / "ruled.csv"
    said, who, random = comments(Random(2)), people(), Random(4)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("id", "name", "email", "score", "comment", "date", "UF", "Vendedor", "Dias de atraso"))
        for i in range(count):
            name, _, left = who[i % len(who)]
            about = (random.choice(STATES), str(random.randrange(900)), str(random.randrange(-20, 20)))
            out.writerow(
                (
                    f"R-{i}",
                    name,
                    f"{left}.r{i}@regras.example",
                    i % 11,
                    said[i % len(said)][0],
                    "2026-11-19 10:00",
                    *about,
                )
            )
    began = time.perf_counter()
    report = importing.import_file(desk, path, "Regras", actor=owner, kind="nps")
    took = time.perf_counter() - began
    if report.imported != count:
        raise RuntimeError(f"imported {report.imported} of {count}: {report.refused[:3]}")
    if not desk.db.rows("SELECT 1 FROM rule_hits LIMIT 1"):
        raise RuntimeError("no rule set touched anything")
    return Rate(count, took)


def _expressions() -> tuple[Iterator[str], Iterator[str]]:
    """Pairs of words that these customers say, each in some comments of a hundred; and expressions about other things.

    An answer has so some categories and one or two rule sets, as it is in a shop: most words of 200 categories are rare.
    """
    random, said = Random(3), [c.split() for c, _ in comments(Random(2))]
    words = sorted({word for comment in said for word in comment if word.isalpha() and len(word) > 3})
    pairs = sorted({f"{a} {b}" for comment in said for a, b in pairwise(comment) if a.isalpha() and b.isalpha()})
    other = [f"{a[:4]}{b[1:]}" for a in words for b in words if f"{a[:4]}{b[1:]}" not in words]
    random.shuffle(pairs)
    random.shuffle(other)
    pool = cycle(other)

    def unspoken() -> Iterator[str]:
        while True:
            yield next(pool)
            yield f"{next(pool)}*"
            yield f"{random.choice(words)} {next(pool)}"
            yield f"{next(pool)} near {random.choice(words)}"

    return cycle(pairs), unspoken()


def set_up(desk: Desk, owner: Actor) -> None:
    """The categories, and the rule sets, on."""
    spoken, unspoken = _expressions()
    for c in range(CATEGORIES):
        words = [next(unspoken) for __ in range(EXPRESSIONS - 1)]
        words.append(next(spoken if c % 5 == 0 else unspoken))
        made = labels.create_category(desk, f"Assunto {c:03}", words=words, actor=owner)
        if not isinstance(made, Saved):
            raise RuntimeError(str(made))
    for s in range(SETS):
        states = (Condition("UF", "in", (STATES[s % 5], STATES[(s + 1) % 5])), Condition("Vendedor", "in", (str(s),)))
        when = When(
            classes=(("detractor",), ("promoter",), ())[s % 3],
            says=Says((*(next(unspoken) for __ in range(4)), next(spoken if s % 3 == 0 else unspoken))),
            groups=(states, (Condition("Dias de atraso", ">", ("7",)),)) if s % 2 else (),
        )
        then = Then(tags=(f"regra {s % 20}",), priority=1 + s % 3, categorise=s % 10 == 0)
        saved = rules.save(desk, RuleSet(None, f"Regra {s:03}", when, then), actor=owner)
        if not isinstance(saved, Saved):
            raise RuntimeError(str(saved))
        if isinstance(why := rules.switch(desk, saved.id, True, actor=owner), Refusal):
            raise RuntimeError(str(why))
