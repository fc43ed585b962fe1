"""Save a network with the feedback of every rule it was trained with, and load it again."""

import torch

from fa_lessons import rules
from fa_lessons.files import write_atomically
from fa_lessons.networks import MLP

FORMAT = 1


def save(network, path):
    """Write weights, biases and all feedback matrices to `path`, in one atomic step.

    Raises ValueError for a network trained with a rule that is not registered by name, since it could not be
    loaded again.
    """
    for name, rule in network.rules.items():
        if rules.RULES.get(name) is not type(rule):
            raise ValueError(f"network.rules must hold registered rules only, got {type(rule).__name__}")
    content = {
        "format": FORMAT,
        "sizes": network.sizes,
        "activation": network.activation,
        "output": network.output,
        "seed": network.seed,
        "weights": network.weights,
        "biases": network.biases,
        "feedback": {name: rule.feedback for name, rule in network.rules.items()},
    }
    write_atomically(path, lambda file: torch.save(content, file))


def load(path, device="cpu"):
    """The network saved at `path`, an MLP whose `rules` have their feedback back.

    Raises ValueError, naming the file, for anything that `save` did not write.
    """
    try:
        content = torch.load(path, map_location=device, weights_only=True)
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}")
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(f"path must be a file written by fa_lessons.save, got {path} ({error})") from error
    weights = content["weights"]
    network = MLP(
        content["sizes"],
        content["activation"],
        content["output"],
        replicas=len(weights[0]),
        seed=content["seed"],
        device=device,
        dtype=weights[0].dtype,
    )
    network.weights, network.biases = weights, content["biases"]
    for name, feedback in content["feedback"].items():
        network.rules[name] = rules.RULES[name]()
        network.rules[name].feedback = feedback
    return network
