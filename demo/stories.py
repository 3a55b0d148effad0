"""What happened in the shop before the demo is opened: who worked which ticket, and how it came out."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """The work on one customer's latest ticket, still in progress."""

    customer: str
    who: str
    """The assignee's login."""
    phase: str = "Contato"
    ticked: int = 0
    """How many lines of Contato's checklist are ticked; leaving it needs them all."""
    high: bool = False
    notes: tuple[tuple[str, str], ...] = ()
    """(login, text), in order."""
    activities: tuple[tuple[str, str], ...] = ()
    """(what is to be done, login of who does it)."""
    mails: tuple[tuple[str, str], ...] = ()
    """(login, or '' for the customer; text), in order. The last one came not long ago."""


IN_PROGRESS = (
    Story(
        "Edson Carvalhal",
        "ana",
        ticked=2,
        high=True,
        notes=(
            ("bia", "@ana pedi à transportadora o peso registrado na saída. Se a caixa saiu vazia, o erro é nosso."),
            ("ana", "Peso na saída: 180 g. O aparelho pesa 410 g. Levei para a supervisão."),
        ),
        activities=(("Separar um aparelho novo", "caio"), ("Ligar para a transportadora", "bia")),
        mails=(
            (
                "ana",
                "Bom dia, Edson,\n\nrecebi o seu vídeo e o boletim de ocorrência. Estamos conferindo com a transportadora "
                "o peso registrado na saída e na entrega.\n\nVolto a escrever até amanhã ao meio-dia.\n\nAna",
            ),
            ("", "Ok. Mas quero deixar claro que não vou esperar uma semana. Preciso do celular para trabalhar."),
            (
                "ana",
                "Edson,\n\no peso na saída não confere: a falha foi nossa. Prefere um aparelho novo em dois dias ou o valor "
                "de volta?\n\nAna",
            ),
            ("", "Aparelho novo, por favor. No endereço do trabalho, que é o mesmo do boletim."),
        ),
    ),
    Story(
        "Leandro Cascudo",
        "ana",
        phase="Solução",
        ticked=3,
        notes=(("ana", "Instalador remarcado para quinta, entre 8h e 10h. Mantive a garantia por escrito."),),
        mails=(
            (
                "ana",
                "Olá, Leandro,\n\nremarquei a instalação para quinta, entre 8h e 10h. A garantia vale a partir do dia da "
                "instalação, e isso está por escrito neste e-mail.\n\nAna",
            ),
            ("", "Quinta de manhã eu trabalho. Pode ser no sábado? Se não der, deixo a chave com o porteiro."),
        ),
    ),
    Story("Adriana Bezerra", "caio", ticked=1, notes=(("caio", "Pedi fotos do afundamento com uma régua."),)),
    Story("Tiago Brandão", "caio", ticked=1),
    Story(
        "Neide Falcão",
        "bia",
        phase="Solução",
        ticked=3,
        notes=(("bia", "A medida da porta está no pedido (72 cm). O vendedor errou: frete de volta por nossa conta."),),
    ),
    Story("Bruno Siqueira", "caio", ticked=2),
    Story(
        "Heitor Vilela",
        "caio",
        phase="Solução",
        ticked=3,
        notes=(("caio", "Coleta pedida; a rota de Goiás sai na sexta."),),
    ),
    Story("Lívia Sarmento", "bia", ticked=1),
    Story(
        "Washington Reis",
        "ana",
        ticked=1,
        high=True,
        notes=(("caio", "Cliente desde 2019, com bebê em casa. Dá para mandar a do mostruário hoje?"),),
        mails=(
            (
                "ana",
                "Boa tarde, Washington,\n\nsinto muito pelas quatro remarcações. Com um bebê em casa, isso não podia ter "
                "acontecido. Estou vendo agora uma máquina pronta na loja da Barra.\n\nAna",
            ),
            ("", "Se for hoje mesmo, eu aceito até a do mostruário. Só me avisem o horário antes."),
        ),
    ),
    Story("Kátia Bittencourt", "caio"),
    Story(
        "Osvaldo Quintela",
        "ana",
        phase="Solução",
        ticked=3,
        high=True,
        notes=(("ana", "O desconto à vista está na nota. O financeiro estorna R$ 212,40 em até dois dias úteis."),),
        mails=(
            (
                "ana",
                "Bom dia, Osvaldo,\n\no senhor tem razão: o desconto está na nota e não foi aplicado. O financeiro "
                "estorna R$ 212,40 em até dois dias úteis.\n\nAna",
            ),
        ),
    ),
    Story(
        "Fabiana Lacerda",
        "bia",
        ticked=1,
        mails=(
            (
                "bia",
                "Olá, Fabiana,\n\npeço desculpas pela espera no Tatuapé. Separei um aspirador novo: é só procurar o "
                "Eduardo, sem fila, no dia que preferir.\n\nBianca",
            ),
            ("", "Vou no sábado de manhã. Ele vai estar lá?"),
        ),
    ),
    Story("Milena Castilho", "caio"),
    Story("Rafael Guedes", "ana"),
)

RESOLUTIONS = (
    ("Produto trocado na loja, sem custo para o cliente.", "trocado"),
    ("Valor devolvido no mesmo cartão; o cliente confirmou o recebimento.", "reembolsado"),
    ("Peça que faltava enviada por transportadora; o cliente recebeu.", "peça enviada"),
    ("Liguei, pedi desculpas e expliquei o atraso. O cliente aceitou um cupom de 10%.", "cupom"),
    ("Montagem refeita por outra equipe e conferida por telefone.", "serviço refeito"),
)
UNREACHED = "Três tentativas por e-mail e duas por telefone, sem resposta."
THANKED = "Agradecemos o elogio e levamos o nome do vendedor ao gerente da loja."
HEARD = "Respondemos à sugestão e passamos a observação ao setor de compras."

LETTERS = {
    "Neide Falcão": (
        "bia",
        "Boa tarde, Neide,\n\nconferimos o pedido e a senhora tem razão: a medida da porta estava anotada e o sofá não "
        "deveria ter saído daqui. A coleta e o frete são por nossa conta.\n\nPrefere o sofá de 2 lugares desmontável "
        "ou o valor de volta?\n\nBianca",
    ),
    "Heitor Vilela": (
        "caio",
        "Olá, Heitor,\n\na coleta da bomba de 220 V está marcada para sexta-feira, na fazenda, e a de 110 V vai no mesmo "
        "caminhão.\n\nCaio",
    ),
}
"""Mail that is leaving while the demo opens, so that the first answers come while one looks around."""
