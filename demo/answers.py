"""The sample answers of the shop, and the customers who gave them. Times are relative, so that lists look alive."""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from demo.customers import Person
from demo.letters import Behaviour

SURVEY = "Pós-compra"
_FILE = Path(__file__).with_name("answers.jsonl")


@dataclass(frozen=True)
class Sample:
    """One answer of the file."""

    id: str
    hours_ago: float
    """Before the demo is opened."""
    score: int
    name: str
    comment: str
    email: str = ""
    phone: str = ""
    store: str = ""
    state: str = ""
    seller: str = ""
    product: str = ""
    on_time: str = ""
    service: str = ""
    behaves: str = field(default=Behaviour.THANKS)
    """How this customer answers mail."""

    @property
    def attributes(self) -> dict[str, str]:
        """As the shop calls them; without those that it does not know."""
        pairs = {"Loja": self.store, "Estado": self.state, "Vendedor": self.seller, "Produto": self.product}
        return {name: value for name, value in pairs.items() if value}

    @property
    def questions(self) -> dict[str, str]:
        """Every question with its answer."""
        return {
            "De 0 a 10, o quanto você recomendaria a Loja Aroeira?": str(self.score),
            "Por que você deu essa nota?": self.comment,
            "A entrega chegou no prazo?": self.on_time,
            "Como foi o atendimento?": self.service,
        }


@cache
def samples() -> tuple[Sample, ...]:
    """All answers, the oldest first."""
    rows = [Sample(**json.loads(line)) for line in _FILE.read_text(encoding="utf-8").splitlines()]
    return tuple(sorted(rows, key=lambda row: -row.hours_ago))


def people() -> dict[str, Person]:
    """Every customer who can be written to, by address."""
    return {row.email: Person(row.name, Behaviour(row.behaves)) for row in samples() if row.email}
