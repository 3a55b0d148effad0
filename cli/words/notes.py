"""Commands about notes, followers, files and notifications."""

import argparse
from collections.abc import Callable

from cli.parsing import Parser, count, number
from domain.text import _

Add = Callable[..., Parser]
_DONE = '{"done": [N, …], "refused": [{"number", "reason", "code"}, …]}'


def commands(add: Add) -> None:
    """Add them to the command line."""
    p = add(
        "note",
        "notes:note",
        _("write a note on a ticket"),
        f"JSON: {_DONE}",
        description=_("write a note on a ticket; @login in it tells that member of the flow and makes them a follower"),
    )
    p.add_argument("number", type=number, metavar="N", help=_("the ticket"))
    p.add_argument("text", nargs="?", metavar=_("TEXT"), help=_("the note; - reads it from standard input"))
    p.add_argument(
        "--file",
        action="append",
        default=[],
        dest="files",
        metavar=_("FILE"),
        help=_("a file to keep with it; again for more"),
    )
    p.set_defaults(rule=_something_noted)

    p = add("follow", "notes:follow", _("follow tickets, or make somebody follow them"), f"JSON: {_DONE}")
    _numbers(p)
    p.add_argument(
        "--login",
        dest="who",
        metavar=_("LOGIN"),
        help=_(
            "who (you); whom the assignee or an administrator of the flow names sees the earlier notes of the ticket too"
        ),
    )
    p = add("unfollow", "notes:unfollow", _("follow tickets no more, or end that somebody does"), f"JSON: {_DONE}")
    _numbers(p)
    p.add_argument("--login", dest="who", metavar=_("LOGIN"), help=_("who (you)"))

    p = add(
        "notifications",
        "notes:notifications",
        _("what you should know, the newest first"),
        'JSON: [{"id", "at", "kind", "who", "ticket", "subject", "text", "read"}, …]; with --read-all {"read": N}',
    )
    p.add_argument("--unread", action="store_true", help=_("only what you have not read"))
    p.add_argument("--limit", type=count, default=100, metavar="N", help=_("at most so many (100)"))
    p.add_argument("--read-all", action="store_true", help=_("mark all as read and list nothing"))

    group = add("attachment", "notes:save", _("files of mails and notes; ticket shows their ids"))
    inner = group.add_subparsers(title=_("commands"), metavar=_("COMMAND"), dest="action", required=True)
    for word, run, help_ in (
        ("save", "save", _("save a file into a folder, beside what is there and never over it")),
        ("open", "open_file", _("open a file with the command that the configuration names")),
    ):
        p = inner.add_parser(word, help=help_, description=help_, epilog='JSON: {"id", "path"}')
        p.add_argument("id", type=count, metavar=_("ID"), help=_("of the file, as ticket shows it"))
        if word == "save":
            p.add_argument("--to", required=True, dest="folder", metavar=_("FOLDER"), help=_("where to"))
        p.set_defaults(run=f"cli.commands.notes:{run}", parser=p)


def _numbers(p: argparse.ArgumentParser) -> None:
    p.add_argument("numbers", nargs="+", type=number, metavar="N", help=_("tickets, with or without #"))


def _something_noted(asked: argparse.Namespace) -> str | None:
    return None if asked.text is not None or asked.files else _("say what to note: TEXT, --file or both")
