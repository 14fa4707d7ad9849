//! The commands of the README, as they stand there.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::binary::{program, ran};

const README: &str = include_str!("../../../../README.md");

/// Returns the commands of one program in the README's shell blocks, in order, without comments.
fn commands(name: &str) -> Vec<Vec<String>> {
    let blocks = README.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines());
    let start = format!("target/release/{name} ");
    lines
        .filter_map(|line| line.split('#').next()?.trim().strip_prefix(&start))
        .map(|args| args.split_whitespace().map(str::to_owned).collect())
        .collect()
}

/// One after the other in a folder of their own; a server is ended once it says where it is.
#[test]
fn the_commands_of_the_readme_work_as_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("target")).unwrap();
    let commands = commands("vp-live");
    assert!(commands.len() >= 5, "{commands:?}");
    let mut served = 0;
    for args in &commands {
        let mut program = program();
        program.current_dir(folder.path());
        if args[0].ends_with(".dbn.zst") {
            // Neither a browser nor a fixed port belongs in a test.
            let args = args.iter().filter(|arg| *arg != "--open");
            program.args(args).args(["--port", "0"]);
            let mut server = program.stdout(Stdio::piped()).spawn().unwrap();
            let lines = BufReader::new(server.stdout.take().unwrap()).lines();
            let mut lines = lines.map_while(Result::ok);
            assert!(lines.any(|line| line.starts_with("open    http://")));
            server.kill().unwrap();
            server.wait().unwrap();
            served += 1;
        } else if cfg!(feature = "parquet") || !args.iter().any(|arg| arg.ends_with(".parquet")) {
            let ran = ran(program.args(args));
            assert_eq!(ran.status, Some(0), "{args:?}: {}", ran.stderr);
        }
    }
    assert_eq!(served, 1);
}
