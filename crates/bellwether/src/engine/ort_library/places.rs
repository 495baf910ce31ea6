//! Where a library of ONNX Runtime may be: next to the program, or in an installed Python package.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Folders that were searched, and the library files in them.
pub(super) struct Places {
    /// Files with the name of the library, the ones to prefer first.
    pub(super) libraries: Vec<PathBuf>,
    /// Every folder that was looked into or for; a `*` stands for any version.
    pub(super) searched: Vec<PathBuf>,
}

impl Places {
    /// Looks around the running program, with its environment variables. Runs nothing.
    pub(super) fn of_this_process() -> Self {
        let program = std::env::current_exe().ok();
        Self::search(program.as_deref().and_then(Path::parent), &|name| std::env::var_os(name))
    }

    /// Looks into `program_folder`, then into the folders of Python packages that follow from the
    /// environment `variable`s.
    fn search(program_folder: Option<&Path>, variable: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let packages = site_packages(variable).into_iter().map(|pattern| pattern.join("onnxruntime").join("capi"));
        let searched: Vec<PathBuf> = program_folder.map(Path::to_owned).into_iter().chain(packages).collect();
        let libraries = searched.iter().flat_map(|pattern| expand(pattern)).flat_map(|folder| libraries_in(&folder)).collect();
        Self { libraries, searched }
    }
}

/// The folders into which `pip` and the system install Python packages, with `python*` for the
/// version; an active environment first, then the user's own, then the system's.
fn site_packages(variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let below = |name: &str, tails: &[&str]| -> Vec<PathBuf> {
        let root = variable(name).filter(|root| !root.is_empty()).map(PathBuf::from);
        root.iter().flat_map(|root| tails.iter().map(|tail| root.join(tail))).collect()
    };
    let mut folders = Vec::new();
    if cfg!(windows) {
        for environment in ["VIRTUAL_ENV", "CONDA_PREFIX"] {
            folders.extend(below(environment, &["Lib/site-packages"]));
        }
        folders.extend(below("APPDATA", &["Python/Python*/site-packages"]));
        folders.extend(below("LOCALAPPDATA", &["Programs/Python/Python*/Lib/site-packages"]));
        return folders;
    }
    for environment in ["VIRTUAL_ENV", "CONDA_PREFIX"] {
        folders.extend(below(environment, &["lib/python*/site-packages", "lib64/python*/site-packages"]));
    }
    folders.extend(below("HOME", &[".local/lib/python*/site-packages"]));
    if cfg!(target_os = "macos") {
        folders.extend(below("HOME", &["Library/Python/*/lib/python/site-packages"]));
        folders.push("/opt/homebrew/lib/python*/site-packages".into());
        folders.push("/Library/Frameworks/Python.framework/Versions/*/lib/python*/site-packages".into());
    }
    folders.extend(
        [
            "/usr/local/lib/python*/site-packages",
            "/usr/local/lib/python*/dist-packages",
            "/usr/lib/python*/site-packages",
            "/usr/lib/python*/dist-packages",
            "/usr/lib64/python*/site-packages",
        ]
        .map(PathBuf::from),
    );
    folders
}

/// The existing folders that `pattern` describes. A component that ends in `*` stands for every
/// entry that begins so, the newest version first.
fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::new()];
    for component in pattern.components() {
        let component = component.as_os_str();
        let prefix = component.to_str().and_then(|text| text.strip_suffix('*'));
        folders = match prefix {
            None => folders.into_iter().map(|folder| folder.join(component)).collect(),
            Some(prefix) => folders.iter().flat_map(|folder| entries(folder, |name| name.starts_with(prefix))).collect(),
        };
    }
    folders.retain(|folder| folder.is_dir());
    folders
}

/// The files in `folder` that have the name of the library, the newest version first.
fn libraries_in(folder: &Path) -> Vec<PathBuf> {
    entries(folder, is_library)
}

/// Whether a file called `name` is the library on this system, and not one of its providers.
fn is_library(name: &str) -> bool {
    if cfg!(windows) {
        name.eq_ignore_ascii_case("onnxruntime.dll")
    } else if cfg!(target_os = "macos") {
        name.starts_with("libonnxruntime.") && Path::new(name).extension() == Some(OsStr::new("dylib"))
    } else {
        name == "libonnxruntime.so" || name.starts_with("libonnxruntime.so.")
    }
}

/// The paths in `folder` whose names are `wanted`, by the numbers in their names, highest first.
/// Names that are not Unicode, and folders that cannot be read, have none.
fn entries(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(listing) = folder.read_dir() else {
        return Vec::new();
    };
    let mut found: Vec<(Vec<u32>, PathBuf)> = listing
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            wanted(&name).then(|| (numbers(&name), entry.path()))
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}

/// The numbers in `text`: 3 and 11 in `python3.11`.
fn numbers(text: &str) -> Vec<u32> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn library_name() -> &'static str {
        if cfg!(windows) {
            "onnxruntime.dll"
        } else if cfg!(target_os = "macos") {
            "libonnxruntime.1.32.0.dylib"
        } else {
            "libonnxruntime.so.1.32.0"
        }
    }

    fn put(folder: &Path, name: &str) -> PathBuf {
        fs::create_dir_all(folder).unwrap();
        let path = folder.join(name);
        fs::write(&path, "").unwrap();
        path
    }

    #[test]
    fn the_program_s_folder_comes_before_the_python_package() {
        let root = tempfile::tempdir().unwrap();
        let (program, venv) = (root.path().join("bin"), root.path().join("venv"));
        let near = put(&program, library_name());
        put(&program, "libonnxruntime_providers_shared.so");
        let site = if cfg!(windows) { "Lib/site-packages" } else { "lib/python3.11/site-packages" };
        let package = venv.join(site).join("onnxruntime/capi");
        let installed = put(&package, library_name());
        let places = Places::search(Some(&program), &|name| (name == "VIRTUAL_ENV").then(|| venv.clone().into_os_string()));
        assert_eq!(places.libraries[..2], [near, installed]);
        assert_eq!(places.searched[0], program);
    }

    #[test]
    fn the_newest_version_comes_first() {
        let root = tempfile::tempdir().unwrap();
        for version in ["python3.9", "python3.11", "other"] {
            fs::create_dir_all(root.path().join(version).join("site-packages")).unwrap();
        }
        let found = expand(&root.path().join("python*/site-packages"));
        let expected = ["python3.11", "python3.9"].map(|version| root.path().join(version).join("site-packages"));
        assert_eq!(found, expected);
        assert!(expand(Path::new("/nowhere/at/all/python*/site-packages")).is_empty());
    }
}
