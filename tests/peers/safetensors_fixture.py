"""A tiny file by the reference implementation: tests/fixtures/formats/reference.safetensors.

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install safetensors numpy
    /tmp/peer/bin/python tests/peers/safetensors_fixture.py
"""

import json
import platform
from importlib.metadata import version

import numpy as np
from safetensors.numpy import save_file

OUT = "tests/fixtures/formats/reference"
tensors = {
    "half": np.array([[1.5, -2.0], [65504.0, 2.0**-24]], np.float16),
    "W": np.arange(12, dtype=np.float32).reshape(3, 4) / 8 - 1,
    "empty": np.zeros((0, 4), np.float32),
}
save_file(tensors, f"{OUT}.safetensors", {"format": "pt", "note": "caf\u00e9"})
note = {
    "script": "tests/peers/safetensors_fixture.py",
    "seed": None,
    "safetensors": version("safetensors"),
    "numpy": version("numpy"),
    "python": platform.python_version(),
    "licence": "MIT, made for this project",
}
with open(f"{OUT}.note.json", "w") as file:
    json.dump(note, file, indent=2)
    file.write("\n")
