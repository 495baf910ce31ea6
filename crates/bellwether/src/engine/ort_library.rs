//! Finds the shared library of ONNX Runtime on this machine and loads it, once a process.

mod places;

use std::ffi::OsString;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;

use self::places::Places;
use super::Runtime;
use crate::error::{ErrorKind, Result};

/// The environment variable that names the library file.
const VARIABLE: &str = "ORT_DYLIB_PATH";

/// ONNX Runtime, loaded and ready to make sessions.
pub(super) struct OrtLibrary {
    environment: Environment,
    path: PathBuf,
}

impl OrtLibrary {
    /// The environment in which sessions are made.
    pub(super) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The library's version, as far as its file name tells it, and its path.
    pub(super) fn description(&self) -> String {
        let path = self.path.display();
        match version(&self.path) {
            Some(version) => format!("ONNX Runtime {version} ({path})"),
            None => format!("ONNX Runtime ({path})"),
        }
    }
}

/// The library, found and loaded on the first call that succeeds.
///
/// If `ORT_DYLIB_PATH` is set, only the file it names is tried. Otherwise the folder of the
/// running program and the usual places of the Python package are looked through.
///
/// # Errors
///
/// `RuntimeUnavailable` with every place that was looked at. The next call looks again.
pub(super) fn library() -> Result<&'static OrtLibrary> {
    static LIBRARY: OnceLock<OrtLibrary> = OnceLock::new();
    static LOADING: Mutex<()> = Mutex::new(());

    // One thread looks and loads, the others wait for what it finds.
    let _loading = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(library) = LIBRARY.get() {
        return Ok(library);
    }
    let loaded = match std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        Some(path) => load_named(path),
        None => load_first(&Places::of_this_process()),
    };
    let loaded = loaded.map_err(|detail| ErrorKind::RuntimeUnavailable { runtime: Runtime::Ort, detail })?;
    Ok(LIBRARY.get_or_init(|| loaded))
}

fn load_named(path: OsString) -> Result<OrtLibrary, String> {
    let path = PathBuf::from(path);
    load(&path).map_err(|error| {
        format!("{VARIABLE} is set to {}, which cannot be loaded: {error}\n{}", path.display(), advice("correct or unset it"))
    })
}

fn load_first(places: &Places) -> Result<OrtLibrary, String> {
    let mut failures = Vec::new();
    for path in &places.libraries {
        match load(path) {
            Ok(library) => return Ok(library),
            Err(error) => failures.push(format!("\n  {}: {error}", path.display())),
        }
    }
    let problem = if failures.is_empty() { "its library was not found" } else { "no library that was found could be loaded:" };
    let failures = failures.concat();
    let searched: Vec<String> = places.searched.iter().map(|folder| format!("\n  {}", folder.display())).collect();
    let searched = searched.concat();
    Err(format!("{problem}{failures}\nlooked in:{searched}\n{}", advice("pip install onnxruntime")))
}

fn advice(first: &str) -> String {
    format!(
        "to go on, {first}, or set {VARIABLE}=/path/to/libonnxruntime.so, or use --runtime rten, \
         which needs no library"
    )
}

/// Loads the library file at `path`; says in one line why it cannot be used.
fn load(path: &Path) -> Result<OrtLibrary, String> {
    // ort would take a relative path as relative to the program, not to the working folder.
    let path = path.canonicalize().map_err(|error| error.to_string())?;
    // A library with the right symbols and the wrong contents makes ort panic, not fail.
    let built = catch_unwind(|| {
        let builder = ort::init_from(&path).map_err(|error| error.to_string())?;
        // Microsoft's builds for Windows report their use unless they are told not to.
        let builder = builder.with_name("bellwether").with_telemetry(false);
        let environment = builder.build().map_err(|error| error.to_string())?;
        // Failures are reported by this crate: the library shall not write to standard error too.
        environment.set_log_level(LogLevel::Fatal);
        Ok(environment)
    });
    let environment = built.unwrap_or_else(|_| Err("it is not a usable ONNX Runtime".to_owned()))?;
    Ok(OrtLibrary { environment, path })
}

/// The version in a file name such as `libonnxruntime.so.1.32.0` or
/// `libonnxruntime.1.32.0.dylib`.
fn version(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let numbers: Vec<&str> = name.split('.').filter(|part| part.parse::<u32>().is_ok()).collect();
    (numbers.len() > 1).then(|| numbers.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_file_names() {
        for (name, expected) in [
            ("libonnxruntime.so.1.32.0", Some("1.32.0")),
            ("libonnxruntime.1.24.1.dylib", Some("1.24.1")),
            ("libonnxruntime.so.1", None),
            ("libonnxruntime.so", None),
            ("onnxruntime.dll", None),
        ] {
            assert_eq!(version(Path::new(name)).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn a_variable_that_names_no_library_is_an_error_that_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("libonnxruntime.so");
        std::fs::write(&text, "not a library").unwrap();
        for path in [text, folder.path().join("absent.so"), folder.path().to_owned()] {
            let error = load_named(path.clone().into_os_string()).err().unwrap();
            assert!(error.contains(&path.display().to_string()), "{error}");
            assert!(error.contains("ORT_DYLIB_PATH") && error.contains("--runtime rten"), "{error}");
        }
    }

    #[test]
    fn a_failed_search_names_every_place_and_every_file_that_failed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("libonnxruntime.so");
        std::fs::write(&file, "not a library").unwrap();
        let searched = vec![folder.path().to_owned(), PathBuf::from("/nowhere/at/all")];
        let places = Places { libraries: vec![file.clone()], searched: searched.clone() };
        let error = load_first(&places).err().unwrap();
        for path in searched.iter().chain([&file]) {
            assert!(error.contains(&path.display().to_string()), "{error}");
        }
        assert!(error.contains("pip install onnxruntime"), "{error}");

        let error = load_first(&Places { libraries: Vec::new(), searched }).err().unwrap();
        assert!(error.contains("was not found"), "{error}");
    }
}
