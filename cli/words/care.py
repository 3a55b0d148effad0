"""Commands about what is done with tickets beyond their phases: subject, due, tags, activities, merging, customers."""

import argparse
from collections.abc import Callable
from typing import Any

from cli.parsing import Parser, count, number
from domain.text import _

Add = Callable[..., Parser]
_DONE = '{"done": [N, …], "refused": [{"number", "reason", "code"}, …]}'
_CUSTOMER = '{"id", "name", "email", "phone", "customer_id", "bounced", "attributes"}'
_SAVED = '{"id", "changes": [{"field", "old", "new"}, …]}'


def commands(add: Add) -> None:
    """Add them to the command line."""
    _editing(add)
    _elsewhere(add)
    _activities(add)
    _opening(add)
    _customers(add)


def _numbers(p: argparse.ArgumentParser) -> None:
    p.add_argument("numbers", nargs="+", type=number, metavar="N", help=_("one ticket or several"))


def _labels(p: argparse.ArgumentParser, what: str) -> None:
    p.add_argument("--add", action="append", default=[], metavar=what, help=_("give it; again for more"))
    p.add_argument("--remove", action="append", default=[], metavar=what, help=_("take it away; again for more"))
    p.set_defaults(rule=lambda asked: None if asked.add or asked.remove else _("say --add, --remove or both"))


def _editing(add: Add) -> None:
    p = add("subject", "care:subject", _("say anew what tickets are about"), f"JSON: {_DONE}")
    _numbers(p)
    p.add_argument("text", metavar=_("TEXT"), help=_("the subject"))

    p = add("describe", "care:describe", _("write the description of tickets anew"), f"JSON: {_DONE}")
    _numbers(p)
    p.add_argument("text", metavar=_("TEXT"), help=_("the description; - reads it from standard input"))

    p = add("due", "care:due", _("set when tickets are due"), f"JSON: {_DONE}")
    _numbers(p)
    p.add_argument("when", metavar=_("DATE"), help=_("2d, friday, 31/12, 2026-12-31 14:30; none takes the date away"))

    p = add("label", "care:label", _("put tags on tickets, or take them away"), f"JSON: {_DONE}")
    _numbers(p)
    _labels(p, _("TAG"))

    p = add(
        "categorise", "care:categorise", _("put tickets into categories, or take them out of them"), f"JSON: {_DONE}"
    )
    _numbers(p)
    _labels(p, _("CATEGORY"))


def _elsewhere(add: Add) -> None:
    p = add("transfer", "care:transfer", _("move tickets to another flow"), f"JSON: {_DONE}")
    _numbers(p)
    p.add_argument("flow", metavar=_("FLOW"), help=_("its name"))
    p.add_argument("--phase", metavar=_("PHASE"), help=_("which phase there (the first of the same status)"))
    p.add_argument("--resolution", default="", metavar=_("TEXT"), help=_("what was done, for a phase that closes"))

    p = add("merge", "care:merge", _("merge duplicates into one ticket"), f"JSON: {_DONE}")
    _numbers(p)
    p.add_argument("--into", type=number, required=True, metavar="M", help=_("the ticket that goes on"))

    p = add("unmerge", "care:unmerge", _("bring merged tickets back as they were"), f"JSON: {_DONE}")
    _numbers(p)


def _activities(add: Add) -> None:
    top = add("activity", "care:activity_list", _("a ticket's activities, up to ten"))
    top.add_argument("number", type=number, metavar="N", help=_("the ticket"))
    inner = top.add_subparsers(title=_("commands"), metavar=_("COMMAND"), dest="action", required=True)

    def leaf(name: str, help: str, shape: str = f"JSON: {_DONE}") -> Any:
        p = inner.add_parser(name, help=help, description=help, epilog=shape)
        p.set_defaults(run=f"cli.commands.care:activity_{name}", parser=p)
        return p

    def which(p: argparse.ArgumentParser) -> None:
        p.add_argument("which", metavar=_("ACTIVITY"), help=_("how its name begins, or its id"))

    def details(p: argparse.ArgumentParser) -> None:
        p.add_argument("--type", metavar=_("TEXT"), help=_("what kind of work: call, visit…"))
        p.add_argument("--category", metavar=_("CATEGORY"), help=_("its name, or none"))
        p.add_argument("--responsible", metavar=_("LOGIN"), help=_("who does it, or none"))

    p = leaf("add", _("add an activity"))
    p.add_argument("name", metavar=_("NAME"), help=_("what is to be done"))
    details(p)
    shape = 'JSON: [{"id", "name", "type", "category", "category_id", "responsible", "done"}, …]'
    leaf("list", _("list them"), shape)
    which(leaf("done", _("mark one as done")))
    which(leaf("undo", _("mark one as not done yet")))
    which(leaf("remove", _("take one off the ticket")))
    p = leaf("change", _("change one"))
    which(p)
    p.add_argument("--name", metavar=_("NAME"), help=_("the new name"))
    details(p)


def _opening(add: Add) -> None:
    p = add("open", "care:open_ticket", _("open a ticket by hand"), 'JSON: {"number"}')
    p.add_argument("--flow", required=True, metavar=_("FLOW"), help=_("its name"))
    p.add_argument("--subject", default="", metavar=_("TEXT"), help=_("what it is about; with --answer its comment"))
    p.add_argument("--description", default="", metavar=_("TEXT"), help=_("more of it; - reads standard input"))
    p.add_argument("--name", default="", help=_("the customer's name"))
    p.add_argument("--email", default="", help=_("the customer's address: who has it is the customer"))
    p.add_argument("--phone", default="", help=_("the customer's phone, which finds them where there is no address"))
    p.add_argument("--answer", type=count, metavar="ID", help=_("the answer that it is about, one without a ticket"))
    p.set_defaults(
        rule=lambda asked: (
            None
            if asked.subject or asked.answer is not None
            else _("say --subject, or --answer for an answer's ticket")
        )
    )


def _customers(add: Add) -> None:
    top = add("customer", "customers:customer_find", _("customers: find, show, edit, merge and split them"))
    inner = top.add_subparsers(title=_("commands"), metavar=_("COMMAND"), dest="action", required=True)

    def leaf(name: str, help: str, shape: str) -> Any:
        p = inner.add_parser(name, help=help, description=help, epilog=shape)
        p.set_defaults(run=f"cli.commands.customers:customer_{name}", parser=p)
        return p

    def who(p: argparse.ArgumentParser, dest: str = "who", **more: Any) -> None:
        p.add_argument(dest, metavar=_("WHO"), help=_("a customer's id, their address, or #N for a ticket's"), **more)

    p = leaf("find", _("find customers by name, address, phone or id"), f"JSON: [{_CUSTOMER}, …]")
    p.add_argument("words", nargs="*", metavar=_("WORD"), help=_("all must fit"))
    p.add_argument("--limit", type=count, default=20, metavar="N", help=_("at most so many (20)"))

    who(
        leaf(
            "show",
            _("show a customer with their tickets and answers"),
            f'JSON: {_CUSTOMER[:-1]}, "tickets": [N, …], "answers", "merged", "merged_into"}}',
        )
    )

    p = leaf("edit", _("change a customer's data"), f"JSON: {_SAVED}")
    who(p)
    p.add_argument("--name", help=_("the name"))
    p.add_argument("--email", help=_("the address; '' for none"))
    p.add_argument("--phone", help=_("the phone; '' for none"))
    p.add_argument("--id", dest="customer_id", metavar="ID", help=_("the id in the shop's own books; '' for none"))
    p.add_argument(
        "--attribute",
        action="append",
        default=[],
        dest="attributes",
        type=attribute,
        metavar=_("NAME=VALUE"),
        help=_("an attribute; NAME= takes it away; again for more"),
    )
    p.set_defaults(rule=_check_edit)

    p = leaf("merge", _("make two customers one; tickets and answers go to the second"), f"JSON: {_SAVED}")
    who(p)
    p.add_argument("--into", required=True, metavar=_("WHO"), help=_("the customer that goes on"))

    who(leaf("split", _("undo a merge; say who was merged, by id"), f"JSON: {_SAVED}"))


def attribute(text: str) -> tuple[str, str]:
    """NAME=VALUE; the value may be empty."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(_("“{text}” is not NAME=VALUE, such as store=Recife").format(text=text))
    return name.strip(), value


def _check_edit(asked: argparse.Namespace) -> str | None:
    given = (asked.name, asked.email, asked.phone, asked.customer_id)
    return None if asked.attributes or any(value is not None for value in given) else _("say what is to be changed")
