"""Bits per byte of the demo checkpoint on a piece of the demo corpus, by upstream's own gpt.py and loss_eval.py.

    git clone https://github.com/karpathy/nanochat /tmp/nanochat
    python tests/peers/bits_per_byte.py /tmp/nanochat      (torch 2.5 or newer, tiktoken, CPU)

gpt.py is taken as tests/peers/revision_goldens.py takes it, in f32; loss_eval.py at the same commit. The piece
is the first DOCUMENTS lines of public/demo/corpus.jsonl: <|bos|> before each, one stream, cut every 256 tokens.
Each sequence's first token is no target. Writes tests/fixtures/bits_per_byte.json.
"""

import json
import pathlib
import pickle
import platform
import sys
import tempfile

import tiktoken
import torch

from revision_goldens import R5, git_show, load, upstream

ROOT = pathlib.Path(__file__).parent.parent.parent
DEMO = ROOT / "public" / "demo"
OUT = ROOT / "tests" / "fixtures" / "bits_per_byte.json"
DOCUMENTS = 24
LENGTH = 256


def read_model(module):
    folder = DEMO / "nanochat-d4"
    config = json.loads(max(folder.glob("meta_*.json")).read_text())["model_config"]
    gpt = module.GPT(module.GPTConfig(**config)).float().eval()
    d_head = config["n_embd"] // config["n_head"]
    gpt.cos, gpt.sin = gpt._precompute_rotary_embeddings(gpt.rotary_seq_len, d_head)
    state = torch.load(max(folder.glob("model_*.pt")), map_location="cpu", weights_only=True)
    gpt.load_state_dict({name.removeprefix("_orig_mod."): value.float() for name, value in state.items()})
    return gpt


def main():
    clone = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        module = upstream(clone, R5, scratch)
        path = pathlib.Path(scratch) / "loss_eval.py"
        path.write_bytes(git_show(clone, R5, "nanochat/loss_eval.py"))
        loss_eval = load("loss_eval", path)
    gpt = read_model(module)
    encoding = pickle.loads((DEMO / "nanochat-d4" / "tokenizer.pkl").read_bytes())
    bos = encoding.encode_single_token("<|bos|>")
    with (DEMO / "corpus.jsonl").open() as file:
        texts = [json.loads(next(file))["text"] for _ in range(DOCUMENTS)]
    stream = [token for text in texts for token in [bos, *encoding.encode_ordinary(text)]]
    count = len(stream) // LENGTH
    rows = torch.tensor(stream[: count * LENGTH]).view(count, LENGTH)
    specials = set(encoding._special_tokens.values())
    token_bytes = torch.tensor([0 if i in specials else len(encoding.decode_single_token_bytes(i))
                                for i in range(encoding.n_vocab)])
    gpt.get_device = lambda: rows.device
    x, y = rows[:, :-1].contiguous(), rows[:, 1:].contiguous()
    with torch.inference_mode():
        bpb = loss_eval.evaluate_bpb(gpt, [(x, y)], 1, token_bytes)
    num_bytes = token_bytes[y]
    note = {"script": "tests/peers/bits_per_byte.py", "upstream": "karpathy/nanochat", "commit": R5,
            "torch": torch.__version__, "tiktoken": tiktoken.__version__, "python": platform.python_version(),
            "dtype": "float32, CPU"}
    result = {"source": note, "documents": DOCUMENTS, "length": LENGTH, "sequences": count,
              "tokens": int((num_bytes > 0).sum()), "bytes": int(num_bytes.sum()), "bpb": bpb}
    OUT.write_text(json.dumps(result) + "\n")
    print(result)


if __name__ == "__main__":
    main()
