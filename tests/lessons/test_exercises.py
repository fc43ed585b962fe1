"""Every exercise accepts its reference, and meets every typical wrong answer with the right message."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from fa_lessons.lessons import CheckFailed, Exercise, NotAttempted, check, checking, find
from fa_lessons.lessons.results import same

FOLDER = Path(checking.__file__).parent
LESSONS = sorted(path.stem for path in FOLDER.glob("lesson[1-8]"))
EXERCISES = {
    f"{n}.{key}": e for n in LESSONS for key, e in import_module(f"fa_lessons.lessons.{n}.exercises").EXERCISES.items()
}
FUNCTIONS = {name: exercise for name, exercise in EXERCISES.items() if exercise.draw is not None}
FLOAT64_ONLY = {  # what a rounding to float32 turns into something else, or what loses too many digits there
    "lesson1.central_difference",
    "lesson1.loss_change",
    "lesson3.end_of_W",
    "lesson3.limit_error",
    "lesson8.mirror",
}
MISTAKES = [(name, mistake) for name, exercise in EXERCISES.items() for mistake in exercise.mistakes]


def answer_of(exercise, function):
    """A value exercise is answered by a value, a function exercise by a function of the learner's own."""
    return (lambda *arguments: function(*arguments)) if exercise.draw is not None else function()


@pytest.mark.parametrize("name", EXERCISES)
def test_the_reference_passes(name, capsys):
    check(name, answer_of(EXERCISES[name], EXERCISES[name].reference), seed=1)
    assert "correct" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=[f"{n}-{m.name}" for n, m in MISTAKES])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_mistake_gets_its_own_message(name, mistake, seed):
    with pytest.raises(CheckFailed) as failure:
        check(name, answer_of(EXERCISES[name], mistake.wrong), seed=seed)
    assert mistake.name in str(failure.value)
    assert mistake.hint in str(failure.value)


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_knows_at_least_three_wrong_answers(name):
    exercise = EXERCISES[name]
    assert len(exercise.mistakes) + len(exercise.properties) >= (3 if exercise.draw else 1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_stub_is_not_attempted(name):
    def stub(*arguments):
        raise NotImplementedError

    for untouched in (stub, None, ...):
        with pytest.raises(NotAttempted):
            check(name, untouched)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_typed_in_result_is_caught(name):
    exercise = FUNCTIONS[name]
    constant = exercise.reference(*exercise.draw(np.random.default_rng(0)))
    with pytest.raises(CheckFailed):
        check(name, lambda *arguments: constant, seed=1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_in_place_change_is_caught(name):
    exercise = FUNCTIONS[name]
    if not any(isinstance(argument, np.ndarray) for argument in exercise.draw(np.random.default_rng(0))):
        pytest.skip("takes no array")

    def in_place(*arguments):
        result = exercise.reference(*arguments)
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                argument += 1
        return result

    with pytest.raises(CheckFailed, match="leaves its inputs unchanged"):
        check(name, in_place, seed=1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_forgotten_return_is_named(name):
    with pytest.raises(CheckFailed, match="returns its result"):
        check(name, lambda *arguments: None, seed=1)


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("oddity", [{}, 1j, len, "abc", (len, len), object()], ids=lambda oddity: f"{oddity!r:.12}")
def test_an_answer_of_another_kind_is_wrong(name, oddity):
    exercise = EXERCISES[name]
    truth = exercise.reference(*exercise.draw(np.random.default_rng(0))) if exercise.draw else exercise.reference()
    if isinstance(truth, tuple | list):
        oddity = type(truth)(oddity for _ in truth)
    with pytest.raises(CheckFailed, match=r"“(returns|is) (a |an |text|booleans|\d results)"):
        check(name, answer_of(exercise, lambda *arguments: oddity), seed=1)


def test_factors_that_do_not_fit_are_named():
    with pytest.raises(CheckFailed, match=r"is one transposed, or are two in the wrong order\?"):
        check("lesson1.hidden_delta", lambda delta, W2, h, y: (delta.T @ W2.T) * h * (1 - h), seed=1)


def test_an_unknown_name_lists_the_known_ones():
    for name in ("lesson9.x", "hidden_delta", "lesson1.nothing", None, 1.4):
        with pytest.raises(ValueError, match="lesson"):
            find(name)


def scaled(result, factor, form=float):
    if isinstance(result, tuple | list):
        return type(result)(scaled(part, factor, form) for part in result)
    return np.asarray(result * factor, form)[()]


def single(value):
    if isinstance(value, tuple | list):
        return type(value)(map(single, value))
    return value.astype(np.float32) if getattr(value, "dtype", None) == np.float64 else value


def verdict(name, answer, seed=1):
    with pytest.raises(CheckFailed) as failure:
        check(name, answer, seed=seed)
    return str(failure.value)


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"lesson2.ends_anti_aligned"}))
@pytest.mark.parametrize("form", [float, np.float32])
def test_an_answer_that_is_nearly_right_is_called_inexact(name, form):
    exercise = FUNCTIONS[name]
    factor = 1.0005 if form == np.float32 else 1 + 20 * exercise.rtol
    assert "is as exact as its inputs" in verdict(name, lambda *a: scaled(exercise.reference(*a), factor, form))


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - FLOAT64_ONLY))
def test_a_right_answer_in_float32_passes(name, capsys):
    for seed in (1, 2, 3):  # some of these are float64 again when they arrive
        check(name, lambda *arguments: FUNCTIONS[name].reference(*single(arguments)), seed=seed)


def test_a_wrong_answer_gets_one_verdict_whatever_is_drawn():
    def sums_first(error, W_output, B):
        return 100 * np.mean((error @ B).sum(1) * (error @ W_output.T).sum(1) > 0)

    assert len({verdict("lesson4.aligned_share", sums_first, seed) for seed in range(12)}) == 1


def draw_two(rng):
    return rng.normal(size=4), rng.normal(size=4)


@pytest.mark.parametrize(
    ("reference", "answer", "said"),
    [
        (lambda a, b: a**2, lambda a, b: a * b, "“does not depend on b”"),
        (lambda a, b: a * b, lambda a, b: a**2, "“depends on b”"),
        (lambda a, b: a * b, lambda a, b: a + np.sign(b), "“agrees with the independent truth”"),
        (lambda a, b: (a, b), lambda a, b: (2 * a, b**2), "“agrees with the independent truth”"),
        (lambda a, b: (a, b, a * b), lambda a, b: (2 * a, b**2, a * b), "Compare that part with its equation"),
        (lambda a, b: (a, b), lambda a, b: (2 * a, 2 * b), "2 times the right one"),
        (lambda a, b: a, lambda a, b: a + 1, "the right one plus 1,"),
    ],
)
def test_what_is_said_of_a_wrong_answer_is_true(reference, answer, said):
    for seed in range(5):
        with pytest.raises(CheckFailed) as failure:
            Exercise(reference, draw_two).examine(lambda a, b: answer(a, b), seed=seed)
        assert said in str(failure.value)


def test_a_number_too_large_for_a_float_is_infinite():
    assert "holds NaN or infinity" in verdict("lesson5.shrinkage", lambda scale, layers: (-1) ** layers * 10**5000)


def cosines(delta, backprop, guard=lambda lengths: lengths):
    lengths = np.linalg.norm(delta, axis=1) * np.linalg.norm(backprop, axis=1)
    return (delta * backprop).sum(1) / guard(lengths)


def guarded_angle(guard):
    return lambda d, b: np.degrees(np.arccos(np.clip(cosines(d, b, guard), -1, 1))).mean()


def right_and(fine):
    return lambda p, labels: 100 * (1 - (fine(p) & (p.argmax(1) == labels)).mean())


def below(rates, decay, share):
    small = np.cumprod(1 - rates * decay) < share
    return int(small.argmax()) + 1 if small.any() else -1


def all_but_the_small(B, T):
    u, s, vT = np.linalg.svd(B @ T, full_matrices=False)
    moves = ~(s < 1e-9 * s[0])
    return T @ vT[moves].T @ np.diag((2 * s[moves]) ** (-1 / 3)) @ u[:, moves].T


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("lesson4.signal_angle", lambda d, b: np.nanmean(np.degrees(np.arccos(cosines(d, b))))),
        ("lesson4.signal_angle", guarded_angle(lambda lengths: lengths + 1e-9)),
        ("lesson4.signal_angle", guarded_angle(lambda lengths: np.maximum(lengths, 1e-3))),
        ("lesson4.honest_error", right_and(lambda p: ((p >= 0) & (p <= 1)).all(1))),
        ("lesson4.honest_error", right_and(lambda p: (np.abs(p) < 1e6).all(1))),
        ("lesson4.honest_error", right_and(lambda p: (np.nan_to_num(p, nan=-2) > -1).all(1))),
        ("lesson8.steps_left", below),
        ("lesson3.end_of_W", all_but_the_small),
        ("lesson6.share_of_descent", lambda d, b: np.any(d * b > 0, axis=1).mean()),
        ("lesson6.share_of_descent", lambda d, b: ((d * b).sum(1) > 1e-4).mean()),
        ("lesson4.aligned_share", lambda e, W, B: 100 * np.mean(((e @ B) * (e @ W.T)).sum(1) > 1e-6)),
        ("lesson5.percent_within_90", lambda f, s, W: 100 * np.mean((f * (s @ W.T)).sum(1) > 1e-6)),
        ("lesson5.percent_within_90", lambda f, s, W: 100 * np.mean((f * (s @ W.T)).sum(1) >= 0)),
    ],
)
def test_what_is_right_on_usual_inputs_alone_is_wrong(name, wrong, seed):
    assert "✗" in verdict(name, wrong, seed)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"trials": 0}, "trials must be a whole number at least 1, got 0"),
        ({"trials": -1}, "trials must be a whole number at least 1, got -1"),
        ({"trials": float("nan")}, "trials must be a whole number at least 1, got nan"),
        ({"seed": -1}, "seed must be a whole number from 0, got -1"),
        ({"seed": 1.5}, "seed must be a whole number from 0, got 1.5"),
    ],
)
def test_a_check_tries_at_least_one_input_from_a_seed(setting, message):
    with pytest.raises(ValueError, match=message):
        check("lesson1.hidden_delta", lambda *arguments: 0, **setting)


def test_an_arccos_is_exact_enough_for_the_angle_of_the_signs(capsys):
    def by_arccos(W):
        return np.degrees(np.arccos(min(np.abs(W).sum() / np.linalg.norm(W) / W.size**0.5, 1)))

    check("lesson8.sign_angle", by_arccos, trials=3000, seed=1)


@pytest.mark.parametrize(("result", "truth"), [([2_000_000, 3], [2_000_000, 6]), ([True, False], [True, True])])
def test_whole_numbers_were_never_rounded(result, truth):
    assert not same(np.array(result), np.array(truth), 1e-6, 1e-9)
