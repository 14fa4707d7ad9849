//! The Python client of `docs/client.py` against a real server.
//!
//! It runs where `python3` (or the program in `SPYMASTER_PYTHON`) has what the client imports, and
//! is skipped, visibly, where it has not.

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod toy;

use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::task::spawn_blocking;
use toy::Running;

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/client.py");

fn main() -> ExitCode {
    let trials = vec![
        Trial::ignorable_test("the_python_client_prints_every_grid", || {
            check("count=5&speed=0&lossless=1", prints_every_grid)
        }),
        Trial::ignorable_test("the_python_client_says_why_it_was_refused", || {
            check("sped=1", says_why)
        }),
        Trial::ignorable_test("the_python_client_says_that_nothing_answers", || {
            // The port was free a moment ago, and no server listens on it now.
            let port = std::net::TcpListener::bind("127.0.0.1:0")?
                .local_addr()?
                .port();
            let url = format!("ws://127.0.0.1:{port}/");
            complains(&[], &url, &format!("{url} gives no stream"))
        }),
        Trial::ignorable_test("the_python_client_says_what_it_needs", || {
            // Without the packages that were installed.
            complains(&["-I", "-S"], "", "pip install websockets msgpack numpy")
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Runs the client, which is to fail with those words and without a traceback.
fn complains(options: &[&str], url: &str, words: &str) -> Result<Completion, Failed> {
    let imports = python()
        .args(["-c", "import msgpack, numpy, websockets"])
        .output();
    if !imports.is_ok_and(|output| output.status.success()) {
        return Ok(Completion::ignored_with(NO_PACKAGES));
    }
    let output = python().args(options).arg(CLIENT).arg(url).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let is_clear = errors.contains(words) && !errors.contains("Traceback");
    if output.status.code() == Some(1) && is_clear {
        Ok(Completion::Completed)
    } else {
        Err(format!("{output:?}").into())
    }
}

/// Why tests of the client are skipped.
const NO_PACKAGES: &str = "python3 has not msgpack, numpy and websockets";

fn python() -> Command {
    Command::new(std::env::var_os("SPYMASTER_PYTHON").unwrap_or_else(|| "python3".into()))
}

/// Runs the client on a stream of the toy server, and looks at what it printed.
fn check(query: &str, expect: fn(&Output) -> bool) -> Result<Completion, Failed> {
    let imports = python()
        .args(["-c", "import msgpack, numpy, websockets"])
        .output();
    if !imports.is_ok_and(|output| output.status.success()) {
        return Ok(Completion::ignored_with(NO_PACKAGES));
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let output = runtime.block_on(async {
        let server = Running::start(|_| {});
        let url = server.url(query);
        let client = spawn_blocking(move || python().arg(CLIENT).arg(url).output());
        let output = client.await;
        server.stop().await;
        output
    })??;
    if expect(&output) {
        Ok(Completion::Completed)
    } else {
        Err(format!("{output:?}").into())
    }
}

fn prints_every_grid(output: &Output) -> bool {
    let text = String::from_utf8_lossy(&output.stdout);
    let seqs = text.lines().map(|line| line.split(' ').next().unwrap());
    // The toy's columns hold k, which sums to nothing.
    let sums = text.lines().map(|line| line.rsplit(' ').next().unwrap());
    output.status.success() && seqs.eq(["1", "2", "3", "4", "5"]) && sums.eq(["0.0"; 5])
}

fn says_why(output: &Output) -> bool {
    let text = String::from_utf8_lossy(&output.stderr);
    !output.status.success() && text.starts_with("bad_parameter: no parameter is called")
}
