"""Save a network with every rule that it was trained with, and load it again."""

import io
import zipfile

import torch

from fa_lessons import inputs, rules
from fa_lessons.files import user_path, write_atomically
from fa_lessons.networks import MLP
from fa_lessons.torch_state import plainly

FORMAT = 2


def save(network, path):
    """Write weights, biases and the state of all rules to `path`, in one atomic step. Taught in lesson 6.

    Raises ValueError for a network trained with a rule that is not registered, for a rule that keeps what no file can
    hold, such as a function, and for whatever else `load` would refuse: nothing is written then.
    """
    if not isinstance(inputs.network("network", network), MLP):
        raise ValueError(f"network must be an MLP, got {network!r:.60}")
    for name, rule in network.rules.items():
        known = rules.RULES.get(name)
        if known is None or _origin(known) != _origin(type(rule)):
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
    file = io.BytesIO()
    torch.save(content, file)
    try:
        _network(read(file.getvalue()))
    except Exception as error:
        raise ValueError(f"network must be one that can be loaded again, got {network!r} ({error})") from error
    write_atomically(path, lambda opened: opened.write(file.getbuffer()))


@plainly
def load(path, device="cpu"):
    """The network saved at `path`, an MLP whose `rules` have their settings and feedback back. Taught in lesson 6.

    Raises ValueError, naming the file, for anything that `save` did not write, for a damaged file, and for a rule that
    is not registered.
    """
    path, device = user_path(path), inputs.device("device", device)
    try:
        content = read(path.read_bytes(), device)
        names = set(content["rules"])
        if names <= rules.RULES.keys():
            return _network(content, device)
    except FileNotFoundError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else error
        raise ValueError(f"path must be a file written by fa_lessons.save, got {path} ({reason})") from error
    raise ValueError(
        f"path must hold rules that are registered, {', '.join(sorted(rules.RULES))}, got {path} with "
        f"{', '.join(map(repr, sorted(names - rules.RULES.keys())))}: define that rule with @register first"
    )


def read(content, device="cpu"):
    """What `torch.save` made these bytes of. Raises ValueError for a changed byte: torch does not look at the sums."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if damaged := archive.testzip():
            raise ValueError(f"{damaged} in it is damaged")
    return torch.load(io.BytesIO(content), map_location=device, weights_only=True)


def _origin(rule_class):
    return rule_class.__module__, rule_class.__qualname__


def _network(content, device="cpu"):
    if content["format"] != FORMAT:
        raise ValueError(f"format {content['format']}")
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
    for name, state in content["rules"].items():
        rule = object.__new__(rules.RULES[name])
        try:
            rule.restore(state)
            rules.resolve(rule, network)
        except Exception as error:  # of a state that is not that rule's
            raise ValueError(f"{name!r} without its whole state: {error}") from error
    return network
