"""RMSprop's step of a weight matrix on a GPU, as one Triton kernel: the gradient hᵀ δa is made, used and never stored.

A weight then moves 20 bytes a step instead of 32. Triton comes with torch's CUDA builds on Linux.
"""

import triton
import triton.language as tl

from fa_lessons.torch_state import multiplies_in_tf32

TILE_IN, TILE_OUT, ROWS = 32, 64, 64  # weights of one program, and examples that it takes at once


def rmsprop(weight, square, below, delta, rates, decays, smoothing, epsilon):
    """Change W, (replicas, n_in, n_out), and `square`, the running square of its gradient.

    below: (replicas, batch, n_in); delta: (replicas, batch, n_out); rates, decays: (replicas,). The product is in
    TF32 where torch's own products are.
    """
    replicas, n_in, n_out = weight.shape
    tile_out = min(TILE_OUT, max(16, triton.next_power_of_2(n_out)))
    _descend[triton.cdiv(n_out, tile_out), triton.cdiv(n_in, TILE_IN), replicas](
        *(weight, square, below, delta, rates, decays, n_in, n_out, delta.shape[1]),
        *(*weight.stride(), *below.stride(), *delta.stride()),
        SMOOTHING=smoothing,
        EPSILON=epsilon,
        PRECISION="tf32" if multiplies_in_tf32() else "ieee",
        TILE_IN=TILE_IN,
        TILE_OUT=tile_out,
        ROWS=ROWS,
        CHUNKS=triton.cdiv(delta.shape[1], ROWS),
        num_warps=4,
        num_stages=1,
    )


@triton.jit
def _descend(
    weight, square, below, delta, rates, decays, n_in, n_out, batch,
    w_replica, w_in, w_out, b_replica, b_row, b_in, d_replica, d_row, d_out,
    SMOOTHING: tl.constexpr, EPSILON: tl.constexpr, PRECISION: tl.constexpr,
    TILE_IN: tl.constexpr, TILE_OUT: tl.constexpr, ROWS: tl.constexpr, CHUNKS: tl.constexpr,
):  # fmt: skip
    replica = tl.program_id(2).to(tl.int64)
    i = (tl.program_id(1) * TILE_IN + tl.arange(0, TILE_IN))[:, None]
    o = (tl.program_id(0) * TILE_OUT + tl.arange(0, TILE_OUT))[None, :]
    rate, decay = tl.load(rates + replica), tl.load(decays + replica)
    gradient = tl.zeros((TILE_IN, TILE_OUT), dtype=tl.float32)
    for chunk in tl.static_range(CHUNKS):
        k = chunk * ROWS + tl.arange(0, ROWS)
        here, there = k[None, :], k[:, None]
        h = tl.load(below + replica * b_replica + here * b_row + i * b_in, (here < batch) & (i < n_in), 0.0)
        d = tl.load(delta + replica * d_replica + there * d_row + o * d_out, (there < batch) & (o < n_out), 0.0)
        gradient = tl.dot(h, d, gradient, input_precision=PRECISION)

    inside, at = (i < n_in) & (o < n_out), replica * w_replica + i * w_in + o * w_out
    W = tl.load(weight + at, inside, 0.0)
    gradient += decay * W
    s = SMOOTHING * tl.load(square + at, inside, 0.0) + (1 - SMOOTHING) * gradient * gradient
    tl.store(square + at, s, inside)
    tl.store(weight + at, W - rate * gradient / (tl.sqrt(s) + EPSILON), inside)
