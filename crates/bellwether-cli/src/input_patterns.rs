//! Patterns among the inputs, for shells that leave them alone and for lists too long for a command line.

use bellwether_batch::source::Input;

use crate::exit::Fatal;

/// The inputs with patterns replaced by the files and folders they match, in the order of their names. What exists is meant
/// as it is, even if it looks like a pattern.
pub(crate) fn expand(inputs: &[Input]) -> Result<Vec<Input>, Fatal> {
    let expanded = inputs.iter().map(|input| match input {
        Input::File(path) if !path.exists() => match path.to_str().filter(|pattern| pattern.contains(['*', '?', '['])) {
            Some(pattern) => matches(pattern),
            None => Ok(vec![input.clone()]),
        },
        Input::File(_) | Input::Stdin => Ok(vec![input.clone()]),
    });
    Ok(expanded.collect::<Result<Vec<_>, Fatal>>()?.concat())
}

fn matches(pattern: &str) -> Result<Vec<Input>, Fatal> {
    let paths = glob::glob(pattern).map_err(|error| Fatal::new(format!("{pattern} is not a pattern of paths: {error}")))?;
    let inputs: Vec<_> = paths.map(|path| path.map(Input::File)).collect::<Result<_, _>>().map_err(Fatal::new)?;
    if inputs.is_empty() {
        return Err(Fatal::new(format!("nothing matches {pattern}")));
    }
    Ok(inputs)
}
