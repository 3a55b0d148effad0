"""What the simulated customers write, by the way they behave. Sample text in Portuguese, written for this program."""

from enum import StrEnum
from zlib import crc32


class Behaviour(StrEnum):
    """How a customer answers a mail of the shop."""

    THANKS = "thanks"
    """Pleased; Gmail, in text and HTML, the quote below."""
    ANGER = "anger"
    """From a telephone, above the quote, 'Enviado do meu iPhone'."""
    QUESTION = "question"
    """Asks back with the whole history quoted below."""
    OUTLOOK = "outlook"
    """HTML from Outlook, the quote under a header block."""
    PHOTO = "photo"
    """Sends a picture along."""
    AWAY = "away"
    """An out-of-office answer; the person answers the next mail."""
    BOUNCE = "bounce"
    """The address does not exist: the server sends the mail back (RFC 3464)."""
    SILENT = "silent"
    """Never answers."""


LETTERS: dict[Behaviour, tuple[str, ...]] = {
    Behaviour.THANKS: (
        "Agradeço muito o retorno, não esperava que respondessem tão rápido!\n\n"
        "Por mim está resolvido. Vou contar lá em casa.\n\nUm abraço,\n{first}",
        "Oi!\n\nDeu tudo certo, valeu pela atenção. Gostei muito do jeito que vocês trataram o caso.\n\n{first}",
        "Perfeito, agradeço de verdade. Podem encerrar o chamado.\n\nAtenciosamente,\n{name}",
    ),
    Behaviour.ANGER: (
        "Já é a terceira vez que explico a mesma coisa e ninguém resolve. Quero meu dinheiro de volta HOJE, "
        "senão vou ao Procon.",
        "Desculpas não resolvem o meu problema. Tirei dois dias de folga para esperar e ninguém apareceu. "
        "Quando é que vocês vêm, afinal?",
        "Sinceramente, uma falta de respeito. Nunca mais compro nessa loja e vou avisar todo mundo.",
    ),
    Behaviour.QUESTION: (
        "Olá, tudo bem?\n\nEntendi, mas fiquei com uma dúvida: preciso mandar o produto de volta antes de receber o novo, "
        "ou vocês trocam na minha casa? E quem paga o frete?\n\nUm abraço,\n{first}",
        "Bom dia,\n\no reembolso cai no mesmo cartão? O meu foi cancelado na semana passada, então não sei se vai chegar.\n\n"
        "No aguardo,\n{name}",
        "Oi, dá para ser na parte da tarde? De manhã não tem ninguém em casa. E preciso da nota fiscal para a troca?\n\n{first}",
    ),
    Behaviour.OUTLOOK: (
        "Prezados,\n\nSegue o número do pedido conforme solicitado: 48-{digits}. Peço que confirmem o novo prazo por escrito.\n\n"
        "Atenciosamente,\n{name}\nCompras e suprimentos",
        "Boa tarde,\n\nEncaminhei a resposta ao meu financeiro. O pedido é o 48-{digits}; peço que confirmem por escrito "
        "o que será feito e até quando.\n\nCordialmente,\n{name}",
    ),
    Behaviour.PHOTO: (
        "Segue a foto do que chegou aqui. Vejam vocês mesmos, não preciso dizer mais nada.",
        "Mandei a foto em anexo. Dá para ver bem o defeito na lateral.",
    ),
    Behaviour.AWAY: (
        "Olá,\n\nestou fora do escritório, em férias, e volto no dia 7. Durante esse período não leio e-mails.\n\n"
        "Em caso de urgência, falem com a recepção.\n\nAtenciosamente,\n{name}",
        "Agradeço o contato. Estou em viagem com acesso limitado ao e-mail e respondo assim que voltar.\n\n{name}",
    ),
    Behaviour.BOUNCE: ("",),
    Behaviour.SILENT: ("",),
}

ONCE_MORE = (
    "Certo, combinado então. Até logo!",
    "Ok, fico no aguardo.",
    "Recebido, agradeço a explicação.",
)
"""What a customer who has written before says to every further mail."""


def letter(behaviour: Behaviour, address: str, name: str, times: int) -> str:
    """What this customer writes as the answer number `times` (from 0); the same one gets the same letters each run."""
    seed = crc32(address.lower().encode())
    choices = LETTERS[behaviour] if times == 0 else ONCE_MORE
    text = choices[(seed + times) % len(choices)]
    first = name.split()[0] if name.split() else address.split("@")[0]
    return text.format(first=first, name=name or first, digits=f"{seed % 100_000:05}")
