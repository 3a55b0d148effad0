"""Commands about templates: texts to write with (M2)."""

import argparse
from collections.abc import Callable
from typing import Any

from cli.parsing import Parser, number
from domain.text import _

Add = Callable[..., Parser]
CLASSES = ("detractor", "neutral", "promoter")
_SAVED = '{"id", "changes": [{"field", "old", "new"}, …]}'
_ROW = '{"id", "name", "level", "of", "class", "sender_name", "subject", "body", "complete"}'


def commands(add: Add) -> None:
    """Add them to the command line."""
    group = add("template", "templates:listing", _("texts to write with: your own, of a flow, a survey, the account"))
    inner = group.add_subparsers(title=_("commands"), metavar=_("COMMAND"), dest="action", required=True)

    def add_inner(word: str, run: str, help: str, shape: str, **more: Any) -> Parser:
        parser = inner.add_parser(word, help=help, description=more.pop("description", help), epilog=f"JSON: {shape}")
        parser.set_defaults(run=f"cli.commands.templates:{run}", parser=parser)
        return parser

    p = add_inner("list", "listing", _("the templates there are"), f"[{_ROW}, …]")
    p.add_argument("--ticket", type=number, metavar="N", help=_("only those that fit this ticket"))

    p = add_inner("show", "show", _("one template, as it is written"), _ROW)
    _which(p)

    description = _(
        "make a template. It is your own, unless it is of a flow, a survey or the account. Variables such as "
        "{{ customer.first_name }} are put in when one writes with it."
    )
    p = add_inner("add", "add", _("make a template"), _SAVED, description=description)
    p.add_argument("name", metavar=_("NAME"), help=_("what it is called"))
    _place(p)
    _text(p)

    p = add_inner("change", "change", _("change a template"), _SAVED)
    _which(p)
    p.add_argument("--name", metavar=_("NAME"), help=_("call it something else"))
    _text(p)
    p.set_defaults(rule=_something)

    p = add_inner("remove", "remove", _("remove a template"), _SAVED)
    _which(p)

    shape = '{"subject", "body", "missing": [NAME, …], "trouble"}'
    description = _("how a template reads on a ticket; ends with 1 where a variable is missing or empty")
    p = add_inner("preview", "preview", _("how a template reads on a ticket"), shape, description=description)
    _which(p)
    p.add_argument("number", type=number, metavar="N", help=_("the ticket"))


def _which(p: argparse.ArgumentParser) -> None:
    p.add_argument("template", metavar=_("TEMPLATE"), help=_("its name, or its number where several are called so"))


def _place(p: argparse.ArgumentParser) -> None:
    one = p.add_mutually_exclusive_group()
    one.add_argument("--flow", metavar=_("FLOW"), help=_("of this flow"))
    one.add_argument("--survey", metavar=_("SURVEY"), help=_("of this survey"))
    one.add_argument("--account", action="store_true", help=_("of the account: for everybody"))


def _text(p: argparse.ArgumentParser) -> None:
    p.add_argument("--class", dest="klass", choices=(*CLASSES, "any"), help=_("only for answers of this class (any)"))
    p.add_argument("--sender-name", metavar=_("NAME"), help=_("the sender's name, for what the autopilot sends"))
    p.add_argument("--subject", metavar=_("TEXT"), help=_("the subject; without one the draft keeps its own"))
    p.add_argument("--body", metavar=_("TEXT"), help=_("the text; - reads it from standard input"))


def _something(asked: argparse.Namespace) -> str | None:
    if any(getattr(asked, name) is not None for name in ("name", "klass", "sender_name", "subject", "body")):
        return None
    return _("say what is to change: {options}").format(options="--name, --class, --sender-name, --subject, --body")
