//! The program: arguments in, exit status out. Everything else is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    download::main()
}
