#!/usr/bin/env python3
"""Training steps of the architectures that `cars-gpu-check` measured, by PyTorch on the same GPU.

Reads gpu-check.json, builds each architecture as DARTS defines it (the path alone: no unused primitive costs anything), and
times a step - forward, backward, clipping of the gradient norm, SGD with momentum and weight decay - in four manners: eager
in NCHW, eager in channels-last, the latter with bfloat16 autocast, and channels-last replayed as a CUDA graph. A line an
architecture and batch size: milliseconds, and how many times longer than ours; autocast beside our bf16, where that was measured.
"""
import argparse
import collections
import json
import math
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

Genotype = collections.namedtuple("Genotype", "normal normal_concat reduce reduce_concat")
MANNERS = ["eager", "channels-last", "amp", "graph"]


def conv(c_in, c_out, kernel, stride=1, dilation=1, groups=1):
    padding = dilation * (kernel - 1) // 2
    return nn.Conv2d(c_in, c_out, kernel, stride, padding, dilation, groups, bias=False)


def norm(channels):
    return nn.BatchNorm2d(channels, affine=False)


class FactorizedReduce(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.first = conv(c_in, c_out // 2, 1, 2)
        self.second = conv(c_in, c_out // 2, 1, 2)
        self.norm = norm(c_out)

    def forward(self, x):
        x = F.relu(x)
        return self.norm(torch.cat([self.first(x), self.second(x[:, :, 1:, 1:])], 1))


def pointwise(c_in, c_out):
    return nn.Sequential(nn.ReLU(), conv(c_in, c_out, 1), norm(c_out))


def separable(channels, kernel, stride, dilation):
    depthwise = conv(channels, channels, kernel, stride, dilation, channels)
    return nn.Sequential(nn.ReLU(), depthwise, conv(channels, channels, 1), norm(channels))


def primitive(name, channels, stride):
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels)
    if name == "max_pool_3x3":
        return nn.Sequential(nn.MaxPool2d(3, stride, 1), norm(channels))
    if name == "avg_pool_3x3":
        return nn.Sequential(nn.AvgPool2d(3, stride, 1, count_include_pad=False), norm(channels))
    kernel = int(name[-1])
    if name.startswith("sep_conv"):
        return nn.Sequential(separable(channels, kernel, stride, 1), separable(channels, kernel, 1, 1))
    if name.startswith("dil_conv"):
        return separable(channels, kernel, stride, 2)
    sys.exit(f"error: no primitive `{name}` is known here")


class Cell(nn.Module):
    def __init__(self, edges, concat, before, last, channels, reduces, reduced):
        super().__init__()
        self.first = FactorizedReduce(before, channels) if reduced else pointwise(before, channels)
        self.second = pointwise(last, channels)
        self.sources = [source for _, source in edges]
        self.concat = list(concat)
        strides = [2 if reduces and source < 2 else 1 for source in self.sources]
        self.ops = nn.ModuleList(
            primitive(name, channels, stride) for (name, _), stride in zip(edges, strides))

    def forward(self, before, last):
        states = [self.first(before), self.second(last)]
        for node in range(len(self.ops) // 2):
            first, second = (self.ops[edge](states[self.sources[edge]]) for edge in (2 * node, 2 * node + 1))
            states.append(first + second)
        return torch.cat([states[node] for node in self.concat], 1)


class Network(nn.Module):
    def __init__(self, genotype, channels, cells, classes=10):
        super().__init__()
        stem = 3 * channels
        self.stem = nn.Sequential(conv(3, stem, 3), nn.BatchNorm2d(stem))
        before, last, reduced = stem, stem, False
        self.cells = nn.ModuleList()
        for index in range(cells):
            reduces = index in (cells // 3, 2 * cells // 3)
            channels *= 2 if reduces else 1
            edges, concat = ((genotype.reduce, genotype.reduce_concat) if reduces
                             else (genotype.normal, genotype.normal_concat))
            self.cells.append(Cell(edges, concat, before, last, channels, reduces, reduced))
            before, last, reduced = last, len(list(concat)) * channels, reduces
        self.classifier = nn.Linear(last, classes)

    def forward(self, x):
        before = last = self.stem(x)
        for cell in self.cells:
            before, last = last, cell(before, last)
        return self.classifier(last.mean((2, 3)))


def make_step(manner, network, batch, device):
    x = torch.randn(batch, 3, 32, 32, device=device)
    labels = torch.randint(0, 10, (batch,), device=device)
    if manner != "eager":
        network = network.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    # Weights on which the classifier does not depend (the preprocessing of an input that no edge reads) get no gradient.
    optimiser = torch.optim.SGD(network.parameters(), 0.025, 0.9, weight_decay=3e-4, foreach=True)
    autocast = torch.autocast(device, torch.bfloat16, enabled=manner == "amp", cache_enabled=manner != "graph")

    def step():
        optimiser.zero_grad(set_to_none=manner != "graph")
        with autocast:
            loss = F.cross_entropy(network(x), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0, foreach=True)
        optimiser.step()
        return loss

    if manner != "graph":
        # Ours brings the loss to the host at every step; so does a training loop.
        return lambda: step().item()
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = step()

    def replay():
        graph.replay()
        return loss.item()

    return replay


def least(step, budget, wait):
    """Milliseconds: least and median of as many steps as fit the budget, at least five after two that do not count."""
    for _ in range(2):
        step()
    wait()
    times, start = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < budget:
        begin = time.perf_counter()
        step()
        wait()
        times.append(1e3 * (time.perf_counter() - begin))
    return min(times), statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ours", nargs="?", default="gpu-check.json", help="what cars-gpu-check wrote")
    parser.add_argument("--out", default="torch-step.json", help="where the figures go")
    parser.add_argument("--manners", default=",".join(MANNERS), help="some of " + ", ".join(MANNERS))
    parser.add_argument("--budget", type=float, default=1.0, help="seconds for each measurement")
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"], help="cpu only tries the script out")
    arguments = parser.parse_args()
    manners = arguments.manners.split(",")
    if unknown := [manner for manner in manners if manner not in MANNERS]:
        sys.exit(f"error: no manner `{unknown[0]}`; there are {', '.join(MANNERS)}")
    if arguments.device == "cuda" and not torch.cuda.is_available():
        sys.exit("error: PyTorch sees no CUDA device here")
    with open(arguments.ours, encoding="utf-8") as file:
        ours = json.load(file)
    torch.backends.cudnn.benchmark = True
    wait = torch.cuda.synchronize if arguments.device == "cuda" else lambda: None

    rounded = (ours.get("bf16") or {}).get("steps", [])
    in_bf16 = {(row["architecture"], row["batch"]): row["milliseconds"] for row in rounded}
    rows, ratios = [], collections.defaultdict(list)
    print("architecture  batch   ours   bf16 " + "".join(f"{manner:>24}" for manner in manners))
    for row in ours["steps"]:
        own, own_bf16 = row["milliseconds"], in_bf16.get((row["architecture"], row["batch"]))
        architecture = ours["architectures"][row["architecture"]]
        names = {"__builtins__": {}, "Genotype": Genotype, "range": range}
        genotype = eval(architecture["genotype"], names)
        shown = "    -" if own_bf16 is None else f"{own_bf16:5.2f}"
        line = f"{row['architecture']:12}  {row['batch']:5}  {own:5.2f}  {shown} "
        for manner in manners:
            torch.manual_seed(0)
            network = Network(genotype, ours["channels"], ours["cells"]).to(arguments.device)
            found = sum(weight.numel() for weight in network.parameters())
            if found != architecture["parameters"]:
                sys.exit(f"error: {found} parameters here, {architecture['parameters']} there: not the same network")
            step = make_step(manner, network, row["batch"], arguments.device)
            milliseconds, median = least(step, arguments.budget, wait)
            ratio = milliseconds / (own_bf16 if manner == "amp" and own_bf16 else own)
            ratios[manner].append(ratio)
            rows.append({"architecture": row["architecture"], "batch": row["batch"], "manner": manner,
                         "milliseconds": milliseconds, "median_milliseconds": median, "times_ours": ratio})
            line += f"{milliseconds:12.2f} ({ratio:5.2f} x)"
        print(line, flush=True)
    for manner in manners:
        mean = math.exp(statistics.fmean(map(math.log, ratios[manner])))
        print(f"{manner}: {mean:.2f} times our time (geometric mean)")
    with open(arguments.out, "w", encoding="utf-8") as file:
        json.dump({"torch": torch.__version__, "steps": rows}, file, indent=1)


if __name__ == "__main__":
    main()
