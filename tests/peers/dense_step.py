"""Ten training steps of ReLU-L1, Gated and JumpReLU (tanh, quadratic, step) by PyTorch autograd,
torch.nn.utils.clip_grad_norm_ and torch.optim.Adam, in float64.

Writes tests/fixtures/dense_step.json: inputs once, and per case its configuration, start and what came
out. An independent peer of src/core/reference/denseTrainStep.ts and of the WGSL kernels: JumpReLU's
straight-through estimators are autograd Functions, everything else autograd itself.

    python tests/peers/dense_step.py        (torch 2.x, CPU)
"""

import json
import pathlib
import platform

import torch

SEED = 20240719
D_IN, D_SAE, ROWS, STEPS = 13, 29, 17, 10
DEAD_AFTER = 34
F64 = torch.float64
OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "dense_step.json"

CASES = [
    {"name": "relu", "kind": "relu", "decoderNorm": "free", "applyBDecToInput": True,
     "penalty": 0.4, "beta1": 0.9, "warmup": 4},
    {"name": "relu, unit norm", "kind": "relu", "decoderNorm": "unit", "applyBDecToInput": True,
     "penalty": 0.4, "beta1": 0.9, "warmup": 4},
    {"name": "gated", "kind": "gated", "decoderNorm": "unit", "applyBDecToInput": True,
     "penalty": 0.3, "beta1": 0.0, "warmup": 4},
    {"name": "jumprelu, tanh", "kind": "jumprelu", "mode": "tanh", "decoderNorm": "free",
     "applyBDecToInput": False, "penalty": 0.6, "beta1": 0.9, "warmup": 10, "bandwidth": 2.0,
     "threshold": 0.1, "tanhScale": 4.0, "targetL0": 3.0, "preActPenalty": 0.05},
    {"name": "jumprelu, quadratic", "kind": "jumprelu", "mode": "quadratic", "decoderNorm": "unit",
     "applyBDecToInput": False, "penalty": 2.0, "beta1": 0.9, "warmup": 4, "bandwidth": 0.5,
     "threshold": 0.1, "tanhScale": 4.0, "targetL0": 3.0, "preActPenalty": 0.0},
    {"name": "jumprelu, step, centred", "kind": "jumprelu", "mode": "step", "decoderNorm": "unit",
     "applyBDecToInput": True, "penalty": 0.5, "beta1": 0.0, "warmup": 4, "bandwidth": 0.3,
     "threshold": 0.05, "tanhScale": 4.0, "targetL0": 3.0, "preActPenalty": 0.05},
]
OPTIMISER = {"lr": 0.01, "beta2": 0.999, "eps": 1e-8}


def rect(z):
    return ((z > -0.5) & (z < 0.5)).to(z.dtype)


class Jump(torch.autograd.Function):
    """h·1[h > T]; dT by the rectangle (2407.14435, eq. 11)."""

    @staticmethod
    def forward(ctx, h, T, bandwidth):
        ctx.save_for_backward(h, T)
        ctx.bandwidth = bandwidth
        return h * (h > T)

    @staticmethod
    def backward(ctx, grad):
        h, T = ctx.saved_tensors
        window = rect((h - T) / ctx.bandwidth)
        return grad * (h > T), (grad * -(T / ctx.bandwidth) * window).sum(0), None


class Step(torch.autograd.Function):
    """1[h > T]; dT by the rectangle (eq. 12), nothing to h."""

    @staticmethod
    def forward(ctx, h, T, bandwidth):
        ctx.save_for_backward(h, T)
        ctx.bandwidth = bandwidth
        return (h > T).to(h.dtype)

    @staticmethod
    def backward(ctx, grad):
        h, T = ctx.saved_tensors
        return None, (grad * (-1 / ctx.bandwidth) * rect((h - T) / ctx.bandwidth)).sum(0), None


def short(tensor, digits):
    """Flat list with few digits: what is written is what is computed with."""
    return [round(value, digits) for value in tensor.flatten().tolist()]


def rounded(tensor, digits=5):
    return torch.tensor(short(tensor, digits), dtype=F64).view(tensor.shape)


def inputs(generator):
    directions = torch.randn(18, D_IN, generator=generator, dtype=F64)
    strength = torch.rand(ROWS * STEPS, 18, generator=generator, dtype=F64)
    strength *= torch.rand(ROWS * STEPS, 18, generator=generator, dtype=F64) < 0.15
    offset = torch.randn(D_IN, generator=generator, dtype=F64)
    # Multiples of 1/64 below 32: exact in f16, which is how the activation ring holds them.
    return torch.round((strength @ directions + offset) * 64) / 64


def start(case, generator):
    """Parameters of step 0: rows of norm 1 (or near 0.6), vectors off their zeros so that all count."""
    rows = torch.nn.functional.normalize(
        torch.randn(D_SAE, D_IN, generator=generator, dtype=F64), dim=1)
    if case["decoderNorm"] == "free":
        rows *= 0.4 + 0.4 * torch.rand(D_SAE, 1, generator=generator, dtype=F64)
    values = {"W_dec": rounded(rows, 6)}
    values["W_enc"] = rounded(rows + 0.1 * torch.randn(D_SAE, D_IN, generator=generator, dtype=F64))
    values["b_dec"] = rounded(0.3 * torch.randn(D_IN, generator=generator, dtype=F64))
    small = lambda: rounded(0.1 * torch.randn(D_SAE, generator=generator, dtype=F64))
    if case["kind"] == "gated":
        values |= {"b_gate": small(), "b_mag": small(), "r_mag": small()}
    else:
        values["b_enc"] = small()
    if case["kind"] == "jumprelu":
        threshold = case["threshold"] + small() / 2
        threshold[3] = -0.2  # no gradient below zero
        values["threshold"] = rounded(threshold)
        values["b_enc"][5] = -30.0  # never fires: the pre-activation loss must reach it
    return values


def losses(case, p, x, dead, penalty):
    xc = x - p["b_dec"] if case["applyBDecToInput"] else x
    n = p["W_dec"].norm(dim=1)
    zero = torch.zeros((), dtype=x.dtype)
    if case["kind"] == "relu":
        f = (xc @ p["W_enc"].T + p["b_enc"]).relu()
        sparsity, aux = penalty * (f * n).sum(1).mean(), zero
    elif case["kind"] == "gated":
        u = xc @ p["W_enc"].T
        gate = u + p["b_gate"]
        f = (gate > 0).to(x.dtype) * (p["r_mag"].exp() * u + p["b_mag"]).relu()
        via_gate = gate.relu() @ p["W_dec"].detach() + p["b_dec"].detach()
        sparsity = penalty * gate.relu().sum(1).mean()
        aux = (x - via_gate).pow(2).sum(1).mean()
    else:
        h = xc @ p["W_enc"].T + p["b_enc"]
        T = p["threshold"].relu()
        f = Jump.apply(h, T, case["bandwidth"])
        step = Step.apply(h, T, case["bandwidth"])
        l0 = step.sum(1).mean()
        sparsity = penalty * {
            "tanh": torch.tanh(case["tanhScale"] * f * n).sum(1).mean(),
            "quadratic": (l0 / case["targetL0"] - 1) ** 2,
            "step": l0,
        }[case["mode"]]
        pre = ((p["threshold"] - h).relu() * n)[:, dead].sum(1).mean()
        aux = case["preActPenalty"] * pre
    e = x - (f @ p["W_dec"] + p["b_dec"])
    return f, e.pow(2).sum(1).mean(), sparsity, aux


def run(case, x_all, generator):
    unit = case["decoderNorm"] == "unit"
    values = start(case, generator)
    begin = {name: value.flatten().tolist() for name, value in values.items()}
    p = {name: torch.nn.Parameter(value.clone()) for name, value in values.items()}
    if unit:
        with torch.no_grad():
            p["W_dec"] /= p["W_dec"].norm(dim=1, keepdim=True)
    optimiser = torch.optim.Adam(
        list(p.values()), betas=(case["beta1"], OPTIMISER["beta2"]), eps=OPTIMISER["eps"])
    since = torch.zeros(D_SAE, dtype=torch.int64)
    since[[2, 5, 7]] = DEAD_AFTER
    begin["tokensSinceFired"] = since.tolist()
    steps, first = [], {}
    for step in range(STEPS):
        x = x_all[step * ROWS:(step + 1) * ROWS]
        dead = since >= DEAD_AFTER
        penalty = case["penalty"] * min(1.0, (step + 1) / case["warmup"])
        lr = OPTIMISER["lr"] * min(1.0, (step + 1) / 3)
        f, mse, sparsity, aux = losses(case, p, x, dead, penalty)
        optimiser.zero_grad()
        (mse + sparsity + aux).backward()
        if unit:
            with torch.no_grad():
                w = p["W_dec"] / p["W_dec"].norm(dim=1, keepdim=True)
                p["W_dec"].grad -= (p["W_dec"].grad * w).sum(1, keepdim=True) * w
        norm = torch.nn.utils.clip_grad_norm_(p.values(), 1.0)
        if step == 0:
            first = {name: value.grad.flatten().tolist() for name, value in p.items()}
        for group in optimiser.param_groups:
            group["lr"] = lr
        optimiser.step()
        if unit:
            with torch.no_grad():
                p["W_dec"] /= p["W_dec"].norm(dim=1, keepdim=True)
        fired = (f > 0).any(0)
        since = torch.where(fired, torch.zeros_like(since), since + ROWS)
        steps.append({
            "step": step, "lr": lr, "penalty": penalty, "mse": mse.item(),
            "sparsityLoss": sparsity.item(), "auxLoss": aux.item(),
            "l0": (f > 0).sum(1).double().mean().item(), "gradientNorm": norm.item(),
            "deadCount": int((since >= DEAD_AFTER).sum()),
        })
    end = {name: short(value.detach(), 9) for name, value in p.items()}
    moments = {
        key: {name: [float(f"{g:.7e}") for g in optimiser.state[value][long].flatten().tolist()]
              for name, value in p.items()}
        for key, long in (("m", "exp_avg"), ("v", "exp_avg_sq"))
    }
    first = {name: [float(f"{g:.7e}") for g in value] for name, value in first.items()}
    print(case["name"], steps[0], steps[-1])
    return {"case": case, "start": begin, "firstGradients": first, "steps": steps,
            "end": end | {"tokensSinceFired": since.tolist()}, **moments}


def main():
    generator = torch.Generator().manual_seed(SEED)
    x_all = inputs(generator)
    fixture = {
        "source": {
            "script": "tests/peers/dense_step.py", "seed": SEED, "torch": torch.__version__,
            "python": platform.python_version(), "dtype": "float64",
            "licence": "generated by this repository, MIT",
            "layout": "x [tokens, d_in]; W_enc, W_dec [d_sae, d_in] (latent-major); with decoderNorm "
                      "unit, start.W_dec is to be normalised by row; firstGradients are those of step 0 "
                      "as Adam got them; m, v after the last step",
        },
        "d_in": D_IN, "d_sae": D_SAE, "rows": ROWS, "deadAfterTokens": DEAD_AFTER,
        **OPTIMISER,
        "x": x_all.flatten().tolist(),
        "runs": [run(case, x_all, generator) for case in CASES],
    }
    OUT.write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
