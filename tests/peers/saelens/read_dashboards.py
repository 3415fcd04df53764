"""Reads our dashboards with SAEDashboard's own classes: every feature must go in and come out as it was.

    python read_dashboards.py FOLDER     (of parity.mjs)
"""

import json
import pathlib
import sys

from sae_dashboard.neuronpedia.neuronpedia_dashboard import NeuronpediaDashboardBatch


def main():
    read = 0
    for path in sorted(pathlib.Path(sys.argv[1]).glob("batch-*.json")):
        written = json.loads(path.read_text())
        # An unknown or missing key is an error of its constructors.
        batch = NeuronpediaDashboardBatch(**written)
        assert batch.to_dict() == written, path
        read += len(batch.features)
    print(f"SAEDashboard reads {read} features of ours")
    sys.exit(0 if read > 0 else 1)


main()
