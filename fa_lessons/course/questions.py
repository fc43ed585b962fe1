"""The open questions of a graded course, with sample answers and rubrics. A person marks them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """`rubric`: pairs of points and what they are given for; the points add up to those of the question."""

    title: str
    text: str
    sample: str
    rubric: tuple

    @property
    def points(self):
        return sum(points for points, _ in self.rubric)


QUESTIONS = {
    "1": (
        Question(
            "What a synapse would have to know",
            "Take one synapse between the input and the hidden layer. List every quantity that backprop's update of it "
            "needs, say for each whether it is present at the synapse, and name the one that makes biologists doubt.",
            "The update is the activity below times the error signal of the hidden unit. The activity below and the "
            "unit's own slope are present there. The error signal is a sum of the errors above, weighted by the "
            "*forward* weights of other synapses, those that lead from the unit upwards. No one-way synapse can tell "
            "their values to the error's way back: that is the weight transport problem.",
            (
                (3, "activity below, slope of the unit, error signal: all three are named"),
                (3, "says which are local: the activity and the slope, and why"),
                (4, "names the forward weights above, and that they belong to other synapses"),
            ),
        ),
        Question(
            "A check that you trust",
            "A friend wrote backprop for a network with three layers. Describe how you test it without reading it, and "
            "two faults that your test would miss.",
            "Compare each gradient with the central difference of the loss, at random weights and inputs of unequal "
            "sizes, in float64, with a step near 1e-6. Missed: a fault on inputs that were not drawn (an empty batch, "
            "saturated units), and a wrong loss: its gradient would agree with it. Also the speed.",
            (
                (4, "central difference on random inputs, for every entry, with a sensible step and precision"),
                (3, "a first fault that the test cannot see, with the reason"),
                (3, "a second one of another kind"),
            ),
        ),
    ),
    "2": (
        Question(
            "Told the opposite",
            "A start with $w_0<0$, $w_1<0$ and $b=1$ sends the hidden unit the opposite of backprop's signal. Explain "
            "why its error still vanishes for many starts, and where such starts may end.",
            "The flow keeps $c=w_1-w_0^2/(2b)$, so it stays on one parabola. On it $w_0$ moves with $b\\,e$ until it "
            "meets the hyperbola $w_0w_1=1$, where $e=0$. Most parabolas first meet the right branch: $w_0$ grows "
            "through zero and $w_1$ turns positive, like $b$. Far down on the left the parabola meets the left branch "
            "first; there the error vanishes, too, with $w_1$ still negative.",
            (
                (4, "the conserved quantity, and that the way of a start is one parabola"),
                (3, "the end is where the parabola first meets the hyperbola"),
                (3, "two kinds of ends, aligned and anti-aligned, told apart by the start"),
            ),
        ),
        Question(
            "How far two weights carry",
            "Name one property of the toy that you expect in a wide network trained on digits and one that you do not, "
            "each with a reason and with an experiment that would show you wrong.",
            "Expected: alignment comes from the forward weights moving towards what the feedback asks; measure the "
            "angle between W and Bᵀ during training. Not expected: an exact conserved curve for each start, since "
            "nonlinear units and batches disturb it; measure the constant's drift along training.",
            (
                (3, "a property that carries over, with a reason that names a mechanism"),
                (3, "one that does not, with a reason"),
                (4, "an experiment for each that could come out against the claim"),
            ),
        ),
    ),
    "3": (
        Question(
            "What the lemma needs",
            "Why is it not enough, for the error to vanish, that $V$ falls and is bounded below? Give an example, and "
            "say which hypothesis of Barbalat's lemma repairs it.",
            "A function can settle while its slope does not: one with ever shorter and equally high spikes in its "
            "slope. Uniform continuity of the slope excludes the spikes; a bounded second derivative gives it.",
            (
                (3, "a falling bounded function settles, its slope need not"),
                (4, "an example, drawn or as a formula"),
                (3, "uniform continuity, and what gives it here"),
            ),
        ),
        Question(
            "A poor B",
            "Feedback $B$ has fewer rows, or a lower rank, than there are outputs. What is learnt and what is not? "
            "Argue with the flow, not with a simulation.",
            "The hidden layer moves by $BE$ alone. Errors that $B$ maps to zero never move it, so hidden units learn "
            "only the directions that $B$ passes on; the readout then learns what those units can see. The rest of "
            "the error stays.",
            (
                (4, "the hidden layer hears $BE$ only, and what lies in the null space of $B$ moves nothing"),
                (3, "what the readout can still learn from the hidden units"),
                (3, "the error that is left, named as a projection or shown in an example"),
            ),
        ),
    ),
    "4": (
        Question(
            "Which comparison is fair?",
            "You want to say how much worse feedback alignment is than backprop on digits. Describe the experiment: "
            "what is held equal, what is tuned and on which data, how many seeds, and which number you report.",
            "Same network, data, batches and epochs. Learning rate and the length of B tuned for each rule on a "
            "validation split, with the same budget. Several seeds; test error once, at the end, as mean and spread, "
            "and the difference with its uncertainty.",
            (
                (3, "tuned for each rule, on data that is not the test set, with the same budget"),
                (3, "several seeds, and the spread reported"),
                (2, "test data used once"),
                (2, "says what the number cannot show, such as other networks or data"),
            ),
        ),
        Question(
            "An angle of 60°",
            "In a run the angle between FA's hidden signal and backprop's settles at 60°. What follows for the loss, "
            "and what does not?",
            "The inner product is positive, so a small enough step lowers the loss, by half of what backprop's step of "
            "that length would. It does not follow that larger steps do, nor that every example has this angle when it "
            "is a mean, nor how good the end is.",
            (
                (4, "below 90°: a small step descends; cos 60° = ½"),
                (3, "small steps only: curvature"),
                (3, "a mean over examples or layers may hide single ones"),
            ),
        ),
    ),
    "5": (
        Question(
            "Depth and a power",
            "Explain to someone who knows calculus why the same initial scale may serve a network of 5 layers and not "
            "one of 50, and why DFA suffers less.",
            "Each layer multiplies the length of the signal by about the same factor; over the layers that is a power "
            "and goes to zero or to infinity unless the factor is near 1. DFA's signal reaches each layer by one "
            "matrix, so no power arises on the way back; the forward activities still go through all layers.",
            (
                (4, "a factor a layer, hence a power of the depth"),
                (3, "DFA: one matrix a layer, no product"),
                (3, "the forward pass still has the power"),
            ),
        ),
        Question(
            "What a probe says",
            "A linear probe of a hidden layer reads digits well. A colleague concludes that this layer has learnt. "
            "Give two other explanations, and a control for each.",
            "A random layer can be read well, too: probe the same network before training. The probe may do the work "
            "itself when it has many features: probe with shuffled labels, or compare with a probe of the input.",
            (
                (3, "random features are readable; control before training"),
                (3, "the probe's own capacity, or the input's; control with shuffled labels or the raw input"),
                (4, "says which outcome of each control would support the colleague"),
            ),
        ),
    ),
    "6": (
        Question(
            "A critique of your own",
            "Choose one critique of feedback alignment from this lesson that survived the tests. Say what exactly was "
            "shown, under which conditions, and design the next experiment that could weaken it.",
            "For instance: at equal training error FA generalises worse on this task. Shown for these sizes, this "
            "data, tuned rates, a few seeds. Next: another data set and a regulariser tuned for FA; the critique "
            "weakens if the gap closes within the spread.",
            (
                (4, "the claim with its conditions and its number"),
                (3, "an experiment that changes one thing"),
                (3, "an outcome named beforehand that would weaken the critique"),
            ),
        ),
        Question(
            "A bug that an error rate hides",
            "Describe a bug in a learning rule that leaves the test error almost as it was, and a test that finds it "
            "within a minute.",
            "A missing division by the batch size is taken up by the learning rate. Compare the signal with an "
            "independent formula on a batch of 3 and on the same rows repeated: the mean must not change.",
            (
                (4, "a bug, with the reason why the error rate does not tell"),
                (4, "a test with an independent truth or an invariance"),
                (2, "fast: small sizes, no training"),
            ),
        ),
    ),
    "7": (
        Question(
            "A road of your own choice",
            "Choose one rule of this lesson. Say which implausible ingredient of backprop it does without, which new "
            "ingredient it brings, and where in its code each of the two is decided.",
            "For instance contrastive Hebbian learning: no error is sent and no slope is named, the units find it by "
            "reacting. In exchange there are two phases, the first of which must be remembered, and symmetric weights; "
            "the line that settles holds both, and the two updates the phases.",
            (
                (3, "an ingredient that is gone, with the line"),
                (3, "an ingredient that has come, with the line"),
                (4, "why one is traded for the other, and not merely both named"),
            ),
        ),
        Question(
            "Ninety degrees",
            "A paper reports that its rule keeps an angle of 60° to backprop, a rival's only 85°, and concludes that "
            "it learns better. Give two reasons, from measurements of this lesson, why that does not follow, and say "
            "what you would ask the authors to show instead.",
            "Learning the inverses of target propagation turned its change away from backprop's and lowered the "
            "error. Contrastive divergence stands at 90° and finds features that beat the pixels. The angle is about "
            "one small step: it knows neither length nor curvature. Ask for errors, each rule tuned, over several "
            "seeds, with a shallow control.",
            (
                (3, "one measured counterexample"),
                (3, "a second of another kind"),
                (4, "errors of tuned rules, over seeds, with a control"),
            ),
        ),
    ),
    "8": (
        Question(
            "Better than the original",
            "A paper reports that its rule, which imitates backprop, beats backprop on a benchmark at the same "
            "learning rate. Name what you would ask for before you believe it, and what you expect to see.",
            "Lengths of the steps: the imitation may send longer signals, so equal rates are unequal steps. Each rule "
            "tuned on held-out data, rate and length of the feedback, backprop with a gain of its own; a best value "
            "inside the grid; several seeds. As with Kolen–Pollack here the lead should shrink to the seeds' spread.",
            (
                (4, "equal rates are not equal steps, with the reason"),
                (3, "a fair protocol: both numbers tuned on held-out data, controls, seeds"),
                (3, "a prediction that could turn out wrong"),
            ),
        ),
        Question(
            "Why does sharing hurt?",
            "With shared filters feedback alignment's first convolution stays near 90°, with own filters it does not. "
            "Propose a mechanism, and an experiment with an outcome that would refute it.",
            "To align, a layer writes its feedback into its activity and the weights above read it. A shared filter "
            "gets the sum of what all places ask, and these disagree. Share filters among fewer places, two, four, "
            "sixteen: the angle should rise with their number. It refutes the mechanism if the angle jumps at once, or "
            "if places with one common B, which agree, do no better.",
            (
                (3, "a mechanism that names what is shared, and what the places disagree about"),
                (4, "an experiment that changes one thing, by degrees"),
                (3, "an outcome named beforehand that would refute it"),
            ),
        ),
    ),
}


def of_lesson(number):
    """The questions of the lesson of that number, as text; none where there are none."""
    return QUESTIONS.get(str(number), ())
