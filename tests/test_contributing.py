"""The page for contributors: its code runs, in its order, and shows what its words say."""

import ast
import re
from pathlib import Path

import matplotlib
import nbformat
import numpy as np
import pytest

from fa_lessons import cli, measures, plots, rules, train, verify_rule
from fa_lessons.lessons import CheckFailed

matplotlib.use("Agg")
PAGE = Path(__file__).parents[1] / "docs" / "contributing.md"
SECTIONS, section = {}, ""
for words, code in zip(
    *[iter(re.split(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE))] * 2,
    strict=False,
):
    section = [section, *re.findall(r"^## (.*)$", words, re.MULTILINE)][-1]
    SECTIONS.setdefault(section, []).append(code)
BLOCKS = [block for blocks in SECTIONS.values() for block in blocks]
MODULES = {"types", "pathlib", "nbformat.v4", "fa_lessons", "fa_lessons.rules", "fa_lessons.lessons"}
MODULES |= {"fa_lessons.lessons.moving", "fa_lessons.lessons.view", "fa_lessons.course", "fa_lessons.course.notebooks"}
OWN = ("sign-symmetry", "kp", "drtp")


@pytest.fixture(scope="module")
def page():
    """The names that the page defines, after all of its code has run."""
    before, names = dict(rules.RULES), {"__name__": "page"}
    figure, _ = matplotlib.pyplot.subplots()
    for block in BLOCKS:
        exec(compile(block, str(PAGE), "exec"), names)
    yield names
    matplotlib.pyplot.close(figure)
    rules.RULES.clear()
    rules.RULES.update(before)


def test_each_rule_takes_ten_lines_at_most():
    classes = [
        node for block in SECTIONS["Write a rule"] for node in ast.parse(block).body if isinstance(node, ast.ClassDef)
    ]
    assert len(classes) == 3
    assert all(node.end_lineno - node.decorator_list[0].lineno + 1 <= 10 for node in classes)


def test_every_name_that_the_page_imports_is_public():
    for node in (node for block in BLOCKS for node in ast.walk(ast.parse(block)) if isinstance(node, ast.ImportFrom)):
        assert node.module in MODULES
        assert not any(alias.name.startswith("_") for alias in node.names)


def test_the_rules_learn(page):
    for name in OWN:
        errors = page["histories"][name].test_error
        assert errors[-1].max() < 50 and errors[-1].mean() < errors[0].mean()


def test_no_formula_is_known_for_them(page):
    for name in OWN:
        verdict = verify_rule(page["MLP"]((784, 50, 30, 10), seed=1), rules.RULES[name](), page["few"])
        assert verdict.ok is None and str(verdict).startswith(f"? {name}")


def test_kolen_pollack_draws_feedback_to_the_weights_and_measuring_does_not(page):
    network = page["MLP"]((784, 50, 30, 10), seed=1)
    rule = rules.resolve("kp", network)
    gap = [(W.mT - B).norm().item() for W, B in zip(network.weights[1:], rule.feedback, strict=True)]
    verify_rule(network, rule, page["few"])
    assert gap == [(W.mT - B).norm().item() for W, B in zip(network.weights[1:], rule.feedback, strict=True)]
    train(network, page["data"], "kp", learning_rate=0.1, weight_decay=0.1, progress=False)
    after = [(W.mT - B).norm().item() for W, B in zip(network.weights[1:], rule.feedback, strict=True)]
    shrinkage = (1 - 0.1 * 0.1) ** 32  # of W - Bᵀ, to which the gradient adds nothing
    assert after == pytest.approx([shrinkage * distance for distance in gap], rel=1e-3)


def test_target_projection_does_not_listen_to_the_error(page):
    network = page["MLP"]((784, 50, 10), seed=1, activation="linear")
    rule = rules.resolve("drtp", network)
    labels = page["few"][1]
    found = [hidden_signal(network, rule, page["few"][0], labels, scale) for scale in (1.0, 3.0)]
    assert (found[0] - found[1]).abs().max() < 1e-6


def hidden_signal(network, rule, images, labels, scale):
    """The hidden signal with the output weights `scale` times as large."""
    network = network.select(0)
    network.weights[-1].mul_(scale)
    return measures.signals(network, network.rules[rule.name], images, labels)[1][0]


def test_a_rule_of_your_own_has_a_look_of_its_own_and_keeps_it(page):
    looks = {name: plots.rule_style(name) for name in OWN}
    assert all(plots.rule_style(name) == look and look["label"] == name for name, look in looks.items())
    assert plots.rule_style("fa") is plots.RULE_STYLE["fa"] and not set(OWN) & set(plots.RULE_STYLE)
    drawn = {(look["color"], str(look["linestyle"]), look["marker"]) for look in looks.values()}
    known = {(look["color"], str(look["linestyle"]), look["marker"]) for look in plots.RULE_STYLE.values()}
    assert len(drawn) == 3 and not drawn & known
    figure, ax = matplotlib.pyplot.subplots()
    for draw in (plots.error_curves, plots.angle_curves):
        for name, line in draw(page["histories"], ax=ax).items():
            look = plots.rule_style(name)
            assert (line.get_color(), line.get_marker(), line.get_label()) == (
                look["color"],
                look["marker"],
                look["label"],
            )
    matplotlib.pyplot.close(figure)


def test_a_wrong_answer_of_the_exercise_is_told_what_fails(page):
    exercise, rng = page["signal_products"], np.random.default_rng(0)
    for _ in range(20):
        e, W2, B = page["draw"](rng)
        np.testing.assert_allclose(exercise.reference(e, W2, B), np.einsum("nk,jk,nl,lj->n", e, W2, e, B))
    assert "adds up over the hidden units" in str(page["told"])
    for mistake in exercise.mistakes:
        with pytest.raises(CheckFailed, match=mistake.name):
            exercise.examine(lambda *arguments, wrong=mistake.wrong: wrong(*arguments))
    (turns,), arguments = exercise.properties, page["draw"](rng)
    assert turns.holds(exercise.reference, arguments)
    assert not turns.holds(lambda *given: np.abs(exercise.reference(*given)), arguments)


def test_the_explorer_answers_a_slider_and_keeps_its_picture_at_a_bad_value(page):
    controls, line, image = page["box"].children
    (rate,) = controls.children[0].children
    assert line.value == "w ends at 9.5e-07"
    first = image.value
    rate.value = 1.5
    assert image.value != first and line.value == "w ends at 9.5e-07"
    second = image.value
    rate.value = -0.2
    assert line.value.startswith("✗ rate must be") and image.value == second


def test_the_smallest_lesson_runs_and_its_figure_speaks(page):
    assert page["result"] == "ok"
    stored = nbformat.read(page["path"], as_version=4)
    ((shown,),) = [cell.outputs for cell in stored.cells if cell.get("outputs")]
    assert shown.metadata["image/png"]["alt"] in page["RUN"] and stored.metadata.language_info.file_extension == ".py"


def test_the_deck_of_the_page_is_one(page):
    assert [(slide.title, slide.minutes) for slide in page["deck"]] == [
        ("How steep is too steep?", 1),
        ("Each step overshoots", 2.5),
    ]
    assert page["deck"][1].body.strip() == "figure: l2-one-slide"


def test_every_command_of_the_page_exists():
    text = PAGE.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (PAGE.parents[1] / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets
    known = {command.name or command.callback.__name__.replace("_", "-") for command in cli.app.registered_commands}
    known |= {group.name for group in cli.app.registered_groups}
    assert set(re.findall(r"`fa-lessons ([a-z-]+)", text)) <= known
    for path in re.findall(r"`((?:fa_lessons|tests|notebooks|docs|\.github)/[\w./-]+)`", text):
        assert (PAGE.parents[1] / path).exists() or re.search("NN?_|lessonN", path), path
