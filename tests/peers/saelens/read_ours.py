"""Reads what we wrote in SAELens and sparsify, and compares what they compute with what we do.

    python read_ours.py FOLDER     (of parity.mjs)
"""

import json
import os
import pathlib
import sys

os.environ["SPARSIFY_DISABLE_TRITON"] = "1"

import torch
from sae_lens import SAE
from sparsify.sparse_coder import SparseCoder

# f32 sums of a few dozen terms in another order
TOLERANCE = 2e-5


def largest(a, b):
    return ((a - b).abs().max() / b.abs().max().clamp(min=1e-12)).item()


@torch.no_grad()
def main():
    folder = pathlib.Path(sys.argv[1])
    written = json.loads((folder / "ours.json").read_text())
    x = torch.tensor(written["x"]).reshape(-1, written["d_in"])
    worst = 0.0
    for one in written["saes"]:
        path = folder / one["folder"]
        note = ""
        expected = torch.tensor(one["acts"]).reshape(len(x), -1)
        out = torch.tensor(one["out"]).reshape(x.shape)
        if one["tool"] == "SAELens":
            sae = SAE.load_from_disk(path)
            acts = sae.encode(x)
            if one["kept"] is not None:
                fired = (acts > 0).sum(dim=1).float().mean().item()
                note = f"  (its {one['kept']} largest: SAELens has no TopK transcoder and fires {fired:.1f} a row)"
                top = acts.topk(one["kept"], dim=1)
                acts = torch.zeros_like(acts).scatter_(1, top.indices, top.values)
            decoded = sae.decode(acts)
            norms = sae.W_dec.norm(dim=1)
            by_norm = getattr(sae.cfg, "rescale_acts_by_decoder_norm", False)
            acts = acts if by_norm else acts * norms
            meta = sae.cfg.metadata
            assert meta.sae_lens_training_version == one["trainingVersion"], meta
            assert meta.model_name == one["modelName"], meta
        else:
            coder = SparseCoder.load_from_disk(path)
            top, indices, _ = coder.encode(x)
            acts = torch.zeros(len(x), coder.num_latents).scatter_(1, indices, top) * coder.W_dec.norm(dim=1)
            decoded = coder.decode(top, indices)
        encode, decode = largest(acts, expected), largest(decoded, out)
        worst = max(worst, encode, decode)
        print(f"ours → {one['tool']:<20} {one['name']:<36} encode {encode:.1e}  decode {decode:.1e}{note}")
    print(f"largest relative difference, ours → theirs: {worst:.1e} (at most {TOLERANCE:.0e})")
    sys.exit(0 if worst <= TOLERANCE else 1)


main()
