//! Ctrl-C and SIGTERM: the first asks the job to stop, the second ends the program at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::TERM_SIGNALS;
use signal_hook::flag;

use crate::exit::STOPPED;

/// Whether somebody asked the program to stop.
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Catches the signals from here on.
    pub(crate) fn on_signals() -> io::Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        for &signal in TERM_SIGNALS {
            // Registered first, it sees the flag as the signal before left it.
            flag::register_conditional_shutdown(signal, STOPPED.into(), Arc::clone(&asked))?;
            flag::register(signal, Arc::clone(&asked))?;
        }
        Ok(Self(asked))
    }

    pub(crate) fn is_asked_for(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
