"""Small models of every nanochat revision, run by upstream's own gpt.py of that day, in f32 on the CPU.

    git clone https://github.com/karpathy/nanochat /tmp/nanochat
    python tests/peers/revision_goldens.py /tmp/nanochat [name …]      (torch 2.5 or newer, CPU)

Takes nanochat/gpt.py (and flash_attention.py, whose SDPA path states the windows) from the clone's history at
the commits below, into a temporary folder; nothing of them is kept. Writes tests/fixtures/revisions/<name>/:
model_000000.pt.gz (torch.save of the state dict), meta_000000.json, golden.safetensors (every hook and the
logits at a few rows) and note.json (seed, versions, commit, token ids, greedy continuation).

Every parameter is drawn here, upstream's zeros too, or half the model would not show. Weights are sparse and
of few levels so that the files compress; the arithmetic does not know.
"""

import contextlib
import gzip
import importlib.util
import io
import json
import math
import pathlib
import platform
import struct
import subprocess
import sys
import tempfile
import types

import torch

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "revisions"
GREEDY = 100
#: the least distance of the two best logits: far above any difference of rounding
MARGIN = 0.02

R1, R1_PADDED = "3a5e0bc50b123f37220f1ace6813f080455d19f3", "f1bf69d56290fb82788f0f7f7b70a7eaa484d1ec"
R2, R2_WINDOWS = "aa530cdad58123ebfb79ab85d996c4641cfc6c90", "fbc1484e8c2582325e8daa1c1a5000f17aed69e7"
R3 = "e85db6b4a4351eb562bec220b3bbcaad28be6722"
R4 = "6ed7d1d82cee16c2e26f45d559ad3338447a6c1b"
R5 = "a825e63f81e62e2e9fd38655e9b2e39417620545"


def model(revision, commit, save, length, layers, heads, kv_heads, d_head, n_ctx, vocab, pattern=None):
    config = {"sequence_len": n_ctx, "vocab_size": vocab, "n_layer": layers, "n_head": heads,
              "n_kv_head": kv_heads, "n_embd": heads * d_head}
    if pattern is not None:
        config["window_pattern"] = pattern
    return {"revision": revision, "commit": commit, "save": save, "length": length, "config": config}


# save: dtype of the file. "mixed" is nanochat's own: embeddings bf16, the rest f32; "compiled" is f32 with
# torch.compile's prefix. length: tokens of the text, past the short window where there is one.
MODELS = {
    "r1-unpadded": model("r1", R1, "mixed", 139, 3, 2, 1, 64, 140, 203),
    "r1-padded": model("r1", R1_PADDED, "f32", 130, 2, 1, 1, 128, 144, 130),
    "r2-plain": model("r2", R2, "compiled", 130, 2, 1, 1, 128, 150, 203),
    "r2-windows": model("r2", R2_WINDOWS, "mixed", 131, 3, 4, 2, 32, 131, 150, "SLS"),
    "r3-grouped": model("r3", R3, "bf16", 131, 3, 2, 1, 64, 133, 203, "S"),
    "r3-wide-head": model("r3", R3, "compiled", 140, 2, 1, 1, 128, 160, 130, "SL"),
    "r4-grouped": model("r4", R4, "mixed", 300, 3, 2, 1, 64, 390, 203, "SL"),
    "r4-wide-head": model("r4", R4, "bf16", 180, 2, 1, 1, 128, 300, 130, "S"),
    "r5-grouped": model("r5", R5, "compiled", 180, 3, 2, 1, 64, 390, 203, "SLS"),
    "r5-wide-head": model("r5", R5, "mixed", 180, 2, 1, 1, 128, 260, 130, "SSSL"),
}


def git_show(clone, commit, path):
    command = ["git", "-C", str(clone), "show", f"{commit}:{path}"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def stub(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def upstream(clone, commit, folder):
    """gpt.py of that commit as a module; optimisers and process groups are stubs, attention is upstream's."""
    stub("nanochat")
    stub("nanochat.common", COMPUTE_DTYPE=torch.float32, print0=lambda *_: None,
         get_dist_info=lambda: (False, 0, 0, 1))
    for name in ("muon", "adamw", "optim"):
        kinds = ("Muon", "DistMuon", "DistAdamW", "MuonAdamW", "DistMuonAdamW")
        stub(f"nanochat.{name}", **dict.fromkeys(kinds))
    # r2's windows came five days before the module with the fallback for a CPU: take its first version.
    attention = commit if commit in (R4, R5) else R3
    path = pathlib.Path(folder) / "flash_attention.py"
    path.write_bytes(git_show(clone, attention, "nanochat/flash_attention.py"))
    flash = load("nanochat.flash_attention", path).flash_attn
    stub("kernels", get_kernel=lambda _: types.SimpleNamespace(flash_attn_interface=flash))
    path = pathlib.Path(folder) / "gpt.py"
    path.write_bytes(git_show(clone, commit, "nanochat/gpt.py"))
    return load("nanochat.gpt", path)


def draw(shape, gain, share, generator):
    """Few levels, `share` of them not 0, of about variance gain² / fan_in: times a power of two, so that
    their f32 are mostly zero bytes."""
    levels = torch.tensor([-1.5, -1.0, 1.0, 1.5])[torch.randint(4, shape, generator=generator)]
    kept = torch.rand(shape, generator=generator) < share
    scale = gain / (1.625 * share * shape[-1]) ** 0.5
    return levels * kept * 2.0 ** round(math.log2(scale)) + 0.0  # no -0


def randomise(gpt, generator):
    with torch.no_grad():
        for name, parameter in gpt.named_parameters():
            if parameter.dim() == 1:
                value = 0.4 + 0.8 * torch.rand(parameter.shape, generator=generator)
            elif "gate" in name:
                value = torch.randn(parameter.shape, generator=generator) * 0.5
            elif "wte" in name:
                value = draw(parameter.shape, 10.0, 0.15, generator)
            elif "value_embeds" in name:
                value = draw(parameter.shape, parameter.shape[-1] ** 0.5, 0.1, generator)
            else:
                gain = 5.0 if "lm_head" in name else 0.7 if "mlp.c_proj" in name else 1.6
                value = draw(parameter.shape, gain, 0.05, generator)
            parameter.copy_(value)


def is_saved_as_bf16(save, name):
    return save == "bf16" or (save == "mixed" and ("wte" in name or "value_embeds" in name))


def make(module, spec, seed):
    """The model in f32, its parameters as its file will hold them; rotary tables as upstream makes them."""
    gpt = module.GPT(module.GPTConfig(**spec["config"]))
    gpt = gpt.float().eval()
    d_head = gpt.config.n_embd // gpt.config.n_head
    gpt.cos, gpt.sin = gpt._precompute_rotary_embeddings(gpt.rotary_seq_len, d_head)
    randomise(gpt, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        for name, parameter in gpt.named_parameters():
            if is_saved_as_bf16(spec["save"], name):
                parameter.copy_(parameter.bfloat16().float())
    return gpt


def greedy(gpt, prompt):
    """Upstream's full recomputation for each token. → ids, the smallest distance of the two best logits"""
    ids, margin = list(prompt), float("inf")
    for _ in range(GREEDY):
        best = gpt(torch.tensor([ids]))[0, -1].topk(2)
        margin = min(margin, (best.values[0] - best.values[1]).item())
        ids.append(best.indices[0].item())
    return ids[len(prompt):], margin


def capture(gpt, ids):
    """Every hook of every layer and the logits, [T, width]."""
    seen, hooks = {}, []
    for i, block in enumerate(gpt.transformer.h):
        def keep(what, layer=i):
            return lambda _, given, out: seen.update({f"blocks.{layer}.{what}": out[0]})
        def before(_, given, layer=i):
            seen[f"blocks.{layer}.hook_resid_pre"] = given[0][0]
        hooks.append(block.register_forward_pre_hook(before))
        hooks.append(block.attn.register_forward_hook(keep("hook_attn_out")))
        hooks.append(block.mlp.register_forward_hook(keep("hook_mlp_out")))
        hooks.append(block.register_forward_hook(keep("hook_resid_post")))
    logits = gpt(torch.tensor([ids]))[0]
    for hook in hooks:
        hook.remove()
    for i in range(len(gpt.transformer.h)):
        at = f"blocks.{i}."
        seen[f"{at}hook_resid_mid"] = seen[f"{at}hook_resid_pre"] + seen[f"{at}hook_attn_out"]
    return {**dict(sorted(seen.items())), "logits": logits}


def windows(gpt):
    """Tokens before the query's own that each layer sees; no windows before r2's second day."""
    sizes = getattr(gpt, "window_sizes", None)
    return None if sizes is None else [left for left, _ in sizes]


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write_checkpoint(folder, spec, gpt):
    prefix = "_orig_mod." if spec["save"] == "compiled" else ""
    state = {prefix + name: (value.bfloat16() if is_saved_as_bf16(spec["save"], name) else value)
             for name, value in gpt.state_dict().items()}
    file = io.BytesIO()
    torch.save(state, file)
    (folder / "model_000000.pt.gz").write_bytes(gzip.compress(file.getvalue(), 9, mtime=0))
    meta = {"step": 0, "val_bpb": None, "model_config": spec["config"]}
    (folder / "meta_000000.json").write_text(json.dumps(meta) + "\n")


def search_seed(module, spec):
    """The first seed whose greedy text hangs on no rounding and says more than a few words."""
    prompt_length = spec["length"] - GREEDY
    for seed in range(1, 400):
        gpt = make(module, spec, seed)
        numbers = torch.Generator().manual_seed(1000 + seed)
        ids = torch.randint(spec["config"]["vocab_size"], (spec["length"],), generator=numbers).tolist()
        continuation, margin = greedy(gpt, ids[:prompt_length])
        if margin > MARGIN and len(set(continuation)) >= 8:
            return seed, gpt, ids, continuation, margin
    raise SystemExit(f"no seed serves: {spec}")


def write(name, spec, clone):
    with tempfile.TemporaryDirectory() as scratch:
        module = upstream(clone, spec["commit"], scratch)
    seed, gpt, ids, continuation, margin = search_seed(module, spec)
    sizes = windows(gpt)
    edge = spec["length"] // 2 if sizes is None else min(sizes)
    rows = sorted({0, 1, edge, edge + 1, edge + 2, spec["length"] - 1} & set(range(spec["length"])))
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    write_checkpoint(folder, spec, gpt)
    seen = capture(gpt, ids)
    write_safetensors(folder / "golden.safetensors", {key: x[rows] for key, x in seen.items()})
    note = {
        "source": {"script": "tests/peers/revision_goldens.py", "upstream": "karpathy/nanochat",
                   "commit": spec["commit"], "seed": seed, "torch": torch.__version__,
                   "python": platform.python_version(), "dtype": "float32, CPU", "saved_as": spec["save"],
                   "licence": "weights and numbers generated by this repository, MIT"},
        "revision": spec["revision"], "windows": sizes, "rotary_dtype": str(gpt.cos.dtype),
        "token_ids": ids, "rows": rows, "prompt_length": spec["length"] - GREEDY,
        "greedy_ids": continuation, "smallest_margin": margin,
    }
    (folder / "note.json").write_text(json.dumps(note) + "\n")
    size = sum(file.stat().st_size for file in folder.iterdir())
    largest = {key.split(".")[-1]: f"{x.abs().max():.1f}" for key, x in seen.items()}
    print(name, f"seed {seed}, {size} bytes, margin {margin:.3f}, {len(set(continuation))} words",
          sizes, gpt.cos.dtype, largest, flush=True)


def main():
    clone, *names = sys.argv[1:]
    with torch.inference_mode(), contextlib.suppress(BrokenPipeError):
        for name in names or MODELS:
            write(name, MODELS[name], clone)


if __name__ == "__main__":
    main()
