"""A transformer in miniature that predicts the next character: two blocks, one head, trained by BP or by DFA.

Inside a block autograd does its work in both cases. They differ in what reaches a block's output: backprop's error, or
e B straight from the readout, with a B of its own for each block and for the embedding.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from fa_lessons import data, measures, require
from fa_lessons.data.verified import decompressed
from fa_lessons.draws import generator, uniform

FILE = Path(data.__file__).parent / "python-help-topics.txt.xz"
SHA256 = "5ba8908aa7b9d51ca8e1d18d2fa185b6ce95f67cb210bc423a8f1c43a686a90b"
CONTEXT, BATCH = 64, 16
RULES = ("bp", "dfa", "control", "frozen")


class Block(nn.Module):
    """x + attention(norm(x)), then x + MLP(norm(x)): pre-norm, one head."""

    def __init__(self, width):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.mix = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        query, key, value = self.mix(self.norms[0](x)).chunk(3, -1)
        x = x + self.out(functional.scaled_dot_product_attention(query, key, value, is_causal=True))
        return x + self.mlp(self.norms[1](x))


class Transformer(nn.Module):
    """Embedding of characters and places, two blocks, norm, head. start: standard deviation of the embedding."""

    def __init__(self, symbols, width, start=1.0):
        super().__init__()
        self.characters, self.places = nn.Embedding(symbols, width), nn.Parameter(0.02 * torch.randn(CONTEXT, width))
        nn.init.normal_(self.characters.weight, std=start)
        self.blocks = nn.ModuleList(Block(width) for _ in range(2))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, symbols)

    def stages(self, text, cut=False):
        """Outputs of embedding and blocks, and the logits; with `cut`, no gradient passes from one to another."""
        outputs = [self.characters(text) + self.places[: text.shape[1]]]
        for block in self.blocks:
            outputs.append(block(outputs[-1].detach() if cut else outputs[-1]))
        return outputs, self.head(self.norm(outputs[-1].detach() if cut else outputs[-1]))


def characters():
    """(training part, validation part, symbols): numbers of characters, 270,000 and 30,000, and how many there are.

    The text is the help of Python 3.11, stored in the package, so it is the same under every Python.
    """
    text = decompressed(FILE, SHA256, "`git checkout fa_lessons/data`, or install the package again").decode("utf-8")
    symbols, numbers = np.unique(list(text), return_inverse=True)
    numbers = torch.from_numpy(numbers.astype(np.int64))
    return numbers[:270_000], numbers[270_000:], len(symbols)


def frequencies(known, unseen, symbols, context):
    """Cross-entropy in nats of predicting `unseen` by the counts of `known`, with 0 or 1 characters of context."""
    pairs = (known[:-1] * (context > 0)) * symbols + known[1:]
    counts = torch.bincount(pairs, minlength=symbols**2).view(symbols, symbols) + 0.1
    log_shares = (counts / counts.sum(1, keepdim=True)).log()
    return -log_shares[unseen[:-1] * (context > 0), unseen[1:]].mean().item()


def run(rule, text, width=64, steps=400, learning_rate=3e-3, start=1.0, seed=0, record=100, on_step=lambda: None):
    """Train by Adam; (steps of the records, validation losses in nats, signal angles at the blocks in degrees).

    rule: "bp"; "dfa"; "control", which is DFA with B the head's own weights; "frozen": norm and head alone learn.
    text: of `characters`. start: of `Transformer`. Angles, one a block, of e B to the true gradient at the end; none
    for the rules that send nothing by B.
    Raises ValueError for another rule, and for counts, rates and scales out of range.
    """
    require.one_of("rule", rule, RULES)
    width, record = require.count("width", width), require.count("record", record)
    steps, seed = require.count("steps", steps, minimum=0), require.seed("seed", seed)
    learning_rate = require.number("learning_rate", learning_rate, open_minimum=True)
    start = require.number("start", start)
    known, unseen, symbols = text
    with torch.random.fork_rng([]):
        torch.manual_seed(generator(seed, "transformer").initial_seed())
        net = Transformer(symbols, width, start)
    bound = torch.tensor([symbols**-0.5])
    feedback = [uniform((symbols, width), bound, 1, (seed, "dfa", k))[0] for k in range(3)]
    learnt = [*net.norm.parameters(), *net.head.parameters()] if rule == "frozen" else net.parameters()
    adam, draws = torch.optim.Adam(learnt, learning_rate), generator(seed, "batches")
    records, losses = [], []
    for step in range(steps + 1):
        if step % record == 0:
            records.append(step)
            losses.append(validation_loss(net, unseen))
        starts = torch.randint(len(known) - CONTEXT, (BATCH, 1), generator=draws)
        batch = known[starts + torch.arange(CONTEXT + 1)]
        adam.zero_grad()
        outputs, logits = net.stages(batch[:, :-1], cut=rule != "bp")
        loss = functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        if rule == "control":
            feedback = [net.head.weight.detach()] * 3
        if rule in ("dfa", "control"):
            error = error_signal(logits, batch[:, 1:])
            for output, B in zip(outputs, feedback, strict=True):
                output.backward(error @ B)
        loss.backward()
        adam.step()
        on_step()
    return records, losses, angles(net, batch, feedback) if rule in ("dfa", "control") else []


def error_signal(logits, target):
    """e = (prediction − target) / (characters of the batch), (batch, context, symbols)."""
    with torch.no_grad():
        return (logits.softmax(-1) - functional.one_hot(target, logits.shape[-1])) / target.numel()


def angles(net, batch, feedback):
    """Mean angle between e B and the true gradient at each block's output, by place, in degrees, (2,)."""
    outputs, logits = net.stages(batch[:, :-1])
    loss = functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
    error, truth = error_signal(logits, batch[:, 1:]), torch.autograd.grad(loss, outputs[1:])
    return [measures.angle(error @ B, g, -1).mean().item() for B, g in zip(feedback[1:], truth, strict=True)]


@torch.no_grad()
def validation_loss(net, unseen):
    """Cross-entropy in nats on the validation part."""
    count = (len(unseen) - 1) // CONTEXT
    text, target = (unseen[k : k + count * CONTEXT].view(count, CONTEXT) for k in (0, 1))
    return functional.cross_entropy(net.stages(text)[1].flatten(0, 1), target.flatten()).item()
