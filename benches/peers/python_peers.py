"""Times sorts that Python can call on files of matrices, in the columns of `cars-peers time`: peer, case, n, m, min_ms,
median_ms, runs, fronts, wrong (always -1: not checked). `cargo xtask peers --python PYTHON` runs it; packages that are not
installed are left out. Files are those of src/cases.rs: `NAME_xK.bin` holds K matrices, sorted in rotation.
"""

import argparse
import importlib
import pathlib
import re
import statistics
import struct
import time

import numpy

TURN = 0.01  # seconds; after a slow neighbour a single fast call would only measure cold caches


def moocore(module):
    return lambda matrix: module.pareto_rank(matrix)


def pymoo(module):
    sort = module.NonDominatedSorting()
    return lambda matrix: sort.do(matrix, return_rank=True)[1]


def pygmo(module):
    return lambda matrix: module.fast_non_dominated_sorting(points=matrix)[3]


def optuna(module):
    return lambda matrix: module._fast_non_domination_rank(matrix)


# Name in the output, module to import, how to call it for ranks.
PEERS = [
    ("moocore.pareto_rank", "moocore", moocore),
    ("pymoo.NDS(default)", "pymoo.util.nds.non_dominated_sorting", pymoo),
    ("pygmo.fast_nds", "pygmo", pygmo),
    ("optuna._rank", "optuna.study._multi_objective", optuna),
]


def installed(names):
    """The peers whose names hold one of `names`, ready to call."""
    found = {}
    for name, module, wrap in PEERS:
        if any(part in name for part in names):
            try:
                found[name] = wrap(importlib.import_module(module))
            except ImportError:
                pass
    return found


def read(path):
    """The matrices of a file, and how many rows each has."""
    data = path.read_bytes()
    if data[:8] != b"NDSCASE1":
        raise SystemExit(f"{path}: does not begin with NDSCASE1")
    rows, m = struct.unpack("<QQ", data[8:24])
    rotated = re.search(r"_x(\d+)$", path.stem)
    copies = int(rotated[1]) if rotated else 1
    values = numpy.frombuffer(data, "<f8", offset=24).reshape(copies, rows // copies, m)
    return [numpy.ascontiguousarray(matrix) for matrix in values]


def run(sorts, matrices, budget):
    """Seconds of every call, and how many fronts the first matrix has, by peer; the peers take turns."""
    taken = {name: [] for name in sorts}
    fronts = {}
    used = dict.fromkeys(sorts, 0.0)
    while any(seconds < budget for seconds in used.values()):
        for name in [name for name in sorts if used[name] < budget]:
            turn = 0.0
            while turn < TURN:
                matrix = matrices[len(taken[name]) % len(matrices)]
                start = time.perf_counter()
                ranks = sorts[name](matrix)
                seconds = time.perf_counter() - start
                if name not in fronts:
                    fronts[name] = int(numpy.max(ranks)) + 1
                taken[name].append(seconds)
                turn += seconds
            used[name] += turn
    return taken, fronts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["sort"])
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--budget", type=float, default=0.4, help="seconds for each peer and case")
    parser.add_argument("--cap", type=float, default=30.0, help="leave out sorts that must take longer, in seconds")
    parser.add_argument("--only", default="", help="parts of names, between commas")
    options = parser.parse_args()
    sorts = installed(options.only.split(","))
    size = lambda path: int(re.search(r"_n(\d+)_", path.name)[1])
    last = {}  # The size and time of a peer on the last smaller case of the same kind and number of objectives.
    for path in sorted(options.files, key=size):
        matrices = read(path)
        n, m = matrices[0].shape
        kind = path.name.split("_")[0]
        foreseen = lambda name: (lambda before: before[1] * (n / before[0]) ** 2)(last.get((name, kind, m), (n, 0.0)))
        affordable = {name: sort for name, sort in sorts.items() if foreseen(name) <= options.cap}
        taken, fronts = run(affordable, matrices, options.budget)
        for name, seconds in taken.items():
            least = statistics.mean(min(seconds[i :: len(matrices)]) for i in range(min(len(matrices), len(seconds))))
            median = statistics.median(seconds)
            last[name, kind, m] = (n, median)
            times = f"{least * 1e3:.6f}", f"{median * 1e3:.6f}"
            print(name, path.stem, n, m, *times, len(seconds), fronts[name], -1, sep="\t", flush=True)


if __name__ == "__main__":
    main()
