"""Conversations and calculator results by upstream's own code, for tests/unit/chat.

    git clone https://github.com/karpathy/nanochat /tmp/nanochat
    python tests/peers/chat_goldens.py /tmp/nanochat            (tiktoken 0.14, Python 3.11)

Takes tokenizer.py (render_conversation, render_for_completion) and engine.py (use_calculator) at COMMIT from
the clone's history into a temporary folder; nothing of them is kept. The tokenizer is the demo's. Writes
tests/fixtures/chat/goldens.json.
"""

import importlib.util
import json
import pathlib
import pickle
import platform
import subprocess
import sys
import tempfile
import types

import tiktoken

COMMIT = "92d63d4e8bb4df75c3b71618f31ddde2378b2bcd"
ROOT = pathlib.Path(__file__).parent.parent.parent
TOKENIZER = ROOT / "public" / "demo" / "nanochat-d4" / "tokenizer.pkl"
OUT = ROOT / "tests" / "fixtures" / "chat" / "goldens.json"

user = lambda text: {"role": "user", "content": text}
assistant = lambda content: {"role": "assistant", "content": content}
system = lambda text: {"role": "system", "content": text}
part = lambda kind, text: {"type": kind, "text": text}

CONVERSATIONS = [
    [user("Hello."), assistant("Hi there!")],
    [user("Hello."), assistant("Hi!"), user("And now?\nTwo lines"), assistant("Still here.")],
    [system("Be brief."), user("What is a ship?"), assistant("A large boat.")],
    [user("<|assistant_start|>I said <|bos|>"), assistant("<|assistant_end|>no")],
    [user("How many r in strawberry?"), assistant([
        part("text", "Let me count: "), part("python", "'strawberry'.count('r')"),
        part("python_output", "3"), part("text", " so three.")])],
    [user(""), assistant("")],
    [user("caf\u00e9 \U0001f642 \u4f60\u597d"), assistant("\u00e9\u00e9\u00e9")],
]

SUMS = """
1+1| 1 + 1 |2/1|1/3|10/4|-7//2|7//-2|-7.5//2|7//2.5|0.1+0.2|1e5|2**3|2*,*3|1,000+2,000|12,5|(1+2)*3|((1))|1-2-3
100/7*3|-(-3)|--3|-+-3|2--3|2+*3|2*-3|5/0|5//0|5.0/0|0/5|-0.0|-0|0.0*-1|007|00|01.5|1.|.5|.|..|1..2|1.5.2|1 2|1 .5
123456789012345678901234567890*987654321098765432109876543210|10000000000000000/3|1/98765432109876543210
9007199254740993/1|10000000000000000.0|123456789012345680.0|1000000000000000.0|0.0001|0.00001|1.0e5|.00001234
1/3*3|22/7|3.0|3.10|100*1.1|7*1.1|1e400|(|)|()+1|(1|1)|(1)(2)|2(3)|%|5%3|5 // 2|5 / / 2|1/2/2|2*3/4|x+1|1+x
99999999999999999999.0|1.7976931348623157*10|0.30000000000000004|5e-324|9.999999999999999e22||   |-|+5|- 5|6 *7
'strawberry'.count('r')|"strawberry".count("r")|'strawberry'.count("rr")|'aaaa'.count('aa')|'abc'.count('')
''.count('')|''.count('a')|'Hello World'.count('o')|'a,b'.count(',')|'profile'.count('e')|'Direct'.count('r')
'abc'.count(b)|'abc'.upper()|'abc'.count('a') + 1|('abc').count('b')|('abc'.count('b'))|'abc' 'bcd'.count('bc')
'abc'.count( 'b' )| 'abc' .count('b')|'abc'. count('b')|'abc'.count('b') |len('abc')|abc.count('a')|'abc'.count('a'
'it's'.count('s')|"it's".count("s")|"it's".count("'")|'abc'.count("b').count('b')|'abc'.count('b').count('b')
__import__('os').count('a')|'__'.count('_')|'eval'.count('a')|'caf\u00e9'.count('c')|'abc'.count('b'), 'x'.count('y')
'''abc'''.count('b')|'abc'.COUNT('b')|'a b c'.count(' ')|'1+1'.count('1')|'11'.count('1')|'abc'.count(('b'))
""".strip("\n").replace("\n", "|").split("|")
SUMS += ["9" * 400 + ".0", "-" + "9" * 400 + ".0", "9" * 400 + "*1.0", "9" * 400 + "/1", "9" * 4301, "9" * 4300,
         "9" * 400 + ".0-" + "9" * 400 + ".0", "9" * 400 + "/" + "7" * 399, "(" * 199 + "1" + ")" * 199,
         "1" + "0" * 30 + "/" + "3" * 25, "123456789" * 9 + "//" + "987654321" * 3]


def git_show(clone, path):
    command = ["git", "-C", str(clone), "show", f"{COMMIT}:{path}"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def load(name, source, folder):
    path = pathlib.Path(folder) / f"{name}.py"
    path.write_bytes(source)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stub(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module


def main():
    clone = sys.argv[1]
    stub("rustbpe")
    stub("nanochat")
    stub("nanochat.common", compute_init=None, autodetect_device_type=None, COMPUTE_DTYPE=None)
    stub("nanochat.checkpoint_manager", load_model=None)
    with tempfile.TemporaryDirectory() as scratch:
        upstream = load("up_tokenizer", git_show(clone, "nanochat/tokenizer.py"), scratch)
        engine = load("up_engine", git_show(clone, "nanochat/engine.py"), scratch)
    tokenizer = upstream.RustBPETokenizer(pickle.loads(TOKENIZER.read_bytes()), "<|bos|>")
    conversations = [{
        "messages": messages,
        "ids": tokenizer.render_conversation({"messages": messages})[0],
        "for_completion": tokenizer.render_for_completion({"messages": messages}),
    } for messages in CONVERSATIONS]
    sums = []
    for expression in SUMS:
        result = engine.use_calculator(expression)
        sums.append([expression, None if result is None else str(result)])
    note = {"script": "tests/peers/chat_goldens.py", "upstream": "karpathy/nanochat", "commit": COMMIT,
            "tiktoken": tiktoken.__version__, "python": platform.python_version(),
            "licence": "inputs by this repository, MIT; outputs are numbers"}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({"source": note, "conversations": conversations, "sums": sums}) + "\n")
    print(len(conversations), "conversations,", len(sums), "sums,", OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
