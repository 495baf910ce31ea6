//! Where the model folder is.

use std::env;
use std::path::{Path, PathBuf};

use crate::arguments::ModelLocation;
use crate::exit::Fatal;

const DEFAULT: &str = "models/multilingual-small";

impl ModelLocation {
    /// The folder that was named, or the default one: here, or beside the program or a folder above it
    /// (a build in `target/release` finds the checkout's).
    pub(crate) fn find(&self) -> Result<PathBuf, Fatal> {
        if let Some(folder) = &self.folder {
            return Ok(folder.clone());
        }
        let program = env::current_exe().ok();
        let above = program.iter().flat_map(|program| program.ancestors().skip(1).take(4));
        let places: Vec<PathBuf> = [Path::new("")].into_iter().chain(above).map(|place| place.join(DEFAULT)).collect();
        places.iter().find(|place| place.join("manifest.toml").is_file()).cloned().ok_or_else(|| {
            let looked: Vec<_> = places.iter().map(|place| format!("  {}", place.display())).collect();
            Fatal::new(format!(
                "no model folder found; name one with --model FOLDER or BELLWETHER_MODEL. Looked at:\n{}",
                looked.join("\n")
            ))
        })
    }
}
