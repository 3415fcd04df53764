#!/usr/bin/env bash
# The way to other machines and back: `nanoscope handoff` on the demo, two torchrun processes on the processor that train
# its script with SAELens and upstream nanochat, `nanoscope import`, then both SAEs beside our own runs of the same recipe on
# held-out text. Exits 0 if explained variance differs by at most 0.005.
#   bash tests/peers/handoff/run.sh
# The virtual environment is the one of tests/peers/saelens/run.sh, which makes it. PEERS_NANOCHAT names a clone of
# nanochat; without it one is made.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
venv="${PEERS_VENV:-$HOME/.cache/nanoscope-peers/venv}"
python="$venv/bin/python"
[ -x "$python" ] || { echo "run tests/peers/saelens/run.sh first: it makes $venv" >&2; exit 1; }
"$python" -m pip install --quiet --disable-pip-version-check filelock rustbpe tiktoken

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
nanochat="${PEERS_NANOCHAT:-$work/nanochat}"
[ -d "$nanochat" ] || git clone --quiet --depth 1 https://github.com/karpathy/nanochat "$nanochat"

nanoscope() { node "$root/bin/nanoscope.mjs" "$@"; }
demo=(--checkpoint "$root/public/demo/nanochat-d4" --data "$root/public/demo/corpus.jsonl" --device cpu)
recipe=(--layer 2 --expansion-factor 4 --k 16 --num-activations 200000)

nanoscope handoff "${demo[@]}" "${recipe[@]}" --seeds 2 --output-dir "$work/elsewhere"
OMP_NUM_THREADS=1 "$python" -m torch.distributed.run --standalone --nproc-per-node 2 "$work/elsewhere/train_sae.py" \
  --nanochat "$nanochat" --checkpoint "$root/public/demo/nanochat-d4" > "$work/torchrun.log" 2>&1 ||
  { tail -50 "$work/torchrun.log"; exit 1; }
nanoscope import "$work/elsewhere/saes" --output-dir "$work/theirs" --device cpu
for seed in 0 1; do
  nanoscope train "${demo[@]}" "${recipe[@]}" --seed $seed --output-dir "$work/train" 2> /dev/null
  mkdir -p "$work/ours" && mv "$work/train/layer_2" "$work/ours/seed_$seed"
done
for whose in theirs ours; do
  nanoscope eval --sae-dir "$work/$whose" "${demo[@]}" --json 2> /dev/null | tail -1 > "$work/$whose.json"
done
"$python" "$root/tests/peers/handoff/compare.py" "$work/theirs.json" "$work/ours.json"
