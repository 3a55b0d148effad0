"""One run of the autopilot, as it goes on: its line in the log, and what it knows of the rules meanwhile (A6)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from storage.tables import RuleRun
from storage.work import json_text

Way = Literal["import", "webhook", "past", "time", "hand"]


@dataclass
class Run:
    """One run: an import, answers by webhook, a look at the past, the clock, a person's wish. Used by one thread.

    Given to every piece of it, so that the log has one line and the rules are read once.
    """

    way: Way
    about: str = ""
    """The survey or file, for people."""
    actor_id: int | None = None
    """Who asked for it."""
    id: int | None = None
    """Its line in the log; made with the first piece that has something to write down."""
    at: int = 0
    """When that was, Unix milliseconds; 0 for a line of an earlier process that is gone on with."""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    """What was read and goes on being so until a cheap look says otherwise."""


@dataclass
class Tally:
    """What one rule set did in a piece."""

    touched: int = 0
    mails: int = 0
    undone: Counter[str] = field(default_factory=Counter)
    """By why."""

    def add(self, mail: str, undone: Iterable[tuple[str, str]]) -> None:
        """One answer more."""
        self.touched += 1
        self.mails += bool(mail)
        for __, why in undone:
            self.undone[why] += 1


_COUNTED = """INSERT INTO rule_run_sets (run_id, rule_set_id, touched, mails, undone) VALUES (:run, :set, :touched, :mails, :undone)
    ON CONFLICT (run_id, rule_set_id) DO UPDATE SET touched = excluded.touched, mails = excluded.mails, undone = excluded.undone"""


def note(work: Any, run: Run, now: int, looked_at: int, tallies: dict[int, Tally]) -> int:
    """Write a piece of a run into the log; the run's number."""
    id = _line(work, run, now, looked_at)
    if tallies:
        inside = ", ".join(str(int(one)) for one in sorted(tallies))
        before = {
            one: (touched, mails, undone)
            for one, touched, mails, undone in work.rows(
                f"SELECT rule_set_id, touched, mails, undone FROM rule_run_sets WHERE run_id = :run AND rule_set_id IN ({inside})",
                {"run": id},
            )
        }
        counts = []
        for one, tally in sorted(tallies.items()):
            touched, mails, undone = before.get(one, (0, 0, {}))
            undone = json_text(dict(Counter(_read(undone)) + tally.undone))
            counts.append({"run": id, "set": one, "touched": touched + tally.touched, "mails": mails + tally.mails, "undone": undone})  # fmt: skip
        work.run_many(_COUNTED, counts)
    return id


def _line(work: Any, run: Run, now: int, looked_at: int) -> int:
    if run.id is not None:
        # A piece that was undone took its line with it, and another run may have got the number.
        there = work.run(
            "UPDATE rule_runs SET looked_at = looked_at + :n WHERE id = :id AND (:at = 0 OR at = :at) AND way = :way AND about = :about",
            {"n": looked_at, "id": run.id, "at": run.at, "way": run.way, "about": run.about},
        )
        if there:
            return run.id
    run.id, run.at = work.reserve(RuleRun, 1)[0], now
    work.insert_many(
        RuleRun,
        ("id", "at", "way", "about", "actor_id", "looked_at"),
        [(run.id, run.at, run.way, run.about, run.actor_id, looked_at)],
    )
    return run.id


def _read(value: Any) -> dict[str, int]:
    import json

    return json.loads(value) if isinstance(value, str) else dict(value or {})
