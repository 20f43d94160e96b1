//! Driving a running demo in headless Chromium, and looking again at what was signed there.

use anyhow::{Context, bail};

use crate::stack::Stack;
use crate::tools::{self, Found};
use crate::{paths, process, say};

/// Kept by end2end/support/proof.ts; Playwright empties the directory when it starts, so it is never an old one.
const APPROVAL: &str = "end2end/test-results/approval.json";

/// Changes the rules of the portal that it runs on.
const RULES: &str = "tests/policy-change.spec.ts";

/// The main story: held, refused to its author, approved twice, answered, audited.
pub fn story(stack: &mut Stack) -> anyhow::Result<()> {
    say::heading("story, in headless Chromium");
    playwright(stack, &["tests/promotion.spec.ts"])?;
    say::line("the story really happened: held, refused to its author, approved by two, answered, audited");
    Ok(())
}

/// The stories that somebody named, by their files.
pub fn stories(stack: &mut Stack, specs: &[String]) -> anyhow::Result<()> {
    playwright(stack, &specs.iter().map(String::as_str).collect::<Vec<_>>())
}

/// People sign in by a provider that is not the twin's, and its word on roles counts.
pub fn certified(stack: &mut Stack) -> anyhow::Result<()> {
    playwright(stack, &["--config", "certified/playwright.config.ts"])
}

/// Other rules come into force. Afterwards they are everybody's on this stack.
pub fn rules(stack: &mut Stack) -> anyhow::Result<()> {
    playwright(stack, &[RULES])
}

/// Runs specs against the stack; keeps its logs when they fail.
pub fn playwright(stack: &mut Stack, specs: &[&str]) -> anyhow::Result<()> {
    let mut command = tools::playwright();
    command.arg("test").args(specs).env("BASE_URL", stack.url()).env("CONTROL_URL", stack.control());
    command.env("PROVIDER_URL", stack.provider()).env("KUBECONFIG", stack.dir().join("portal/kubeconfig"));
    if let Found::Ready { path, .. } = (tools::KUBECTL.find)() {
        command.env("KUBECTL", path);
    }
    if stack.is_strict() {
        command.env("STRICT", "1");
    }
    if specs.contains(&RULES) {
        command.env("RULES", "1").env("CONFIG", stack.dir().join("portal/gatehouse.toml"));
    }
    if let Found::Ready { path, .. } = (tools::CHROMIUM.find)() {
        command.env("CHROMIUM", path);
    }
    let result = process::run(&mut command).and_then(|()| stack.still_runs());
    result.with_context(|| match stack.keep_logs() {
        Ok(dir) => format!("the browser tests did not pass; logs of portal and twin are in {}", dir.display()),
        Err(_) => "the browser tests did not pass".into(),
    })
}

/// PyPI's fido2 looks at the approval that the browser tests kept: the same verdict by another hand.
pub fn second_verifier() -> anyhow::Result<()> {
    let approval = paths::repo().join(APPROVAL);
    if !approval.is_file() {
        bail!("{} is not there: the promotion story keeps it when it comes to the first approval", approval.display());
    }
    tools::ensure(&[tools::PYTHON])?;
    tools::ensure(tools::TO_VERIFY)?;
    process::run(tools::verifying("approval.py").arg(approval))
}
