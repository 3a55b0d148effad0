"""What a server says at once, or in pieces, is heard all the same (M6)."""

import contextlib
import socket
import threading

import pytest

from mail.accounts import ImapAccount
from mail.mailbox import Mailbox


@pytest.mark.parametrize("said", [b"* 1 EXISTS\r\n", b"* 3 FETCH (FLAGS ())\r\n* 1 RECENT\r\n"])
def test_m6_news_that_come_in_one_breath_with_the_permission_to_idle(said: bytes) -> None:
    """Mail that came between the last look and IDLE is told at once; who only watches the line never hears of it."""

    def serve(talk: socket.socket) -> None:
        near = talk.accept()[0]
        near.sendall(b"* OK [CAPABILITY IMAP4rev1 IDLE] hello\r\n")
        idle = b""
        for line in near.makefile("rb"):
            tag, word = line.split()[:2] if b" " in line else (b"", line.strip())
            if word == b"CAPABILITY":
                near.sendall(b"* CAPABILITY IMAP4rev1 IDLE\r\n" + tag + b" OK done\r\n")
            elif word == b"IDLE":
                idle = tag
                near.sendall(b"+ idling\r\n" + said)
            else:
                near.sendall((idle if word == b"DONE" else tag) + b" OK done\r\n")

    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as talk:
        threading.Thread(target=serve, args=(talk,), daemon=True).start()
        port = talk.getsockname()[1]
        account = ImapAccount(host="127.0.0.1", port=port, security="none", user="a", password="b", timeout=30)
        with Mailbox(account) as mailbox:
            done = threading.Event()
            watch = threading.Timer(10, done.set)
            watch.start()
            assert mailbox.idle(60, done), "the news are heard"
            assert not done.is_set()
            watch.cancel()
