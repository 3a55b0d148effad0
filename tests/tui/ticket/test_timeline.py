"""The timeline (T8): newest first in sight, words folded and unfolded, place kept."""

from dataclasses import replace
from time import thread_time

import pytest

from loop.kinds import KINDS
from loop.views import Attachment, Entry
from tests.tui.ticket.harness import DAY, HOSTILE, HOUR, MINUTE, NOW, Harness, entries, safe, ticket
from tui.widgets.ticket.entries import FILTERS, INCOMING, INDENT, group, lay_out, mail_state, size
from tui.widgets.ticket.pane import TicketPane
from tui.widgets.ticket.sentences import sentence
from tui.widgets.ticket.timeline import Timeline


def _many(count: int, first: int = 1) -> tuple[Entry, ...]:
    kinds = ("mail in", "note", "mail out", "moved")
    return tuple(
        Entry(
            first + i,
            NOW - (count - i) * HOUR,
            kinds[i % 4],
            f"pessoa {i}",
            {"old": "Novo", "new": "Contato"},
            subject=f"assunto {i}",
            text=f"Mensagem {first + i} com acentuação, comprida o bastante para duas linhas de um painel. " * 3,
            message=i if i % 2 == 0 else None,
        )
        for i in range(count)
    )


def _without_scrollbar(app: Harness) -> list[str]:
    return [line[:-1] for line in app.screen_text().split("\n")]


def _words(entry: Entry, width: int = 60, *, unfolded: bool = False, subject: str = "Entrega atrasada") -> list[str]:
    laid = lay_out(entry, width, unfolded=unfolded, subject=subject)
    return ["".join(t for t, _r in laid.head), *(words for words, _role in laid.below)]


async def test_it_opens_at_the_newest_and_g_goes_to_the_oldest() -> None:
    timeline = Timeline()
    app = Harness(timeline)
    async with app.run_test(size=(80, 12)) as pilot:
        timeline.show(_many(40), 40, now=NOW)
        timeline.focus()
        await pilot.pause()
        assert timeline.at_end
        assert "pessoa 39" in app.screen_text()
        await pilot.press("g")
        assert "pessoa 0" in app.screen_text()
        assert timeline.current is not None and timeline.current.id == 1
        await pilot.press("G")
        assert timeline.at_end and timeline.current.id == 40


async def test_it_opens_at_the_newest_even_when_shown_before_it_has_a_size() -> None:
    timeline = Timeline()
    timeline.entries = ()
    app = Harness(timeline)
    app.call_later(lambda: timeline.show(_many(40), 40, now=NOW))
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        assert timeline.at_end and "pessoa 39" in app.screen_text()
        await pilot.resize_terminal(60, 9)
        assert timeline.at_end


async def test_j_and_k_go_from_entry_to_entry_marked_by_a_bar() -> None:
    timeline = Timeline()
    app = Harness(timeline)
    async with app.run_test(size=(80, 30)) as pilot:
        timeline.show(entries(), 6, now=NOW)
        timeline.focus()
        await pilot.press("k")
        assert timeline.current is not None and timeline.current.id == 5
        marked = [line for line in app.screen_text().split("\n") if line.startswith("▌")]
        assert len(marked) == 1 and "Ligar para o cliente" in marked[0]


async def test_j_scrolls_inside_an_entry_that_is_higher_than_the_pane() -> None:
    long = Entry(2, NOW, "mail in", "Marina", text="\n".join(f"linha {i}" for i in range(25)))
    timeline = Timeline()
    app = Harness(timeline)
    async with app.run_test(size=(60, 10)) as pilot:
        timeline.show((Entry(1, NOW, "started", "ana"), long, Entry(3, NOW, "note", "bia", text="fim")), 3, now=NOW)
        timeline.focus()
        await pilot.press("g", "j")
        assert timeline.current is not None and timeline.current.id == 2
        seen = ""
        for _press in range(12):
            seen += app.screen_text()
            await pilot.press("j")
        assert all(f"linha {i}\n" in seen or f"linha {i} " in seen for i in range(25))
        assert timeline.current.id == 3


def test_glyphs_tell_the_kinds_apart_without_colour() -> None:
    glyphs = {e.kind: lay_out(e, 60).glyph[0] for e in entries()}
    assert glyphs == {"opened": "★", "started": "◆", "note": "✎", "mail out": "→", "ticked": "☑", "mail in": "←"}


def test_the_opening_names_the_answer() -> None:
    """T8, I2"""
    spans = sentence(entries()[0], ticket().answer)
    assert "".join(t for t, _r in spans) == "answered 2 · ticket opened"
    assert ("2", "detractor") in spans


def test_a_customers_mail_is_whole_and_its_quotes_are_folded() -> None:
    """M10"""
    folded = _words(entries()[5])
    assert folded == [
        "Marina Alves",
        "Chegou hoje, mas veio a cor errada.",
        "▸ 3 quoted lines",
        "+ etiqueta.jpg  340 KB",
    ]
    unfolded = _words(entries()[5], unfolded=True)
    assert "▾ 3 quoted lines" in unfolded and "│ > pelo atraso" in unfolded


def test_our_own_mail_is_short_until_unfolded() -> None:
    mail = replace(entries()[3], text="Olá Marina,\n\n" + "sinto muito pelo atraso do seu pedido. " * 20 + "\nAna")
    short = _words(mail)
    assert len(short) == 3 and short[2].endswith("…")
    assert _words(mail, unfolded=True)[-1] == "Ana"


def test_long_words_are_folded_with_their_number() -> None:
    mail = Entry(1, NOW, "mail in", "Marina", text="\n".join(f"linha {i}" for i in range(300)))
    assert _words(mail)[-1] == "▸ 270 more lines"
    assert _words(mail, unfolded=True)[-1] == "linha 299"


def test_three_hundred_folded_lines_cost_one_line() -> None:
    """M10"""
    mail = replace(entries()[5], folded=tuple(f"> linha {i}" for i in range(300)))
    assert "▸ 300 quoted lines" in _words(mail)
    assert len(_words(mail)) == 4


def test_a_reply_does_not_repeat_the_tickets_subject_but_says_another() -> None:
    assert _words(replace(entries()[5], subject="RES: Re: Entrega atrasada"))[0] == "Marina Alves"
    assert _words(replace(entries()[5], subject="Outra coisa"))[0] == "Marina Alves  Outra coisa"
    long = "Paguei à vista para ter desconto e cobraram o valor cheio"
    assert _words(replace(entries()[3], subject="Re: " + long), subject=long)[0] == "ana  Re: Paguei à vista para ter…"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("sent", "accepted"),
        ("queued", "waiting to leave"),
        ("in doubt", "? in doubt"),
        ("failed", "✗ failed"),
        ("bounced", "✗ bounced"),
        ("held", "? held back"),
        ("taken back", "taken back"),
    ],
)
def test_the_state_of_a_mail_is_in_words(state: str, said: str) -> None:
    """M5: accepted by the server is all that can be known."""
    found = mail_state(replace(entries()[3], state=state))
    assert found is not None and found[0] == said


def test_a_failed_mail_shows_the_servers_words() -> None:
    """M5"""
    mail = replace(entries()[3], state="failed", answer="550 5.1.1 \x1b[31mno such user")
    assert "550 5.1.1 [31mno such user" in _words(mail)


def test_a_strangers_mail_is_shown_as_suspect_and_not_as_the_customers() -> None:
    """M7"""
    mail = replace(entries()[5], kind="suspect mail", state="suspect")
    laid = lay_out(mail, 60)
    assert laid.ground == "" and any("not known on this ticket" in words for words, _r in laid.below)
    found = mail_state(mail)
    assert found is not None and "suspect" in found[0]


def test_what_is_signed_or_sealed_is_said_beside_the_files_name() -> None:
    """Issue 4: a sealed mail has no words, and its entry says why; no line is wider than the pane."""
    files = (Attachment(1, "mensagem.asc", "", 58, "encrypted"), Attachment(2, "smime.p7s" * 9, "", 2, "signed"))
    mail = replace(entries()[5], text="", folded=(), attachments=files)
    said = _words(mail, 44)
    assert "+ mensagem.asc  58 B · encrypted" in said and said[-1].endswith("…  2 B · signature")
    assert "It is encrypted" in " ".join(said) and all(len(words) <= 44 - INDENT for words in said)
    assert "It is encrypted" not in " ".join(_words(replace(mail, text="Olá"), 44))


async def test_the_seconds_until_a_mail_leaves_count_down() -> None:
    mail = Entry(9, NOW, "mail out", "ana", {"leaves_at": NOW + 7_000}, subject="x", state="queued")
    timeline = Timeline()
    app = Harness(timeline)
    async with app.run_test(size=(80, 10)) as pilot:
        timeline.show((mail,), 1, now=NOW)
        await pilot.pause()
        assert "sending in 7s" in app.screen_text()
        timeline.show((mail,), 1, now=NOW + 4_000)
        await pilot.pause()
        assert "sending in 3s" in app.screen_text()
        timeline.show((replace(mail, state="sent"),), 1, now=NOW + 8_000)
        await pilot.pause()
        assert "accepted" in app.screen_text()


async def test_unfolding_shows_quotes_and_the_full_date_and_stays_over_a_refresh() -> None:
    """M10"""
    timeline = Timeline()
    app = Harness(timeline)
    async with app.run_test(size=(80, 30)) as pilot:
        timeline.show(entries(), 6, now=NOW)
        timeline.focus()
        await pilot.press("o")
        assert "│ > sinto muito" in app.screen_text()
        assert "2026" in app.screen_text()
        timeline.show(entries(), 6, now=NOW + MINUTE)
        await pilot.pause()
        assert "│ > sinto muito" in app.screen_text()
        await pilot.press("enter")
        assert "│ > sinto muito" not in app.screen_text()


async def test_raw_is_asked_for_a_mail_and_for_nothing_else() -> None:
    """M10"""
    timeline = Timeline()
    app = Harness(timeline)
    async with app.run_test(size=(80, 30)) as pilot:
        timeline.show(entries(), 6, now=NOW)
        timeline.focus()
        await pilot.press("O", "k", "O")
        await pilot.pause()
        assert [m.message for m in app.of(Timeline.RawAsked)] == [60]


async def test_a_reader_in_the_past_is_not_moved_by_what_arrives() -> None:
    """The cursor stays where it is when things change under it."""
    timeline = Timeline()
    app = Harness(timeline)
    many = _many(60)
    async with app.run_test(size=(80, 14)) as pilot:
        timeline.show(many[:50], 50, now=NOW)
        timeline.focus()
        await pilot.press("ctrl+u", "ctrl+u", "ctrl+u")
        before, current = _without_scrollbar(app), timeline.current
        timeline.show(many[5:60], 60, now=NOW)
        await pilot.pause()
        assert _without_scrollbar(app) == before
        assert timeline.current == current
        assert [e.id for e in timeline.entries] == list(range(1, 61)), "older entries that were loaded stay"


async def test_a_reader_at_the_end_sees_what_arrives() -> None:
    timeline = Timeline()
    app = Harness(timeline)
    many = _many(60)
    async with app.run_test(size=(80, 14)) as pilot:
        timeline.show(many[:50], 50, now=NOW)
        timeline.focus()
        await pilot.pause()
        timeline.show(many[1:51], 51, now=NOW)
        await pilot.pause()
        assert timeline.at_end and "pessoa 50" in app.screen_text()


async def test_older_entries_are_asked_for_once_and_do_not_move_what_is_read() -> None:
    timeline = Timeline()
    app = Harness(timeline)
    many = _many(100)
    async with app.run_test(size=(80, 14)) as pilot:
        timeline.show(many[50:], 100, now=NOW)
        timeline.focus()
        await pilot.pause()
        assert "50 older" in timeline.plain_text
        await pilot.press("g", "g", "k")
        await pilot.pause()
        assert [m.before for m in app.of(Timeline.OlderAsked)] == [51]
        assert "loading…" in app.screen_text()
        timeline.prepend(many[:50])
        await pilot.pause()
        assert timeline.older == 0 and "older" not in timeline.plain_text
        assert timeline.current is not None and timeline.current.id == 51
        assert "pessoa 50" in app.screen_text()
        await pilot.press("k")
        assert timeline.current.id == 50


async def test_nothing_is_older_than_the_opening() -> None:
    """N1: a total that counts what one may not see promises nothing."""
    timeline = Timeline()
    app = Harness(timeline)
    async with app.run_test(size=(80, 14)) as pilot:
        timeline.show(entries(), 60, now=NOW)
        timeline.focus()
        await pilot.press("g", "k")
        await pilot.pause()
        assert "older" not in timeline.plain_text and not app.of(Timeline.OlderAsked)


async def test_when_nothing_older_comes_the_line_goes() -> None:
    """N1: entries that one may not see are not promised for ever."""
    timeline = Timeline()
    app = Harness(timeline)
    async with app.run_test(size=(80, 14)) as pilot:
        timeline.show(entries()[1:], 9, now=NOW)
        await pilot.pause()
        timeline.prepend(())
        await pilot.pause()
        assert "older" not in timeline.plain_text


async def test_the_timeline_is_reduced_by_kind_and_stays_so_over_a_refresh() -> None:
    """T8"""
    pane = TicketPane()
    app = Harness(pane)
    async with app.run_test(size=(100, 24)) as pilot:
        pane.show(ticket(), NOW)
        pane.focus()
        timeline = pane.query_one(Timeline)
        seen = []
        for _press in FILTERS:
            await pilot.press("v")
            await pilot.pause()
            pane.show(ticket(), NOW)
            await pilot.pause()
            text = app.screen_text()
            glyphs = {x[7:8] for x in text.split("\n")[5:]}
            seen.append((timeline.kinds, [g for g in "★◆✎→☑←" if g in glyphs]))
            assert ("Timeline 6 · " + timeline.kinds if timeline.kinds else "Timeline 6   Answer") in text
            assert timeline.current is not None and timeline.current.subject in timeline.plain_text
        assert seen == [
            ("messages", ["→", "←"]),
            ("notes", ["✎"]),
            ("acts", ["★", "◆", "☑"]),
            ("changes", []),
            ("activities", []),
            ("", list("★◆✎→☑←")),
        ]


def test_every_kind_has_a_place_among_the_filters_and_a_sentence() -> None:
    """T8: what is recorded can be found by kind, and reads as more than its own name."""
    words = {"note", *INCOMING, "mail out", "mail delayed"}  # shown as somebody's words
    words |= {"priority", "subject"}  # whose own name is the word for it
    for kind in KINDS:
        entry = Entry(
            1, NOW, kind, "ana", {"old": "a", "new": "b", "text": "x", "fields": ["name"], "number": 7, "into": 7}
        )
        assert group(entry) in FILTERS
        said = "".join(text for text, _role in sentence(entry))
        assert kind in words or (said and said != f"{kind} a → b"), kind


async def test_a_kind_of_which_there_is_nothing_says_so() -> None:
    timeline = Timeline()
    app = Harness(timeline)
    async with app.run_test(size=(100, 24)) as pilot:
        timeline.show(entries()[:2], 9, now=NOW)
        timeline.focus()
        await pilot.press("v", "j", "k", "o", "O", "ctrl+d", "g", "G")
        assert "There are no messages here" in app.screen_text()
        await pilot.press("v", "v")
        assert "Contato" in app.screen_text()


def test_a_delayed_mail_says_when_it_is_tried_again() -> None:
    """M5"""
    mail = replace(entries()[3], state="delayed", answer="451 try later", next_try=NOW + 5 * MINUTE)
    found = mail_state(mail, None, NOW)
    assert found is not None and found[0] == "! not sent yet · again in 5m"
    assert "451 try later" in _words(mail)


async def test_a_thousand_entries_are_shown_at_once() -> None:
    """Measured at 20 ms of processor time; the limit leaves room for a slower machine."""
    timeline = Timeline()
    app = Harness(timeline)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        many = _many(1000)
        best = 1.0
        for _try in range(3):
            began = thread_time()
            timeline.show(many, 1000, now=NOW, keep_place=False)
            best = min(best, thread_time() - began)
        await pilot.pause()
        assert "pessoa 999" in app.screen_text()
        assert best < 0.080


async def test_hostile_words_do_nothing() -> None:
    """R7"""
    timeline = Timeline()
    app = Harness(timeline)
    bad = tuple(
        Entry(
            i, NOW - DAY, kind, HOSTILE, {"old": HOSTILE, "new": HOSTILE}, HOSTILE, HOSTILE, (HOSTILE,), state, HOSTILE
        )
        for i, (kind, state) in enumerate(
            [
                ("mail in", "suspect"),
                ("mail out", "failed"),
                ("note", ""),
                ("opened", ""),
                ("closed", ""),
                (HOSTILE, HOSTILE),
            ]
        )
    )
    async with app.run_test(size=(100, 60)) as pilot:
        timeline.show(bad, 6, now=NOW)
        timeline.focus()
        await pilot.press("o", "k", "o", "k", "o")
        text = app.screen_text()
        assert safe(text) and "[@click=app.quit]x[/]" in text
        assert app.is_running


def test_words_below_begin_where_the_name_begins() -> None:
    assert INDENT == 9


def test_sizes_are_said_like_people_do() -> None:
    assert [size(980), size(340_112), size(2_100_000)] == ["980 B", "340 KB", "2.1 MB"]


def test_a_short_note_is_on_one_line_and_its_tabs_are_blanks() -> None:
    assert _words(Entry(1, NOW, "note", "bia", text="\tver\tcom a loja\n")) == ["bia  ver com a loja"]
    assert _words(Entry(1, NOW, "note", "bia", text="um\ndois")) == ["bia", "um", "dois"]
