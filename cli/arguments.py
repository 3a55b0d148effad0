"""The command line: every command, its words and options, and the module that carries it out.

Nothing of Retorno but words and exit codes is imported here, so that help and typing errors cost nothing.
"""

import argparse
from collections.abc import Callable, Iterator
from typing import Any

from cli.parsing import Parser, Version, count, number, query_word, shielded
from cli.words import care, flows, importing, mail, mailboxes, mass, notes, people, rules, writing
from domain.text import _


def parse(argv: list[str]) -> argparse.Namespace:
    """What was asked; leaves by SystemExit for help, version and typing errors."""
    if (screen := _without_command(argv)) is not None:
        return screen
    parser = build()
    at = next((i for i, word in enumerate(argv) if word in parser.commands), 0)
    if argv and argv[at] == "tickets":
        argv = argv[: at + 1] + shielded(argv[at + 1 :])
    asked = parser.parse_args(argv)
    if (rule := getattr(asked, "rule", None)) and (trouble := rule(asked)):
        asked.parser.error(trouble)
    return asked


def _without_command(argv: list[str]) -> argparse.Namespace | None:
    """What was asked where no command was: the screen need not wait 40 ms for the words of sixty commands.

    None for everything else: a command, help, a version, a typing error.
    """
    if any(word in ("-h", "--help", "--version") for word in argv):
        return None
    try:
        asked, more = _frame(exit_on_error=False).parse_known_args(argv)
    except (argparse.ArgumentError, SystemExit):
        return None
    return None if more else asked


def build() -> Parser:
    """The whole command line."""
    parser = _frame()
    parser.add_argument("--version", action=Version, nargs=0, help=_("say which version this is"))
    commands = parser.add_subparsers(title=_("commands"), metavar=_("COMMAND"), dest="command")
    _commands(commands)
    parser.commands = frozenset(commands.choices)
    return parser


def _frame(**more: Any) -> Parser:
    """The options that need no command."""
    parser = Parser(
        prog="retorno",
        description=_("Close the loop with customers. Without a command, the screen opens."),
        epilog=_(
            "Set-up: {names}. NO_COLOR=1 leaves colours out, RETORNO_DEBUG=1 shows where a fault came from."
        ).format(names="RETORNO_DB, RETORNO_CONFIG"),
        **more,
    )
    _everywhere(parser, {"db": None, "config": None, "login": None, "json": False})
    parser.set_defaults(run="cli.commands.screen:run")
    return parser


def _everywhere(parser: argparse.ArgumentParser, defaults: dict[str, Any] | None = None) -> None:
    """The options that stand before or after the command: only the first parser has defaults to give."""
    group = parser.add_argument_group(_("everywhere"))

    def option(flag: str, dest: str, help: str, **more: Any) -> None:
        default = defaults[dest] if defaults else argparse.SUPPRESS
        group.add_argument(flag, dest=dest, default=default, help=help, **more)

    option(
        "--db",
        "db",
        _("the database: sqlite:///FILE or postgresql://…; else RETORNO_DB, else the configuration's"),
        metavar="URL",
    )
    option(
        "--config",
        "config",
        _("the configuration file; else RETORNO_CONFIG, else the platform's place"),
        metavar="FILE",
    )
    option("--as", "login", _("act as that user; only on a database marked personal"), metavar="LOGIN")
    option("--json", "json", _("print JSON for scripts"), action="store_true")


def _commands(commands: Any) -> None:
    def add(name: str, run: str, help: str, shape: str = "", **more: Any) -> Parser:
        parser = commands.add_parser(
            name, help=help, description=more.pop("description", help), epilog=shape or None, **more
        )
        parser.set_defaults(run=f"cli.commands.{run}", parser=parser)
        return parser

    # In the order in which help lists them: what one does all day, then the mail, then the set-up.
    _lists(add)
    _verbs(add)
    _writing(add)
    notes.commands(add)
    writing.commands(add)
    care.commands(add)
    mass.commands(add)
    mail.commands(add)
    mailboxes.commands(add)
    flows.commands(add)
    rules.commands(add)
    people.commands(add)
    _set_up(add)
    _running(add)
    for parser in set(_leaves(commands)):
        _everywhere(parser)


def _leaves(commands: Any) -> Iterator[argparse.ArgumentParser]:
    for parser in commands.choices.values():
        deeper = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        yield parser
        for action in deeper:
            yield from _leaves(action)


_Add = Callable[..., Parser]
_DONE = '{"done": [N, …], "refused": [{"number", "reason", "code"}, …]}'


def _set_up(add: _Add) -> None:
    p = add("init", "init:run", _("make the database; who runs this becomes its owner"))
    p.add_argument("--name", default="", help=_("your name, as customers read it"))
    p.add_argument("--language", choices=("en", "pt"), default="en", help=_("of the first flow's names (en)"))
    p.add_argument("--shared", action="store_true", help=_("several people's: --as is then never taken"))

    importing.commands(add)


def _lists(add: _Add) -> None:
    p = add(
        "tickets",
        "tickets:run",
        _("list tickets, the most urgent first"),
        "JSON: "
        '[{"number", "subject", "status", "phase", "flow", "health", "score", "priority", "customer", "email", '
        '"assignee", "due", "created", "unanswered"}, …]\n'
        + _(
            "status is pending, progress or closed; health detractor, neutral or promoter; times are ISO 8601 in UTC; "
            "what there is none of is null."
        ),
        description=_(
            "list tickets, the most urgent first. A query: is:open assignee:me -class:promoter due:<2d atraso"
        ),
    )
    p.add_argument("query", nargs="*", type=query_word, metavar=_("QUERY"), help=_("terms that must all hold"))
    p.add_argument("--limit", type=count, metavar="N", help=_("at most so many (100 for people, all with --json)"))

    p = add(
        "ticket",
        "ticket:run",
        _("show one ticket whole"),
        _(
            "JSON: what tickets says, and description, survey, tags, categories, followers, started, closed, resolution, "
            "outcome, contact, answer, earlier, phases (with checklists and ticks), can, timeline, timeline_total, "
            "category_ids, activities, others (the customer's other tickets), merged_into, version"
        ),
    )
    p.add_argument("number", type=number, metavar="N", help=_("the ticket"))
    p.add_argument("--entries", type=count, default=50, metavar="N", help=_("how much of the timeline (50; 0 for all)"))


def _numbers(p: argparse.ArgumentParser) -> None:
    p.add_argument("numbers", nargs="+", type=number, metavar="N", help=_("one ticket or several"))


def _check_assign(asked: argparse.Namespace) -> str | None:
    words = list(asked.words)
    asked.who = None if asked.nobody else words.pop()
    if not words:
        return _("name the tickets, and then the login or --nobody")
    try:
        asked.numbers = [number(word) for word in words]
    except argparse.ArgumentTypeError as e:
        return str(e)
    return None


def _verbs(add: _Add) -> None:
    p = add("start", "verbs:start", _("start tickets: from pending into work"), f"JSON: {_DONE}")
    _numbers(p)
    p.add_argument("--take", action="store_true", help=_("and make them yours"))

    p = add(
        "assign",
        "verbs:assign",
        _("give tickets to a person"),
        f"JSON: {_DONE}",
        usage="retorno assign N [N …] (LOGIN | --nobody)",
    )
    p.add_argument("words", nargs="+", metavar=_("N … LOGIN"), help=_("the tickets, and last the person's login"))
    p.add_argument("--nobody", action="store_true", help=_("take them from whoever has them"))
    p.set_defaults(rule=_check_assign)

    p = add("move", "verbs:move", _("move tickets to another phase"), f"JSON: {_DONE}")
    _numbers(p)
    p.add_argument("phase", metavar=_("PHASE"), help=_("its name, or how it begins"))
    p.add_argument("--resolution", default="", metavar=_("TEXT"), help=_("what was done, for a phase that closes"))
    p.add_argument("--outcome", default="", metavar=_("TEXT"), help=_("in a word, how it ended"))

    p = add("close", "verbs:close", _("close tickets with a resolution"), f"JSON: {_DONE}")
    _numbers(p)
    p.add_argument("--resolution", required=True, metavar=_("TEXT"), help=_("what was done"))
    p.add_argument("--outcome", default="", metavar=_("TEXT"), help=_("in a word, how it ended"))
    p.add_argument("--phase", metavar=_("PHASE"), help=_("which closed phase (the first)"))
    p.add_argument("--category", metavar=_("CATEGORY"), help=_("what it was about: a category's name"))

    p = add("priority", "verbs:priority", _("set the priority of tickets"), f"JSON: {_DONE}")
    _numbers(p)
    p.add_argument("priority", choices=("high", "medium", "low"), help=_("the new one"))

    p = add("tick", "verbs:tick", _("tick a line of a ticket's checklists"), f"JSON: {_DONE}")
    p.add_argument("number", type=number, metavar="N", help=_("the ticket"))
    p.add_argument("item", metavar=_("ITEM"), help=_("the line: how it begins, or its id"))
    p.add_argument("--off", action="store_true", help=_("take the tick away"))

    p = add("answered", "verbs:answered", _("say that tickets need no answer"), f"JSON: {_DONE}")
    _numbers(p)


def _writing(add: _Add) -> None:
    p = add(
        "reply",
        "reply:run",
        _("write to a ticket's customer"),
        'JSON: {"ticket", "outbox", "leaves_at", "state", "answer"}',
        description=_(
            "write to a ticket's customer. The message waits in the outbox for as long as it can be taken back; a running "
            "screen or worker sends it then. Without --body the draft that is saved on the ticket is sent."
        ),
    )
    p.add_argument("number", type=number, metavar="N", help=_("the ticket"))
    p.add_argument("--subject", metavar=_("TEXT"), help=_("else Re: and the ticket's"))
    p.add_argument("--body", metavar=_("TEXT"), help=_("the message; - reads it from standard input"))
    p.add_argument("--cc", metavar=_("ADDRESSES"), help=_("who gets a copy, with commas between"))
    p.add_argument(
        "--attach", action="append", default=[], metavar=_("FILE"), help=_("a file that goes with it; again for more")
    )
    p.add_argument("--later", metavar=_("WHEN"), help=_("when it is to leave: 2h, monday 8:30, 31/12 14:00"))
    p.add_argument("--replace-draft", action="store_true", help=_("although another draft of yours is saved there"))
    p.add_argument("--send-now", action="store_true", help=_("send from here and wait for what the server says"))
    p.set_defaults(
        rule=lambda asked: _("--later and --send-now exclude each other") if asked.later and asked.send_now else None
    )


def _running(add: _Add) -> None:
    p = add("worker", "worker:run", _("fetch and send mail until stopped; SIGTERM finishes the mail in hand"))
    p.add_argument(
        "--webhook", action="store_true", help=_("also take answers by HTTP, as [webhook] in the configuration says")
    )

    p = add("demo", "demo:run", _("open the program on a shop's sample answers, with customers that write back"))
    p.add_argument("--check", action="store_true", help=_("play the loop without a screen and say each step"))
