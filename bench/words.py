"""What the customers of a made-up world are called and what they write: Portuguese, with accents, of varied length."""

from random import Random

from domain.text import fold

FIRST = [
    "Ana",
    "Bruno",
    "Carla",
    "Davi",
    "Elisa",
    "Fábio",
    "Gabriela",
    "Heitor",
    "Inês",
    "João",
    "Kátia",
    "Lucas",
    "Márcia",
    "Natália",
    "Otávio",
    "Priscila",
    "Queila",
    "Raúl",
    "Sílvia",
    "Tomás",
    "Úrsula",
    "Vítor",
    "Wesley",
    "Yara",
    "Zuleica",
    "Antônio",
    "Beatriz",
    "Cecília",
    "Diego",
    "Eduarda",
]
LAST = [
    "Abreu",
    "Barros",
    "Camargo",
    "Dutra",
    "Esteves",
    "Falcão",
    "Guimarães",
    "Holanda",
    "Ibarra",
    "Jardim",
    "Klein",
    "Lacerda",
    "Magalhães",
    "Nóbrega",
    "Oliveira",
    "Peçanha",
    "Queiroz",
    "Rezende",
    "São-João",
    "Távora",
    "Uchôa",
    "Valadão",
    "Xavier",
    "Zanetti",
    "Araújo",
    "Conceição",
]
RARE = "hidrômetro"
"""A word that about one comment in a thousand has."""
COMMON = "entrega"
"""A word that about a quarter of the comments have."""

_SENTENCES = (
    "A entrega atrasou duas semanas e ninguém avisou.",
    "O produto veio com um risco na lateral.",
    "Gostei muito do atendimento da loja do centro.",
    "A cadeira é linda, mas faltou um parafuso na caixa.",
    "Liguei três vezes e a ligação caiu em todas.",
    "O frete custou quase o preço da almofada.",
    "Recomendo, chegou antes do prazo.",
    "A cor não é a da fotografia do site.",
    "Pedi a troca no dia 12 e continuo esperando uma resposta.",
    "Tudo certo com a minha compra.",
    "O montador foi educado e deixou tudo limpo.",
    "Cobraram duas vezes no cartão; já mandei o comprovante.",
    "Nota boa pelo preço, embalagem poderia ser melhor.",
    "Não consigo emitir a segunda via da nota fiscal.",
    "A entrega foi deixada na portaria do prédio errado.",
    "O aplicativo fecha sozinho quando abro meus pedidos.",
)


def comments(random: Random, n: int = 4000) -> list[tuple[str, str]]:
    """`n` comments of one to four sentences, each with its folded form."""
    made = []
    for i in range(n):
        text = " ".join(random.sample(_SENTENCES, random.choice((1, 1, 1, 2, 2, 3, 4))))
        if i % 1000 == 500:
            text += f" Trocaram até o {RARE} da entrada."
        made.append((text, fold(text)))
    return made


def people() -> list[tuple[str, str, str]]:
    """Every full name, folded, and as the left side of an address."""
    made = []
    for last in LAST:
        for first in FIRST:
            name = f"{first} {last}"
            plain = fold(name)
            made.append((name, plain, plain.replace(" ", ".")))
    return made
