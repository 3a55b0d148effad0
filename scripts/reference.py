"""Pages of the documentation that are made from the program: `python scripts/reference.py` writes them anew.

The commands' page is made by `python -m cli.reference`; here are the keys of the screen and the settings of the file.
"""

import ast
import dataclasses
import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "reference"

KEYS_HEAD = """# Keys

This page is made from the program by `python scripts/reference.py`; a test holds that it is current.

What the screen can do, by key, by `:` line and in a sentence. `^P` is Ctrl and P. Words in capitals are what a command is
given, in brackets when it may be left out; a command may be shortened as long as it is clear which is meant. `?` in the
program shows this list, searchable by key or word, with what cannot be done right now dimmed; the palette (`^P`) finds
everything by its words.

"""

KEYS_FOOT = """
Panels say their own keys at the bottom: in the review of a message `y` sends, `l` sends later, `m` sends and moves the ticket, `v` shows the
HTML part, `e` goes back to writing and `Esc` keeps the draft; in the panels that take a note or a resolution `F5` is yes and `Esc` leaves. Enter
never says yes to something that cannot be taken back.
"""

SETTINGS_HEAD = """# Settings

This page is made from the program by `python scripts/reference.py`; a test holds that it is current.

The configuration is one TOML file. It is `--config FILE`, else `RETORNO_CONFIG`, else `config.toml` in the platform's place
for settings (on Linux `~/.config/retorno/`). Without a file everything has the values below and there is no mailbox. A key
that nobody knows is an error that names it, and so is a password: passwords come from a command or the environment.

```toml
database = "postgresql://retorno@db.example/retorno"
zone = "America/Sao_Paulo"

[[mailbox]]
address = "sac@loja.example"
sender_name = "SAC da Loja"
imap_host = "imap.loja.example"
smtp_host = "smtp.loja.example"
password_command = ["pass", "show", "sac"]
```

"""

DATABASE = (
    "The database: `postgresql://…`, `sqlite:///FILE`, or a path, which is an SQLite file beside this one. "
    "`--db` and `RETORNO_DB` come before it."
)
MISSING = {"database": "`retorno.db` in the platform's data folder"}
WEBHOOK = "Who may send answers by HTTP, and where; off without `retorno worker --webhook`. See [answers by HTTP](../webhook.md)."
LISTEN = "Address and port. What other machines reach wants a proxy with TLS before it."
SOURCE = "Somebody who may send; again for more."
MAILBOX = "A mailbox; again for more. Mail leaves from the first one, all are read."
UNSAID = {
    "theme": "`retorno`, `retorno-light`, `retorno-16` or one of Textual's; without it, what suits the terminal.",
    "imap_host": "The name of the server where mail is read.",
    "imap_port": "Its port.",
    "imap_security": "`tls`, `starttls`, or `none`, which is only taken for a server on this machine.",
    "imap_folder": "The folder that replies come into.",
    "smtp_host": "The name of the server that takes mail.",
    "smtp_port": "Its port.",
    "smtp_security": "As `imap_security`.",
    "sent_folder": "Where a copy of what was sent is kept (M4): a folder's name, or `auto` for the one that the server names.",
    "ca_file": "PEM file with the only authorities to trust, beside this file unless its path is absolute; else the system's.",
}
"""What the fields say too briefly for this page, or not at all."""
BY_SECURITY = {
    "imap_port": "993 with `tls`, else 143",
    "smtp_port": "465 with `tls`, 587 with `starttls`, else 25",
}
LIKE_ADDRESS = {"name", "imap_user", "smtp_user", "domain"}


def keys() -> str:
    """docs/reference/keys.md."""
    from tui.actions import reference

    return KEYS_HEAD + reference() + KEYS_FOOT


def settings() -> str:
    """docs/reference/settings.md."""
    from gateways import config, mailboxes, webhook_config

    about = said_of(config.Config) | UNSAID | {"database": DATABASE, "mailbox": MAILBOX, "webhook": WEBHOOK}
    fields = {f.name: f for f in dataclasses.fields(config.Config)}
    top = [
        (key, _default(fields[key]) if key in fields else MISSING.get(key, ""), about.get(key, ""))
        for key in config._KEYS
    ]
    said = said_of(mailboxes.MailboxConfig) | UNSAID
    box = [(f.name, _default(f), said.get(f.name, "")) for f in dataclasses.fields(mailboxes.MailboxConfig)]
    said = said_of(webhook_config.WebhookConfig) | {"listen": LISTEN, "source": SOURCE}
    without = {f.name: _default(f) for f in dataclasses.fields(webhook_config.WebhookConfig)}
    without |= {"listen": "`127.0.0.1:8787`", "source": ""}
    hook = [(key, without[key], said[key]) for key in webhook_config.TABLE_KEYS]
    said = said_of(webhook_config.SourceConfig)
    fields_of = dataclasses.fields(webhook_config.SourceConfig)
    source = [(f.name, "needed" if f.name == "name" else _default(f), said[f.name]) for f in fields_of]
    tables = {"[[mailbox]]": box, "[webhook]": hook, "[[webhook.source]]": source}
    return SETTINGS_HEAD + _table(top) + "".join(f"\n## {name}\n\n{_table(rows)}" for name, rows in tables.items())


def said_of(kind: type) -> dict[str, str]:
    """The docstring under each field of a class."""
    source = Path(sys.modules[kind.__module__].__file__ or "").read_text("utf-8")
    body = next(n.body for n in ast.parse(source).body if isinstance(n, ast.ClassDef) and n.name == kind.__name__)
    found = {}
    for field, after in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            found[ast.unparse(field.target)] = " ".join(str(after.value.value).split())
    return found


def _default(field: "dataclasses.Field[Any]") -> str:
    if field.name in BY_SECURITY:
        return BY_SECURITY[field.name]
    if field.name in LIKE_ADDRESS:
        return "the address"
    if field.default is dataclasses.MISSING:
        return "needed"
    if field.default in (None, "", ()):
        return "—"
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def _table(rows: Iterable[tuple[str, str, str]]) -> str:
    lines = ["| Key | Without it | |", "|---|---|---|"]
    lines += [f"| `{key}` | {default or '—'} | {about.replace('|', chr(92) + '|')} |" for key, default, about in rows]
    return "\n".join(lines) + "\n"


MADE = {"keys.md": keys, "settings.md": settings}


def main() -> None:
    """Write the pages."""
    for name, make in MADE.items():
        (PAGES / name).write_text(make(), "utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
