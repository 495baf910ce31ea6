//! Damaged and foreign model folders: each is refused, with an error that names the file and the fault.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use bellwether::{Classifier, Error, ModelFolder};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small");
const ENCODERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/engine");

const FILES: [&str; 4] = ["tokenizer.json", "gate.onnx", "student.onnx", "encoder.onnx"];

/// A sound folder around a tiny encoder, to be spoilt.
struct Folder(TempDir);

impl Folder {
    fn new(encoder: &str) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::copy(Path::new(SHIPPED).join("tokenizer.json"), folder.file("tokenizer.json")).unwrap();
        fs::copy(Path::new(ENCODERS).join(encoder), folder.file("encoder.onnx")).unwrap();
        let shipped = fs::read_to_string(Path::new(SHIPPED).join("manifest.toml")).unwrap();
        let (head, _) = shipped.split_once("[files.").unwrap();
        fs::write(folder.file("manifest.toml"), head).unwrap();
        for name in ["gate.onnx", "student.onnx"] {
            fs::copy(Path::new(ENCODERS).join("tiny.onnx"), folder.file(name)).unwrap();
        }
        for name in FILES {
            folder.record(name);
        }
        folder
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Appends a file's size and digest to the manifest.
    fn record(&self, name: &str) {
        let bytes = fs::read(self.file(name)).unwrap();
        let digest = Sha256::digest(&bytes).iter().fold(String::new(), |mut digits, byte| {
            write!(digits, "{byte:02x}").unwrap();
            digits
        });
        self.rewrite(|text| format!("{text}\n[files.\"{name}\"]\nsha256 = \"{digest}\"\nsize = {}\n", bytes.len()));
    }

    fn rewrite(&self, change: impl FnOnce(String) -> String) {
        let path = self.file("manifest.toml");
        let text = fs::read_to_string(&path).unwrap();
        let changed = change(text.clone());
        assert_ne!(text, changed, "the test changes nothing");
        fs::write(path, changed).unwrap();
    }

    fn open(&self) -> Result<Classifier, Error> {
        Classifier::open(self.0.path())
    }
}

#[test]
fn a_sound_folder_opens() {
    let folder = Folder::new("tiny.onnx");
    assert_eq!(folder.open().unwrap().manifest().name(), "multilingual-small");
    assert_eq!(ModelFolder::verify(folder.0.path()).unwrap().hash(), folder.open().unwrap().model_hash());
}

#[test]
fn the_shipped_folder_is_what_its_manifest_says() {
    let folder = ModelFolder::verify(SHIPPED).unwrap();
    for language in ["ar", "zh", "en", "fr", "ru", "es"] {
        assert!(folder.manifest().languages().iter().any(|declared| declared == language));
    }
}

#[test]
fn each_fault_is_named() {
    type Spoil = fn(&Folder);
    let cases: [(&str, Spoil, &str, &[&str]); 17] = [
        ("damaged encoder", |f| flip(&f.file("encoder.onnx")), "encoder.onnx", &["damaged", "SHA-256"]),
        ("damaged tokenizer", |f| flip(&f.file("tokenizer.json")), "tokenizer.json", &["damaged", "SHA-256"]),
        ("cut encoder", |f| truncate(&f.file("encoder.onnx")), "encoder.onnx", &["its size is"]),
        ("missing encoder", |f| fs::remove_file(f.file("encoder.onnx")).unwrap(), "encoder.onnx", &["cannot read"]),
        ("damaged gate", |f| flip(&f.file("gate.onnx")), "gate.onnx", &["damaged", "SHA-256"]),
        ("missing gate", |f| fs::remove_file(f.file("gate.onnx")).unwrap(), "gate.onnx", &["cannot read"]),
        ("damaged student", |f| flip(&f.file("student.onnx")), "student.onnx", &["damaged", "SHA-256"]),
        ("missing student", |f| fs::remove_file(f.file("student.onnx")).unwrap(), "student.onnx", &["cannot read"]),
        ("missing manifest", |f| fs::remove_file(f.file("manifest.toml")).unwrap(), "manifest.toml", &["cannot read"]),
        ("not TOML", |f| fs::write(f.file("manifest.toml"), "{}\u{1}").unwrap(), "manifest.toml", &["not a manifest"]),
        ("not UTF-8", |f| fs::write(f.file("manifest.toml"), [0xff, 0xfe]).unwrap(), "manifest.toml", &["UTF-8"]),
        (
            "four labels in the manifest",
            |f| f.rewrite(|text| text.replace(", \"fundraising\"]", "]")),
            "manifest.toml",
            &["4 labels", "needs 5", "fundraising"],
        ),
        ("later format", |f| f.rewrite(|text| text.replace("format = 4", "format = 5")), "manifest.toml", &["format is 5"]),
        (
            "another text view",
            |f| f.rewrite(|text| text.replace("text_view = 4", "text_view = 9")),
            "manifest.toml",
            &["text view 9"],
        ),
        (
            "impossible windows",
            |f| f.rewrite(|text| text.replace("overlap = ", "overlap = 99")),
            "manifest.toml",
            &["overlap", "content_tokens"],
        ),
        (
            "a file outside the folder",
            |f| f.rewrite(|text| text.replace("files.\"encoder.onnx\"", "files.\"../encoder.onnx\"")),
            "manifest.toml",
            &["not a plain file name"],
        ),
        (
            "no encoder",
            |f| f.rewrite(|text| text.replace("files.\"encoder.onnx\"", "files.\"tokenizer.json.old\"")),
            "tokenizer.json.old",
            &["cannot read"],
        ),
    ];
    for (name, spoil, file, words) in cases {
        let folder = Folder::new("tiny.onnx");
        spoil(&folder);
        let error = folder.open().expect_err(name);
        let message = error.to_string();
        assert!(error.is_model_damaged(), "{name}: {message}");
        assert!(error.path().is_some_and(|path| path.ends_with(file)), "{name}: {message}");
        for word in words {
            assert!(message.contains(word), "{name}: {message:?} does not say {word:?}");
        }
    }
}

#[test]
fn encoders_that_do_not_fit_are_refused() {
    for (encoder, words) in [
        ("four_labels.onnx", ["4", "radicalization"]),
        ("external_data.onnx", ["external", "encoder.onnx"]),
        ("wrong_names.onnx", ["input_ids", "encoder.onnx"]),
    ] {
        let error = Folder::new(encoder).open().expect_err(encoder);
        assert!(error.is_model_damaged());
        for word in words {
            assert!(error.to_string().contains(word), "{encoder}: {error} does not say {word:?}");
        }
    }
}

#[test]
fn a_right_digest_does_not_make_nonsense_a_model() {
    for (name, content) in [("encoder.onnx", "not a model"), ("tokenizer.json", "{\"model\": 7}")] {
        let folder = Folder::new("tiny.onnx");
        fs::write(folder.file(name), content).unwrap();
        folder.rewrite(|text| text.split_once("[files.").unwrap().0.to_owned());
        for name in FILES {
            folder.record(name);
        }
        let error = folder.open().expect_err(name);
        assert!(error.is_model_damaged() && error.path().is_some_and(|path| path.ends_with(name)), "{error}");
    }
}

#[test]
fn a_calibration_that_turns_the_order_is_refused() {
    let folder = Folder::new("tiny.onnx");
    folder.rewrite(|text| text.replacen("scale = ", "scale = -", 1));
    assert!(folder.open().unwrap_err().to_string().contains("[calibration."));
    for table in ["[gate.", "[student."] {
        let folder = Folder::new("tiny.onnx");
        folder.rewrite(|text| {
            let (head, rest) = text.split_once(table).unwrap();
            format!("{head}{table}{}", rest.replacen("scale = ", "scale = -", 1))
        });
        assert!(folder.open().unwrap_err().to_string().contains(&format!("{table}calibration.")));
    }
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn truncate(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}
