//! The command `config`: what is in force, and from where.

use std::fmt::Write;

use clap::builder::Str;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, Error};

use super::errors::Wrong;
use super::file::SettingsFile;
use super::{is_setting, variable, variable_name};

/// The name of the command.
pub(super) const NAME: &str = "config";

/// Returns the command.
pub(super) fn command(program: &Command) -> Command {
    let names: Vec<Str> = program
        .get_subcommands()
        .map(|command| Str::from(command.get_name().to_owned()))
        .collect();
    Command::new(NAME)
        .about("Show the settings that are in force, and where each is from")
        .arg(
            Arg::new("command")
                .value_name("COMMAND")
                .num_args(0..)
                .help(format!("Of this command: {}", names.join(", "))),
        )
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("Print as JSON"),
        )
}

/// One option, what it is set to, and by what.
struct Row {
    option: String,
    value: Option<String>,
    origin: String,
}

/// Returns what is printed.
///
/// # Errors
/// If there is no such command, or it refuses a setting.
pub(super) fn text(
    program: &Command,
    asked: &ArgMatches,
    file: &SettingsFile,
) -> Result<String, Wrong> {
    let names = asked.get_many::<String>("command").unwrap_or_default();
    let mut path = vec![program.get_name().to_owned()];
    let mut command = program;
    for name in names {
        let Some(below) = command.find_subcommand(name) else {
            let message = format!("there is no command {name:?} to show the settings of\n");
            return Err(Error::raw(ErrorKind::InvalidSubcommand, message).into());
        };
        path.push(name.clone());
        command = below;
    }
    if let Some(wrong) = Wrong::settings_of(program, &path, file) {
        return Err(wrong);
    }
    let settings = command.get_arguments().filter(|arg| is_setting(arg));
    let rows: Vec<Row> = settings.map(|arg| row(arg, &path, file)).collect();
    Ok(if asked.get_flag("json") {
        json(&rows)
    } else {
        table(&rows, file)
    })
}

/// Returns what sets an option of a command: a variable, or a line of the file.
pub(super) fn origin(option: &str, path: &[String], file: &SettingsFile) -> Option<String> {
    if variable(option).is_some() {
        return Some(variable_name(option));
    }
    let setting = file.setting(path, option)?;
    Some(format!("{}:{}", file.path().display(), setting.line))
}

fn row(arg: &Arg, path: &[String], file: &SettingsFile) -> Row {
    let option = arg.get_long().unwrap_or_default().to_owned();
    let (value, origin) = if let Some(origin) = origin(&option, path, file) {
        let of_file = || Some(file.setting(path, &option)?.values.join(","));
        let value = variable(&option).map(|value| value.to_string_lossy().into_owned());
        (value.or_else(of_file), origin)
    } else {
        let defaults = arg.get_default_values().iter();
        let texts: Vec<_> = defaults.map(|value| value.to_string_lossy()).collect();
        let is_flag = matches!(arg.get_action(), ArgAction::SetTrue);
        let value = match (texts.is_empty(), is_flag) {
            (false, _) => Some(texts.join(",")),
            (true, true) => Some(false.to_string()),
            (true, false) => None,
        };
        (value, "default".to_owned())
    };
    Row {
        option,
        value,
        origin,
    }
}

fn table(rows: &[Row], file: &SettingsFile) -> String {
    let name = if file.path().as_os_str().is_empty() {
        "no file of settings".to_owned()
    } else {
        format!("settings of {}", file.path().display())
    };
    let width = |text: fn(&Row) -> usize| rows.iter().map(text).max().unwrap_or(0);
    let options = width(|row| row.option.len());
    let values = width(|row| {
        row.value
            .as_deref()
            .map_or(1, |value| value.chars().count())
    });
    let mut text = format!("{name}\n\n");
    for row in rows {
        let value = row.value.as_deref().unwrap_or("–");
        let Row { option, origin, .. } = row;
        // Memory takes it.
        let _ = writeln!(text, "{option:<options$}  {value:<values$}  {origin}");
    }
    text
}

fn json(rows: &[Row]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            serde_json::json!({"option": row.option, "value": row.value, "origin": row.origin})
        })
        .collect();
    format!("{:#}\n", serde_json::Value::from(rows))
}
