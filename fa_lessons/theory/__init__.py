"""The mathematics of lessons 2 and 3: `two_neuron` and `linear`. Needs numpy and scipy only."""
