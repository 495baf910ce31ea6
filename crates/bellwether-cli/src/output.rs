//! Where results go: standard output, or a file that appears whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use bellwether_batch::ScoredDocument;

use crate::exit::Fatal;

/// Results on their way to standard output or a file.
pub(crate) struct Output {
    writer: BufWriter<Box<dyn Write>>,
    file: Option<PendingFile>,
    flush_each: bool,
}

/// A file under its temporary name.
struct PendingFile {
    handle: File,
    temporary: PathBuf,
    path: PathBuf,
}

impl Drop for PendingFile {
    /// Takes away what was not finished; a finished file no longer has this name.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.temporary);
    }
}

impl Output {
    /// Opens the output. `interactive` flushes behind every line, for a person or a pipe that waits for each.
    pub(crate) fn open(path: Option<&Path>, interactive: bool) -> Result<Self, Fatal> {
        let Some(path) = path else {
            let flush_each = interactive || io::stdout().is_terminal();
            return Ok(Self { writer: BufWriter::new(Box::new(io::stdout().lock())), file: None, flush_each });
        };
        let mut name = path.file_name().ok_or_else(|| Fatal::new(format!("{} is not a file name", path.display())))?.to_owned();
        name.push(".partial");
        let temporary = path.with_file_name(name);
        let failed = |error| Fatal::new(format!("cannot write {}: {error}", temporary.display()));
        let handle = File::create(&temporary).map_err(failed)?;
        let writer = BufWriter::new(Box::new(handle.try_clone().map_err(failed)?) as Box<dyn Write>);
        let file = Some(PendingFile { handle, temporary, path: path.to_owned() });
        Ok(Self { writer, file, flush_each: false })
    }

    /// Writes one line.
    pub(crate) fn write(&mut self, scored: &ScoredDocument) -> io::Result<()> {
        serde_json::to_writer(&mut self.writer, scored)?;
        self.writer.write_all(b"\n")?;
        if self.flush_each { self.writer.flush() } else { Ok(()) }
    }

    /// Writes text as it is.
    pub(crate) fn write_text(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_all(text.as_bytes())
    }

    /// Writes what is buffered and gives a file its name.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.writer.flush()?;
        match self.file.take() {
            Some(file) => {
                file.handle.sync_all()?;
                fs::rename(&file.temporary, &file.path)
            }
            None => Ok(()),
        }
    }
}
