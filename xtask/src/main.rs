//! What a person or CI runs: `cargo xtask demo | test | verify | attacks | mutants | bench | dist | doctor`.
//!
//! Every command does its own set-up on a machine that has nothing but Rust, says what it is doing, and ends with one
//! clear sentence when it cannot go on.

mod attacks;
mod bench;
mod build;
mod check;
mod demo;
mod dist;
mod doctor;
#[cfg(test)]
mod house;
mod interrupt;
mod mutants;
mod paths;
mod people;
mod ports;
mod process;
mod say;
mod stack;
mod test;
mod tools;
mod truth;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  demo            start Gatehouse with a simulated outside world, and say where to look
                  [--port N] [--port-base N] [--dir DIR]
  demo --check [STORY…]
                  drive the main story, or these of end2end/tests, in headless Chromium; exit 0 only when it
                  really happened
  demo --certified
                  the story of sign-in and roles, with npm's certified oidc-provider instead of the twin's own
  test            everything: format, house rules, lints, tests, WASM build, browser tests
  test --fast     the same without the browser and WASM
  test --browser  what is tried in a browser, and nothing else
  verify          the approval that the browser tests kept, verified again by Python's fido2
  attacks         the table of attack cases and their results [--json]
  mutants         breaks the deciding code in every way; how often do the domain's tests notice? [--list]
  bench [NAME]    measurements beside reference implementations, one JSON line each
  dist DIR        the portal as it is shipped: program and site, built for release
  doctor          what is installed, what is missing, how to get it";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let mut args = lexopt::Parser::from_env();
    let command = match args.next()? {
        Some(lexopt::Arg::Value(word)) => word.to_string_lossy().into_owned(),
        Some(lexopt::Arg::Short('h') | lexopt::Arg::Long("help")) | None => {
            println!("{USAGE}");
            return Ok(());
        }
        Some(other) => return Err(other.unexpected().into()),
    };
    interrupt::listen()?;
    match command.as_str() {
        "demo" => demo::run(demo::Options::parse(&mut args)?),
        "test" => test::run(args),
        "verify" => check::second_verifier(),
        "attacks" => attacks::run(args),
        "mutants" => mutants::run(args),
        "bench" => bench::run(args),
        "dist" => dist::run(args),
        "doctor" => doctor::run(args),
        "help" => {
            println!("{USAGE}");
            Ok(())
        }
        other => anyhow::bail!("there is no command `{other}`; `cargo xtask help` lists them"),
    }
}
