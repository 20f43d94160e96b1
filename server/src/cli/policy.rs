//! `gatehouse policy test | diff | replay`: does a draft hold, what would it change, whom would it have asked?

use super::arguments::Arguments;
use super::{context, load};
use crate::database::Database;
use crate::policy::{self, Bundle, FileDifference, Line, Outcome, Replayed};

/// So many of the newest changes are told to a draft.
const REPLAYED: i64 = 200;

/// Runs a policy's own tests; each that fails is named.
pub(super) fn test(arguments: &Arguments) -> anyhow::Result<()> {
    let bundle = match &arguments.policy {
        Some(directory) => Bundle::read(directory).map_err(anyhow::Error::msg)?,
        None => Bundle::built_in(),
    };
    let outcomes = policy::run_tests(&bundle)?;
    for outcome in &outcomes {
        match &outcome.failed {
            None => println!("passed  {}", outcome.name),
            Some(why) => println!("FAILED  {}: {why}", outcome.name),
        }
    }
    let failed = outcomes.iter().filter(|outcome| outcome.failed.is_some()).count();
    if outcomes.is_empty() {
        anyhow::bail!("there is no test: write rules named test_… in files that end in _test.rego");
    }
    if failed > 0 {
        anyhow::bail!("{failed} of {} tests failed", outcomes.len());
    }
    println!("{} tests passed; the policy's digest is {}", outcomes.len(), bundle.digest());
    Ok(())
}

/// The draft against the policy in force: its files, and whom it would have asked.
pub(super) async fn diff(arguments: &Arguments) -> anyhow::Result<()> {
    let (files, replayed) = compare(arguments).await?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&serde_json::json!({ "files": files, "changes": replayed }))?);
        return Ok(());
    }
    if files.is_empty() {
        println!("The draft is the policy in force.");
    }
    for file in &files {
        println!("{}", file.name);
        for line in &file.lines {
            match line {
                Line::Same(text) => println!("    {}", shown(text)),
                Line::Gone(text) => println!("  - {}", shown(text)),
                Line::New(text) => println!("  + {}", shown(text)),
                Line::Skipped => println!("  …"),
            }
        }
    }
    println!();
    table(&replayed);
    Ok(())
}

/// Recorded changes, told to the draft.
pub(super) async fn replay(arguments: &Arguments) -> anyhow::Result<()> {
    let (_, replayed) = compare(arguments).await?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&replayed)?);
    } else {
        table(&replayed);
    }
    Ok(())
}

async fn compare(arguments: &Arguments) -> anyhow::Result<(Vec<FileDifference>, Vec<Replayed>)> {
    let directory = arguments.policy.as_ref().ok_or_else(|| anyhow::anyhow!("name the directory of the draft"))?;
    let draft = Bundle::read(directory).map_err(anyhow::Error::msg)?;
    let config = load(arguments)?;
    let database = Database::open_beside(&config).await?;
    let compared = async {
        let ctx = policy::settle(context(config, &database).await?).await?;
        let files = policy::files(&ctx.config.policy, &draft);
        Ok((files, policy::replay(&ctx, &draft, REPLAYED).await?))
    };
    let compared: anyhow::Result<_> = compared.await;
    database.close().await?;
    compared
}

fn table(replayed: &[Replayed]) {
    println!("{:<18}{:<22}{:<12}{:<44}would ask", "change", "of", "state", "asked");
    for row in replayed {
        let (asked, would) = (row.asked.join(", "), row.would_ask.join(", "));
        println!("{:<18}{:<22}{:<12}{:<44}{}", row.number, row.service, row.state, asked, said(row, &would));
    }
    let stopped =
        |row: &&Replayed| matches!(row.outcome, Outcome::Stopped { .. } | Outcome::Differs { stopped: true, .. });
    let differ = |row: &&Replayed| !matches!(row.outcome, Outcome::Same | Outcome::NotKept);
    println!(
        "{} changes: {} would be decided otherwise, {} that went out would have been stopped.",
        replayed.len(),
        replayed.iter().filter(differ).count(),
        replayed.iter().filter(stopped).count()
    );
}

fn said(row: &Replayed, would: &str) -> String {
    match &row.outcome {
        Outcome::Same => "the same".to_owned(),
        Outcome::Differs { stopped: true, more, .. } => format!("{would}; would have waited for {}", more.join(", ")),
        Outcome::Differs { .. } => would.to_owned(),
        Outcome::Stopped { because } => format!("no answer: {because}; its gate would be shut"),
        Outcome::NotKept => "not known: what the policy was told is not kept".to_owned(),
    }
}

/// A draft's text is a stranger's: nothing in it steers the terminal.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}
