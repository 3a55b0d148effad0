"""What the last line says for a while: one sentence instead of toasts, with a countdown where something runs out."""

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a sentence is meant; each has its sign, not only its colour."""

    SAID = "said"
    DONE = "done"
    REFUSED = "refused"
    TROUBLE = "trouble"


SIGNS = {Tone.SAID: "", Tone.DONE: "✓ ", Tone.REFUSED: "· ", Tone.TROUBLE: "! "}


@dataclass(frozen=True)
class Flash:
    """A sentence for the last line."""

    text: str
    """May name `{seconds}`, which counts down to `until`."""
    tone: Tone = Tone.SAID
    until: int = 0
    """Unix milliseconds at which it goes by itself; 0 is with the next key."""

    def said(self, now: int) -> str:
        """The sentence at `now`."""
        left = max(0, -(-(self.until - now) // 1000))
        return SIGNS[self.tone] + self.text.replace("{seconds}", str(left))
