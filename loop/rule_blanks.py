"""What keeps a rule set from being switched on, as far as the database knows: names, people, phases, e-mails (A1, A4).

What the set itself lacks is `domain.rule_checks`. Everything is read once, so that a list of many sets is looked at quickly.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.flows import Status
from domain.people import Actor
from domain.rights import may_work, scope
from domain.rule_checks import Blank
from domain.rule_checks import blanks as of_itself
from domain.rules import SEND_CLASS, RuleSet
from domain.text import _, fold, line
from loop.class_mail import ClassState, states
from loop.desk import Desk, actors
from loop.flow_plans import decoded
from loop.rule_plans import Names, read_names, read_survey_sets

_CLASSES = ("detractor", "neutral", "promoter")
_TOLD = 5
"""So many of one kind are named, then how many more."""


@dataclass(frozen=True)
class Around:
    """What rule sets name, as it is now."""

    names: Names
    seen: frozenset[int]
    """Flows that the asker is told of; others are not there for them (P3)."""
    active_flows: frozenset[int]
    phases: dict[int, dict[str, bool]]
    """By flow: folded names, and whether they close."""
    given_categories: frozenset[int]
    people: dict[int, Actor]
    """Active, with a level."""
    tables: dict[int, dict[str, int | None]]
    surveys: dict[int, tuple[bool, bool, tuple[int, int, int, int]]]
    """Whether e-mail is sent, whether its own texts are, and its limits."""
    survey_sets: dict[str, frozenset[int] | None]
    texts: dict[int, tuple[str, bool]]
    """Templates of account and surveys: name, and whether all is filled."""
    classes: dict[tuple[int | None, str], ClassState]


def around(desk: Desk, *, actor: Actor) -> Around:
    """Read it."""
    rows = desk.db.rows
    phases: dict[int, dict[str, bool]] = {}
    for flow, name, status in rows("SELECT flow_id, name, status FROM phases"):
        phases.setdefault(flow, {})[fold(name)] = status == Status.CLOSED.value
    flows = dict(rows("SELECT id, active FROM flows"))
    return Around(
        names=read_names(rows),
        seen=frozenset(id for id in flows if scope(actor).admits(id)),
        active_flows=frozenset(id for id, active in flows.items() if active),
        phases=phases,
        given_categories=frozenset(
            id
            for (id,) in rows(
                """SELECT c.id FROM categories c LEFT JOIN categories p ON p.id = c.parent_id
                   WHERE c.retired_at IS NULL AND p.retired_at IS NULL"""
            )
        ),
        people={a.id: a for a in actors(rows, "level <> 'none'", {}) if a.id is not None},
        tables={
            id: {str(k): v for k, v in (decoded(e) or {}).items()}
            for id, e in rows("SELECT id, entries FROM manager_tables")
        },
        surveys={
            id: (bool(sends), bool(own), tuple(limits))  # type: ignore[misc]
            for id, sends, own, *limits in rows(
                "SELECT id, sends_mail, own_templates, low, detractor_max, promoter_min, high FROM surveys"
            )
        },
        survey_sets=read_survey_sets(rows),
        texts={
            id: (name, all(map(str.strip, parts)))
            for id, name, *parts in rows(
                "SELECT id, name, sender_name, subject, body FROM templates WHERE user_id IS NULL AND flow_id IS NULL"
            )
        },
        classes={(s.survey, s.klass): s for s in states(desk, actor=actor)},
    )


def blanks(of: Around, plan: RuleSet) -> tuple[Blank, ...]:
    """What is missing or cannot be, the set's own troubles first."""
    found = [*of_itself(plan), *(Blank(where, sentence) for where, sentence in _found(of, plan))]
    return tuple(dict.fromkeys(found))


def _found(of: Around, plan: RuleSet) -> Iterator[tuple[str, str]]:
    yield from _named(of, plan)
    yield from _listed(of, plan)
    flows = [id for name in plan.when.flows if (id := of.names.flows.id(name)) in of.seen and id is not None]
    open_in = of.names.flows.id(plan.then.open_in) if plan.then.open_in else None
    where = [*flows, *([open_in] if open_in is not None and open_in in of.seen else [])]
    yield from _people(of, plan, where)
    yield from _phase(of, plan, where)
    yield from _mail(of, plan)


def _named(of: Around, plan: RuleSet) -> Iterator[tuple[str, str]]:
    """Names that nothing has, or has no longer."""
    when, then = plan.when, plan.then
    for name in when.surveys:
        if of.names.surveys.id(name) is None:
            yield "surveys", _("There is no survey {name}.").format(name=line(name, 60))
    for key, flows in (("flows", when.flows), ("then:open_in", (then.open_in,) if then.open_in else ())):
        for name in flows:
            id = of.names.flows.id(name)
            if id is None or id not in of.seen:
                yield key, _("There is no flow {name} that you can see.").format(name=line(name, 60))
            elif key == "then:open_in" and id not in of.active_flows:
                yield (
                    key,
                    _("The flow {name} is switched off, so no ticket is opened in it.").format(name=line(name, 60)),
                )
    for key, categories in (("categories", when.categories), ("then:categories", then.categories)):
        for name in categories:
            id = of.names.categories.id(name)
            if id is None:
                yield key, _("There is no category {name}.").format(name=line(name, 60))
            elif key == "then:categories" and id not in of.given_categories:
                yield key, _("The category {name} is retired and not given any more.").format(name=line(name, 60))
    if then.by_table and of.names.tables.id(then.by_table) is None:
        yield "then:assign", _("There is no table {name}.").format(name=line(then.by_table, 60))


def _listed(of: Around, plan: RuleSet) -> Iterator[tuple[str, str]]:
    """Both lists must name each other (A4)."""
    asked = {name for name in of.survey_sets if not plan.when.surveys or _is(of, name, plan.when.surveys)}
    silent = [name for name in sorted(asked) if (kept := of.survey_sets[name]) is not None and plan.id not in kept]
    if silent and len(silent) == len(asked):
        yield (
            "surveys",
            _("It would never run: the rule sets of {surveys} do not include it.").format(surveys=_some(silent)),
        )


def _is(of: Around, name: str, names: tuple[str, ...]) -> bool:
    return of.names.surveys.id(name) in {of.names.surveys.id(n) for n in names}


def _people(of: Around, plan: RuleSet, flows: list[int]) -> Iterator[tuple[str, str]]:
    """Who is given tickets must be able to work, who follows to see, in every flow that the set names (P3, P4)."""
    roles = [("then:assign", plan.then.assignee, True)] if plan.then.assignee else []
    for key, login, works in [*roles, *(("then:followers", login, False) for login in plan.then.followers)]:
        id = of.names.users.id(login)
        person = of.people.get(id) if id is not None else None
        if id is None:
            yield key, _("There is nobody called {login} here.").format(login=line(login, 60))
        elif person is None:
            yield key, _("{login} cannot come in any more.").format(login=line(login, 60))
        else:
            for flow in flows:
                name = line(of.names.flows.name(flow), 60)
                if works and may_work(person, flow):
                    yield key, _("{login} cannot work in the flow {flow}.").format(login=person.login, flow=name)
                elif not works and not scope(person).admits(flow):
                    yield key, _("{login} does not see the flow {flow}.").format(login=person.login, flow=name)
    table = of.names.tables.id(plan.then.by_table) if plan.then.by_table else None
    if table is not None and table in of.tables:
        gone = [value for value, user in of.tables[table].items() if user is None or user not in of.people]
        if gone:
            yield (
                "then:assign",
                _("The table {name} has nobody who can work for {values}.").format(
                    name=line(plan.then.by_table, 60), values=_some(gone)
                ),
            )
        elif not of.tables[table]:
            yield "then:assign", _("The table {name} is empty.").format(name=line(plan.then.by_table, 60))


def _phase(of: Around, plan: RuleSet, flows: list[int]) -> Iterator[tuple[str, str]]:
    """The phase must be there in each flow that is named, else in any; one that closes asks for a resolution (T6)."""
    wanted = fold(plan.then.phase)
    if not wanted:
        return
    for flow in flows:
        if wanted not in of.phases.get(flow, {}):
            yield (
                "then:phase",
                _("The flow {flow} has no phase {phase}.").format(
                    flow=line(of.names.flows.name(flow), 60), phase=line(plan.then.phase, 60)
                ),
            )
    looked = flows or sorted(of.seen & of.active_flows)
    if not flows and not any(wanted in of.phases.get(flow, {}) for flow in looked):
        yield "then:phase", _("No flow has a phase {phase}.").format(phase=line(plan.then.phase, 60))
    if not plan.then.resolution.strip() and any(of.phases.get(flow, {}).get(wanted) for flow in looked):
        yield "then:phase", _("{phase} closes tickets, and closing asks for a resolution.").format(phase=line(plan.then.phase, 60))  # fmt: skip


def _mail(of: Around, plan: RuleSet) -> Iterator[tuple[str, str]]:
    """What is sent must be whole, and some survey must send at all (A4)."""
    if not plan.then.send:
        return
    named = [of.names.surveys.id(name) for name in plan.when.surveys]
    ids = [id for id in named if id is not None] if plan.when.surveys else sorted(of.surveys)
    sending = [id for id in ids if of.surveys[id][0]]
    if ids and not sending:
        yield "then:send", _("None of its surveys sends e-mail.")
        return
    if plan.then.send != SEND_CLASS:
        yield from _template(of, plan.then.send)
        return
    for survey, klass in dict.fromkeys(_class_texts(of, plan, sending)):
        state = of.classes.get((survey, klass))
        if state is not None and not state.complete:
            whose = (
                _("of the survey {name}").format(name=line(state.survey_name, 60)) if survey else _("of the account")
            )
            yield (
                "then:send",
                _("The e-mail {whose} for {klass} is not complete. {why}").format(
                    whose=whose, klass=_of_class(klass), why=state.said
                ),
            )


def _class_texts(of: Around, plan: RuleSet, surveys: list[int]) -> Iterator[tuple[int | None, str]]:
    """Whose texts of which classes are sent."""
    if not surveys:
        yield from ((None, klass) for klass in plan.when.classes or _CLASSES)
    for survey in surveys:
        __, own, (__, detractor_max, promoter_min, __) = of.surveys[survey]
        classes = set(plan.when.classes) | {
            "detractor" if score <= detractor_max else "promoter" if score >= promoter_min else "neutral"
            for score in plan.when.scores
        }
        yield from ((survey if own else None, klass) for klass in _CLASSES if not classes or klass in classes)


def _template(of: Around, name: str) -> Iterator[tuple[str, str]]:
    id = of.names.templates.id(name)
    alike = [whole for text, whole in of.texts.values() if fold(text) == fold(line(name))]
    if id is None and not alike:
        yield "then:send", _("There is no template {name} of the account or of a survey.").format(name=line(name, 60))
    elif not (of.texts[id][1] if id is not None and id in of.texts else all(alike)):
        yield (
            "then:send",
            _("The template {name} lacks the sender's name, the subject or the text.").format(name=line(name, 60)),
        )


def _of_class(klass: str) -> str:
    return {"detractor": _("detractors"), "neutral": _("neutrals"), "promoter": _("promoters")}.get(klass, klass)


def _some(names: list[str]) -> str:
    shown = ", ".join(line(name, 60) for name in names[:_TOLD])
    return shown if len(names) <= _TOLD else f"{shown}, … (+{len(names) - _TOLD})"
