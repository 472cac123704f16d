#!/usr/bin/env python3
"""IGD of this project's NSGA-III, U-NSGA-III and pNSGA-III and of pymoo's NSGA-III on DTLZ1 to DTLZ4.

Both sides get the same reference points, population size, operators (simulated binary crossover with index 30, polynomial
mutation with index 20) and number of generations. IGD is the mean distance from the points where the reference directions
meet the true front to the nearest member of the last population (Deb and Jain 2014, section V). A line a case: the medians
over the seeds, their quotient, and how likely the difference is by chance (Mann-Whitney, two-sided).
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Generations of Deb and Jain 2014, table III, by objectives and problem.
GENERATIONS = {3: [400, 250, 1000, 600], 5: [600, 350, 1000, 1000], 8: [750, 500, 1000, 1250]}


def reference_points(m):
    from pymoo.util.ref_dirs import get_reference_directions as lattice
    if m == 8:
        layers = [("das-dennis", 8, {"n_partitions": 3}), ("das-dennis", 8, {"n_partitions": 2, "scaling": 0.5})]
        return np.vstack([lattice(name, m, **rest) for name, m, rest in layers])
    return lattice("das-dennis", m, n_partitions=6 if m == 5 else 12)


def true_front(problem, points):
    """Where the directions meet the plane sum f = 1/2 (DTLZ1) or the unit sphere (the others)."""
    if problem == 1:
        return 0.5 * points / points.sum(axis=1, keepdims=True)
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def igd(front, rows):
    distances = np.linalg.norm(front[:, None, :] - rows[None, :, :], axis=2)
    return float(distances.min(axis=1).mean())


def ours(selection, problem, m, generations, seeds):
    command = [os.path.join(ROOT, "target", "release", "examples", "dtlz"), selection]
    command += [str(number) for number in (problem, m, generations, seeds)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [np.array([line.split() for line in block.splitlines()], float) for block in text.strip().split("\n\n")]


def theirs(problem, m, generations, seeds, points):
    from pymoo.algorithms.moo.nsga3 import NSGA3
    from pymoo.operators.crossover.sbx import SBX
    from pymoo.operators.mutation.pm import PM
    from pymoo.optimize import minimize
    from pymoo.problems import get_problem
    n_variables = m - 1 + (5 if problem == 1 else 10)
    test = get_problem(f"dtlz{problem}", n_var=n_variables, n_obj=m)
    size = -(-len(points) // 4) * 4
    for seed in range(seeds):
        algorithm = NSGA3(points, pop_size=size, crossover=SBX(eta=30, prob=1.0), mutation=PM(eta=20))
        yield minimize(test, algorithm, ("n_gen", generations), seed=seed + 1).pop.get("F")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = lambda text: [int(number) for number in text.split(",")]
    parser.add_argument("--problems", type=numbers, default=[1, 2, 3, 4])
    parser.add_argument("--objectives", type=numbers, default=[3, 5, 8])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--fraction", type=float, default=1.0, help="of the generations of Deb and Jain 2014")
    parser.add_argument("--selections", type=lambda text: text.split(","), default=["nsga3", "unsga3", "pnsga3"])
    options = parser.parse_args()
    from scipy.stats import mannwhitneyu
    print("problem m generations selection ours pymoo ours/pymoo p ours_s pymoo_s", flush=True)
    for m in options.objectives:
        points = reference_points(m)
        for problem in options.problems:
            generations = round(GENERATIONS[m][problem - 1] * options.fraction)
            front = true_front(problem, points)
            start = time.perf_counter()
            peer = [igd(front, rows) for rows in theirs(problem, m, generations, options.seeds, points)]
            peer_time = time.perf_counter() - start
            for selection in options.selections:
                start = time.perf_counter()
                own = [igd(front, rows) for rows in ours(selection, problem, m, generations, options.seeds)]
                own_time = time.perf_counter() - start
                a, b = statistics.median(own), statistics.median(peer)
                chance = mannwhitneyu(own, peer).pvalue
                print(f"DTLZ{problem} {m} {generations} {selection} {a:.4e} {b:.4e} {a / b:.3f} {chance:.3f} "
                      f"{own_time:.1f} {peer_time:.1f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
