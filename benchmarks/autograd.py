"""The yardstick: the same network and batch in plain torch, nn.Sequential with autograd and torch.optim."""

from itertools import pairwise

import torch

UNITS = {"tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid}


class AutogradRun:
    """Backpropagation on the digits in memory, one network, one step a call of `step`."""

    def __init__(self, data, sizes, activation, optimizer, learning_rate, device="cpu"):
        layers = []
        for n_in, n_out in pairwise(sizes):
            layers += [torch.nn.Linear(n_in, n_out), UNITS[activation]()]
        self.model = torch.nn.Sequential(*layers[:-1]).to(device)
        self.loss = torch.nn.CrossEntropyLoss()
        self.optimizer = {"sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop}[optimizer](
            self.model.parameters(), lr=learning_rate
        )
        self.images = torch.as_tensor(data.train_images).to(device)
        self.labels = torch.as_tensor(data.train_labels).to(device)
        self.order = torch.randperm(len(self.images)).to(device)
        self.position = 0

    def step(self):
        rows = self.order[self.position : self.position + 64]
        self.position = (self.position + 64) % (len(self.order) - 64)
        self.optimizer.zero_grad()
        self.loss(self.model(self.images[rows]), self.labels[rows]).backward()
        self.optimizer.step()
