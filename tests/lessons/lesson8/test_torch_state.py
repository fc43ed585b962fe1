"""Lesson 8's own networks, whatever the caller has set in torch: the same numbers, and it stays set."""

import numpy as np
import pytest

from fa_lessons import rules
from fa_lessons.lessons.lesson8 import charlm, convolution
from tests.lessons.lesson8.test_convolution import few_digits
from tests.test_torch_state import STATES, state_of_the_session


def everything():
    text = charlm.characters()
    part = text[0][:3000], text[1][:1000], text[2]
    found = [part[0].numpy(), charlm.frequencies(*part, 1)]
    for rule in charlm.RULES:
        found += [np.array(values) for values in charlm.run(rule, part, width=8, steps=2, record=1)]
    for rule in (rules.Backpropagation(), rules.FeedbackAlignment(), rules.DirectFeedbackAlignment(), None):
        network = convolution.ConvNet(channels=(2, 2))
        rule = rule and network.attach(rule)
        found += [np.array(v) for v in convolution.train(network, few_digits(), rule, 0.1, steps=2, every=1, batch=8)]
        found += [weight.numpy() for weight in network.weights]
    return found


@pytest.fixture(scope="module")
def plain():
    return everything()


@pytest.mark.parametrize("state", STATES)
def test_the_same_numbers_in_every_state(state, plain):
    with STATES[state]():
        before = state_of_the_session()
        found = everything()
        assert state_of_the_session() == before
    for one, other in zip(found, plain, strict=True):
        np.testing.assert_array_equal(one, other)
