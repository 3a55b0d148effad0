"""Folding has short ways for plain texts; they say what the long way says (Q5)."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from domain.answers import SUBJECT_CELLS, subject_for
from domain.text import fold, natural

LATIN = st.text(st.sampled_from("aZçÇãÉé ñ€“—-.,ßﬁİ①\u0301\u034f\u1ab0日👩\u200d"), max_size=120)


@given(LATIN | st.text())
def test_q5_folded_is_without_case_and_combining_marks(text: str) -> None:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    assert fold(text) == "".join(c for c in decomposed if not unicodedata.combining(c))


@given(st.text(st.sampled_from("abcdé ñ-,"), min_size=1, max_size=130))
def test_i6_a_plain_subject_is_cut_as_one_with_marks_is(text: str) -> None:
    """A soft hyphen has no cell and sends the text the long way."""
    shown = subject_for("a" + text, "P", 1)
    long_way = subject_for("a\u00ad" + text, "P", 1)
    assert long_way.replace("\u00ad", "") == shown and len(shown) <= SUBJECT_CELLS


def test_names_with_numbers_are_in_the_order_that_one_counts_in() -> None:
    names = ["u10", "Ü2", "u1", "ana", "2u", "10u", "u2b", "u" + "9" * 5_000, ""]
    assert sorted(names, key=natural)[:-1] == ["", "2u", "10u", "ana", "u1", "Ü2", "u2b", "u10"]
