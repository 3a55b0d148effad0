"""A database that is closed while others work on it ends their work with an error, and not the program."""

import subprocess
import sys
from pathlib import Path

from tests.e2e.terminal import ROOT

_SCRIPT = """
import sqlite3, sys, threading
from storage.light import DatabaseUnreachable, Reader
from storage.watch import Watch

path = sys.argv[1]
sqlite3.connect(path).execute("CREATE TABLE IF NOT EXISTS t (n)")
LONG = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 600000) SELECT COUNT(n) FROM c"
ended = []

def read(reader, begun, sql):
    try:
        begun.set()
        while True:
            reader.rows(sql)
            if reader is not current[0]:
                return
    except DatabaseUnreachable:
        ended.append(sql)

current = [None]
for turn in range(8):
    reader = current[0] = Reader("sqlite:///" + path)
    watch = Watch(reader)
    watching = threading.Thread(target=lambda: [watch.wait(0.2) for _ in range(3)])
    watching.start()
    threads = []
    for sql in (LONG, "SELECT 1", LONG):
        begun = threading.Event()
        threads.append(threading.Thread(target=read, args=(reader, begun, sql)))
        threads[-1].start()
        begun.wait()
    current[0] = None
    reader.close()
    watch.close()
    for thread in (*threads, watching):
        thread.join(100)
        assert not thread.is_alive()
print(len(ended))
"""


def test_closing_under_running_queries_ends_them_and_not_the_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(tmp_path / "x.sqlite")],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    assert int(done.stdout) > 0, "some were in the middle of it"
