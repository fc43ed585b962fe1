"""The claims box tells the truth or fails."""

import pytest

from fa_lessons.claims import MIME, REPRODUCED, Claim, claims_box


def claim(**changes):
    whole = {"id": "L9.1", "sentence": "It learns.", "source": "a paper", "verdict": REPRODUCED, "measured": "2 %"}
    return Claim(**{**whole, "holds": True, **changes})


def test_a_box_shows_its_rows_and_carries_them_as_data():
    bundle = claims_box(claim(), claim(id="L9.2"))._repr_mimebundle_()
    assert "| L9.1 | It learns. | a paper | **reproduced** | 2 % |" in bundle["text/markdown"]
    assert [row["id"] for row in bundle[MIME]] == ["L9.1", "L9.2"]
    assert "L9.2: reproduced: 2 %" in bundle["text/plain"]


def test_a_claim_that_does_not_hold_fails():
    with pytest.raises(AssertionError, match=r"L9\.1"):
        claims_box(claim(holds=False))


def test_an_unknown_verdict_is_refused():
    with pytest.raises(ValueError, match="verdict must be one of"):
        claims_box(claim(verdict="true"))
