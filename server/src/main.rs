//! The program `gatehouse`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    gatehouse::cli::main(&arguments)
}
