"""Commands about people, teams, surveys, categories, tags, the audit."""

import argparse
from collections.abc import Callable
from typing import Any

from cli.parsing import Parser, count
from domain.text import _

Add = Callable[..., Parser]

LEVELS = ("none", "analyst", "agent", "administrator", "owner")
NOTICES = ("mention", "assigned", "reply", "due soon", "overdue", "mail failed", "bounce", "follower")
"""As `loop.notifications.KINDS`, which costs too much to be imported for words."""
_SAVED = '{"id", "changes": [{"field", "old", "new"}, …]}'


def commands(add: Add) -> None:
    """Add them to the command line."""
    _user(_group(add, "user", "people", _("people who work here")))
    _team(_group(add, "team", "teams", _("teams of people")))
    _survey(_group(add, "survey", "surveys", _("surveys, their limits and settings")))
    _category(_group(add, "category", "labels", _("categories and subcategories of tickets")))
    _tag(_group(add, "tag", "labels", _("tags of tickets")))
    _audit(_group(add, "audit", "audit", _("who changed what in the set-up")))


Inner = Callable[..., Parser]
"""Adds a command of a group: its word, the function that carries it out, help, and the shape of its JSON."""


def _group(add: Add, name: str, module: str, help: str) -> Inner:
    group = add(name, f"{module}:listing", help)
    inner = group.add_subparsers(title=_("commands"), metavar=_("COMMAND"), dest="action", required=True)

    def add_inner(word: str, run: str, help: str, shape: str, **more: Any) -> Parser:
        description = more.pop("description", help)
        parser = inner.add_parser(word, help=help, description=description, epilog=f"JSON: {shape}", **more)
        parser.set_defaults(run=f"cli.commands.{module}:{run}", parser=parser)
        return parser

    return add_inner


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError(_("“{text}” is neither yes nor no").format(text=text))
    return text == "yes"


def _something(*names: str) -> Callable[[argparse.Namespace], str | None]:
    """A rule of a command: at least one of these options was given."""

    def rule(asked: argparse.Namespace) -> str | None:
        if any(getattr(asked, name.replace("-", "_")) not in (None, []) for name in names):
            return None
        return _("say what is to change: {options}").format(options=", ".join(f"--{name}" for name in names))

    return rule


def _user(add: Inner) -> None:
    p = add("add", "add", _("let a person in"), '{"login", "name", "email", "level"}')
    p.add_argument("who", metavar=_("LOGIN"), help=_("their login on this machine"))
    p.add_argument("--name", default="", help=_("as customers read it"))
    p.add_argument("--email", default="", help=_("their own address"))
    p.add_argument("--level", choices=LEVELS, default="agent", help=_("what they may do at most (agent)"))
    p.add_argument(
        "--flow",
        action="append",
        default=[],
        dest="flows",
        metavar=_("NAME"),
        help=_("a flow they work in; again for more"),
    )

    shape = (
        '[{"login", "name", "email", "level", "active", "teams", "flows": [{"flow", "role"}, …], "open_tickets"}, …]'
    )
    p = add("list", "listing", _("who is here"), shape)
    p.add_argument("--inactive", action="store_true", help=_("and who was deactivated"))

    p = add("change", "change", _("change a person's name, address or level"), _SAVED)
    p.add_argument("who", metavar=_("LOGIN"), help=_("the person"))
    p.add_argument("--name", help=_("as customers read it"))
    p.add_argument("--email", help=_("their own address"))
    p.add_argument("--level", choices=LEVELS, help=_("what they may do at most"))
    p.set_defaults(rule=_something("name", "email", "level"))

    p = add(
        "signature",
        "signature",
        _("your own name and signature under mails"),
        '{"sender_name", "signature"}',
        description=_("your own name and signature under mails: shown, or changed with the options"),
    )
    p.add_argument("--sender-name", metavar=_("NAME"), help=_("as customers read it"))
    p.add_argument("--text", metavar=_("TEXT"), help=_("the signature; - reads it from standard input"))

    p = add(
        "prefs",
        "prefs",
        _("your own choices"),
        '{"columns", "notify": {KIND: true|false, …}, "theme"}',
        description=_("your own choices: shown, or changed with the options"),
    )
    for flag, help in (
        ("--mail", _("a kind of notification that comes by e-mail too; again for more")),
        ("--no-mail", _("a kind of notification that does not; again for more")),
    ):
        p.add_argument(flag, action="append", default=[], choices=NOTICES, metavar=_("KIND"), help=help)
    p.add_argument("--columns", metavar=_("NAMES"), help=_("of the list, with commas; '' for the usual ones"))
    p.add_argument("--theme", metavar=_("NAME"), help=_("the screen's colours; '' for the usual ones"))

    p = add(
        "deactivate",
        "deactivate",
        _("shut a person out; others take their open tickets"),
        _SAVED,
        description=_(
            "shut a person out. Their open tickets go to the successor where that person may work, else to the flow's "
            "default assignee, else to nobody."
        ),
    )
    p.add_argument("who", metavar=_("LOGIN"), help=_("the person"))
    p.add_argument("--successor", metavar=_("LOGIN"), help=_("who takes their open tickets"))

    p = add("activate", "activate", _("let a person in again"), _SAVED)
    p.add_argument("who", metavar=_("LOGIN"), help=_("the person"))


def _team(add: Inner) -> None:
    add("list", "listing", _("the teams"), '[{"id", "name", "members", "flows": [{"flow", "role"}, …]}, …]')

    p = add("add", "add", _("make a team"), _SAVED)
    p.add_argument("name", metavar=_("NAME"), help=_("the team"))
    p.add_argument(
        "--member",
        action="append",
        default=[],
        dest="members",
        metavar=_("LOGIN"),
        help=_("who is in it; again for more"),
    )

    p = add("change", "change", _("change a team's name or members"), _SAVED)
    p.add_argument("team", metavar=_("NAME"), help=_("the team"))
    p.add_argument("--name", metavar=_("NEW"), help=_("its new name"))
    for flag, help in (
        ("--member", _("who is in it from now on, all of them; again for more")),
        ("--add", _("who comes in; again for more")),
        ("--remove", _("who leaves; again for more")),
    ):
        p.add_argument(flag, action="append", default=[], metavar=_("LOGIN"), help=help)
    p.set_defaults(rule=_something("name", "member", "add", "remove"))

    p = add("remove", "remove", _("remove a team that no flow has"), _SAVED)
    p.add_argument("team", metavar=_("NAME"), help=_("the team"))


def _survey(add: Inner) -> None:
    add(
        "list",
        "listing",
        _("the surveys"),
        '[{"id", "name", "kind", "low", "high", "detractor_max", "promoter_min", "internal", "zone", "sends_mail", '
        '"writing_help", "answers", "own_templates", "rule_sets"}, …]',
    )
    p = add("add", "add", _("make a survey"), _SAVED)
    p.add_argument("name", metavar=_("NAME"), help=_("the survey"))
    _survey_options(p)

    p = add(
        "change",
        "change",
        _("change a survey's name, limits or settings"),
        _SAVED,
        description=_(
            "change a survey's name, limits or settings. New limits class the answers that come in from then on; those "
            "that are here keep their class."
        ),
    )
    p.add_argument("survey", metavar=_("NAME"), help=_("the survey"))
    p.add_argument("--name", metavar=_("NEW"), help=_("its new name"))
    p.set_defaults(rule=_something("name", *_survey_options(p)))


def _survey_options(p: Parser) -> tuple[str, ...]:
    """The options of a survey; their names."""
    p.add_argument("--scale", choices=("nps", "csat"), help=_("how it is scored"))
    p.add_argument("--low", type=count, metavar="N", help=_("the lowest score"))
    p.add_argument("--high", type=count, metavar="N", help=_("the highest score"))
    p.add_argument("--detractor-max", type=count, metavar="N", help=_("the highest score of a detractor"))
    p.add_argument("--promoter-min", type=count, metavar="N", help=_("the lowest score of a promoter"))
    for flag, help in (
        ("--internal", _("of employees: its answers never open tickets")),
        ("--sends-mail", _("whether e-mail is sent by itself to who answered")),
        ("--writing-help", _("whether help with writing may read its answers")),
        ("--own-templates", _("whether its own e-mails for the classes replace the account's")),
    ):
        p.add_argument(flag, type=_yes_or_no, metavar="yes|no", help=help)
    p.add_argument("--zone", metavar=_("ZONE"), help=_("the time zone of times without one"))
    p.add_argument(
        "--rule-sets",
        metavar=_("NAMES"),
        help=_("which rule sets apply to its answers: all, none, or names with commas between"),
    )
    return (
        "rule-sets",
        "own-templates",
        "scale",
        "low",
        "high",
        "detractor-max",
        "promoter-min",
        "internal",
        "sends-mail",
        "writing-help",
        "zone",
    )


def _category(add: Inner) -> None:
    p = add(
        "list",
        "categories",
        _("the categories"),
        '[{"id", "name", "path", "parent", "words", "retired", "tickets"}, …]',
    )
    p.add_argument("--retired", action="store_true", help=_("and those that are not offered any more"))

    which = _("the category: its name, or PARENT / NAME")
    p = add("add", "add_category", _("make a category"), _SAVED)
    p.add_argument("name", metavar=_("NAME"), help=_("the new one"))
    p.add_argument("--under", metavar=_("PARENT"), help=_("the category that it is a part of"))
    _words_option(p)

    p = add("change", "change_category", _("change a category"), _SAVED)
    p.add_argument("category", metavar=_("CATEGORY"), help=which)
    p.add_argument("--name", metavar=_("NEW"), help=_("its new name"))
    p.add_argument("--under", metavar=_("PARENT"), help=_("the category that it is a part of; '' for none"))
    p.add_argument("--position", type=count, metavar="N", help=_("its place among its neighbours, from 1"))
    _words_option(p)
    p.set_defaults(rule=_something("name", "under", "position", "word"))

    p = add("retire", "retire_category", _("stop offering a category; tickets keep it"), _SAVED)
    p.add_argument("category", metavar=_("CATEGORY"), help=which)
    p.add_argument("--back", action="store_true", help=_("offer it again"))


def _words_option(p: Parser) -> None:
    p.add_argument(
        "--word",
        action="append",
        default=[],
        metavar=_("WORD"),
        help=_("a word or expression that tells it in comments; again for more"),
    )


def _tag(add: Inner) -> None:
    add("list", "tags", _("the tags"), '[{"id", "name", "tickets"}, …]')

    p = add(
        "rename",
        "rename_tag",
        _("rename a tag; onto another it becomes one with it"),
        _SAVED,
    )
    p.add_argument("tag", metavar=_("TAG"), help=_("the tag"))
    p.add_argument("name", metavar=_("NEW"), help=_("its new name"))

    p = add("remove", "remove_tag", _("remove a tag from all tickets"), _SAVED)
    p.add_argument("tag", metavar=_("TAG"), help=_("the tag"))


def _audit(add: Inner) -> None:
    p = add(
        "list",
        "listing",
        _("changes, the newest first"),
        '[{"id", "at", "who", "what", "target", "target_id", "name", "changes": [{"field", "old", "new"}, …]}, …]',
    )
    p.add_argument(
        "--target",
        choices=("flow", "user", "team", "survey", "category", "tag", "customer", "rule set", "manager table"),
        help=_("only of these"),
    )
    p.add_argument("--id", type=count, metavar="N", help=_("only of the one with this id"))
    p.add_argument("--before", type=count, metavar="ID", help=_("older than this line"))
    p.add_argument("--limit", type=count, default=100, metavar="N", help=_("at most so many (100)"))
