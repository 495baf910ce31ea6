#!/usr/bin/env bash
# Makes the model folder from the data folder. Every step is skipped if its result is there; the long ones resume.
#   models/training/train.sh DATA_FOLDER OUT_FOLDER [BELLWETHER]
# BELLWETHER is the command, target/release/bellwether by default. Needs Python 3.11 with requirements.txt installed (set PYTHON to choose
# one), 8 GB of memory; about six hours on 2 cores with AVX-512 bfloat16, several times that without.
set -euo pipefail
if [ $# -lt 2 ]; then sed -n '2,5s/^# *//p' "$0"; exit 2; fi
data=$(realpath "$1"); mkdir -p "$2"; out=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd); python=${PYTHON:-python3}; bellwether=$(realpath "${3:-$here/../../target/release/bellwether}")
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
[ -e "$out/gate3/gate.onnx" ] || "$python" gate.py "$out/pruned" "$out/round3/checkpoint.pt" "$data" "$out/lessons3" "$out/gate3" --mined "$out/mined1.jsonl"
[ -e "$out/mined2.jsonl" ] || "$python" mine.py "$out/pruned" "$out/round3/checkpoint.pt" "$data" "$out/mined2.jsonl" \
  --gate "$out/gate3/gate.onnx" --count 40000 --every-language
[ -e "$out/round4/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round4" \
  --start "$out/round3/checkpoint.pt" --mined "$out/mined2.jsonl" --epochs 3 --written 2 --rate 0.7 --batch 4 --seed 4
[ -e "$out/average/checkpoint.pt" ] || "$python" average.py "$out/round3/checkpoint.pt" "$out/round4/checkpoint.pt" "$out/average"
[ -e "$out/round5/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round5" \
  --start "$out/average/checkpoint.pt" --mined "$out/mined2.jsonl" --whole arsarcasm,indonlu --benign 3000 --epochs 1 --written 2 --rate 0.4 --batch 4 --seed 5
[ -e "$out/round6/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round6" \
  --start "$out/round5/checkpoint.pt" --mined "$out/mined2.jsonl" --hard 1000 --benign 500 --whole arsarcasm,indonlu,aave_corpora --whole-weight 6 \
  --epochs 1 --written 1 --rate 0.3 --batch 4 --seed 6

# What screens for a round.
screens() { # ROUND MINED
  [ -e "$out/gate$1/gate.onnx" ] || "$python" gate.py "$out/pruned" "$out/round$1/checkpoint.pt" "$data" "$out/lessons$1" "$out/gate$1" --mined "$2"
  [ -e "$out/student$1/student.pt" ] || "$python" student.py "$out/pruned" "$out/round$1/checkpoint.pt" "$data" "$out/lessons$1" "$out/student$1" --mined "$2"
}
# A model of a checkpoint, with what screens for a round.
model() { # CHECKPOINT ROUND FOLDER
  "$python" package.py "$out/pruned" "$1" "$out/gate$2/gate.onnx" "$out/student$2/student.pt" "$data" "$3" &&
    "$python" fit.py "$3" "$data" "$out/fit$2" "$bellwether" && touch "$out/fit$2/fitted"
}
screens 6 "$out/mined2.jsonl"
[ -e "$out/fit6/fitted" ] || model "$out/round6/checkpoint.pt" 6 "$out/model6"
[ -e "$out/mined-pool.jsonl" ] || "$python" mine_pool.py "$out/model6" "$data" "$out/pool" "$bellwether" "$out/mined-pool.jsonl"
[ -e "$out/mined3.jsonl" ] || "$python" mine.py "$out/pruned" "$out/round6/checkpoint.pt" "$data" "$out/mined3.jsonl" --count 60000 --seed 3 --every-language
[ -e "$out/round7/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round7" \
  --start "$out/round6/checkpoint.pt" --batch 4 --mined "$out/mined-pool.jsonl" --mined "$out/mined3.jsonl" --hard 5000 --hard-weight 3 \
  --whole arsarcasm,indonlu,aave_corpora --whole-weight 3 --benign 3000 --epochs 1 --written 1 --rate 0.5 --seed 7
[ -e "$out/round8/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round8" \
  --start "$out/round7/checkpoint.pt" --mined "$out/mined-pool.jsonl" --mined "$out/mined3.jsonl" --hard 5000 --hard-weight 3 \
  --whole arsarcasm,indonlu,aave_corpora --whole-weight 3 --benign 3000 --epochs 1 --written 1 --fresh 4 --batch 5 --rate 0.5 --seed 8
[ -e "$out/round9/round.json" ] || "$python" fine_tune.py "$out/pruned" "$data" "$out/round9" \
  --start "$out/round8/checkpoint.pt" --mined "$out/mined-pool.jsonl" --mined "$out/mined3.jsonl" --hard 5000 --hard-weight 3 \
  --whole arsarcasm,indonlu,aave_corpora --whole-weight 3 --benign 3000 --epochs 1 --written 1 --fresh 4 --rate 0.4 --seed 9
screens 9 "$out/mined-pool.jsonl"
[ -e "$out/average9/checkpoint.pt" ] || "$python" average.py "$out/round8/checkpoint.pt" "$out/round9/checkpoint.pt" "$out/average9"
model "$out/average9/checkpoint.pt" 9 "$here/../multilingual-small"
"$python" golden.py "$here/../multilingual-small" "$here/../../fixtures/golden.jsonl"
