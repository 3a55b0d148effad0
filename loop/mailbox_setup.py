"""Setting a mailbox up: what is written into the configuration file, and whether what stands there can be meant (R3).

Mailboxes live in that file, beside nothing secret: a password is named by where it is kept.
"""

import os

from domain.text import _
from loop.desk import Desk

TEMPLATE = """\
[[mailbox]]
name = "SAC"
address = "sac@loja.example"
sender_name = "SAC da Loja"
imap_host = "imap.loja.example"
smtp_host = "smtp.loja.example"
password_command = ["pass", "show", "sac"]
# or password_keyring = "retorno", or password_env = "SAC_PASSWORD"
# xoauth2 = true             the command prints an access token
# imap_security = "starttls" and smtp_security; "tls" unless said
# ca_file = "loja-ca.pem"    an authority of your own
# sent_folder = "auto"       a copy of what was sent
# plus_address = true        sac+anything@ arrives here too
"""


def file_of(desk: Desk) -> str:
    """Where the configuration file is, or would be."""
    from gateways.config import default_path

    return str(desk.config.path or default_path())


def check_file(desk: Desk) -> tuple[bool, str]:
    """Whether the file as it is now can be meant, and a sentence about it."""
    from loop.config import ConfigTrouble, load

    where = file_of(desk)
    if not os.path.exists(where):
        return False, _("There is no {path} yet.").format(path=where)
    try:
        found = load(where, desk.config.db_url, os.environ)
    except ConfigTrouble as trouble:
        return False, str(trouble)
    names = ", ".join(m.name for m in found.mailboxes)
    if not names:
        return False, _("{path} can be read and has no [[mailbox]].").format(path=where)
    if found.mailboxes == desk.config.mailboxes:
        return True, _("{path} can be read; in use: {names}.").format(path=where, names=names)
    return True, _("{path} can be read: {names}. Start Retorno again to use it; then t tries a mailbox.").format(
        path=where, names=names
    )
