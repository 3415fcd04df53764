"""Ten training steps of TopK, and of a transcoder, with AuxK by PyTorch autograd and torch.optim.Adam, in float64.

Writes tests/fixtures/topk_step.json and transcoder_step.json: configuration, inputs, and what came out. An independent peer of
src/core/reference/saeTrainStep.ts and of the WGSL trainer: gradients are autograd's, Adam is torch's.

    python tests/peers/topk_step.py        (torch 2.x, CPU)
"""

import json
import pathlib
import platform

import torch

SEED = 20240604
CONFIG = {
    "d_in": 12, "d_sae": 36, "k": 3, "batchSize": 16, "tokens": 160,
    "lr": 0.01, "warmupSteps": 3, "decaySteps": 4,
    "adamBeta1": 0.9, "adamBeta2": 0.999, "adamEps": 6.25e-10,
    "auxKScale": 0.5, "k_aux": 4, "deadAfterTokens": 32,
}
FIXTURES = pathlib.Path(__file__).parent.parent / "fixtures"


def learning_rate(step):
    total = CONFIG["tokens"] // CONFIG["batchSize"]
    warm = min(1.0, (step + 1) / CONFIG["warmupSteps"])
    return CONFIG["lr"] * warm * min(1.0, (total - step) / CONFIG["decaySteps"])


def short(tensor, digits):
    """Flat list with few digits: what is written is what is computed with."""
    return [round(value, digits) for value in tensor.flatten().tolist()]


def inputs(generator):
    d_in, rows = CONFIG["d_in"], CONFIG["tokens"]
    directions = torch.randn(18, d_in, generator=generator, dtype=torch.float64)
    strength = torch.rand(rows, 18, generator=generator, dtype=torch.float64)
    strength = strength * (torch.rand(rows, 18, generator=generator, dtype=torch.float64) < 0.15)
    offset = torch.randn(d_in, generator=generator, dtype=torch.float64)
    # Multiples of 1/64 below 32: exact in f16, which is how the activation ring holds them.
    return torch.round((strength @ directions + offset) * 64) / 64


def targets(x_all, generator):
    """What a transcoder is to rebuild: some other function of what it reads."""
    d_in = CONFIG["d_in"]
    wide = torch.randn(d_in, 2 * d_in, generator=generator, dtype=torch.float64)
    back = torch.randn(2 * d_in, d_in, generator=generator, dtype=torch.float64)
    return torch.round((((x_all @ wide).relu() / 4) @ back / 4 + 0.5) * 64) / 64


def train(is_transcoder):
    generator = torch.Generator().manual_seed(SEED)
    d_in, d_sae, batch = CONFIG["d_in"], CONFIG["d_sae"], CONFIG["batchSize"]
    x_all = inputs(generator)
    y_all = targets(x_all, generator) if is_transcoder else x_all
    variance = (y_all - y_all.mean(0)).pow(2).sum(1).mean().item()
    start = torch.nn.functional.normalize(
        torch.randn(d_sae, d_in, generator=generator, dtype=torch.float64), dim=1)
    start = torch.tensor(short(start, 5), dtype=torch.float64).view(d_sae, d_in)
    b_dec_start = torch.tensor(short(y_all.mean(0), 5), dtype=torch.float64)

    w_dec = torch.nn.Parameter(start / start.norm(dim=1, keepdim=True))
    w_enc = torch.nn.Parameter(w_dec.detach().T.clone())
    b_enc = torch.nn.Parameter(torch.zeros(d_sae, dtype=torch.float64))
    b_dec = torch.nn.Parameter(b_dec_start.clone())
    optimiser = torch.optim.Adam(
        [w_enc, b_enc, w_dec, b_dec], betas=(CONFIG["adamBeta1"], CONFIG["adamBeta2"]),
        eps=CONFIG["adamEps"], weight_decay=0.0)
    since = torch.zeros(d_sae, dtype=torch.int64)
    steps = []
    for step in range(CONFIG["tokens"] // batch):
        x, y = (rows[step * batch:(step + 1) * batch] for rows in (x_all, y_all))
        dead = since >= CONFIG["deadAfterTokens"]
        # Of a transcoder b_dec belongs to another space than what is read.
        h = (x if is_transcoder else x - b_dec) @ w_enc + b_enc
        top = h.topk(CONFIG["k"], dim=1)
        f = torch.zeros_like(h).scatter(1, top.indices, top.values.relu())
        e = y - (f @ w_dec + b_dec)
        mse = e.pow(2).sum(1).mean()
        aux = torch.zeros((), dtype=torch.float64)
        silent = 0
        if dead.any():
            target = e.detach()
            masked = h.masked_fill(~dead, -torch.inf)
            kept = masked.topk(min(CONFIG["k_aux"], int(dead.sum())), dim=1)
            a = torch.zeros_like(h).scatter(1, kept.indices, kept.values.relu())
            spread = (target - target.mean(0)).pow(2).sum(1).mean()
            aux = CONFIG["auxKScale"] * (a @ w_dec - target).pow(2).sum(1).mean() / spread
            silent = int((a > 0).sum(1).eq(0).sum())
        loss = mse / variance + aux
        optimiser.zero_grad()
        loss.backward()
        with torch.no_grad():
            unit = w_dec / w_dec.norm(dim=1, keepdim=True)
            w_dec.grad -= (w_dec.grad * unit).sum(1, keepdim=True) * unit
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step)
        optimiser.step()
        with torch.no_grad():
            w_dec /= w_dec.norm(dim=1, keepdim=True)
        fired = (f > 0).any(0)
        since = torch.where(fired, torch.zeros_like(since), since + batch)
        steps.append({
            "step": step, "loss": loss.item(), "mse": mse.item(), "auxLoss": aux.item(),
            "l0": (f > 0).sum(1).double().mean().item(), "auxSilent": silent,
            "deadCount": int((since >= CONFIG["deadAfterTokens"]).sum()),
        })

    fixture = {
        "source": {
            "script": "tests/peers/topk_step.py", "seed": SEED, "torch": torch.__version__,
            "python": platform.python_version(), "dtype": "float64",
            "licence": "generated by this repository, MIT",
            "layout": "x [tokens, d_in]; W_enc, W_dec [d_sae, d_in] (latent-major); "
                      "start.W_dec is to be normalised by row and copied to W_enc, b_enc is 0",
        },
        "config": CONFIG,
        "variance": variance,
        "x": x_all.flatten().tolist(),
        **({"y": y_all.flatten().tolist()} if is_transcoder else {}),
        "start": {"W_dec": short(start, 5), "b_dec": short(b_dec_start, 5)},
        "steps": steps,
        "end": {
            "W_enc": short(w_enc.detach().T, 9), "b_enc": short(b_enc.detach(), 9),
            "W_dec": short(w_dec.detach(), 9), "b_dec": short(b_dec.detach(), 9),
            "tokensSinceFired": since.tolist(),
        },
    }
    name = "transcoder_step" if is_transcoder else "topk_step"
    (FIXTURES / f"{name}.json").write_text(json.dumps(fixture) + "\n")
    for line in steps:
        print(line)


if __name__ == "__main__":
    train(False)
    train(True)
