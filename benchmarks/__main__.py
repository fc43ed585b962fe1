"""Print every ratio on its own line, as `name: ratio`."""

import sys

import torch
from tqdm import tqdm

from benchmarks import backward, engine, explorers, gpu, playground

BENCHMARKS = {**engine.BENCHMARKS, **backward.BENCHMARKS, **explorers.BENCHMARKS, **playground.BENCHMARKS}
BENCHMARKS |= gpu.BENCHMARKS


def main(names):
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"benchmark must be one of {', '.join(BENCHMARKS)}, got {', '.join(unknown)}")
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads; a ratio above 1 means that ours is faster")
    for name in tqdm(names or BENCHMARKS, leave=False):
        ratio, note = BENCHMARKS[name]()
        tqdm.write(f"{name}: {ratio:.2f}    ({note})")


main(sys.argv[1:])
