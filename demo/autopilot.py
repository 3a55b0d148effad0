"""The shop's autopilot: its rule sets, who looks after which state, and the e-mails of the classes."""

from demo.answers import SURVEY
from domain.rules import SEND_CLASS, Condition, Moment, RuleSet, Says, Then, When
from domain.tickets import Priority

DETRACTORS, OTHERS = "Detratores", "Pós-compra"
"""The shop's flows."""
HIGH = int(Priority.HIGH.value)

TABLE, ATTRIBUTE = "Responsáveis por estado", "Estado"
STATES = {
    "RN": "ana", "PE": "ana", "CE": "ana", "PB": "ana",
    "SP": "bia", "MG": "bia", "RS": "bia", "SC": "bia",
    "BA": "caio", "PR": "caio", "GO": "caio", "MT": "caio", "AM": "caio", "PA": "caio",
}  # fmt: skip

SORTED = RuleSet(
    None,
    "Categorias pelas palavras",
    When(flows=(DETRACTORS,)),
    Then(categorise=True),
)
LATE = RuleSet(
    None,
    "Entrega atrasada",
    When(
        flows=(DETRACTORS,),
        classes=("detractor",),
        says=Says(("atras*", "dias depois", "demor*", "remarcad*", "entrega near/4 espera*")),
    ),
    Then(priority=HIGH, categories=("Entrega / Atraso",), by_table=TABLE, due_days=1),
)
WRONG = RuleSet(
    None,
    "Produto errado",
    When(
        flows=(DETRACTORS,),
        says=Says(("em vez de", "pedi* near/12 veio", "nao near/4 modelo", "descricao"), none_of=("veio certinho",)),
    ),
    Then(categories=("Produto / Errado",), tags=("troca",)),
)
THANKS = RuleSet(None, "Obrigado aos promotores", When(surveys=(SURVEY,), classes=("promoter",)), Then(send=SEND_CLASS))
FORGOTTEN = RuleSet(
    None,
    "Ninguém começou",
    When(flows=(OTHERS,), moment=Moment("not started", 36)),
    Then(tags=("parado",), followers=("ana",)),
)
ON = (SORTED, LATE, WRONG, THANKS, FORGOTTEN)
"""In the order in which they run."""
BROKEN = RuleSet(
    None,
    "Assistência técnica",
    When(
        flows=(DETRACTORS,),
        classes=("detractor",),
        says=Says(
            ("defeito", "queim*", "afund*", "vaza", "nao gela", "nao acende", "para de funcionar"),
            ("trocaram na hora",),
        ),
    ),
    Then(tags=("assistência",), by_table=TABLE, followers=("bia",), send=SEND_CLASS),
)
OFF = (
    BROKEN,
    RuleSet(
        None,
        "Elogio a um vendedor",
        When(flows=(OTHERS,), classes=("promoter",), groups=((Condition("Vendedor", "filled"),),)),
        Then(categories=("Elogio / Vendedor",)),
    ),
)
"""One that was on for a week, ready to be rehearsed and switched on again, and one whose category is not there yet."""

NAMES = {"detractor": "Recebemos", "neutral": "Sobre a resposta", "promoter": "Obrigado"}
"""What the e-mails of the classes are called."""

_HELLO = 'Olá, {{ customer.first_name | default("cliente") }},'
SENDER = "Loja Aroeira"
OF_ACCOUNT = {
    "promoter": (SENDER, "Muito obrigado!", f"{_HELLO}\n\nobrigado por recomendar a Loja Aroeira.\n\nEquipe Loja Aroeira"),
}  # fmt: skip
"""By class: sender's name, subject, body."""
OF_SURVEY = {
    "detractor": (
        SENDER,
        "Recebemos a sua resposta",
        f"{_HELLO}\n\nlamentamos o que aconteceu. Uma pessoa da nossa equipe escreve para você em até um dia útil.\n\n"
        "Equipe Loja Aroeira",
    ),
    "neutral": (SENDER, "", f"{_HELLO}\n\nobrigado pela resposta."),
    "promoter": (
        SENDER,
        "Obrigado pela nota {{ answer.score }}!",
        f'{_HELLO}\n\nobrigado pela nota {{{{ answer.score }}}}. Vamos contar ao pessoal da loja '
        '{{ answer.attributes.Loja | default("Aroeira") }}.\n\nEquipe Loja Aroeira',
    ),
}  # fmt: skip
"""The e-mail to neutrals still lacks its subject, so that none is sent."""
