"""Commands about the autopilot: `retorno rule …`, `retorno managers …`, `retorno why N` (A1–A6)."""

import argparse
import re
from collections.abc import Callable
from typing import Any

from cli.parsing import Parser, count, number
from domain.text import _

Add = Callable[..., Parser]
Inner = Callable[..., Parser]

CLASSES = ("detractor", "neutral", "promoter")
PRIORITIES = ("high", "medium", "low")
_SAVED = '{"id", "changes": [{"field", "old", "new"}, …]}'
_RAN = '{"run", "looked_at", "touched", "mails", "held", "undone": [{"reason", "count"}, …], "refused": [{"number", "reason", "code"}, …], "stopped"}'
_OPERATORS = re.compile(r"\s*(!=|>=|<=|=|>|<)\s*")


def commands(add: Add) -> None:
    """Add them to the command line."""
    _rule(_group(add, "rule", "rules", _("rule sets of the autopilot")))
    _managers(_group(add, "managers", "managers", _("tables from an attribute's values to people, for rule sets")))
    p = add(
        "why",
        "why:run",
        _("why a ticket has its owner, priority, due date, categories …: which rule, flow or person gave it"),
        'JSON: [{"field", "value", "by", "who", "because", "at"}, …]',
    )
    p.add_argument("number", type=number, metavar="N", help=_("the ticket"))


def _group(add: Add, name: str, module: str, help: str) -> Inner:
    group = add(name, f"{module}:listing", help)
    inner = group.add_subparsers(title=_("commands"), metavar=_("COMMAND"), dest="action", required=True)

    def add_inner(word: str, run: str, help: str, shape: str, **more: Any) -> Parser:
        description = more.pop("description", help)
        parser = inner.add_parser(word, help=help, description=description, epilog=f"JSON: {shape}", **more)
        parser.set_defaults(run=f"cli.commands.{run}", parser=parser)
        return parser

    return add_inner


def _which(p: argparse.ArgumentParser) -> None:
    p.add_argument("rule_set", metavar=_("RULE"), help=_("its name, or its number with # before it"))


def _rule(add: Inner) -> None:
    row = (
        '{"id", "name", "position", "active", "text", "last_run", "touched", "waiting", "held", "blanks", "may_edit", '
        '"off_since"}'
    )
    add("list", "rules:listing", _("the rule sets, in the order in which they run"), f"[{row}, …]")
    shape = '{"id", "name", "active", "position", "version", "text", "when": {…}, "then": {…}, "blanks": [{"where", "text"}, …]}'
    _which(add("show", "rules:show", _("read a rule set aloud, and what is missing in it"), shape))
    _shaping(add)
    _files(add)
    _switching(add)
    _running(add)


def _shaping(add: Inner) -> None:
    p = add(
        "add",
        "rules:add",
        _("make a rule set; it is off"),
        _SAVED,
        description=_(
            "make a rule set: from options, or from a file as export prints it. It is off, and may be incomplete until it "
            "is switched on."
        ),
    )
    p.add_argument("name", metavar=_("NAME"), help=_("what it is called"))
    p.add_argument("--from", dest="file", metavar=_("FILE"), help=_("TOML as export prints it; - reads it from standard input"))  # fmt: skip
    _options(p)
    p = add("change", "rules:change", _("change a rule set that is off; what is not named stays"), _SAVED)
    _which(p)
    p.add_argument("--name", metavar=_("NEW"), help=_("call it something else"))
    _options(p)
    p = add("copy", "rules:copy", _("make a rule set that says the same; it is off"), _SAVED)
    _which(p)
    p = add("remove", "rules:remove", _("remove a rule set that is off and never ran"), _SAVED)
    _which(p)


class _Or(argparse.Action):
    """`--or`: the conditions that follow are another group."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option: str | None = None) -> None:
        namespace.where = [*(namespace.where or []), None]


def _options(p: argparse.ArgumentParser) -> None:
    """What a set says: all of the conditions must hold, all of the actions are done."""
    more = _("; again for more; '' for none")

    def many(group: Any, flag: str, name: str, help: str, **options: Any) -> None:
        group.add_argument(flag, action="append", metavar=name, help=help + more, **options)

    when = p.add_argument_group(_("when: all that is said must hold"))
    many(when, "--survey", _("NAME"), _("the answer is of this survey"))
    many(when, "--class", _("CLASS"), _("detractor, neutral or promoter"), dest="classes", choices=(*CLASSES, ""))
    when.add_argument("--score", type=scores, metavar=_("SCORES"), help=_("or one of these scores: 0-3,7; '' for none"))
    many(when, "--says", _("WORDS"), _('the comment has this: a word, atras*, "exact phrase", entrega near/4 demora'))
    many(when, "--not-says", _("WORDS"), _("the comment does not have this"))
    when.add_argument("--endings", choices=("yes", "no"), help=_("other endings of the words count too"))
    when.add_argument(
        "--where", action="append", type=condition, metavar=_("CONDITION"),
        help=_("an attribute: 'UF=SP,RJ', 'UF!=SP', 'value>=100', 'store=' (empty), 'store!=' (filled)") + more,
    )  # fmt: skip
    when.add_argument("--or", action=_Or, nargs=0, dest="where", help=_("the conditions that follow, instead of those before"))  # fmt: skip
    when.add_argument("--ticket", choices=("any", "with", "without"), help=_("answers with a ticket, without one, or both"))  # fmt: skip
    many(when, "--flow", _("FLOW"), _("the ticket is in this flow"))
    many(when, "--if-category", _("CATEGORY"), _("the ticket has this category: PARENT / NAME for a part of one"))
    many(when, "--if-tag", _("TAG"), _("the ticket has this tag"))
    many(when, "--if-priority", _("PRIORITY"), _("the ticket has this priority"), choices=(*PRIORITIES, ""))
    when.add_argument("--earlier", type=maybe_count, metavar="N", help=_("the customer has at least so many earlier tickets; '' for no such condition"))  # fmt: skip
    moment = when.add_mutually_exclusive_group()
    for flag, help in (
        ("--not-started", _("a rule of time: the ticket is not started so many hours after it came")),
        ("--due-in", _("a rule of time: it is due within so many hours")),
        ("--no-reply", _("a rule of time: no reply so many hours after our last message")),
    ):
        moment.add_argument(flag, type=count, metavar=_("HOURS"), help=help)
    moment.add_argument("--when-it-comes", action="store_true", help=_("no rule of time: it runs when the answer comes in"))  # fmt: skip

    then = p.add_argument_group(_("then: all of it is done"))
    then.add_argument("--open-in", metavar=_("FLOW"), help=_("open a ticket in this flow for an answer without one"))
    many(then, "--category", _("CATEGORY"), _("give this category"))
    then.add_argument("--categorise", choices=("yes", "no"), help=_("give every category whose own words the comment has"))  # fmt: skip
    many(then, "--tag", _("TAG"), _("add this tag"))
    then.add_argument("--priority", choices=(*PRIORITIES, ""), help=_("set the priority"))
    then.add_argument("--assign", metavar=_("LOGIN"), help=_("give the ticket to this person"))
    then.add_argument(
        "--by-table", metavar=_("TABLE"), help=_("give it to whom a table says for the attribute's value")
    )
    then.add_argument("--due-days", type=maybe_count, metavar="N", help=_("due in so many days"))
    then.add_argument("--move-to", metavar=_("PHASE"), help=_("move it to this phase of its flow"))
    then.add_argument("--resolution", metavar=_("TEXT"), help=_("what was done, for a phase that closes"))
    many(then, "--follower", _("LOGIN"), _("add this follower"))
    then.add_argument("--send", metavar=_("TEMPLATE"), help=_("send a template of the account or a survey; “class” for the e-mail of the class"))  # fmt: skip


def _files(add: Inner) -> None:
    p = add(
        "export", "rule_files:export", _("print a rule set as text (TOML), to keep, change and import"), '{"name", "text"}'
    )  # fmt: skip
    _which(p)
    p = add(
        "import",
        "rule_files:bring",
        _("make or change a rule set as a file says"),
        _SAVED + '; --dry-run: the same with "saved": false',
        description=_(
            "make or change a rule set as a file says: the one of the file's name, or --rule. It must be off to be changed. "
            "Tables [when] and [then] are taken whole; one that the file leaves out stays."
        ),
    )
    p.add_argument("file", metavar=_("FILE"), help=_("TOML as export prints it; - reads it from standard input"))
    p.add_argument("--rule", dest="rule_set", metavar=_("RULE"), help=_("the set to change, if the file gives it another name"))  # fmt: skip
    p.add_argument("--dry-run", action="store_true", help=_("print what would change, and change nothing"))


def _switching(add: Inner) -> None:
    p = add(
        "on",
        "rules:on",
        _("switch a rule set on, if nothing is missing"),
        '{"id", "active", "waiting", "since"}',
        description=_(
            "switch a rule set on, if nothing is missing. It runs on what comes from then on; how many answers came while it "
            "was off is said, and how it is run on them."
        ),
    )
    _which(p)
    _which(add("off", "rules:off", _("switch a rule set off"), '{"id", "active", "waiting", "since"}'))
    p = add("order", "rules:order", _("put a rule set at a place: sets run in order and see what earlier ones did"), _SAVED)  # fmt: skip
    _which(p)
    p.add_argument("position", type=count, metavar=_("PLACE"), help=_("from 1"))


def _running(add: Inner) -> None:
    shape = (
        '{"days", "answers", "touched", "with_ticket", "would_open", "without_ticket", "closed", "per_day", "mails", '
        '"unsent": [{"reason", "count"}, …], "undone": […], "newest", "rows": [{"answer", "ticket", "customer", "class", '
        '"score", "comment", "answered"}, …]}'
    )
    p = add("rehearse", "rule_runs:rehearse", _("what a rule set would have done; nothing is changed or sent"), shape)
    _which(p)
    p.add_argument(
        "--days",
        type=count,
        default=90,
        metavar="N",
        help=_("in the last so many days (90), in all time where no answer is so new; 0 for all time"),
    )
    p.add_argument("--rows", type=count, default=20, metavar="N", help=_("show so many answers (20)"))

    p = add(
        "run",
        "rule_runs:run",
        _("run a rule set that is on: on the past, or on tickets by hand"),
        _RAN,
        description=_(
            "run a rule set that is on: on the past, or on tickets by hand. Answers that it touched before and closed tickets "
            "are left alone; e-mails to answers older than seven days wait for a yes."
        ),
        usage="retorno rule run RULE (--past [--days N | --while-off] | N [N …])",
    )
    _which(p)
    p.add_argument("numbers", nargs="*", type=number, metavar="N", help=_("tickets"))
    p.add_argument("--past", action="store_true", help=_("on answers that are here already"))
    one = p.add_mutually_exclusive_group()
    one.add_argument("--days", type=count, metavar="N", help=_("with --past: only those of the last so many days"))
    one.add_argument("--while-off", action="store_true", help=_("with --past: only those that came since it was last switched off"))  # fmt: skip
    p.set_defaults(rule=_past_or_tickets)

    shape = '[{"run", "at", "way", "about", "who", "rule_set", "looked_at", "touched", "mails", "undone": […]}, …]'
    p = add("log", "rule_runs:log", _("what the autopilot did, run by run, the newest first"), shape)
    p.add_argument("rule_set", nargs="?", metavar=_("RULE"), help=_("only this set"))
    p.add_argument("--limit", type=count, default=50, metavar="N", help=_("at most so many (50)"))

    shape = (
        '[{"answer", "ticket", "customer", "class", "score", "comment", "at", "did": […], "because": […], "mail"}, …]'
    )
    p = add("hits", "rule_runs:hits", _("the answers that a rule set touched, why, and what it did"), shape)
    _which(p)
    p.add_argument("--run", type=count, dest="of_run", metavar="N", help=_("only in this run of the log"))
    p.add_argument("--limit", type=count, default=200, metavar="N", help=_("at most so many (200)"))

    p = add(
        "mails",
        "rule_runs:mails",
        _("e-mails of a rule set that wait for a yes, as their answers are older than seven days"),
        '{"held", "confirmed"}',
    )
    _which(p)
    p.add_argument("--confirm", action="store_true", help=_("send them"))


def _past_or_tickets(asked: argparse.Namespace) -> str | None:
    if asked.past is bool(asked.numbers):
        return _("say --past, or name tickets")
    if not asked.past and (asked.days is not None or asked.while_off):
        return _("--days and --while-off go with --past")
    return None


def _managers(add: Inner) -> None:
    shape = '[{"id", "name", "attribute", "entries": {VALUE: LOGIN, …}}, …]'
    p = add("list", "managers:listing", _("the tables"), shape)
    p.add_argument("table", nargs="?", metavar=_("TABLE"), help=_("all lines of this one"))
    p = add(
        "set",
        "managers:change",
        _("make a table or change lines of it"),
        _SAVED,
        description=_("make a table or change lines of it; lines that are not named stay"),
    )
    p.add_argument("table", metavar=_("TABLE"), help=_("its name"))
    p.add_argument("entries", nargs="*", type=entry, metavar=_("VALUE=LOGIN"), help=_("who stands for a value; VALUE= takes the line out"))  # fmt: skip
    p.add_argument("--attribute", metavar=_("NAME"), help=_("of answers; needed for a new table"))
    p.add_argument("--from", dest="file", metavar=_("FILE"), help=_("lines from a CSV file of value and login; - for standard input"))  # fmt: skip
    p.add_argument("--only", action="store_true", help=_("lines that are not named go"))
    p.add_argument("--name", metavar=_("NEW"), help=_("call it something else"))
    p = add("remove", "managers:remove", _("remove a table; rule sets that assign by it have a blank there"), _SAVED)
    p.add_argument("table", metavar=_("TABLE"), help=_("its name"))


def entry(text: str) -> tuple[str, str]:
    """VALUE=LOGIN; the last equals sign parts them."""
    value, equals, login = text.rpartition("=")
    if not equals or not value.strip():
        raise argparse.ArgumentTypeError(_("“{text}” is not VALUE=LOGIN, such as Natal=bia").format(text=text))
    return value, login


def scores(text: str) -> tuple[int, ...]:
    """0-3,7: scores and ranges; '' for none."""
    found: set[int] = set()
    for part in filter(None, (p.strip() for p in text.split(","))):
        ends = re.fullmatch(r"([0-9]{1,3})(?:-([0-9]{1,3}))?", part, re.ASCII)
        if not ends:
            raise argparse.ArgumentTypeError(_("“{text}” is not scores, such as 0-3,7").format(text=text))
        low, high = int(ends[1]), int(ends[2] or ends[1])
        found |= set(range(low, high + 1))
    return tuple(sorted(found))


def maybe_count(text: str) -> int | str:
    """A whole number; '' for none."""
    return count(text) if text.strip() else ""


def condition(text: str) -> tuple[str, str, tuple[str, ...]] | tuple[()]:
    """ATTRIBUTE OP VALUES: attribute, how it is compared, and with what; () for ''.

    Commas part values, and a backslash before one keeps it. Without values it asks whether the attribute is empty (=) or
    filled (!=).
    """
    if not text.strip():
        return ()
    name, *rest = _OPERATORS.split(text, maxsplit=1)
    if not rest or not name.strip():
        raise argparse.ArgumentTypeError(_("“{text}” is not a condition, such as UF=SP,RJ").format(text=text))
    sign, wanted = rest
    values = tuple(v.replace("\\,", ",").strip() for v in re.split(r"(?<!\\),", wanted) if v.strip())
    if sign in ("=", "!="):
        if not values:
            return name.strip(), "empty" if sign == "=" else "filled", ()
        return name.strip(), "in" if sign == "=" else "not in", values
    return name.strip(), sign, (wanted.strip(),)
