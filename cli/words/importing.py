"""Commands that bring answers in from files, and about what was brought in (I8)."""

import argparse
from collections.abc import Callable
from typing import Any

from cli.parsing import Parser, mapping
from domain.text import _

Add = Callable[..., Parser]


def commands(add: Add) -> None:
    """Add them to the command line."""
    p = add(
        "import",
        "importing:run",
        _("bring survey answers in from a CSV or JSON file; importing twice changes nothing"),
        'JSON: {"id", "read", "imported", "duplicates", "refused": [{"line", "reason"}, …], "tickets"}; with '
        '--dry-run also "preview": {"columns": [{"heading", "role", "field", …}, …], "rows", "scale", "warnings", …}',
        description=_(
            "Bring survey answers in from a CSV or JSON file; importing twice changes nothing. How the file is laid out is "
            "taken from the survey's last import where its headings are the same, else guessed; --dry-run shows it. The "
            "whole file is read before anything of it is seen; Ctrl+C until then leaves nothing."
        ),
    )
    p.add_argument("file", metavar=_("FILE"), help=_("the answers"))
    p.add_argument("--survey", required=True, metavar=_("NAME"), help=_("the survey they belong to; made if new"))
    p.add_argument("--scale", choices=("nps", "csat"), help=_("how the survey is scored; else guessed from the scores"))
    p.add_argument(
        "--dry-run", action="store_true", help=_("show the columns and first rows, count what would be, keep nothing")
    )
    p.add_argument(
        "--column",
        "--columns",
        action="append",
        default=[],
        dest="columns",
        type=mapping,
        metavar=_("FIELD=HEADING"),
        help=_("which column is score, comment, answered_at, name, email, phone, external_id…; else guessed"),
    )
    _headings(p, "--leave-out", _("a column that is not brought in"))
    _headings(p, "--attribute", _("a column that is an attribute, though it looks like a question or a field"))
    _headings(p, "--question", _("a column that is a question, though it looks like an attribute or a field"))
    p.add_argument("--dates", choices=("dmy", "mdy", "ymd"), help=_("how 01/02/2026 is meant; else guessed"))
    p.add_argument("--delimiter", metavar=_("CHARACTER"), help=_("between columns; else guessed"))
    p.add_argument("--encoding", metavar=_("NAME"), help=_("of the text; else guessed"))
    p.add_argument(
        "--refused",
        metavar=_("OUT"),
        help=_("save refused rows with their reasons as that file, to be mended and imported again"),
    )
    group = p.add_mutually_exclusive_group()
    group.add_argument(
        "--remember",
        action="store_true",
        default=True,
        help=_("remember the layout for the survey's next file (the default)"),
    )
    group.add_argument(
        "--forget",
        action="store_false",
        dest="remember",
        help=_("guess the layout anew, forget what the survey remembers, and remember nothing of this file"),
    )
    _imports(add("imports", "importing:listing", _("files that were brought in, and their refused rows")))


def _headings(p: Parser, flag: str, help: str) -> None:
    p.add_argument(flag, action="append", default=[], metavar=_("HEADING"), help=help)


def _imports(group: Parser) -> None:
    inner = group.add_subparsers(title=_("commands"), metavar=_("COMMAND"), dest="action", required=True)

    def add(word: str, run: str, help: str, shape: str) -> Parser:
        parser = inner.add_parser(word, help=help, description=help, epilog=f"JSON: {shape}")
        parser.set_defaults(run=f"cli.commands.importing:{run}", parser=parser)
        return parser

    add(
        "list",
        "listing",
        _("list the files that were brought in, the newest first"),
        '[{"id", "file", "survey", "state", "by", "at", "done_at", "read", "imported", "duplicates", "differs", '
        '"refused", "tickets"}, …]',
    )
    p = add(
        "refused",
        "refused",
        _("save the refused rows of an import, to be mended and imported again"),
        '{"id", "file", "rows"}',
    )
    p.add_argument("id", type=_id, metavar="ID", help=_("the import's, from retorno imports list"))
    p.add_argument("--to", required=True, metavar=_("FILE"), help=_("a file that is not there yet"))


def _id(text: str) -> Any:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise argparse.ArgumentTypeError(_("“{text}” is no number of an import").format(text=text))
    return int(text)
