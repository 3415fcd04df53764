"""Trains one SAE on cached activations with a peer, for `npm run bench -- quality`.

    python tests/peers/quality.py --side torch --config CONFIG.json --data DIR --out DIR
    python tests/peers/quality.py --versions

config: a SaeConfig of ours (src/core/sae.ts); data: train.f32, heldout.f32 ([rows, d_in]) and
order-SEED.u32, as the bench wrote them. Writes a SAELens directory (cfg.json, sae_weights.safetensors) that
takes the model's own units, and result.json: L0 and explained variance on heldout.f32, the share of latents
dead over the training window, seconds, versions.
"""

import argparse
import json
import os
import pathlib
import platform
import time
from importlib.metadata import PackageNotFoundError, version

os.environ.setdefault("SPARSIFY_DISABLE_TRITON", "1")  # no GPU here; read when sparsify is imported

PACKAGES = {"torch": "torch", "saelens": "sae-lens", "sparsify": "eai-sparsify"}


def installed():
    found = {}
    for side, package in PACKAGES.items():
        try:
            found[side] = version(package)
        except PackageNotFoundError:
            found[side] = None
    return found


def trainer_of(side):
    if side == "torch":
        import quality_torch as peer
    elif side == "saelens":
        import quality_saelens as peer
    else:
        import quality_sparsify as peer
    return peer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--versions", action="store_true")
    parser.add_argument("--side", choices=["torch", "saelens", "sparsify", "sparsify-adam"])
    parser.add_argument("--config", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    args = parser.parse_args()
    if args.versions:
        print(json.dumps(installed()))
        return

    import numpy
    import torch

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    config = json.loads(args.config.read_text())
    width = config["d_in"]

    def rows(name):
        return torch.from_numpy(numpy.fromfile(args.data / name, dtype=numpy.float32)).view(-1, width)

    order = torch.from_numpy(
        numpy.fromfile(args.data / f"order-{config['seed']}.u32", dtype=numpy.uint32).astype(numpy.int64))
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(config["seed"])
    started = time.monotonic()
    dead = trainer_of(args.side).train(args.side, config, rows("train.f32"), order, args.out)
    seconds = time.monotonic() - started
    from quality_files import reconstruct
    held_out = rows("heldout.f32")
    out, l0 = reconstruct(args.out, held_out)
    spread = (held_out - held_out.mean(0)).double().pow(2).sum()
    result = {
        "deadFraction": dead, "l0": l0, "seconds": seconds,
        "explainedVariance": 1 - ((held_out - out).double().pow(2).sum() / spread).item(),
        "versions": {**installed(), "python": platform.python_version()},
    }
    (args.out / "result.json").write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
