//! Every wrong option at once: one that is refused is taken out, and the rest is read again.

use std::ffi::OsString;
use std::io::Write;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

/// More wrong options than this are not looked for.
const MOST: usize = 16;

/// Returns the first error, and those that come to light when what it names is left out.
pub(super) fn all(first: Error, command: &Command, args: &[OsString]) -> Vec<Error> {
    let mut args = args.to_vec();
    let mut errors = vec![first];
    while errors.len() < MOST {
        let Some(place) = errors.last().and_then(|error| place_of(error, &args)) else {
            break;
        };
        args.drain(place);
        match command.clone().try_get_matches_from(&args) {
            // What is missing now may be what was taken out.
            Err(error) if is_of_one_option(&error) => errors.push(error),
            Ok(_) | Err(_) => break,
        }
    }
    errors
}

fn is_of_one_option(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::UnknownArgument
    )
}

/// Returns the option that an error names, where it was not typed.
pub(super) fn untyped(error: &Error, args: &[OsString]) -> Option<String> {
    let Some(ContextValue::String(named)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let name = named.split([' ', '=']).next()?.strip_prefix("--")?;
    let is_untyped = is_of_one_option(error) && place_of(error, args).is_none();
    is_untyped.then(|| name.to_owned())
}

/// Returns where the option that an error names stands, with its value.
fn place_of(error: &Error, args: &[OsString]) -> Option<std::ops::Range<usize>> {
    if !is_of_one_option(error) {
        return None;
    }
    let Some(ContextValue::String(named)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let name = named.split([' ', '=']).next()?;
    let is_it = |arg: &OsString| {
        let text = arg.to_string_lossy();
        text == name
            || text
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('='))
    };
    let at = args.iter().position(is_it)?;
    let has_value =
        error.kind() != ErrorKind::UnknownArgument && args[at].to_string_lossy() == name;
    Some(at..(at + 1 + usize::from(has_value)).min(args.len()))
}

/// Prints the errors, the usage behind the last, and ends the process as clap does.
pub(super) fn exit(errors: &[Error]) -> ! {
    let (last, before) = errors.split_last().expect("there is a first error");
    for error in before {
        let text = error.to_string();
        // The usage and the pointer to the help are said once.
        let own = text.split("\n\nUsage:").next().unwrap_or(&text);
        let own = own.split("\n\nFor more information").next().unwrap_or(own);
        say(&format!("{}\n", own.trim_end()));
    }
    last.exit()
}

/// Prints on standard error.
pub(super) fn say(text: &str) {
    // Nothing is left to be done where even standard error is closed.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
