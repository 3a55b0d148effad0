"""An answer by HTTP, from the service's request to the agent's screen, and on bad days (I8)."""

import http.client
import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateways.config import Config
from gateways.webhook_config import SourceConfig, WebhookConfig
from loop import founding
from loop.desk import open_desk
from tests.e2e.mortal import Mortals
from tests.e2e.shop import Shop
from tests.e2e.terminal import RETORNO, ROOT, Terminal, retorno
from tests.servers import free_port, wait_until

SECRET = "um segredo bem comprido"
ANSWER = {"id": "r-1", "score": 1, "comment": "Veio quebrado", "customer": {"name": "Otávio", "email": "o@o.example"}}


def ask(port: int, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Content-Type": "application/json", "X-Retorno-Secret": SECRET}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        connection.close()


def listens(port: int) -> bool:
    try:
        return ask(port, "GET", "/health") == (200, {"ok": True})
    except OSError:
        return False


@contextmanager
def worker_beside() -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own, which outlives no test: one that failed would wait for it for ever."""
    with subprocess.Popen([*RETORNO, "worker", "--webhook"], cwd=ROOT, stderr=subprocess.PIPE, text=True) as worker:
        try:
            yield worker
        finally:
            worker.kill()


@pytest.mark.servers
def test_i8_an_answer_by_http_shows_on_the_open_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker and screen are two processes; nothing of what was sent stands in the worker's words."""
    shop, port = Shop(tmp_path, monkeypatch), free_port()
    monkeypatch.setenv("WEBHOOK", SECRET)
    source = '[[webhook.source]]\nname = "loja"\nsurvey = "Pós-compra"\nsecret_env = "WEBHOOK"\n'
    config = tmp_path / "config.toml"
    with config.open("a", encoding="utf-8") as more:
        more.write(f'\n[webhook]\nlisten = "127.0.0.1:{port}"\n{source}')
    retorno("init", "--language", "pt", "--name", "Ana")
    with worker_beside() as worker, Terminal(shop.folder, *RETORNO) as t:
        t.shows("No answers yet")
        t.until("it listens", lambda: listens(port))
        assert ask(port, "POST", "/answers/loja", ANSWER)[1]["taken"] == 1
        t.shows("Otávio")
        worker.send_signal(signal.SIGTERM)
        said = worker.communicate(timeout=60)[1]
        assert worker.returncode == 0
    assert f"127.0.0.1:{port} from loja" in said
    assert "Otávio" not in said and "quebrado" not in said and SECRET not in said


def test_i8_the_webhook_needs_its_part_of_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Off by default, and asked for without a source it says what is missing."""
    Shop(tmp_path, monkeypatch)
    retorno("init", "--name", "Ana")
    done = retorno("worker", "--webhook", check=False)
    assert done.returncode == 3 and "[[webhook.source]]" in done.stderr


@pytest.mark.parametrize(("moment", "kept"), [("before", 0), ("after", 1)])
def test_i8_killed_at_the_commit_the_service_sends_again_and_it_counts_once(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, kept: int
) -> None:
    """No reply without the commit; after it, the second request finds the answer known."""
    monkeypatch.setenv("WEBHOOK", SECRET)
    webhook = WebhookConfig(port=free_port(), sources=(SourceConfig("loja", "Pós-compra", secret_env="WEBHOOK"),))
    config = Config(db_url=migrated_url, webhook=webhook)
    founding.init(config, login="ana", name="Ana")
    desk = open_desk(config)

    def stored() -> tuple[int, int]:
        return desk.db.rows("SELECT (SELECT COUNT(*) FROM answers), (SELECT COUNT(*) FROM tickets)")[0]

    with Mortals(tmp_path, config) as lives, closing(desk):
        lives.begin("loop.answers.take", moment)
        wait_until(lambda: lives.code is not None or listens(webhook.port), "it listens")
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(webhook.port, "POST", "/answers/loja", ANSWER)
        assert lives.end() == -signal.SIGKILL
        assert stored() == (kept, kept)
        lives.begin()
        wait_until(lambda: lives.code is not None or listens(webhook.port), "it listens")
        said = ask(webhook.port, "POST", "/answers/loja", ANSWER)[1]
        assert (said["taken"], said["known"]) == (1 - kept, kept)
        assert stored() == (1, 1)
        lives.tell()
        assert lives.end() == 0
