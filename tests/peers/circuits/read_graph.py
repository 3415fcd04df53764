"""Reads a graph of `nanoscope circuit` with circuit-tracer's own models (circuit-tracer 0.5.0 or newer, pydantic).

    python tests/peers/circuits/read_graph.py graph.json FOLDER_OF_CIRCUIT_TRACER

FOLDER_OF_CIRCUIT_TRACER: where `circuit_tracer/frontend/graph_models.py` lies; only that file is loaded.
"""

import importlib.util
import json
import pathlib
import sys

path, folder = sys.argv[1:3]
spec = importlib.util.spec_from_file_location(
    "graph_models", pathlib.Path(folder) / "circuit_tracer/frontend/graph_models.py"
)
models = importlib.util.module_from_spec(spec)
spec.loader.exec_module(models)
graph = models.Model(**json.loads(pathlib.Path(path).read_text()))
ids = {node.node_id for node in graph.nodes}
assert len(ids) == len(graph.nodes), "ids are not unlike"
assert all(link["source"] in ids and link["target"] in ids for link in graph.links), "a link leads nowhere"
for node in graph.nodes:
    if node.feature_type == "cross layer transcoder":
        layer, latent, position = (int(part) for part in node.node_id.split("_"))
        theirs = models.Node.feature_node(layer, position, latent)
        assert (theirs.node_id, theirs.feature, theirs.jsNodeId) == (node.node_id, node.feature, node.jsNodeId)
print(f"{len(graph.nodes)} nodes, {len(graph.links)} links: read")
