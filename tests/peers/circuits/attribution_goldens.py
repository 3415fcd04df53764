"""Edges of attribution graphs by PyTorch's autograd, in float64, of the frozen model of docs/design/circuits.md 2.

    python tests/peers/circuits/attribution_goldens.py          (torch 2.5 or newer, CPU, numpy)

The forward pass is written anew from docs/design/nanochat.md; patterns, norm scales, gates, smear and the activations
of transcoders are detached, every source is multiplied by a 1 that has a gradient, and that gradient is the edge.
Reads the checkpoints of tests/fixtures/revisions; transcoders come from a formula that the test knows, too. Writes
tests/fixtures/circuits/<name>.json: three rows of edges.
"""

import gzip
import io
import json
import pathlib
import platform

import torch

FIXTURES = pathlib.Path(__file__).parents[2] / "fixtures"
OUT = FIXTURES / "circuits"
NAMES = ["r1-padded", "r2-plain", "r3-grouped", "r4-grouped", "r5-grouped"]
LENGTH = 16
D_SAE, K = 24, 3
EPS = 1.1920929e-7
#: rotary base, bf16 tables, scale of q and k, factor of the value embedding's gate
REVISIONS = {
    "r1": (1e4, True, 1.0, None),
    "r2": (1e4, True, 1.0, None),
    "r3": (1e4, True, 1.0, 2.0),
    "r4": (1e5, False, 1.15, 3.0),
    "r5": (1e5, False, 1.2, 3.0),
}


def pattern(count, seed, scale):
    """Numbers between -scale and scale that look random: (i + 1)(seed + 7) 7919 mod 2003."""
    i = torch.arange(count, dtype=torch.int64)
    mixed = ((i + 1) * (seed + 7) * 7919 + (i * i) % 1999 * 31) % 2003
    return (mixed.double() / 1001.0 - 1.0).mul(scale).float()


def transcoder(layer, width):
    seed = 10 * layer
    return {
        "W_enc": pattern(width * D_SAE, seed, 0.2).view(width, D_SAE).double(),
        "b_enc": pattern(D_SAE, seed + 1, 0.1).double(),
        "W_dec": pattern(D_SAE * width, seed + 2, 0.3).view(D_SAE, width).double(),
        "b_dec": pattern(width, seed + 3, 0.1).double(),
    }


def scale_of(x):
    return (x.pow(2).mean(-1, keepdim=True) + EPS).rsqrt()


def rotary(length, d_head, base, is_bf16):
    exponent = (torch.arange(d_head // 2, dtype=torch.float32) * 2 / d_head).double()
    frequency = (1.0 / (base**exponent).float()).float()
    angle = (torch.arange(length, dtype=torch.float32)[:, None] * frequency).double()
    cos, sin = angle.cos().float(), angle.sin().float()
    if is_bf16:
        cos, sin = cos.bfloat16(), sin.bfloat16()
    return cos.double(), sin.double()


def rotate(x, cos, sin, scale):
    a, b = x.chunk(2, -1)
    y = torch.cat([a * cos[:, None] + b * sin[:, None], b * cos[:, None] - a * sin[:, None]], -1)
    return y * scale_of(y) * scale


def ones(*shape):
    return torch.ones(*shape, dtype=torch.float64, requires_grad=True)


def run(name):
    folder = FIXTURES / "revisions" / name
    config = json.loads((folder / "meta_000000.json").read_text())["model_config"]
    ids = torch.tensor(json.loads((folder / "note.json").read_text())["token_ids"][:LENGTH])
    file = io.BytesIO(gzip.decompress((folder / "model_000000.pt.gz").read_bytes()))
    w = {key.removeprefix("_orig_mod."): value.double() for key, value in torch.load(file, weights_only=True).items()}
    base, is_bf16, qk_scale, gate_scale = REVISIONS[name[:2]]
    layers, heads, kv_heads, width = (config[key] for key in ["n_layer", "n_head", "n_kv_head", "n_embd"])
    d_head = width // heads
    cos, sin = rotary(LENGTH, d_head, base, is_bf16)
    causal = torch.ones(LENGTH, LENGTH, dtype=torch.bool).tril()

    tokens = ones(LENGTH)
    embed = w["transformer.wte.weight"][ids]
    x = embed * scale_of(embed) * tokens[:, None]
    if "smear_gate.weight" in w:
        channels = w["smear_gate.weight"].shape[1]
        gate = w["smear_lambda"] * torch.sigmoid(x[:, :channels] @ w["smear_gate.weight"].T)
        shifted = torch.cat([torch.zeros_like(x[:1]), x[:-1]])
        x = x + gate.detach() * shifted
    x0, kept = x, None
    errors, value_embeddings, latents, targets = [], [], [], []
    for layer in range(layers):
        if "resid_lambdas" in w:
            x = w["resid_lambdas"][layer] * x + w["x0_lambdas"][layer] * x0
        block = f"transformer.h.{layer}."
        n = x * scale_of(x).detach()
        frozen = n.detach()
        q, k = ((frozen @ w[f"{block}attn.c_{part}.weight"].T).view(LENGTH, -1, d_head) for part in "qk")
        v = (n @ w[f"{block}attn.c_v.weight"].T).view(LENGTH, kv_heads, d_head)
        given = ones(LENGTH)
        value_embeddings.append(given)
        if f"value_embeds.{layer}.weight" in w:
            gate = w[f"{block}attn.ve_gate.weight"]
            share = gate_scale * torch.sigmoid(frozen[:, : gate.shape[1]] @ gate.T)
            table = w[f"value_embeds.{layer}.weight"][ids].view(LENGTH, kv_heads, d_head)
            v = v + given[:, None, None] * share[..., None] * table
        q, k = rotate(q, cos, sin, qk_scale), rotate(k, cos, sin, qk_scale)
        repeat = heads // kv_heads
        k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
        scores = torch.einsum("thd,jhd->htj", q, k) / d_head**0.5
        shares = scores.masked_fill(~causal, float("-inf")).softmax(-1).detach()
        mixed = torch.einsum("htj,jhd->thd", shares, v).reshape(LENGTH, width)
        x = x + mixed @ w[f"{block}attn.c_proj.weight"].T

        n = x * scale_of(x).detach()
        t = transcoder(layer, width)
        pre = n @ t["W_enc"] + t["b_enc"]
        top = pre.detach().topk(K, -1)
        found = [(p, int(i)) for p in range(1, LENGTH) for i, h in zip(top.indices[p], top.values[p]) if h > 0]
        hidden = (n.detach() @ w[f"{block}mlp.c_fc.weight"].T).relu().square()
        written = hidden @ w[f"{block}mlp.c_proj.weight"].T
        left = written - t["b_dec"]
        rows = []
        for position, index in found:
            one = ones(1)
            targets.append((layer, position, index, pre[position, index]))
            latents.append((layer, position, index, one))
            act = pre[position, index].detach() * t["W_dec"][index]
            left[position] -= act
            rows.append((position, one * act))
        share = ones(LENGTH)
        errors.append(share)
        x = x + t["b_dec"] + share[:, None] * left
        for position, row in rows:
            x = x.index_add(0, torch.tensor([position]), row[None])
        if layer == layers // 2:
            kept = x
    if "backout_lambda" in w:
        x = x - w["backout_lambda"] * kept
    end = x * scale_of(x).detach()
    unembed = w["lm_head.weight"][: config["vocab_size"]]
    logit = end[-1] @ (unembed[5] - unembed.mean(0))

    # The last latent of the last block, one of the middle of the prompt, and a logit.
    last = targets[-1]
    middle = next(one for one in targets if one[0] == layers - 1 and one[1] == LENGTH // 2)
    sources = [one for *_, one in latents] + errors + value_embeddings + [tokens]
    rows = []
    for target, value in [(last[:3], last[3]), (middle[:3], middle[3]), (None, logit)]:
        grads = torch.autograd.grad(value, sources, retain_graph=True, allow_unused=True)
        flat = [0.0 * s if g is None else g for g, s in zip(grads, sources)]
        numbers = torch.cat([part.detach().reshape(-1) for part in flat])
        rows.append({"target": target, "value": value.item(), "edges": [float(f"{e:.7g}") for e in numbers.tolist()]})
    return {
        "script": "tests/peers/circuits/attribution_goldens.py",
        "seed": "transcoders by formula, checkpoint of tests/fixtures/revisions",
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
        "licence": "MIT, as this project",
        "tokenIds": ids.tolist(),
        "d_sae": D_SAE,
        "k": K,
        "latents": [one[:3] for one in latents],
        "rows": rows,
    }


OUT.mkdir(exist_ok=True)
for one in NAMES:
    text = json.dumps(run(one))
    (OUT / f"{one}.json").write_text(text + "\n")
    print(one, len(text))
