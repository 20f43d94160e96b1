//! `classify.diff`: how long does it take to say which classes five thousand changed files belong to?
//!
//! Ours: `gatehouse policy classify`, which sorts every path into the classes of the policy that comes with the program.
//! Reference: the same globs as one compiled set, and a walk over the same list that asks which of them match and does
//! nothing with the answer. Both measure only that, in a process that does nothing else; each round's figure is the
//! median of many passes.

use std::hint::black_box;
use std::time::Instant;

use anyhow::Context;
use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};
use serde_json::Value;

use super::ROUNDS;
use crate::pairs::interleave;
use crate::report::{Line, Target};
use crate::stats::median;
use crate::world::World;

const FILES: usize = 5_000;
const PASSES: usize = 40;

pub(super) async fn measure(world: &mut World) -> anyhow::Result<Line> {
    let paths = paths();
    let (input, set) = (paths.join("\n"), globs()?);
    let times = PASSES.to_string();
    let ours = async |_| {
        let said = world.command(&["policy", "classify", "--times", &times], &input)?;
        median(&milliseconds(&said)?).context("the portal measured something")
    };
    let reference = async |_| {
        let mut took = Vec::with_capacity(PASSES);
        let mut hits = Vec::new();
        for _ in 0..PASSES {
            let start = Instant::now();
            for path in &paths {
                set.matches_candidate_into(&Candidate::new(path), &mut hits);
                black_box(&hits);
            }
            took.push(start.elapsed().as_secs_f64() * 1_000.0);
        }
        median(&took).context("passes were measured")
    };
    let pairs = interleave(ROUNDS, ours, reference).await?;
    Line::of("classify.diff", "ms", Target::AtMost(1.5), &pairs)
}

/// A promotion of a quarter: code mostly, and some of every class.
pub(super) fn paths() -> Vec<String> {
    let path = |n: usize| match n % 50 {
        0 => format!("modules/eks/part_{n}/main.tf"),
        1 => format!("dags/gold/job_{n}.py"),
        2 => format!("services/score-api/deploy/templates/part-{n}.yaml"),
        3 => format!("training/run_{n}/features.py"),
        4 => format!(".github/workflows/service-{n}.yml"),
        k => format!("services/service-{k}/app/package_{}/module_{n}.py", n % 7),
    };
    (0..FILES).map(path).collect()
}

/// The globs of the policy that comes with the program, as the portal reads them.
fn globs() -> anyhow::Result<GlobSet> {
    let classes: Value = serde_json::from_str(include_str!("../../../policies/classes.json"))?;
    let mut set = GlobSetBuilder::new();
    let all = classes.get("classes").and_then(Value::as_object).context("there are classes")?;
    for glob in all.values().filter_map(|class| class.get("globs")?.as_array()).flatten().filter_map(Value::as_str) {
        set.add(GlobBuilder::new(glob).case_insensitive(true).literal_separator(true).empty_alternates(true).build()?);
    }
    Ok(set.build()?)
}

/// What the portal says that each time took.
pub(super) fn milliseconds(said: &str) -> anyhow::Result<Vec<f64>> {
    let said: Value = serde_json::from_str(said).context("the portal says JSON")?;
    let figures = said.get("milliseconds").and_then(Value::as_array).context("it says milliseconds")?;
    figures.iter().map(|figure| figure.as_f64().context("a figure is a number")).collect()
}
