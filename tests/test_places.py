"""Where things lie, in a checkout and where a wheel was installed."""

import pytest

from fa_lessons import places


def test_the_checkout_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    root = places.checkout()
    assert (root / "pyproject.toml").exists()
    assert places.brought("notebooks") == root / "notebooks" and places.own("results") == root / "results"


def test_without_one_the_package_brings_the_lessons_and_what_is_written_stays_here(tmp_path, monkeypatch):
    package, here = tmp_path / "site-packages" / "fa_lessons", tmp_path / "here"
    (package / "brought" / "results").mkdir(parents=True)
    here.mkdir()
    monkeypatch.setattr(places, "PACKAGE", package)
    monkeypatch.chdir(here)
    assert places.checkout() is None and places.own("workbook") == here / "workbook"
    assert places.brought("results") == package / "brought" / "results"
    with pytest.raises(FileNotFoundError, match="install the package again"):
        places.brought("notebooks")


def test_a_project_of_the_readers_own_is_no_checkout(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    monkeypatch.setattr(places, "PACKAGE", tmp_path / "fa_lessons")
    assert places.checkout() is None
