import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def closed():
    """No figure outlives its test."""
    yield
    plt.close("all")
