#!/usr/bin/env bash
# Peak memory of loading and scoring in each mode, and whether what is remembered of texts stays bounded: benches/memory.sh [STRINGS]
set -euo pipefail
cd "$(dirname "$0")/.."
strings=${1:-200000}
cargo build --release --quiet -p bellwether-benches --example peak_memory
program=${CARGO_TARGET_DIR:-target}/release/examples/peak_memory

printf '%-8s %-18s %8s\n' mode what 'peak MiB'
for mode in gate cascade encoder; do
  printf '%-8s %-18s %8s\n' "$mode" load "$("$program" load "$mode")"
  for threads in 1 2; do
    printf '%-8s %-18s %8s\n' "$mode" "$threads threads" "$("$program" score "$mode" "$threads")"
  done
done
printf '\nmemory in use while %s strings of new words go through the gate\n' "$strings"
"$program" plateau gate "$strings"
