"""Files that leave the database: saved under a name of their own, and handed to the command that opens them (N1, R7).

Names come cleaned (`mail.attachments.safe_name`); still nothing here follows a name out of its folder, writes over
what is there, or asks a shell.
"""

import contextlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

TRIES = 1000
"""Names that are tried: `photo.jpg`, `photo (2).jpg` and so on."""
KEPT_S = 24 * 3600
"""Seconds after which a file that was opened is removed, at the next opening."""


def save(folder: Path, name: str, content: bytes) -> Path:
    """Write a new file that only its owner reads and writes; beside what is there, never over it. OSError if that fails."""
    if not name or name in (".", "..") or "/" in name or "\x00" in name:
        raise ValueError(f"not a file name: {name!r}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
    where = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for candidate in _names(name):
            try:
                made = os.open(candidate, flags, 0o600, dir_fd=where)
            except FileExistsError:
                continue
            try:
                with open(made, "wb") as file:
                    file.write(content)
            except OSError:
                with contextlib.suppress(OSError):
                    os.unlink(candidate, dir_fd=where)  # half a file is worse than none
                raise
            return folder / candidate
    finally:
        os.close(where)
    raise FileExistsError(f"{TRIES} files of that name are there")


def private_copy(name: str, content: bytes) -> Path:
    """Write a file into a new temporary folder that nobody else can look into; older ones of ours go."""
    _sweep()
    return save(Path(tempfile.mkdtemp(prefix=_prefix())), name, content)


def start(command: Sequence[str], path: Path) -> None:
    """Run a command with the path as its last word, without a shell or our terminal; not waited for. OSError if it cannot."""
    import subprocess  # nobody pays for it who opens no file

    # The words come from this machine's configuration; the path is absolute, so that it is no option.
    process = subprocess.Popen(  # noqa: S603
        [*command, str(path.absolute())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=path.parent,
        start_new_session=True,
    )
    threading.Thread(target=process.wait, name="opener", daemon=True).start()


def _names(name: str) -> Iterator[str]:
    yield name
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    for n in range(2, TRIES + 1):
        yield f"{stem} ({n}){dot}{suffix}"


def _prefix() -> str:
    return f"retorno-{os.getuid()}-"


def _sweep() -> None:
    """Remove folders of earlier openings whose day is over."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(tempfile.gettempdir()):
            if not entry.name.startswith(_prefix()) or not entry.is_dir(follow_symlinks=False):
                continue
            there = entry.stat(follow_symlinks=False)
            if there.st_uid == os.getuid() and time.time() - there.st_mtime > KEPT_S:
                shutil.rmtree(entry.path, ignore_errors=True)
