#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.10"
# dependencies = ["sae-lens==6.54.12", "filelock", "kernels; sys_platform == 'linux'", "rustbpe", "tiktoken"]
# ///
"""Trains the SAEs of recipe.json with SAELens, on activations of your nanochat checkpoint, read while it runs.

    uv run train_sae.py --nanochat ~/nanochat --checkpoint ~/.cache/nanochat/base_checkpoints/d20

With torchrun each process takes other runs of the recipe (the first of two processes the first, third, ...): they need
not talk to one another, so any number of machines will do. A run whose folder is there already is left out: start it
again after it was cut off. See README.md.
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import re
import sys

import torch
from sae_lens import (
    BatchTopKTrainingSAE, BatchTopKTrainingSAEConfig, GatedTrainingSAE, GatedTrainingSAEConfig,
    JumpReLUTrainingSAE, JumpReLUTrainingSAEConfig, MatryoshkaBatchTopKTrainingSAE,
    MatryoshkaBatchTopKTrainingSAEConfig, StandardTrainingSAE, StandardTrainingSAEConfig,
    TopKTrainingSAE, TopKTrainingSAEConfig)
from sae_lens.config import SAETrainerConfig
from sae_lens.saes.sae import SAEMetadata
from sae_lens.training.mixing_buffer import mixing_buffer
from sae_lens.training.sae_trainer import SAETrainer

# Architectures that keep a number of features, and rows of the decoder of norm 1.
CHOOSING = ("topk", "batchtopk", "matryoshka")
HERE = pathlib.Path(__file__).resolve().parent
RANK, WORLD = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = lambda *names, **more: parser.add_argument(*names, type=pathlib.Path, **more)
    add("--nanochat", required=True, help="your clone of nanochat, of the revision that trained the checkpoint")
    add("--checkpoint", required=True, help="the folder with model_<step>.pt and meta_<step>.json")
    parser.add_argument("--step", type=int, help="of several checkpoints (default: the recipe's, else the latest)")
    add("--tokenizer", help="the folder with tokenizer.pkl (default: looked for around the checkpoint)")
    add("--text", nargs="+", default=[HERE / "text.jsonl"], help=".jsonl or .parquet with a field text, .txt")
    add("--output-dir", default=HERE / "saes")
    parser.add_argument("--sequences", type=int, default=32, help="read in one forward pass")
    return parser.parse_args()


def load_model(args, step, device):
    """As nanochat.checkpoint_manager.build_model, without the tokenizer of its base folder."""
    sys.path.insert(0, str(args.nanochat.expanduser()))
    from nanochat.gpt import GPT, GPTConfig
    from nanochat.tokenizer import RustBPETokenizer

    folder = args.checkpoint.expanduser().resolve()
    steps = sorted(int(re.findall(r"\d+", path.stem)[-1]) for path in folder.glob("model_*.pt"))
    step = args.step or (step if step in steps else steps[-1])
    config = json.loads((folder / f"meta_{step:06d}.json").read_text())["model_config"]
    state = torch.load(folder / f"model_{step:06d}.pt", map_location=device)
    state = {name.removeprefix("_orig_mod."): tensor for name, tensor in state.items()}
    if torch.device(device).type == "cpu":
        state = {name: t.float() if t.dtype == torch.bfloat16 else t for name, t in state.items()}
    with torch.device("meta"):
        model = GPT(GPTConfig(**config))
    model.to_empty(device=device)
    model.init_weights()  # of which only the rotary embeddings stay
    model.load_state_dict(state, strict=True, assign=True)

    places = [args.tokenizer] if args.tokenizer else [
        at / name for at in [folder, *folder.parents[:2]] for name in ("", "tokenizer")]
    found = next((place for place in places if (place.expanduser() / "tokenizer.pkl").exists()), None)
    if found is None:
        sys.exit("no tokenizer.pkl around the checkpoint: give its folder with --tokenizer")
    return model.eval(), RustBPETokenizer.from_directory(str(found.expanduser()))


def documents(paths):
    for path in paths:
        if path.suffix == ".parquet":
            import pyarrow.parquet as parquet

            for group in parquet.ParquetFile(path).iter_batches(columns=["text"]):
                yield from group.column("text").to_pylist()
        elif path.suffix == ".jsonl":
            with open(path, encoding="utf-8") as lines:
                yield from (json.loads(line)["text"] for line in lines)
        else:
            yield path.read_text(encoding="utf-8")


def sequences(docs, bos, length, seed):
    """Documents in another order each time around, <|bos|> before each and at the beginning of every sequence."""
    order, row = random.Random(seed), [bos]
    while True:
        for at in order.sample(range(len(docs)), len(docs)):
            for token in ([] if row == [bos] else [bos]) + docs[at]:
                row.append(token)
                if len(row) == length:
                    yield row
                    row = [bos]


class Reached(Exception):
    """What lies behind the hook need not be computed."""


def reader(model, hook):
    """A function of token ids [n, t] that gives what stands at the hook point, [n, t, d_in], and its hooks."""
    layer, site = re.fullmatch(r"blocks\.(\d+)\.(hook_\w+)", hook).groups()
    block, seen = model.transformer.h[int(layer)], {}

    def keep(value):
        seen["value"] = value
        raise Reached

    if site == "hook_resid_pre":
        hooks = [block.register_forward_pre_hook(lambda _, inputs: keep(inputs[0]))]
    elif site == "hook_resid_mid":
        hooks = [block.register_forward_pre_hook(lambda _, inputs: seen.update(before=inputs[0])),
                 block.attn.register_forward_hook(lambda _m, _i, out: keep(seen["before"] + out))]
    else:
        module = {"hook_resid_post": block, "hook_mlp_out": block.mlp, "hook_attn_out": block.attn}[site]
        hooks = [module.register_forward_hook(lambda _m, _i, out: keep(out))]

    @torch.no_grad()
    def read(ids):
        try:
            model(ids)
        except Reached:
            return seen.pop("value")
        raise RuntimeError(f"{hook} was not reached")

    return read, hooks


def activations(read, rows, special, o):
    """Rows of counted tokens, [many, d_in]: no special ones. Many at a time, since SAELens' buffer copies itself."""
    while True:
        pieces, count = [], 0
        while count < o["least"]:
            ids = torch.tensor([next(rows) for _ in range(o["sequences"])], device=o["device"])
            acts = read(ids)[~torch.isin(ids, special)].float()
            pieces.append(acts)
            count += len(acts)
        yield torch.cat(pieces)


def make_sae(c, metadata, device):
    """The recipe in SAELens' words. What is done for dead features is SAELens' own."""
    shared = {
        "d_in": c["d_in"], "d_sae": c["d_sae"], "apply_b_dec_to_input": c["applyBDecToInput"], "device": device,
        "normalize_activations": "expected_average_only_in", "metadata": metadata,
    }
    kind = c["architecture"]
    if kind in CHOOSING:
        shared["decoder_init_norm"] = 1.0
    if kind == "topk":
        return TopKTrainingSAE(TopKTrainingSAEConfig(**shared, k=c["k"]))
    if kind == "batchtopk":
        return BatchTopKTrainingSAE(BatchTopKTrainingSAEConfig(
            **shared, k=c["k"], topk_threshold_lr=c["thresholdRate"]))
    if kind == "matryoshka":
        return MatryoshkaBatchTopKTrainingSAE(MatryoshkaBatchTopKTrainingSAEConfig(
            **shared, k=c["k"], matryoshka_widths=list(c["widths"]), topk_threshold_lr=c["thresholdRate"]))
    if kind == "relu":
        return StandardTrainingSAE(StandardTrainingSAEConfig(
            **shared, l1_coefficient=c["l1Coefficient"], l1_warm_up_steps=c["l1WarmupSteps"]))
    if kind == "gated":
        return GatedTrainingSAE(GatedTrainingSAEConfig(
            **shared, l1_coefficient=c["l1Coefficient"], l1_warm_up_steps=c["l1WarmupSteps"]))
    if kind == "jumprelu":
        return JumpReLUTrainingSAE(JumpReLUTrainingSAEConfig(
            **shared, jumprelu_sparsity_loss_mode=c["mode"], l0_coefficient=c["sparsityCoefficient"],
            l0_warm_up_steps=c["sparsityWarmupSteps"], jumprelu_bandwidth=c["bandwidth"],
            jumprelu_init_threshold=c["initialThreshold"], pre_act_loss_coefficient=c["preActCoefficient"] or None,
            target_l0=c["targetL0"]))
    sys.exit(f"SAELens trains no {kind}")


def keep_unit_rows(trainer):
    step = trainer.step

    def unit_step(batch):
        output = step(batch)
        with torch.no_grad():
            rows = trainer.sae.W_dec.data
            rows /= rows.norm(dim=1, keepdim=True)
        return output

    trainer.step = unit_step


def train(c, recipe, read, rows, special, o):
    torch.manual_seed(c["initSeed"])
    metadata = SAEMetadata(
        model_name=recipe["model"]["name"], model_class_name="AutoModelForCausalLM", hook_name=c["hookPoint"],
        hf_hook_name=c["hfHookName"], context_size=c["contextSize"], prepend_bos=True, exclude_special_tokens=True,
        dataset_path=recipe["text"]["name"],
        nanoscope={"version": recipe["version"], "modelId": recipe["model"]["id"], "tokens": c["tokens"]})
    sae = make_sae(c, metadata, o["device"])
    size = c["batchSize"]
    steps = max(1, c["tokens"] // size)
    ring = max(c["ringRows"], size)
    loader = activations(read, rows, special, {**o, "least": max(size, ring // 4, c["calibrationTokens"])})
    sample = next(loader)
    trainer = SAETrainer(
        cfg=SAETrainerConfig(
            total_training_samples=steps * size, train_batch_size_samples=size, device=o["device"],
            lr=c["lr"], lr_warm_up_steps=c["warmupSteps"], lr_decay_steps=c["decaySteps"], lr_end=c["lr"],
            adam_beta1=float(c["adamBeta1"]), adam_beta2=float(c["adamBeta2"]),
            dead_feature_window=max(1, c["deadAfterTokens"] // size)),
        sae=sae, data_provider=mixing_buffer(ring, size, itertools.chain([sample], loader)))
    # fit() keeps a factor that is set; its own estimate would not give the mean.
    trainer.activation_scaler.scaling_factor = c["d_in"] ** 0.5 / sample.norm(dim=-1).mean().item()
    if c["architecture"] in CHOOSING:
        sae.b_dec.data = sample.mean(0) * trainer.activation_scaler.scaling_factor
        keep_unit_rows(trainer)
    trainer.fit()
    sae.cfg.normalize_activations = "none"  # fit() has folded the factor into the weights
    return sae


def main():
    args = arguments()
    recipe = json.loads((HERE / "recipe.json").read_text(encoding="utf-8"))
    mine = [c for c in recipe["runs"][RANK::WORLD] if not (args.output_dir / c["name"] / "cfg.json").exists()]
    if not mine:
        return print(f"process {RANK} of {WORLD}: nothing to do")
    device = f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if torch.cuda.is_available() else "cpu"
    model, tokenizer = load_model(args, recipe["model"]["step"], device)
    bos = tokenizer.get_bos_token_id()
    special = torch.tensor(
        sorted(tokenizer.encode_special(name) for name in tokenizer.get_special_tokens()), device=device)
    docs = [tokenizer.encode(text) for text in documents(args.text)]
    print(f"process {RANK} of {WORLD} on {device}: {len(docs)} documents, {sum(map(len, docs))} tokens, {len(mine)} runs")
    for c in mine:
        rows = sequences(docs, bos, c["contextSize"], c["seed"])
        read, hooks = reader(model, c["hookPoint"])
        sae = train(c, recipe, read, rows, special, {"device": device, "sequences": args.sequences})
        for hook in hooks:
            hook.remove()
        # Under its name only when it is whole.
        unfinished = args.output_dir / f".{c['name']}"
        sae.save_inference_model(unfinished)
        unfinished.rename(args.output_dir / c["name"])
        print(f"{args.output_dir / c['name']}: trained")


main()
