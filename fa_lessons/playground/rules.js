// The learning rules (fa_lessons/rules.py). Every layer changes by −rate · hᵀ δa; the rules differ in how the error
// signal δa reaches the hidden layers. layer counts hidden layers from 0, the lowest; feedback is a list of matrices.

import { addProduct, product, productTransposed, scale, times } from "./matrices.js";

class Rule {
  // [n_from, n_to] of each feedback matrix.
  feedbackShapes(sizes) {
    return [];
  }

  // δa_{l+1} M_l: the signal of the layer above, carried down to the hidden layer.
  carry(delta, network, feedback, layer) {
    return product(delta, feedback[layer]);
  }

  // The signals δa of every layer, input side first; null for a layer that does not learn. Changes nothing.
  deltas(network, activations, error, feedback) {
    const deltas = [error];
    for (let layer = network.sizes.length - 3; layer >= 0; layer--) {
      const carried = this.carry(deltas[0], network, feedback, layer);
      deltas.unshift(times(carried, network.slope(activations[layer + 1])));
    }
    return deltas;
  }

  // Changes the feedback, in place, after the weights' update.
  learn(feedback, activations, deltas, rate, decay) {}
}

// δa_l = (δa_{l+1} W_{l+1}ᵀ) ⊙ f'(a_l)
class Backpropagation extends Rule {
  name = "bp";
  label = "BP, backprop";

  carry(delta, network, feedback, layer) {
    return productTransposed(delta, network.weights[layer + 1]);
  }
}

// δa_l = (δa_{l+1} B_l) ⊙ f'(a_l), B fixed and random (Lillicrap et al. 2016)
class FeedbackAlignment extends Rule {
  name = "fa";
  label = "FA, feedback alignment";

  feedbackShapes(sizes) {
    return sizes.slice(1, -1).map((nTo, layer) => [sizes[layer + 2], nTo]);
  }
}

// δa_l = (e B_l) ⊙ f'(a_l) (Nøkland 2016)
class DirectFeedbackAlignment extends Rule {
  name = "dfa";
  label = "DFA, direct feedback alignment";

  feedbackShapes(sizes) {
    return sizes.slice(1, -1).map((nTo) => [sizes.at(-1), nTo]);
  }

  deltas(network, activations, error, feedback) {
    const hidden = feedback.map((B, layer) => times(product(error, B), network.slope(activations[layer + 1])));
    return [...hidden, error];
  }
}

// δa_1 = (e B) ⊙ f'(a_1), then forward: δa_{l+1} = (δa_l W_{l+1}) ⊙ f'(a_{l+1}) (Nøkland 2016)
class IndirectFeedbackAlignment extends Rule {
  name = "ifa";
  label = "IFA, indirect feedback alignment";

  feedbackShapes(sizes) {
    return sizes
      .slice(1, -1)
      .slice(0, 1)
      .map((nTo) => [sizes.at(-1), nTo]);
  }

  deltas(network, activations, error, feedback) {
    const deltas = feedback.map((B) => times(product(error, B), network.slope(activations[1])));
    for (let layer = 1; layer < network.sizes.length - 2; layer++)
      deltas.push(times(product(deltas.at(-1), network.weights[layer]), network.slope(activations[layer + 1])));
    return [...deltas, error];
  }
}

// Only the output layer learns: the control.
class Shallow extends Rule {
  name = "shallow";
  label = "shallow, output layer only";

  deltas(network, activations, error) {
    return [...network.sizes.slice(1, -1).map(() => null), error];
  }
}

// δa_l = (δa_{l+1} sign(W_{l+1})ᵀ / √n_{l+1}) ⊙ f'(a_l) (Liao, Leibo & Poggio 2016)
class SignSymmetry extends Rule {
  name = "sign-symmetry";
  label = "sign-symmetry";

  carry(delta, network, feedback, layer) {
    const W = network.weights[layer + 1].copy();
    W.values = W.values.map((weight) => Math.sign(weight) / W.columns ** 0.5);
    return productTransposed(delta, W);
  }
}

// FA whose B takes the update of W, transposed; decay draws the two together (Kolen & Pollack 1994)
class KolenPollack extends FeedbackAlignment {
  name = "kp";
  label = "Kolen–Pollack";

  learn(feedback, activations, deltas, rate, decay) {
    feedback.forEach((B, layer) => {
      if (!deltas[layer + 1]) return;
      if (decay) scale(B.values, 1 - rate * decay);
      addProduct(B, deltas[layer + 1], activations[layer + 1], -rate);
    });
  }
}

const ALL = [
  Backpropagation,
  FeedbackAlignment,
  DirectFeedbackAlignment,
  IndirectFeedbackAlignment,
  Shallow,
  SignSymmetry,
  KolenPollack,
];
export const RULES = Object.fromEntries(ALL.map((Kind) => new Kind()).map((rule) => [rule.name, rule]));
