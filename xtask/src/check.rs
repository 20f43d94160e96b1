//! Driving a running demo in headless Chromium.

use anyhow::Context;

use crate::stack::Stack;
use crate::tools::{self, Found};
use crate::{process, say};

/// The main story: held, refused to its author, approved twice, answered, audited.
pub fn story(stack: &mut Stack) -> anyhow::Result<()> {
    say::heading("story, in headless Chromium");
    playwright(stack, &["tests/promotion.spec.ts"])?;
    say::line("the story really happened: held, refused to its author, approved by two, answered, audited");
    Ok(())
}

/// Runs specs against the stack; keeps its logs when they fail.
pub fn playwright(stack: &mut Stack, specs: &[&str]) -> anyhow::Result<()> {
    let mut command = tools::playwright();
    command.arg("test").args(specs).env("BASE_URL", stack.url()).env("CONTROL_URL", stack.control());
    if let Found::Ready { path, .. } = (tools::CHROMIUM.find)() {
        command.env("CHROMIUM", path);
    }
    let result = process::run(&mut command).and_then(|()| stack.still_runs());
    result.with_context(|| match stack.keep_logs() {
        Ok(dir) => format!("the browser tests did not pass; logs of portal and twin are in {}", dir.display()),
        Err(_) => "the browser tests did not pass".into(),
    })
}
