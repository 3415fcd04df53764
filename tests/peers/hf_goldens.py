"""Small NanoChatForCausalLM models as transformers saves and computes them, and tokenizer.json files as
tokenizers reads them: tests/fixtures/hf.

    python tests/peers/hf_goldens.py [name …]     (transformers 5.23, tokenizers, torch, tiktoken; CPU)

Writes tests/fixtures/hf/<name>/: config.json and tokenizer.json.gz, *.safetensors.gz (with its index where
there are shards) by save_pretrained; golden.safetensors (the residual stream before and after every block and
the logits at a few rows, f32 on the CPU); note.json (seed, versions, ids, greedy continuation, texts with the
ids that tokenizers gives them). `sharded` also lies there as nanochat keeps the same model: model_000000.pt.gz,
meta_000000.json, tokenizer.pkl. Beside the folders: demo_tokenizer.json.gz, the demo's tokenizer by
transformers' own conversion, whose ids are compared here with tiktoken's on every text of tokenizer_random.json.

Weights are drawn sparse and of few levels so that the files compress, as in revision_goldens.py.
"""

import base64
import gzip
import io
import json
import pathlib
import pickle
import platform
import random
import sys
import tempfile

import tiktoken
import tokenizers
import torch
import transformers
from revision_goldens import MARGIN, draw, write_safetensors
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import NanoChatConfig, NanoChatForCausalLM
from transformers.convert_slow_tokenizer import TikTokenConverter, bytes_to_unicode

ROOT = pathlib.Path(__file__).parent.parent
OUT = ROOT / "fixtures" / "hf"
RANDOM_TEXTS = ROOT / "fixtures" / "formats" / "tokenizer_random.json"
DEMO_PICKLE = "public/demo/nanochat-d4/tokenizer.pkl"  # made by this project, so loading it is safe
GREEDY = 100
LENGTH = 130
PATTERN = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,2}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
SPECIAL = [f"<|{name}|>" for name in ("bos", "user_start", "user_end", "assistant_start", "assistant_end",
                                      "python_start", "python_end", "output_start", "output_end")]
TEXT = ["the cat sat on the mat and the dog ran to the cat", "thereafter the others gathered together"]


def model(save, layers, heads, kv_heads, d_head, merges, shard="1GB", **more):
    config = {"vocab_size": 256 + merges + len(SPECIAL), "hidden_size": heads * d_head,
              "intermediate_size": 4 * heads * d_head, "num_hidden_layers": layers,
              "num_attention_heads": heads, "num_key_value_heads": kv_heads, "max_position_embeddings": 140,
              "bos_token_id": 256 + merges, "eos_token_id": 256 + merges + 4, "pad_token_id": 256 + merges}
    return {"save": save, "shard": shard, "merges": merges, "config": {**config, **more}}


MODELS = {
    # odd depth, grouped heads, 283 ids (no multiple of 64), two shards with an index
    "sharded": model(torch.float32, 3, 2, 1, 64, 18, "1500KB"),
    "bf16": model(torch.bfloat16, 2, 1, 1, 128, 25),
    # one matrix at both ends; another base, softcap and eps, which must not be taken for granted
    "tied": model(torch.float32, 3, 4, 2, 32, 35, tie_word_embeddings=True, final_logit_softcapping=20.0,
                  rms_norm_eps=1e-3, rope_parameters={"rope_type": "default", "rope_theta": 50000.0}),
}


def train_tokenizer(merges):
    """As nanochat's HuggingFaceTokenizer is made, but for the order: bytes and merges first, then specials."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=False, fuse_unk=False))
    split = pre_tokenizers.Split(Regex(PATTERN), behavior="isolated", invert=False)
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=256 + merges, min_frequency=0, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(TEXT, trainer)
    assert tokenizer.get_vocab_size() == 256 + merges, tokenizer.get_vocab_size()
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in SPECIAL])
    return tokenizer


def byte_ranks(tokenizer):
    """The vocabulary as tiktoken's ranks."""
    letters = bytes_to_unicode()
    byte_of = {letter: byte for byte, letter in letters.items()}
    state = json.loads(tokenizer.to_str())
    return {bytes(byte_of[c] for c in token): rank for token, rank in state["model"]["vocab"].items()}


def ordinary(tokenizer, text):
    tokenizer.encode_special_tokens = True
    return tokenizer.encode(text, add_special_tokens=False).ids


def random_texts():
    texts = [case["text"] for case in json.loads(RANDOM_TEXTS.read_text())]
    return [text for text in texts if not any(0xD800 <= ord(c) < 0xE000 for c in text)]


def randomise(gpt, generator):
    """Sparse and few levels; embeddings far from unit norm, so that the eps of a norm would show."""
    with torch.no_grad():
        for name, parameter in gpt.named_parameters():
            gain = 10.0 if "embed" in name else 5.0 if "lm_head" in name else 0.7 if "fc2" in name else 1.6
            parameter.copy_(draw(parameter.shape, gain, 0.15 if "embed" in name else 0.05, generator))


def make(spec, seed):
    gpt = NanoChatForCausalLM(NanoChatConfig(**spec["config"])).float().eval()
    randomise(gpt, torch.Generator().manual_seed(seed))
    return gpt


def round_tables(gpt):
    """cos and sin as transformers rounds them where it computes in bf16; everything else stays f32."""
    gpt.model.rotary_emb.register_forward_hook(
        lambda _, __, out: tuple(table.bfloat16().float() for table in out))


def greedy(gpt, prompt):
    ids, margin = list(prompt), float("inf")
    for _ in range(GREEDY):
        best = gpt(torch.tensor([ids]), use_cache=False).logits[0, -1].topk(2)
        margin = min(margin, (best.values[0] - best.values[1]).item())
        ids.append(best.indices[0].item())
        if margin <= MARGIN:
            break
    return ids[len(prompt):], margin


def search_seed(spec):
    for seed in range(1, 400):
        gpt = make(spec, seed)
        if spec["save"] == torch.bfloat16:
            round_tables(gpt)
        numbers = torch.Generator().manual_seed(1000 + seed)
        ids = torch.randint(spec["config"]["vocab_size"], (LENGTH,), generator=numbers).tolist()
        continuation, margin = greedy(gpt, ids[:LENGTH - GREEDY])
        if margin > MARGIN and len(set(continuation)) >= 6:
            return seed, gpt, ids, continuation, margin
    raise SystemExit(f"no seed serves: {spec}")


def capture(gpt, ids):
    seen, hooks = {}, []
    for i, block in enumerate(gpt.model.layers):
        def before(_, args, kwargs, layer=i):
            given = args[0] if args else kwargs["hidden_states"]
            seen[f"blocks.{layer}.hook_resid_pre"] = given[0]
        def after(_, __, out, layer=i):
            seen[f"blocks.{layer}.hook_resid_post"] = (out[0] if isinstance(out, tuple) else out).reshape(len(ids), -1)
        hooks.append(block.register_forward_pre_hook(before, with_kwargs=True))
        hooks.append(block.register_forward_hook(after))
    logits = gpt(torch.tensor([ids]), use_cache=False).logits[0]
    for hook in hooks:
        hook.remove()
    return {**seen, "logits": logits}


def pack(path, raw):
    path.write_bytes(gzip.compress(raw, 9, mtime=0))


def write_model(folder, spec, gpt):
    with tempfile.TemporaryDirectory() as scratch:
        gpt.to(spec["save"]).save_pretrained(scratch, max_shard_size=spec["shard"])
        for file in sorted(pathlib.Path(scratch).iterdir()):
            if file.suffix == ".safetensors":
                pack(folder / f"{file.name}.gz", file.read_bytes())
            elif file.name != "generation_config.json":
                (folder / file.name).write_bytes(file.read_bytes())
    gpt.float()


def write_native(folder, spec, gpt, tokenizer):
    """The same model as nanochat itself would have kept it (r1)."""
    names = {"self_attn.q_proj": "attn.c_q", "self_attn.k_proj": "attn.c_k", "self_attn.v_proj": "attn.c_v",
             "self_attn.o_proj": "attn.c_proj", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj",
             "model.embed_tokens": "transformer.wte", "model.layers": "transformer.h"}
    state = {}
    for name, value in gpt.state_dict().items():
        for theirs, ours in names.items():
            name = name.replace(theirs, ours)
        state[name] = value
    file = io.BytesIO()
    torch.save(state, file)
    pack(folder / "model_000000.pt.gz", file.getvalue())
    c = gpt.config
    config = {"sequence_len": c.max_position_embeddings, "vocab_size": c.vocab_size, "n_layer": c.num_hidden_layers,
              "n_head": c.num_attention_heads, "n_kv_head": c.num_key_value_heads, "n_embd": c.hidden_size}
    meta = {"step": 0, "val_bpb": None, "model_config": config}
    (folder / "meta_000000.json").write_text(json.dumps(meta) + "\n")
    ranks = byte_ranks(tokenizer)
    special = {name: len(ranks) + i for i, name in enumerate(SPECIAL)}
    encoding = tiktoken.Encoding("random", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens=special)
    (folder / "tokenizer.pkl").write_bytes(pickle.dumps(encoding, 4))
    return encoding


def versions(seed):
    return {"script": "tests/peers/hf_goldens.py", "seed": seed, "transformers": transformers.__version__,
            "tokenizers": tokenizers.__version__, "torch": torch.__version__, "python": platform.python_version(),
            "licence": "weights, tokenizers and numbers generated by this repository, MIT"}


def write(name, spec):
    seed, gpt, ids, continuation, margin = search_seed(spec)
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = train_tokenizer(spec["merges"])
    pack(folder / "tokenizer.json.gz", tokenizer.to_str().encode())
    seen = capture(gpt, ids)
    rows = [0, 1, 64, LENGTH - 1]
    write_safetensors(folder / "golden.safetensors", {key: x[rows] for key, x in seen.items()})
    write_model(folder, spec, gpt)
    texts = random.Random(seed).sample(random_texts(), 60)
    if name == "sharded":
        encoding = write_native(folder, spec, gpt, tokenizer)
        assert all(encoding.encode_ordinary(t) == ordinary(tokenizer, t) for t in random_texts())
    note = {"source": versions(seed), "token_ids": ids, "rows": rows, "prompt_length": LENGTH - GREEDY,
            "greedy_ids": continuation, "smallest_margin": margin,
            "texts": [{"text": text, "ids": ordinary(tokenizer, text)} for text in texts]}
    (folder / "note.json").write_text(json.dumps(note) + "\n")
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(name, f"seed {seed}, {size} bytes, margin {margin:.3f}, {len(set(continuation))} words",
          {key: f"{x.abs().max():.1f}" for key, x in seen.items()}, flush=True)


def write_demo_tokenizer():
    with open(DEMO_PICKLE, "rb") as file:
        encoding = pickle.load(file)
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch) / "ranks.tiktoken"
        path.write_bytes(b"".join(base64.b64encode(token) + b" %d\n" % rank
                                  for token, rank in encoding._mergeable_ranks.items()))
        tokenizer = TikTokenConverter(vocab_file=str(path), pattern=encoding._pat_str,
                                      extra_special_tokens=list(encoding._special_tokens)).converted()
    texts = random_texts()
    differ = [t for t in texts if ordinary(tokenizer, t) != encoding.encode_ordinary(t)]
    print(f"demo tokenizer: {len(texts)} texts, {len(differ)} where tokenizers and tiktoken differ", differ[:5])
    pack(OUT / "demo_tokenizer.json.gz", tokenizer.to_str().encode())
    (OUT / "demo_tokenizer.note.json").write_text(json.dumps({"source": versions(None), "of": DEMO_PICKLE}) + "\n")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    with torch.inference_mode():
        for name in sys.argv[1:] or MODELS:
            write(name, MODELS[name])
    write_demo_tokenizer()


if __name__ == "__main__":
    main()
