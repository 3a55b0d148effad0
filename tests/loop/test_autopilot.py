"""The autopilot at work: in order, never twice, never on closed, not on the past unless asked (A1–A5, A7, P3)."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from domain.answers import NPS, Answer
from domain.people import Level, Role
from domain.refusals import Refusal
from domain.rules import Moment, Says, Then, When
from loop import answers, autopilot, rule_log, rules, surveys, transfers
from loop import people as staff
from loop.rule_runs import Run
from loop.rule_views import Ran, Switched
from loop.setup_views import Saved
from tests.loop.conftest import Clock, Shop, found, people
from tests.loop.piloted import head, hits, off, rows, switched_on, take, texts, told
from tests.loop.test_together import together

DAY = 86_400_000
TAG = Then(tags=("x",))


def some(shop: Shop, n: int, score: int = 2, days_ago: int = 0, first: int = 0) -> list[Answer]:
    at = datetime.fromtimestamp(shop.clock.now / 1000, UTC) - timedelta(days=days_ago)
    return [
        Answer(f"{score}-{days_ago}-{i}", score, "tarde", at, "Ana", f"c{i}@x.example") for i in range(first, first + n)
    ]


def ran(of: Ran | Refusal) -> Ran:
    assert isinstance(of, Ran), str(of)
    return of


def test_a5_the_past_is_left_alone_until_asked_and_then_met_once(shop: Shop) -> None:
    take(shop, *some(shop, 3))
    id = switched_on(shop, "Marca", When(), TAG)
    assert hits(shop) == []
    first, again = (ran(autopilot.run_past(shop.desk, id, actor=shop.ana)) for __ in range(2))
    assert (first.looked_at, first.touched, again.looked_at, again.touched) == (3, 3, 3, 0)
    assert len(hits(shop)) == 3 and [k for k, __, __ in told(shop, 1)] == ["opened", "tags"]
    assert rows(shop, "SELECT way, looked_at FROM rule_runs ORDER BY id") == [("past", 3), ("past", 3)]


def test_i3_a_set_that_only_opens_tickets_does_not_meet_employees_of_the_past(shop: Shop) -> None:
    """I3, A5: nothing could be done, and once the survey is of customers again the answer is still to be met."""
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET active = false WHERE id = :id", {"id": shop.other_flow})
    take(shop, *some(shop, 2, score=10))
    id = switched_on(shop, "Abre", When(classes=("promoter",)), Then(open_in="Detratores"))
    with shop.desk.db.write() as work:
        work.run("UPDATE surveys SET internal = true WHERE id > :n", {"n": 0})
    assert ran(autopilot.run_past(shop.desk, id, actor=shop.ana)).touched == 0 and hits(shop) == []
    with shop.desk.db.write() as work:
        work.run("UPDATE surveys SET internal = false WHERE id > :n", {"n": 0})
    assert ran(autopilot.run_past(shop.desk, id, actor=shop.ana)).touched == 2
    assert rows(shop, "SELECT flow_id FROM tickets") == [(shop.flow,)] * 2


def test_a5_the_same_file_again_touches_nothing(shop: Shop) -> None:
    switched_on(shop, "Marca", When(), TAG)
    take(shop, *some(shop, 3))
    before = rows(shop, "SELECT COUNT(*) FROM events")
    take(shop, *some(shop, 3))
    assert rows(shop, "SELECT COUNT(*) FROM events") == before and len(hits(shop)) == 3


def test_a5_the_past_can_be_the_last_days_or_what_came_while_it_was_off(shop: Shop) -> None:
    take(shop, *some(shop, 2, days_ago=10))
    id = switched_on(shop, "Marca", When(), TAG)
    shop.clock.now += DAY
    off(shop, id)
    assert autopilot.waiting(shop.desk.db.rows, id) == 0
    take(shop, *some(shop, 3))
    assert autopilot.waiting(shop.desk.db.rows, id) == 3
    since = rows(shop, "SELECT off_since FROM rule_sets")[0][0]
    assert isinstance(why := autopilot.run_past(shop.desk, id, actor=shop.ana), Refusal) and why.code == "rule off"
    on = rules.switch(shop.desk, id, True, actor=shop.ana)
    assert isinstance(on, Switched) and on.waiting == 3
    assert ran(autopilot.run_past(shop.desk, id, days=5, actor=shop.ana)).looked_at == 3
    assert ran(autopilot.run_past(shop.desk, id, since=since, actor=shop.ana)).looked_at == 3
    assert ran(autopilot.run_past(shop.desk, id, actor=shop.ana)).touched == 2


def test_a4_the_surveys_list_and_the_sets_must_name_each_other(shop: Shop) -> None:
    one = switched_on(shop, "Uma", When(surveys=()), TAG)
    two = switched_on(shop, "Outra", When(), Then(tags=("y",)))
    take(shop, *some(shop, 1))
    id = rows(shop, "SELECT id FROM surveys")[0][0]
    surveys.change(shop.desk, id, {"rule_sets": (two,)}, actor=shop.ana)
    take(shop, *some(shop, 1, first=5))
    assert [(s, a) for s, a, __ in hits(shop)] == [(one, 1), (two, 1), (two, 2)]


def test_a1_a_set_switched_off_within_an_import_stops_with_the_next_piece(shop: Shop) -> None:
    id = switched_on(shop, "Marca", When(), TAG)

    def after(read: int) -> None:
        if read == answers.PIECE:
            off(shop, id)

    answers.take(shop.desk, "P", some(shop, answers.PIECE + 5), actor=shop.ana, scale=NPS, progress=after)
    assert len(hits(shop)) == answers.PIECE
    assert rows(shop, "SELECT touched FROM rule_run_sets") == [(answers.PIECE,)]
    assert rows(shop, "SELECT COUNT(*) FROM rule_runs") == [(1,)], "one import, one line"


def test_a2_earlier_tickets_count_those_of_the_same_file_too(shop: Shop) -> None:
    switched_on(shop, "Cliente antigo", When(earlier_from=1), TAG)
    at = datetime.fromtimestamp(shop.clock.now / 1000, UTC)
    take(shop, *(Answer(str(i), 2, "x", at, "Ana", "a@x.example") for i in range(3)))
    assert [about for __, about, __ in hits(shop)] == [2, 3]
    id = switched_on(shop, "De novo", When(earlier_from=2), Then(tags=("y",)))
    assert ran(autopilot.run_past(shop.desk, id, actor=shop.ana)).touched == 1, "the past counts as births do"


def test_a6_sets_of_time_do_not_run_when_answers_come_in(shop: Shop) -> None:
    id = switched_on(shop, "Parado", When(moment=Moment("not started", 1)), TAG)
    take(shop, *some(shop, 1))
    assert hits(shop) == []
    assert isinstance(why := autopilot.run_past(shop.desk, id, actor=shop.ana), Refusal) and why.code == "rule of time"
    run = autopilot.Run("time")
    apply = [shop.desk.db.transact(lambda work: autopilot.apply(shop.desk, work, run, [(id, 1)])) for __ in range(2)]
    assert apply == [1, 0] and head(shop, 1)["tags"] == ["x"]


def test_a7_by_hand_the_actors_rights_and_the_sets_conditions_hold(shop: Shop) -> None:
    from loop import byhand

    take(shop, *some(shop, 2), *some(shop, 1, 10))
    bare = byhand.open_by_hand(shop.desk, flow_id=shop.flow, subject="x", name="Z", email="z@x.example", actor=shop.ana)
    with shop.desk.db.write() as work:
        closed = work.rows("SELECT id FROM phases WHERE flow_id = :f AND status = 'closed'", {"f": shop.flow})[0][0]
        work.run("UPDATE tickets SET status = 2, phase_id = :p WHERE number = 2", {"p": closed})
    id = switched_on(shop, "Marca", When(flows=("Detratores",)), TAG)
    done = ran(autopilot.run_on(shop.desk, id, [1, 2, 3, bare, 99, 1], actor=shop.ana))  # type: ignore[list-item]
    assert (done.touched, done.looked_at) == (2, 5)
    assert {n: why.code for n, why in done.refused} == {2: "already closed", 3: "rule not about", 99: "no ticket"}
    again = ran(autopilot.run_on(shop.desk, id, [1, bare], actor=shop.ana))  # type: ignore[list-item]
    assert {why.code for __, why in again.refused} == {"rule met"}
    assert sorted(about for __, about, __ in hits(shop)) == [-bare, 1]  # type: ignore[operator]
    why = autopilot.run_on(shop.desk, id, [1], actor=shop.bia)
    assert isinstance(why, Refusal) and why.code == "needs level"


def test_p3_an_administrator_runs_only_what_they_may_edit(shop: Shop) -> None:
    mine = found(shop.desk, "Minha", {"caio": Role.ADMINISTRATOR}, classes=("promoter",))
    take(shop, *some(shop, 1), *some(shop, 1, 10))
    assert mine
    theirs = switched_on(shop, "Detratores", When(flows=("Detratores",)), TAG)
    own = switched_on(shop, "Minha", When(flows=("Minha",)), TAG)
    everywhere = switched_on(shop, "Todas", When(), Then(tags=("y",)))
    for id, code in ((theirs, "needs role"), (everywhere, "rule of all flows")):
        why = autopilot.run_past(shop.desk, id, actor=shop.caio)
        assert isinstance(why, Refusal) and why.code == code
    assert ran(autopilot.run_past(shop.desk, own, actor=shop.caio)).touched >= 0


def test_a7_by_hand_who_may_run_a_set_but_only_reads_a_ticket_is_told_so(shop: Shop) -> None:
    mine = found(shop.desk, "Minha", {"caio": Role.ADMINISTRATOR})
    read = found(shop.desk, "Lida", {"caio": Role.ANALYST})
    take(shop, *some(shop, 2))
    for number, flow in ((1, mine), (2, read)):
        assert transfers.transfer(shop.desk, [number], flow, None, actor=shop.ana).done
    own = switched_on(shop, "Minha", When(flows=("Minha",)), TAG)
    done = ran(autopilot.run_on(shop.desk, own, [1, 2], actor=shop.caio))
    assert (done.touched, {n: why.code for n, why in done.refused}) == (1, {2: "analysts read"})


def test_p4_who_loses_the_right_between_two_pieces_runs_a_set_no_further(shop: Shop) -> None:
    everybody, caio = some(shop, 150), shop.caio
    mine = found(shop.desk, "Minha", {"caio": Role.ADMINISTRATOR})
    take(shop, *everybody)
    assert len(transfers.transfer(shop.desk, range(1, 151), mine, None, actor=shop.ana).done) == 150
    id = switched_on(shop, "Marca", When(flows=("Minha",)), TAG)

    def demoted(looked_at: int) -> None:
        changed = staff.change_user(shop.desk, "caio", level=Level.AGENT, actor=shop.ana)
        assert isinstance(changed, Saved), changed

    done = ran(autopilot.run_on(shop.desk, id, range(1, 151), actor=caio, progress=demoted))
    assert (done.stopped, done.touched, len(hits(shop))) == (True, autopilot.PIECE, autopilot.PIECE)


def test_a5_two_at_once_and_each_answer_is_met_once(shop: Shop) -> None:
    take(shop, *some(shop, 150))
    id = switched_on(shop, "Marca", When(), TAG)
    ana = shop.ana
    given = some(shop, 40, first=500)
    done = together(
        lambda: autopilot.run_past(shop.desk, id, actor=ana),
        lambda: autopilot.run_past(shop.desk, id, actor=ana),
        lambda: autopilot.run_on(shop.desk, id, range(1, 60), actor=ana),
        lambda: answers.take(shop.desk, "Pós-compra", given, actor=ana, scale=NPS),
    )
    assert sum(ran(d).touched for d in done[:3]) == 150
    assert rows(shop, "SELECT COUNT(*) FROM events WHERE kind = 'tags'") == [(190,)]
    assert len(hits(shop)) == 190
    assert rows(shop, "SELECT SUM(touched) FROM rule_run_sets") == [(190,)]


def test_a5_what_is_cut_off_between_pieces_goes_on_and_meets_nothing_twice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(shop, *some(shop, 250))
    id = switched_on(shop, "Marca", When(), TAG)

    class Killed(BaseException):
        pass

    write, count = autopilot.write, iter(range(10))

    def dies(*given: Any, **more: Any) -> None:
        write(*given, **more)
        if next(count) == 1:
            raise Killed  # everything of the second piece is written, and nothing of it committed

    monkeypatch.setattr(autopilot, "write", dies)
    with pytest.raises(Killed):
        autopilot.run_past(shop.desk, id, actor=shop.ana)
    monkeypatch.undo()
    assert len(hits(shop)) == 100 and rows(shop, "SELECT COUNT(*) FROM ticket_tags") == [(100,)]
    assert ran(autopilot.run_past(shop.desk, id, actor=shop.ana)).touched == 150
    assert rows(shop, "SELECT COUNT(*) FROM events WHERE kind = 'tags'") == [(250,)]
    assert rows(shop, "SELECT SUM(touched) FROM rule_run_sets") == [(250,)]


def test_a5_the_past_can_be_stopped_and_what_was_done_stays(shop: Shop) -> None:
    take(shop, *some(shop, 250))
    id = switched_on(shop, "Marca", When(), TAG)
    asked = iter([False, True])
    done = ran(autopilot.run_past(shop.desk, id, actor=shop.ana, stop=lambda: next(asked)))
    assert (done.stopped, done.touched, len(hits(shop))) == (True, 100, 100)


def test_a6_a_run_of_several_pieces_is_one_line_with_the_sum_of_them(shop: Shop) -> None:
    take(shop, *some(shop, 250))
    one = switched_on(shop, "Marca", When(), TAG)
    take(shop, *some(shop, 1, first=500))
    assert ran(autopilot.run_past(shop.desk, one, actor=shop.ana)).looked_at == 251
    texts(shop)
    two = switched_on(shop, "Solução", When(), Then(phase="Solução", send="class"))
    assert ran(autopilot.run_past(shop.desk, two, actor=shop.ana)).touched == 251
    assert rows(shop, "SELECT way, looked_at FROM rule_runs ORDER BY id")[-2:] == [("past", 251), ("past", 251)]
    lines = rows(shop, "SELECT touched, mails, undone FROM rule_run_sets WHERE rule_set_id = :id", id=two)
    assert [(touched, mails) for touched, mails, __ in lines] == [(251, 251)]
    assert [n for __, n in rule_log.runs(shop.desk, actor=shop.ana, rule_set_id=two)[0].undone] == [251]


SETS = (
    ("Marca", When(), Then(tags=("x",))),
    ("Fecha", When(says=Says(("fim",))), Then(phase="Resolvido", resolution="Feito")),
    ("Prioriza", When(tags=("x",), classes=("detractor",)), Then(priority=1)),
)
WAYS = st.sampled_from(("import", "import", "webhook"))


class Autopilot(RuleBasedStateMachine):
    """Import, the past, by hand, sets on and off, mixed: never twice, never on closed (A5)."""

    template: Path

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "x.sqlite"
        shutil.copy(self.template, path)
        self.shop = people(f"sqlite:///{path}", Clock())
        with self.shop.desk.db.write() as work:
            work.run("UPDATE phases SET binding = 'optional' WHERE id > :n", {"n": 0})
        self.sets = [switched_on(self.shop, *one) for one in SETS]
        self.closed: dict[int, int] = {}
        """How many events each ticket had when it was closed."""

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            self.shop.desk.close()
            self.folder.cleanup()

    @rule(first=st.integers(0, 6), n=st.integers(1, 4), score=st.sampled_from((2, 10)), end=st.booleans(), way=WAYS)
    def come_in(self, first: int, n: int, score: int, end: bool, way: Any) -> None:
        at = datetime(2026, 1, 2, tzinfo=UTC)
        given = [
            Answer(f"{i}", score, "fim" if end else "tarde", at, "Ana", f"c{i}@x.example" if i else "") for i in range(first, first + n)
        ]  # fmt: skip
        take(self.shop, *given, way=way)

    @rule(which=st.integers(0, 2))
    def past(self, which: int) -> None:
        autopilot.run_past(self.shop.desk, self.sets[which], actor=self.shop.ana)

    @rule(which=st.integers(0, 2), numbers=st.lists(st.integers(1, 8), max_size=3))
    def by_hand(self, which: int, numbers: list[int]) -> None:
        autopilot.run_on(self.shop.desk, self.sets[which], numbers, actor=self.shop.ana)

    @rule(which=st.integers(0, 2), on=st.booleans())
    def switch(self, which: int, on: bool) -> None:
        rules.switch(self.shop.desk, self.sets[which], on, actor=self.shop.ana)

    @invariant()
    def each_answer_was_met_once_and_closed_tickets_never(self) -> None:
        if not hasattr(self, "shop"):
            return
        met = hits(self.shop)
        assert len({(s, a) for s, a, __ in met}) == len(met)
        doubles = rows(
            self.shop,
            "SELECT ticket FROM events WHERE actor_kind = 'autopilot' GROUP BY ticket, kind, data HAVING COUNT(*) > 1",
        )
        assert doubles == []
        counts = dict(rows(self.shop, "SELECT ticket, COUNT(*) FROM events GROUP BY ticket"))
        for number, events in self.closed.items():
            assert counts[number] == events
        self.closed = {n: counts[n] for (n,) in rows(self.shop, "SELECT number FROM tickets WHERE status = 2")}
        assert rows(self.shop, "SELECT COALESCE(SUM(touched), 0) FROM rule_run_sets") == [(len(met),)]


@pytest.mark.parametrize("seed", [1])
def test_a5_never_twice_never_on_closed_whatever_the_order(seed: int, sqlite_template: Path) -> None:
    Autopilot.template = sqlite_template
    steps: Mapping[str, Any] = {"max_examples": 12, "stateful_step_count": 12}
    run_state_machine_as_test(Autopilot, settings=settings(phases=(Phase.explicit, Phase.generate), **steps))


def test_what_was_looked_for_before_a_rule_changed_counts_for_nothing(shop: Shop) -> None:
    """A1: answers are made ready before their transaction; the words of a set that is switched on in between are looked for too."""
    first = switched_on(shop, "frete", When(says=Says(("frete",))), Then(priority=1))
    given = [(i, one) for i, one in enumerate(some(shop, 4))]
    given = [
        (i, replace(one, comment=said))
        for (i, one), said in zip(given, ("frete", "prazo", "frete e prazo", ""), strict=True)
    ]
    run = Run("import", "Pós-compra")
    waiting = answers.ready(given, "Pós-compra", NPS, work=shop.desk.db, run=run)
    second = switched_on(shop, "prazo", When(says=Says(("prazo",))), Then(tags=("prazo",)))
    with shop.desk.db.write() as work:
        assert answers.write_piece(shop.desk, work, "Pós-compra", NPS, waiting, run=run).imported == 4
    ids = [id for (id,) in rows(shop, "SELECT id FROM answers ORDER BY id DESC LIMIT 4")][::-1]
    assert [(of, about) for of, about, __ in hits(shop)] == [
        (first, ids[0]),
        (first, ids[2]),
        (second, ids[1]),
        (second, ids[2]),
    ]
