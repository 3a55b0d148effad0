"""The webhook's door over real HTTP, its proofs and its maps (I8)."""

import base64
import hmac
import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from domain.answers import Answer
from gateways import webhook, webhook_config, webhook_maps
from gateways.config import ConfigTrouble, load
from gateways.layout import Refused
from gateways.webhook import Door, Reply, Server, Source, listener
from gateways.webhook_config import SourceConfig, WebhookConfig, secret
from gateways.webhook_json import BadJson, read
from gateways.webhook_paths import Path as At
from gateways.webhook_proofs import Proof, Unproven
from tests.servers import wait_until

SECRET = "um segredo bem comprido"
HERE = {"Content-Type": "application/json", "X-Retorno-Secret": SECRET}


class Taker:
    """What stands behind the door in these tests: it remembers what it was given, and can be made to wait."""

    def __init__(self) -> None:
        self.given: list[Any] = []
        self.go, self.came = threading.Event(), threading.Event()
        self.go.set()

    def __call__(self, payload: Any) -> Reply:
        self.came.set()
        self.go.wait(60)
        self.given.append(payload)
        return Reply(200, {"taken": 1})


@contextmanager
def door(take: Taker, max_bytes: int = 4096, **limits: float) -> Iterator[int]:
    """The port of a door with one source that shows its secret, and one that signs."""
    shown = SourceConfig("loja", "Pós-compra")
    signed = SourceConfig("assina", "Pós-compra", signature="hmac-sha256")
    sources = {one.name: Source(Proof(one, SECRET), take) for one in (shown, signed)}
    opened = Door(sources, lambda: True, max_bytes, limits.get("body_s", 5.0))
    server = Server(opened, listener(WebhookConfig(port=0)), limits.get("head_s", 5.0))
    port = server._listening.getsockname()[1]
    server.start()
    try:
        yield port
    finally:
        take.go.set()
        server.stop()
        assert not server._thread.is_alive()


@pytest.fixture
def taker() -> Taker:
    return Taker()


@pytest.fixture
def port(taker: Taker) -> Iterator[int]:
    with door(taker) as port:
        yield port


def ask(port: int, method: str, path: str, body: bytes | str = b"", headers: dict[str, str] | None = None) -> tuple[int, Any]:  # fmt: skip
    """Status and what the reply says."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body or None, headers or {})
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read() or b"null")
    finally:
        connection.close()


def raw(port: int, request: bytes) -> bytes:
    """What comes back for bytes that no client would send."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(request)
        found = b""
        while more := line.recv(4096):
            found += more
        return found


def test_a_proven_request_is_taken(port: int, taker: Taker) -> None:
    assert ask(port, "POST", "/answers/loja", b'{"score": 9}', HERE) == (200, {"taken": 1})
    bearer = {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {SECRET}"}
    assert ask(port, "POST", "/answers/loja", b"[]", bearer)[0] == 200
    assert taker.given == [{"score": 9}, []]


def test_health_says_ok_and_nothing_else(port: int) -> None:
    assert ask(port, "GET", "/health") == (200, {"ok": True})


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/answers/loja", {"Content-Type": "application/json"}, 401),
        ("POST", "/answers/loja", HERE | {"X-Retorno-Secret": SECRET + "x"}, 403),
        ("POST", "/answers/loja", HERE | {"X-Retorno-Secret": "é"}, 403),
        ("POST", "/answers/outra", HERE, 404),
        ("POST", "/", HERE, 404),
        ("POST", "/answers", HERE, 404),
        ("POST", "/answers/loja/../loja", HERE, 404),
        ("GET", "/answers/loja", HERE, 405),
        ("POST", "/health", HERE, 405),
        ("POST", "/answers/loja", HERE | {"Content-Type": "text/plain"}, 415),
        ("POST", "/answers/loja", HERE | {"Content-Encoding": "gzip"}, 415),
        ("POST", f"/answers/loja?secret={SECRET.replace(' ', '+')}", HERE, 400),
        ("POST", f"/answers/loja?x={SECRET.replace(' ', '%20')}", HERE, 400),
        ("POST", "/answers/loja?api_key=1", HERE, 400),
    ],
)
def test_what_is_not_in_order_is_refused_with_a_sentence(
    port: int, taker: Taker, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    found, said = ask(port, method, path, b'{"score": 1}', headers)
    assert found == status
    assert re.search(r"\w .*[.]$", said["error"])
    assert SECRET not in str(said) and "score" not in str(said)
    assert taker.given == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"score": 1, "score": 9}',
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
    ],
)
def test_hostile_json_is_refused(taker: Taker, body: bytes) -> None:
    """No crash, no guess: what cannot be meant is 400."""
    with door(taker, max_bytes=200_000) as port:
        assert ask(port, "POST", "/answers/loja", body, HERE)[0] == 400
        assert ask(port, "POST", "/answers/loja", b"{}", HERE)[0] == 200


def test_a_long_body_is_not_read(port: int, taker: Taker) -> None:
    """Neither one that says so nor one in chunks that does not."""
    assert ask(port, "POST", "/answers/loja", b" " * 5000, HERE)[0] == 413
    told = f"POST /answers/loja HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Retorno-Secret: {SECRET}\r\n"
    assert b" 413 " in raw(port, f"{told}Content-Length: 99999999999\r\n\r\n".encode())
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
    assert b" 413 " in raw(port, told.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 2)
    assert taker.given == []


def test_slow_senders_are_sent_away(taker: Taker) -> None:
    """A head that never ends, a connection that says nothing, a body that drips."""
    with door(taker, head_s=0.5, body_s=0.5) as port:
        assert raw(port, b"") == b""
        assert raw(port, b"POST /answers/loja HTTP/1.1\r\nHost: x\r\nX-Slow: ") == b""
        told = f"POST /answers/loja HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Retorno-Secret: {SECRET}\r\n"
        assert b" 408 " in raw(port, f'{told}Content-Length: 30\r\n\r\n{{"score"'.encode())
        wait_until(lambda: took(port), "one who is quick is let in")


def took(port: int) -> bool:
    """Whether a whole request was answered; a busy machine may be too slow for a door in such a hurry."""
    with suppress(OSError, http.client.HTTPException):
        return ask(port, "POST", "/answers/loja", b"{}", HERE)[0] == 200
    return False


def test_too_many_at_once_are_told_to_come_again(taker: Taker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "AT_ONCE", 2)
    taker.go.clear()
    found: list[int] = []
    with door(taker) as port:
        threads = [threading.Thread(target=lambda: found.append(ask(port, "POST", "/answers/loja", b"{}", HERE)[0])) for _ in range(3)]  # fmt: skip
        for thread in threads:
            thread.start()
        while 429 not in found:
            time.sleep(0.01)
        many = b"POST /answers/loja HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        assert b"\r\nretry-after: 2\r\n" in raw(port, many).lower()
        taker.go.set()
        for thread in threads:
            thread.join()
    assert sorted(found) == [200, 200, 429]


def test_a_stop_lets_the_request_in_hand_end(taker: Taker) -> None:
    taker.go.clear()
    found: list[int] = []
    with door(taker) as port:
        thread = threading.Thread(target=lambda: found.append(ask(port, "POST", "/answers/loja", b"{}", HERE)[0]))
        thread.start()
        assert taker.came.wait(60)
        threading.Timer(0.3, taker.go.set).start()
    thread.join()
    assert found == [200] and len(taker.given) == 1
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_what_is_no_http_is_refused(port: int) -> None:
    assert b" 400 " in raw(port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
    assert b" 400 " in raw(port, b"POST /answers/loja HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 50_000)


# Proofs


def of(kind: str, key: str = SECRET, **more: Any) -> Proof:
    return Proof(SourceConfig("loja", "x", signature=kind, **more), key)  # type: ignore[arg-type]


def hexed(content: bytes, key: bytes = SECRET.encode()) -> str:
    return hmac.new(key, content, sha256).hexdigest()


def based(content: bytes, key: bytes = SECRET.encode()) -> str:
    return base64.b64encode(hmac.new(key, content, sha256).digest()).decode()


BODY = b'{"comment": "chegou atrasado"}'
KEY = base64.b64encode(b"k" * 24).decode()
NOW = 1_795_000_000.0
SIGNED = [
    (of("typeform"), {"typeform-signature": f"sha256={based(BODY)}"}),
    (of("delighted"), {"x-delighted-webhook-signature": f"sha256={hexed(BODY)}"}),
    (of("delighted"), {"x-delighted-webhook-signature": hexed(BODY).upper()}),
    (of("hmac-sha256-body", signature_header="X-Loja-Mac"), {"x-loja-mac": based(BODY)}),
    (
        of("hmac-sha256"),
        {"x-retorno-timestamp": "1795000000", "x-retorno-signature": hexed(b"1795000000." + BODY)},
    ),
    (
        of("standard-webhooks", f"whsec_{KEY}"),
        {
            "webhook-id": "msg_1",
            "webhook-timestamp": "1795000000",
            "webhook-signature": f"v1,AAAA v1,{based(b'msg_1.1795000000.' + BODY, b'k' * 24)}",
        },
    ),
]


@pytest.mark.parametrize(("proof", "headers"), SIGNED)
def test_a_signature_proves_the_body(proof: Proof, headers: dict[str, str]) -> None:
    """Each of the services' own ways; one byte more, another header's value or none is not believed."""
    proof.check(headers, BODY, NOW)
    with pytest.raises(Unproven) as wrong:
        proof.check(headers, BODY + b" ", NOW)
    assert wrong.value.status == 403
    name = list(headers)[-1]
    with pytest.raises(Unproven):
        proof.check(headers | {name: "sha256="}, BODY, NOW)
    with pytest.raises(Unproven) as missing:
        proof.check({k: v for k, v in headers.items() if k != name}, BODY, NOW)
    assert missing.value.status == 401


@pytest.mark.parametrize(("proof", "headers"), SIGNED[-2:])
@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_signature_is_refused(proof: Proof, headers: dict[str, str], seconds: int) -> None:
    """Where the time is signed, what was listened to cannot be sent again later."""
    with pytest.raises(Unproven, match="time is too far"):
        proof.check(headers, BODY, NOW + seconds)


def test_a_time_that_was_not_signed_does_not_count() -> None:
    proof, headers = SIGNED[-2]
    with pytest.raises(Unproven):
        proof.check(headers | {"x-retorno-timestamp": "1795000400"}, BODY, NOW + 400)
    with pytest.raises(Unproven):
        proof.check(headers | {"x-retorno-timestamp": "agora"}, BODY, NOW)


def test_a_header_that_comes_twice_proves_nothing(port: int) -> None:
    told = f"POST /answers/loja HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nX-Retorno-Secret: {SECRET}\r\nX-Retorno-Secret: x\r\n\r\n{{}}"
    assert b" 401 " in raw(port, told.encode())


def test_a_secret_of_standard_webhooks_is_base64() -> None:
    with pytest.raises(ConfigTrouble, match="whsec_"):
        of("standard-webhooks", "não é base64!")


# Configuration

TOML = """
[webhook]
listen = "{listen}"
[[webhook.source]]
name = "typeform"
survey = "Pós-compra"
{more}
"""


def configured(folder: Path, more: str = 'secret_env = "S"', listen: str = "127.0.0.1:8787") -> WebhookConfig:
    file = folder / "config.toml"
    file.write_text(TOML.format(listen=listen, more=more), "utf-8")
    found = load(str(file), None, {}).webhook
    assert found
    return found


def test_it_is_off_unless_the_file_names_it(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("zone = 'UTC'\n")
    assert load(str(tmp_path / "c.toml"), None, {}).webhook is None


def test_the_file_names_sources(tmp_path: Path) -> None:
    found = configured(tmp_path, 'map = "typeform"\nsecret_env = "S"')
    assert (found.host, found.port, found.loopback, found.proxy) == ("127.0.0.1", 8787, True, False)
    (source,) = found.sources
    assert source.signature == "typeform"
    assert secret(source, {"S": SECRET}) == SECRET
    assert configured(tmp_path, 'map = "meu.toml"\nsecret_env = "S"').sources[0].map == str(tmp_path / "meu.toml")


@pytest.mark.parametrize(
    ("listen", "host", "loopback"),
    [("[::1]:80", "::1", True), ("0.0.0.0:80", "0.0.0.0", False), ("localhost:9", "localhost", True)],
)
def test_where_it_listens(tmp_path: Path, listen: str, host: str, loopback: bool) -> None:
    found = configured(tmp_path, listen=listen)
    assert (found.host, found.loopback) == (host, loopback)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "secret_command, secret_keyring or secret_env is missing"),
        ('secret = "abc"', "a secret in a file is copied"),
        ('secret_env = "S"\nsecret_command = "pass x"', "both given"),
        ('secret_env = "S"\nmap = "monkey"', "map is one of"),
        ('secret_env = "S"\nsignature = "md5"', "signature is one of"),
        ('secret_env = "S"\nsurvei = "x"', "perhaps survey"),
        ('secret_env = "S"\nsignature_header = "X: Y"', "a header's name"),
        ('secret_env = "S"\n[[webhook.source]]\nname="typeform"\nsurvey="x"\nsecret_env="S"', "two sources are called"),
        ('secret_env = "S"\n[[webhook.source]]\nname="A B"\nsurvey="x"\nsecret_env="S"', "small letters"),
    ],
)
def test_what_cannot_be_meant_is_named(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(ConfigTrouble, match=re.escape(said)):
        configured(tmp_path, more)


@pytest.mark.parametrize("listen", ["8787", ":8787", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", "http://x:80"])
def test_an_address_that_is_none(tmp_path: Path, listen: str) -> None:
    with pytest.raises(ConfigTrouble, match="listen is an address"):
        configured(tmp_path, listen=listen)


@pytest.mark.parametrize("value", ["", "curto", "duas\nlinhas e mais um pouco", "çççççççççççççççççç"])
def test_a_secret_that_cannot_serve(tmp_path: Path, value: str) -> None:
    """Nor does any message show it."""
    (source,) = configured(tmp_path).sources
    with pytest.raises(ConfigTrouble, match="The secret of the webhook's source typeform") as why:
        secret(source, {"S": value})
    assert not value or value not in str(why.value)


# Maps


def test_paths_find_what_they_name() -> None:
    thing = {"a": {"b": [{"t": "x", "v": 1}, {"t": "y", "v": [2, 3]}], "c.d": 4}, "id": "y", "n": {"q1": 7, "q2": "oi"}}
    assert At("a.b[t=y].v").find(thing) == [[2, 3]]
    assert At("a.b[t={id}].v[-1]").find(thing, thing) == [3]
    assert At("a.b[*].t").find(thing) == ["x", "y"]
    assert At('a["c.d"]').find(thing) == [4]
    assert At("n[*:number]").find(thing) == [7] and At("n[*:text]").find(thing) == ["oi"]
    assert At("a.b[9].v").find(thing) == At("a.x.y").find(thing) == At("id.x[0]").find(thing) == []


@pytest.mark.parametrize("path", ["a b", "a[", "a]", "a[*", "a..b", "a[x]", "x" * 500])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(ValueError):
        At(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("comment = 'x'", "score is missing"),
        ("score = 1", "a text in quotation marks"),
        ("score = 'a b'", "is not a path"),
        ("score = 'a'\nnota = 'b'", "“nota” is not a setting"),
        ("score = 'a'\nquestions = 'b'", "written as [questions]"),
        ("score = ", "not valid TOML"),
    ],
)
def test_a_map_that_cannot_be_meant_is_named(text: str, said: str) -> None:
    with pytest.raises(ConfigTrouble, match=re.escape(said)):
        webhook_maps.read(text, "meu.toml")


def test_all_built_in_maps_are_read() -> None:
    for name in webhook_maps.SHAPES:
        assert webhook_maps.load(name).fields["score"]


def test_an_own_map_reads_what_it_says(tmp_path: Path) -> None:
    """A file as an administrator writes it, with attributes by name."""
    file = tmp_path / "meu.toml"
    file.write_text("score = ['nps.nota', 'nota']\ncomment = 'texto'\n[attributes]\nLoja = 'onde.loja'\n", "utf-8")
    seen: list[Any] = []

    def made(*parts: Any) -> Answer | Refused:
        seen.append(parts)
        return Refused(parts[0], "")

    list(webhook_maps.load(str(file)).answers({"nota": 4.0, "texto": "a", "onde": {"loja": "Natal"}}, made))
    assert seen == [(1, {"score": "4", "comment": "a"}, [("Loja", "Natal")], [])]


@pytest.mark.parametrize("text", ["{}", '{"a": [1, 2.5, true, null, "x"]}'])
def test_plain_json_is_read(text: str) -> None:
    assert read(text.encode()) == json.loads(text)


def test_the_same_key_twice_is_refused_at_any_depth() -> None:
    with pytest.raises(BadJson, match="twice"):
        read(b'{"a": [{"b": 1, "b": 1}]}')


def test_the_page_shows_what_works(tmp_path: Path) -> None:
    """docs/webhook.md: its configuration is taken, its map is read, and its table of paths names no other fields."""
    page = (Path(__file__).parents[2] / "docs" / "webhook.md").read_text("utf-8")
    (config,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (own_map,) = re.findall(r"```\n(score.*?)```", page, re.DOTALL)
    (tmp_path / "c.toml").write_text(config, "utf-8")
    assert load(str(tmp_path / "c.toml"), None, {}).webhook
    assert webhook_maps.read(own_map, "delighted-comments.toml").when
    row = next(line for line in page.splitlines() if line.startswith("| `score`, "))
    assert set(re.findall(r"`(\w+)`", row)) == set(webhook_maps.FIELDS)
    for name in webhook_config.MAPS:
        assert f"`{name}`" in page and webhook_maps.load(name)
