from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desk.marks import Piece, hits, pieces, snippet


def shown(found: tuple[Piece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.mark else piece.text for piece in found)


def test_spans_cut_a_text() -> None:
    assert shown(pieces("Musk lobt Trump", [(10, 15, "trump"), (0, 4, "musk")])) == "[Musk] lobt [Trump]"


def test_spans_that_overlap_or_lie_outside_lose_no_letter() -> None:
    assert (
        shown(pieces("Trump-Regierung", [(0, 5, "trump"), (0, 15, "trump"), (40, 50, "x")]))
        == "[Trump][-Regierung]"
    )


spans = st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60), st.sampled_from(["musk", "trump"])))


@given(st.text(max_size=50), spans)
def test_pieces_put_together_are_the_text(text: str, found: list[tuple[int, int, str]]) -> None:
    assert "".join(piece.text for piece in pieces(text, found)) == text


def test_hits_find_words_and_their_inflections() -> None:
    text = "Präsidenten und der Präsident, xAI und xAIs, AI"
    assert [text[a:b] for a, b, _ in hits(text, "Präsident")] == ["Präsidenten", "Präsident"]
    assert [text[a:b] for a, b, _ in hits(text, "ai")] == ["AI"]


def test_a_query_is_no_pattern() -> None:
    assert hits("a.b (c", ".* ( [") == []
    assert hits("anything", "") == []


def test_a_snippet_shows_the_first_hit_in_its_surroundings() -> None:
    text = "Anfang " * 60 + "hier steht Stargate mitten im Text " + "Ende " * 60
    found = snippet(text, "stargate")
    assert "[Stargate]" in shown(found)
    assert shown(found).startswith(" … ")
    assert shown(found).endswith(" … ")
    assert len(shown(found)) < 260


@given(st.text(max_size=600), st.text(max_size=20))
def test_a_snippet_never_fails_and_stays_short(text: str, query: str) -> None:
    assert len("".join(piece.text for piece in snippet(text, query))) <= 246
