"""What the shop's complaints are about: its categories, and the words by which a comment falls into one."""

from functools import cache

from domain.text import fold
from domain.textmatch import Matcher

CATEGORIES: dict[str, tuple[str, ...]] = {
    "Entrega": ("Atraso", "Não chegou", "Avaria"),
    "Produto": ("Defeito", "Errado", "Faltou peça"),
    "Atendimento": ("Demora", "Troca e devolução"),
}
WORDS: dict[str, tuple[str, ...]] = {
    "Entrega / Não chegou": ("nunca chegou", "caixa vazia", "chegou uma"),
    "Entrega / Atraso": ("dias depois", "atras*", "demor*", "esperando a montagem", "remarcad*", "nao veio", "depois que"),
    "Entrega / Avaria": ("trincad*", "quebrad*", "amassad*", "riscad*", "riscar*", "manchad*", "risco", "mofo"),
    "Produto / Faltou peça": ("faltava*", "sem a jarra", "sem os parafusos", "a menos", "sem gavetas"),
    "Produto / Errado": (
        "modelo", "solteiro", "220 v", "cor completamente", "descricao", "passa na porta", "pedi* near/12 veio",
    ),
    "Produto / Defeito": (
        "defeito", "nao funciona", "queimou", "nao gela", "nao acende", "choque", "vaza", "afund*", "enferruj*", "fecham", "apaga",
    ),
    "Atendimento / Troca e devolução": ("estorno", "devolucao", "trocar", "cobra*"),
    "Atendimento / Demora": ("silencio", "nao responde", "ninguem atende", "quarenta minutos"),
}  # fmt: skip
"""Text Match words by “Parent / Child”; the first that fits is what the shop's people chose."""
_TAGS = {"urgente": ("choque", "perigos", "bebe", "comida", "preciso"), "garantia": ("garantia", "assistencia")}


def category_of(comment: str) -> str:
    """The category of a comment, “Parent / Child”; '' when no word of it says one."""
    return next((name for name, matcher in _matchers().items() if matcher.any(comment)), "")


@cache
def _matchers() -> dict[str, Matcher]:
    return {name: Matcher([(word, False) for word in words]) for name, words in WORDS.items()}


def tags_of(comment: str) -> tuple[str, ...]:
    """The tags of a comment."""
    words = fold(comment)
    return tuple(tag for tag, signs in _TAGS.items() if any(s in words for s in signs))
