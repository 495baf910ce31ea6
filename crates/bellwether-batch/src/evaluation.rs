//! How good a classifier is: its scores measured against documents whose labels are known.
//!
//! An [`Observation`] is a document's truth with its scores. [`Evaluation::new`] measures many of them; the measures
//! behind it ([`average_precision`], [`expected_calibration_error`], [`ConfusionMatrix`], [`RecallAtRate`],
//! [`Proportion`]) stand alone and take [`Judgement`]s. A [`SuiteReport`] counts what a functional suite of pairs
//! shows, and a [`Baseline`] keeps those counts to compare a later model with.
//!
//! Shares come with the counts they were computed from, and with a 95 % interval: a share of few documents says little.

mod average_precision;
mod baseline;
mod calibration_error;
mod confusion_matrix;
mod flag_rates;
mod judgement;
mod proportion;
mod recall_at_rate;
mod report;
mod suite;
mod suite_report;

pub use average_precision::{average_precision, macro_average_precision};
pub use baseline::{Baseline, BaselineError, BaselineModel, FunctionalityCounts, Regression};
pub use calibration_error::{CALIBRATION_BINS, expected_calibration_error};
pub use confusion_matrix::ConfusionMatrix;
pub use flag_rates::{FlagRates, FlaggedSlice, ProfileFlags};
pub use judgement::{Judgement, Observation};
pub use proportion::{Interval, Proportion};
pub use recall_at_rate::{FalsePositiveRate, NotMeasurable, RecallAtRate, RecallMeasure};
pub use report::{CategoryMeasures, Evaluation, LanguageMeasures, OperatingPoints, ThresholdMeasures};
pub use suite::{CasePair, MalformedSuite, pair_cases};
pub use suite_report::{CaseCounts, CaseResult, NamedCounts, SuiteReport};
