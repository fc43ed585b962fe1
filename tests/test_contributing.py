"""The page on writing a rule: its code runs, in its order, and shows what its words say."""

import ast
import re
from pathlib import Path

import matplotlib
import pytest

from fa_lessons import measures, plots, rules, train, verify_rule

matplotlib.use("Agg")
PAGE = Path(__file__).parents[1] / "docs" / "contributing.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
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
    classes = [node for block in BLOCKS for node in ast.parse(block).body if isinstance(node, ast.ClassDef)]
    assert len(classes) == 3
    assert all(node.end_lineno - node.decorator_list[0].lineno + 1 <= 10 for node in classes)


def test_every_name_that_the_page_imports_is_public():
    for node in (node for block in BLOCKS for node in ast.walk(ast.parse(block)) if isinstance(node, ast.ImportFrom)):
        assert node.module in ("types", "fa_lessons", "fa_lessons.rules")
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
