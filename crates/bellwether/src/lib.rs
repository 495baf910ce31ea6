//! Bellwether reads online text and says which of five terrorist uses of the internet it serves, if any:
//! [radicalization, recruitment, training, planning, fundraising](Category), and in which
//! [`Context`] its author speaks. It flags for human review; it never decides.
//!
//! # Overview
//!
//! Open a model folder once, share the [`Classifier`] between threads, and ask it about texts:
//!
//! ```
//! # fn main() -> bellwether::Result<()> {
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small");
//! use bellwether::{Category, Classifier};
//!
//! let classifier = Classifier::open(folder)?;
//! let result = classifier.classify("Our reading group meets on Tuesday; bring the novel.")?;
//! assert!(result.labels().is_empty());
//! for (category, score) in result.scores().iter() {
//!     println!("{category}: {score:.3}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A text goes one way: its bytes become a normalised [`TextView`], the view becomes tokens, the tokens become
//! overlapping windows that cover the whole document, each window becomes logits (of the encoder, of the quicker
//! stages that screen for it, or of all in turn: [`Mode`]), and the highest logit a label becomes a calibrated [`Probability`].
//! What reaches the [`OperatingPoint`] becomes a label with its [`Evidence`]: the bytes of the original text that speak most for it.
//!
//! # What it promises
//!
//! - A result depends on the text and the model alone: not on batch-mates, order or threads.
//! - A model folder is [verified](ModelFolder::verify) before any of it is parsed.
//! - No text is cut silently: [`Classification::coverage`] says which share was read.
//! - Nothing is downloaded, and no native library is needed for the default [`Runtime`].
//!
//! # What it does not do
//!
//! It knows no file format, no thread pool and no progress bar: those are `bellwether-batch` and the
//! `bellwether` command. A score is not evidence against a person.

mod category;
mod classification;
mod classifier;
mod encoder;
mod engine;
mod error;
mod gate;
mod model;
mod probability;
mod side_by_side;
mod stages;
mod text_view;
mod tokenizer;
mod window;

pub use category::{Category, Context, UnknownName};
pub use classification::{Classification, ContextScores, Evidence, Scores, Stage};
pub use classifier::{Classifier, ClassifierBuilder};
pub use engine::Runtime;
pub use error::{Error, Result};
pub use model::{
    FileRecord, FlagRate, HeldBenign, Manifest, ModelFolder, OperatingPoint, Profile, ScreeningSettings, Thresholds,
};
pub use probability::{OutOfRange, Probability};
pub use stages::Mode;
pub use text_view::TextView;
pub use tokenizer::{MAX_WORD_CHARS, Tokenizer};
pub use window::{Window, WindowPlan, Windows};
