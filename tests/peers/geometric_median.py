"""The geometric median of a few rows with outliers, by the library that initialises b_dec with it.

Writes tests/fixtures/geometric_median.json: the points, dictionary_learning's own geometric_median of them in
float64, and the minimum of the mean distance as scipy finds it without knowing Weiszfeld's rule.

    python tests/peers/geometric_median.py     (torch, dictionary-learning, scipy; CPU)
"""

import json
import pathlib
import platform
from importlib.metadata import version

import numpy as np
import torch
from dictionary_learning.trainers.top_k import geometric_median
from scipy.optimize import minimize

SEED, POINTS, D_IN = 20261124, 41, 5
OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "geometric_median.json"

rng = np.random.default_rng(SEED)
points = rng.normal(size=(POINTS, D_IN)) + rng.normal(size=D_IN)
points[::8] += 60  # as BOS tokens lie: they move the mean, hardly the median
points = points.round(5)


def mean_distance(y):
    return np.linalg.norm(points - y, axis=1).mean()


found = minimize(mean_distance, points.mean(axis=0), method="BFGS", options={"gtol": 1e-9})
OUT.write_text(
    json.dumps(
        {
            "script": "tests/peers/geometric_median.py",
            "licence": "MIT, made for this project",
            "seed": SEED,
            "python": platform.python_version(),
            "versions": {
                name: version(name) for name in ("torch", "dictionary-learning", "scipy", "numpy")
            },
            "d_in": D_IN,
            "points": points.flatten().tolist(),
            "dictionaryLearning": geometric_median(torch.from_numpy(points)).tolist(),
            "scipy": found.x.tolist(),
        }
    )
    + "\n"
)
print(geometric_median(torch.from_numpy(points)) - torch.from_numpy(found.x), points.mean(axis=0))
