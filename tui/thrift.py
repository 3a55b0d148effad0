"""Fewer bytes for the same picture: within a line, only what changes from one style to the next is sent.

Textual ends every segment with a reset and begins the next with all of its colours, some forty bytes; on a slow line
that is most of what a key costs. Lines still begin with everything and end with a reset, so each stands alone.
"""

from functools import lru_cache

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual.strip import Strip


@lru_cache(maxsize=4096)
def _codes(style: Style, system: ColorSystem) -> tuple[str, str, str]:
    """The parts of a style as SGR parameters: attributes, ink, ground."""
    ink = ";".join(style.color.downgrade(system).get_ansi_codes()) if style.color else ""
    ground = ";".join(style.bgcolor.downgrade(system).get_ansi_codes(foreground=False)) if style.bgcolor else ""
    bare = style.without_color._make_ansi_codes(system) if style._attributes & style._set_attributes else ""
    return bare, ink, ground


def render(self: Strip, console: Console) -> str:
    """Stands in for `Strip.render`: the same cells and styles."""
    if self._render_cache is not None:
        return self._render_cache
    system = console._color_system or ColorSystem.TRUECOLOR
    out: list[str] = []
    had = ("", "", "")
    for text, style, _control in self._segments:
        if not text:
            continue
        if style is None or style._link:
            if had != ("", "", ""):
                out.append("\x1b[0m")
                had = ("", "", "")
            out.append(text if style is None else style.render(text, color_system=system))
            continue
        wants = _codes(style, system)
        if wants != had:
            out.append(_change(had, wants))
            had = wants
        out.append(text)
    if had != ("", "", ""):
        out.append("\x1b[0m")
    self._render_cache = "".join(out)
    return self._render_cache


@lru_cache(maxsize=8192)
def _change(had: tuple[str, str, str], wants: tuple[str, str, str]) -> str:
    """The sequence that leads from one style to another."""
    if had[0] and had[0] != wants[0]:
        # Attributes are only taken away all together.
        return "\x1b[" + ";".join(["0", *(code for code in wants if code)]) + "m"
    parts = [wants[0]] if wants[0] != had[0] else []
    for old, new, default in ((had[1], wants[1], "39"), (had[2], wants[2], "49")):
        if new != old:
            parts.append(new or default)
    return "\x1b[" + ";".join(parts) + "m"


def install() -> None:
    """Have Textual draw thriftily from now on."""
    Strip.render = render  # type: ignore[method-assign]
