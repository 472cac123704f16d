#!/usr/bin/env python3
"""NSGA-II and NSGA-III of pymoo on NAS-Bench-201, beside `cars tabular`: the same table, objectives, budget, seeds and measure.

A search is driven by one column of accuracies. The front of all it has evaluated is judged by another: its hypervolume, after
scaling so that the true front spans 0 to 1 in each objective, with the reference point at 1.1, as a share of the true front's.
Two ways to count: `as shipped` stops pymoo at its own count of evaluations; `repeats free` lets it go on until it has seen as many
distinct cells as the budget says, which is how `cars tabular` counts for every method.
"""
import argparse
import csv
import gzip
import json
import re
import subprocess

import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.algorithms.moo.nsga3 import NSGA3
from pymoo.core.mutation import Mutation
from pymoo.core.problem import Problem
from pymoo.indicators.hv import HV
from pymoo.operators.crossover.ux import UniformCrossover
from pymoo.operators.sampling.rnd import IntegerRandomSampling
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting
from pymoo.util.ref_dirs import get_reference_directions

OPERATIONS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]


class Redraw(Mutation):
    """Each edge is drawn anew with probability 1/6: what a mutation of categories is in pymoo's mixed variables."""

    def _do(self, problem, X, **kwargs):
        random = kwargs.get("random_state") or np.random
        hit = random.random(X.shape) < 1 / X.shape[1]
        return np.where(hit, random.integers(0, 5, X.shape) if hasattr(random, "integers") else random.randint(0, 5, X.shape), X)


class Table(Problem):
    def __init__(self, rows, budget):
        super().__init__(n_var=6, n_obj=rows.shape[1], xl=0, xu=4, vtype=int)
        self.rows, self.budget, self.seen = rows, budget, []

    def _evaluate(self, X, out, *args, **kwargs):
        numbers = X.astype(int) @ 5 ** np.arange(5, -1, -1)
        known = set(self.seen)
        for number in numbers:
            if number not in known and len(self.seen) < self.budget:
                known.add(number)
                self.seen.append(number)
        out["F"] = self.rows[numbers]


def read(path, accuracy, size):
    """Error and size of each cell, in the order of the first edge's operation, then the second's, and so on."""
    rows = np.full((5**6, 2), np.nan)
    with gzip.open(path, "rt") as file:
        for record in csv.DictReader(file):
            edges = re.findall(r"([a-z_0-9]+)~\d", record["arch_str"])
            number = sum(OPERATIONS.index(edge) * 5 ** (5 - place) for place, edge in enumerate(edges))
            rows[number] = 1 - float(record[accuracy]) / 100, float(record[size])
    assert not np.isnan(rows).any()
    return rows


def front(rows):
    return rows[NonDominatedSorting().do(rows, only_non_dominated_front=True)]


class Judge:
    def __init__(self, rows):
        best = front(rows)
        self.rows, self.low, self.span = rows, best.min(0), best.max(0) - best.min(0)
        self.whole = 1.0
        self.whole = self.share(best)

    def share(self, points):
        return HV(ref_point=np.full(points.shape[1], 1.1))((points - self.low) / self.span) / self.whole


def search(kind, rows, judges, budget, population, seed, repeats_free):
    problem = Table(rows, budget)
    operators = dict(sampling=IntegerRandomSampling(), crossover=UniformCrossover(), mutation=Redraw(), eliminate_duplicates=True)
    if kind == "nsga2":
        algorithm = NSGA2(pop_size=population, **operators)
    else:
        directions = get_reference_directions("das-dennis", 2, n_partitions=population - 1)
        algorithm = NSGA3(directions, pop_size=population, **operators)
    algorithm.setup(problem, termination=("n_gen", 10_000), seed=seed, verbose=False)
    while algorithm.has_next() and len(problem.seen) < budget:
        if not repeats_free and algorithm.evaluator.n_eval >= budget:
            break
        algorithm.next()
    seen = np.array(problem.seen)
    chosen = seen[NonDominatedSorting().do(rows[seen], only_non_dominated_front=True)]
    return [judge.share(judge.rows[chosen]) for judge in judges]


def ours(command, size, arguments):
    text = subprocess.run(
        [command, "tabular", "--table", arguments.bin, "--objectives", f"error,{size}", "--budget", str(arguments.budget),
         "--seeds", f"0..{arguments.seeds}", "--drive", arguments.drive, "--judge", arguments.judge, "--json"],
        check=True, capture_output=True, text=True).stdout
    return json.loads(text)["methods"]


def line(name, quartiles, drive):
    lower, median, upper = quartiles
    print(f"{name:<44}{median:.4f} ({lower:.4f} to {upper:.4f})    driven {drive:.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv", help="nb201_cifar10.csv.gz")
    parser.add_argument("--cars", help="the binary `cars`; with --bin also shows its methods")
    parser.add_argument("--bin", help="the same table as `cars tabular import` wrote it")
    parser.add_argument("--size", default="macs", choices=["macs", "params"])
    parser.add_argument("--budget", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--population", type=int, nargs="+", default=[20, 50, 100])
    parser.add_argument("--drive", default="c10_valid_acc_12ep")
    parser.add_argument("--judge", default="c10_test_acc_200ep")
    arguments = parser.parse_args()
    size = f"{arguments.size}_c10_derived"
    drive = read(arguments.csv, arguments.drive, size)
    judges = [Judge(read(arguments.csv, arguments.judge, size)), Judge(drive)]
    if arguments.cars:
        for study in ours(arguments.cars, {"params": "parameters"}.get(arguments.size, "macs"), arguments):
            q = study["hypervolume"]
            line(study["method"], (q["lower"], q["median"], q["upper"]), study["drive_hypervolume"]["median"])
    for kind in ("nsga2", "nsga3"):
        for population in arguments.population:
            for repeats_free in (False, True):
                shares = np.array([search(kind, drive, judges, arguments.budget, population, seed, repeats_free)
                                   for seed in range(arguments.seeds)])
                counting = "repeats free" if repeats_free else "as shipped"
                line(f"pymoo {kind}, population {population}, {counting}",
                     np.quantile(shares[:, 0], [0.25, 0.5, 0.75]), np.median(shares[:, 1]))


if __name__ == "__main__":
    main()
