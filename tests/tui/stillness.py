"""When a driven program is at rest: judged by what it has to do, not by what the processor does.

Textual's pilot takes a process for idle that uses little processor time, which on a busy machine is one that waits for
its turn with work in hand: a key is then taken for done that has not been looked at.
"""

import asyncio
import time
from typing import Any

import pytest
from textual._context import active_app
from textual.app import App

_BOUND_S = 30.0
"""Nothing is waited for longer: who asserts afterwards says better what is missing."""
_FRAME_S = 0.003
"""A little longer than the program's timer of painting."""
_FRAMES = 200
"""So often painting is waited for: what is marked anew at each frame is never done."""


def _has_keys(app: Any) -> bool:
    """Whether a key is on its way; not one that waits for a lane, which may be held up by the test."""
    return bool(getattr(app, "_busy", False)) and not app.under_way


def _paints(app: Any) -> bool:
    """Whether the screen in sight is not painted yet as it is, or something waits for that."""
    if app is None or not app._screen_stack or app._batch_count:
        return False
    if app._resize_timer is not None:
        return True
    screen = app.screen
    asked = screen._layout_required or screen._scroll_required or screen._repaint_required
    return bool(asked or screen._recompose_required or screen._dirty_widgets or screen._callbacks)


async def still(min_sleep: float = 0, max_sleep: float = _BOUND_S) -> None:
    """In the place of Textual's `wait_for_idle`: until nothing can run any more but for long timers and other threads."""
    loop = asyncio.get_running_loop()
    app, end = active_app.get(None), time.monotonic() + _BOUND_S
    calm = frames = 0
    while calm < 2 and time.monotonic() < end:
        await asyncio.sleep(0)
        if loop._ready:  # type: ignore[attr-defined]
            calm = 0
        elif _has_keys(app) or (frames < _FRAMES and _paints(app)):
            calm = 0
            frames += 1
            await asyncio.sleep(_FRAME_S)
        else:
            calm += 1


def install(environment: pytest.MonkeyPatch) -> None:
    """Have pilots wait so; and a test that ends takes no program apart that is just putting something together."""
    shut_down = App._shutdown

    async def in_order(app: Any) -> None:
        await still()
        await shut_down(app)

    environment.setattr(App, "_shutdown", in_order)
    environment.setattr("textual.app.wait_for_idle", still)
    environment.setattr("textual.pilot.wait_for_idle", still)
