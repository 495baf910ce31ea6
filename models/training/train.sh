#!/usr/bin/env bash
# Makes the model folder from the data folder. Every step is skipped if its result is there; the long ones resume.
#   models/training/train.sh DATA_FOLDER OUT_FOLDER
# Needs Python 3.11 with requirements.txt installed (set PYTHON to choose one), 8 GB of memory; about four hours on 2 cores
# with AVX-512 bfloat16, several times that without.
set -euo pipefail
if [ $# -ne 2 ]; then sed -n '2,5s/^# *//p' "$0"; exit 2; fi
data=$(realpath "$1"); mkdir -p "$2"; out=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd); python=${PYTHON:-python3}
cd "$here"
# Sums depend on how many threads share them; threads that wait without spinning lose little where others are at work.
export OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0
[ -e "$out/base/tokenizer.json" ] || "$python" base_model.py "$out/base"
[ -e "$out/pruned/tokenizer.json" ] || "$python" vocabulary.py "$out/base" "$data" "$out/pruned" | tee "$out/vocabulary.log"
[ -e "$out/round1/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round1" --epochs 2 --written 2 --batch 2 --keep-disguises
[ -e "$out/mined1.jsonl" ] || "$python" mine.py "$out/pruned" "$out/round1/checkpoint.pt" "$data" "$out/mined1.jsonl" --keep-disguises
[ -e "$out/round2/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round2" \
  --start "$out/round1/checkpoint.pt" --mined "$out/mined1.jsonl" --batch 3 --epochs 3 --written 2 --rate 0.8 --seed 2 --keep-disguises
[ -e "$out/round3/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round3" \
  --start "$out/round2/checkpoint.pt" --mined "$out/mined1.jsonl" --batch 3 --epochs 1 --written 2 --rate 0.5 --seed 3
[ -e "$out/gate/gate.onnx" ] || "$python" gate.py "$out/pruned" "$out/round3/checkpoint.pt" "$data" "$out/gate"
[ -e "$out/mined2.jsonl" ] || "$python" mine.py "$out/pruned" "$out/round3/checkpoint.pt" "$data" "$out/mined2.jsonl" \
  --gate "$out/gate/gate.onnx" --count 40000 --every-language
[ -e "$out/round4/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round4" \
  --start "$out/round3/checkpoint.pt" --mined "$out/mined2.jsonl" --epochs 3 --written 2 --rate 0.7 --seed 4
[ -e "$out/average/checkpoint.pt" ] || "$python" average.py "$out/round3/checkpoint.pt" "$out/round4/checkpoint.pt" "$out/average"
[ -e "$out/round5/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round5" \
  --start "$out/average/checkpoint.pt" --mined "$out/mined2.jsonl" --whole arsarcasm,indonlu --benign 3000 --epochs 1 --written 2 --rate 0.4 --seed 5
[ -e "$out/round6/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round6" \
  --start "$out/round5/checkpoint.pt" --mined "$out/mined2.jsonl" --hard 1000 --benign 500 --whole arsarcasm,indonlu,aave_corpora --whole-weight 6 \
  --epochs 1 --written 1 --rate 0.3 --seed 6
# The student heard round 5: round 6 differs from it in what it says of a few benign posts.
[ -e "$out/student/student.pt" ] || "$python" student.py "$out/pruned" "$out/round5/checkpoint.pt" "$data" "$out/student" --mined "$out/mined2.jsonl"
"$python" package.py "$out/pruned" "$out/round6/checkpoint.pt" "$out/gate/gate.onnx" "$out/student/student.pt" "$data" "$out/package" \
  "$here/../multilingual-small"
"$python" golden.py "$here/../multilingual-small" "$here/../../fixtures/golden.jsonl"
