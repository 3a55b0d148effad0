"""`python -m bench`: measure, print a table, keep the numbers in bench/results/. See docs/performance.md."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import arrival, memory, rates, reads, rules, screen, shaping, webhook, worlds
from bench.post import Post, post_office
from bench.rates import Rate
from bench.table import Table, figure, three
from bench.terminal import ROOT
from loop.config import Config
from loop.desk import open_desk

PARTS = (
    "start",
    "open",
    "keys",
    "reads",
    "shape",
    "import",
    "webhook",
    "arrival",
    "poll",
    "send",
    "rules",
    "footprint",
    "memory",
)
Numbers = dict[str, Any]


def main(argv: list[str] | None = None) -> int:
    """The command."""
    asked = _asked(argv)
    table = Table([worlds.size_name(n) for n in asked.sizes])
    began, numbers = time.monotonic(), dict[str, Numbers]()
    with tempfile.TemporaryDirectory(prefix="retorno-bench-") as home, post_office() as post:
        for tickets in asked.sizes:
            size = worlds.size_name(tickets)
            numbers[size] = _measure(worlds.world(tickets), tickets, asked.only, Path(home), post)
            _show(table, size, numbers[size])
        _memory(table, asked, Path(home), post, numbers)
        software = post.software
    facts = _facts(software) | {"seconds": round(time.monotonic() - began)}
    sys.stdout.write(f"\n{table.text()}\n")
    sys.stdout.write("".join(f"{name}: {value}\n" for name, value in facts.items()))
    name = worlds.RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    name.write_text(json.dumps({"facts": facts, "sizes": numbers}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    sys.stdout.write(f"numbers: {name.relative_to(ROOT)}\n")
    return 0


def _memory(table: Table, asked: argparse.Namespace, home: Path, post: Post, numbers: dict[str, Numbers]) -> None:
    """Once, since it does not depend on the tickets; only where a quick IMAP server and /proc are."""
    if "memory" not in asked.only or post.software != "Dovecot" or not Path("/proc/self/status").exists():
        return
    sys.stderr.write(f"memory: {asked.mails:,} mails …\n")
    size = worlds.size_name(asked.sizes[0])
    numbers[size]["memory"] = memory.worker(post, home, asked.mails)
    for name, megabytes in numbers[size]["memory"].items():
        table.put("The worker's memory: MB", name, size, figure(megabytes))


def _asked(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="measure what people and mail wait for")
    parser.add_argument("--quick", action="store_true", help="a thousand tickets only")
    parser.add_argument("--sizes", default=os.environ.get("RETORNO_BENCH_SIZES", worlds.SIZES), help="e.g. 1k,100k,1M")
    parser.add_argument("--only", default=",".join(PARTS), help="some of " + ",".join(PARTS))
    parser.add_argument("--mails", type=int, help="through the worker whose memory is looked at (50,000; quick 5,000)")
    asked = parser.parse_args(argv)
    asked.mails = max(memory.FIRST, asked.mails or (5_000 if asked.quick else memory.MAILS))
    try:
        asked.sizes = worlds.sizes("1k" if asked.quick else asked.sizes)
    except ValueError:
        parser.error(f"sizes are such as {worlds.SIZES}, not {asked.sizes}")
    asked.only = asked.only.split(",")
    if unknown := set(asked.only) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return asked


def _measure(path: Path, rows: int, only: list[str], home: Path, post: Post) -> Numbers:
    """Everything for one world. Reading looks at the world itself, writing at a copy."""
    url, found = f"sqlite:///{path}", Numbers()

    def part(name: str, measure: Callable[[], Any]) -> None:
        if name in only:
            sys.stderr.write(f"{path.name.split('-')[0]}: {name} …\n")
            found[name] = measure()

    desk = open_desk(Config(db_url=url))
    owner = desk.actor()
    row, head = screen.first_row(desk, owner)
    part("reads", lambda: reads.reads(desk, owner))
    desk.close()
    part("start", lambda: {
        kind: {name: asdict(v) for name, v in found.items()} for kind, found in screen.starts(url, home, row).items()
    })  # fmt: skip
    part("open", lambda: {k: asdict(v) for k, v in screen.openings(url, home, row, head).items()})
    part("keys", lambda: {
        name: {k: asdict(v) for k, v in screen.keys(url, home, row, preview=preview).items()}
        for name, preview in (("80x24", False), ("120x36, preview", True))
    })  # fmt: skip
    part("footprint", lambda: {"an import of as many rows, at its most": memory.importing(home, rows)})
    if {"shape", "import", "webhook", "arrival", "poll", "send", "rules"} & set(only):
        with worlds.scratch(path) as copy:
            desk = open_desk(Config(db_url=f"sqlite:///{copy}", mailboxes=(post.mailbox,), undo_seconds=0))
            try:
                part("shape", lambda: shaping.saves(desk, owner))
                part("import", lambda: {"imported": _rate(rates.importing(desk, owner, home))})
                part("webhook", lambda: {k: asdict(v) for k, v in webhook.arrivals(desk, home, row).items()})
                part("arrival", lambda: {
                    k: asdict(v) for k, v in arrival.shown(desk, home, post, row, head).items()
                })  # fmt: skip
                part("poll", lambda: {k: _rate(v) for k, v in rates.polling(desk, post).items()})
                part("send", lambda: {k: _rate(v) for k, v in rates.sending(desk, owner).items()})
                part("rules", lambda: rules.measured(desk, owner, home))
            finally:
                desk.close()
    return found


def _rate(rate: Rate) -> Numbers:
    return asdict(rate) | {"per_second": rate.per_second}


def _show(table: Table, size: str, found: Numbers) -> None:
    for kind, starts in found.get("start", {}).items():
        bare = starts["bare"]["median"]
        for name, spread in starts.items():
            times = "" if name == "bare" else f" = {spread['median'] / bare:.2f} × bare"
            table.put("Start, 120x36: from exec, median", f"{name}, {kind}", size, figure(spread["median"]) + times)
    for name, spread in found.get("open", {}).items():
        table.put("Enter to ticket: ms, median", name, size, figure(spread["median"]))
    for terminal, kinds in found.get("keys", {}).items():
        for kind, spread in kinds.items():
            cell = three(spread) if spread["count"] > 1 else figure(spread["median"])
            table.put("Key to paint: mean · median · worst", f"{kind}, {terminal}", size, cell)
    for part, section in (("import", "Answers a second"), ("poll", "Mails a second"), ("send", "Messages a second")):
        for name, rate in found.get(part, {}).items():
            table.put(section, name, size, figure(rate["per_second"]))
    for name, spread in found.get("webhook", {}).items():
        table.put(
            "An answer by HTTP: ms, median · worst",
            name,
            size,
            f"{figure(spread['median'])} · {figure(spread['worst'])}",
        )
    for name, waited in found.get("arrival", {}).items():
        cell = f"{figure(waited['median'])} · {figure(waited['worst'])}"
        table.put("A customer's mail, by IDLE: ms, median · worst", name, size, cell)
    for name, took in found.get("rules", {}).get("rehearsals", {}).items():
        table.put("Rehearsal of a rule set: ms, median", name, size, figure(took))
    if ruled := found.get("rules", {}).get("imported"):
        table.put("Answers a second", "imported, 100 rule sets and 200 categories", size, figure(ruled["per_second"]))
    for name, megabytes in found.get("footprint", {}).items():
        table.put("Memory: MB", name, size, figure(megabytes))
    for name, (took, tickets) in found.get("shape", {}).items():
        table.put("Saving a flow: ms (tickets in it)", name, size, f"{figure(took)} ({tickets:,})")
    for name, took in found.get("reads", {}).items():
        table.put("Reads: ms, median, in this process", name, size, figure(took))


def _facts(software: str) -> dict[str, Any]:
    def git(*words: str) -> str:
        said = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
        return said.stdout.strip()

    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": git("rev-parse", "--short", "HEAD")
        + (" and changes" if git("status", "--porcelain", "-uno") else ""),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load at the end": " ".join(f"{x:.1f}" for x in os.getloadavg()),
        "IMAP server": software,
    }


if __name__ == "__main__":
    sys.exit(main())
