"""The recipe of sae.md in plain PyTorch, all six architectures: the reference peer of the quality bench.

Gradients are autograd's, Adam and clipping torch's; the dense losses are those of dense_step.py. Field names
are SaeConfig's.
"""

import math

import torch
from dense_step import losses
from quality_files import save


def factor(warmup, step):
    return min(1.0, (step + 1) / warmup)


def learning_rate(config, step, steps):
    decay = min(1.0, (steps - step) / config["decaySteps"]) if config["decaySteps"] else 1.0
    return config["lr"] * factor(config["warmupSteps"], step) * decay


def has_unit_decoder(config):
    if config["architecture"] == "relu":
        return config["decoderNorm"] == "unit"
    return config["architecture"] != "jumprelu" or config["mode"] != "tanh"


def start(config, mean):
    unit = has_unit_decoder(config)
    rows = torch.nn.functional.normalize(torch.randn(config["d_sae"], config["d_in"]), dim=1)
    if not unit:
        rows *= 0.1
    zeros = lambda: torch.zeros(config["d_sae"])
    values = {"W_enc": rows.clone(), "W_dec": rows,
              "b_dec": mean.clone() if unit else torch.zeros_like(mean)}
    if config["architecture"] == "gated":
        values |= {"b_gate": zeros(), "b_mag": zeros(), "r_mag": zeros()}
    else:
        values["b_enc"] = zeros()
    if config["architecture"] == "jumprelu":
        values["threshold"] = zeros() + config["initialThreshold"]
    return {name: torch.nn.Parameter(value) for name, value in values.items()}


class Chosen:
    """TopK, BatchTopK and Matryoshka (sae.md sections 3, 4, 8) with AuxK."""

    def __init__(self, config, variance):
        self.config, self.variance, self.theta = config, variance, None

    def select(self, h):
        k = self.config["k"]
        if self.config["architecture"] == "topk":
            top = h.topk(k, dim=1)
            return torch.zeros_like(h).scatter(1, top.indices, top.values.relu())
        top = h.relu().flatten().topk(int(k * len(h)))
        smallest = top.values[top.values > 0].min().item()
        rate = self.config["thresholdRate"]
        self.theta = smallest if self.theta is None else (1 - rate) * self.theta + rate * smallest
        return torch.zeros_like(h).flatten().scatter(0, top.indices, top.values).view_as(h)

    def loss(self, p, x, dead, _step):
        h = (x - p["b_dec"]) @ p["W_enc"].T + p["b_enc"]
        f = self.select(h)
        widths = self.config.get("widths", [len(p["b_enc"])])
        errors = [x - (f[:, :w] @ p["W_dec"][:w] + p["b_dec"]) for w in widths]
        main = sum(e.pow(2).sum(1).mean() for e in errors) / len(errors) / self.variance
        return f, main + (self.aux(p, h, errors[-1].detach(), dead) if dead.any() else 0)

    def aux(self, p, h, e, dead):
        kept = h.masked_fill(~dead, -torch.inf).topk(
            min(self.config["k_aux"], int(dead.sum())), dim=1)
        a = torch.zeros_like(h).scatter(1, kept.indices, kept.values.relu())
        spread = (e - e.mean(0)).pow(2).sum(1).mean()
        return self.config["auxKScale"] * (a @ p["W_dec"] - e).pow(2).sum(1).mean() / spread


class Dense:
    """ReLU-L1, Gated, JumpReLU (sections 5 to 7)."""

    theta = None

    def __init__(self, config, _variance):
        self.config = config
        self.case = config | {"kind": config["architecture"], "tanhScale": 4.0,
                              "preActPenalty": config.get("preActCoefficient", 0.0)}

    def loss(self, p, x, dead, step):
        c = self.config
        weight, warmup = (
            (c["sparsityCoefficient"], c["sparsityWarmupSteps"]) if c["architecture"] == "jumprelu"
            else (c["l1Coefficient"], c["l1WarmupSteps"]))
        f, mse, sparsity, aux = losses(self.case, p, x, dead, weight * factor(warmup, step))
        return f, mse + sparsity + aux


def calibrate(config, x):
    sample = x[: config["calibrationTokens"]]
    scale = math.sqrt(config["d_in"]) / sample.double().norm(dim=1).mean().item()
    mean = sample.double().mean(0)
    variance = (sample - mean).pow(2).sum(1).mean().item() * scale**2
    return scale, (mean * scale).float(), variance


def project(p):
    with torch.no_grad():
        w = p["W_dec"] / p["W_dec"].norm(dim=1, keepdim=True)
        p["W_dec"].grad -= (p["W_dec"].grad * w).sum(1, keepdim=True) * w


def train(_side, config, x_all, order, folder):
    scale, mean, variance = calibrate(config, x_all)
    p, unit = start(config, mean), has_unit_decoder(config)
    model = (Chosen if "k" in config else Dense)(config, variance)
    optimiser = torch.optim.Adam(
        list(p.values()), betas=(float(config["adamBeta1"]), float(config["adamBeta2"])), eps=config["adamEps"])
    since = torch.zeros(config["d_sae"], dtype=torch.int64)
    batch, steps = config["batchSize"], config["tokens"] // config["batchSize"]
    for step in range(steps):
        x = x_all[order[step * batch:(step + 1) * batch]] * scale
        f, loss = model.loss(p, x, since >= config["deadAfterTokens"], step)
        optimiser.zero_grad()
        loss.backward()
        if unit:
            project(p)
        if config.get("clipNorm", 0) > 0:
            torch.nn.utils.clip_grad_norm_(p.values(), config["clipNorm"])
        optimiser.param_groups[0]["lr"] = learning_rate(config, step, steps)
        optimiser.step()
        with torch.no_grad():
            if unit:
                p["W_dec"] /= p["W_dec"].norm(dim=1, keepdim=True)
            since = torch.where((f > 0).any(0), 0, since + batch)
    export(config, p, model.theta, scale, folder)
    return (since >= config["deadAfterTokens"]).double().mean().item()


def export(config, p, theta, scale, folder):
    """Input scale folded (sae.md section 9, step 1); the reader folds the decoder norms."""
    tensors = {name: value for name, value in p.items() if name not in ("W_enc", "W_dec", "b_dec")}
    tensors |= {"W_enc": p["W_enc"].T * scale, "W_dec": p["W_dec"] / scale, "b_dec": p["b_dec"] / scale}
    if config["architecture"] == "topk":
        save(folder, config, "topk", tensors, k=config["k"], rescale_acts_by_decoder_norm=True)
    elif theta is not None:
        tensors["threshold"] = theta / p["W_dec"].norm(dim=1)
        save(folder, config, "jumprelu", tensors)
    elif config["architecture"] == "jumprelu":
        save(folder, config, "jumprelu", tensors | {"threshold": p["threshold"].relu()})
    else:
        save(folder, config, {"relu": "standard", "gated": "gated"}[config["architecture"]], tensors)
