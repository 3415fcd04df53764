"""Opens the model that an exported SAE names, with SAELens' own loader, and takes the activations of the module it names.

    python read_model.py FOLDER MODEL     (of parity.mjs; a model in transformers' form, its large files gzipped)
"""

import gzip
import os
import pathlib
import sys

import torch
from sae_lens import SAE
from sae_lens.load_model import load_model


@torch.no_grad()
def main():
    folder, source = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    meta = SAE.load_from_disk(folder / "named").cfg.metadata
    model = folder / meta.model_name
    model.mkdir()
    for file in source.iterdir():
        data = file.read_bytes()
        (model / file.name.removesuffix(".gz")).write_bytes(gzip.decompress(data) if file.suffix == ".gz" else data)
    os.chdir(folder)
    hooked = load_model(meta.model_class_name, meta.model_name, device="cpu", hook_names=[meta.hf_hook_name])
    tokens = torch.arange(12)[None]
    _, cache = hooked.run_with_cache(tokens, names_filter=[meta.hf_hook_name])
    layer = int(meta.hook_name.split(".")[1])
    expected = hooked.model(tokens, output_hidden_states=True).hidden_states[layer + 1]
    apart = (cache[meta.hf_hook_name] - expected).abs().max().item()
    print(f"SAELens opens the model {meta.model_name} as {meta.model_class_name}; {meta.hf_hook_name} is {meta.hook_name} within {apart:.1e}")
    sys.exit(0 if apart == 0 else 1)


main()
