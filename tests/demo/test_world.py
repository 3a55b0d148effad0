"""The demo's shop: what a newcomer finds, and that it is alive."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import autopilot, world
from demo.answers import people, samples
from demo.labels import WORDS
from demo.letters import Behaviour
from demo.place import Place
from demo.servers import Servers
from demo.stories import IN_PROGRESS, LETTERS
from domain.flows import Status
from domain.textmatch import trouble
from loop import (
    class_mail,
    import_preview,
    importing,
    labels,
    ledger,
    managers,
    queue,
    reading,
    rule_log,
    rule_rehearsal,
    rule_why,
    rules,
)
from loop.changes import Watcher
from loop.desk import Desk, open_desk
from loop.views import View
from loop.worker import Worker


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with Servers(delay=(0, 0)) as open_servers:
        yield open_servers


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> Iterator[Desk]:
    """The world as `retorno demo` makes it, but that mail leaves at once."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RETORNO_DEMO_PASSWORD", "")
        place = Place(Path(tmp_path_factory.mktemp("retorno-demo-")))
        world.found(place.config())
        config = place.config(servers.smtp, servers.imap, undo_seconds=0)
        world.people_the_past(config)
        opened = open_desk(config)
        yield opened
        opened.close()


def test_every_tab_has_something_in_it(desk: Desk) -> None:
    counts = queue.counts(desk, View(), actor=desk.actor("ana"))
    assert (
        counts.all == counts.open + counts.progress + counts.closed == sum(bool(r.email or r.phone) for r in samples())
    )
    assert min(counts.open, counts.progress, counts.closed) > 10
    assert counts.unanswered > 2
    metrics = queue.metrics(desk, View(), actor=desk.actor("ana"))
    assert None not in (metrics.completion, metrics.to_start, metrics.to_close)
    assert metrics.closed_a_day > 0


def test_the_three_people_share_the_work_and_some_of_it_is_late(desk: Desk) -> None:
    rows = queue.page(desk, View(tab=Status.PROGRESS), actor=desk.actor("ana"), limit=500).rows
    assert {row.assignee for row in rows} == {"ana", "bia", "caio"}
    assert {row.customer for row in rows} == {story.customer for story in IN_PROGRESS}
    assert any(row.due < desk.now() for row in rows)


def test_the_first_that_one_writes_to_show_every_behaviour(desk: Desk) -> None:
    """A newcomer works from the top of the open tickets: everything that mail can do comes within nine of them."""
    rows = queue.page(desk, View(tab=Status.PENDING), actor=desk.actor("ana"), limit=9).rows
    met = {people()[row.email].behaviour for row in rows if row.email}
    assert met == set(Behaviour) - {Behaviour.SILENT}
    assert rows[0].customer == "Marina Alves"
    assert rows[0].email, "the first ticket can be started (I4)"


def test_the_first_ticket_of_all_is_the_players_and_waits_for_an_answer(desk: Desk) -> None:
    """What the first page tells a newcomer to press: `r` on the first ticket."""
    (row,) = queue.page(desk, View(), actor=desk.actor("ana"), limit=1).rows
    assert row.assignee == "ana" and row.status is Status.PROGRESS and row.unanswered and row.email


def test_a_customer_of_long_standing_has_earlier_answers(desk: Desk) -> None:
    actor = desk.actor("ana")
    view = reading.ticket(desk, world.number_of(desk, "marina.alves@correio.example", actor=actor), actor=actor)
    assert [view.row.score, *(e.score for e in view.earlier)] == [2, 5, 7]
    assert all(e.ticket for e in view.earlier)


def test_the_past_happened_in_order_and_nothing_in_the_future(desk: Desk) -> None:
    assert desk.db.rows("SELECT COUNT(*) FROM events WHERE at > :now", {"now": desk.now()})[0][0] == 0
    times = [
        at for (at,) in desk.db.rows("SELECT at FROM events WHERE at < :now ORDER BY id", {"now": desk.now() - 60_000})
    ]
    assert times == sorted(times)
    before_start = "SELECT COUNT(*) FROM tickets WHERE started_at < created_at OR closed_at < started_at"
    assert desk.db.rows(before_start)[0][0] == 0


def test_mails_of_the_past_are_threaded_and_those_now_leaving_are_answered(desk: Desk) -> None:
    """The mailbox of the past was another one (another UIDVALIDITY); the poller begins at the new one's first mail."""
    actor = desk.actor("ana")
    before = ledger.balance(desk, actor=actor)
    told = sum(login == "" for story in IN_PROGRESS for login, _text in story.mails)
    assert before["seen"] == before["threaded"] == told
    watcher = Watcher(desk, actor)
    worker = Worker(desk)
    worker.start()
    try:
        while ledger.balance(desk, actor=actor)["threaded"] < told + len(LETTERS):
            assert watcher.wait(10), "nothing came for ten seconds"
    finally:
        worker.stop()
        watcher.close()
    for customer in LETTERS:
        address = next(r.email for r in samples() if r.name == customer)
        view = reading.ticket(desk, world.number_of(desk, address, actor=actor), actor=actor)
        assert view.row.unanswered
        assert view.entries[-1].kind == "mail in"


def test_every_word_of_a_category_is_an_expression_and_finds_somebody(desk: Desk) -> None:
    """Categories carry Text Match words, and the tickets are sorted by them (A2, A3)."""
    assert not [word for words in WORDS.values() for word in words if trouble(word)]
    rows = labels.categories(desk, actor=desk.actor("ana"))
    assert all(row.words and row.tickets for row in rows if row.parent is not None)


def test_rule_sets_are_on_and_have_run_and_one_says_what_it_lacks(desk: Desk) -> None:
    owner = desk.actor("ana")
    lines = {line.name: line for line in rules.rule_sets(desk, actor=owner)}
    for plan in autopilot.ON:
        assert lines[plan.name].active and lines[plan.name].touched and not lines[plan.name].blanks, plan.name
    ready, lacking = (lines[plan.name] for plan in autopilot.OFF)
    assert not ready.active and not ready.blanks and ready.waiting
    assert not lacking.active and lacking.blanks
    (table,) = managers.tables(desk, actor=owner)
    assert dict(table.entries) == autopilot.STATES
    told = rule_rehearsal.rehearse(desk, autopilot.BROKEN, actor=owner)
    assert told.touched >= 3, "the rehearsal shows something"


def test_the_e_mails_of_the_classes_are_whole_but_for_one(desk: Desk) -> None:
    """`!` shows on one class of the survey; those that are whole have left, and nothing waits to flood an opening."""
    states = [s for s in class_mail.states(desk, actor=desk.actor("ana")) if s.survey is not None]
    assert sorted(bool(state.missing) for state in states) == [False, False, True]
    thanks = {line.name: line.id for line in rules.rule_sets(desk, actor=desk.actor("ana"))}[autopilot.THANKS.name]
    found = rule_log.hits(desk, thanks, actor=desk.actor("ana"))
    assert len(found) > 10
    assert desk.db.rows("SELECT COUNT(*) FROM rule_hits WHERE mail IN ('due', 'old')")[0][0] == 0


def test_the_first_ticket_tells_why_it_is_as_it_is(desk: Desk) -> None:
    actor = desk.actor("ana")
    number = world.number_of(desk, "marina.alves@correio.example", actor=actor)
    told = " ".join(" ".join(map(str, vars(line).values())) for line in rule_why.why(desk, number, actor=actor))
    assert autopilot.LATE.name in told and autopilot.SORTED.name in told


def test_the_file_to_try_shows_rows_that_come_in_and_rows_that_do_not(desk: Desk) -> None:
    """A newcomer imports it by its screen, and the autopilot acts on it (I8, A2)."""
    path = Path(autopilot.__file__).with_name("respostas.csv")
    preview = import_preview.preview(desk, path, world.SURVEY, actor=desk.actor("ana"))
    assert not preview.trouble and {c.field for c in preview.columns} >= {"score", "comment", "email", "phone", "name"}
    report = importing.import_file(desk, path, world.SURVEY, actor=desk.actor("ana"))
    assert (report.imported, len(report.refused), report.tickets) == (16, 2, 15)
    hits = {line.name: line.touched for line in rules.rule_sets(desk, actor=desk.actor("ana"))}
    (run, *_others) = rule_log.runs(desk, actor=desk.actor("ana"))
    assert run.way == "import" and hits[autopilot.LATE.name] >= 4
