//! `bellwether model`: verify and show a model folder.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use bellwether::{Category, Context, ModelFolder, Profile};

use crate::arguments::{ModelArguments, ModelCommand};
use crate::exit::{Exit, Fatal};

pub(crate) fn run(arguments: &ModelArguments) -> Result<Exit, Fatal> {
    let (location, describe): (_, fn(&ModelFolder) -> String) = match &arguments.command {
        ModelCommand::Verify(location) => (location, verified),
        ModelCommand::Show(location) => (location, shown),
    };
    let folder = ModelFolder::verify(location.find()?)?;
    let text = describe(&folder);
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Fatal::new(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(Exit::Complete),
    }
}

fn verified(folder: &ModelFolder) -> String {
    let files = folder.manifest().files().count();
    format!("{}: {files} files as their manifest says, model {}\n", folder.path().display(), folder.hash())
}

fn shown(folder: &ModelFolder) -> String {
    let manifest = folder.manifest();
    let mut text = format!(
        "model      {} {}\nhash       {}\nlanguages  {}\n\n{:<15}{:>10}{:>10}",
        manifest.name(),
        manifest.version(),
        folder.hash(),
        manifest.languages().join(" "),
        "threshold",
        "gate",
        "student",
    );
    // Writing to a string cannot fail.
    for profile in Profile::ALL {
        let _ = write!(text, "{profile:>10}");
    }
    let _ = write!(text, "\n{:<15}{:>10}{:>10}", Context::Advocacy, "-", "-");
    for profile in Profile::ALL {
        let _ = write!(text, "{:>10.4}", manifest.operating_point(profile).advocacy());
    }
    for category in Category::ALL {
        let _ = write!(text, "\n{category:<15}");
        for settings in [manifest.gate(), manifest.student()] {
            let _ = write!(text, "{:>10.4}", settings.thresholds().get(category));
        }
        for profile in Profile::ALL {
            let _ = write!(text, "{:>10.4}", manifest.operating_point(profile).threshold(category));
        }
    }
    let held = manifest.held_benign();
    let _ = write!(
        text,
        "\n\nflagged by the encoder of {} held benign documents, with the 95 % interval of their share",
        held.documents()
    );
    for category in Category::ALL {
        let _ = write!(text, "\n{category:<15}");
        for profile in Profile::ALL {
            if let Some(rate) = held.rate(profile, category) {
                let _ = write!(text, "  {profile} {:>5} ({:.5}-{:.5})", rate.documents, rate.low.get(), rate.high.get());
            }
        }
    }
    text.push_str("\n\n");
    for (name, file) in manifest.files() {
        let _ = writeln!(text, "{name:<15}{:>12} bytes  sha256 {}", file.size(), file.sha256());
    }
    text
}
