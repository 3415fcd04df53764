"""Reads a set of `nanoscope circuit --transcoder-set` with circuit-tracer's own loader (main since 2026; 0.5.0 has no
TopK), and compares what each block's
transcoder makes of random inputs with the SAELens files of the same transcoders.

    PYTHONPATH=FOLDER_OF_CIRCUIT_TRACER python tests/peers/circuits/read_transcoders.py SET TRANSCODERS

TRANSCODERS: the folder that `nanoscope train` wrote, with one folder a block.
"""

import json
import pathlib
import sys

import torch
import yaml
from circuit_tracer.transcoder.single_layer_transcoder import load_transcoder_set
from safetensors.torch import load_file

chosen, ours = (pathlib.Path(path) for path in sys.argv[1:3])
config = yaml.safe_load((chosen / "config.yaml").read_text())
paths = {i: str(chosen / f"layer_{i}.safetensors") for i in range(len(list(chosen.glob("layer_*.safetensors"))))}
wanted = ("scan", "feature_input_hook", "feature_output_hook", "activation", "k")
found = load_transcoder_set(
    paths, device=torch.device("cpu"), **{key: config[key] for key in wanted if key in config}
)
folders = {}
for path in ours.glob("**/cfg.json"):
    hook = json.loads(path.read_text())["metadata"]["hook_name"]
    folders[int(hook.split(".")[1])] = path.parent
torch.manual_seed(0)
worst = 0.0
for layer, transcoder in enumerate(found):
    own = load_file(folders[layer] / "sae_weights.safetensors")
    x = torch.randn(32, own["W_enc"].shape[0])
    acts = (x @ own["W_enc"].float() + own["b_enc"].float()).relu()
    values, at = acts.topk(config["k"], dim=-1)
    kept = torch.zeros_like(acts).scatter(-1, at, values)
    expected = kept @ own["W_dec"].float() + own["b_dec"].float()
    difference = (transcoder.decode(transcoder.encode(x)) - expected).abs().max() / expected.abs().max()
    worst = max(worst, difference.item())
assert worst < 1e-5, worst
print(f"{len(found)} transcoders of {found.d_transcoder} features: read; furthest {worst:.1e}")
