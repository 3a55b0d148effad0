"""What was measured, as a table with a column for each size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Table:
    """Rows by section; a cell is text that is ready to be shown."""

    sizes: Sequence[str]
    rows: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def put(self, section: str, name: str, size: str, cell: str) -> None:
        """Fill a cell."""
        self.rows.setdefault((section, name), {})[size] = cell

    def text(self) -> str:
        """The table as Markdown, which also reads well in a terminal."""
        names = [name for _, name in self.rows]
        width = max((len(n) for n in names), default=0)
        cells = {s: max([len(s), *(len(r.get(s, "")) for r in self.rows.values())]) for s in self.sizes}
        out: list[str] = []
        before = ""
        for (section, name), row in self.rows.items():
            if section != before:
                before = section
                head = " | ".join(s.rjust(cells[s]) for s in self.sizes)
                rule = " | ".join("-" * (cells[s] - 1) + ":" for s in self.sizes)
                out += ["", f"**{section}**", "", f"| {'':{width}} | {head} |", f"| {'-' * width} | {rule} |"]
            out.append(f"| {name:{width}} | {' | '.join(row.get(s, '').rjust(cells[s]) for s in self.sizes)} |")
        return "\n".join(out).lstrip("\n") + "\n"


def figure(value: float) -> str:
    """A number as it is worth reading: three digits that say something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def three(spread: Mapping[str, float]) -> str:
    """Mean, median and worst."""
    return " · ".join(figure(spread[k]) for k in ("mean", "median", "worst"))
