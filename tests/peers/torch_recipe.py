#!/usr/bin/env python3
"""One training step of a stand-alone network, auxiliary head on and drop-path off, by PyTorch and by cars.

Reads what the example `recipe_step` of `crates/supernet` wrote: images, labels, weights, and the loss and gradients that cars
found. Builds the network as DARTS defines it (arXiv 1806.09055, NetworkCIFAR of its released code) on the same weights, and
compares loss and gradients, in single precision and, to tell rounding from a mistake, in double. The figure for a weight is
the norm of the difference of both gradients, over that of PyTorch's. Fails above 1e-3, for single precision, in the loss or in
the gradient as a whole; a weight alone may be all rounding (its gradient is nearly 0 if a batch-norm follows), so the worst
is shown beside the same figure of PyTorch's single precision.
"""
import argparse
import collections
import json
import struct
import sys

import torch
from torch.nn import functional as F

Genotype = collections.namedtuple("Genotype", "normal normal_concat reduce reduce_concat")
AUXILIARY_WEIGHT = 0.4
LIMIT = 1e-3


def read(path):
    """Tensors and metadata of a safetensors file."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    facts = header.pop("__metadata__")
    return {
        name: torch.frombuffer(data[slice(*entry["data_offsets"])], dtype=torch.float32).reshape(entry["shape"])
        for name, entry in header.items()
    }, facts


class Step:
    """The network as a function of its weights, which keep the names and layouts of the file."""

    def __init__(self, weights, genotype, cells):
        self.weights, self.genotype, self.n_cells = weights, genotype, cells

    def norm(self, x, name):
        return F.batch_norm(x, None, None, self.weights[name + ".scale"], self.weights[name + ".shift"], True, 0.1, 1e-5)

    def dense(self, x, name, kernel=1, stride=1, padding=0):
        """Rows of the file: kernel row, kernel column, input channel; columns: output channel."""
        weight = self.weights[name]
        weight = weight.reshape(kernel, kernel, x.shape[1], -1).permute(3, 2, 0, 1)
        return F.conv2d(x, weight, None, stride, padding)

    def depthwise(self, x, name, kernel, stride, dilation):
        channels = x.shape[1]
        weight = self.weights[name].reshape(kernel, kernel, channels).permute(2, 0, 1)[:, None]
        return F.conv2d(x, weight, None, stride, dilation * (kernel - 1) // 2, dilation, channels)

    def linear(self, x, name):
        return x.flatten(1) @ self.weights[name + ".weight"] + self.weights[name + ".bias"]

    def relu_conv_norm(self, x, name):
        return self.norm(self.dense(F.relu(x), name + ".pointwise"), name + ".bn")

    def factorized_reduce(self, x, name):
        x = F.relu(x)
        even = self.dense(x, name + ".pointwise_even", stride=2)
        odd = self.dense(x[:, :, 1:, 1:], name + ".pointwise_odd", stride=2)
        return self.norm(torch.cat([even, odd], 1), name + ".bn")

    def separable(self, x, name, number, kernel, stride, dilation):
        x = self.depthwise(F.relu(x), f"{name}.depthwise{number}", kernel, stride, dilation)
        return self.norm(self.dense(x, f"{name}.pointwise{number}"), f"{name}.bn{number}")

    def primitive(self, x, primitive, name, stride):
        name = f"{name}.{primitive}"
        kernel = int(primitive[-1]) if primitive[-1].isdigit() else 0
        if primitive == "skip_connect":
            return x if stride == 1 else self.factorized_reduce(x, name)
        if primitive == "max_pool_3x3":
            return F.max_pool2d(x, 3, stride, 1)
        if primitive == "avg_pool_3x3":
            return F.avg_pool2d(x, 3, stride, 1, count_include_pad=False)
        if primitive.startswith("sep_conv"):
            return self.separable(self.separable(x, name, 1, kernel, stride, 1), name, 2, kernel, 1, 1)
        if primitive.startswith("dil_conv"):
            return self.separable(x, name, "", kernel, stride, 2)
        sys.exit(f"error: no primitive `{primitive}` is known here")

    def cell(self, index, before, last, reduces, reduced):
        name = f"cells.{index}"
        first = self.factorized_reduce if reduced else self.relu_conv_norm
        states = [first(before, f"{name}.preprocess0"), self.relu_conv_norm(last, f"{name}.preprocess1")]
        edges = self.genotype.reduce if reduces else self.genotype.normal
        concat = self.genotype.reduce_concat if reduces else self.genotype.normal_concat
        for node in range(2, 2 + len(edges) // 2):
            total = 0
            for slot, (primitive, source) in enumerate(edges[2 * node - 4 : 2 * node - 2]):
                stride = 2 if reduces and source < 2 else 1
                total = total + self.primitive(states[source], primitive, f"{name}.node{node}.slot{slot}", stride)
            states.append(total)
        return torch.cat([states[node] for node in concat], 1)

    def auxiliary(self, x):
        x = F.avg_pool2d(F.relu(x), 5, 3, count_include_pad=False)
        x = F.relu(self.norm(self.dense(x, "auxiliary.1.pointwise"), "auxiliary.1.bn"))
        x = F.relu(self.norm(self.dense(x, "auxiliary.2.conv", kernel=2), "auxiliary.2.bn"))
        return self.linear(x, "auxiliary.3")

    def losses(self, images, labels):
        before = last = self.norm(self.dense(images, "stem.0.conv", kernel=3, padding=1), "stem.0.bn")
        reduced = False
        for index in range(self.n_cells):
            reduces = index in (self.n_cells // 3, 2 * self.n_cells // 3)
            before, last = last, self.cell(index, before, last, reduces, reduced)
            reduced = reduces
            if index == 2 * self.n_cells // 3:
                scores = self.auxiliary(last)
        return F.cross_entropy(self.linear(last.mean((2, 3)), "classifier"), labels), F.cross_entropy(scores, labels)


def by_torch(tensors, genotype, cells, precision):
    """The loss of the classifier, and the gradients of the whole loss."""
    weights = {
        name.removeprefix("weight."): tensor.to(precision).detach().clone().requires_grad_()
        for name, tensor in tensors.items() if name.startswith("weight.")
    }
    images = tensors["images"].permute(0, 3, 1, 2).to(precision)
    loss, auxiliary = Step(weights, genotype, cells).losses(images, tensors["labels"].long())
    (loss + AUXILIARY_WEIGHT * auxiliary).backward()
    zero = lambda weight: torch.zeros_like(weight) if weight.grad is None else weight.grad
    return loss.item(), {name: zero(weight).double() for name, weight in weights.items()}


def whole(gradients):
    return torch.cat([gradients[name].flatten() for name in sorted(gradients)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", help="what the example recipe_step wrote")
    tensors, facts = read(parser.parse_args().step)
    genotype = eval(facts["genotype"], {"__builtins__": {}, "Genotype": Genotype, "range": range})
    ours = {
        name.removeprefix("gradient."): tensor.double() for name, tensor in tensors.items() if name.startswith("gradient.")
    }
    results = {}
    for precision in (torch.float32, torch.float64):
        loss, gradients = by_torch(tensors, genotype, int(facts["cells"]), precision)
        # Running statistics are in the file, too, and have no gradient.
        results[precision] = loss, {name: gradients[name] for name in ours}
    print(f"{facts['channels']} channels, {facts['cells']} cells, {len(tensors['labels'])} images, {len(ours)} weights,"
          f" {sum(gradient.numel() for gradient in ours.values())} numbers; PyTorch {torch.__version__}")
    failed = False
    for precision, (loss, gradients) in results.items():
        off_loss = abs(tensors["loss"].item() - loss) / loss
        off = ((whole(ours) - whole(gradients)).norm() / whole(gradients).norm()).item()
        print(f"{str(precision):14} loss {loss:.6f} (relative difference {off_loss:.1e}), gradient norm"
              f" {whole(gradients).norm():.4f} (relative difference {off:.1e})")
        failed |= precision == torch.float32 and max(off_loss, off) > LIMIT
    exact = results[torch.float64][1]
    single = results[torch.float32][1]
    distance = lambda one, name: ((one[name] - exact[name]).norm() / exact[name].norm()).item()
    # A shift whose effect the next batch-norm takes away has a gradient of rounding alone.
    used = [name for name in ours if exact[name].norm() > 1e-9 * whole(exact).norm()]
    unused = [name for name in ours if exact[name].norm() == 0 and ours[name].norm() > 0]
    if unused:
        sys.exit(f"error: weights without gradient in PyTorch have one here: {', '.join(unused[:5])}")
    worst = sorted(used, key=lambda name: -distance(ours, name))[:3]
    print("farthest from double precision, and PyTorch's single precision there:")
    for name in worst:
        print(f"  {name}: {distance(ours, name):.1e}, {distance(single, name):.1e}")
    sys.exit("error: more than 1e-3 apart" if failed else 0)


if __name__ == "__main__":
    main()
