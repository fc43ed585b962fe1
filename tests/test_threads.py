"""The number of threads for every load of the machine, which is made up here."""

from types import SimpleNamespace

import pytest
import torch

from fa_lessons import MLP, threads
from fa_lessons.training import Trainer


@pytest.fixture
def machine(monkeypatch):
    """A machine of four cores; `machine(others, own)` is a second in which others and this process keep cores busy."""
    monkeypatch.setattr(threads, "_state", threads._State())
    monkeypatch.setattr(threads, "_allowed", lambda: 4)
    monkeypatch.setattr(threads.psutil, "cpu_count", lambda: 4)
    clock, set_threads = [0.0, 0.0, 0.0], [4]
    monkeypatch.setattr(threads, "_load", lambda: tuple(clock))
    monkeypatch.setattr(torch, "get_num_threads", lambda: set_threads[0])
    monkeypatch.setattr(torch, "set_num_threads", lambda count: set_threads.__setitem__(0, count))

    def second(others=0.0, own=0.0, seconds=1.0):
        clock[:] = [clock[0] + seconds, clock[1] + (others + own) * seconds, clock[2] + own * seconds]

    def nap(seconds):
        second(machine_load[0], 0.0, seconds)

    machine_load = [0.0]
    monkeypatch.setattr(threads.time, "sleep", nap)
    second.load, second.threads = machine_load, set_threads
    return second


@pytest.mark.parametrize(("others", "expected"), [(0, 4), (0.2, 4), (1, 3), (1.9, 2), (3, 1), (4, 1), (9, 1)])
def test_at_first_and_later_it_is_what_others_leave(machine, others, expected):
    machine.load[0] = others
    assert threads.choose() == machine.threads[0] == expected
    machine(others, own=min(expected, 4 - others))
    assert threads.choose() == expected


def test_own_work_counts_for_nothing_and_a_free_core_is_taken_again(machine):
    assert threads.choose() == 4
    machine(others=0, own=4)
    assert threads.choose() == 4
    machine(others=2, own=2)
    assert threads.choose() == 2
    machine(others=0, own=2)
    assert threads.choose() == 4


def test_asked_again_at_once_it_does_not_measure(machine):
    machine.load[0] = 2
    assert threads.choose() == 2
    machine(others=0, own=1, seconds=threads.SECONDS / 2)
    assert threads.choose() == 2


def test_what_the_user_sets_is_the_most(machine):
    assert threads.choose() == 4
    machine.threads[0] = 2
    machine(others=0)
    assert threads.choose() == 2
    machine(others=3)
    assert threads.choose() == 1
    machine.threads[0] = 3
    machine(others=0)
    assert threads.choose() == 3


def test_a_number_chosen_before_is_used_again_and_the_most_stays(machine):
    assert threads.use(2) == machine.threads[0] == 2
    machine(others=0)
    assert threads.choose() == 4


def test_one_thread_stays_one_and_measures_nothing(machine, monkeypatch):
    machine.threads[0] = 1
    monkeypatch.setattr(threads, "_load", lambda: pytest.fail("measured"))
    assert threads.choose() == 1


def test_the_quota_of_a_container_is_the_most(machine, monkeypatch):
    monkeypatch.setattr(threads, "_allowed", lambda: 2)
    assert threads.choose() == 2


def test_the_machine_itself_can_be_asked():
    _, worked, own = threads._load()
    assert worked > 0 and own > 0 and threads._allowed() >= 1


def test_a_loop_of_ones_own_has_its_threads_chosen_too(machine):
    """A lesson that steps a `Trainer` by itself beside a busy core is not slowed by a thread that waits for it."""
    data = SimpleNamespace(
        train_images=torch.rand(6, 3),
        train_labels=torch.arange(6) % 2,
        test_images=torch.rand(2, 3),
        test_labels=[0, 1],
    )
    machine.load[0] = 3
    Trainer(MLP((3, 2)), data, batch_size=2)
    assert machine.threads[0] == 1
