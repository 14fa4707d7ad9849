//! The options of a program, from where they may come: the command line, the environment, a file of
//! settings. Which options there are is the program's own.
//!
//! Every program calls [`parse`] in place of clap's own, so that the rules are the same for all.

mod errors;
mod file;
mod show;

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command, Parser};

pub use file::{SettingsError, SettingsFile};

/// How the environment variable of every option begins.
const PREFIX: &str = "SPYMASTER_";

/// What names a session or an output belongs to one call, not to the settings.
const OF_ONE_CALL: [&str; 6] = ["symbol", "dt", "file", "out", "json", "config"];

/// The option that names the lake.
const LAKE: &str = "lake";

const RULE: &str = "\
Every option but --symbol, --dt, --file, --out and --json may also be set in the environment, as
SPYMASTER_ and its name (SPYMASTER_LOG_LEVEL), and in a file of settings: --config FILE, else
./spymaster.toml, else spymaster.toml in the lake.
The command line goes before the environment, the environment before the file, the file before the
default. The command config shows what is in force, and from where.";

/// Reads the command line of this process, with the environment and the file of settings behind it.
/// Prints help, the settings, or every wrong option at once, and ends the process then.
pub fn parse<P: Parser>() -> P {
    let args: Vec<OsString> = env::args_os().collect();
    match matches_of(P::command(), &args) {
        Ok(matches) => P::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()),
        Err(stop) => stop.end(),
    }
}

/// Why a command is not run.
#[derive(Debug)]
enum Stop {
    /// What clap says: help, the version, or wrong options.
    Clap(Vec<clap::Error>),
    /// The file of settings cannot be used.
    Settings(SettingsError),
    /// The settings are to be shown.
    Shown(String),
}

impl Stop {
    fn end(self) -> ! {
        match self {
            Self::Clap(errors) => errors::exit(&errors),
            Self::Settings(error) => {
                errors::say(&format!("error: {error}\n"));
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

fn matches_of(command: Command, args: &[OsString]) -> Result<ArgMatches, Stop> {
    let program = command.get_name().to_owned();
    let plain = with_config(command);
    // Help is given whatever the settings are.
    if let Err(error) = plain.clone().try_get_matches_from(args)
        && !error.use_stderr()
    {
        return Err(Stop::Clap(vec![error]));
    }
    let path = settings_path(args);
    let file = path.map(|path| SettingsFile::read(&path)).transpose();
    let file = file.map_err(Stop::Settings)?.unwrap_or_default();
    file.check(&plain).map_err(Stop::Settings)?;
    let command = with_sources(plain.clone(), &[program], &file);
    match command.clone().try_get_matches_from(args) {
        Ok(matches) => match matches.subcommand() {
            Some((show::NAME, asked)) => show::text(&plain, asked, &file)
                .map(Stop::Shown)
                .map_or_else(|error| Err(Stop::Clap(vec![error])), Err),
            _ => Ok(matches),
        },
        Err(first) => {
            let errors = errors::all(first, &command, args);
            for option in errors
                .iter()
                .filter_map(|error| errors::untyped(error, args))
            {
                let path = command_path(&command, args);
                if let Some(origin) = show::origin(&option, &path, &file) {
                    errors::say(&format!("note: --{option} is set by {origin}\n"));
                }
            }
            Err(Stop::Clap(errors))
        }
    }
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

/// Adds what every program has: `--config`, the command `config`, and the rule in the help.
fn with_config(command: Command) -> Command {
    let config = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .global(true)
        .help("Read the settings from this file");
    let help = match command.get_after_help() {
        Some(text) => format!("{text}\n\n{RULE}"),
        None => RULE.to_owned(),
    };
    let shown = show::command(&command);
    command.arg(config).subcommand(shown).after_help(help)
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

/// Returns what the environment says of an option; an empty variable says nothing.
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

/// Gives every option of a command and of those below it its variable and its setting.
fn with_sources(command: Command, path: &[String], file: &SettingsFile) -> Command {
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
        let arg = match variable(&option) {
            // The lake's variable is older than this rule: `vp-lake` reads it, and says so in errors.
            Some(_) if option == LAKE => return arg,
            Some(_) => arg.env(variable_name(&option)).hide_env(true),
            None => arg,
        };
        match file.setting(path, &option) {
            Some(setting) => arg
                .default_values(setting.values.clone())
                .hide_default_value(!is_flag),
            None => arg,
        }
    });
    let names: Vec<String> = command
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    names.into_iter().fold(command, |command, name| {
        let below = [path, std::slice::from_ref(&name)].concat();
        command.mut_subcommand(name, |command| with_sources(command, &below, file))
    })
}
