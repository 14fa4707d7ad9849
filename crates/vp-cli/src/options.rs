//! The options of a program, from where they may come: the command line, the environment, a file of
//! settings. Which options there are is the program's own.
//!
//! Every program calls [`parse`] in place of clap's own, so that the rules are the same for all.

mod errors;
mod file;
mod show;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{BoolishValueParser, OsStr, Resettable};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, Parser};

use crate::{named, report};
use errors::Wrong;
pub use file::{SettingsError, SettingsFile};

/// How the environment variable of every option begins.
const PREFIX: &str = "SPYMASTER_";

/// What names a session or an output belongs to one call, not to the settings.
const OF_ONE_CALL: [&str; 7] = ["symbol", "dt", "file", "out", "format", "json", "config"];

/// The option that names the lake.
const LAKE: &str = "lake";

const RULE: &str = "\
Settings: every option but --symbol, --dt, --file, --out, --format and --json may also be set in the
environment, as SPYMASTER_ and its name (SPYMASTER_LOG_LEVEL), and in a file of settings: --config
FILE, else ./spymaster.toml, else spymaster.toml in the lake.
The command line goes before the environment, the environment before the file, the file before the
default. The command config shows what is in force, and from where.";

/// Reads the command line of this process, with the environment and the file of settings behind it.
/// Prints help, the settings, or every wrong option at once, and ends the process then.
pub fn parse<P: Parser>() -> P {
    let args: Vec<OsString> = env::args_os().collect();
    let command = P::command();
    let mut names = BTreeSet::new();
    collect_names(&command, &mut names);
    match read(command, &args) {
        Ok((matches, origins)) => {
            named::set(names, origins);
            P::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
        }
        Err(stop) => stop.end(),
    }
}

fn collect_names(command: &Command, names: &mut BTreeSet<String>) {
    names.extend(
        command
            .get_arguments()
            .filter_map(Arg::get_long)
            .map(str::to_owned),
    );
    for below in command.get_subcommands() {
        collect_names(below, names);
    }
}

/// Why a command is not run.
#[derive(Debug)]
enum Stop {
    /// Help or the version, or wrong options.
    Wrong(Wrong),
    /// The file of settings cannot be used.
    Settings(SettingsError),
    /// The settings are to be shown.
    Shown(String),
}

impl Stop {
    fn end(self) -> ! {
        match self {
            Self::Wrong(wrong) => wrong.end(),
            Self::Settings(error) => {
                report::say(&format!("error: {error}\n"));
                std::process::exit(2)
            }
            Self::Shown(text) => {
                let printed =
                    std::io::Write::write_all(&mut crate::Stdout::lock(), text.as_bytes());
                std::process::exit(i32::from(printed.is_err()))
            }
        }
    }
}

/// Returns what the arguments say, and what set each option that was not typed.
fn read(
    command: Command,
    args: &[OsString],
) -> Result<(ArgMatches, BTreeMap<String, String>), Stop> {
    let plain = with_config(command);
    // Help is given whatever the settings are.
    if let Err(error) = plain.clone().try_get_matches_from(args)
        && !error.use_stderr()
    {
        return Err(Stop::Wrong(error.into()));
    }
    let file = settings_path(args).map(|path| SettingsFile::read(&path));
    let file = file
        .transpose()
        .map_err(Stop::Settings)?
        .unwrap_or_default();
    file.check(&plain).map_err(Stop::Settings)?;
    let matches = Wrong::none_of(&plain, args, &file).map_err(Stop::Wrong)?;
    if let Some((show::NAME, asked)) = matches.subcommand() {
        return Err(match show::text(&plain, asked, &file) {
            Ok(text) => Stop::Shown(text),
            Err(wrong) => Stop::Wrong(wrong),
        });
    }
    let path = command_path(&plain, args);
    let mut of_command = &matches;
    while let Some((_, below)) = of_command.subcommand() {
        of_command = below;
    }
    let is_typed = |id: &str| of_command.value_source(id) == Some(ValueSource::CommandLine);
    let command = path[1..]
        .iter()
        .try_fold(&plain, |command, name| command.find_subcommand(name));
    let settings = command
        .into_iter()
        .flat_map(Command::get_arguments)
        .filter(|arg| is_setting(arg));
    let origins = settings.filter_map(|arg| {
        let option = arg.get_long()?;
        let origin = show::origin(option, &path, &file)?;
        (!is_typed(arg.get_id().as_str())).then(|| (option.to_owned(), origin))
    });
    let origins = origins.collect();
    Ok((matches, origins))
}

/// Returns the names of the command that the arguments name, the program's first.
fn command_path(program: &Command, args: &[OsString]) -> Vec<String> {
    let mut path = vec![program.get_name().to_owned()];
    let mut command = program;
    for arg in args.iter().skip(1) {
        if let Some(below) = command.find_subcommand(arg) {
            path.push(below.get_name().to_owned());
            command = below;
        }
    }
    path
}

/// Adds what every program has: `--config`, the command `config`, and the rule in the help, to which
/// that of the commands points.
fn with_config(command: Command) -> Command {
    let config = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .global(true)
        .help_heading(Resettable::Reset)
        .help("Read the settings from this file");
    let pointer = format!("Settings: see {} --help.", command.get_name());
    let shown = show::command(&command);
    let command = command.mut_subcommands(|below| with_after_help(below, &pointer));
    with_after_help(command.arg(config).subcommand(shown), RULE)
}

fn with_after_help(command: Command, text: &str) -> Command {
    let help = match command.get_after_help() {
        Some(own) => format!("{own}\n\n{text}"),
        None => text.to_owned(),
    };
    command.after_help(help)
}

/// Returns the file of settings that the arguments, the environment or its usual place name; the
/// usual places may be empty.
fn settings_path(args: &[OsString]) -> Option<PathBuf> {
    if let Some(named) = typed(args, "--config").or_else(|| variable("config")) {
        return Some(named.into());
    }
    let lake = typed(args, "--lake").or_else(|| variable(LAKE));
    let lake = lake.map_or_else(|| PathBuf::from(LAKE), PathBuf::from);
    [PathBuf::from(file::NAME), lake.join(file::NAME)]
        .into_iter()
        .find(|path| path.is_file())
}

/// Returns the value of an option as it was typed.
fn typed(args: &[OsString], option: &str) -> Option<OsString> {
    let mut args = args.iter().skip(1);
    while let Some(arg) = args.next() {
        if arg == option {
            return args.next().cloned();
        }
        let text = arg.to_str().unwrap_or_default();
        if let Some(value) = text
            .strip_prefix(option)
            .and_then(|rest| rest.strip_prefix('='))
        {
            return Some(value.into());
        }
    }
    None
}

/// Returns the environment variable of an option.
fn variable_name(option: &str) -> String {
    format!("{PREFIX}{}", option.replace('-', "_").to_ascii_uppercase())
}

/// Returns what the environment says of an option; an empty variable counts as unset.
fn variable(option: &str) -> Option<OsString> {
    env::var_os(variable_name(option)).filter(|value| !value.is_empty())
}

/// Returns whether an argument is an option that the environment and a file may give.
fn is_setting(arg: &Arg) -> bool {
    let is_built_in = matches!(arg.get_action(), ArgAction::Help | ArgAction::Version);
    !is_built_in
        && arg
            .get_long()
            .is_some_and(|name| !matches!(name, "help" | "version") && !OF_ONE_CALL.contains(&name))
}

/// Gives every option of a command and of those below it what its variable or the file says of it, as
/// a default: what is not typed counts for no rule of options that go together. Options of `without`
/// keep their own defaults.
fn with_sources(
    command: Command,
    path: &[String],
    file: &SettingsFile,
    without: &BTreeSet<String>,
) -> Command {
    let command = command.mut_args(|arg| {
        if !is_setting(&arg) {
            return arg;
        }
        let option = arg.get_long().unwrap_or_default().to_owned();
        let is_flag = matches!(arg.get_action(), ArgAction::SetTrue);
        let arg = if is_flag {
            arg.value_parser(BoolishValueParser::new())
        } else {
            arg
        };
        if without.contains(&option) {
            return arg;
        }
        let values = match (variable(&option), file.setting(path, &option)) {
            // The lake's variable is older than this rule: `vp-lake` reads it, and says so in errors.
            (Some(_), _) if option == LAKE => return arg,
            (Some(value), _) => vec![value],
            (None, Some(setting)) => setting.values.iter().map(OsString::from).collect(),
            (None, None) => return arg,
        };
        let values = values.into_iter().map(OsStr::from);
        arg.required(false)
            .default_values(values)
            .hide_default_value(!is_flag)
    });
    let names: Vec<String> = command
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    names.into_iter().fold(command, |command, name| {
        let below = [path, std::slice::from_ref(&name)].concat();
        command.mut_subcommand(name, |command| with_sources(command, &below, file, without))
    })
}
