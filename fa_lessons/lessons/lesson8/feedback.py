"""Two of lesson 8's rules, as the notebook writes them: with borrowed and with learnt feedback."""

from fa_lessons import rules


class SignSymmetry(rules.FeedbackAlignment):
    """The signs of W, with the magnitudes of B."""

    name = "sign"

    def feedback_path(self, network):
        pairs = zip(network.weights[1:], self.feedback, strict=True)
        return [W.sign().mT * B.abs() for W, B in pairs]


class KolenPollack(rules.FeedbackAlignment):
    """B takes the update of W, transposed, weight decay included."""

    name = "kp"

    def learn(self, network, activations, deltas, optimizer):
        for B, below, delta in zip(self.feedback, activations[1:], deltas[1:], strict=False):
            optimizer.update_feedback(B, below, delta)
