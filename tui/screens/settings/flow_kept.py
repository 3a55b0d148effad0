"""Plans of flows that somebody shaped and did not save, until the program ends."""

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from tui.widgets.flow.shaping import Shaping

if TYPE_CHECKING:
    from textual.app import App

_KEPT: "WeakKeyDictionary[App[object], dict[int, Shaping]]" = WeakKeyDictionary()


def keep(app: "App[object]", shaping: Shaping) -> None:
    """Keep a plan that has changes; one without is forgotten."""
    plans = _KEPT.setdefault(app, {})
    if shaping.unsaved:
        plans[shaping.base.id or 0] = shaping
    else:
        plans.pop(shaping.base.id or 0, None)


def forget(app: "App[object]", flow_id: int | None) -> None:
    """Forget what was kept of a flow; None for one that is not there yet."""
    _KEPT.get(app, {}).pop(flow_id or 0, None)


def kept(app: "App[object]", flow_id: int | None) -> Shaping | None:
    """The unsaved plan of a flow, or of a new one."""
    return _KEPT.get(app, {}).get(flow_id or 0)
