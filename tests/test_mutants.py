"""The list of seeded faults fits the package: each text stands once in its file, and what replaces it still runs."""

import ast
from pathlib import Path

import pytest

from tests.mutants.faults import FAULTS

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.file}-{fault.old:.30}")
def test_a_fault_can_be_seeded(fault):
    source = (ROOT / "fa_lessons" / fault.file).read_text(encoding="utf-8")
    assert source.count(fault.old) == 1 and fault.new != fault.old
    ast.parse(source.replace(fault.old, fault.new))
    assert all((ROOT / name).exists() for name in fault.tests.split())


def test_no_fault_is_listed_twice():
    assert len({fault[:3] for fault in FAULTS}) == len(FAULTS) >= 60
