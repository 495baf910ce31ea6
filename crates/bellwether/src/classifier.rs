//! The classifier: text in, [`Classification`] out.

use std::num::NonZeroUsize;
use std::path::Path;
use std::thread::available_parallelism;

use crate::engine::Runtime;
use crate::error::{ErrorKind, Result};
use crate::side_by_side::side_by_side;
use crate::stages::{Reading, Stages};
use crate::tokenizer::Tokenizer;
use crate::window::{Window, WindowPlan};
use crate::{
    Category, Classification, Context, ContextScores, Evidence, Manifest, Mode, ModelFolder, OperatingPoint, Probability,
    Profile, Scores, Stage, TextView,
};

/// Classifies texts with one model. Share one between threads: [`Classifier::classify`] takes `&self`
/// and holds no lock while the model runs.
///
/// ```
/// # fn main() -> bellwether::Result<()> {
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small");
/// let classifier = bellwether::Classifier::open(folder)?;
/// let result = classifier.classify("Donate to the flood relief of the Red Valley school.")?;
/// println!("{:.3} {:?}", result.score(bellwether::Category::Fundraising), result.labels());
/// # Ok(())
/// # }
/// ```
pub struct Classifier {
    manifest: Manifest,
    model_hash: String,
    tokenizer: Tokenizer,
    plan: WindowPlan,
    stages: Stages,
    profile: Profile,
    operating_point: OperatingPoint,
}

/// How to open a [`Classifier`]; see [`Classifier::builder`].
#[derive(Debug, Clone)]
pub struct ClassifierBuilder {
    mode: Mode,
    runtime: Runtime,
    profile: Profile,
    parallelism: NonZeroUsize,
    max_windows: Option<NonZeroUsize>,
}

impl Default for ClassifierBuilder {
    fn default() -> Self {
        let parallelism = available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let (mode, runtime, profile) = (Mode::default(), Runtime::default(), Profile::default());
        Self { mode, runtime, profile, parallelism, max_windows: None }
    }
}

impl ClassifierBuilder {
    /// Which stages of the model read a text; [`Mode::Encoder`] if not set.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// The inference runtime; [`Runtime::Auto`] if not set, which needs no library on the machine.
    #[must_use]
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.runtime = runtime;
        self
    }

    /// The operating point's name; [`Profile::Balanced`] if not set.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// How many threads will classify at once; the machine's parallelism if not set. [`Runtime::Ort`]
    /// holds at most this many sessions, each with its own copy of the weights; more threads than that wait their turn.
    #[must_use]
    pub fn parallelism(mut self, threads: NonZeroUsize) -> Self {
        self.parallelism = threads;
        self
    }

    /// The most windows of a text that are read; the model's own limit if not set.
    /// [`Classification::coverage`] tells when a text was longer.
    #[must_use]
    pub fn max_windows(mut self, windows: NonZeroUsize) -> Self {
        self.max_windows = Some(windows);
        self
    }

    /// Verifies and loads the model folder.
    ///
    /// # Errors
    /// Says what is wrong with the folder ([`ModelFolder::verify`]), or why the runtime is not available.
    pub fn open(self, folder: impl AsRef<Path>) -> Result<Classifier> {
        let folder = ModelFolder::verify(folder)?;
        let model_hash = folder.hash().to_owned();
        let (manifest, tokenizer, networks) = folder.into_parts();
        let (stages, tokenizer) = side_by_side(
            || Stages::load(self.mode, self.runtime, &manifest, networks, self.parallelism),
            || Tokenizer::from_json(&tokenizer.bytes, &tokenizer.path),
        );
        let (stages, tokenizer) = (stages?, tokenizer?);
        let mut plan = manifest.window_plan();
        if let Some(limit) = self.max_windows {
            plan = plan.with_max_windows(limit);
        }
        let profile = self.profile;
        let operating_point = manifest.operating_point(profile);
        Ok(Classifier { manifest, model_hash, tokenizer, plan, stages, profile, operating_point })
    }
}

impl Classifier {
    /// Verifies and loads a model folder with the defaults: the encoder, the embedded runtime, profile `balanced`.
    ///
    /// # Errors
    /// Says what is wrong with the folder; see [`ModelFolder::verify`].
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        Self::builder().open(folder)
    }

    /// Choices before opening: mode, runtime, profile, limits.
    ///
    /// ```no_run
    /// use bellwether::{Classifier, Profile};
    /// let classifier = Classifier::builder().profile(Profile::Strict).open("models/multilingual-small")?;
    /// # Ok::<(), bellwether::Error>(())
    /// ```
    #[must_use]
    pub fn builder() -> ClassifierBuilder {
        ClassifierBuilder::default()
    }

    /// Classifies one text: all of it, in overlapping windows, each label's score the highest over them.
    ///
    /// The result depends on the text alone: not on other texts, their order, or threads.
    ///
    /// # Errors
    /// If the text is empty ([`Error::is_empty_text`](crate::Error::is_empty_text)), or the runtime fails.
    pub fn classify(&self, text: &str) -> Result<Classification> {
        let view = TextView::new(text);
        if view.as_str().is_empty() {
            return Err(ErrorKind::EmptyText.into());
        }
        let windows = self.plan.windows(&view, &self.tokenizer);
        let (mut stage, mut summary) = (Stage::Gate, WindowSummary::new());
        for window in &windows.windows {
            let reading = self.stages.read(window)?;
            // What an earlier stage turned down says nothing beside what a later one read.
            if reading.stage > stage {
                (stage, summary) = (reading.stage, WindowSummary::new());
            }
            if reading.stage == stage {
                summary.add(window, &reading);
            }
        }
        Ok(self.conclude(stage, &summary, windows.windows.len(), windows.coverage))
    }

    /// Classifies texts one after the other; the results are in their order.
    ///
    /// # Errors
    /// The first failure ends it.
    pub fn classify_many<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Result<Vec<Classification>> {
        texts.into_iter().map(|text| self.classify(text)).collect()
    }

    /// What the model says of itself.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The digest that names the whole model; see [`ModelFolder::hash`].
    #[must_use]
    pub fn model_hash(&self) -> &str {
        &self.model_hash
    }

    /// The runtime that was asked for: it runs the encoder.
    #[must_use]
    pub fn runtime(&self) -> Runtime {
        self.stages.runtime()
    }

    /// What computes the stages, with versions and, for a runtime that has one, its library: for the record beside scores.
    #[must_use]
    pub fn runtime_description(&self) -> String {
        self.stages.description()
    }

    /// The stages that read a text.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.stages.mode()
    }

    /// The most windows that are read of a text.
    #[must_use]
    pub fn max_windows(&self) -> usize {
        self.plan.max_windows()
    }

    /// The profile that the thresholds are those of.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// What makes a label of the encoder's scores.
    #[must_use]
    pub const fn operating_point(&self) -> OperatingPoint {
        self.operating_point
    }

    fn conclude(&self, stage: Stage, summary: &WindowSummary, windows: usize, coverage: Probability) -> Classification {
        let (gate, student) = (self.manifest.gate(), self.manifest.student());
        // Below a screening stage's thresholds there is no label; at or above them the next has read, unless it is alone.
        let calibration = match stage {
            Stage::Gate => &gate.calibration,
            Stage::Student => &student.calibration,
            Stage::Encoder => self.manifest.calibration(),
        };
        let probability = |category: Category| calibration.probability(category, summary.best[category as usize].logit);
        let scores = Scores::new(Category::ALL.map(probability));
        let context = ContextScores::new(Probability::softmax(summary.context));
        let labels = match stage {
            Stage::Gate => gate.thresholds.reached(&scores),
            Stage::Student => student.thresholds.reached(&scores),
            Stage::Encoder => self.operating_point.labels(&scores, &context),
        };
        let evidence = labels
            .iter()
            .map(|&label| {
                let best = &summary.best[label as usize];
                Evidence { label, start: best.start, end: best.end, score: scores.get(label) }
            })
            .collect();
        Classification { scores, labels, context, stage, coverage, windows, evidence }
    }
}

impl std::fmt::Debug for Classifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Classifier")
            .field("model", &self.manifest.name())
            .field("model_hash", &self.model_hash)
            .field("mode", &self.mode())
            .field("runtime", &self.stages.runtime())
            .finish_non_exhaustive()
    }
}

/// A label's highest logit so far and the bytes of the original text it came from.
#[derive(Clone, Copy)]
struct Best {
    logit: f32,
    start: usize,
    end: usize,
}

/// The highest logits over the windows of a document that one stage read.
struct WindowSummary {
    windows: usize,
    best: [Best; Category::COUNT],
    context: [f32; Context::COUNT],
    telling: f32,
}

impl WindowSummary {
    fn new() -> Self {
        let nothing = Best { logit: f32::NEG_INFINITY, start: 0, end: 0 };
        Self { windows: 0, best: [nothing; Category::COUNT], context: [0.0; Context::COUNT], telling: f32::NEG_INFINITY }
    }

    fn add(&mut self, window: &Window, reading: &Reading) {
        let range = &window.range;
        for (best, &logit) in self.best.iter_mut().zip(&reading.logits.labels) {
            // A NaN wins and stays, so that it ends in a flag and not in silence.
            if logit > best.logit || logit.is_nan() {
                *best = Best { logit, start: range.start, end: range.end };
            }
        }
        let highest = reading.logits.labels.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        if highest > self.telling || self.windows == 0 {
            self.telling = highest;
            self.context = reading.logits.context;
        }
        self.windows += 1;
    }
}

const _: () = {
    const fn assert_shareable<T: Send + Sync>() {}
    assert_shareable::<Classifier>();
    assert_shareable::<Classification>();
    assert_shareable::<crate::Error>();
};
