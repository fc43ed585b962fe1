"""The table of what each road needs, every entry with the line of code that decides it."""

import inspect
import re
from dataclasses import dataclass

QUESTIONS = ("weight transport", "phases", "explicit f′", "separate error path", "waits for upper layers")
_FROM_ABOVE = "losses.error_signal(network, activations[-1], target)"

# {rule: one pair (answer, line) for each of QUESTIONS}
DECIDED = {
    "BP": (
        ("yes", "return [W.mT for W in network.weights[1:]]"),
        ("1", "deltas = [error]"),
        ("yes", "* network.derivative(h)"),
        ("yes", "deltas[0] @ M"),
        ("yes", _FROM_ABOVE),
    ),
    "FA": (
        ("no", "return self.feedback"),
        ("1", "deltas = [error]"),
        ("yes", "* network.derivative(h)"),
        ("yes", "deltas[0] @ M"),
        ("yes", _FROM_ABOVE),
    ),
    "CHL": (
        ("γ Wᵀ", "return [W.mT for W in network.weights[1:]]"),
        ("2", "self.settle(network, activations, target)"),
        ("no", "state[layer] = torch.tanh(below + self.gamma * state[layer + 1] @ M[layer - 1])"),
        ("no", "state[layer] = torch.tanh(below + self.gamma * state[layer + 1] @ M[layer - 1])"),
        ("yes", "state[-1] = target.expand_as(state[-1])"),
    ),
    "random CHL": (
        ("no", "return self.feedback"),
        ("2", "self.settle(network, activations, target)"),
        ("no", "state[layer] = torch.tanh(below + self.gamma * state[layer + 1] @ M[layer - 1])"),
        ("no", "state[layer] = torch.tanh(below + self.gamma * state[layer + 1] @ M[layer - 1])"),
        ("yes", "state[-1] = target.expand_as(state[-1])"),
    ),
    "DTP": (
        ("no", "target = h + torch.tanh(target @ V + c) - torch.tanh(above @ V + c)"),
        ("1", "target, deltas = activations[-1] - step * error, [error]"),
        ("yes", "(h - target) * network.derivative(h) / step"),
        ("inverse", "target = h + torch.tanh(target @ V + c) - torch.tanh(above @ V + c)"),
        ("yes", "target, deltas = activations[-1] - step * error, [error]"),
    ),
    "CD-1": (
        ("same W", "torch.sigmoid(torch.baddbmm(self.visible, spikes, network.weights[0].mT))"),
        ("2, sampled", "optimizer.update(0, dream, echo / count)"),
        ("no", "optimizer.update(0, v, -h / count)"),
        ("no", "optimizer.update(0, v, -h / count)"),
        ("no", "v, h = activations[:2]"),
    ),
    "EP": (
        ("same W", "h_next = h + self.pace * (drive + y @ W2.mT - h)"),
        ("3", "for side in self.sides"),
        ("no", "h, y = h_next.clamp(0, 1), y_next.clamp(0, 1)"),
        ("no", "h_next = h + self.pace * (drive + y @ W2.mT - h)"),
        ("yes", "y_next = y_next + self.pace * beta * (target - y)"),
    ),
    "PC": (
        ("yes", "a[n] = a[n] + self.pace * (slope * (errors[n + 1] @ W[n + 1].mT) - errors[n])"),
        ("1", "for _ in range(self.steps):"),
        ("yes", "slope = network.derivative(torch.tanh(a[n]))"),
        ("error units", "errors = self.errors(network, drive, a, target)"),
        ("yes", "(target - torch.softmax(means[-1], -1)) / self.variance"),
    ),
}


def code_of(rule):
    """The text of all methods that `rule`, a class, has by itself or from its parents."""
    methods = [m for parent in rule.__mro__[:-1] for m in vars(parent).values() if inspect.isfunction(m)]
    return "\n".join(inspect.getsource(method) for method in methods)


def _bare(code):
    """Code without blanks and parentheses, which do not change what it says here."""
    return re.sub(r"[\s()]", "", code)


@dataclass(frozen=True)
class NeedsTable:
    """The table as Markdown; `answers` is {rule: its five answers}."""

    answers: dict
    lines: dict

    def _repr_mimebundle_(self, include=None, exclude=None):
        rows = ["| needs | " + " | ".join(self.answers) + " |", "|---" * (len(self.answers) + 1) + "|"]
        for place, question in enumerate(QUESTIONS):
            rows.append(f"| {question} | " + " | ".join(said[place] for said in self.answers.values()) + " |")
        rows += ["", "| rule | " + " | ".join(QUESTIONS) + " |", "|---" * (len(QUESTIONS) + 1) + "|"]
        for rule, lines in self.lines.items():
            rows.append(f"| {rule} | " + " | ".join(f"`{line}`" for line in lines) + " |")
        plain = "\n".join(f"{rule}: {', '.join(said)}" for rule, said in self.answers.items())
        return {"text/markdown": "\n".join(rows), "text/plain": plain}


def needs_table(rules):
    """The table for `rules`, {name in the table: class}, after a look into their code for every line that it quotes.

    Raises ValueError for a rule that the table does not know, and LookupError for a line that is not in the code.
    """
    unknown = sorted(rules.keys() - DECIDED.keys())
    if unknown:
        raise ValueError(f"rules must be among {', '.join(DECIDED)}, got {', '.join(unknown)}")
    for name, rule in rules.items():
        code = _bare(code_of(rule))
        for _, line in DECIDED[name]:
            if _bare(line) not in code:
                raise LookupError(f"{name} has no line {line!r} in {rule.__name__}")
    answers = {name: tuple(answer for answer, _ in DECIDED[name]) for name in rules}
    return NeedsTable(answers, {name: tuple(line for _, line in DECIDED[name]) for name in rules})
