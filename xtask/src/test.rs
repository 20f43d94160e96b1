//! `cargo xtask test`: everything, in order, each step with its heading and time.
//!
//! A step that fails does not stop the ones that do not need it: one run tells everything that is wrong. What is tried in a
//! browser waits more than it works, so it runs beside the tests of the machine.

use std::time::{Duration, Instant};

use anyhow::bail;

use crate::ports::Ports;
use crate::process::Service;
use crate::say::{self, row};
use crate::stack::{Life, SignIn, Stack};
use crate::tools::{self, Found};
use crate::{build, check, interrupt, process, truth};

/// The warnings of our own code are errors; lints of others' are theirs.
const DENY_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];
const SERVER_BUILD: &str = "cargo build --workspace --exclude gatehouse-hydrate --bins";
const WASM: &str = "wasm32-unknown-unknown";

/// Runs it; `--fast` leaves out what needs a browser or WASM, `--browser` everything else.
pub fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    let (mut fast, mut browser, mut built) = (false, false, false);
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Long("fast") => fast = true,
            lexopt::Arg::Long("browser") => browser = true,
            lexopt::Arg::Long("built") => built = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let mut report = Report::default();
    match (fast, browser) {
        (true, true) => bail!("--fast and --browser leave nothing to test"),
        (true, false) => host(&mut report, true),
        (false, true) => in_browsers(&mut report, built),
        (false, false) => host(&mut report, false),
    }
    report.finish()
}

/// What runs on this machine. The browser's half needs the programs and nothing else, and waits more than it works: it runs
/// beside the tests, as a process of its own, whose words are shown when it has ended.
fn host(report: &mut Report, fast: bool) {
    report.step("tools", "cargo xtask doctor", || {
        tools::ensure(tools::TO_TEST)?;
        if fast {
            return Ok(());
        }
        [tools::TO_RUN, tools::TO_DRIVE, tools::TO_COMPARE].into_iter().try_for_each(tools::ensure)
    });
    report.step("format", "cargo fmt --all", || {
        process::run(process::command("cargo").args(["fmt", "--all", "--check"]))
    });
    report.step("house rules", "cargo test -p xtask", || {
        process::run(process::command("cargo").args(["test", "--quiet", "--package", "xtask"]))
    });
    let beside = (!fast).then(|| browser_half(report));
    report.step("lints", "cargo clippy --workspace --exclude gatehouse-hydrate --all-targets", || {
        process::run(build::cargo_host("clippy").arg("--all-targets").args(DENY_WARNINGS))
    });
    report.step("dependencies", "cargo deny check bans licenses sources", dependencies);
    report.step("Dockerfile", "hadolint Dockerfile", dockerfile);
    report.step("tests", "cargo test --workspace --exclude gatehouse-hydrate --tests", || {
        truth::begin()?;
        process::run(&mut tests())
    });
    if !fast {
        report.step("GitHub's documents", "cargo xtask test", truth::check);
        report.step("moto's registry", "cargo xtask test", truth::registry);
    }
    match beside {
        Some(Some(half)) => drop(report.step("the browser's half", "cargo xtask test --browser", || half.finish())),
        Some(None) => report.skip("the browser's half", "nothing to run: the build failed"),
        None => {}
    }
}

/// Builds the programs and begins the browser's half; `None` where there is nothing to run.
fn browser_half(report: &mut Report) -> Option<Service> {
    if !report.step("server build", SERVER_BUILD, build::server_and_twin) {
        return None;
    }
    report.step("API description", "gatehouse openapi --check docs/openapi.json", || {
        let committed = crate::paths::repo().join("docs/openapi.json");
        process::run(process::command(crate::paths::built("gatehouse")).args(["openapi", "--check"]).arg(committed))
    });
    let mut half = None;
    report.step("the browser's half begins", "cargo xtask test --browser", || {
        // Not our own file: building the programs may have put another in its place.
        let mut command = process::command(crate::paths::built("xtask"));
        command.args(["test", "--browser", "--built"]);
        half = Some(Service::start("browser's half", &mut command, crate::paths::log("browser"))?);
        Ok(())
    });
    half
}

/// What runs in the browser, or is built for it; `built` says that tools and programs are there.
fn in_browsers(report: &mut Report, built: bool) {
    if !built {
        report.step("tools", "cargo xtask doctor", || {
            [tools::TO_TEST, tools::TO_RUN, tools::TO_DRIVE, tools::TO_COMPARE].into_iter().try_for_each(tools::ensure)
        });
        report.step("server build", SERVER_BUILD, build::server_and_twin);
    }
    report.step(
        "lints of the browser's half",
        "cargo clippy -p gatehouse-hydrate --target wasm32-unknown-unknown",
        || process::run(&mut wasm_lints()),
    );
    if report.step("browser build", "cargo leptos build --frontend-only", build::site) {
        report.step("the demo's week", "cargo xtask demo", week);
        report.step("browser tests, strict", "cargo xtask test --browser", strict);
        report.step("browser tests, other rules", "cargo xtask test --browser", rules);
        report.step("browser tests", "cargo xtask test --browser", browser);
        report.step("second verifier", "cargo xtask verify", check::second_verifier);
        report.step("a certified OpenID provider", "cargo xtask demo --certified", certified);
    } else {
        report.skip("browser tests", "nothing to run: the build failed");
        report.skip("second verifier", "nothing to verify: the build failed");
        report.skip("a certified OpenID provider", "nothing to run: the build failed");
    }
}

/// The server's tests start a private PostgreSQL of their own; a database of the developer's is left alone.
fn tests() -> std::process::Command {
    let mut cargo = build::cargo_host("test");
    // The house test ran already; excluding it here would change the feature set and build others' crates again.
    // `--tests`: no example in our documentation is meant to run, and looking for one reads every crate again.
    cargo.args(["--tests", "--no-fail-fast"]).env_remove("DATABASE_URL").env("TWIN_RECORD", truth::recordings());
    // A test with a portal waits for its database and its twin half of its time: two for each core keep the cores at work.
    if std::env::var_os("RUST_TEST_THREADS").is_none() {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        cargo.env("RUST_TEST_THREADS", (2 * cores).to_string());
    }
    if let Some(bin) = tools::postgres_bin() {
        cargo.env("GATEHOUSE_POSTGRES_BIN", bin);
    }
    if let Found::Ready { path, .. } = (tools::KUBECTL.find)() {
        cargo.env("KUBECTL", path);
    }
    cargo
}

fn dependencies() -> anyhow::Result<()> {
    let Found::Ready { path, .. } = (tools::CARGO_DENY.find)() else { bail!("cargo-deny is not installed") };
    process::run(process::command(path).args(["--log-level", "error", "check", "bans", "licenses", "sources"]))
}

fn dockerfile() -> anyhow::Result<()> {
    let Found::Ready { path, .. } = (tools::HADOLINT.find)() else { bail!("hadolint is not installed") };
    process::run(process::command(path).current_dir(crate::paths::repo()).arg("Dockerfile"))
}

/// In cargo-leptos' own target directory, whose build scripts and macros it shares.
fn wasm_lints() -> std::process::Command {
    let mut cargo = process::command("cargo");
    cargo.args(["clippy", "--package", "gatehouse-hydrate", "--target", WASM, "--target-dir"]);
    cargo.arg(crate::paths::target().join("front")).args(DENY_WARNINGS);
    cargo
}

/// The people of the week sign in, read and sign, or it does not begin.
fn week() -> anyhow::Result<()> {
    let mut stack = Stack::start(Ports::find_free()?, None, Life::Week)?;
    stack.begin()?;
    stack.still_runs()
}

/// Where a first key waits for others. Before the other browser tests, which leave an approval for the second verifier.
fn strict() -> anyhow::Result<()> {
    let mut stack = Stack::start(Ports::find_free()?, None, Life::Strict)?;
    check::playwright(&mut stack, &["tests/requests.spec.ts"])
}

/// The rules themselves are changed, on a portal of its own.
fn rules() -> anyhow::Result<()> {
    let mut stack = Stack::start(Ports::find_free()?, None, Life::Quiet)?;
    stack.begin()?;
    check::rules(&mut stack)
}

fn browser() -> anyhow::Result<()> {
    let mut stack = Stack::start(Ports::find_free()?, None, Life::Quiet)?;
    stack.begin()?;
    check::playwright(&mut stack, &[])
}

/// The portal signs people in by a provider that is not the twin's.
fn certified() -> anyhow::Result<()> {
    let mut stack = Stack::start_by(Ports::find_free()?, None, Life::Quiet, SignIn::ByCertifiedProvider)?;
    stack.begin()?;
    check::certified(&mut stack)
}

#[derive(Default)]
struct Report {
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    result: &'static str,
    time: Duration,
    note: String,
}

impl Report {
    /// Runs one step and notes how it went; `rerun` is what to type to see only this again.
    fn step(&mut self, name: &'static str, rerun: &str, work: impl FnOnce() -> anyhow::Result<()>) -> bool {
        if interrupt::caught() {
            return false;
        }
        say::heading(name);
        let started = Instant::now();
        let outcome = work();
        let time = started.elapsed();
        let (result, note) = match &outcome {
            Ok(()) => ("passed", String::new()),
            Err(_) => ("FAILED", format!("rerun: {rerun}")),
        };
        if let Err(error) = &outcome {
            say::line(format!("{error:#}"));
        }
        say::line(format!("{name}: {result} in {}", say::took(time)));
        self.steps.push(Step { name, result, time, note });
        outcome.is_ok()
    }

    fn skip(&mut self, name: &'static str, why: &str) {
        self.steps.push(Step { name, result: "skipped", time: Duration::ZERO, note: why.to_owned() });
    }

    fn finish(self) -> anyhow::Result<()> {
        say::heading("summary");
        let rows: Vec<_> =
            self.steps.iter().map(|step| row([step.name, step.result, &say::took(step.time), &step.note])).collect();
        eprint!("{}", say::table(&rows));
        if interrupt::caught() {
            bail!("interrupted");
        }
        let failed = self.steps.iter().filter(|step| step.result == "FAILED").count();
        match failed {
            0 => Ok(()),
            1 => bail!("one step failed"),
            more => bail!("{more} steps failed"),
        }
    }
}
