//! Where options come from: the command line, the environment, a file of settings, the defaults.

use std::path::Path;

use tempfile::TempDir;

use crate::binary::{Ran, program, ran};

/// A folder with a file of settings in it.
fn folder(settings: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spymaster.toml"), settings).unwrap();
    folder
}

/// Runs the program in a folder, with variables.
fn run(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Ran {
    let mut program = program();
    program.current_dir(folder).envs(variables.iter().copied());
    ran(program.args(args))
}

/// Returns what is in force for an option of a command, and from where.
fn in_force(
    folder: &Path,
    variables: &[(&str, &str)],
    command: &[&str],
    option: &str,
) -> [String; 2] {
    let args = [&["config"], command, &["--json"]].concat();
    let ran = run(folder, variables, &args).good();
    let rows: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    let row = rows.iter().find(|row| row["option"] == option).unwrap();
    let text = |key: &str| row[key].as_str().unwrap_or("none").to_owned();
    [text("value"), text("origin")]
}

const SETTINGS: &str = "\
log-level = \"error\"

[vp-live]
throttle_ms = 50
bucket = 0.30
keep-gaps = true

[vp-live.run]
throttle-ms = 1_00

[velocity.serve]
port = 1
";

#[test]
fn the_innermost_table_counts_and_the_environment_goes_before_it() {
    let folder = folder(SETTINGS);
    let at = folder.path();
    let check =
        |variables: &[(&str, &str)], command: &[&str], option: &str, expected: [&str; 2]| {
            assert_eq!(in_force(at, variables, command, option), expected);
        };
    check(&[], &[], "throttle-ms", ["50", "spymaster.toml:4"]);
    check(&[], &["run"], "throttle-ms", ["100", "spymaster.toml:9"]);
    check(
        &[],
        &["statistics"],
        "throttle-ms",
        ["50", "spymaster.toml:4"],
    );
    check(&[], &[], "log-level", ["error", "spymaster.toml:1"]);
    // As it is written, not as a float has it.
    check(&[], &["run"], "bucket", ["0.30", "spymaster.toml:5"]);
    check(&[], &[], "keep-gaps", ["true", "spymaster.toml:6"]);
    check(&[], &[], "port", ["8002", "default"]);
    check(&[], &[], "log-file", ["none", "default"]);
    let port = [("SPYMASTER_PORT", "7")];
    check(&port, &[], "port", ["7", "SPYMASTER_PORT"]);
    check(&[("SPYMASTER_PORT", "")], &[], "port", ["8002", "default"]);
    let throttle = [("SPYMASTER_THROTTLE_MS", "0")];
    check(
        &throttle,
        &["run"],
        "throttle-ms",
        ["0", "SPYMASTER_THROTTLE_MS"],
    );
}

/// What a run does with them: the number of grids tells the throttle.
#[test]
fn settings_are_what_a_run_uses() {
    let folder = folder("[vp-live.run]\nthrottle-ms = 0\n");
    crate::binary::write_synthetic(&folder.path().join("a.dbn"), 2);
    let grids = |variables: &[(&str, &str)], more: &[&str]| {
        let args = [&["run", "a.dbn", "--json"], more].concat();
        run(folder.path(), variables, &args).good().json()["grids"]
            .as_u64()
            .unwrap()
    };
    let (all, few) = (grids(&[], &[]), grids(&[], &["--throttle-ms", "500"]));
    assert!(all > few && few > 0);
    let variable = [("SPYMASTER_THROTTLE_MS", "500")];
    assert_eq!(grids(&variable, &[]), few);
    assert_eq!(grids(&variable, &["--throttle-ms", "0"]), all);
    // Another file in its place.
    let other = folder.path().join("other.toml");
    std::fs::write(&other, "[vp-live.run]\nthrottle-ms = 500\n").unwrap();
    assert_eq!(grids(&[], &["--config", "other.toml"]), few);
    assert_eq!(grids(&[("SPYMASTER_CONFIG", "other.toml")], &[]), few);
}

#[test]
fn the_lake_may_hold_the_settings() {
    let lake = folder("[vp-live]\nport = 5\n");
    let elsewhere = tempfile::tempdir().unwrap();
    let variables = [("SPYMASTER_LAKE", lake.path().to_str().unwrap())];
    let [value, origin] = in_force(elsewhere.path(), &variables, &[], "port");
    let file = lake.path().join("spymaster.toml");
    assert_eq!(
        (value.as_str(), origin),
        ("5", format!("{}:2", file.display()))
    );
}

#[test]
fn a_wrong_file_is_refused_with_file_line_and_key() {
    for (settings, part) in [
        (
            "[vp-live]\nprot = 1\n",
            "spymaster.toml, line 2: \"prot\" is no setting of vp-live; there are: allow-origin,",
        ),
        (
            "port = 1\n",
            "line 1: \"port\" is no setting of all programs; there are: lake, products, log-level",
        ),
        (
            "[vplive]\nport = 1\n",
            "line 2: there is no table [vplive]; there are [vp-live], [velocity], [download], and those",
        ),
        (
            "[vp-live.bogus]\nport = 1\n",
            "line 2: there is no table [vp-live.bogus]; there are [vp-live.run], [vp-live.inspect],",
        ),
        (
            "[vp-live]\nkeep-gaps = true\nkeep_gaps = false\n",
            "spymaster.toml, line 3: keep",
        ),
        (
            "[vp-live]\nport = [{a = 1}]\n",
            "line 2: port takes a text, a number",
        ),
        (
            "[vp-live]\nsymbol = \"ESH4\"\n",
            "\"symbol\" is no setting of vp-live",
        ),
        ("port = \n", "spymaster.toml: TOML parse error at line 1"),
        (
            "[vp-live]\nport = \"high\"\n",
            "note: --port is set by spymaster.toml:2\nerror: invalid value 'high' for '--port <PORT>'",
        ),
    ] {
        let folder = folder(settings);
        let ran = run(folder.path(), &[], &[]);
        assert_eq!(
            (ran.status, ran.stdout.as_str()),
            (Some(2), ""),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    // Help is given all the same.
    let wrong = folder("[vp-live]\nprot = 1\n");
    assert_eq!(run(wrong.path(), &[], &["--help"]).status, Some(0));
    let ran = run(
        wrong.path(),
        &[("SPYMASTER_CONFIG", "/dev/null"), ("SPYMASTER_PORT", "x")],
        &[],
    );
    assert!(
        ran.stderr
            .starts_with("note: --port is set by SPYMASTER_PORT\nerror: "),
        "{}",
        ran.stderr
    );
    let ran = run(Path::new("/"), &[], &["--config", "/nowhere.toml"]);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.stderr
            .contains("the settings /nowhere.toml cannot be read"),
        "{}",
        ran.stderr
    );
}

#[test]
fn every_wrong_option_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["--port", "x", "--speed=y", "--wobble", "--seed", "1"];
    let ran = run(folder.path(), &[], &args);
    assert_eq!(ran.status, Some(2));
    for part in ["'x' for '--port", "'y' for '--speed", "'--wobble'"] {
        assert_eq!(
            ran.stderr.matches(part).count(),
            part.matches("wobble").count() + 1,
            "{}",
            ran.stderr
        );
    }
    assert_eq!(ran.stderr.matches("For more information").count(), 1);
}

/// What is set counts where it applies, and refuses no call that it does not concern.
#[test]
fn settings_of_files_of_grids_are_for_those_that_are_written() {
    let folder = folder("[vp-live.run]\nlayout = \"grid\"\nfields = \"add_mass\"\n");
    crate::binary::write_synthetic(&folder.path().join("a.dbn"), 1);
    let variables = [("SPYMASTER_VIEW", "decayed")];
    for more in [&[][..], &["--out", "a.jsonl"]] {
        let args = [&["run", "a.dbn"], more].concat();
        assert_eq!(run(folder.path(), &variables, &args).status, Some(0));
    }
    let line = std::fs::read_to_string(folder.path().join("a.jsonl")).unwrap();
    let grid: serde_json::Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    let columns = grid["columns"].as_object().unwrap();
    assert_eq!(columns.keys().collect::<Vec<_>>(), ["add_mass"]);
    // What is typed is meant.
    let typed = ["run", "a.dbn", "--out", "b.jsonl", "--layout", "grid"];
    assert_eq!(run(folder.path(), &[], &typed).status, Some(1));
    let typed = ["run", "a.dbn", "--fields", "add_mass"];
    assert_eq!(run(folder.path(), &[], &typed).status, Some(2));
}

#[test]
fn what_refuses_a_setting_names_its_source() {
    let file = tempfile::tempdir().unwrap();
    crate::binary::write_synthetic(&file.path().join("a.dbn"), 1);
    let ran = run(
        file.path(),
        &[("SPYMASTER_BUCKET", "0.3")],
        &["run", "a.dbn"],
    );
    assert_eq!(ran.status, Some(1));
    let end = "note: --bucket is set by SPYMASTER_BUCKET\n";
    assert!(ran.stderr.ends_with(end), "{}", ran.stderr);
    let folder = folder("[vp-live]\nport = \"x\"\n\nspeed = \"y\"\n");
    // All that is wrong at once, typed or not, when it is used and when it is shown.
    for args in [&["--seed", "z"][..], &["config"]] {
        let ran = run(folder.path(), &[], args);
        assert_eq!(ran.status, Some(2));
        for part in [
            "note: --port is set by spymaster.toml:2\n",
            "note: --speed is set by spymaster.toml:4\n",
            "'x' for '--port",
            "'y' for '--speed",
        ] {
            assert!(ran.stderr.contains(part), "{}", ran.stderr);
        }
        assert_eq!(ran.stderr.contains("'z' for '--seed"), args.len() == 2);
    }
}

#[test]
fn a_folder_may_be_that_of_the_user() {
    let folder = folder("lake = \"~/lake\"\n");
    let [value, _] = in_force(folder.path(), &[("HOME", "/home/me")], &[], "lake");
    assert_eq!(value, "/home/me/lake");
}
