"""SAELens' own SAETrainer on cached activations: a peer of the quality bench.

Architecture, losses, initialisation, dead-latent remedies and clipping are SAELens'; learning rate, betas,
schedule, penalty warm-up, k and widths are those of our config, so that the budget is the same. JumpReLU runs
in its quadratic mode, as ours does here.
"""

import torch
from sae_lens import (
    BatchTopKTrainingSAE, BatchTopKTrainingSAEConfig, GatedTrainingSAE, GatedTrainingSAEConfig,
    JumpReLUTrainingSAE, JumpReLUTrainingSAEConfig, MatryoshkaBatchTopKTrainingSAE,
    MatryoshkaBatchTopKTrainingSAEConfig, StandardTrainingSAE, StandardTrainingSAEConfig,
    TopKTrainingSAE, TopKTrainingSAEConfig)
from sae_lens.config import SAETrainerConfig
from sae_lens.saes.sae import SAEMetadata
from sae_lens.training.sae_trainer import SAETrainer


def make(c):
    shared = {
        "d_in": c["d_in"], "d_sae": c["d_sae"], "apply_b_dec_to_input": c["applyBDecToInput"],
        "normalize_activations": "expected_average_only_in",
        "metadata": SAEMetadata(hook_name=c["hookPoint"], model_name="nanochat-d4"),
    }
    kind = c["architecture"]
    if kind == "topk":
        return TopKTrainingSAE(TopKTrainingSAEConfig(**shared, k=c["k"]))
    if kind == "batchtopk":
        return BatchTopKTrainingSAE(BatchTopKTrainingSAEConfig(**shared, k=c["k"]))
    if kind == "matryoshka":
        return MatryoshkaBatchTopKTrainingSAE(MatryoshkaBatchTopKTrainingSAEConfig(
            **shared, k=c["k"], matryoshka_widths=list(c["widths"])))
    if kind == "relu":
        return StandardTrainingSAE(StandardTrainingSAEConfig(
            **shared, l1_coefficient=c["l1Coefficient"], l1_warm_up_steps=c["l1WarmupSteps"]))
    if kind == "gated":
        return GatedTrainingSAE(GatedTrainingSAEConfig(
            **shared, l1_coefficient=c["l1Coefficient"], l1_warm_up_steps=c["l1WarmupSteps"]))
    # Its penalty is 2/L0* · mean (L0 − L0*)²; ours λ·(mean L0 / L0* − 1)². The coefficient that makes the
    # curvature in mean L0 equal is λ / (2·L0*).
    return JumpReLUTrainingSAE(JumpReLUTrainingSAEConfig(
        **shared, jumprelu_sparsity_loss_mode="quadratic", target_l0=c["targetL0"],
        l0_coefficient=c["sparsityCoefficient"] / (2 * c["targetL0"]),
        l0_warm_up_steps=c["sparsityWarmupSteps"], jumprelu_bandwidth=c["bandwidth"],
        jumprelu_init_threshold=c["initialThreshold"]))


def batches(c, x, order):
    """In the order of our config; then, for the norm estimate, around again."""
    at = 0
    while True:
        if at + c["batchSize"] > len(order):
            at = 0
        yield x[order[at:at + c["batchSize"]]]
        at += c["batchSize"]


def train(_side, c, x, order, folder):
    steps = c["tokens"] // c["batchSize"]
    sae = make(c)
    trainer = SAETrainer(
        cfg=SAETrainerConfig(
            total_training_samples=steps * c["batchSize"], train_batch_size_samples=c["batchSize"],
            lr=c["lr"], lr_warm_up_steps=c["warmupSteps"], lr_decay_steps=c["decaySteps"],
            lr_end=c["lr"], adam_beta1=float(c["adamBeta1"]), adam_beta2=float(c["adamBeta2"]),
            dead_feature_window=c["deadAfterTokens"] // c["batchSize"],
            # A whole number of passes before training begins at the same batch as everybody's.
            n_batches_for_norm_estimate=len(order) // c["batchSize"]),
        sae=sae, data_provider=batches(c, x, order))
    trainer.fit()
    sae.cfg.normalize_activations = "none"
    sae.save_inference_model(folder)
    return trainer.dead_neurons.double().mean().item()
