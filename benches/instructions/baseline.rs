//! The counts that a change is held to.

use std::path::PathBuf;
use std::{env, fs};

use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig};

/// The instructions of each benchmark, by its function and its case.
const BASELINE: [(&str, u64); 11] = [
    ("normalise.english", 2_101_000),
    ("normalise.mixed_scripts", 8_778_000),
    ("normalise.disguised", 45_489_000),
    ("tokenize.new_words", 11_004_000),
    ("tokenize.known_words", 3_658_000),
    ("cut_windows.mixed_scripts", 3_869_000),
    ("classify_by_gate.short", 2_358_000),
    ("classify_by_gate.long", 6_329_000),
    ("classify_by_student.short", 60_437_000),
    ("classify_by_encoder.short", 82_451_000),
    ("score_json_lines.generated", 80_112_000),
];

/// How far a count may be from its baseline, in percent: more above it fails, more below it is told.
const TOLERANCE: u64 = 3;

/// Callgrind counts `rep movsb` once for every byte. Where copies begin to be made by it is out of reach with this, so that
/// they weigh what they cost, and what `realloc` happens to find behind a buffer doesn't change a count by some percent.
const NO_REPEATED_MOVES: &str = "glibc.cpu.x86_rep_movsb_threshold=1073741824:glibc.cpu.x86_rep_stosb_threshold=1073741824";

/// Fails the benchmark if it takes more instructions than its baseline and the tolerance.
///
/// # Panics
/// If the benchmark has no baseline.
pub(crate) fn held_to_baseline(benchmark: &str) -> LibraryBenchmarkConfig {
    let (_, baseline) = BASELINE.iter().find(|(name, _)| *name == benchmark).expect("each benchmark has a baseline");
    let limit = baseline * (100 + TOLERANCE) / 100;
    // Nobody looks at simulated caches here, and without them it takes less time.
    let mut callgrind = Callgrind::with_args(["--cache-sim=no"]);
    callgrind.hard_limits([(EventKind::Ir, limit)]);
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(callgrind).env("GLIBC_TUNABLES", NO_REPEATED_MOVES);
    config
}

/// Says which baselines can be lowered. A hard limit can only be one from above, so this reads what callgrind wrote.
#[allow(clippy::print_stderr, reason = "gungraun says there what has regressed")]
pub(crate) fn tell_what_fell() {
    for (name, baseline) in BASELINE {
        if let Some(count) = last_count(name).filter(|&count| count < baseline * (100 - TOLERANCE) / 100) {
            eprintln!("{name} takes {count} instructions: its baseline, {baseline}, can be lowered");
        }
    }
}

/// The instructions that a benchmark took when it last ran, if it ever did.
fn last_count(benchmark: &str) -> Option<u64> {
    let file = results()?.join(benchmark).join(format!("callgrind.{benchmark}.out"));
    fs::read_to_string(file).ok()?.lines().find_map(|line| line.strip_prefix("totals: ")?.parse().ok())
}

/// Where gungraun keeps what it measured: in the target folder, as this program is.
fn results() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    let target = program.ancestors().nth(3)?;
    Some(target.join("gungraun").join(env!("CARGO_PKG_NAME")).join("instructions/hot_path"))
}
