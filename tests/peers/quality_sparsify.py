"""sparsify's own Trainer on cached activations: a peer of the quality bench (TopK).

`sparsify` is as it ships: signum with schedule-free averaging, its learning rate, no AuxK.
`sparsify-adam` is its Adam with AuxK of 1/32 and our dead window; warm-up as ours. Both take raw activations,
as sparsify does. The model it asks for is a table of activations looked up by row number.
"""

import shutil

import torch
from quality_files import save
from sparsify.config import SparseCoderConfig, TrainConfig
from sparsify.trainer import Trainer


class Table(torch.nn.Module):
    """A `transformers` model as far as the trainer looks: rows of a table under the name `rows`."""

    def __init__(self, x):
        super().__init__()
        self.x = x
        self.rows = torch.nn.Identity()
        self.device = x.device
        self.dummy_inputs = {"input_ids": torch.zeros(1, 1, dtype=torch.long)}

    @property
    def base_model(self):
        return self

    def forward(self, input_ids):
        return self.rows(self.x[input_ids])


def train(side, c, x, order, folder):
    is_adam = side == "sparsify-adam"
    steps = c["tokens"] // c["batchSize"]
    data = [{"input_ids": order[i * c["batchSize"]:(i + 1) * c["batchSize"]]} for i in range(steps)]
    own = {"auxk_alpha": 1 / 32, "lr_warmup_steps": c["warmupSteps"]} if is_adam else {}
    trainer = Trainer(
        TrainConfig(
            SparseCoderConfig(num_latents=c["d_sae"], k=c["k"]), batch_size=1,
            optimizer="adam" if is_adam else "signum", hookpoints=["rows"], init_seeds=[c["seed"]],
            dead_feature_threshold=c["deadAfterTokens"], save_every=10**9, log_to_wandb=False,
            save_dir=str(folder / "checkpoints"), **own),
        data, Table(x))
    trainer.fit()
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)  # its last one; ours is written below
    (coder,) = trainer.saes.values()
    for optimiser in trainer.optimizers:
        if hasattr(optimiser, "eval"):  # schedule-free: the averaged weights are those to keep
            optimiser.eval()
    with torch.no_grad():
        coder.set_decoder_norm_to_unit_norm()
        save(folder, c | {"applyBDecToInput": True}, "topk", {
            "W_enc": coder.encoder.weight.T, "b_enc": coder.encoder.bias,
            "W_dec": coder.W_dec, "b_dec": coder.b_dec,
        }, k=c["k"], rescale_acts_by_decoder_norm=True)
    (since,) = trainer.num_tokens_since_fired.values()
    return (since >= c["deadAfterTokens"]).double().mean().item()
