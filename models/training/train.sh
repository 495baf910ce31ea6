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
# Round 1 was trained when only the texts called bw-… were written.
[ -e "$out/round1/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round1" --own bw-
[ -e "$out/mined1.jsonl" ] || "$python" mine.py "$out/pruned" "$out/round1/checkpoint.pt" "$data" "$out/mined1.jsonl"
[ -e "$out/round2/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round2" \
  --start "$out/round1/checkpoint.pt" --mined "$out/mined1.jsonl" --synthetic 1 --benign 4000 --rate 0.7 --seed 2
[ -e "$out/gate/gate.onnx" ] || "$python" gate.py "$out/pruned" "$out/round2/checkpoint.pt" "$data" "$out/gate"
"$python" package.py "$out/pruned" "$out/round2/checkpoint.pt" "$out/gate/gate.onnx" "$data" "$out/package" \
  "$here/../multilingual-small" "$here/../../fixtures/golden.jsonl"
