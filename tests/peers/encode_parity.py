"""Encode and decode of small SAEs by the libraries that trained files come from.

Writes tests/fixtures/encode_parity.json: inputs, and per SAE its cfg.json and weights as SAELens saves them
(sparsify's under SAELens' names), with latent activations and reconstruction as the library computes them.
Decoder rows have norms other than 1 where the library allows it; activations are those after SAELens' own
fold_W_dec_norm, which is the convention here.

    python tests/peers/encode_parity.py     (torch, sae-lens, eai-sparsify; CPU)
"""

import copy
import json
import os
import pathlib
import platform
import tempfile
from importlib.metadata import version

os.environ["SPARSIFY_DISABLE_TRITON"] = "1"  # no GPU here; read when sparsify is imported

import torch
from safetensors.torch import load_file
from sae_lens import (
    BatchTopKTrainingSAE, BatchTopKTrainingSAEConfig, GatedSAE, GatedSAEConfig, JumpReLUSAE,
    JumpReLUSAEConfig, MatryoshkaBatchTopKTrainingSAE, MatryoshkaBatchTopKTrainingSAEConfig,
    SAE, StandardSAE, StandardSAEConfig, TopKSAE, TopKSAEConfig)
from sae_lens.saes.sae import SAEMetadata
from sparsify.config import SparseCoderConfig
from sparsify.sparse_coder import SparseCoder

SEED = 20241124
D_IN, D_SAE, ROWS, K = 10, 26, 12, 4
HOOK = "blocks.1.hook_resid_post"
OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "encode_parity.json"


def flat(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().double().flatten().tolist()]


def shared(**more):
    return {"d_in": D_IN, "d_sae": D_SAE,
            "metadata": SAEMetadata(hook_name=HOOK, model_name="nanochat-d4"), **more}


@torch.no_grad()
def fill(sae):
    """Random parameters, biases and thresholds included, so that nothing is multiplied by zero."""
    for name, parameter in sae.named_parameters():
        values = torch.randn(parameter.shape)
        if name == "W_dec":
            values *= 0.5 + torch.rand(D_SAE, 1)
        elif name != "W_enc":
            values *= 0.3
        parameter.copy_(values.abs() if name == "threshold" else values)
    return sae


def saved(sae, save):
    with tempfile.TemporaryDirectory() as folder:
        save(sae, folder)
        path = pathlib.Path(folder)
        cfg = json.loads((path / "cfg.json").read_text())
        weights = load_file(path / "sae_weights.safetensors")
        return cfg, weights, SAE.load_from_disk(folder)


@torch.no_grad()
def case(name, sae, x, save=lambda sae, folder: sae.save_model(folder)):
    cfg, weights, read = saved(sae, save)
    out = read(x)
    folded = copy.deepcopy(read)
    # TopK: its activations carry the norms already where it selects by them, else they must stay.
    if cfg["architecture"] != "topk":
        folded.fold_W_dec_norm()
    return entry(name, cfg, weights, folded.encode(x), out)


def entry(name, cfg, weights, acts, out):
    return {
        "name": name, "cfg": cfg, "acts": flat(acts), "out": flat(out),
        "weights": {key: {"shape": list(t.shape), "values": flat(t)} for key, t in weights.items()},
    }


@torch.no_grad()
def sparsify_case(x):
    coder = SparseCoder(D_IN, SparseCoderConfig(num_latents=D_SAE, k=K), dtype=torch.float32)
    coder.encoder.bias.copy_(0.3 * torch.randn(D_SAE))
    coder.b_dec.copy_(0.3 * torch.randn(D_IN))
    result = coder(x)
    acts = torch.zeros(len(x), D_SAE).scatter(1, result.latent_indices, result.latent_acts)
    cfg = {
        "architecture": "topk", "d_in": D_IN, "d_sae": D_SAE, "k": K, "dtype": "float32",
        "apply_b_dec_to_input": True, "normalize_activations": "none",
        "metadata": {"sae_lens_version": "6.0.0", "hook_name": HOOK, "hook_head_index": None},
    }
    weights = {"W_enc": coder.encoder.weight.T, "b_enc": coder.encoder.bias,
               "W_dec": coder.W_dec, "b_dec": coder.b_dec}
    return entry("sparsify topk", cfg, weights, acts, result.sae_out)


def batch_case(name, sae, x):
    fill(sae)
    sae.topk_threshold += 0.8
    return case(name, sae, x, lambda trained, folder: trained.save_inference_model(folder))


def main():
    torch.manual_seed(SEED)
    x = torch.randn(ROWS, D_IN) + 0.5 * torch.randn(D_IN)
    cases = [
        case("topk by h·n", fill(TopKSAE(TopKSAEConfig(
            **shared(k=K, rescale_acts_by_decoder_norm=True)))), x),
        case("topk by h", fill(TopKSAE(TopKSAEConfig(**shared(k=K)))), x),
        case("standard", fill(StandardSAE(StandardSAEConfig(**shared()))), x),
        case("gated", fill(GatedSAE(GatedSAEConfig(**shared()))), x),
        case("jumprelu", fill(JumpReLUSAE(JumpReLUSAEConfig(
            **shared(apply_b_dec_to_input=False)))), x),
        batch_case("batchtopk", BatchTopKTrainingSAE(BatchTopKTrainingSAEConfig(
            **shared(k=K, rescale_acts_by_decoder_norm=False))), x),
        batch_case("matryoshka_batchtopk", MatryoshkaBatchTopKTrainingSAE(
            MatryoshkaBatchTopKTrainingSAEConfig(**shared(
                k=K, matryoshka_widths=[6, 13, D_SAE], rescale_acts_by_decoder_norm=True))), x),
        sparsify_case(x),
    ]
    for made in cases:
        active = sum(a > 0 for a in made["acts"]) / ROWS
        print(f"{made['name']}: L0 {active:.2f}")
    OUT.write_text(json.dumps({
        "script": "tests/peers/encode_parity.py", "licence": "MIT, made for this project",
        "seed": SEED, "python": platform.python_version(), "torch": torch.__version__,
        "versions": {name: version(name) for name in ("sae-lens", "eai-sparsify")},
        "rows": ROWS, "x": flat(x), "cases": cases,
    }) + "\n")


if __name__ == "__main__":
    main()
