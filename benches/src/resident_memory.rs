//! How much memory this process has in use, as Linux counts it.

use std::{fs, io};

/// Memory of this process that is not swapped out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResidentMemory {
    /// Now, in KiB.
    pub now_kib: u64,
    /// At most so far, in KiB.
    pub peak_kib: u64,
}

impl ResidentMemory {
    /// Asks the system.
    ///
    /// # Errors
    /// Where there is no `/proc/self/status`, or it does not say.
    pub fn measure() -> io::Result<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        let field = |name: &str| {
            let value = status.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB")?.parse().ok());
            value.ok_or_else(|| io::Error::other(format!("/proc/self/status does not say {name}")))
        };
        Ok(Self { now_kib: field("VmRSS:")?, peak_kib: field("VmHWM:")? })
    }
}
