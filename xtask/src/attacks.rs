//! `cargo xtask attacks`: every attack case that is automated, and whether the house withstood it.
//!
//! A case is a test named `atk_NN_what_was_tried` (`atk_wN_…` for the WebAuthn cases), in whatever package; libtest's
//! result lines are the only source, so a table without a test behind it cannot come about.

use std::collections::BTreeSet;
use std::process::Stdio;

use anyhow::{Context, bail};

use crate::say::{self, row};
use crate::tools;
use crate::{build, paths, process};

/// What the gate must withstand. The list only grows.
const REQUIRED: [&str; 42] = [
    "ATK-01", "ATK-02", "ATK-03", "ATK-04", "ATK-05", "ATK-06", "ATK-07", "ATK-08", "ATK-09", "ATK-10", "ATK-11",
    "ATK-12", "ATK-13", "ATK-14", "ATK-15", "ATK-16", "ATK-17", "ATK-18", "ATK-20", "ATK-21", "ATK-22", "ATK-23",
    "ATK-24", "ATK-25", "ATK-26", "ATK-27", "ATK-28", "ATK-32", "ATK-33", "ATK-W1", "ATK-W2", "ATK-W3", "ATK-W4",
    "ATK-W5", "ATK-W6", "ATK-W7", "ATK-W8", "ATK-W9", "ATK-W10", "ATK-W11", "ATK-W12", "ATK-W13",
];

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    id: String,
    tried: String,
    result: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Pass,
    Fail,
    NotRun,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotRun => "not run",
        }
    }
}

/// Runs them; `--json` prints one line each and nothing else on standard output.
pub fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    let mut json = false;
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Long("json") => json = true,
            other => return Err(other.unexpected().into()),
        }
    }
    tools::ensure(&[tools::POSTGRES])?;
    process::run(build::cargo_host("test").args(["--no-run", "--quiet"])).context("the tests do not compile")?;
    let log = paths::target().join("attacks.log");
    let mut command = build::cargo_host("test");
    command
        .args(["--no-fail-fast", "--", "atk_"])
        .env_remove("DATABASE_URL")
        .env("GATEHOUSE_FULL", "1")
        .stdin(Stdio::null());
    if let Some(bin) = tools::postgres_bin() {
        command.env("GATEHOUSE_POSTGRES_BIN", bin);
    }
    // A failing case makes cargo fail; the table says which one.
    let ran = process::run_logged(&mut command, &log, |_| {});
    let text = std::fs::read_to_string(&log).with_context(|| format!("cannot read {}", log.display()))?;
    let cases = parse(&text);
    print(&cases, json);
    if !json {
        said(&text).for_each(|line| println!("{line}"));
    }
    verdict(&cases).with_context(|| format!("the tests' output is in {}", log.display()))?;
    ran
}

fn print(cases: &[Case], json: bool) {
    if json {
        for case in cases {
            println!("{}", serde_json::json!({"id": case.id, "result": case.result.word(), "case": case.tried}));
        }
        return;
    }
    let head = [row(["id", "result", "what was tried"])];
    let rows: Vec<_> =
        head.into_iter().chain(cases.iter().map(|case| row([&case.id, case.result.word(), &case.tried]))).collect();
    println!("{}", say::table(&rows));
}

/// What the crash test counted: it writes past libtest's capture.
fn said(output: &str) -> impl Iterator<Item = &str> {
    output.lines().filter_map(|line| line.find("crash test: ").and_then(|at| line.get(at..)))
}

/// Refuses when a case did not pass or a required attack has no case.
fn verdict(cases: &[Case]) -> anyhow::Result<()> {
    let tried: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let untried: Vec<&str> = REQUIRED.into_iter().filter(|id| !tried.contains(id)).collect();
    if !untried.is_empty() {
        bail!("no test tries {}: name one `atk_…` after it", untried.join(", "));
    }
    let failed = cases.iter().filter(|case| case.result != Outcome::Pass).count();
    if failed > 0 {
        bail!("{failed} of {} attack cases did not pass", cases.len());
    }
    Ok(())
}

/// `test changes::tests::atk_01_requester_approves_own_request ... ok`
fn parse(output: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = output.lines().filter_map(parse_line).collect();
    cases.sort();
    cases
}

fn parse_line(line: &str) -> Option<Case> {
    let (path, result) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let name = path.split(" - ").next()?.rsplit("::").next()?.strip_prefix("atk_")?;
    let (number, tried) = name.split_once('_')?;
    let result = match result {
        "ok" => Outcome::Pass,
        ignored if ignored.starts_with("ignored") => Outcome::NotRun,
        _ => Outcome::Fail,
    };
    Some(Case { id: format!("ATK-{}", number.to_uppercase()), tried: tried.replace('_', " "), result })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
running 4 tests
test changes::tests::atk_01_requester_approves_own_request ... ok
test keys::tests::atk_w1_assertion_with_the_victims_session ... FAILED
test intake::tests::atk_33_body_of_10_gigabytes ... ignored, slow
test intake::tests::a_delivery_is_stored_once ... ok
";

    #[test]
    fn a_test_name_becomes_an_id_and_a_sentence() {
        let cases = parse(OUTPUT);
        let told: Vec<_> =
            cases.iter().map(|case| (case.id.as_str(), case.result.word(), case.tried.as_str())).collect();
        assert_eq!(
            told,
            [
                ("ATK-01", "pass", "requester approves own request"),
                ("ATK-33", "not run", "body of 10 gigabytes"),
                ("ATK-W1", "fail", "assertion with the victims session"),
            ]
        );
    }

    #[test]
    fn what_the_crash_test_counted_is_found_wherever_it_was_written() {
        let output = "test x ... crash test: 72 kills\ntest y ... ok\n";
        assert_eq!(said(output).collect::<Vec<_>>(), ["crash test: 72 kills"]);
    }

    #[test]
    fn a_required_attack_that_nobody_tried_is_a_failure() {
        let told = verdict(&parse(OUTPUT)).map_err(|error| error.to_string());
        let tried = ["ATK-01", "ATK-33", "ATK-W1"];
        let untried: Vec<_> = REQUIRED.into_iter().filter(|id| !tried.contains(id)).collect();
        assert_eq!(told, Err(format!("no test tries {}: name one `atk_…` after it", untried.join(", "))));
    }

    #[test]
    fn a_case_that_failed_or_did_not_run_is_a_failure() {
        let all: String =
            REQUIRED.map(|id| format!("test {}_x ... ok\n", id.to_lowercase().replace('-', "_"))).concat();
        assert!(verdict(&parse(&all)).is_ok());
        let one_ignored = all.replacen("ok", "ignored", 1);
        assert!(verdict(&parse(&one_ignored)).is_err());
    }
}
