//! What the command line says, as types.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use bellwether::{Mode, Profile, Runtime};
use bellwether_batch::job::Duplicates;
use bellwether_batch::sink::OutputFormat;
use bellwether_batch::source::{Format, Input};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Scores online text by five terrorist uses of the internet, and by the context its author speaks in.
///
/// The five uses are those that the UN CTITF working group names: radicalization, recruitment, training,
/// planning, fundraising. A label is a flag for a person to look at, never a verdict: the classifier makes
/// mistakes, and a score is no evidence against anybody.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Score(ScoreArguments),
    Evaluate(EvaluateArguments),
    Model(ModelArguments),
}

/// Score documents, in the order of the input: JSON lines, CSV, Parquet, or attributes for the Dolma toolkit.
///
/// A line of output holds `id`, `scores` (five calibrated probabilities), `labels` (those over the profile's
/// thresholds; none unless advocacy is as probable as the profile asks), `context`, `stage`, `coverage` (share of the text that was
/// read), `windows`, `evidence` (for each label the bytes of the text that speak most for it; the text of an archived page is
/// what was extracted from it), `lang` (as the input states it, else identified), `lang_supported` (whether the model was
/// measured in that language), `date` and `digest` of pages from web archives, and `error`. The columns of CSV and Parquet are called after these: `score_LABEL`,
/// `context_CONTEXT`, `error_kind`, `error_message`; `labels` is separated by spaces in CSV, `evidence` is JSON in both.
///
/// The texts themselves are not written, unless --with-text is given. `evidence` counts the bytes of the text that was read, or
/// of the one that is written beside it with --with-text, where that is redacted.
/// A document that cannot be scored gets a line with `id` and `error`; the run goes on.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  bellwether score posts.jsonl                       scores to standard output
  bellwether score crawl-*.jsonl.zst -o scores.jsonl.zst
  bellwether score archive/ -o scores.parquet         every .warc.gz, .parquet, .csv, ... in the folder
  bellwether score documents/part-0.jsonl.gz --output-format dolma -o attributes/bellwether/part-0.jsonl.gz
  bellwether score posts.jsonl --with-text --redact key -o review.csv
  zcat notes.txt.gz | bellwether score --format text - | jq 'select(.labels != [])'
  bellwether score archive/ 'more/*.wet.gz' -o out/   a job: part by part into a folder; run it again to resume it

A job scores each input in parts of --part-records and writes a file a part, which appears whole. The same command, run
again after a crash, Ctrl-C or a full disk, keeps what is complete and does the rest; the files are the same, byte for
byte, as if nothing had happened. It refuses if the model, an option that matters or an input differs from what the
folder was begun with: name another folder then, or start anew with --fresh. Inputs may be added. run.json appears when
all is complete: inputs with their digests, counts, histograms of scores, speed, model and configuration hashes.
Standard input can be scored by a job, but not resumed.

Exit status: 0 every document was scored, 1 some failed (their lines say why), 2 wrong usage or a fatal error,
130 Ctrl-C or SIGTERM stopped a job (a second one stops it at once; either way it can be resumed).")]
pub(crate) struct ScoreArguments {
    /// Files, folders, patterns, or - for standard input: JSON lines (.jsonl), tables (.csv, .tsv), plain text, a document a line
    /// (.txt), web archives (.warc, .wet), each also .gz or .zst; Parquet (.parquet, .pq), from files alone.
    #[arg(value_name = "INPUT", default_value = "-")]
    pub(crate) inputs: Vec<Input>,

    /// Write to this file instead of standard output: JSON lines (.jsonl) or CSV (.csv), each also .gz or .zst, or Parquet
    /// (.parquet, .pq). It appears whole at the end, not before. A folder, or a path with / at its end, makes it a job: see
    /// below.
    #[arg(short, long, value_name = "FILE|FOLDER/")]
    pub(crate) output: Option<PathBuf>,

    /// The format of the output, where the file's name does not say it: jsonl, csv or dolma, each also with .gz or .zst
    /// behind, or parquet; standard output and jobs are jsonl if not stated. dolma is a line of attributes a document, with offsets in
    /// characters.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) output_format: Option<OutputFormat>,

    /// Write the text of each document too, as `text`.
    #[arg(long, overrides_with = "no_text")]
    pub(crate) with_text: bool,

    /// Do not write the texts: the default, and stronger than a --with-text before it.
    #[arg(long, overrides_with = "with_text")]
    no_text: bool,

    /// Put pseudonyms in place of handles, e-mail addresses and telephone numbers in whatever is written (text, id, lang, date,
    /// digest, error messages): `<email:HEX>`, a hash under the key in this file, of at least 16 bytes that nobody can guess. The
    /// same key gives the same pseudonyms. Make one with `head -c 32 /dev/urandom | base64 > key`.
    #[arg(long, value_name = "KEYFILE")]
    pub(crate) redact: Option<PathBuf>,

    /// The format of every input, where file names do not say it; standard input is jsonl if not stated.
    #[arg(long, value_enum)]
    pub(crate) format: Option<FormatName>,

    /// The JSON field, or the column of a table, that holds the text.
    #[arg(long, value_name = "NAME", default_value = "text")]
    pub(crate) text_field: String,

    /// The JSON field, or the column, that names the document; without it the name is INPUT:LINE. Pages of web archives
    /// are called by their address.
    #[arg(long, value_name = "NAME", default_value = "id")]
    pub(crate) id_field: String,

    /// How eagerly to flag: `review` misses least, `strict` flags the harmless least; `bellwether model show` prints the thresholds.
    #[arg(long, value_enum, default_value = "balanced")]
    pub(crate) profile: ProfileName,

    #[command(flatten)]
    pub(crate) classifier: ClassifierArguments,

    #[command(flatten)]
    pub(crate) job: JobArguments,

    /// No progress bar and no summary.
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// What to log to standard error: a level (error, warn, info, debug), or target=level [default: warn].
    #[arg(long, value_name = "FILTER", env = "BELLWETHER_LOG")]
    pub(crate) log: Option<String>,
}

/// What a job alone takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Jobs (-o FOLDER/)")]
pub(crate) struct JobArguments {
    /// The most records of a part; what was done of a part is lost if it is interrupted [default: 10000].
    #[arg(long, value_name = "N")]
    pub(crate) part_records: Option<NonZeroU64>,

    /// Stop the job once more documents than this have failed in it.
    #[arg(long, value_name = "N")]
    pub(crate) max_errors: Option<u64>,

    /// A document whose text an earlier one in its part has, byte for byte: score it too, or copy the first one's result and
    /// say so in `duplicate_of` [default: score].
    #[arg(long, value_enum, value_name = "HOW")]
    pub(crate) duplicates: Option<DuplicatesName>,

    /// Delete what a job left in the folder, and start anew.
    #[arg(long)]
    pub(crate) fresh: bool,
}

impl JobArguments {
    /// The name of an option that was given.
    pub(crate) fn first_given(&self) -> Option<&'static str> {
        let given = [
            ("--part-records", self.part_records.is_some()),
            ("--max-errors", self.max_errors.is_some()),
            ("--duplicates", self.duplicates.is_some()),
            ("--fresh", self.fresh),
        ];
        given.into_iter().find_map(|(name, is_given)| is_given.then_some(name))
    }
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum DuplicatesName {
    #[default]
    Score,
    Copy,
}

impl From<DuplicatesName> for Duplicates {
    fn from(name: DuplicatesName) -> Self {
        match name {
            DuplicatesName::Score => Self::Score,
            DuplicatesName::Copy => Self::Copy,
        }
    }
}

/// Measure the model on documents whose labels are known.
///
/// DATA holds a JSON object a line: `text`, `labels` (an array of the five names; empty for a benign document) and,
/// if they are known, `id`, `lang`, `group` and `sure` (documents with `"sure": false` are left out).
///
/// All three profiles are measured in one pass. For each label the tables show average precision, calibration error,
/// precision, recall and F1 of the labels that each profile gives, and recall at false-positive rates down to 5e-5; then flag
/// rates of the benign documents, in all, by language and by group. Shares come with 95 % intervals. A rate of one in N
/// is measured on N negatives or more, and is said to be not measurable on fewer.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  bellwether evaluate dev.jsonl                               tables to standard output
  bellwether evaluate dev.jsonl --negatives benign.jsonl.zst  false positives among documents known to be benign
  bellwether evaluate dev.jsonl --json - | jq .evaluation.macro_average_precision
  bellwether evaluate --suite cases.jsonl --write-baseline baseline.json
  bellwether evaluate --suite cases.jsonl --baseline baseline.json

A functional suite consists of pairs: two documents with the same `pair`, `functionality` and `lang`, of which one has
labels and the other, its benign twin, has none. A pair is
  ranked right     if the positive scores higher than the twin, by the highest score among the positive's labels,
  positive caught  if the positive is flagged with at least one of its labels at profile balanced,
  twin clean       if the twin is flagged with no label at profile balanced,
  both right       if it is caught and clean.

Exit status: 0 everything was measured; 1 some documents failed, or a functionality passes fewer pairs than the baseline;
2 wrong usage or a fatal error.")]
pub(crate) struct EvaluateArguments {
    /// Files of labelled JSON lines (.jsonl), also .gz or .zst; - is standard input.
    #[arg(value_name = "DATA", required = true)]
    pub(crate) data: Vec<Input>,

    /// Benign documents, where `labels` may be absent, in any format that `score` reads: false-positive rates and flag rates
    /// are measured on them instead of on DATA.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) negatives: Vec<Input>,

    /// The format of every input, where file names do not say it; standard input is jsonl if not stated.
    #[arg(long, value_enum)]
    pub(crate) format: Option<FormatName>,

    /// DATA is a functional suite: count the pairs that pass, by functionality and by language.
    #[arg(long)]
    pub(crate) suite: bool,

    /// Compare with the passes in this file; exit status 1 if a functionality has fewer.
    #[arg(long, value_name = "FILE", requires = "suite")]
    pub(crate) baseline: Option<PathBuf>,

    /// Write the passes of this run to a file, to compare later ones with.
    #[arg(long, value_name = "FILE", requires = "suite")]
    pub(crate) write_baseline: Option<PathBuf>,

    /// Write everything that was measured as JSON; - is standard output, which then holds no tables.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) classifier: ClassifierArguments,

    /// No progress bar and no summary.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// How the classifier is opened, and for how many threads.
#[derive(Debug, Args)]
pub(crate) struct ClassifierArguments {
    /// Which stages of the model read the text: in cascade the encoder reads only what the gate and the student do not hold for benign,
    /// which is many times as fast and loses a little; the model card tells how much of both.
    #[arg(long, value_enum, default_value = "encoder")]
    pub(crate) mode: ModeName,

    /// How many documents to score at once [default: one for each processor].
    #[arg(short = 'j', long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,

    /// Read at most this many windows of a document; `coverage` tells when that was not all [default: the model's].
    #[arg(long, value_name = "N")]
    pub(crate) max_windows: Option<NonZeroUsize>,

    /// What runs the encoder and the student: auto is this program's own arithmetic where it can, else rten; rten is built in too; ort needs the ONNX
    /// Runtime library.
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) runtime: RuntimeName,

    #[command(flatten)]
    pub(crate) model: ModelLocation,
}

/// Look into a model folder.
#[derive(Debug, Args)]
pub(crate) struct ModelArguments {
    #[command(subcommand)]
    pub(crate) command: ModelCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// Check that every file is the one its manifest was written for; exit status 2 if not.
    Verify(ModelLocation),
    /// Print what the model says of itself: languages, thresholds, files.
    Show(ModelLocation),
}

#[derive(Debug, Args)]
pub(crate) struct ModelLocation {
    /// The model folder [default: models/multilingual-small, here or beside the program].
    #[arg(long = "model", value_name = "FOLDER", env = "BELLWETHER_MODEL")]
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FormatName {
    /// A JSON object a line.
    Jsonl,
    /// A text a line.
    Text,
    /// Comma-separated values below a row of column names.
    Csv,
    /// Tab-separated values below a row of column names, without quoting.
    Tsv,
    /// A web archive: WARC or WET.
    Warc,
    /// Apache Parquet, from a file.
    Parquet,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Jsonl => Self::JsonLines,
            FormatName::Text => Self::PlainText,
            FormatName::Csv => Self::CommaSeparated,
            FormatName::Tsv => Self::TabSeparated,
            FormatName::Warc => Self::WebArchive,
            FormatName::Parquet => Self::Parquet,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ProfileName {
    /// The best F1 on the model's development data.
    Balanced,
    /// Aims at one benign document in 1,000, per label.
    Review,
    /// Aims at one benign document in 10,000, per label; see the model card for what was measured.
    Strict,
}

impl From<ProfileName> for Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::Balanced => Self::Balanced,
            ProfileName::Review => Self::Review,
            ProfileName::Strict => Self::Strict,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ModeName {
    /// A quick gate reads everything, a student what the gate does not hold for benign, the encoder what neither does.
    Cascade,
    /// The encoder reads everything.
    Encoder,
    /// The gate and the student, a small transformer: a label means that the encoder ought to read the text.
    Student,
    /// The gate alone: a label means that a transformer ought to read the text.
    Gate,
}

impl From<ModeName> for Mode {
    fn from(name: ModeName) -> Self {
        match name {
            ModeName::Cascade => Self::Cascade,
            ModeName::Encoder => Self::Encoder,
            ModeName::Student => Self::Student,
            ModeName::Gate => Self::Gate,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum RuntimeName {
    Auto,
    Rten,
    Ort,
}

impl From<RuntimeName> for Runtime {
    fn from(name: RuntimeName) -> Self {
        match name {
            RuntimeName::Auto => Self::Auto,
            RuntimeName::Rten => Self::Rten,
            RuntimeName::Ort => Self::Ort,
        }
    }
}
