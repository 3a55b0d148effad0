"""Which rule sets hold for an answer, and why (A1, A2, A4, A5). Pure: no I/O, no clock.

A `Ruling` is made once for a run and asked about many answers; what the conditions are compared with is folded and
indexed when it is made, and the comment is looked through once for the words of all sets and categories.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from domain.rule_conditions import AttributeTest, flat, held
from domain.rules import RuleSet, Then

if TYPE_CHECKING:
    from domain.textmatch import Matcher

CATEGORY_ENDINGS = False
"""Whether other endings of a category's words count; `word*` says so where it is wished."""
_SORTS = Then(categorise=True)
_KEPT_MATCHERS = 8
_KEPT_LISTS = 10_000
"""How many kinds of answers (survey, class, score) are remembered with the sets that can hold for them."""
_NONE: frozenset[int] = frozenset()


@dataclass(slots=True)
class Case:
    """An answer, and its ticket as it is now. `Ruling.decide` changes it by what the sets give."""

    survey: str
    klass: str | None = None
    """detractor, neutral, promoter; None for a ticket without an answer."""
    score: int | None = None
    comment: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    ticket: bool = False
    """Whether it has one."""
    closed: bool = False
    """Whether its ticket is closed: then no set runs (A5)."""
    may_open: bool = True
    """Whether a ticket could be opened for it: the customer can be reached, the survey is not internal (I3)."""
    flow: str = ""
    categories: Iterable[str] = ()
    """“Parent / Child” for a subcategory."""
    tags: Iterable[str] = ()
    priority: int | None = None
    earlier: int = 0
    """Earlier tickets of the customer."""
    hit: frozenset[int] = _NONE
    """Sets that met it before: they do not run again (A5)."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A set that holds for an answer."""

    rule_set: RuleSet
    because: dict[str, Any]
    """Which of its conditions held, as JSON, in the rule's own words: see `domain.rule_sentence.because_words`."""
    categories: tuple[str, ...]
    """All that it gives: those that it names, then those whose own words the comment has (`Then.categorise`)."""


class Ruling:
    """Rule sets, ready to be asked."""

    def __init__(
        self,
        sets: Iterable[RuleSet],
        *,
        category_words: Mapping[str, tuple[str, ...]] | None = None,
        survey_sets: Mapping[str, frozenset[int] | None] | None = None,
        flow_priorities: Mapping[str, int] | None = None,
    ) -> None:
        """`sets` in their order, only those that are to be run: whether one is on, or of time, is the caller's matter.

        `category_words`: by category, “Parent / Child”, what its Text Match looks for. `survey_sets`: by survey, which
        sets its own list names; None, and a survey that is not there, names all (A4). `flow_priorities`: what a flow gives
        a ticket that a set opens in it. Expressions that are none never match.
        """
        sets = tuple(sets)
        self._survey_sets = dict(survey_sets or {})
        self._flow_priorities = dict(flow_priorities or {})
        places: dict[tuple[str, bool], int] = {}
        self._rules = tuple(_Rule(plan, places) for plan in sets)
        self._category_of: dict[int, tuple[str, ...]] = {}
        if any(plan.then.categorise for plan in sets):
            for name, words in (category_words or {}).items():
                for place in sorted(_placed(words, CATEGORY_ENDINGS, places)):
                    self._category_of[place] = (*self._category_of.get(place, ()), name)
        self._of_categories = frozenset(self._category_of)
        self._order = {name: i for i, name in enumerate(category_words or {})}
        self._expressions = tuple(places)
        self._matcher: Matcher | None = None
        self._lists: dict[tuple[str, str | None, int | None], _Asked] = {}
        self._names: dict[str, str] = {}
        self.needs = frozenset(need for rule in self._rules for need in rule.needs)
        """What the sets look at, and so which facts a case must have: earlier, categories, tags, attributes, comment."""

    def look(self, survey: str, klass: str | None, score: int | None, comment: str) -> frozenset[int]:
        """What `decide` wants to know of a comment, which takes most of its time: can be told of a case before it is there."""
        key = (survey, klass, score)
        asked = self._lists.get(key) or self._listed(key)
        matcher = self.matcher() if asked.wants_words and comment else None
        return matcher.find(comment) if matcher else _NONE

    def decide(self, case: Case, found: frozenset[int] | None = None) -> list[Hit]:
        """The sets that hold, in order; each sees what those before it gave. Changes `case`. `found`: what `look` told."""
        key = (case.survey, case.klass, case.score)
        asked = self._lists.get(key) or self._listed(key)
        if case.closed or not asked.rules:
            return []
        now = _Now(self, case, self.look(*key, case.comment) if found is None else found)
        return [hit for rule in asked.of(now.found) if (hit := rule.hit(now)) is not None]

    def matcher(self) -> "Matcher | None":
        """What looks through comments for the words of all sets and categories; None where there are none."""
        if self._matcher is None and self._expressions:
            self._matcher = _matcher(self._expressions)
        return self._matcher

    def _listed(self, key: tuple[str, str | None, int | None]) -> "_Asked":
        """The sets whose survey, class and scores let such an answer through, those that the survey's list names (A4)."""
        survey, klass, score = key
        named = self._survey_sets.get(survey)
        rules = tuple(
            rule
            for rule in self._rules
            if (named is None or rule.plan.id in named) and rule.is_about(survey, klass, score)
        )
        if len(self._lists) >= _KEPT_LISTS:
            self._lists.clear()
        found = self._lists[key] = _Asked(rules)
        return found

    def _name(self, name: str) -> str:
        folded = self._names.get(name)
        if folded is None:
            if len(self._names) >= _KEPT_LISTS:
                self._names.clear()
            folded = self._names[name] = flat(name)
        return folded


class _Asked:
    """The sets that are asked about answers of one survey, class and score."""

    __slots__ = ("_always", "_by_expression", "_looked_for", "rules", "wants_words")

    def __init__(self, rules: "tuple[_Rule, ...]") -> None:
        self.rules = rules
        self.wants_words = any("comment" in rule.needs for rule in rules)
        # Most sets look for words that most comments have not: these are not even asked.
        self._always = [i for i, rule in enumerate(rules) if not rule.says_something]
        self._by_expression: dict[int, list[int]] = {}
        for i, rule in enumerate(rules):
            for place in rule.any_of:
                self._by_expression.setdefault(place, []).append(i)
        self._looked_for = frozenset(self._by_expression)

    def of(self, found: frozenset[int]) -> "Iterable[_Rule]":
        """Those that can hold where these expressions were found, in order."""
        by, wanted = self._by_expression, set(self._always)
        for place in self._looked_for & found:
            wanted.update(by[place])
        return [self.rules[i] for i in sorted(wanted)]


class _Now:
    """A case while it is decided: what was looked up of it once, and what sets gave it so far."""

    __slots__ = ("_attributes", "_categories", "_tags", "case", "found", "ruling")

    def __init__(self, ruling: Ruling, case: Case, found: frozenset[int]) -> None:
        self.ruling, self.case, self.found = ruling, case, found
        """Which of all expressions the comment has."""
        self._attributes: dict[str, list[str]] | None = None
        self._categories: set[str] | None = None
        self._tags: set[str] | None = None

    @property
    def attributes(self) -> dict[str, list[str]]:
        """Values by folded name; two names that read the same are one attribute."""
        if self._attributes is None:
            found: dict[str, list[str]] = {}
            names = self.ruling._names
            for name, value in self.case.attributes.items():
                found.setdefault(names.get(name) or self.ruling._name(name), []).append(str(value))
            self._attributes = found
        return self._attributes

    @property
    def categories(self) -> set[str]:
        """Folded."""
        if self._categories is None:
            self._categories = set(map(_flat_category, self.case.categories))
        return self._categories

    @property
    def tags(self) -> set[str]:
        """Folded."""
        if self._tags is None:
            self._tags = set(map(_kept_flat, self.case.tags))
        return self._tags

    def worded(self) -> list[str]:
        """The categories whose own words the comment has, in the order that they are kept in."""
        ruling = self.ruling
        names = {name for place in self.found & ruling._of_categories for name in ruling._category_of[place]}
        return sorted(names, key=ruling._order.__getitem__)

    def words_of_categories(self) -> dict[str, list[str]]:
        """By category, those of its own words that the comment has."""
        ruling, found = self.ruling, dict[str, list[str]]()
        for place in sorted(self.found & ruling._of_categories):
            for name in ruling._category_of[place]:
                found.setdefault(name, []).append(ruling._expressions[place][0])
        return found


class _Rule:
    """One set, made ready: everything folded, expressions by their place in the one matcher."""

    __slots__ = (
        "any_of", "categories", "earlier", "flows", "groups", "needs", "none_of", "only_sorts", "opens", "plan", "priorities",
        "says_of", "says_something", "sends", "tags", "ticket",
    )  # fmt: skip

    def __init__(self, plan: RuleSet, places: dict[tuple[str, bool], int]) -> None:
        when, then = plan.when, plan.then
        self.plan = plan
        self.says_something = bool(when.says.any_of)
        self.any_of = _placed(when.says.any_of, when.says.endings, places)
        self.none_of = _placed(when.says.none_of, when.says.endings, places)
        self.says_of = tuple(
            (places[e, when.says.endings], e) for e in when.says.any_of if (e, when.says.endings) in places
        )
        self.ticket = {"with": True, "without": False}.get(when.ticket)
        self.flows = frozenset(when.flows)
        self.categories = {_flat_category(name): name for name in when.categories}
        self.tags = {flat(name): name for name in when.tags}
        self.priorities = frozenset(when.priorities)
        self.earlier = when.earlier_from
        self.groups = tuple(tuple(map(AttributeTest, group)) for group in when.groups if group)
        self.opens, self.sends = bool(then.open_in), bool(then.send)
        self.only_sorts = then == _SORTS
        self.needs = frozenset(
            need
            for need, wanted in (
                ("earlier", self.earlier is not None),
                ("categories", self.categories),
                ("tags", self.tags),
                ("attributes", self.groups),
                ("comment", when.says.any_of or when.says.none_of or then.categorise),
            )
            if wanted
        )

    def is_about(self, survey: str, klass: str | None, score: int | None) -> bool:
        """Whether survey, class and scores let an answer through."""
        when = self.plan.when
        if when.surveys and survey not in when.surveys:
            return False
        if not when.classes and not when.scores:
            return True
        return (klass is not None and klass in when.classes) or (score is not None and score in when.scores)

    def hit(self, now: _Now) -> Hit | None:
        """What becomes of the case if the set holds, and does something; what it gives is then in the case."""
        case = now.case
        if self.ticket is not None and self.ticket != case.ticket:
            return None
        if self.flows and (not case.ticket or case.flow not in self.flows):
            return None
        if self.priorities and (not case.ticket or case.priority not in self.priorities):
            return None
        if not case.ticket and not self.sends and not (self.opens and case.may_open):
            return None  # the other actions need a ticket (A3)
        if self.earlier is not None and case.earlier < self.earlier:
            return None
        if case.hit and self.plan.id in case.hit:
            return None
        if self.categories and now.categories.isdisjoint(self.categories):
            return None
        if self.tags and now.tags.isdisjoint(self.tags):
            return None
        if self.none_of and not now.found.isdisjoint(self.none_of):
            return None
        group: list[list[Any]] = []
        if self.groups:
            attributes = now.attributes
            for one in self.groups:
                if (group_held := held(one, attributes)) is not None:
                    group = group_held
                    break
            else:
                return None
        if self.only_sorts and not now.worded():
            return None  # nothing would be given, and words that are added later would find it met
        because = self._because(now, group)
        return Hit(self.plan, because, self._give(now))

    def _give(self, now: _Now) -> tuple[str, ...]:
        """The categories that it gives; what later sets look at is changed in the case."""
        case, then = now.case, self.plan.then
        if self.opens and not case.ticket and case.may_open:
            case.ticket, case.flow = True, then.open_in
            case.priority = now.ruling._flow_priorities.get(then.open_in, case.priority)
        if not case.ticket:
            return ()
        given = then.categories
        if then.categorise:
            given = tuple(dict.fromkeys((*given, *now.worded())))
        if given:
            if now._categories is not None:
                now._categories.update(map(_flat_category, given))
            case.categories = tuple(dict.fromkeys((*case.categories, *given)))
        if then.tags:
            if now._tags is not None:
                now._tags.update(map(_kept_flat, then.tags))
            case.tags = tuple(dict.fromkeys((*case.tags, *then.tags)))
        if then.priority is not None:
            case.priority = then.priority
        return given

    def _because(self, now: _Now, group: list[list[Any]]) -> dict[str, Any]:
        """Only what the set asked for, in its own words: nothing of the customer but what it named, and numbers (R4)."""
        case, when, found = now.case, self.plan.when, dict[str, Any]()
        if when.surveys:
            found["survey"] = case.survey
        if case.klass in when.classes:
            found["class"] = case.klass
        elif when.scores:
            found["score"] = case.score
        says = [e for place, e in self.says_of if place in now.found]
        if says:
            found["says"] = says
        if self.plan.then.categorise and (worded := now.words_of_categories()):
            found["worded"] = worded
        if when.says.none_of and not self.says_of:
            found["says not"] = list(when.says.none_of)
        if group:
            found["group"] = group
        if self.ticket is not None:
            found["ticket"] = when.ticket
        if self.flows:
            found["flow"] = case.flow
        if self.categories:
            found["categories"] = [name for folded, name in self.categories.items() if folded in now.categories]
        if self.tags:
            found["tags"] = [name for folded, name in self.tags.items() if folded in now.tags]
        if self.priorities:
            found["priority"] = case.priority
        if self.earlier is not None:
            found["earlier"] = self.earlier  # not how many: readers of the ticket may not see all of them (P3)
        if when.moment:
            found["moment"] = [when.moment.kind, when.moment.hours]
        return found


@lru_cache(maxsize=10_000)
def _kept_flat(name: str) -> str:
    return flat(name)


@lru_cache(maxsize=10_000)
def _flat_category(name: str) -> str:
    """“Parent / Child”, with or without blanks around the stroke."""
    return " / ".join(part.strip() for part in flat(name).split("/"))


def _placed(expressions: Sequence[str], endings: bool, places: dict[tuple[str, bool], int]) -> frozenset[int]:
    """The places of expressions in the one matcher; those that are none have no place."""
    return frozenset(places.setdefault((e, endings), len(places)) for e in expressions if _is_expression(e))


@lru_cache(maxsize=20_000)
def _is_expression(text: str) -> bool:
    from domain.textmatch import trouble

    return trouble(text) is None


@lru_cache(maxsize=_KEPT_MATCHERS)
def _matcher(expressions: tuple[tuple[str, bool], ...]) -> "Matcher":
    """Kept, as pieces of one import ask with the same words again and again."""
    from domain.textmatch import Matcher

    return Matcher(expressions)
