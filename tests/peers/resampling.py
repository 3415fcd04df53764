"""A dead latent resampled as Towards Monosemanticity (2023) words it, on a torch module and its torch.optim.Adam.

Writes tests/fixtures/resampling.json: a small gated SAE with Adam's moments after three steps of autograd, the
inputs drawn for its dead latents, the same after the reset, and the chance of each input to be drawn.

    python tests/peers/resampling.py     (torch; CPU)
"""

import json
import pathlib
import platform

import torch

SEED, D_IN, D_SAE, DEAD = 20261124, 5, 8, [1, 4, 6]
OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "resampling.json"

torch.manual_seed(SEED)


class Gated(torch.nn.Module):
    def __init__(self):
        super().__init__()
        rows = torch.nn.functional.normalize(torch.randn(D_SAE, D_IN), dim=1)
        self.W_enc = torch.nn.Parameter(rows + 0.1 * torch.randn(D_SAE, D_IN))
        self.W_dec = torch.nn.Parameter(rows.clone())
        self.b_dec = torch.nn.Parameter(0.1 * torch.randn(D_IN))
        for name in ("b_gate", "b_mag", "r_mag"):
            setattr(self, name, torch.nn.Parameter(0.1 * torch.randn(D_SAE)))

    def forward(self, x):
        u = (x - self.b_dec) @ self.W_enc.T
        gate = u + self.b_gate
        f = (gate > 0) * (self.r_mag.exp() * u + self.b_mag).relu()
        via_gate = gate.relu() @ self.W_dec.detach() + self.b_dec.detach()
        return f @ self.W_dec + self.b_dec, via_gate


def snapshot(model, adam):
    return {
        name: {
            "value": parameter.detach().flatten().tolist(),
            "m": adam.state[parameter]["exp_avg"].flatten().tolist(),
            "v": adam.state[parameter]["exp_avg_sq"].flatten().tolist(),
        }
        for name, parameter in model.named_parameters()
    }


model = Gated()
adam = torch.optim.Adam(model.parameters(), lr=1e-2, betas=(0.0, 0.999))
x = torch.randn(12, D_IN)
for _ in range(3):
    out, via_gate = model(x)
    loss = (x - out).pow(2).sum(1).mean() + (x - via_gate).pow(2).sum(1).mean()
    adam.zero_grad()
    loss.backward()
    adam.step()
before = snapshot(model, adam)

with torch.no_grad():
    losses = (x - model(x)[0]).pow(2).sum(1)
    chance = losses.pow(2) / losses.pow(2).sum()
    drawn = x[torch.multinomial(chance, len(DEAD))] - model.b_dec
    alive = [i for i in range(D_SAE) if i not in DEAD]
    mean_norm = model.W_enc[alive].norm(dim=1).mean()
    direction = torch.nn.functional.normalize(drawn, dim=1)
    model.W_dec[DEAD] = direction
    model.W_enc[DEAD] = 0.2 * mean_norm * direction
    for name in ("b_gate", "b_mag", "r_mag"):
        getattr(model, name)[DEAD] = 0
    for name, parameter in model.named_parameters():
        if name != "b_dec":
            adam.state[parameter]["exp_avg"][DEAD] = 0
            adam.state[parameter]["exp_avg_sq"][DEAD] = 0

OUT.write_text(
    json.dumps(
        {
            "script": "tests/peers/resampling.py",
            "licence": "MIT, made for this project",
            "seed": SEED,
            "python": platform.python_version(),
            "versions": {"torch": torch.__version__},
            "d_in": D_IN,
            "d_sae": D_SAE,
            "dead": DEAD,
            "losses": losses.tolist(),
            "chance": chance.tolist(),
            "drawn": drawn.flatten().tolist(),
            "before": before,
            "after": snapshot(model, adam),
        }
    )
    + "\n"
)
