"""Metrics of one small sparse code, computed by the libraries that define them.

Writes tests/fixtures/metrics.json: inputs, and what sparsify (fvu), SAELens (explained variance, its legacy
form, MSE, cosine, norms, L0, L1, firing rates, KL) and dictionary_learning (frac_variance_explained, alive)
make of them. Their own functions run; the models and stores they ask for are stand-ins that hand out arrays.

    python tests/peers/metrics_goldens.py     (torch, sae-lens, eai-sparsify, dictionary-learning; CPU)
"""

import json
import os
import pathlib
import platform
import types
from importlib.metadata import version

os.environ["SPARSIFY_DISABLE_TRITON"] = "1"  # no GPU here; read when sparsify is imported

import torch
from dictionary_learning.evaluation import evaluate
from sae_lens import evals
from sparsify.config import SparseCoderConfig
from sparsify.sparse_coder import SparseCoder

SEED = 20251124
D_IN, D_SAE, K, BATCH, BATCHES, VOCAB, POSITIONS = 8, 24, 4, 16, 3, 11, 9
HOOK = "blocks.0.hook_resid_post"
OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "metrics.json"


def flat(tensor):
    return [round(float(v), 7) for v in tensor.flatten()]


class Untouched:
    scale = unscale = staticmethod(lambda x: x)


class Held:
    """A dictionary whose answers are known."""

    dict_size = D_SAE
    device = "cpu"
    cfg = types.SimpleNamespace(
        d_sae=D_SAE, metadata=types.SimpleNamespace(hook_name=HOOK, hook_head_index=None))

    def __init__(self, dense, out):
        self.dense, self.out, self.at = dense, out, 0

    def encode(self, _x):
        return self.dense[self.at : self.at + BATCH][None]

    def decode(self, _f):
        self.at += BATCH
        return self.out[self.at - BATCH : self.at][None]

    def __call__(self, _x, output_features):
        assert output_features
        return self.out, self.dense


def saelens_metrics(x, dense, out):
    batches = iter(x.split(BATCH))
    model = types.SimpleNamespace(
        run_with_cache=lambda *_args, **_kwargs: (None, {HOOK: next(batches)[None]}))
    store = types.SimpleNamespace(
        get_batch_tokens=lambda _n: torch.zeros(1, BATCH, dtype=torch.long))
    return evals.get_sparsity_and_variance_metrics(
        sae=Held(dense, out), model=model, activation_store=store, activation_scaler=Untouched(),
        n_batches=BATCHES, compute_l2_norms=True, compute_sparsity_metrics=True,
        compute_variance_metrics=True, compute_featurewise_density_statistics=True,
        eval_batch_size_prompts=1, model_kwargs={})


def main():
    torch.manual_seed(SEED)
    coder = SparseCoder(D_IN, SparseCoderConfig(num_latents=D_SAE, k=K), dtype=torch.float32)
    # An offset larger than the spread: what an uncentred variance gets wrong.
    x = torch.randn(BATCH * BATCHES, D_IN) + 5 * torch.randn(D_IN)
    with torch.no_grad():
        coder.b_dec += x.mean(0) + 0.2 * torch.randn(D_IN)
        result = coder(x)
        dense = torch.zeros(len(x), D_SAE).scatter_(1, result.latent_indices, result.latent_acts)
        out = result.sae_out
        metrics, features = saelens_metrics(x, dense, out)
        learned = evaluate(Held(dense, out), iter([x]))
        clean, with_sae, ablated = (torch.randn(POSITIONS, VOCAB) * s for s in (3.0, 2.5, 1.0))
        targets = torch.randint(VOCAB, (POSITIONS,))
        ce = [torch.nn.functional.cross_entropy(v, targets).item() for v in (clean, with_sae, ablated)]
        kl = [evals._kl(clean, v).mean().item() for v in (with_sae, ablated)]
    OUT.write_text(json.dumps({
        "script": "tests/peers/metrics_goldens.py", "licence": "MIT, made for this project",
        "seed": SEED, "python": platform.python_version(), "torch": torch.__version__,
        "versions": {name: version(name) for name in ("sae-lens", "eai-sparsify", "dictionary-learning")},
        "d_in": D_IN, "d_sae": D_SAE, "k": K, "batch": BATCH, "vocabSize": VOCAB,
        "saeIn": flat(x), "saeOut": flat(out),
        "latentIndices": result.latent_indices.flatten().tolist(),
        "latentActs": flat(result.latent_acts),
        "logits": {"clean": flat(clean), "withSae": flat(with_sae), "ablated": flat(ablated)},
        "targets": targets.tolist(),
        "sparsify": {"fvu": result.fvu.item()},
        "saelens": {**metrics, "feature_density": features["feature_density"],
                    "kl_div_with_sae": kl[0], "kl_div_with_ablation": kl[1]},
        "dictionaryLearning": dict(learned),
        "torchCrossEntropy": {"clean": ce[0], "withSae": ce[1], "ablated": ce[2]},
    }) + "\n")


if __name__ == "__main__":
    main()
