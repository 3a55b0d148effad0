"""E-mails that rules ask for leave once, or it is said why not (A4, A5, M11)."""

import threading
from typing import Any

import pytest

from domain.refusals import Refusal
from loop import automatic, byhand, class_mail, merging, outbox, rule_mail, rules, triage, unsubscribing
from loop.mailboxes import ensure
from loop.rule_mail import confirm, held, said, write_due
from loop.rule_views import Switched
from mail.delivery import Delivered
from storage import database
from storage.light import DatabaseUnreachable
from tests.loop.conftest import MAILBOX, Events, Shop
from tests.loop.mailing import Post, mail
from tests.loop.ruled import became, hit, newest, praised, rule_set, text


def rows(shop: Shop, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in shop.desk.db.rows(sql, {})]


def test_a5_a_promoter_is_thanked_without_a_ticket(shop: Shop) -> None:
    answer, rule = praised(shop), rule_set(shop)
    text(shop)
    hit(shop, rule, answer)
    assert write_due(shop.desk, MAILBOX) == 1
    assert rows(shop, "SELECT ticket, kind, subject, text, sender_name, author_id FROM messages") == [
        (None, "automatic", "Obrigado", "Olá, Marina!", "Loja", None)
    ]
    assert rows(shop, "SELECT state FROM outbox") == [("queued",)]
    assert rows(shop, "SELECT mail, message_id FROM rule_hits") == [
        ("sent", rows(shop, "SELECT id FROM messages")[0][0])
    ]
    assert rows(shop, "SELECT 1 FROM tickets") == []
    assert write_due(shop.desk, MAILBOX) == 0
    raw = bytes(rows(shop, "SELECT data FROM blobs")[0][0])
    assert b"List-Unsubscribe:" in raw and b"Auto-Submitted: auto-generated" in raw


def test_a5_on_a_ticket_it_is_the_autopilots_and_no_first_contact(shop: Shop, started: int, events: Events) -> None:
    """It stands on the timeline with the rule's name, clears no mark, and nobody is its author (Q2)."""
    text(shop, klass="detractor")
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET unanswered = true WHERE number = :n", {"n": started})
    hit(shop, rule_set(shop, name="Avisar"), newest(shop), ticket=started)
    write_due(shop.desk, MAILBOX)
    kind, actor, data = rows(shop, "SELECT kind, actor_kind, data FROM events ORDER BY id")[-1]
    assert (kind, actor) == ("mail out", "autopilot") and "Avisar" in str(data)
    box = ensure(shop.desk, MAILBOX)
    for letter in outbox.claim(shop.desk, box, "w"):
        outbox.settle(shop.desk, letter, Delivered("sent", "250 ok"))
    assert rows(shop, "SELECT state FROM outbox") == [("sent",)]
    assert rows(shop, "SELECT unanswered FROM tickets")[0][0], "a rule answers nobody"
    assert not any(
        author
        for (author,) in rows(
            shop, "SELECT m.author_id FROM events e JOIN messages m ON m.id = e.message_id WHERE e.kind = 'mail out'"
        )
    )


def test_a4_m11_why_it_stays_is_kept_and_said(shop: Shop) -> None:
    answer, other, third = (
        praised(shop),
        praised(shop, email="b@x.example", name=""),
        praised(shop, email="c@x.example"),
    )
    no_text = rule_set(shop, name="a")
    hit(shop, no_text, answer)
    write_due(shop.desk, MAILBOX)
    assert became(shop) == ["no template"]
    text(shop)
    rule = rule_set(shop, name="b")
    unsubscribing.unsubscribe(shop.desk, "c@x.example", actor=shop.ana)
    for one in (answer, other, third):
        hit(shop, rule, one)
    hit(shop, rule_set(shop, name="c"), answer)
    write_due(shop.desk, MAILBOX)
    assert became(shop) == ["no template", "sent", "missing: customer.first_name", "unsubscribed", "same subject"]
    assert "customer.first_name" in said(became(shop)[2])
    for word in (
        "due",
        "old",
        "sent",
        "incomplete: subject, text",
        "trouble: X",
        "what, {never}: {was}",
        *automatic.Why.__args__,
    ):
        assert said(word), word
    assert said("") == ""
    assert len(rows(shop, "SELECT 1 FROM messages")) == 1


def test_a5_two_workers_never_write_one_twice(shop: Shop) -> None:
    """Who finds a hit that another took in the meantime leaves it."""
    answer, rule = praised(shop), rule_set(shop)
    text(shop)
    hit(shop, rule, answer)
    ensure(shop.desk, MAILBOX)
    seen_by_both = rule_mail._due(shop.desk, 20)
    for __ in range(2):
        rule_mail._write(shop.desk, MAILBOX, seen_by_both)
    assert len(rows(shop, "SELECT 1 FROM outbox")) == len(rows(shop, "SELECT 1 FROM automatic_mail")) == 1
    assert became(shop) == ["sent"]


def test_a5_mails_and_an_import_that_meet_the_same_customers_do_not_embrace(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both take customers in one order, however the hits are ordered: nothing is done twice over."""
    if shop.desk.db.dialect == "sqlite":
        return  # its writers are alone
    text(shop)
    rule, first = rule_set(shop), praised(shop)
    second = praised(shop, email="bento@clientes.example")
    hit(shop, rule, second)
    shop.clock.now += 1
    hit(shop, rule, first)
    ids = [id for (id,) in rows(shop, "SELECT contact_id FROM answers ORDER BY id")]
    embraces: list[bool] = []
    monkeypatch.setattr(database, "is_collision", lambda error: bool(embraces.append(True)))
    thread = threading.Thread(target=write_due, args=(shop.desk, MAILBOX))
    with shop.desk.db.write() as work:  # as an import does
        work.rows(f"SELECT 1 FROM contacts WHERE id = {ids[0]}{work.lock}")
        thread.start()
        while not rows(
            shop, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        ):
            thread.join(0.01)
        work.rows(f"SELECT 1 FROM contacts WHERE id = {ids[1]}{work.lock}")
    thread.join(60)
    assert embraces == [] and became(shop) == ["sent", "sent"]


def test_a5_what_breaks_on_the_way_is_written_whole_or_not_at_all(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot be written stops no other, and leaves nothing half-done."""
    first, second = praised(shop), praised(shop, email="b@x.example", name="Bento")
    rule = rule_set(shop)
    text(shop)
    for one in (first, second):
        hit(shop, rule, one)
    real = class_mail.letter

    def letter(rows: Any, desk: Any, answer: int, *a: Any, **k: Any) -> Any:
        done = real(rows, desk, answer, *a, **k)
        return 1 / 0 if answer == first else done

    monkeypatch.setattr(rule_mail, "letter", letter)
    assert write_due(shop.desk, MAILBOX) == 2
    assert became(shop) == ["trouble: ZeroDivisionError", "sent"]
    assert rows(shop, "SELECT recipients FROM messages")[0][0] in (
        [["Bento", "b@x.example"]],
        '[["Bento", "b@x.example"]]',
    )


def test_a5_while_the_database_is_away_mails_stay_due(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is no fault of any of them: none is kept as one that cannot be written."""
    text(shop)
    rule = rule_set(shop)
    hit(shop, rule, praised(shop))

    def away(*_given: Any, **_more: Any) -> Any:
        raise DatabaseUnreachable("away")

    with monkeypatch.context() as gone:
        gone.setattr(rule_mail, "letter", away)
        with pytest.raises(DatabaseUnreachable):
            write_due(shop.desk, MAILBOX)
    assert became(shop) == ["due"]
    assert write_due(shop.desk, MAILBOX) == 1 and became(shop) == ["sent"]


def test_a5_old_ones_wait_for_a_yes_of_who_may_change_the_rule(shop: Shop) -> None:
    answer = praised(shop)
    text(shop)
    everywhere, without = rule_set(shop, name="a"), rule_set(shop, name="b", ticket="without")
    for rule in (everywhere, without):
        hit(shop, rule, answer, mail="old")
    assert write_due(shop.desk, MAILBOX) == 0
    assert [held(shop.desk.db.rows, rule) for rule in (everywhere, without)] == [1, 1]
    for rule, actor in ((everywhere, shop.bia), (everywhere, shop.caio), (without, shop.rui), (999, shop.ana)):
        assert isinstance(confirm(shop.desk, rule, actor=actor), Refusal), (rule, actor.login)
    assert confirm(shop.desk, without, actor=shop.caio) == 1
    assert confirm(shop.desk, without, actor=shop.caio) == 0
    assert held(shop.desk.db.rows, without) == 0
    assert rows(shop, "SELECT what, target, target_id FROM audit WHERE target = 'rule set'") == [
        ("changed", "rule set", without)
    ]
    assert write_due(shop.desk, MAILBOX) == 1 and became(shop) == ["old", "sent"]


def test_a5_one_that_nobody_wrote_for_days_becomes_old_and_leaves_after_a_yes(shop: Shop) -> None:
    """As where the worker stood still: what comes too late is not sent unasked."""
    text(shop)
    rule = rule_set(shop)
    answer = praised(shop)
    hit(shop, rule, answer)
    shop.clock.now += 8 * 86_400_000
    assert write_due(shop.desk, MAILBOX) == 1 and became(shop) == ["old"]
    assert write_due(shop.desk, MAILBOX) == 0 and held(shop.desk.db.rows, rule) == 1
    assert confirm(shop.desk, rule, actor=shop.ana) == 1
    shop.clock.now += 8 * 86_400_000
    assert write_due(shop.desk, MAILBOX) == 1 and became(shop) == ["sent"]


def test_a1_what_a_set_that_was_switched_off_has_not_sent_yet_stays(shop: Shop) -> None:
    """Who sees that a rule thanks the wrong people switches it off, and no more leave."""
    text(shop)
    rule = rule_set(shop, ticket="without")
    answer = praised(shop)
    hit(shop, rule, answer)
    assert isinstance(rules.switch(shop.desk, rule, False, actor=shop.ana), Switched)
    assert write_due(shop.desk, MAILBOX) == 0 and became(shop) == ["due"]
    with shop.desk.db.write() as work:  # its texts for other classes are not there
        work.run("UPDATE rule_sets SET active = true WHERE id = :id", {"id": rule})
    assert write_due(shop.desk, MAILBOX) == 1 and became(shop) == ["sent"]


def test_a5_a_ticket_that_came_since_carries_it(shop: Shop, ticket: int) -> None:
    text(shop, klass="detractor")
    hit(shop, rule_set(shop), newest(shop))
    write_due(shop.desk, MAILBOX)
    assert rows(shop, "SELECT ticket FROM messages") == [(ticket,)]


def test_q2_a_mail_taken_off_leaves_the_others_unanswered_whatever_a_rule_sent(shop: Shop, started: int) -> None:
    post = Post(shop)
    for n in range(2):
        shop.clock.now += 1000
        post(mail(f"Pergunta {n}", "Marina <marina@clientes.example>", f"Re: [#{started}]"))
    shop.clock.now += 1000
    text(shop, klass="detractor")
    hit(shop, rule_set(shop), newest(shop), ticket=started)
    write_due(shop.desk, MAILBOX)
    for letter in outbox.claim(shop.desk, ensure(shop.desk, MAILBOX), "w"):
        outbox.settle(shop.desk, letter, Delivered("sent", "250 ok"))
    second = rows(shop, "SELECT MAX(id) FROM messages WHERE outgoing = false")[0][0]
    assert isinstance(triage.split(shop.desk, second, None, actor=shop.ana), triage.Acted)
    assert rows(shop, "SELECT unanswered FROM tickets")[0][0]


@pytest.mark.parametrize(("later", "word"), [(0, "sent"), (1, "old")])
def test_a5_exactly_seven_days_after_the_answer_is_not_older_whenever_a_rule_met_it(
    shop: Shop, later: int, word: str
) -> None:
    """The answer's age counts, not how long ago a rule met it."""
    text(shop)
    answer, rule = praised(shop), rule_set(shop)
    shop.clock.now = rows(shop, "SELECT answered_at FROM answers")[0][0] + rule_mail.OLD_MS + later
    hit(shop, rule, answer)
    assert write_due(shop.desk, MAILBOX) == 1 and became(shop) == [word]


@pytest.mark.parametrize(("later", "word"), [(0, "no class"), (1, "old")])
def test_a5_a_ticket_without_an_answer_is_as_old_as_it_is_here(shop: Shop, later: int, word: str) -> None:
    """What a rule by the clock meets: it has no class, and so no e-mail of one, but is first asked how old it is."""
    number = byhand.open_by_hand(
        shop.desk, flow_id=shop.flow, subject="x", name="Z", email="z@x.example", actor=shop.ana
    )
    assert isinstance(number, int)
    shop.clock.now = rows(shop, "SELECT born_at FROM tickets")[0][0] + rule_mail.OLD_MS + later
    hit(shop, rule_set(shop), -number, ticket=number)
    assert write_due(shop.desk, MAILBOX) == 1 and became(shop) == [word]


def test_q7_i1_what_went_into_another_gets_its_mail_there(shop: Shop, ticket: int) -> None:
    """A ticket's stands on the one that it went into; a customer's goes to the one that they go on as."""
    text(shop, klass="detractor")
    answer = newest(shop)
    other = shop.answer(2, "Outra", "Rita", "rita@x.example")
    assert other and merging.merge(shop.desk, [ticket], other, actor=shop.ana).done
    rita = rows(shop, "SELECT id FROM contacts WHERE email = 'rita@x.example'")[0][0]
    third = shop.answer(2, "Mais", "Rita Lima", "lima@x.example")
    lima = newest(shop)
    assert third
    with shop.desk.db.write() as work:  # merged while an import still wrote what came from the other
        work.run("UPDATE contacts SET merged_into = :r WHERE email = 'lima@x.example'", {"r": rita})
    rule = rule_set(shop)
    hit(shop, rule, answer, ticket=ticket)
    assert write_due(shop.desk, MAILBOX) == 1
    shop.clock.now += automatic.WINDOW_MS + 1
    hit(shop, rule, lima, ticket=third)
    write_due(shop.desk, MAILBOX)
    (first, __), (second, to) = rows(shop, "SELECT ticket, recipients FROM messages ORDER BY id")
    assert (first, second) == (other, third)
    assert "rita@x.example" in str(to)
