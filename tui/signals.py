"""Ending well when the terminal goes away or somebody ends the program: the draft is saved, the screen put back."""

import asyncio
import signal
from collections.abc import Callable


def on_end(leave: Callable[[int], None]) -> None:
    """Call `leave` with the shell's exit code for the signal (128 + n) on SIGTERM and SIGHUP.

    Must be called from the running event loop; does nothing where there are no such signals, or off the main thread.
    """
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, leave, 128 + number)
        except (NotImplementedError, RuntimeError, ValueError):
            return
