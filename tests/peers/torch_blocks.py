"""Times in PyTorch, channels-last, the blocks that `cargo xtask bench kernels` times, and sets them beside each other.

    cargo xtask bench kernels
    pip install torch
    OMP_WAIT_POLICY=PASSIVE MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=4294967296 \
        python tests/peers/torch_blocks.py target/criterion
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import torch
from torch import nn

BATCH = 64


def depthwise(kernel, dilation, channels):
    padding = dilation * (kernel - 1) // 2
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(channels, channels, kernel, padding=padding, dilation=dilation, groups=channels, bias=False),
        nn.Conv2d(channels, channels, 1, bias=False),
        nn.BatchNorm2d(channels, affine=False),
    )


def pool(layer, channels):
    return nn.Sequential(layer, nn.BatchNorm2d(channels, affine=False))


BLOCKS = {
    "sep3": lambda c: depthwise(3, 1, c),
    "sep5": lambda c: depthwise(5, 1, c),
    "dil3": lambda c: depthwise(3, 2, c),
    "dil5": lambda c: depthwise(5, 2, c),
    "pointwise": lambda c: nn.Sequential(
        nn.ReLU(), nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c, affine=False)
    ),
    "max-pool": lambda c: pool(nn.MaxPool2d(3, stride=1, padding=1), c),
    "average-pool": lambda c: pool(nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False), c),
}
SIZES = [(16, 32), (32, 16), (64, 8)]


def middle(seconds, rounds, run):
    """The median of several timed runs, in milliseconds."""
    times = []
    end = time.perf_counter() + seconds
    while len(times) < rounds or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def torch_times(name, channels, side):
    """Forward and backward together in training, and forward in evaluation."""
    block = BLOCKS[name](channels).to(memory_format=torch.channels_last)
    shape = (BATCH, channels, side, side)
    images = torch.randn(shape).to(memory_format=torch.channels_last).requires_grad_()
    gradient = torch.randn(shape).to(memory_format=torch.channels_last)

    def step():
        images.grad = None
        block.zero_grad(set_to_none=True)
        block(images).backward(gradient)

    def evaluate():
        with torch.no_grad():
            block(images)

    block.train()
    training = middle(1.0, 10, step)
    block.eval()
    return training, middle(0.5, 10, evaluate)


def our_time(folder, name, what, channels, side):
    """Criterion's estimate of the median, in milliseconds."""
    path = folder / "kernels" / f"{name}_{what}" / f"{channels}x{side}x{side}" / "new" / "estimates.json"
    return json.loads(path.read_text())["median"]["point_estimate"] / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("criterion", type=Path, help="criterion's folder of results")
    folder = parser.parse_args().criterion
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print("| block | forward and backward, ms | PyTorch | times as fast | evaluation, ms | PyTorch | times as fast |")
    print("|---|---|---|---|---|---|---|")
    for name in BLOCKS:
        for channels, side in SIZES:
            ours = sum(our_time(folder, name, what, channels, side) for what in ("train-forward", "backward"))
            ours_evaluation = our_time(folder, name, "evaluate", channels, side)
            training, evaluation = torch_times(name, channels, side)
            print(
                f"| {name}, {channels} x {side} x {side} | {ours:.2f} | {training:.2f} | {training / ours:.1f} "
                f"| {ours_evaluation:.2f} | {evaluation:.2f} | {evaluation / ours_evaluation:.1f} |"
            )


if __name__ == "__main__":
    main()
