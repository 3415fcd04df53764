"""Dumps activations of a nanochat while it trains: acts_{step}_L{l}.safetensors, F32 [tokens, n_embd], the stream after
block l (blocks.{l}.hook_resid_post). nanoscope trains on them without the model:

    nanoscope train --activations acts_001000_L6.safetensors --hook blocks.6.hook_resid_post

In scripts/base_train.py, after `orig_model = model`:

    from dump_activations import ActivationDump
    dump = ActivationDump(orig_model, layers=[6], every=1000, tokens=100_000, folder=checkpoint_dir)

and at the beginning of the loop's body, on every rank (one rank writes):

    dump.at(step, x, is_writer=master_process)
"""
import os
import torch
from safetensors.torch import save_file


class ActivationDump:
    def __init__(self, orig_model, layers, every, tokens, folder):
        self.model, self.every, self.tokens, self.folder = orig_model, every, tokens, folder
        self.blocks = {layer: orig_model.transformer.h[layer] for layer in layers}

    @torch.no_grad()
    def at(self, step, x, is_writer=True):
        """x: [B, T] token ids, the batch that is about to be trained on; B * T rows are dumped, at most `tokens`."""
        if not is_writer or step % self.every != 0:
            return
        kept = {}

        def keep(layer):
            return lambda _block, _inputs, out: kept.__setitem__(layer, out.flatten(0, 1)[: self.tokens].float().cpu())

        hooks = [block.register_forward_hook(keep(layer)) for layer, block in self.blocks.items()]
        try:
            # The uncompiled model: hooks on a compiled one may not be called.
            self.model(x)
        finally:
            for hook in hooks:
                hook.remove()
        os.makedirs(self.folder, exist_ok=True)
        for layer, rows in kept.items():
            save_file({"acts": rows.contiguous()}, os.path.join(self.folder, f"acts_{step:06d}_L{layer}.safetensors"))
