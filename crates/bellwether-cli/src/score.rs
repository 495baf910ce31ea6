//! `bellwether score`: documents in, their scores out.

mod closing;
mod job;
mod stream;

use std::path::Path;

use bellwether_batch::source::{Input, Reader};
use bellwether_batch::{Disclosure, Redactor};

use crate::arguments::{JobArguments, ScoreArguments};
use crate::exit::{Exit, Fatal};
use crate::input_patterns;
use crate::logs;
use crate::progress::Progress;

pub(crate) fn run(arguments: &ScoreArguments) -> Result<Exit, Fatal> {
    let inputs = input_patterns::expand(&arguments.inputs)?;
    let progress = Progress::new(inputs.iter().map(Input::size).sum(), arguments.quiet);
    logs::install(arguments.log.as_deref(), &progress)?;
    match &arguments.output {
        Some(folder) if is_folder(folder) => job::run(arguments, inputs, folder, &progress),
        output => {
            refuse_job_options(&arguments.job)?;
            stream::run(arguments, &inputs, output.as_deref(), &progress)
        }
    }
}

/// A folder that is there, or a path that only a folder can have.
fn is_folder(path: &Path) -> bool {
    path.is_dir()
        || path.as_os_str().as_encoded_bytes().ends_with(b"/")
        || path.to_string_lossy().ends_with(std::path::MAIN_SEPARATOR)
}

fn refuse_job_options(job: &JobArguments) -> Result<(), Fatal> {
    match job.first_given() {
        None => Ok(()),
        Some(option) => Err(Fatal::new(format!(
            "{option} is for jobs: name an output folder, with / at its end if it is not there yet (-o FOLDER/)"
        ))),
    }
}

fn reader(arguments: &ScoreArguments) -> Reader {
    let reader = Reader::default().text_field(&arguments.text_field).id_field(&arguments.id_field);
    match arguments.format {
        Some(format) => reader.format(format.into()),
        None => reader,
    }
}

/// What of the documents' own words is written.
fn disclosure(arguments: &ScoreArguments) -> Result<Disclosure, Fatal> {
    let mut disclosure = Disclosure::default();
    if arguments.with_text {
        disclosure = disclosure.with_text();
    }
    if let Some(key) = &arguments.redact {
        disclosure = disclosure.redacted(Redactor::from_file(key)?);
    }
    Ok(disclosure)
}
