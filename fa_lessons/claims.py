"""Claims: sentences of slides and papers, each stated once in `notebooks/claims.yml`, and what a lesson measures.

    claims = LessonClaims(4)
    claims.measured("zeros-do-not-work", CONDITIONAL, bp.min() > 60 and fa.max() < 15)
    claims                                   # the box that closes the lesson

A measurement is the lesson's own test: one that does not hold stops the lesson.
"""

import sys
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import yaml

from fa_lessons import places
from fa_lessons.files import user_path
from fa_lessons.streams import say

REPRODUCED = "reproduced"
CONDITIONAL = "under conditions"
NOT_REPRODUCED = "not reproduced"
NOT_TESTABLE = "not testable here"
NOT_RUN = "not run"
INCONCLUSIVE = "inconclusive"
VERDICTS = (REPRODUCED, CONDITIONAL, NOT_REPRODUCED, INCONCLUSIVE, NOT_TESTABLE, NOT_RUN)
MIME = "application/vnd.fa-lessons.claims+json"


class DoesNotHold(AssertionError):
    """What a lesson says it measured is not what this run measured."""


@dataclass(frozen=True)
class Claim:
    """One asserting sentence of a source.

    id: words that name it in every lesson. sentence, source: what is said, and where.
    measured: {lesson: the numbers that it measures, with a margin or at most 3 significant digits}.
    quoted: lessons that quote the sentence and can not test it.
    verdict, because: the final verdict and its reason, where the lessons' measurements differ or nothing here can
    test the sentence; else empty, and the lessons' verdict is final.
    """

    id: str
    sentence: str
    source: str
    measured: dict = field(default_factory=dict)
    quoted: tuple = ()
    verdict: str = ""
    because: str = ""


KINDS = {"id": str, "sentence": str, "source": str, "measured": dict, "quoted": list, "verdict": str, "because": str}
NEEDED = ("id", "sentence", "source")


@cache
def stated(file=None):
    """{id: Claim} of every sentence in the file at the path `file`, `notebooks/claims.yml` when left out, in its order.

    Raises ValueError for what is no list of claims, an id that occurs twice, an unknown verdict, and a verdict without
    its reason.
    """
    file = file or places.brought("notebooks") / "claims.yml"
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{file} must be YAML, and cannot be read: {error}") from None
    if not isinstance(entries, list):
        raise ValueError(f"{file} must be a list of claims, got {entries!r:.60}")
    found = {}
    for entry in entries:
        claim = _claim(entry, file)
        if claim.id in found:
            raise ValueError(f"each claim must have an id of its own in {file}, got {claim.id!r} twice")
        if claim.verdict and claim.verdict not in VERDICTS:
            raise ValueError(f"verdict must be one of {', '.join(VERDICTS)}, got {claim.verdict!r} for {claim.id}")
        if bool(claim.verdict) != bool(claim.because):
            raise ValueError(f"a final verdict and its reason go together, got one of them for {claim.id}")
        found[claim.id] = claim
    return found


def _claim(entry, file):
    if not isinstance(entry, dict) or not set(NEEDED) <= set(entry) <= set(KINDS):
        known = f"{', '.join(NEEDED)} and, of {', '.join(name for name in KINDS if name not in NEEDED)}, what it needs"
        raise ValueError(f"each claim in {file} must have {known}; got {entry!r:.200}")
    for name, value in entry.items():
        lessons = value if name in ("measured", "quoted") else ()
        if not isinstance(value, KINDS[name]) or not all(type(lesson) is int for lesson in lessons):
            kind = {str: "text", dict: "numbers by lesson", list: "a list of lessons"}[KINDS[name]]
            raise ValueError(f"{name} must be {kind} in {file}, got {value!r:.60} for {entry['id']}")
    return Claim(**entry)


def truth(holds):
    """`holds` as True or False: one of these, or an array or a tensor of one. Raises ValueError for all else."""
    torch, value = sys.modules.get("torch"), holds
    if isinstance(holds, np.ndarray) and not isinstance(holds, np.ma.MaskedArray):
        value = np.asarray(holds)[()] if holds.ndim == 0 and holds.dtype == bool else None
    elif torch and isinstance(holds, torch.Tensor) and holds.dtype == torch.bool and holds.ndim == 0:
        with suppress(RuntimeError):  # on the device "meta" it has no value
            value = holds.item()
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"holds must be True or False, got {holds!r:.60}")
    return bool(value)


class LessonClaims:
    """The claims of one lesson: `measured` states a verdict where it is measured; shown, it is the closing box."""

    def __init__(self, lesson, file=None):
        """Raises ValueError for a lesson that has no claims."""
        known = stated(None if file is None else user_path(file))
        lessons = sorted({number for claim in known.values() for number in (*claim.measured, *claim.quoted)})
        if not isinstance(lesson, int | np.integer) or isinstance(lesson, bool) or lesson not in lessons:
            raise ValueError(f"lesson must be one of {', '.join(map(str, lessons))}, got {lesson!r}")
        self.lesson, self._verdicts = int(lesson), {}
        self._known = {name: c for name, c in known.items() if lesson in c.measured or lesson in c.quoted}

    def measured(self, name, verdict, holds):
        """State the verdict on the claim `name` and print what was measured; a second time replaces the first.

        holds: whether this very run confirms the numbers that `claims.yml` gives for this lesson, a truth value.
        Raises ValueError for a claim that is not this lesson's to measure, an unknown verdict or another kind of
        `holds`; DoesNotHold, an AssertionError, where `holds` is false, and the claim then counts as not measured.
        """
        testable = [known for known, claim in self._known.items() if self.lesson in claim.measured]
        if not isinstance(name, str) or name not in testable:
            raise ValueError(f"name must be a claim of lesson {self.lesson}: {', '.join(testable)}; got {name!r}")
        self._verdicts.pop(name, None)
        if not isinstance(verdict, str) or verdict not in VERDICTS:
            raise ValueError(f"verdict must be one of {', '.join(VERDICTS)}, got {verdict!r}")
        holds, text = truth(holds), self._known[name].measured[self.lesson]
        if not holds:
            raise DoesNotHold(f"{name}: this run does not confirm “{text}”")
        self._verdicts[name] = verdict
        say(f"{verdict}: {text}")

    @property
    def rows(self):
        """The box's rows, in the order of `claims.yml`, as dictionaries.

        Raises ValueError where a claim of this lesson was not measured.
        """
        return [self._row(claim) for claim in self._known.values()]

    def _row(self, claim):
        row = {"id": claim.id, "sentence": claim.sentence, "source": claim.source, "lesson": self.lesson}
        if self.lesson in claim.quoted:
            return {**row, "verdict": claim.verdict, "measured": claim.because}
        if claim.id not in self._verdicts:
            raise ValueError(f"lesson {self.lesson} must measure the claim {claim.id!r} before its box")
        return {**row, "verdict": self._verdicts[claim.id], "measured": claim.measured[self.lesson]}

    def _repr_mimebundle_(self, include=None, exclude=None):
        rows = self.rows
        table = ["| claim | source | verdict | measured here |", "|---|---|---|---|"]
        table += [f"| {r['sentence']} | {r['source']} | **{r['verdict']}** | {r['measured']} |" for r in rows]
        plain = "\n".join(f"{r['sentence']}: {r['verdict']}: {r['measured']}" for r in rows)
        return {"text/markdown": "\n".join(table), "text/plain": plain, MIME: rows}
