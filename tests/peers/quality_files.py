"""An SAE as a SAELens directory, written and run: what the peers of the quality bench leave behind."""

import json

import torch
from safetensors.torch import load_file, save_file


def save(folder, config, architecture, tensors, **fields):
    """architecture: SAELens' inference name; tensors in the model's own units."""
    cfg = {
        "architecture": architecture, "d_in": config["d_in"], "d_sae": config["d_sae"],
        "dtype": "float32", "apply_b_dec_to_input": config["applyBDecToInput"],
        "normalize_activations": "none", **fields,
        "metadata": {
            "sae_lens_version": "6.49.2", "model_name": "nanochat-d4",
            "hook_name": config["hookPoint"], "hook_head_index": None,
        },
    }
    (folder / "cfg.json").write_text(json.dumps(cfg) + "\n")
    save_file({name: t.detach().float().contiguous().clone() for name, t in tensors.items()},
              folder / "sae_weights.safetensors")


@torch.no_grad()
def reconstruct(folder, x):
    """saeOut of x and the mean number of active latents, by the files' own inference rule."""
    cfg = json.loads((folder / "cfg.json").read_text())
    p = load_file(folder / "sae_weights.safetensors")
    xc = x - p["b_dec"] if cfg["apply_b_dec_to_input"] else x
    h = xc @ p["W_enc"] + p.get("b_enc", torch.zeros(1))
    if cfg["architecture"] == "topk":
        n = p["W_dec"].norm(dim=1) if cfg["rescale_acts_by_decoder_norm"] else torch.ones(1)
        top = (h * n).topk(cfg["k"], dim=1)
        f = torch.zeros_like(h).scatter(1, top.indices, h.gather(1, top.indices).relu())
    elif cfg["architecture"] == "jumprelu":
        f = h.relu() * (h > p["threshold"])
    elif cfg["architecture"] == "gated":
        f = (h + p["b_gate"] > 0) * (p["r_mag"].exp() * h + p["b_mag"]).relu()
    else:
        f = h.relu()
    return f @ p["W_dec"] + p["b_dec"], (f > 0).sum(1).double().mean().item()
