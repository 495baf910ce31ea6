//! Opening the classifier that the command line asks for.

use std::num::NonZeroUsize;

use bellwether::{Classifier, Profile};

use crate::arguments::ClassifierArguments;
use crate::exit::Fatal;

impl ClassifierArguments {
    /// Opens the classifier for so many threads.
    pub(crate) fn open(&self, profile: Profile, threads: usize) -> Result<Classifier, Fatal> {
        let mut builder = Classifier::builder()
            .mode(self.mode.into())
            .runtime(self.runtime.into())
            .profile(profile)
            .parallelism(NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN));
        if let Some(windows) = self.max_windows {
            builder = builder.max_windows(windows);
        }
        Ok(builder.open(self.model.find()?)?)
    }
}
