"""Assigning by a table, and writing to many customers with a template, by hand (A3, A7): as on one ticket (M1, M2, T3)."""

from dataclasses import replace
from typing import Any

import pytest

from domain.flows import Status
from domain.people import PROGRAM, Actor
from loop import correspondence, drafts, enclosures, managers, mass, surveys, templates, tickets
from loop.mass import Acts, MassDone
from loop.mass_mail import CLASS, newest
from loop.mass_outlook import outlook
from loop.setup_views import Saved
from loop.timeline import record
from tests.loop.conftest import Events, Shop
from tests.loop.test_mass import made, view, why


def template(
    shop: Shop, body: str = "Olá {{ customer.first_name }}!", *, actor: Actor | None = None, **more: Any
) -> int:
    more = {"name": "Pedido", "subject": "Sobre o seu pedido"} | more
    saved = templates.add(shop.desk, more.pop("name"), body=body, actor=actor or shop.bia, **more)
    assert isinstance(saved, Saved), saved
    return saved.id


def table(shop: Shop, **entries: str) -> int:
    saved = managers.save_table(shop.desk, None, "Gerentes", "Loja", entries, actor=shop.ana)
    assert isinstance(saved, Saved), saved
    return saved.id


def started(shop: Shop, n: int, actor: Actor | None = None) -> list[int]:
    numbers = made(shop, n)
    assert tickets.start(shop.desk, numbers, actor=actor or shop.bia, take=True).done == tuple(numbers)
    return numbers


def mails(shop: Shop) -> list[tuple[int, str, str]]:
    """Ticket, subject and text of each mail in the outbox that nobody took back."""
    return list(
        shop.desk.db.rows(
            "SELECT m.ticket, m.subject, m.text FROM outbox o JOIN messages m ON m.id = o.message_id"
            " WHERE o.state <> 'taken back' AND m.kind = 'message' ORDER BY m.id"
        )
    )


def write(shop: Shop, numbers: list[int], template: int | str, actor: Actor | None = None, **more: Any) -> MassDone:
    """Write, after a look that must have said the same."""
    actor, acts = actor or shop.bia, Acts(template=template, **more)
    before = outlook(shop.desk, numbers, acts, actor=actor)
    done = mass.apply(shop.desk, numbers, acts, actor=actor)
    assert before.would == done.written, "who is counted is written to, and nobody else"
    told = {one.why.code: one.numbers for one in before.refused}
    assert told.items() <= {one.why.code: one.numbers for one in done.refused}.items()
    return done


# By a table


def test_a3_a7_each_is_given_to_whom_the_table_names_for_its_attribute(shop: Shop, events: Events) -> None:
    of = [("Natal", "n"), ("RECIFE", "r"), ("Lima", "l"), ("Rio", "o"), ("", "-")]
    natal, recife, lima, rio, none = (
        shop.answer(email=f"{e}@x.example", attributes={"loja": v} if v else {}) for v, e in of
    )
    gone = shop.answer(email="g@x.example", attributes={"loja": "Natal"})
    every = [n for n in (natal, recife, lima, rio, none) if n]
    assert tickets.start(shop.desk, every, actor=shop.bia).done == tuple(every) and gone
    by = table(shop, natal="bia", Recife="caio", Rio="davi")
    done = mass.apply(shop.desk, [*every, gone], Acts(managers=by), actor=shop.bia)
    assert done.done == (natal, recife)
    assert why(done) == {"no manager": (lima, none), "not a member": (rio,), "not started": (gone,)}
    assert [view(shop, n).row.assignee for n in every] == ["bia", "caio", "", "", ""]
    assert [e for e in events(recife or 0) if e[0] == "assigned"] == [("assigned", "bia")]
    # With a start before it, T3 holds it up no more.
    assert mass.apply(shop.desk, [gone], Acts(start=True, managers=by), actor=shop.bia).done == (gone,)


def test_a7_by_a_table_and_by_name_at_once_nothing_is_done_and_one_that_is_gone_assigns_nobody(shop: Shop) -> None:
    numbers = started(shop, 1)
    by = table(shop, x="caio")
    done = mass.apply(shop.desk, numbers, Acts(managers=by, assignee="caio", tags=("x",)), actor=shop.bia)
    assert (done.done, done.partly, why(done)) == ((), (), {"assigned twice": tuple(numbers)})
    assert view(shop, numbers[0]).tags == ()
    managers.remove_table(shop.desk, by, actor=shop.ana)
    done = mass.apply(shop.desk, numbers, Acts(managers=by), actor=shop.bia)
    assert why(done) == {"not here": tuple(numbers)}


def test_a7_the_names_of_tables_are_for_who_works_on_tickets(shop: Shop) -> None:
    by = table(shop, x="caio")
    assert managers.names(shop.desk, actor=shop.bia) == ((by, "Gerentes"),)
    assert managers.names(shop.desk, actor=shop.rui) == ()


def test_p2_who_only_reads_assigns_by_no_table_and_writes_to_nobody(shop: Shop) -> None:
    numbers = started(shop, 1)
    by, text = table(shop, x="caio"), template(shop, actor=shop.ana, account=True)
    done = mass.apply(shop.desk, numbers, Acts(managers=by, template=text), actor=shop.rui)
    assert (done.done, done.partly, done.written) == ((), (), ())
    assert mails(shop) == []


# By e-mail


def test_a7_m2_a_template_is_written_to_each_with_their_own_words_in_one_event(shop: Shop, events: Events) -> None:
    numbers = started(shop, 3)
    with shop.desk.db.write() as work:
        work.run("UPDATE users SET signature = 'Bia da Loja', sender_name = 'Bia' WHERE login = 'bia'", {})
    done = write(shop, numbers, template(shop))
    assert done == MassDone(3, tuple(numbers), (), written=tuple(numbers))
    text = "Olá C{}!\n\n-- \nBia da Loja\n"
    assert mails(shop) == [(n, "Sobre o seu pedido", text.format(i)) for i, n in enumerate(numbers)]
    senders = shop.desk.db.rows("SELECT DISTINCT sender_name, author_id FROM messages")
    assert senders == [("Bia", shop.bia.id)]
    assert all([e for e in events(n) if e[0] == "mail out"] == [("mail out", "bia")] for n in numbers)
    out = correspondence.waiting(shop.desk, numbers[0], actor=shop.bia)
    assert out, "each can be taken back within the undo window"
    kept = correspondence.take_back(shop.desk, out, actor=shop.bia)
    assert getattr(kept, "body", "") == "Olá C0!"


def test_m1_only_the_assignee_writes_and_only_while_in_progress(shop: Shop) -> None:
    mine, theirs, open_, closed, gone = made(shop, 5)
    tickets.start(shop.desk, [mine, closed], actor=shop.bia, take=True)
    tickets.start(shop.desk, [theirs], actor=shop.caio, take=True)
    tickets.start(shop.desk, [gone], actor=shop.bia, take=True)
    with shop.desk.db.write() as work:
        work.run(
            "UPDATE contacts SET bounced_at = 1 WHERE id = (SELECT contact_id FROM tickets WHERE number = :n)",
            {"n": gone},
        )
        phase = work.rows("SELECT id FROM phases WHERE name = 'Resolvido' AND flow_id = :f", {"f": shop.flow})[0][0]
        work.run("UPDATE tickets SET phase_id = :p, status = 2 WHERE number = :n", {"p": phase, "n": closed})
    text = template(shop)
    done = write(shop, [mine, theirs, open_, closed, gone, 9999], text)
    assert done.written == (mine,)
    assert why(done) == {
        "not the assignee": (theirs,), "not started": (open_,), "already closed": (closed,), "bounced": (gone,),
        "no ticket": (9999,),
    }  # fmt: skip
    # Starting and taking them first makes it a single verb's “start and take it”, and is counted before.
    assert write(shop, [open_], text, start=True, assignee="bia").written == (open_,)
    assert write(shop, [theirs], text, assignee=None).written == ()


def test_m2_a_variable_without_a_value_blocks_its_ticket_and_is_named(shop: Shop) -> None:
    one = shop.answer(email="a@x.example", attributes={"pedido": "77"})
    two = shop.answer(email="b@x.example")
    assert one and two
    tickets.start(shop.desk, [one, two], actor=shop.bia, take=True)
    done = write(shop, [one, two], template(shop, "Pedido {{ answer.attributes.pedido }} visto."))
    assert (done.written, why(done)) == ((one,), {"missing": (two,)})
    assert "answer.attributes.pedido" in str(done.refused[0].why)
    assert mails(shop) == [(one, "Sobre o seu pedido", "Pedido 77 visto.\n")]


def test_m4_a_draft_of_ones_own_is_neither_lost_nor_sent_with_its_files(shop: Shop) -> None:
    words, file, empty = started(shop, 3)
    drafts.save(shop.desk, replace(drafts.begin(shop.desk, words, actor=shop.bia), body="Começo"), actor=shop.bia)
    drafts.save(shop.desk, drafts.begin(shop.desk, empty, actor=shop.bia), actor=shop.bia)
    enclosures.attach(shop.desk, file, [("a.txt", b"x")], actor=shop.bia)
    done = write(shop, [words, file, empty], template(shop))
    assert (done.written, why(done)) == ((empty,), {"unsent draft": (words, file)})
    kept = drafts.load(shop.desk, words, actor=shop.bia)
    assert kept and kept.body == "Começo"


@pytest.mark.parametrize("trusted", [True, False])
def test_t10_what_came_after_the_list_was_looked_at_stops_it(shop: Shop, trusted: bool) -> None:
    calm, wrote = started(shop, 2)
    seen = newest(shop.desk)
    with shop.desk.db.write() as work:
        record(work, wrote, "mail in" if trusted else "suspect mail", actor=PROGRAM, at=shop.clock.now)
    done = write(shop, [calm, wrote], template(shop), seen=seen)
    assert (done.written, why(done)) == ((calm,), {"something new": (wrote,)})


def test_a7_the_same_mass_act_twice_writes_once_to_each(shop: Shop) -> None:
    numbers = started(shop, 2)
    text = template(shop)
    assert write(shop, numbers, text).written == tuple(numbers)
    assert why(write(shop, numbers, text)) == {"same mail": tuple(numbers)}, "while it waits in its undo window"
    with shop.desk.db.write() as work:
        work.run("UPDATE outbox SET state = 'sent'", {})
    shop.clock.now += 23 * 3_600_000
    assert why(write(shop, numbers, text)) == {"same mail": tuple(numbers)}, "and for hours after it left"
    assert len(mails(shop)) == 2
    assert write(shop, numbers, template(shop, "Outra coisa", name="Outro")).written == tuple(numbers)
    shop.clock.now += 2 * 3_600_000
    assert write(shop, numbers, text).written == tuple(numbers)
    out = correspondence.waiting(shop.desk, numbers[0], actor=shop.bia)
    correspondence.take_back(shop.desk, out or 0, actor=shop.bia)
    drafts.discard(shop.desk, numbers[0], actor=shop.bia)
    assert write(shop, numbers, text).written == (numbers[0],), "what was taken back never went"


def test_a4_a7_the_e_mail_of_their_class_is_the_surveys_or_the_accounts_as_for_a_rule(shop: Shop) -> None:
    (low,) = started(shop, 1)
    high = shop.answer(8, email="n@x.example")
    assert high and tickets.start(shop.desk, [high], actor=shop.bia, take=True).done
    template(shop, "Sinto muito", name="D", account=True, klass="detractor", sender_name="Loja", actor=shop.ana)
    template(shop, "", name="N", account=True, klass="neutral", sender_name="Loja", actor=shop.ana)
    done = write(shop, [low, high], CLASS)
    assert (done.written, why(done)) == ((low,), {"no class mail": (high,)})
    assert str(done.refused[0].why) == "Not sent: its text has no text yet."
    survey = shop.desk.db.rows("SELECT id FROM surveys")[0][0]
    template(shop, "Da pesquisa", name="S", survey=survey, klass="detractor", sender_name="Loja", actor=shop.ana)
    surveys.change(shop.desk, survey, {"own_templates": True}, actor=shop.ana)
    assert write(shop, [low], CLASS).written == (low,)
    assert [text for __, __, text in mails(shop)] == ["Sinto muito\n", "Da pesquisa\n"]
    surveys.change(shop.desk, survey, {"sends_mail": False}, actor=shop.ana)
    assert why(write(shop, [low], CLASS)) == {"no class mail": (low,)}


def test_m2_only_templates_that_fit_a_ticket_and_that_one_may_use(shop: Shop) -> None:
    numbers = started(shop, 1)
    own = template(shop, name="Da Ana", actor=shop.ana)
    promoters = template(shop, name="P", account=True, klass="promoter", actor=shop.ana)
    flows = template(shop, name="F", flow=shop.other_flow, actor=shop.ana)
    here = template(shop, name="H", flow=shop.flow, klass="detractor", actor=shop.ana)
    assert [t.id for t in templates.usable(shop.desk, actor=shop.bia)] == [here]
    assert set(why(write(shop, numbers, own))) == {"not here"}
    assert set(why(write(shop, numbers, promoters))) == {"not here"}
    assert set(why(write(shop, numbers, flows))) == {"not here"}
    made(shop, 1, score=10)
    assert {t.id for t in templates.usable(shop.desk, actor=shop.ana)} == {own, promoters, flows, here}
    tickets.assign(shop.desk, numbers, "ana", actor=shop.bia)
    assert why(write(shop, numbers, promoters, shop.ana)) == {"template elsewhere": tuple(numbers)}
    assert write(shop, numbers, here, shop.ana).written == tuple(numbers)


def test_m4_who_is_not_written_to_is_not_closed_or_transferred_either(shop: Shop) -> None:
    free, held, theirs = started(shop, 3)
    tickets.assign(shop.desk, [theirs], "ana", actor=shop.bia)
    for item in next(p for p in view(shop, free).flow.phases if p.name == "Contato").items:
        tickets.tick(shop.desk, free, item.id, actor=shop.bia)
    text = template(shop)
    done = write(shop, [free, held, theirs], text, tags=("x",), phase="Resolvido", resolution="Visto")
    assert (done.written, done.done, done.partly) == ((free,), (free,), (held, theirs))
    assert why(done) == {"checklist": (held,), "not the assignee": (theirs,)}
    assert [view(shop, n).row.status for n in (free, held, theirs)] == [Status.CLOSED, Status.PROGRESS, Status.PROGRESS]
    assert len(mails(shop)) == 1, "what may not close is not written to, as with send and close"
    done = write(
        shop,
        [held, theirs],
        template(shop, name="De todos", account=True, actor=shop.ana),
        shop.ana,
        flow=shop.other_flow,
    )
    assert done.written == (theirs,)
    flows = {n: view(shop, n).flow.id for n in (held, theirs)}
    assert flows == {held: shop.flow, theirs: shop.other_flow}
