"""Save a network with every rule that it was trained with, and load it again."""

import torch

from fa_lessons import inputs, rules
from fa_lessons.files import user_path, write_atomically
from fa_lessons.networks import MLP
from fa_lessons.torch_state import plainly

FORMAT = 2


def save(network, path):
    """Write weights, biases and the state of all rules to `path`, in one atomic step. Taught in lesson 6.

    Raises ValueError for a network trained with a rule that is not registered, since it could not be loaded again,
    and for a rule that keeps what no file can hold, such as a function.
    """
    inputs.network("network", network)
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
        "rules": {name: rule.state() for name, rule in network.rules.items()},
    }
    write_atomically(path, lambda file: torch.save(content, file))


@plainly
def load(path, device="cpu"):
    """The network saved at `path`, an MLP whose `rules` have their settings and feedback back. Taught in lesson 6.

    Raises ValueError, naming the file, for anything that `save` did not write, and for a rule that is not registered.
    """
    path, device = user_path(path), inputs.device("device", device)
    try:
        content = torch.load(path, map_location=device, weights_only=True)
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}")
        network = _network(content, device)
        states = dict(content["rules"])
    except FileNotFoundError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else error
        raise ValueError(f"path must be a file written by fa_lessons.save, got {path} ({reason})") from error
    for name, state in states.items():
        if name not in rules.RULES:
            raise ValueError(
                f"path must hold rules that are registered, {', '.join(sorted(rules.RULES))}, got {path} with "
                f"{name!r}: define that rule with @register first"
            )
        network.rules[name] = rule = object.__new__(rules.RULES[name])
        try:
            rule.restore(state)
            rules.resolve(rule, network)
        except Exception as error:  # of a state that is not that rule's
            raise ValueError(
                f"path must hold the whole state of its rules, got {path} with {name!r} ({error})"
            ) from error
    return network


def _network(content, device):
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
    for kept, saved in zip(network.weights + network.biases, weights + content["biases"], strict=True):
        if kept.shape != saved.shape or kept.dtype != saved.dtype:
            raise ValueError(f"a parameter of shape {tuple(saved.shape)} in place of {tuple(kept.shape)}")
    network.weights, network.biases = weights, content["biases"]
    return network
