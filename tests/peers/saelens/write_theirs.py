"""SAEs as other tools save them, with what those tools compute of them.

Writes one folder per SAE and `saes.json` with inputs, latent activations and reconstructions. Activations are per unit
decoder row: the tool's, times the norm of the latent's row. Decoder rows have norms other than 1 where the tool allows it.

    python write_theirs.py FOLDER     (run.sh makes its environment)
"""

import json
import os
import pathlib
import platform
import sys
from importlib.metadata import version

os.environ["SPARSIFY_DISABLE_TRITON"] = "1"  # no GPU here; read when sparsify is imported

import torch
from dictionary_learning.dictionary import AutoEncoder, GatedAutoEncoder, JumpReluAutoEncoder
from dictionary_learning.trainers.batch_top_k import BatchTopKSAE
from dictionary_learning.trainers.matryoshka_batch_top_k import MatryoshkaBatchTopKSAE
from dictionary_learning.trainers.top_k import AutoEncoderTopK
from safetensors.torch import save_file
from sae_lens import (
    SAE, BatchTopKTrainingSAE, BatchTopKTrainingSAEConfig, GatedSAE, GatedSAEConfig, JumpReLUSAE,
    JumpReLUSAEConfig, MatryoshkaBatchTopKTrainingSAE, MatryoshkaBatchTopKTrainingSAEConfig,
    JumpReLUTranscoder, JumpReLUTranscoderConfig, StandardSAE, StandardSAEConfig, TopKSAE, TopKSAEConfig,
    Transcoder, TranscoderConfig)
from sae_lens.saes.sae import SAEMetadata
from sae_lens.training.activation_scaler import ActivationScaler
from sparsify.config import SparseCoderConfig
from sparsify.sparse_coder import SparseCoder

SEED = 20261130
D_IN, D_SAE, ROWS, K = 8, 20, 6, 3
OUT = pathlib.Path(sys.argv[1])
CASES = []


def flat(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().double().flatten().tolist()]


@torch.no_grad()
def fill(module, unit=False):
    """Random parameters, biases and thresholds included, so that nothing is multiplied by zero."""
    for name, parameter in module.named_parameters():
        values = torch.randn(parameter.shape)
        if name == "W_dec" and not unit:
            values *= 0.5 + torch.rand(parameter.shape[0], 1)
        elif parameter.dim() == 1:
            values *= 0.3
        if name in ("W_dec", "decoder.weight") and unit:
            values /= values.norm(dim=1 if name == "W_dec" else 0, keepdim=True)
        parameter.copy_(values.abs() if name == "threshold" else values)
    return module


@torch.no_grad()
def case(name, tool, hook, acts, out, norms=None, folder=None):
    scaled = acts if norms is None else acts * norms
    CASES.append({"name": name, "tool": tool, "folder": folder or name, "hook": hook,
                  "acts": flat(scaled), "out": flat(out)})


def metadata(**more):
    """Fields of other people, which must come back."""
    return SAEMetadata(
        model_name="org/nanochat-d4", model_class_name="AutoModelForCausalLM", hook_name="model.layers.1",
        hf_hook_name="model.layers.1", hook_head_index=None, context_size=64, prepend_bos=False,
        exclude_special_tokens=[0, 2], seqpos_slice=[1, -1], dataset_path="org/corpus", dataset={"split": "train"}, **more)


@torch.no_grad()
def saelens(x):
    shared = lambda: {"d_in": D_IN, "d_sae": D_SAE, "metadata": metadata()}
    kinds = {
        "standard": StandardSAE(StandardSAEConfig(**shared())),
        "topk": TopKSAE(TopKSAEConfig(**shared(), k=K, rescale_acts_by_decoder_norm=False)),
        "topk-by-norm": TopKSAE(TopKSAEConfig(**shared(), k=K, rescale_acts_by_decoder_norm=True)),
        "jumprelu": JumpReLUSAE(JumpReLUSAEConfig(**shared())),
        "gated": GatedSAE(GatedSAEConfig(**shared())),
    }
    for kind, sae in kinds.items():
        fill(sae)
        folder = OUT / f"saelens-{kind}"
        sae.save_model(folder)
        rates = torch.linspace(-8, -1, D_SAE)
        save_file({"sparsity": rates}, folder / "sparsity.safetensors")
        acts = sae.encode(x)
        # With rescale_acts_by_decoder_norm its activations are already per unit row.
        norms = None if kind == "topk-by-norm" else sae.W_dec.norm(dim=1)
        case(f"saelens-{kind}", "SAELens", "blocks.1.hook_resid_post", acts, sae.decode(acts), norms)
    for kind, train, config in [
        ("batchtopk", BatchTopKTrainingSAE, BatchTopKTrainingSAEConfig(**shared(), k=K)),
        ("matryoshka", MatryoshkaBatchTopKTrainingSAE,
         MatryoshkaBatchTopKTrainingSAEConfig(**shared(), k=K, matryoshka_widths=[8, D_SAE])),
    ]:
        sae = fill(train(config))
        sae.topk_threshold.fill_(0.7)
        folder = OUT / f"saelens-{kind}"
        sae.save_inference_model(folder)
        loaded = SAE.load_from_disk(folder)
        acts = loaded.encode(x)
        case(f"saelens-{kind}", "SAELens", "blocks.1.hook_resid_post", acts, loaded.decode(acts), loaded.W_dec.norm(dim=1))
    # A checkpoint of training: its weights expect the scaled input.
    sae = fill(StandardSAE(StandardSAEConfig(**shared(), normalize_activations="expected_average_only_in")))
    folder = OUT / "saelens-scaled"
    sae.save_model(folder)
    scaler = ActivationScaler(scaling_factor=0.37)
    scaler.save(str(folder / "activation_scaler.json"))
    acts = sae.encode(scaler.scale(x))
    case("saelens-scaled", "SAELens", "blocks.1.hook_resid_post", acts, scaler.unscale(sae.decode(acts)),
         sae.W_dec.norm(dim=1) / scaler.scaling_factor)


@torch.no_grad()
def sparsify(x):
    for kind, unit in [("unit", True), ("norms", False)]:
        coder = fill(SparseCoder(D_IN, SparseCoderConfig(num_latents=D_SAE, k=K, normalize_decoder=unit)), unit)
        folder = f"sparsify-{kind}/layers.1"
        coder.save_to_disk(OUT / folder)
        top, indices, _ = coder.encode(x)
        acts = torch.zeros(ROWS, D_SAE).scatter_(1, indices, top)
        case(f"sparsify-{kind}", "sparsify", "blocks.1.hook_resid_post", acts, coder.decode(top, indices),
             coder.W_dec.norm(dim=1), folder)


@torch.no_grad()
def dictionary_learning(x):
    kinds = {
        "AutoEncoder": AutoEncoder(D_IN, D_SAE),
        "AutoEncoderTopK": AutoEncoderTopK(D_IN, D_SAE, K),
        "BatchTopKSAE": BatchTopKSAE(D_IN, D_SAE, K),
        "GatedAutoEncoder": GatedAutoEncoder(D_IN, D_SAE),
        "JumpReluAutoEncoder": JumpReluAutoEncoder(D_IN, D_SAE),
        "MatryoshkaBatchTopKSAE": MatryoshkaBatchTopKSAE(D_IN, D_SAE, K, [8, 12]),
    }
    for kind, ae in kinds.items():
        fill(ae, unit="TopK" in kind)
        if hasattr(ae, "threshold") and ae.threshold.dim() == 0:
            ae.threshold.fill_(0.6)
        folder = OUT / f"dictionary_learning-{kind}"
        folder.mkdir()
        torch.save(ae.state_dict(), folder / "ae.pt")
        config = {"trainer": {"trainer_class": "Trainer", "dict_class": kind, "activation_dim": D_IN, "dict_size": D_SAE,
                              **({"k": K} if "TopK" in kind else {}), "layer": 1, "lm_name": "org/nanochat-d4",
                              "submodule_name": "resid_post_layer_1"},
                  "buffer": {"d_submodule": D_IN, "ctx_len": 64}}
        (folder / "config.json").write_text(json.dumps(config, indent=4))
        acts = ae.encode(x)
        norms = ae.decoder.weight.norm(dim=0) if hasattr(ae, "decoder") else ae.W_dec.norm(dim=1)
        case(f"dictionary_learning-{kind}", "dictionary_learning", "blocks.1.hook_resid_post", acts, ae.decode(acts), norms)


@torch.no_grad()
def openai(x):
    """The form of openai/sparse_autoencoder, commit 4965b94, which is on no index: written and computed here as its
    model.py says, latents = relu(encoder(x - pre_bias) + latent_bias)."""
    state = {
        "pre_bias": 0.3 * torch.randn(D_IN),
        "latent_bias": 0.3 * torch.randn(D_SAE),
        "stats_last_nonzero": torch.zeros(D_SAE, dtype=torch.long),
        "latents_activation_frequency": torch.ones(D_SAE),
        "latents_mean_square": torch.zeros(D_SAE),
        "encoder.weight": torch.randn(D_SAE, D_IN),
        # Column-major, as the published files are.
        "decoder.weight": torch.randn(D_SAE, D_IN).T,
        "activation": "ReLU",
        "activation_state_dict": torch.nn.ReLU().state_dict(),
    }
    folder = "openai-relu/resid_delta_mlp/autoencoders"
    (OUT / folder).mkdir(parents=True)
    torch.save(state, OUT / folder / "1.pt")
    acts = torch.relu((x - state["pre_bias"]) @ state["encoder.weight"].T + state["latent_bias"])
    out = acts @ state["decoder.weight"].T + state["pre_bias"]
    case("openai-relu", "OpenAI", "blocks.1.hook_mlp_out", acts, out, state["decoder.weight"].norm(dim=0), folder)


@torch.no_grad()
def transcoders(x):
    """SAELens has ReLU and JumpReLU only, sparsify TopK only."""
    hook = "blocks.1.ln2.hook_normalized"
    for kind, make, config, name in [
        ("transcoder", Transcoder, TranscoderConfig, hook),
        # As circuit-tracer calls the same place.
        ("jumprelu-transcoder", JumpReLUTranscoder, JumpReLUTranscoderConfig, "blocks.1.mlp.hook_in"),
    ]:
        meta = SAEMetadata(model_name="org/nanochat-d4", hook_name=name, hook_name_out="blocks.1.hook_mlp_out")
        coder = fill(make(config(d_in=D_IN, d_sae=D_SAE, d_out=D_IN, apply_b_dec_to_input=False, metadata=meta)))
        coder.save_model(OUT / f"saelens-{kind}")
        acts = coder.encode(x)
        case(f"saelens-{kind}", "SAELens", hook, acts, coder.decode(acts), coder.W_dec.norm(dim=1))
    coder = fill(SparseCoder(D_IN, SparseCoderConfig(num_latents=D_SAE, k=K, transcode=True, normalize_decoder=False)))
    folder = "sparsify-transcoder/layers.1.mlp"
    coder.save_to_disk(OUT / folder)
    top, indices, _ = coder.encode(x)
    acts = torch.zeros(ROWS, D_SAE).scatter_(1, indices, top)
    case("sparsify-transcoder", "sparsify", hook, acts, coder.decode(top, indices), coder.W_dec.norm(dim=1), folder)


def main():
    torch.manual_seed(SEED)
    OUT.mkdir(parents=True)
    x = torch.randn(ROWS, D_IN) * 2
    saelens(x)
    sparsify(x)
    dictionary_learning(x)
    openai(x)
    transcoders(x)
    packages = ["torch", "sae-lens", "eai-sparsify", "dictionary-learning"]
    (OUT / "saes.json").write_text(json.dumps({
        "script": "tests/peers/saelens/write_theirs.py", "seed": SEED, "licence": "random weights, made for this repository",
        "versions": {"python": platform.python_version(), **{name: version(name) for name in packages}},
        "d_in": D_IN, "d_sae": D_SAE, "rows": ROWS, "x": flat(x), "saes": CASES}, indent=1) + "\n")


main()
