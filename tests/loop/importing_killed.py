"""A process that imports and is killed: `python -m tests.loop.importing_killed URL FILE STAGE ROWS`."""

import os
import signal
import sys

from gateways.config import Config
from loop import importing
from loop.desk import open_desk
from loop.import_views import Progress


def main(url: str, file: str, stage: str, rows: str) -> None:
    """Import, and die when so many rows of that stage are done."""
    desk = open_desk(Config(db_url=url))

    def told(progress: Progress) -> None:
        if progress.stage == stage and progress.rows >= int(rows):
            os.kill(os.getpid(), signal.SIGKILL)

    importing.import_file(desk, file, "Pós-compra", actor=desk.actor("ana"), progress=told)


if __name__ == "__main__":
    main(*sys.argv[1:])
