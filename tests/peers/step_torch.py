"""TopK training steps in PyTorch on the processor, eager, f32: the peer of `npm run bench -- step`.

Reads its case from a folder (case.json, x.f32, w_dec.f32, b_dec.f32), then answers lines on stdin: a number of steps n ->
one line of JSON with the milliseconds of each, the processor's time for all, and the last loss. The step is the product's: centre, TopK, sparse decode,
loss / V, projection, Adam, unit rows. Two ways to decode are offered; the bench takes the faster.

    python tests/peers/step_torch.py FOLDER sparse|dense        (torch 2.x, CPU)
"""

import json
import pathlib
import sys
import time

import torch
import torch.nn.functional as F


def main():
    folder, decode = pathlib.Path(sys.argv[1]), sys.argv[2]
    case = json.loads((folder / "case.json").read_text())
    d, n, k, batch = case["d_in"], case["d_sae"], case["k"], case["batchSize"]

    def read(name, *shape):
        return torch.frombuffer(bytearray((folder / name).read_bytes()), dtype=torch.float32).view(*shape)

    x_all = read("x.f32", -1, d)
    start = read("w_dec.f32", n, d)
    w_dec = torch.nn.Parameter(start.clone())
    w_enc = torch.nn.Parameter(start.clone())
    b_enc = torch.nn.Parameter(torch.zeros(n))
    b_dec = torch.nn.Parameter(read("b_dec.f32", d).clone())
    params = [w_enc, b_enc, w_dec, b_dec]
    optimiser = torch.optim.Adam(params, lr=1.0, betas=case["betas"], eps=case["eps"], fused=True)
    done = 0

    def step():
        nonlocal done
        first = done * batch % len(x_all)
        x = x_all[first : first + batch]
        optimiser.param_groups[0]["lr"] = case["rates"][done]
        optimiser.zero_grad(set_to_none=True)
        acts, latents = F.linear(x - b_dec, w_enc, b_enc).topk(k, dim=1)
        acts = acts.relu()
        if decode == "dense":
            rebuilt = torch.zeros(batch, n).scatter(1, latents, acts) @ w_dec
        else:
            rebuilt = F.embedding_bag(latents, w_dec, per_sample_weights=acts, mode="sum")
        loss = (rebuilt + b_dec - x).pow(2).sum(1).mean() / case["variance"]
        loss.backward()
        with torch.no_grad():
            w_dec.grad.sub_((w_dec.grad * w_dec).sum(1, keepdim=True) * w_dec)
        optimiser.step()
        with torch.no_grad():
            w_dec.div_(w_dec.norm(dim=1, keepdim=True))
        done += 1
        return loss.item()

    print(json.dumps({"version": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        times, cpu = [], time.process_time()
        for _ in range(int(line)):
            began = time.perf_counter()
            loss = step()
            times.append(1000 * (time.perf_counter() - began))
        cpu_ms = 1000 * (time.process_time() - cpu)
        print(json.dumps({"ms": times, "cpuMs": cpu_ms, "loss": loss}), flush=True)


if __name__ == "__main__":
    main()
