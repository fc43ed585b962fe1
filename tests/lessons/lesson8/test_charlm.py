"""The transformer in miniature: what each rule moves, what reaches a block, and that its text never changes."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from fa_lessons.lessons.lesson8 import charlm


@pytest.fixture(scope="module")
def text():
    return charlm.characters()


def test_the_text_is_stored_and_split(text):
    known, unseen, symbols = text
    assert (len(known), len(unseen), symbols) == (270_000, 30_000, 102)
    assert known[:22].tolist()[0] == known[0].item() and int(torch.cat([known, unseen]).max()) == 101


def test_frequencies_are_cross_entropies_of_counts():
    known, unseen = torch.tensor([0, 1, 0, 1, 0, 1, 1]), torch.tensor([0, 1, 1])
    alone = np.log((np.array([2, 4]) + 0.1) / 6.2)  # of characters 1 to 6
    assert charlm.frequencies(known, unseen, 2, 0) == pytest.approx(-(alone[1] + alone[1]) / 2, rel=1e-5)
    after_0, after_1 = np.log(3.1 / 3.2), np.log(1.1 / 3.2)  # 0 → 1 three times of three; 1 → 1 once of three
    assert charlm.frequencies(known, unseen, 2, 1) == pytest.approx(-(after_0 + after_1) / 2, rel=1e-5)


def test_a_place_sees_no_later_one():
    torch.manual_seed(0)
    net = charlm.Transformer(7, 8)
    one = torch.randint(7, (1, 10))
    other = one.clone()
    other[0, 6:] = (other[0, 6:] + 1) % 7
    first, second = (net.stages(text)[1] for text in (one, other))
    torch.testing.assert_close(first[:, :6], second[:, :6])
    assert not torch.allclose(first[:, 6:], second[:, 6:])


def test_the_error_signal_is_the_gradient_of_the_loss_in_the_logits():
    logits, target = torch.randn(2, 5, 7, requires_grad=True), torch.randint(7, (2, 5))
    functional.cross_entropy(logits.flatten(0, 1), target.flatten()).backward()
    torch.testing.assert_close(charlm.error_signal(logits, target), logits.grad)


def test_cut_stages_pass_nothing_down():
    net = charlm.Transformer(7, 8)
    outputs, logits = net.stages(torch.randint(7, (2, 5)), cut=True)
    logits.sum().backward()
    assert net.head.weight.grad is not None and net.blocks[1].out.weight.grad is None
    outputs[1].sum().backward()
    assert net.blocks[0].out.weight.grad is not None and net.characters.weight.grad is None


@pytest.mark.parametrize("rule", charlm.RULES)
def test_each_rule_moves_what_it_should_and_repeats_itself(text, rule, monkeypatch):
    made = []
    whole = charlm.Transformer
    monkeypatch.setattr(charlm, "Transformer", lambda *size: made.append(whole(*size)) or made[-1])
    known, unseen, symbols = text
    runs = [charlm.run(rule, (known, unseen[:500], symbols), width=8, steps=3, record=3) for _ in range(2)]
    assert runs[0] == runs[1] and runs[0][0] == [0, 3] and len(runs[0][2]) == (2 if rule in ("dfa", "control") else 0)
    torch.manual_seed(charlm.generator(0, "transformer").initial_seed())
    start = whole(text[2], 8, 1.0).state_dict()
    moved = {name for name, value in made[0].state_dict().items() if not torch.equal(value, start[name])}
    lower = {name for name in start if name.startswith(("blocks", "characters", "places"))}
    assert moved == (set(start) - lower if rule == "frozen" else set(start))


def test_random_feedback_starts_at_chance_and_the_heads_own_below(text):
    short = text[0], text[1][:500], text[2]
    dfa, control = (charlm.run(rule, short, width=32, steps=0)[2] for rule in ("dfa", "control"))
    assert all(80 < angle < 100 for angle in dfa) and all(angle < 60 for angle in control)


def test_the_callers_random_numbers_are_left_alone(text):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    charlm.run("frozen", (text[0], text[1][:500], text[2]), width=8, steps=0)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rule": "fa"}, "rule must be one of bp, control, dfa, frozen, got 'fa'"),
        ({"rule": "BP"}, "rule must be one of bp, control, dfa, frozen, got 'BP'"),
        ({"steps": -1}, "steps must be a whole number at least 0, got -1"),
        ({"record": 0}, "record must be a whole number at least 1, got 0"),
        ({"width": 0}, "width must be a whole number at least 1, got 0"),
        ({"learning_rate": float("nan")}, "learning_rate must be positive and finite, got nan"),
        ({"start": -1}, "start must be at least 0 and finite, got -1"),
        ({"seed": None}, "seed must be a whole number from 0, got None"),
    ],
)
def test_bad_input_is_named(text, settings, message):
    with pytest.raises(ValueError, match=message):
        charlm.run(**{"rule": "bp", "text": text, "steps": 1, **settings})
