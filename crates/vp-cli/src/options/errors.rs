//! Every wrong option at once: one that is refused is taken out, and the rest is read again.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::ops::Range;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Command, Error};

use super::file::SettingsFile;
use super::{command_path, show, with_sources};
use crate::report::say;

/// More wrong options than this are not looked for.
const MOST: usize = 16;

/// What clap prints instead of running a command: help, the version, or wrong options.
#[derive(Debug)]
pub(super) struct Wrong {
    errors: Vec<Error>,
    /// The wrong options that were not typed, each with what set it.
    origins: Vec<(String, String)>,
}

/// Where a wrong option is from.
enum Place {
    /// It was typed: where, with its value.
    Typed(Range<usize>),
    /// A variable or the file of settings has it.
    Set(String),
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self {
            errors: vec![error],
            origins: Vec::new(),
        }
    }
}

impl Wrong {
    /// Returns what the arguments say, with the settings behind them.
    ///
    /// # Errors
    /// What is wrong, as far as it comes to light when what is known to be wrong is left out.
    pub(super) fn none_of(
        plain: &Command,
        args: &[OsString],
        file: &SettingsFile,
    ) -> Result<ArgMatches, Self> {
        let path = command_path(plain, args);
        let program = [plain.get_name().to_owned()];
        let (mut args, mut without) = (args.to_vec(), BTreeSet::new());
        let mut wrong = Self {
            errors: Vec::new(),
            origins: Vec::new(),
        };
        while wrong.errors.len() < MOST {
            let command = with_sources(plain.clone(), &program, file, &without);
            let error = match command.try_get_matches_from(&args) {
                Ok(matches) if wrong.errors.is_empty() => return Ok(matches),
                Ok(_) => break,
                Err(error) => error,
            };
            let place = place_of(&error, &args);
            // What is missing now may be what was taken out.
            if place.is_some() || wrong.errors.is_empty() {
                wrong.errors.push(error);
            }
            match place {
                Some(Place::Typed(place)) => drop(args.drain(place)),
                Some(Place::Set(option)) => {
                    let origin = show::origin(&option, &path, file);
                    if origin.is_none() || !without.insert(option.clone()) {
                        break;
                    }
                    wrong.origins.extend(origin.map(|origin| (option, origin)));
                }
                None => break,
            }
        }
        Err(wrong)
    }

    /// Returns what is wrong with the settings of a command alone.
    pub(super) fn settings_of(
        plain: &Command,
        path: &[String],
        file: &SettingsFile,
    ) -> Option<Self> {
        let args: Vec<_> = path.iter().map(OsString::from).collect();
        let wrong = Self::none_of(plain, &args, file).err()?;
        (!wrong.origins.is_empty()).then_some(wrong)
    }

    /// Prints the errors, the usage behind the last, and ends the process as clap does.
    pub(super) fn end(self) -> ! {
        for (option, origin) in &self.origins {
            say(&format!("note: --{option} is set by {origin}\n"));
        }
        let (last, before) = self.errors.split_last().expect("there is a first error");
        for error in before {
            let text = error.to_string();
            // The usage and the pointer to the help are printed once.
            let own = text.split("\n\nUsage:").next().unwrap_or(&text);
            let own = own.split("\n\nFor more information").next().unwrap_or(own);
            say(&format!("{}\n", own.trim_end()));
        }
        last.exit()
    }
}

/// Returns the position of the option that an error names; `None` for an error of another kind.
fn place_of(error: &Error, args: &[OsString]) -> Option<Place> {
    let is_of_one_option = matches!(
        error.kind(),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::UnknownArgument
    );
    let Some(ContextValue::String(named)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let name = named.split([' ', '=']).next()?;
    if !is_of_one_option {
        return None;
    }
    let is_it = |arg: &OsString| {
        let text = arg.to_string_lossy();
        text == name
            || text
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('='))
    };
    let Some(at) = args.iter().position(is_it) else {
        return Some(Place::Set(name.strip_prefix("--")?.to_owned()));
    };
    let has_value =
        error.kind() != ErrorKind::UnknownArgument && args[at].to_string_lossy() == name;
    Some(Place::Typed(
        at..(at + 1 + usize::from(has_value)).min(args.len()),
    ))
}
