"""M10: only the new text of a reply is shown; quotations and signatures are folded, never dropped."""

import re

import pytest

from mail import html, newtext
from mail.html import Lines, Mark
from mail.newtext import split
from mail.parse import parse

NEW = "A encomenda chegou partida.\nO que faço?"
OLD = "Recebemos o seu pedido.\nEquipa da Loja"
QUOTED = "\n".join("> " + row for row in OLD.split("\n"))


def split_text(text: str, forwarded: bool = False) -> tuple[str, tuple[str, ...]]:
    """New text and folded pieces of a plain text body."""
    rows = text.split("\n")
    return split(Lines(rows, [Mark.PLAIN] * len(rows)), forwarded)


ANNOUNCED = [
    "Em 3 de mar. de 2026, à(s) 09:12, Loja Azul <loja@azul.example> escreveu:",
    "Em ter., 3 de mar. de 2026 às 09:12, Loja Azul <\nloja@azul.example> escreveu:",
    "Em 03/03/2026 09:12, Loja Azul escreveu:",
    "Loja Azul <loja@azul.example> escreveu no dia terça, 3/03/2026 à(s) 09:12:",
    "No dia 3 de março de 2026 às 09:12, Loja Azul <loja@azul.example> escreveu:",
    "A 03/03/2026 às 09:12, Loja Azul escreveu:",
    "Citando Loja Azul <loja@azul.example>:",
    "On Tue, Mar 3, 2026 at 9:12 AM Blue Shop <shop@azul.example> wrote:",
    "On 3 Mar 2026, at 09:12, Blue Shop\n<shop@azul.example>\nwrote:",
    "El mar, 3 mar 2026 a las 9:12, Tienda (<t@azul.example>) escribió:",
    "Le mar. 3 mars 2026 à 09:12, Boutique <b@azul.example> a écrit :",
    "Am Di., 3. März 2026 um 09:12 Uhr schrieb Laden <l@azul.example>:",
    "Il giorno mar 3 mar 2026 alle ore 09:12 Negozio <n@azul.example> ha scritto:",
    "Op di 3 mrt 2026 om 09:12 schreef Winkel <w@azul.example>:",
    "Den tirs. 3. mar. 2026 kl. 09.12 skrev Butik <b@azul.example>:",
    "ti 3. maalisk. 2026 klo 9.12 Kauppa <k@azul.example> kirjoitti:",
    "wt., 3 mar 2026 o 09:12 Sklep <s@azul.example> napisał(a):",
    "út 3. 3. 2026 v 9:12 odesílatel Obchod <o@azul.example> napsal:",
    "вт, 3 мар. 2026 г. в 09:12, Магазин <m@azul.example>:",
    "Bolt <b@azul.example> ezt írta (időpont: 2026. márc. 3., K, 9:12):",
    "3 Mar 2026 Sal 09:12 tarihinde Mağaza <m@azul.example> şunu yazdı:",
    "2026年3月3日(火) 9:12 店 <s@azul.example>:",
    "在 2026年3月3日，09:12，商店 <s@azul.example> 写道：",
    "2026년 3월 3일 (화) 오전 9:12, 가게 <s@azul.example>님이 작성:",
    "---- On Tue, 03 Mar 2026 09:12:00 -0300 Loja <l@azul.example> wrote ----",
    "De: Loja Azul <loja@azul.example>\nEnviado: terça-feira, 3 de março de 2026 09:12\nPara: Ana\nAssunto: Pedido",
    "*De:* Loja Azul [mailto:loja@azul.example]\n*Enviada em:* terça-feira\n*Para:* Ana\n*Assunto:* RES: Pedido",
    "-----Mensagem original-----\nDe: Loja",
    "________________________________\nFrom: Shop <s@azul.example>\nSent: Tuesday\nTo: Ana\nSubject: Order",
    "Von: Laden <l@azul.example>\nGesendet: Dienstag, 3. März 2026\nAn: Ana\nBetreff: AW: Paket",
    "##- Responda acima desta linha -##",
    "Em quarta-feira, 4 de março de 2026 09:12:33 BRT, Loja Azul <loja@azul.example> escreveu:",
    "Loja Azul <loja@azul.example> escreveu (terça, 3/03/2026 à(s) 09:12):",
    "---- Ativado ter, 03 mar. 2026 09:12:00 -0300 Loja <l@azul.example> escreveu ----",
    'De: "Loja Azul" <loja@azul.example>\nEnviada: 2026/03/03 09:12:33\nPara: ana@uol.example\nAssunto: Re: Pedido',
    '------ Mensagem Original ------\nDe "Loja Azul" <loja@azul.example>\nPara ana@c.example\nData 03/03/2026 09:12:33\nAssunto Pedido',
    "Blue Shop <shop@azul.example> wrote on Tue, 3 Mar 2026 at 09:12:",
    "Laden <l@azul.example> schrieb am Di., 3. März 2026, 09:12:",
    "śr., 4 mar 2026 o 09:12 Sklep <s@azul.example> napisał(a):",
    "Wiadomość napisana przez Sklep <s@azul.example> w dniu 03.03.2026, o godz. 09:12:",
    "\u202bבתאריך יום ג׳, 3 במרץ 2026 ב-9:12 מאת \u202aחנות\u202c\u200f <\u202ah@azul.example\u202c\u200f>:\u202c",
    "2026/03/03 09:12、店 <s@azul.example>のメール:",
    "På tirs. 3. mars 2026 kl. 09:12 skrev Butikk <b@azul.example>:",
    "Lähettäjä: Kauppa\nPäiväys: tiistaina 3. maaliskuuta 2026 klo 09.12\nVastaanottaja: Anna\nAihe: Re: Tilaus",
    "Saatja: Pood <p@azul.example>\nSaadetud: teisipäev, 3. märts 2026 09:12\nAdressaat: Anna\nTeema: RE: Tellimus",
    "Từ: Cửa hàng <c@azul.example>\nĐã gửi: Thứ Ba, 3 tháng 3, 2026 09:12\nTới: Anna\nChủ đề: RE: Đơn hàng",
    "Šalje: Trgovina <t@azul.example>\nPoslano: utorak, 3. ožujka 2026. 09:12\nPrima: Ana\nPredmet: RE: Narudžba",
    "V V tor., 3. mar. 2026 ob 09:12 je oseba Trgovina <t@azul.example> napisala:",
]


# Announcements that begin with a name, or with a word of no list: nothing but their own rows goes with them.
NAMED_FIRST = [
    a for a in ANNOUNCED if a[:1] not in "-_*#" and "\nPara" not in a and "\nTo:" not in a and "\nAn:" not in a
]


@pytest.mark.parametrize("announcement", NAMED_FIRST)
@pytest.mark.parametrize("new", [NEW, "A mesa de 2025 partiu\nEm tempo: quero outra", "Em anexo a foto"])
def test_no_word_of_an_answer_right_above_an_announcement_is_folded(announcement: str, new: str) -> None:
    assert split_text(f"{new}\n{announcement}\n{QUOTED}\n")[0] == new


@pytest.mark.parametrize("head", [a for a in ANNOUNCED if a.count("\n") == 3 and a[0].isalpha()])
def test_a_last_row_that_looks_like_a_field_is_no_part_of_the_head_below(head: str) -> None:
    assert split_text(f"{NEW}\nData: hoje\n\n{head}\n\n{OLD}")[0] == f"{NEW}\nData: hoje"


@pytest.mark.parametrize("announcement", [a for a in NAMED_FIRST if "\n" not in a])
@pytest.mark.parametrize("width", [50, 64, 72])
def test_an_announcement_is_known_however_a_program_wraps_it(announcement: str, width: int) -> None:
    import textwrap

    wrapped = "\n".join(textwrap.wrap(announcement, width, break_long_words=False, break_on_hyphens=False))
    assert split_text(f"{NEW}\n\n{wrapped}\n{QUOTED}\n")[0] == NEW


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@pytest.mark.parametrize("announcement", ANNOUNCED)
@pytest.mark.parametrize("old", [OLD, QUOTED], ids=["bare", "quoted"])
def test_an_announced_old_mail_is_folded_with_its_announcement(announcement: str, old: str) -> None:
    new, folded = split_text(f"{NEW}\n\n{announcement}\n\n{old}\n")
    assert new == NEW
    assert words("\n".join(folded)) == words(announcement + "\n" + old)


@pytest.mark.parametrize(
    "text",
    [
        "Bom dia,\n\nEm anexo segue a fatura.\n\nObrigada,\nAna",
        "A loja escreveu: não há devolução.\nIsto está certo?",
        "Em 2025 comprei duas cadeiras.\nEm 2026 partiram.",
        "On the other hand: I like it.\nOn Monday I wrote to you.",
        "De resto: tudo bem.\nPara já: nada.",
        "Os pontos:\n-- primeiro\n-- segundo",
        "Enviado do Porto para Lisboa, o pacote levou três semanas a chegar e veio aberto, como se vê na fotografia que vai junto a esta carta.",
        "A encomenda chegou.\nA loja escreveu em 03/01/2026 10:11:\n\nnão temos mais\n\nIsto é aceitável?",
        "No dia 3 de janeiro às 10:11 a Ana escreveu:\n\njá enviámos.\n\nMas não chegou.",
        "Am 3. Januar 2026 um 10:11 schrieb ich Ihnen:\n\nWo bleibt mein Paket?\n\nKeine Antwort.",
        "On 3 January 2026 at 10:11 I wrote:\n\nWhere is it?\n\nNo answer.",
        "A data: 03/01/2026, 10:11. Enviei para sac@verde.example e ninguém escreveu:\nquero resposta.",
        "O cartão devia dizer:\nDe: Ana\nPara: Rui\nAssunto: parabéns\n\nE não dizia.",
        "O rastreio diz:\nEm 03/01/2026 10:11, Recife - PE: objeto postado\nE mais nada.",
        "Total ------- 30 euros\n\n* uma cadeira\n* uma mesa",
        "Segue o pacote.\n\nEnviado de Lisboa na terça.",
        "O envio:\n\nDe: Natal\nPara: Recife\nData: 10/03/2026\n\nNunca chegou.",
        "Sent from Lisbon on Monday.\nNothing came.",
        *(
            f"{NEW}\n\n{last}"
            for last in (
                "Enviado pela loja de telefones.",
                "Enviado o iPhone errado.",
                "Enviado pelos Correios ontem.",
                "Enviado por e-mail, sem resposta.",
                "Sent by mail on Monday.",
                "I called you from my mobile",
                "Desculpe, o pacote foi enviado sem o telefone.",
                "O meu Outlook não abre no Windows",
                "Отправлено из Москвы 3 января.",
                "Wysłane z magazynu w Łodzi.",
                "Envoyé par courrier recommandé.",
                "Gesendet per Post.",
            )
        ),
        "The notice said it was sent from my account, which is wrong.",
    ],
)
def test_a_text_without_old_mail_stays_whole(text: str) -> None:
    assert split_text(text) == (text, ())


@pytest.mark.parametrize(
    "mark",
    ["Enviado do meu iPhone", "Enviado do meu Samsung Galaxy", "Sent from my iPhone", "Obter o Outlook para iOS<https://aka.example/x>",
     "Envoyé depuis mon téléphone", "Von meinem Telefon gesendet", "Inviato da iPhone", "Отправлено с телефона", "iPhoneから送信",
     "Enviado por meu celular", "Enviado do meu aparelho móvel", "Enviado pelo aplicativo BOL Mail", "Enviado do Correio para Windows 10", "Obter Outlook para Android<https://aka.example/x>",
     "Desculpe a brevidade, enviado do meu celular.", "Please excuse typos, sent from my phone", "Get BlueMail for Android", "Sent via the Samsung Galaxy S22, an AT&T 5G smartphone",
     "Obtenez Outlook pour Android", "Lähetetty Outlookista Androidille", "Pobierz program Outlook dla systemu Android", "Odesláno z iPhonu", "Küldve az iPhone-omról",
     "Android için Outlook'u edinin", "Enviat des del meu iPhone", "Skickades från E-post för Windows", "Gesendet mit der GMX Mail App"],
)  # fmt: skip
def test_what_a_telephone_adds_is_folded(mark: str) -> None:
    assert split_text(f"{NEW}\n\n{mark}\n") == (NEW, (mark,))


def test_a_signature_below_its_mark_is_folded_and_a_greeting_is_not() -> None:
    new, folded = split_text(f"{NEW}\n\nCumprimentos,\nAna\n\n-- \nAna Lima\n+351 900 000 000\n")
    assert new == NEW + "\n\nCumprimentos,\nAna"
    assert "900 000 000" in folded[0]


def test_answers_between_quoted_lines_stay_in_place_with_the_questions() -> None:
    text = (
        "On 3 Mar 2026, at 09:12, Shop <s@azul.example> wrote:\n> Which colour?\n\nBlue.\n\n> Which size?\n\nLarge.\n"
    )
    new, folded = split_text(text)
    assert new.index("Which colour?") < new.index("Blue.") < new.index("Which size?") < new.index("Large.")
    assert folded and "wrote:" in folded[0]


def test_an_answer_below_the_quotation_is_found() -> None:
    new, _ = split_text(
        "Em 03/03/2026 09:12, Loja escreveu:\n> Recebeu?\n> Loja\n\nRecebi, obrigada.\nJá está montada."
    )
    assert new == "Recebi, obrigada.\nJá está montada."


def test_a_forward_keeps_what_was_forwarded() -> None:
    text = "Para vosso conhecimento\n\n---------- Mensagem encaminhada ---------\nDe: Rui <rui@c.example>\nData: 3/3/2026\nAssunto: X\n\nA mesa veio riscada."
    new, folded = split_text(text)
    assert "A mesa veio riscada." in new
    assert folded == ()


def test_spaces_that_no_eye_tells_apart_change_nothing() -> None:
    told = "Em ter., 3 de mar. de 2026 às 09:12, Loja Azul <loja@azul.example> escreveu:"
    for text in (told.replace(" ", "\xa0"), told.replace(" às ", "\u202fàs\u202f"), told + "  ", "\u200b" + told):
        assert split_text(f"{NEW}\n\n{text}\n{QUOTED}")[0] == NEW
    shared = "Não, obrigada. On Tue, 3 Mar 2026 at 09:12, Shop <s@azul.example> wrote:"
    assert split_text(f"{shared.replace(' ', chr(160))}\n{QUOTED}")[0] == "Não, obrigada."


def test_an_old_mail_that_runs_on_from_its_announcement_is_folded() -> None:
    text = f"{NEW}\n\nEnviado do Yahoo Mail no Android\n\n  Em ter., 3 de mar. de 2026 às 9:12, Loja<l@azul.example> escreveu:   Olá Ana\nRecebemos"
    new, folded = split_text(text)
    assert new == NEW
    assert "Olá Ana\nRecebemos" in folded[-1]
    assert split_text(f"{NEW}\n\n-------- Mensagem original --------De : Loja Data: 3/3/2026 Para: Ana\nOlá")[0] == NEW


OUTLOOK_HEAD = "De: Rui <rui@c.example>\nEnviado: quarta-feira, 4 de março de 2026 10:11\nPara: Ana\nAssunto: Mesa"


def test_a_forward_that_only_its_subject_tells_keeps_what_was_forwarded() -> None:
    text = f"Para vosso conhecimento\n\n{OUTLOOK_HEAD}\n\nA mesa veio riscada."
    assert split_text(text, forwarded=True) == (text, ())
    assert split_text(text)[0] == "Para vosso conhecimento"
    raw = f"From: a@c.example\nSubject: {{}} Mesa\n\n{text}\n"
    shown = [parse(raw.format(prefix).encode()).new_text for prefix in ("ENC:", "Fwd:", "WG:", "RES: ENC:")]
    assert ["riscada" in new for new in shown] == [True, True, True, False]


@pytest.mark.parametrize("head", [OUTLOOK_HEAD, "-----Mensagem original-----\n" + OUTLOOK_HEAD])
def test_an_old_mail_sent_on_without_a_word_is_shown(head: str) -> None:
    text = f"{head}\n\nA mesa veio riscada."
    assert split_text(text) == (text, ())


@pytest.mark.parametrize(
    "boast",
    [
        "Livre de vírus.www.avast.com",
        "Livre de vírus. www.avast.com\n<https://www.avast.com/sig-email?utm_medium=email>\n<#11111111-2222-3333-4444-555555555555>",
        "---\nEste e-mail foi verificado pelo software antivírus Avast.\nhttps://www.avast.com/antivirus",
        "---\nDiese E-Mail wurde von Avast Antivirus-Software auf Viren geprüft.",
        "Virus-free.",
    ],
)
def test_what_a_virus_scanner_adds_is_folded(boast: str) -> None:
    assert split_text(f"{NEW}\n\n{boast}\n") == (NEW, (boast,))


def test_a_lone_quotation_is_shown_for_there_is_nothing_else() -> None:
    assert split_text("> só isto")[0] == "> só isto"


@pytest.mark.parametrize(
    "source",
    [
        '<p>Continua partida.</p><div class="gmail_quote"><div>Em ter., 3 de mar. de 2026, Loja &lt;l@azul.example&gt; escreveu:</div><blockquote class="gmail_quote">Olá</blockquote></div>',
        '<p>Continua partida.</p><div id="divRplyFwdMsg"><b>De:</b> Loja</div><p>Olá</p>',
        '<p>Continua partida.</p><div class="moz-cite-prefix">Loja:</div><blockquote type="cite"><p>Olá</p></blockquote>',
        '<div>Continua partida.</div><div class="yahoo_quoted">Loja<div>Olá</div></div>',
        '<p>Continua partida.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p><b>De:</b> Loja</p></div><p>Olá</p>',
        '<div>Continua partida.</div><div class="protonmail_quote">Loja<blockquote type="cite">Olá</blockquote></div>',
        "<p>Continua partida.</p><blockquote>Olá</blockquote>",
    ],
)
def test_html_is_parted_by_the_marks_of_its_program(source: str) -> None:
    new, folded = newtext.split(html.read(source))
    assert new == "Continua partida."
    assert "Olá" in "\n".join(folded)


GMAIL = '<div class="gmail_quote"><div class="gmail_attr">Em qua., Loja &lt;l@azul.example&gt; escreveu:</div>{}</div>'
ASKED = '<blockquote class="gmail_quote"><div>{}</div></blockquote>'


def test_what_gmail_users_write_below_or_between_the_quotation_is_new() -> None:
    below = GMAIL.format(ASKED.format("Qual a cor?") + "<div>Azul.</div>")
    assert newtext.split(html.read(below))[0] == "Azul."
    between = GMAIL.format(ASKED.format("Cor?") + "<div>Azul.</div>" + ASKED.format("Tamanho?") + "<div>Grande.</div>")
    assert newtext.split(html.read(between))[0].split() == [">", "Cor?", "Azul.", ">", "Tamanho?", "Grande."]


def test_what_the_writer_cites_stays_where_a_program_marked_the_old_mail() -> None:
    new, _ = newtext.split(
        html.read(
            "<p>A vossa carta dizia:</p><blockquote>garantia de 2 anos</blockquote><p>É verdade?</p>"
            + GMAIL.format(ASKED.format("Olá"))
        )
    )
    assert new.split("\n") == ["A vossa carta dizia:", "", "> garantia de 2 anos", "", "É verdade?"]


@pytest.mark.parametrize(
    "text",
    ["On " * 100_000, "On On On:\n" * 20_000, "> q\na\n" * 20_000, "On Mon, 1 Jan 2026 at 10:00, a <a@b.example> wrote:\n" * 5_000,
     ">" * 300_000, ("On Mon, " * 50 + " wrote:\n> \n") * 2_000, "--\n" * 50_000, "From: a\n" * 20_000, "*" * 100_000, ("*" * 199 + "\n") * 3_000],
    ids=["on", "on-lines", "interleaved", "announcements", "signs", "shared", "dashes", "fields", "stars", "rows-of-stars"],
)  # fmt: skip
def test_a_hostile_body_is_read_in_linear_time(text: str) -> None:
    import time

    start = time.process_time()
    split_text(text)
    assert time.process_time() - start < 5  # seconds; a quadratic reader takes minutes
