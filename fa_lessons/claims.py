"""The claims box that closes a lesson: what the slides and papers assert, and what was measured here."""

from dataclasses import asdict, dataclass

REPRODUCED = "reproduced"
CONDITIONAL = "under conditions"
NOT_REPRODUCED = "not reproduced"
NOT_TESTABLE = "not testable here"
VERDICTS = (REPRODUCED, CONDITIONAL, NOT_REPRODUCED, NOT_TESTABLE)
MIME = "application/vnd.fa-lessons.claims+json"


@dataclass(frozen=True)
class Claim:
    """One asserting sentence and its verdict.

    `id` is unique in the series ("L2.3"); `source` says where the sentence stands; `measured` states the
    lesson's number, with a margin or at most 3 significant digits; `holds` is the lesson's own test that
    `measured` is true in this very run.
    """

    id: str
    sentence: str
    source: str
    verdict: str
    measured: str
    holds: bool


class ClaimsBox:
    """A table of claims that shows as Markdown and carries its rows as JSON for the ledger."""

    def __init__(self, claims):
        self.claims = claims

    def _repr_mimebundle_(self, include=None, exclude=None):
        rows = ["| | claim | source | verdict | measured here |", "|---|---|---|---|---|"]
        rows += [f"| {c.id} | {c.sentence} | {c.source} | **{c.verdict}** | {c.measured} |" for c in self.claims]
        plain = "\n".join(f"{c.id}: {c.verdict}: {c.measured}" for c in self.claims)
        data = [{k: v for k, v in asdict(c).items() if k != "holds"} for c in self.claims]
        return {"text/markdown": "\n".join(rows), "text/plain": plain, MIME: data}


def claims_box(*claims):
    """Show `claims` as a table, after making sure that each one's measurement holds in this run.

    Raises ValueError for an unknown verdict and AssertionError where a measurement does not hold.
    """
    for claim in claims:
        if claim.verdict not in VERDICTS:
            raise ValueError(f"verdict must be one of {', '.join(VERDICTS)}, got {claim.verdict!r}")
        assert claim.holds, f"{claim.id}: this run does not confirm “{claim.measured}”"
    return ClaimsBox(claims)
