"""RMSprop's one kernel on a GPU, or in Triton's interpreter (TRITON_INTERPRET=1), against RMSprop's own arithmetic."""

import os

import pytest
import torch

from fa_lessons import MLP
from fa_lessons.optimizers import RMSprop

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
pytest.importorskip("triton", reason="Triton comes with torch's CUDA builds")
if DEVICE == "cpu" and os.environ.get("TRITON_INTERPRET") != "1":
    pytest.skip("no GPU, and TRITON_INTERPRET is not 1", allow_module_level=True)


def trained(one_kernel, batch, decay):
    network = MLP((70, 80, 10), replicas=2, device=DEVICE)
    optimizer = RMSprop(network, torch.tensor([0.01, 0.02]), torch.tensor([decay, 0.0]))
    optimizer.one_kernel = one_kernel
    source = torch.Generator(DEVICE).manual_seed(0)
    for _ in range(2):
        images = torch.rand(batch, 70, generator=source, device=DEVICE).expand(2, batch, 70)
        h, delta = torch.randn(2, 2, batch, 80, generator=source, device=DEVICE)
        error = torch.randn(2, batch, 10, generator=source, device=DEVICE)
        optimizer.update(0, images, delta)
        optimizer.update(1, h, error)
    return network.weights + network.biases + optimizer.state()


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("batch", [1, 50, 64, 130])
def test_one_kernel_does_what_the_product_and_the_update_do(batch, decay):
    for one, other in zip(trained(True, batch, decay), trained(False, batch, decay), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_the_device_and_the_type_choose_the_kernel():
    for dtype in (torch.float32, torch.float64):
        optimizer = RMSprop(MLP((5, 3), device=DEVICE, dtype=dtype), torch.tensor([0.1]), torch.tensor([0.0]))
        assert optimizer.one_kernel is (DEVICE == "cuda" and dtype == torch.float32)
