"""An answer by HTTP: how long until its ticket shows on a screen that is open."""

import http.client
import json
import os
import time
from dataclasses import replace
from pathlib import Path

from bench.screen import Spread, spread
from bench.terminal import RETORNO, Terminal, environment
from gateways.webhook_config import SourceConfig, WebhookConfig
from loop.desk import Desk
from loop.webhook import Webhook

TIMES = 7
_SECRET = "the secret of the measurements"


def arrivals(desk: Desk, home: Path, row: str) -> dict[str, Spread]:
    """Milliseconds from the request to its reply, and to the word of it on the screen of somebody who looks at the list.

    The list shows a new ticket as "1 new", so that no row moves under the cursor; `R` puts it there.
    """
    sources = (SourceConfig("bench", "Bench", secret_env="_"),)
    desk.config = replace(desk.config, webhook=WebhookConfig(port=0, sources=sources))
    webhook = Webhook(desk, environ=os.environ | {"_": _SECRET})
    webhook.start()
    replied, shown = list[float](), list[float]()
    try:
        for turn in range(TIMES):
            with Terminal(RETORNO, columns=120, lines=36, environ=environment(home, desk.db.url)) as terminal:
                terminal.until(row)
                for _chunk in terminal.burst(1.5, 30):
                    pass
                at = time.perf_counter()
                _send(webhook.port, turn)
                replied.append((time.perf_counter() - at) * 1000)
                shown.append((terminal.until("1 new") - at) * 1000)
    finally:
        webhook.stop()
    return {"reply": spread(replied), "on the open screen": spread(shown)}


def _send(port: int, n: int) -> None:
    body = {"id": f"bench-{os.getpid()}-{n}", "score": 1, "comment": "Chegou quebrado", "email": f"w{n}@novos.example"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Content-Type": "application/json", "X-Retorno-Secret": _SECRET}
        connection.request("POST", "/answers/bench", json.dumps(body), headers)
        reply = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    if reply.get("taken") != 1:
        raise RuntimeError(f"the answer was not taken: {reply}")
