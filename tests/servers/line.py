"""A line to a server that misbehaves on its way back: cut in the middle of words, silent with an open end, slow.

`Line(port)` listens on `line.port`. `line.plan` holds what happens, in order: `(words, act)`, where the act comes over
the answer in which the server says `words`: "cut" (half of it arrives, then the line breaks), "mute" (half of it
arrives, then nothing, and the line stays open). `line.pace` lets everything through in pieces so long, with as many
seconds between two.
"""

import contextlib
import socket
import threading
from typing import Literal

Act = Literal["cut", "mute"]


class Line:
    def __init__(self, port: int) -> None:
        self._target = port
        self.plan: list[tuple[bytes, Act]] = []
        self.pace: tuple[int, float] | None = None
        self.came = 0
        """How many connections there were."""
        self._closed = threading.Event()
        self._open: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_exc: object) -> None:
        self._closed.set()
        self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Break every open connection."""
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                near = self._server.accept()[0]
            except OSError:
                return
            self.came += 1
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                near.close()
                continue
            self._open += [near, far]
            threading.Thread(target=self._there, args=(near, far), daemon=True).start()
            threading.Thread(target=self._back, args=(far, near), daemon=True).start()

    def _there(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                far.sendall(data)
        self._break(near, far)

    def _back(self, far: socket.socket, near: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(65536):
                if self.plan and (at := data.find(self.plan[0][0])) >= 0:
                    act = self.plan.pop(0)[1]
                    near.sendall(data[: at + (len(data) - at) // 2])
                    if act == "cut":
                        break
                    while far.recv(65536):  # the server talks on and nobody hears it
                        pass
                    self._closed.wait()
                elif self.pace:
                    length, pause = self.pace
                    for start in range(0, len(data), length):
                        near.sendall(data[start : start + length])
                        self._closed.wait(pause)
                else:
                    near.sendall(data)
        self._break(near, far)

    def _break(self, *ends: socket.socket) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
