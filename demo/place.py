"""Where a demo lives: a folder of its own, and the configuration that names it."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from demo.servers import FOLDER_PREFIX, HOST, PASSWORD, SHOP, USER
from loop.config import Config, MailboxConfig

_PASSWORD_VARIABLE = "RETORNO_DEMO_PASSWORD"


@dataclass(frozen=True)
class Place:
    """A folder that holds the demo's database and goes with it."""

    folder: Path

    @classmethod
    def fresh(cls) -> Self:
        """A new folder of its own, so that several demos do not meet."""
        return cls(Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX)))

    def config(self, smtp: int = 1, imap: int = 1, undo_seconds: int = 0) -> Config:
        """This database, and the shop's mailbox on those ports of loopback (left at 1, where mail is not yet wanted)."""
        os.environ[_PASSWORD_VARIABLE] = PASSWORD
        mailbox = MailboxConfig(
            name="Loja Aroeira",
            address=SHOP,
            sender_name="Loja Aroeira",
            imap_host=HOST,
            imap_port=imap,
            imap_security="none",
            imap_user=USER,
            smtp_host=HOST,
            smtp_port=smtp,
            smtp_security="none",
            smtp_user=USER,
            password_env=_PASSWORD_VARIABLE,
        )
        url = f"sqlite:///{self.folder / 'demo.db'}"
        return Config(db_url=url, source="argument", mailboxes=(mailbox,), undo_seconds=undo_seconds)

    def remove(self) -> None:
        """Leave nothing behind; harmless when it is gone."""
        shutil.rmtree(self.folder, ignore_errors=True)
