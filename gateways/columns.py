"""Which column is what: by its heading in Portuguese, English or Spanish, and by what stands in it (I8)."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC

from domain.text import fold
from gateways.layout import is_reason
from gateways.times import read_serial, read_time
from gateways.values import read_score

# Headings without accents, case, and the small words below.
_NAMES = {
    "external_id": (
        "id codigo code externalid idexterno protocolo respondentid responseid answerid submissionid uuid "
        "identificador identifier numero"
    ),
    "score": (
        "nota score nps csat notanps npsscore notacsat rating pontuacao puntuacion puntaje calificacion valoracion "
        "estrelas estrellas stars grade avaliacao evaluacion satisfacao satisfaction satisfaccion notacliente"
    ),
    "comment": (
        "comentario comentarios comment comments feedback opiniao opinion motivo mensagem message mensaje "
        "texto text review depoimento relato observacao observacoes justificativa reason motivonota comentarionota "
        "comentariocliente avaliacao"
    ),
    "answered_at": (
        "data date fecha datahora datetime timestamp carimbodatahora marcatemporal answeredat respondidoem "
        "respondidaem datahoraresposta submittedat submitdate createdat criadoem dataresposta respostadata enddate "
        "responsedate fecharespuesta fechahora datacriacao completedat dateanswered respondidael answeredon "
        "datacomentario dataavaliacao datapesquisa"
    ),
    "time": "hora time horario horaresposta",
    "name": (
        "nome name nombre nomecompleto fullname nombrecompleto nomecliente clientenome cliente customer customername "
        "client clientname nombrecliente contato contact contacto contactname nomecontato consumidor comprador"
    ),
    "email": (
        "email mail correo correoelectronico emailaddress enderecoemail direccioncorreo direccionemail "
        "correioeletronico emailcliente clienteemail customeremail contactemail emailcontato correocliente "
        "direccioncorreoelectronico"
    ),
    "phone": (
        "telefone phone telefono celular mobile whatsapp fone tel phonenumber numerotelefone telemovel movil cell "
        "cellphone mobilephone telefonecliente telefonecelular telefonecontato customerphone telefonocliente "
        "contactphone celularcliente"
    ),
    "customer_id": (
        "customerid clientid idcliente clienteid codigocliente codcliente numerocliente contactid idcontato userid "
        "idconsumidor customercode"
    ),
    "survey": "pesquisa survey encuesta questionario surveyname nomepesquisa nombreencuesta",
}
_FIELD_OF: dict[str, list[tuple[int, str]]] = {}
for _field, _headings in _NAMES.items():
    for _rank, _heading in enumerate(_headings.split()):
        _FIELD_OF.setdefault(_heading, []).append((_rank, _field))

# Whose things a nested key speaks of.
_PERSON = frozenset({"contact", "contato", "contacto", "customer", "cliente", "client", "person", "user", "respondent"})
_ANSWER = frozenset({"response", "answer", "resposta", "respuesta", "submission", "data"})
_SMALL = frozenset(
    [
        "o",
        "a",
        "os",
        "as",
        "do",
        "da",
        "dos",
        "das",
        "de",
        "del",
        "el",
        "la",
        "los",
        "las",
        "the",
        "of",
        "e",
        "y",
        "and",
        "your",
        "seu",
        "sua",
        "su",
    ]
)
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")

_ASKS_SCORE = re.compile(r"\b(?:0|1|zero|um|uno?|one)\b.{1,12}\b(?:5|10|cinco|dez|ten|five|diez)\b|recom[ei]|probab")
_ASKS_WHY = re.compile(
    r"\bpor ?qu[ei]?\b|\bwhy\b|motiv|razao|reason|razon|coment|\bconte\b|\btell us\b|cuent|melhorar|improve"
)


def normal(heading: str) -> str:
    """A heading as it is looked up: "E-mail do cliente" is "emailcliente"."""
    words = _WORD.findall(fold(_HUMP.sub(" ", heading)))
    return "".join(w for w in words if w not in _SMALL) or "".join(words)


def named(heading: str) -> frozenset[str]:
    """The fields that a heading can be by its name."""
    asked = fold(heading)
    asks = len(asked) > 12
    more = (
        {"comment"} if asks and _ASKS_WHY.search(asked) else {"score"} if asks and _ASKS_SCORE.search(asked) else set()
    )
    return frozenset({field for _rank, field in _named(heading)} | more)


def known(row: Sequence[str]) -> int:
    """How many cells of a row are headings that answers have."""
    return sum(bool(_named(cell) or is_reason(cell)) for cell in row if cell and len(cell) <= 80)


def date_order(values: Sequence[str]) -> str | None:
    """dmy, mdy or ymd as the values show it; None if they fit either."""
    shape = re.compile(r"\s*(\d{1,4})[/.-](\d{1,2})[/.-]\d{1,4}")
    votes = {"dmy": 0, "mdy": 0, "ymd": 0}
    for value in values:
        if found := shape.match(value):
            first, second = found[1], int(found[2])
            if len(first) > 2:
                votes["ymd"] += 1
            elif int(first) > 12 >= second:
                votes["dmy"] += 1
            elif second > 12 >= int(first):
                votes["mdy"] += 1
    best = max(votes, key=lambda order: votes[order])
    return best if votes[best] else None


def likely_order(headings: Sequence[str], values: Sequence[str]) -> str:
    """The order where the values themselves leave it open: month first only where English speaks of AM and PM."""
    english = {"date", "score", "name", "email address", "comment", "timestamp", "response date", "rating"}
    if any(re.search(r"\d\s*[ap]\.?m\b", v, re.IGNORECASE) for v in values) and any(
        fold(h).strip() in english for h in headings
    ):
        return "mdy"
    return "dmy"


def _mostly(values: Sequence[str], fits: Callable[[str], bool], share: float = 0.6) -> bool:
    """Whether most of the filled values fit; so do none at all."""
    filled = [value.strip() for value in values if value.strip()]
    return sum(map(fits, filled)) >= share * len(filled)


def _is_score(value: str) -> bool:
    score = read_score(value)
    return score is not None and score <= 100


def _is_date(value: str) -> bool:
    return any(read_time(value, order, UTC) is not None for order in ("dmy", "mdy"))


def _tells_apart(values: Sequence[str]) -> bool:
    """Whether the values can be ids of answers: a code that most rows share is a shop's or a seller's."""
    filled = [value for value in values if value.strip()]
    return len(filled) < 20 or 2 * len(set(filled)) > len(filled)


_FITS: dict[str, Callable[[Sequence[str]], bool]] = {
    "external_id": _tells_apart,
    "score": lambda values: _mostly(values, _is_score),
    "answered_at": lambda values: _mostly(values, lambda v: _is_date(v) or read_serial(v, UTC) is not None),
    "time": lambda values: _mostly(values, lambda v: bool(re.match(r"\d{1,2}[:h]\d{2}", v))),
    "email": lambda values: _mostly(values, lambda v: "@" in v, 0.5),
    "phone": lambda values: _mostly(values, lambda v: sum(c.isdigit() for c in v) >= 8, 0.5),
    "comment": lambda values: not any(v.strip() for v in values) or not _mostly(values, _is_score, 0.95),
}


def _fits(field: str, values: Sequence[str]) -> bool:
    return field not in _FITS or _FITS[field](values)


def _named(heading: str) -> list[tuple[int, str]]:
    """What a heading or a key is by its name: (rank, field). Of a nested key (`contact.email`) the last part speaks,
    but a product has a name as well, and only an answer's own id is an answer's."""
    whole = _FIELD_OF.get(normal(heading))
    parent, dot, last = heading.rpartition(".")
    if whole or not dot:
        return whole or []
    offers = [(rank + 10, field) for rank, field in _FIELD_OF.get(normal(last), ())]
    owner = normal(parent.rpartition(".")[2])
    if owner in _PERSON:
        return [(rank, "customer_id" if field == "external_id" else field) for rank, field in offers]
    if owner in _ANSWER:
        return [offer for offer in offers if offer[1] not in ("name", "customer_id")]
    return [offer for offer in offers if offer[1] in ("score", "comment", "answered_at")]


def match(headings: Sequence[str], columns: Sequence[Sequence[str]]) -> dict[str, str]:
    """Field to heading, for those that could be told; `columns` are samples of the cells under each heading."""
    offers: list[tuple[int, int, str]] = []
    found: dict[str, str] = {}
    taken: set[int] = set()
    for place, heading in enumerate(headings):
        if is_reason(heading):
            taken.add(place)
            continue
        offers.extend((rank, place, field) for rank, field in _named(heading))
        asked = fold(heading)
        if len(asked) > 12 and _ASKS_WHY.search(asked):
            offers.append((101, place, "comment"))
        elif len(asked) > 12 and _ASKS_SCORE.search(asked):
            offers.append((100, place, "score"))

    def take(field: str, place: int) -> None:
        if field not in found and place not in taken and _fits(field, columns[place]):
            found[field] = headings[place]
            taken.add(place)

    for _rank, place, field in sorted(offers):
        take(field, place)
    for place, values in enumerate(columns):
        if place in taken:
            continue
        if any("@" in v for v in values) and _mostly(values, lambda v: "@" in v, 0.9):
            take("email", place)
    if "answered_at" not in found:
        for place, values in enumerate(columns):
            if any(v.strip() for v in values) and _mostly(values, _is_date, 0.95):
                take("answered_at", place)
    # A heading that can be nothing else is believed though what stands below is not (a file of refused rows): better
    # all rows refused with a reason than a score that nobody finds, or a day that is not the answer's.
    for _rank, place, field in sorted(offers):
        if field in ("score", "answered_at") and field not in found and place not in taken:
            values = [value for value in columns[place] if value.strip()]
            sole = {other for _r, other in _FIELD_OF.get(normal(headings[place]), ())} == {field}
            if sole and (field == "score" or any(_DIGIT.search(value) and len(value) <= 40 for value in values)):
                found[field] = headings[place]
                taken.add(place)
    return found
