"""The same TopK step in PyTorch on a GPU: the peer in the folder that `npm run bench:bundle` makes.

    python step_gpu_torch.py DEVICE B d n k STEPS

Last line: JSON, milliseconds of one step (median) each way: dense decode eager, sparse decode (embedding_bag) eager, dense
compiled; null where a way failed, and why on stderr. f32, no TF32: what WebGPU computes with. Random data, weights and a
constant rate: it measures time, not quality.
"""

import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F

WARM_UP = 10
torch.backends.cuda.matmul.allow_tf32 = False


def measure(device, batch, d, n, k, steps, decode, compiled):
    torch.manual_seed(0)
    w_dec = torch.nn.Parameter(F.normalize(torch.randn(n, d, device=device), dim=1))
    w_enc = torch.nn.Parameter(w_dec.detach().clone())
    b_enc = torch.nn.Parameter(torch.zeros(n, device=device))
    b_dec = torch.nn.Parameter(torch.zeros(d, device=device))
    optimiser = torch.optim.Adam([w_enc, b_enc, w_dec, b_dec], lr=1e-4, betas=(0.9, 0.999), fused=True)
    data = torch.randn(8 * batch, d, device=device)

    def forward(x):
        acts, latents = F.linear(x - b_dec, w_enc, b_enc).topk(k, dim=1)
        acts = acts.relu()
        if decode == "dense":
            rebuilt = torch.zeros(batch, n, device=device).scatter(1, latents, acts) @ w_dec
        else:
            rebuilt = F.embedding_bag(latents, w_dec, per_sample_weights=acts, mode="sum")
        return (rebuilt + b_dec - x).pow(2).sum(1).mean() / d

    run = torch.compile(forward) if compiled else forward

    def step(i):
        optimiser.zero_grad(set_to_none=True)
        first = i % 8 * batch
        run(data[first : first + batch]).backward()
        with torch.no_grad():
            w_dec.grad.sub_((w_dec.grad * w_dec).sum(1, keepdim=True) * w_dec)
        optimiser.step()
        with torch.no_grad():
            w_dec.div_(w_dec.norm(dim=1, keepdim=True))

    def wait():
        if device == "cuda":
            torch.cuda.synchronize()

    for i in range(WARM_UP):
        step(i)
    wait()
    times = []
    for i in range(steps):
        began = time.perf_counter()
        step(i)
        wait()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def main():
    device, *numbers = sys.argv[1:]
    batch, d, n, k, steps = map(int, numbers)
    ways = {"eager": ("dense", False), "sparse": ("sparse", False), "compiled": ("dense", True)}
    report = {"torch": torch.__version__, "device": device}
    if device == "cuda":
        report["device"] = torch.cuda.get_device_name()
    for name, (decode, compiled) in ways.items():
        try:
            report[name] = measure(device, batch, d, n, k, steps, decode, compiled)
        except Exception as cause:  # a way that this machine cannot go leaves the others
            print(f"{name}: {cause}", file=sys.stderr)
            report[name] = None
    print(json.dumps(report))


if __name__ == "__main__":
    main()
