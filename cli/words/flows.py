"""Commands about flows: `retorno flow …` (P4–P8, I5)."""

import argparse
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from cli.parsing import Parser, count, mapping
from domain.text import _

Add = Callable[..., Parser]

_SAVED = '{"id", "changes": [{"field", "old", "new"}, …]}'
_ROLES = ("analyst", "agent", "administrator")
_LANGUAGES = ("pt", "en")


def commands(add: Add) -> None:
    """Add them to the command line."""
    group = add("flow", "flows:listing", _("flows: phases, members, and which answers they take"))
    inner = group.add_subparsers(title=_("commands"), metavar=_("COMMAND"), dest="action", required=True)

    def command(word: str, run: str, help: str, shape: str, **more: Any) -> Parser:
        description = more.pop("description", help)
        parser = inner.add_parser(word, help=help, description=description, epilog=f"JSON: {shape}", **more)
        parser.set_defaults(run=f"cli.commands.{run}", parser=parser)
        return parser

    _lists(command)
    _shaping(command)
    _files(command)
    _members(inner)


def _flow(p: argparse.ArgumentParser) -> None:
    p.add_argument("flow", metavar=_("FLOW"), help=_("its name"))


def _lists(add: Callable[..., Parser]) -> None:
    shape = '[{"id", "name", "active", "open", "progress", "closed", "members", "may_edit"}, …]'
    p = add("list", "flows:listing", _("the flows, in the order in which they are asked for an answer"), shape)
    p.add_argument("--inactive", action="store_true", help=_("and those that are switched off"))
    shape = (
        '{"id", "version", "text", "name", "active", "default_assignee", …, "intake": {…}, '
        '"phases": [{"key", "name", "status", "binding", "items", "onward", "tickets"}, …], "members": […]}'
    )
    _flow(add("show", "flows:show", _("read a flow back"), shape))


def _shaping(add: Callable[..., Parser]) -> None:
    p = add(
        "add",
        "flows:add",
        _("make a flow"),
        _SAVED,
        description=_("make a flow: with a few phases to begin with, or those of another flow; export, change and import it then"),
    )  # fmt: skip
    p.add_argument("name", metavar=_("NAME"), help=_("what it is called"))
    p.add_argument("--like", metavar=_("FLOW"), help=_("with everything that this flow has"))
    p.add_argument("--language", choices=_LANGUAGES, default="en", help=_("of the first phases' names (en)"))
    _settings(p)
    p = add("change", "flows:change", _("change what a flow does; its phases are changed by export and import"), _SAVED)
    _flow(p)
    p.add_argument("--name", help=_("what it is called"))
    _settings(p)
    for word, run, help in (
        ("activate", "activate", _("switch a flow on")),
        ("deactivate", "deactivate", _("switch a flow off: it takes no answers; its tickets stay")),
    ):
        _flow(add(word, f"flows:{run}", help, _SAVED))
    p = add(
        "reorder", "flows:reorder", _("the order in which flows are asked for an answer; the first takes it"), _SAVED
    )
    p.add_argument("flows", nargs="+", metavar=_("FLOW"), help=_("the first ones, by name; others come behind"))


def _settings(p: argparse.ArgumentParser) -> None:
    """What can be set by options; what is not named stays."""
    p.add_argument("--assignee", metavar=_("LOGIN"), help=_("to whom tickets are born; '' for nobody"))
    p.add_argument("--days", type=count, metavar="N", help=_("days until due"))
    p.add_argument("--hours", type=count, metavar="N", help=_("hours to first contact; 0 for no goal"))
    p.add_argument("--priority", choices=("high", "medium", "low"), help=_("of new tickets"))
    p.add_argument("--notes", choices=("all", "followers"), help=_("who sees notes"))
    p.add_argument("--reopening", choices=("reopen", "days", "new"), help=_("what a reply after closing does"))
    p.add_argument("--reopen-days", type=count, metavar="N", help=_("with “days”: how long it reopens"))
    p.add_argument("--by-phone", choices=("yes", "no"), help=_("start customers without e-mail whose phone is known"))
    p.add_argument("--signature", metavar=_("TEXT"), help=_("below mails of this flow"))
    more = _("; again for more; '' for no such filter")
    for option, name, help in (
        ("--survey", _("NAME"), _("take answers of this survey")),
        ("--class", _("CLASS"), _("take answers of this class")),
        ("--keyword", _("WORD"), _("take answers that mention this; atras* is each word that begins so")),
    ):
        p.add_argument(option, action="append", dest=option[2:], metavar=name, help=help + more)
    p.add_argument(
        "--attribute",
        action="append",
        type=lambda text: ("", "") if not text else mapping(text),
        metavar=_("NAME=VALUE"),
        help=_("take answers with this value") + more,
    )
    p.add_argument("--score", type=scores, metavar=_("LOW-HIGH"), help=_("take scores from one to another; '' for all"))
    p.add_argument(
        "--from",
        type=day,
        dest="since",
        default=argparse.SUPPRESS,
        metavar=_("DATE"),
        help=_("take answers from that day on (UTC)"),
    )
    p.add_argument(
        "--until",
        type=day,
        default=argparse.SUPPRESS,
        metavar=_("DATE"),
        help=_("take answers up to that day, it included"),
    )


def _files(add: Callable[..., Parser]) -> None:
    p = add(
        "export", "flow_files:export", _("print a flow as text (TOML), to keep, change and import"), '{"name", "text"}'
    )
    _flow(p)
    p = add(
        "import",
        "flow_files:bring",
        _("make or change a flow as a file says"),
        _SAVED + "; --dry-run: the same with \"saved\": false",
        description=_(
            "make or change a flow as a file says. The flow is the one of the file's name, or --flow; what the file leaves "
            "out stays. A phase is known by its name; was = \"old name\" renames one."
        ),
    )  # fmt: skip
    p.add_argument("file", metavar=_("FILE"), help=_("TOML as export prints it; - reads it from standard input"))
    p.add_argument("--flow", metavar=_("FLOW"), help=_("the flow to change, if the file gives it another name"))
    p.add_argument("--dry-run", action="store_true", help=_("print what would change, and change nothing"))
    p.add_argument(
        "--move",
        action="append",
        default=[],
        dest="moves",
        type=mapping,
        metavar=_("PHASE=PHASE"),
        help=_("where the tickets of a phase go that the file has no longer; again for more"),
    )


def _members(inner: Any) -> None:
    help = _("who works in a flow")
    group = inner.add_parser("member", help=help, description=help)
    group.set_defaults(parser=group)
    words = group.add_subparsers(title=_("commands"), metavar=_("COMMAND"), dest="what", required=True)
    for word, run, said in (
        ("add", "member_add", _("take somebody into a flow, or give them another role")),
        ("remove", "member_remove", _("take somebody out of a flow; their open tickets go to the default assignee")),
    ):
        p = words.add_parser(word, help=said, description=said, epilog=f"JSON: {_SAVED}")
        p.set_defaults(run=f"cli.commands.flows:{run}", parser=p)
        _flow(p)
        p.add_argument("who", metavar=_("LOGIN"), help=_("the person; with --team the team's name"))
        p.add_argument("--team", action="store_true", help=_("a team, as one"))
        if word == "add":
            p.add_argument("--role", choices=_ROLES, default="agent", help=_("what they do there at most (agent)"))


def scores(text: str) -> tuple[int | None, int | None]:
    """LOW-HIGH, LOW- or -HIGH, or one score; '' for all."""
    found = re.fullmatch(r"([0-9]{1,3})?(-)?([0-9]{1,3})?", text.strip(), re.ASCII)
    if not found or text.strip() == "-":
        raise argparse.ArgumentTypeError(_("“{text}” is not scores, such as 0-6").format(text=text))
    low, dash, high = found.groups()
    if low is not None and dash is None:
        return (int(low), int(low))
    return (None if low is None else int(low), None if high is None else int(high))


def day(text: str) -> int | None:
    """A day's beginning in Unix milliseconds (UTC); None for ''."""
    if not text.strip():
        return None
    try:
        return int(datetime.combine(date.fromisoformat(text.strip()), time(), UTC).timestamp() * 1000)
    except ValueError:
        raise argparse.ArgumentTypeError(_("“{text}” is not a date, such as 2026-01-31").format(text=text)) from None
