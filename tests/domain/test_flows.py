"""Where a ticket may go, over all small flows (P6, P7)."""

from hypothesis import given
from hypothesis import strategies as st

from domain.flows import Binding, Flow, Item, Phase, Status, may_go, missing
from domain.refusals import Refusal


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    statuses = [*Status, *draw(st.lists(st.sampled_from(Status), max_size=3))]
    statuses = draw(st.permutations(statuses))
    ids = range(1, len(statuses) + 1)
    phases = []
    for id, status in zip(ids, statuses, strict=True):
        items = tuple(Item(id * 10 + i, f"{id}.{i}") for i in range(draw(st.integers(0, 2))))
        onward = draw(st.none() | st.frozensets(st.sampled_from(list(ids))))
        phases.append(Phase(id, f"P{id}", status, draw(st.sampled_from(Binding)), items, onward))
    return Flow(1, "F", tuple(phases))


@given(flows(), st.data())
def test_p6_p7_every_move_of_every_flow(flow: Flow, data: st.DataObject) -> None:
    here, there = data.draw(st.sampled_from(flow.phases)), data.draw(st.sampled_from(flow.phases))
    all_items = [i.id for p in flow.phases for i in p.items]
    ticked = data.draw(st.sets(st.sampled_from(all_items))) if all_items else set()
    why = may_go(flow, here.id, there.id, ticked)
    order = [Status.PENDING, Status.PROGRESS, Status.CLOSED]

    def place(phase: Phase) -> tuple[int, int]:
        return order.index(phase.status), flow.phases.index(phase)

    if here == there:
        assert why and why.code == "same phase"
    elif place(there) < place(here):
        assert why is None, "going back is always allowed"
    elif here.onward is not None and there.id not in here.onward:
        assert why and why.code == "not that way" and there.name in str(why)
    elif here.binding is Binding.MANDATORY and missing(here, ticked):
        assert why and why.code == "checklist"
        assert all(text in str(why) for text in missing(here, ticked)), "the refusal names what is missing"
    else:
        assert why is None


def test_phases_are_found_by_name_or_its_start_and_never_by_guess() -> None:
    phases = [
        Phase(i, n, s)
        for i, (n, s) in enumerate(
            [
                ("Novo", Status.PENDING),
                ("Contato", Status.PROGRESS),
                ("Contato 2", Status.PROGRESS),
                ("Fim", Status.CLOSED),
            ]
        )
    ]
    flow = Flow(1, "F", tuple(phases))
    assert flow.named("contato") == phases[1]
    assert flow.named("FI") == phases[3]
    assert isinstance(flow.named("cont"), Refusal), "two begin so"
    assert isinstance(flow.named(""), Refusal)
    assert (flow.first(Status.PROGRESS).id, flow.last(Status.PROGRESS).id) == (1, 2)
