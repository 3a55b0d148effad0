"""The words in which rules are told: lists, comparisons, spans of time (A2, A3, R6). All of the rule's own texts cleaned (R7)."""

from collections.abc import Iterable, Sequence

from domain.plan_words import class_word, priority_word
from domain.rules import Condition, Moment
from domain.text import _, line, ngettext

MOST = 6
"""So many of a list are told, then how many more."""
_LONGEST = 80


def said(name: object) -> str:
    """A name as it is shown; “…” for one that is not given yet."""
    return line(str(name), _LONGEST) or "…"


def quoted(expression: str) -> str:
    """What a comment says; an exact phrase has quotation marks of its own."""
    told = said(expression)
    return told if bare(told) != told else f"“{told}”"


def bare(expression: str) -> str:
    """An expression for a sentence that quotes it: an exact phrase without quotation marks of its own."""
    exact = len(expression) > 2 and expression[0] == expression[-1] == '"' and expression.count('"') == 2
    return expression[1:-1] if exact else expression


def arrowed(category: str) -> str:
    """A category with its parent: Entrega › Atraso."""
    return said(category).replace(" / ", " › ")


def either(names: Iterable[str]) -> str:
    """A, B or C; of long lists the first ones and how many more."""
    return _listed(list(names), _(" or "))


def both(names: Iterable[str]) -> str:
    """A, B and C; of long lists the first ones and how many more."""
    return _listed(list(names), _(" and "))


def _listed(names: list[str], last: str) -> str:
    if len(names) > MOST:
        more = len(names) - MOST + 1
        names = [*names[: MOST - 1], ngettext("{n} more", "{n} more", more).format(n=more)]
    return last.join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "…"


def scores_text(scores: Iterable[int]) -> str:
    """Scores with runs joined: 0–3, 7."""
    runs: list[list[int]] = []
    for score in sorted(set(scores)):
        if runs and score == runs[-1][1] + 1:
            runs[-1][1] = score
        else:
            runs.append([score, score])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)


def hours_text(hours: int) -> str:
    """So many hours; whole days as days."""
    if hours and hours % 24 == 0:
        return ngettext("{n} day", "{n} days", hours // 24).format(n=hours // 24)
    return ngettext("{n} hour", "{n} hours", hours).format(n=hours)


def days_text(days: int) -> str:
    """So many days."""
    return ngettext("{n} day", "{n} days", days).format(n=days)


def moment_text(moment: Moment) -> str:
    """What a rule of time waits for, as a clause."""
    clause = {
        "not started": _("the ticket is not started {time} after it came"),
        "due in": _("the ticket is due within {time}"),
        "no reply": _("the customer has not replied {time} after our last message"),
    }.get(moment.kind, said(moment.kind))
    return clause.format(time=hours_text(moment.hours))


def condition_text(one: Condition) -> str:
    """A condition on an attribute, as a clause: UF is SP or RJ; Dias de atraso is above 7."""
    clause = {
        "in": _("{attribute} is {values}"),
        "not in": _("{attribute} is not {values}"),
        ">": _("{attribute} is above {values}"),
        ">=": _("{attribute} is at least {values}"),
        "<": _("{attribute} is below {values}"),
        "<=": _("{attribute} is at most {values}"),
        "filled": _("{attribute} is filled in"),
        "empty": _("{attribute} is empty"),
    }[one.op]
    return clause.format(attribute=said(one.attribute), values=either(map(said, one.values)))


def class_text(classes: Sequence[str], scores: Sequence[int]) -> str:
    """Which classes or scores, as a clause."""
    names, numbers = either(class_word(said(c)) for c in classes), scores_text(scores)
    if classes and scores:
        return _("the answer is {classes} or has the score {scores}").format(classes=names, scores=numbers)
    if classes:
        return _("the answer is {classes}").format(classes=names)
    return _("the score is {scores}").format(scores=numbers)


def says_text(any_of: Sequence[str], none_of: Sequence[str], *, endings: bool = False) -> str:
    """What the comment says, as a clause."""
    some, none = either(map(quoted, any_of)), either(map(quoted, none_of))
    if endings and any_of:
        some = _("{words} (other endings count)").format(words=some)
    if any_of and none_of:
        return _("the comment says {words}, but not {others}").format(words=some, others=none)
    if any_of:
        return _("the comment says {words}").format(words=some)
    return _("the comment does not say {others}").format(others=none)


def having_text(what: str, names: Sequence[str]) -> str:
    """Which flows, categories, tags or priorities the ticket has, as a clause."""
    clause = {
        "flows": _("the ticket is in the flow {names}"),
        "categories": _("the ticket has the category {names}"),
        "tags": _("the ticket has the tag {names}"),
        "priorities": _("the ticket’s priority is {names}"),
    }[what]
    return clause.format(names=either(map(arrowed if what == "categories" else said, names)))


def priorities_text(numbers: Iterable[int]) -> tuple[str, ...]:
    """Priorities in words."""
    return tuple(priority_word(n) for n in numbers)


def earlier_text(n: int) -> str:
    """How many earlier tickets the customer has at least, as a clause."""
    return ngettext(
        "the customer has at least {n} earlier ticket", "the customer has at least {n} earlier tickets", n
    ).format(n=n)
