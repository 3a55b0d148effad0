"""What people do with mails of the ledger: each once, with its trace, and the books balance after it (M7, M8, P3)."""

import pytest

from domain.flows import Status
from domain.people import Level
from domain.refusals import Refusal
from loop import blocking, ledger, merging, notes, queue, reading, receiving, tickets, transfers, triage
from loop.people import add_user
from loop.views import Acted, LedgerMail
from tests.loop.conftest import Events, Shop
from tests.loop.mailing import Post, balanced, mail, outcome, reason


@pytest.fixture
def post(shop: Shop) -> Post:
    return Post(shop)


def acts(shop: Shop, id: int) -> list[tuple[str, str, str, str, int | None]]:
    found = ledger.mail(shop.desk, id, actor=shop.ana)
    assert isinstance(found, LedgerMail)
    return [(a.who, a.act, a.old, a.new, a.ticket) for a in found.acts]


def test_m8_attaching_threads_it_wakes_the_ticket_and_is_traced(
    shop: Shop, started: int, post: Post, events: Events
) -> None:
    id = post(mail("Sou eu, de outro endereço"))
    shop.clock.now += 60_000
    done = triage.attach(shop.desk, id, started, actor=shop.ana)
    assert done == Acted(id, "threaded", started)
    entry = reading.ticket(shop.desk, started, actor=shop.bia).entries[-1]
    assert (entry.kind, entry.who, entry.text) == ("mail in", "Lia", "Sou eu, de outro endereço")
    assert events(started)[-1] == ("mail in", "ana")
    row = queue.rows(shop.desk, [started], actor=shop.bia)[0]
    assert (row.unanswered, row.last_in) == (True, shop.clock.now - 60_000), "the customer waits since it came"
    assert ("reply",) in shop.desk.db.rows("SELECT kind FROM notifications WHERE user_id = :u", {"u": shop.bia.id})
    assert acts(shop, id) == [("ana", "attached", "triage", "threaded", started)]
    balanced(shop)


def test_m8_attaching_twice_is_attaching_once(shop: Shop, started: int, post: Post, events: Events) -> None:
    id = post(mail())
    triage.attach(shop.desk, id, started, actor=shop.ana)
    before = events(started)
    assert triage.attach(shop.desk, id, started, actor=shop.ana) == Acted(id, "threaded", started, changed=False)
    other = shop.answer(email="outro@x.example")
    assert triage.attach(shop.desk, id, other, actor=shop.ana).code == "mail on ticket"
    assert triage.open_ticket(shop.desk, id, shop.flow, actor=shop.ana).code == "mail on ticket"
    assert events(started) == before and len(acts(shop, id)) == 1
    balanced(shop)


def test_m7_m9_attaching_to_a_merged_or_a_closed_ticket_goes_where_replies_go(
    shop: Shop, started: int, post: Post, events: Events
) -> None:
    merged = shop.answer(email="marina@clientes.example", comment="de novo")
    merging.merge(shop.desk, [merged], started, actor=shop.bia)
    for item in tickets_items(shop, started):
        tickets.tick(shop.desk, started, item, actor=shop.bia)
    assert tickets.close(shop.desk, [started], actor=shop.bia, resolution="trocado").done
    id = post(mail())
    assert triage.attach(shop.desk, id, merged, actor=shop.ana) == Acted(id, "threaded", started)
    assert queue.rows(shop.desk, [started], actor=shop.bia)[0].status is Status.PROGRESS
    assert [kind for kind, __ in events(started)][-2:] == ["reopened", "mail in"]
    balanced(shop)


def tickets_items(shop: Shop, number: int) -> list[int]:
    view = reading.ticket(shop.desk, number, actor=shop.bia)
    return [item.id for phase in view.flow.phases for item in phase.items]


def test_m9_an_automatic_mail_attached_by_hand_stays_automatic_until_it_is_accepted(
    shop: Shop, started: int, post: Post, events: Events
) -> None:
    id = post(mail("Estou de férias", Auto_Submitted="auto-replied"))
    assert outcome(shop, id) == "automatic"
    assert triage.attach(shop.desk, id, started, actor=shop.ana) == Acted(id, "automatic", started)
    assert not queue.rows(shop.desk, [started], actor=shop.bia)[0].unanswered
    balanced(shop)
    assert triage.accept(shop.desk, id, actor=shop.bia) == Acted(id, "threaded", started)
    assert queue.rows(shop.desk, [started], actor=shop.bia)[0].unanswered
    assert events(started)[-1] == ("mail trusted", "bia")
    balanced(shop)


def test_m8_a_ticket_is_opened_with_a_mail_for_whom_wrote_it(shop: Shop, post: Post, events: Events) -> None:
    id = post(mail("Cadê?", subject="Meu pedido"))
    number = triage.open_ticket(shop.desk, id, shop.other_flow, actor=shop.ana)
    assert isinstance(number, int)
    row = queue.rows(shop.desk, [number], actor=shop.ana)[0]
    assert (row.subject, row.customer, row.email, row.unanswered) == ("Meu pedido", "Lia", "lia@clientes.example", True)
    assert events(number) == [("opened", "ana"), ("mail in", "—")]
    assert acts(shop, id) == [("ana", "opened", "triage", "new", number)]
    balanced(shop)
    assert isinstance(triage.open_ticket(shop.desk, id, shop.other_flow, actor=shop.ana), Refusal)
    nobody = post(mail(sender="ninguém"))
    assert triage.open_ticket(shop.desk, nobody, shop.flow, actor=shop.ana).code == "mail sender"
    assert outcome(shop, nobody) == "triage"
    assert triage.open_ticket(shop.desk, nobody, 999, actor=shop.ana).code == "no flow"
    balanced(shop)


def suspect(shop: Shop, started: int, post: Post, sender: str = "Lia <lia@clientes.example>") -> int:
    """A stranger's mail in the right thread."""
    first = mail("oi", sender="Marina <marina@clientes.example>", id="primeira", subject="oi")
    found = shop.desk.db.rows("SELECT id FROM inbound WHERE subject = 'oi'")
    if not found:
        triage.attach(shop.desk, post(first), started, actor=shop.ana)
    id = post(mail("sou a irmã dela", sender=sender, In_Reply_To="<primeira@clientes.example>"))
    assert outcome(shop, id) == "suspect"
    return id


def test_m7_a_ticket_opened_by_hand_is_for_where_its_mail_asks_to_be_answered(shop: Shop, post: Post) -> None:
    id = post(mail("oi", sender="Nova <nova@trabalho.example>", Reply_To="nova@casa.example"))
    number = triage.open_ticket(shop.desk, id, shop.flow, actor=shop.ana)
    assert isinstance(number, int)
    assert reading.ticket(shop.desk, number, actor=shop.ana).customer.email == "nova@casa.example"


def test_m7_an_accepted_suspect_is_the_customers_word_and_never_replaces_the_address(
    shop: Shop, started: int, post: Post, events: Events
) -> None:
    id = suspect(shop, started, post)
    tickets.needs_no_answer(shop.desk, [started], actor=shop.bia)
    assert triage.accept(shop.desk, id, actor=shop.bia) == Acted(id, "threaded", started), "an agent of the ticket may"
    row = queue.rows(shop.desk, [started], actor=shop.bia)[0]
    assert row.unanswered and row.email == "marina@clientes.example"
    entries = reading.ticket(shop.desk, started, actor=shop.bia).entries
    mails = [(e.kind, e.state) for e in entries if e.message is not None and "mail" in e.kind]
    assert ("mail in", "") in mails and "suspect mail" not in dict(mails), "it is read as any word of the customer's"
    assert events(started)[-1] == ("mail trusted", "bia")
    assert triage.accept(shop.desk, id, actor=shop.bia) == Acted(id, "threaded", started, changed=False)
    assert outcome(shop, suspect(shop, started, post)) == "suspect", "only that mail was accepted"
    balanced(shop)


def test_m7_an_address_that_is_remembered_is_known_from_then_on(shop: Shop, started: int, post: Post) -> None:
    id = suspect(shop, started, post)
    triage.accept(shop.desk, id, actor=shop.bia, remember=True)
    again = post(mail("de novo eu", In_Reply_To="<primeira@clientes.example>"))
    assert outcome(shop, again) == "threaded"
    assert queue.rows(shop.desk, [started], actor=shop.bia)[0].email == "marina@clientes.example"
    data = reading.ticket(shop.desk, started, actor=shop.bia).entries[-2].data
    assert data == {"inbound": id, "remembered": True}, "no address on the timeline (R4)"


def test_m7_what_is_trusted_already_has_nothing_to_accept(shop: Shop, started: int, post: Post) -> None:
    id = post(mail())
    assert triage.accept(shop.desk, id, actor=shop.ana).code == "mail on no ticket"
    triage.attach(shop.desk, id, started, actor=shop.ana)
    assert triage.accept(shop.desk, id, actor=shop.ana).code == "mail trusted"


def test_m8_a_quarantined_mail_is_read_again_once(
    shop: Shop, started: int, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = receiving.Receiver.receive

    def broken(self: receiving.Receiver, row: receiving.Kept, mail: object) -> receiving.Result:
        raise ValueError("it broke")

    monkeypatch.setattr(receiving.Receiver, "receive", broken)
    raw = mail("oi", sender="Marina <marina@clientes.example>", subject=f"[#{started}] oi").as_bytes()
    id = post(raw)
    assert outcome(shop, id) == "quarantined"
    assert triage.retry(shop.desk, id, actor=shop.ana) == Acted(id, "quarantined", None)
    assert acts(shop, id) == [("ana", "retried", "quarantined", "quarantined", None)] and "broke" in reason(shop, id)
    assert triage.attach(shop.desk, id, started, actor=shop.ana).code == "mail unread"
    monkeypatch.setattr(receiving.Receiver, "receive", real)
    twin = post(raw)
    assert outcome(shop, twin) == "duplicate"
    assert triage.retry(shop.desk, id, actor=shop.ana) == Acted(id, "threaded", started), "not a duplicate of its twin"
    assert triage.retry(shop.desk, id, actor=shop.ana) == Acted(id, "threaded", started, changed=False)
    assert triage.retry(shop.desk, twin, actor=shop.ana).changed is False
    mails = [e for e in reading.ticket(shop.desk, started, actor=shop.bia).entries if e.kind == "mail in"]
    assert len(mails) == 1
    balanced(shop)


def test_m8_a_mail_split_off_to_triage_leaves_nothing_and_can_come_back(
    shop: Shop, started: int, post: Post, events: Events
) -> None:
    id = post(mail("segredo de outra cliente"))
    triage.attach(shop.desk, id, started, actor=shop.ana)
    message = shop.desk.db.rows("SELECT message FROM inbound WHERE id = :id", {"id": id})[0][0]
    assert triage.split(shop.desk, message, None, actor=shop.bia) == Acted(id, "triage", None)
    row = queue.rows(shop.desk, [started], actor=shop.bia)[0]
    assert (row.unanswered, row.last_in) == (False, None), "nobody waits there any more"
    shown = reading.ticket(shop.desk, started, actor=shop.bia).entries
    assert not any("segredo" in e.text for e in shown) and shown[-1].kind == "mail split"
    assert events(started)[-1] == ("mail split", "bia")
    assert isinstance(reading.raw(shop.desk, message, actor=shop.bia), Refusal)
    balanced(shop)
    assert triage.split(shop.desk, message, None, actor=shop.ana).changed is False
    other = shop.answer(email="lia@clientes.example", comment="outra")
    assert triage.attach(shop.desk, id, other, actor=shop.ana) == Acted(id, "threaded", other)
    assert shop.desk.db.rows("SELECT COUNT(*) FROM messages")[0][0] == 1, "the same message, not a second one"
    assert [a[1] for a in acts(shop, id)] == ["attached", "split", "attached"]
    balanced(shop)


def test_m8_a_mail_split_off_to_a_new_ticket_is_its_senders(
    shop: Shop, started: int, post: Post, events: Events
) -> None:
    id = suspect(shop, started, post)
    message = shop.desk.db.rows("SELECT message FROM inbound WHERE id = :id", {"id": id})[0][0]
    done = triage.split(shop.desk, message, shop.flow, actor=shop.bia)
    assert isinstance(done, Acted) and done.outcome == "new" and done.ticket not in (None, started)
    row = queue.rows(shop.desk, [done.ticket], actor=shop.bia)[0]
    assert (row.email, row.unanswered) == ("lia@clientes.example", True)
    trusted = shop.desk.db.rows("SELECT trusted FROM messages WHERE id = :m", {"m": message})[0][0]
    assert trusted, "on a ticket of its own it is nobody's forgery, and answers name it"
    assert queue.rows(shop.desk, [started], actor=shop.bia)[0].unanswered, "the first mail still waits"
    follow = post(mail("e mais", In_Reply_To=f"<{reading_id(shop, message)}>"))
    assert (outcome(shop, follow), ticket_of(shop, follow)) == ("threaded", done.ticket)
    balanced(shop)


def reading_id(shop: Shop, message: int) -> str:
    return str(shop.desk.db.rows("SELECT message_id FROM messages WHERE id = :m", {"m": message})[0][0])


def ticket_of(shop: Shop, id: int) -> int | None:
    return shop.desk.db.rows("SELECT ticket FROM inbound WHERE id = :id", {"id": id})[0][0]


def test_m8_what_repeats_a_mail_goes_nowhere(shop: Shop, started: int, post: Post) -> None:
    raw = mail().as_bytes()
    first, twin = post(raw), post(b"Received: from relay\r\n" + raw)
    why = triage.attach(shop.desk, twin, started, actor=shop.ana)
    assert why.code == "mail twice" and str(first) in str(why)
    assert triage.open_ticket(shop.desk, twin, shop.flow, actor=shop.ana).code == "mail twice"
    balanced(shop)


def test_m8_p3_rights(shop: Shop, started: int, post: Post) -> None:
    """The ledger needs its right, a ticket needs that its flow may be worked in; out of sight is as if it were not."""
    id = post(mail())
    for who in (shop.bia, shop.rui):
        for why in (
            triage.attach(shop.desk, id, started, actor=who),
            triage.open_ticket(shop.desk, id, shop.flow, actor=who),
            triage.retry(shop.desk, id, actor=who),
            ledger.lines(shop.desk, actor=who),
            ledger.balances(shop.desk, actor=who),
            ledger.mail(shop.desk, id, actor=who),
            ledger.raw(shop.desk, id, actor=who),
            blocking.block(shop.desk, "lia@clientes.example", actor=who),
        ):
            assert why.code == "needs level"
        assert triage.accept(shop.desk, id, actor=who).code == "no mail"
    elsewhere = shop.answer(score=2, comment="x", email="q@x.example")
    transfers.transfer(shop.desk, [elsewhere], shop.other_flow, None, actor=shop.ana)
    assert triage.attach(shop.desk, id, elsewhere, actor=shop.caio).code == "no ticket"
    assert triage.open_ticket(shop.desk, id, shop.other_flow, actor=shop.caio).code == "no flow"
    triage.attach(shop.desk, id, elsewhere, actor=shop.ana)
    twin = post(raw_of(shop, id))
    message = shop.desk.db.rows("SELECT message FROM inbound WHERE id = :id", {"id": id})[0][0]
    for hidden in (id, twin):
        assert ledger.mail(shop.desk, hidden, actor=shop.caio).code == "no mail"
        assert ledger.raw(shop.desk, hidden, actor=shop.caio).code == "no mail"
        assert triage.attach(shop.desk, hidden, started, actor=shop.caio).code == "no mail"
    assert triage.split(shop.desk, message, None, actor=shop.caio).code == "no mail"
    shown = {r.id: r for r in ledger.lines(shop.desk, actor=shop.caio)}
    assert [(shown[i].sender, shown[i].subject, shown[i].ticket) for i in (id, twin)] == [("", "", None)] * 2
    assert ledger.lines(shop.desk, actor=shop.caio, words="lia") == (), "nor is it found by its words"
    assert len(ledger.lines(shop.desk, actor=shop.ana, words="LIA pedido")) == 2
    triage.split(shop.desk, message, None, actor=shop.ana)
    assert acts(shop, id)[0][4] == elsewhere
    assert ledger.mail(shop.desk, id, actor=shop.caio).acts[0].ticket is None, "where it was is not told"
    add_user(shop.desk, "eva", "Eva", "eva@x.example", Level.ADMINISTRATOR, actor=shop.ana)
    assert triage.attach(shop.desk, id, started, actor=shop.eva).code == "no ticket"
    balanced(shop)


def test_p4_who_only_reads_a_flow_accepts_nothing_there_and_splits_nothing_off(
    shop: Shop, started: int, post: Post
) -> None:
    id = post(mail("sou eu", sender="X <x@x.example>", subject="oi"))
    assert isinstance(triage.attach(shop.desk, id, started, actor=shop.ana), Acted)
    ours = shop.desk.db.rows("SELECT message_id FROM messages")[0][0]
    suspect = post(mail("e eu", sender="Y <y@x.example>", In_Reply_To=f"<{ours}>"))
    assert outcome(shop, suspect) == "suspect"
    message = shop.desk.db.rows("SELECT message FROM inbound WHERE id = :id", {"id": suspect})[0][0]
    for why in (
        triage.accept(shop.desk, suspect, actor=shop.rui),
        triage.accept_on_ticket(shop.desk, started, message, actor=shop.rui),
        triage.split(shop.desk, message, None, actor=shop.rui),
    ):
        assert isinstance(why, Refusal) and why.code != "no mail", "the mail is in sight"
    assert outcome(shop, suspect) == "suspect"
    done = triage.accept_on_ticket(shop.desk, started, message, actor=shop.caio)
    assert done == Acted(suspect, "threaded", started), "who works there may, without a right on the mailbox"


def raw_of(shop: Shop, id: int) -> bytes:
    found = ledger.raw(shop.desk, id, actor=shop.ana)
    assert isinstance(found, bytes)
    return found


def test_n2_what_was_told_of_a_mail_goes_with_it(shop: Shop, started: int, post: Post) -> None:
    """P3: the words of a mail that was split off are not read in the notices of its old ticket."""
    from loop import notifications

    id = post(mail("segredo"))
    triage.attach(shop.desk, id, started, actor=shop.ana)
    assert any("segredo" in n.text for n in notifications.notices(shop.desk, actor=shop.bia))
    triage.split(shop.desk, 1, None, actor=shop.ana)
    assert not any("segredo" in n.text for n in notifications.notices(shop.desk, actor=shop.bia))
    assert notes.add(shop.desk, [started], "foi engano", actor=shop.bia).done


def test_m11_a_blocked_senders_mail_is_kept_and_goes_nowhere(shop: Shop, started: int, post: Post) -> None:
    first = mail("oi", sender="Marina <marina@clientes.example>", subject=f"[#{started}] oi")
    assert blocking.block(shop.desk, "Marina@Clientes.example", actor=shop.ana) is None
    id = post(first)
    assert (outcome(shop, id), reason(shop, id)) == ("automatic", "the sender is blocked")
    found = ledger.mail(shop.desk, id, actor=shop.ana)
    assert found.blocked and found.can["attach"] is None
    assert blocking.block(shop.desk, "spam@golpe.example", actor=shop.ana) is None
    assert blocking.blocked(shop.desk, actor=shop.ana) == ("marina@clientes.example", "spam@golpe.example")
    assert outcome(shop, post(mail(sender="X <SPAM@golpe.example>"))) == "automatic"
    assert triage.attach(shop.desk, id, started, actor=shop.ana) == Acted(id, "threaded", started), "a person may"
    assert blocking.unblock(shop.desk, "marina@clientes.example", actor=shop.ana) is None
    assert blocking.unblock(shop.desk, "marina@clientes.example", actor=shop.ana).code == "not blocked"
    assert (
        outcome(shop, post(mail("de novo", sender="m <marina@clientes.example>", subject=f"[#{started}] oi")))
        == "threaded"
    )
    assert blocking.block(shop.desk, "nada", actor=shop.ana).code == "bad address"
    audited = shop.desk.db.rows("SELECT what, name FROM audit WHERE target = 'customer' ORDER BY id")
    assert [w for w, __ in audited] == ["blocked", "blocked", "unblocked"] and not any("@" in n for __, n in audited)
    balanced(shop)


def test_m8_two_people_at_once_put_a_mail_on_one_ticket(shop: Shop, started: int, post: Post) -> None:
    """Whoever is second is told; the receiver beside them loses nothing."""
    import threading

    other = shop.answer(email="outro@x.example", comment="outra")
    assert other
    lines = [post(mail(f"n {i}")) for i in range(6)]
    results: dict[int, list[object]] = {i: [] for i in lines}
    start = threading.Barrier(3)

    def put(number: int) -> None:
        start.wait()
        for id in lines:
            results[id].append(triage.attach(shop.desk, id, number, actor=shop.ana))

    def receive() -> None:
        start.wait()
        for i in range(6):
            post(mail(f"outro {i}"))

    threads = [threading.Thread(target=put, args=(n,)) for n in (started, other)]
    threads.append(threading.Thread(target=receive))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for id in lines:
        done = [r for r in results[id] if isinstance(r, Acted)]
        why = [r for r in results[id] if isinstance(r, Refusal)]
        assert len(done) == 1 and [w.code for w in why] == ["mail on ticket"]
    balanced(shop)
    assert shop.desk.db.rows("SELECT COUNT(*) FROM messages")[0][0] == 6
