"""Explained variance of SAEs trained elsewhere beside our own: `nanoscope eval --json` of both, equal held-out text.

    python compare.py THEIRS OURS     (of run.sh)
"""

import json
import pathlib
import sys

# what another order of text and other first weights change
TOLERANCE = 0.005


def main():
    means = []
    for path in map(pathlib.Path, sys.argv[1:]):
        saes = json.loads(path.read_text())["evaluations"]
        values = [sae["metrics"]["explainedVariance"] for sae in saes]
        means.append(sum(values) / len(values))
        for sae, value in zip(saes, values):
            print(f"{path.stem:<8} {sae['sae']['name']:<44} explained variance {value:.4f}  L0 {sae['metrics']['l0']:.2f}")
    apart = abs(means[0] - means[1])
    print(f"means {means[0]:.4f} and {means[1]:.4f}: {apart:.4f} apart (at most {TOLERANCE})")
    sys.exit(0 if apart <= TOLERANCE else 1)


main()
