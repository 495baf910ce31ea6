#!/usr/bin/env bash
# Runs fuzz targets, each for so many seconds: [JOBS=N] fuzz/run.sh SECONDS [TARGET…]
# Needs stable Rust and a C++ compiler, for libFuzzer; no nightly, no cargo-fuzz, no sanitizer.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:?usage: [JOBS=N] fuzz/run.sh SECONDS [TARGET…]}
shift
read -ra targets <<< "${*:-text_view tokenizer tokenizer_definition json_lines csv tsv warc warc_gz html parquet redaction manifest}"

host=$(rustc -vV | sed -n 's/^host: //p')
# What cargo-fuzz passes for --sanitizer none. With --target, build scripts and macros are not instrumented.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing"
binaries=()
for target in "${targets[@]}"; do binaries+=(--bin "$target"); done
cargo build --release --locked --target "$host" "${binaries[@]}"
folder=${CARGO_TARGET_DIR:-target}/$host/release

# Seeds: those here, and sound files that the project has anyway.
seeds() {
  case $1 in
    parquet) printf '%s\n' ../crates/bellwether-batch/tests/parquet_file ;;
  esac
  [ ! -d "seeds/$1" ] || printf '%s\n' "seeds/$1"
}

# One target; what it prints comes out at once, so that targets beside it do not mix with it.
fuzz() {
  local target=$1 folders output status=0
  mkdir -p "corpus/$target" artifacts
  # Beside the manifest stand weights, which are no seeds.
  [ "$target" != manifest ] || cp ../models/multilingual-small/manifest.toml corpus/manifest/
  mapfile -t folders < <(seeds "$target")
  output=$("$folder/$target" "corpus/$target" "${folders[@]}" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
    -malloc_limit_mb=1024 -max_len=65536 -artifact_prefix="artifacts/$target-" -print_final_stats=1 2>&1) || status=$?
  printf '\n== %s\n%s\n' "$target" "$(grep -vE '(NEW|REDUCE|pulse|RELOAD|NEW_FUNC)' <<< "$output" || true)"
  return "$status"
}
export -f fuzz seeds
export folder seconds
printf '%s\n' "${targets[@]}" | xargs -P "${JOBS:-1}" -I '{}' bash -c 'fuzz {}'
