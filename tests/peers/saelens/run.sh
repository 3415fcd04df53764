#!/usr/bin/env bash
# Encodes and decodes the same rows here and in the libraries whose files are read and written: SAELens, sparsify and
# dictionary_learning, in both directions. Prints the largest difference per architecture; exits 0 if all agree.
#   bash tests/peers/saelens/run.sh [--update]     --update also renews tests/fixtures/saes
# The virtual environment lies outside the repository. PEERS_PYTHON names the Python it is made with, PEERS_TORCH a
# site-packages folder whose torch it may use instead of its own.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
venv="${PEERS_VENV:-$HOME/.cache/nanoscope-peers/venv}"
python="$venv/bin/python"
packages=(sae-lens==6.54.12 eai-sparsify==1.3.3 dictionary-learning==0.1.0)

if [ ! -x "$python" ]; then
  mkdir -p "$(dirname "$venv")"
  "${PEERS_PYTHON:-python3}" -m venv "$venv"
  if [ -n "${PEERS_TORCH:-}" ]; then
    echo "$PEERS_TORCH" > "$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/torch.pth"
  fi
fi
"$python" -m pip install --quiet --disable-pip-version-check "${packages[@]}"
# Its classes of files need none of its other dependencies.
"$python" -m pip install --quiet --disable-pip-version-check --no-deps sae-dashboard==0.8.0

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"$python" "$here/write_theirs.py" "$work/theirs"
node "$here/parity.mjs" "$work/theirs" "$work/ours"
"$python" "$here/read_ours.py" "$work/ours"
"$python" "$here/read_model.py" "$work/ours" "$root/tests/fixtures/hf/tied"
"$python" "$here/read_dashboards.py" "$work/ours/dashboards"
if [ "${1:-}" = --update ]; then
  rm -rf "$root/tests/fixtures/saes"
  cp -r "$work/theirs" "$root/tests/fixtures/saes"
fi
