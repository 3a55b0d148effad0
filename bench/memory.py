"""What the worker holds in memory while very many mails come in, and an import of very many rows: it must not grow with them."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

from bench.post import NOON, Post, reply
from bench.rates import answers_file
from bench.terminal import ROOT

MAILS = 50_000
FIRST = 1_000
"""Mails after which it is looked at first: everything is imported and every cache is warm."""
_PATIENCE_S = 1800.0


def importing(home: Path, rows: int) -> float:
    """Megabytes that a process has at its most while it brings in a file of so many rows, each published."""
    folder = home / "footprint"
    folder.mkdir()
    config, path = folder / "retorno.toml", folder / "answers.csv"
    config.write_text(f'database = "{folder / "footprint.db"}"\n', "utf-8")
    answers_file(path, rows)
    retorno = [sys.executable, "-m", "cli.main", "--config", str(config)]
    environment = {**os.environ, "HOME": str(folder)}
    subprocess.run([*retorno, "init"], cwd=ROOT, env=environment, check=True, capture_output=True)
    brought_in = [*retorno, "import", str(path), "--survey", "Bench", "--scale", "nps"]
    process = subprocess.Popen(brought_in, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    most = 0.0
    while process.poll() is None:
        # Not what waiting for it tells: that counts the process that it was begun from, which is larger.
        most = max(most, _megabytes(process.pid, "VmHWM"))
        time.sleep(0.02)
    shutil.rmtree(folder)
    if process.returncode:
        raise RuntimeError(f"retorno import ended with {process.returncode}")
    return most


def worker(post: Post, home: Path, mails: int = MAILS) -> dict[str, float]:
    """Megabytes of a worker of its own after the first mails and after all, and the most that it ever had."""
    config, db = home / "memory.toml", home / "memory.db"
    box = post.mailbox
    config.write_text(
        f'database = "{db}"\n[[mailbox]]\naddress = "{box.address}"\nimap_host = "127.0.0.1"\nimap_port = {box.imap_port}\n'
        f'imap_security = "none"\nimap_user = "{box.imap_user}"\nsmtp_host = "127.0.0.1"\nsmtp_port = {box.smtp_port}\n'
        f'smtp_security = "none"\nsmtp_user = ""\npassword_env = "{box.password_env}"\n',
        "utf-8",
    )
    retorno = [sys.executable, "-m", "cli.main", "--config", str(config)]
    environment = {**os.environ, "HOME": str(home)}
    subprocess.run([*retorno, "init"], cwd=ROOT, env=environment, check=True, capture_output=True)
    filling = threading.Thread(target=post.fill, args=([_mail(n) for n in range(FIRST)],), daemon=True)
    filling.start()
    process = subprocess.Popen([*retorno, "worker"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        _await(db, FIRST)
        found = {f"after {FIRST:,} mails": _megabytes(process.pid, "VmRSS")}
        for start in range(FIRST, mails, 1000):
            post.fill([_mail(n) for n in range(start, min(start + 1000, mails))])
        _await(db, mails)
        found[f"after {mails:,} mails"] = _megabytes(process.pid, "VmRSS")
        found["at its most"] = _megabytes(process.pid, "VmHWM")
        return found
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)
        post.empty()


def _mail(n: int) -> bytes:
    return reply(n, f"Cliente {n}", f"c{n}@clientes.example", n + 1, f"none-{n}@elsewhere.example", NOON)


def _await(db: Path, count: int) -> None:
    end = time.monotonic() + _PATIENCE_S
    while True:
        with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True, timeout=20)) as look:
            done = look.execute("SELECT COUNT(*) FROM inbound WHERE outcome <> ''").fetchone()[0]
        if done >= count:
            return
        if time.monotonic() > end:
            raise TimeoutError(f"{done} of {count} mails")
        time.sleep(0.2)


def _megabytes(pid: int, what: str) -> float:
    """A line of /proc/PID/status; 0 for a process that has ended and is not waited for yet."""
    for row in Path(f"/proc/{pid}/status").read_text().splitlines():
        if row.startswith(what + ":"):
            return int(row.split()[1]) / 1024
    return 0.0
