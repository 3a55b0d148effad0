"""What the shop's complaints are about: its categories, and the words by which a comment falls into one."""

from domain.text import fold

CATEGORIES: dict[str, tuple[str, ...]] = {
    "Entrega": ("Atraso", "Não chegou", "Avaria"),
    "Produto": ("Defeito", "Errado", "Faltou peça"),
    "Atendimento": ("Demora", "Troca e devolução"),
}
_WORDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Entrega", "Não chegou", ("nunca chegou", "vazia", "chegou uma")),
    ("Entrega", "Atraso", ("dias depois", "atras", "demorou", "esperando a montagem", "remarcad", "nao veio", "depois que")),
    ("Entrega", "Avaria", ("trincad", "quebrad", "amassad", "riscad", "manchad", "risco", "mofo")),
    ("Produto", "Faltou peça", ("faltava", "sem a jarra", "sem os parafusos", "a menos", "sem gavetas")),
    ("Produto", "Errado", ("modelo", "solteiro", "220 v", "cor completamente", "descricao", "passa na porta", "tamanho")),
    ("Produto", "Defeito", ("defeito", "nao funciona", "queimou", "nao gela", "nao acende", "choque", "vaza", "afund", "ferruj", "fecham", "apaga")),
    ("Atendimento", "Troca e devolução", ("estorno", "devolucao", "trocar", "cobra")),
    ("Atendimento", "Demora", ("silencio", "nao responde", "ninguem atende", "quarenta minutos")),
)  # fmt: skip
_TAGS = {"urgente": ("choque", "perigos", "bebe", "comida", "preciso"), "garantia": ("garantia", "assistencia")}


def category_of(comment: str) -> str:
    """The category of a comment, “Parent / Child”; '' when no word of it says one."""
    words = fold(comment)
    return next((f"{parent} / {child}" for parent, child, signs in _WORDS if any(s in words for s in signs)), "")


def tags_of(comment: str) -> tuple[str, ...]:
    """The tags of a comment."""
    words = fold(comment)
    return tuple(tag for tag, signs in _TAGS.items() if any(s in words for s in signs))
