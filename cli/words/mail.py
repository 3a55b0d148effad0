"""Commands about mail: the ledger and its triage, the outbox, how a mail is read (M5, M7, M8, M10)."""

import argparse
from collections.abc import Callable
from typing import Any

from cli.parsing import Parser, count, number
from domain.text import _

Add = Callable[..., Parser]
_DONE = '{"done": [N, …], "refused": [{"number", "reason", "code"}, …]}'
_ACTED = '{"id", "outcome", "ticket", "changed"}'
OUTCOMES = ("threaded", "new", "triage", "automatic", "bounce", "duplicate", "suspect", "quarantined")


def commands(add: Add) -> None:
    """Add them to the command line."""
    group = add("mail", "mail:ledger", _("the mail ledger, and how a mail is read"))
    inner = group.add_subparsers(title=_("commands"), metavar=_("COMMAND"), dest="action", required=True)

    def command(word: str, run: str, help: str, shape: str, **more: Any) -> Parser:
        description = more.pop("description", help)
        parser = inner.add_parser(word, help=help, description=description, epilog=shape, **more)
        parser.set_defaults(run=f"cli.commands.{run}", parser=parser)
        return parser

    _reading(command)
    _triage(command)
    _outbox(command)
    _subscription(command)
    command(
        "rotate-key",
        "mailboxes:rotate_key",
        _("sign Message-IDs with a new key from now on; old ones are known for ever"),
        'JSON: {"key", "keys"}',
    )


def _id(p: argparse.ArgumentParser) -> None:
    p.add_argument("id", type=count, metavar=_("ID"), help=_("of the mail, as mail ledger --lines says it"))


def _reading(command: Callable[..., Parser]) -> None:
    p = command(
        "ledger",
        "mail_ledger:ledger",
        _("what came of every mail that the server showed"),
        'JSON: {"seen", "threaded", "new", "triage", "automatic", "bounce", "duplicate", "suspect", "quarantined"}, and '
        '"waiting" while some are being read; with --lines or a filter also "mailboxes": [{"address", "seen", …}, …] and '
        '"lines": [{"id", "at", "mailbox", "outcome", "reason", "from", "subject", "ticket", "size"}, …]',
    )
    p.add_argument("--lines", type=count, default=0, metavar="N", help=_("and the newest N mails, one a line"))
    p.add_argument("--mailbox", default="", metavar=_("ADDRESS"), help=_("only that mailbox's"))
    p.add_argument("--outcome", choices=OUTCOMES, help=_("only those"))
    p.add_argument("--find", default="", metavar=_("WORDS"), help=_("all in sender, subject or reason; #N is a ticket"))
    p.add_argument("--before", type=count, metavar=_("ID"), help=_("only lines before that one, for the next page"))
    p = command(
        "show",
        "mail_ledger:show",
        _("show one mail of the ledger: why it came where it is, and what it says"),
        'JSON: {"id", "at", "mailbox", "outcome", "reason", "evidence", "ticket", "size", "partial", "from": {"name", '
        '"address"}, "to", "cc", "date", "message_id", "subject", "kind", "new_text", "folded", "attachments", "trouble", '
        '"blocked", "acts": [{"at", "who", "act", "old", "new", "ticket"}, …], "can": {verb: reason or null}}',
    )
    _id(p)
    p.add_argument("--raw", action="store_true", help=_("print the mail as it travelled, and nothing else"))
    p = command(
        "explain",
        "mail:explain",
        _("show how mails in files are read; needs no database"),
        'JSON, one object a line and a file: {"file", "subject", "from": {"name", "address"}, "to", "cc", "date", '
        '"message_id", "in_reply_to", "references", "original_message_id", "kind": message|automatic|bounce, "reason", '
        '"bounce": null or [{"address", "status", "permanent"}, …], "text", "new_text", "folded", '
        '"attachments": [{"name", "type", "size"}, …], "error"}',
        description=_("show how mails in files are read; needs no database. One bad file does not stop the rest."),
    )
    p.add_argument("files", nargs="+", metavar=_("FILE"), help=_("mails as they travelled (.eml)"))


def _triage(command: Callable[..., Parser]) -> None:
    p = command("attach", "mail_ledger:attach", _("put a mail that is on no ticket onto one"), f"JSON: {_ACTED}")
    _id(p)
    p.add_argument("number", type=number, metavar="N", help=_("the ticket"))
    p = command("open", "mail_ledger:open_ticket", _("open a ticket with a mail that is on none"), 'JSON: {"number"}')
    _id(p)
    p.add_argument("--flow", required=True, metavar=_("FLOW"), help=_("in which flow: its name"))
    p = command(
        "accept",
        "mail_ledger:accept",
        _("take a suspect mail as the customer's word"),
        f"JSON: {_ACTED}",
        description=_("take a suspect mail, or an automatic one that is on a ticket, as the customer's word"),
    )
    _id(p)
    p.add_argument(
        "--remember", action="store_true", help=_("and know its address from now on; the customer's own stays as it is")
    )
    _id(command("retry-mail", "mail_ledger:retry", _("read a quarantined mail again"), f"JSON: {_ACTED}"))
    p = command(
        "split", "mail_ledger:split", _("take a mail off its ticket, to a new one or back to triage"), f"JSON: {_ACTED}"
    )
    _id(p)
    p.add_argument("--flow", metavar=_("FLOW"), help=_("open a new ticket with it in that flow; else back to triage"))
    _id(
        command(
            "fetch",
            "mail_ledger:fetch",
            _("fetch the whole of a mail that is over the mailbox's size limit"),
            f"JSON: {_ACTED}",
        )
    )
    p = command(
        "block",
        "mail_ledger:block",
        _("block a sender, or let them in again"),
        'JSON: {"address", "blocked"}, or with --list ["ADDRESS", …]',
        description=_("block a sender: their mail is kept in the ledger and goes onto no ticket by itself"),
    )
    p.add_argument("address", nargs="?", metavar=_("ADDRESS"), help=_("whom"))
    p.add_argument("--off", action="store_true", help=_("let them in again"))
    p.add_argument("--list", action="store_true", dest="listing", help=_("say who is blocked"))
    p.set_defaults(rule=_whom)


def _subscription(command: Callable[..., Parser]) -> None:
    p = command(
        "unsubscribe",
        "mailboxes:unsubscribe",
        _("send a customer no automatic mail any more, or send it again"),
        'JSON: {"address", "unsubscribed"}, or with --list ["ADDRESS", …]',
        description=_(
            "send a customer no automatic mail any more; people may still write to them. Their mail program can ask for it "
            "too (List-Unsubscribe)."
        ),
    )
    p.add_argument("address", nargs="?", metavar=_("ADDRESS"), help=_("whom"))
    p.add_argument("--off", action="store_true", help=_("send it again"))
    p.add_argument("--list", action="store_true", dest="listing", help=_("say who gets none"))
    p.set_defaults(rule=_whom)


def _whom(asked: argparse.Namespace) -> str | None:
    return None if bool(asked.address) != asked.listing else _("name an address, or say --list")


def _outbox(command: Callable[..., Parser]) -> None:
    p = command(
        "take-back",
        "mail:take_back",
        _("take a message back that has not left yet; it is a draft again"),
        'JSON: {"ticket", "subject", "body"}',
    )
    p.add_argument("outbox", type=count, metavar=_("ID"), help=_("of the message in the outbox, as reply says it"))
    p = command(
        "retry",
        "mail:retry",
        _("send again what failed, is held or in doubt"),
        f"JSON: {_DONE}",
        description=_("send again what failed, is held or in doubt, with the same Message-ID"),
    )
    p.add_argument(
        "outbox", type=count, metavar=_("ID"), help=_("of the message in the outbox, as ticket --json says it")
    )
