"""Texts that break tokenizers, encoded by tiktoken: tests/fixtures/formats/tokenizer_random.json.

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install tiktoken
    /tmp/peer/bin/python tests/peers/tokenizer_goldens.py 250 7 tests/fixtures/formats/tokenizer_random.json

Arguments: how many texts, seed, output. Code points that the Unicode of Python does not know are left
out: a browser and tiktoken may follow different versions of it.
"""

import json
import pickle
import platform
import random
import sys
import unicodedata

import tiktoken

PICKLE = "public/demo/nanochat-d4/tokenizer.pkl"  # made by this project, so loading it is safe

SPACES = [" ", "  ", "\t", "\n", "\r\n", "\r", "\u0085", "\u00a0", "\ufeff", "\u2028", "\u3000", "\u200b", "\x0b", "\x1c"]
WORDS = ["the", "Hello", "don", "'s", "'S", "'\u017f", "'LL", "'Ve", "'rE", "'re", "'d", "'\u212a", "it's", "I'M", "we'll",
         "1", "42", "123456789", "\u0661\u0662\u0663", "\u00bd", "\u2167", "...", "!?", "--", "/*", "*/", "::", "<|bos|>",
         "<|assistant_end|>", "<|", "|>", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "e\u0301",
         "stra\u00dfe", "\u4f60\u597d", "\u3053\u3093\u306b\u3061\u306f", "\u0645\u0631\u062d\u0628\u0627", "\u0928\u092e\u0938\u094d\u0924\u0947", "\ud83d", "\udc00", "\x00", "\x7f"]
RANGES = [(0x20, 0x7F), (0xA0, 0x250), (0x370, 0x590), (0x600, 0x700), (0x900, 0xE00), (0x2000, 0x2100),
          (0x2190, 0x2600), (0x3040, 0x30FF), (0x4E00, 0x9FA5), (0xAC00, 0xD7A4), (0xFE00, 0x10000), (0x1D400, 0x1D800), (0x1F300, 0x1F700)]


def assigned(rng):
    while True:
        low, high = rng.choice(RANGES)
        char = chr(rng.randrange(low, high))
        if unicodedata.category(char) != "Cn":
            return char


def text(rng):
    parts = []
    for _ in range(rng.choice([1, 3, 8, 20])):
        kind = rng.random()
        if kind < 0.3:
            parts.append("".join(rng.choice(SPACES) for _ in range(rng.choice([1, 1, 2, 5]))))
        elif kind < 0.65:
            parts.append(rng.choice(WORDS))
        elif kind < 0.8:
            parts.append("".join(assigned(rng) for _ in range(rng.choice([1, 2, 6]))))
        elif kind < 0.95:
            parts.append("".join(rng.choice("abcdeinorst") for _ in range(rng.choice([1, 4, 12, 30]))))
        else:
            parts.append(rng.choice(["a", " ", "ab", "the", "\u00e9", "=-", "\n"]) * rng.choice([20, 60]))
    return "".join(parts)


def main():
    count, seed, out = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    rng = random.Random(seed)
    with open(PICKLE, "rb") as file:
        encoding = pickle.load(file)
    cases = [{"text": t, "ids": encoding.encode_ordinary(t)} for t in (text(rng) for _ in range(count))]
    with open(out, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
    note = {
        "script": "tests/peers/tokenizer_goldens.py",
        "count": count,
        "seed": seed,
        "tiktoken": tiktoken.__version__,
        "python": platform.python_version(),
        "unicode": unicodedata.unidata_version,
        "tokenizer": PICKLE,
        "licence": "MIT, made for this project",
    }
    with open(out.replace(".json", ".note.json"), "w") as file:
        json.dump(note, file, indent=2)
        file.write("\n")


main()
