#!/usr/bin/env bash
# Makes the model folder from the data folder. Every step is skipped if its result is there; the long one resumes.
#   models/training/train.sh DATA_FOLDER OUT_FOLDER
# Needs Python 3.11 with requirements.txt installed (set PYTHON to choose one), 6 GB of memory; hours on 2 cores.
set -euo pipefail
if [ $# -ne 2 ]; then sed -n '2,4s/^# *//p' "$0"; exit 2; fi
data=$(realpath "$1"); mkdir -p "$2"; out=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd); python=${PYTHON:-python3}
cd "$here"
[ -e "$out/base/tokenizer.json" ] || "$python" base_model.py "$out/base"
[ -e "$out/pruned/tokenizer.json" ] || "$python" vocabulary.py "$out/base" "$data" "$out/pruned" | tee "$out/vocabulary.log"
[ -e "$out/round1/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round1"
"$python" package.py "$out/pruned" "$out/round1/checkpoint.pt" "$data" "$out/package" \
  "$here/../multilingual-small" "$here/../../fixtures/golden.jsonl"
