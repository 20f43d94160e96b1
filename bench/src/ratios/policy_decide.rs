//! `policy.decide`: how long does it take to say who must sign a promotion of three hundred files?
//!
//! Ours: `gatehouse policy ask`, with the policy that comes with the program: files are classified, the input is written and
//! hashed, the policy is evaluated on another thread under its limits, its answer is read strictly and becomes seats.
//! Reference: regorus with the same policy, given the very input that ours was given, asked for the same rule; its answer
//! is dropped. Each round's figure is the 99th percentile of many decisions.

use std::time::Instant;

use anyhow::Context;
use regorus::Engine;
use serde_json::Value;

use super::ROUNDS;
use super::classify_diff::{milliseconds, paths};
use crate::pairs::interleave;
use crate::report::{Line, Target};
use crate::stats::percentile;
use crate::world::World;

const FILES: usize = 300;
const DECISIONS: usize = 200;
const TAIL: f64 = 0.99;
const RULE: &str = "data.gatehouse.promotion.result";

pub(super) async fn measure(world: &mut World) -> anyhow::Result<Line> {
    let files = paths().into_iter().take(FILES).collect::<Vec<_>>().join("\n");
    let service = twin::world::services().into_iter().next().context("there are services")?.name;
    let ask =
        |times: usize| world.command(&["policy", "ask", &service, "production", "--times", &times.to_string()], &files);
    let said: Value = serde_json::from_str(&ask(1)?)?;
    let input =
        said.get("input").and_then(Value::as_str).context("the portal says what its policy was given")?.to_owned();
    let mut engine = engine()?;
    let ours = async |_| percentile(&milliseconds(&ask(DECISIONS)?)?, TAIL).context("the portal decided");
    let reference = async |_| {
        let mut took = Vec::with_capacity(DECISIONS);
        for _ in 0..DECISIONS {
            let start = Instant::now();
            engine.set_input_json(&input)?;
            std::hint::black_box(engine.eval_rule(RULE.to_owned())?);
            took.push(start.elapsed().as_secs_f64() * 1_000.0);
        }
        percentile(&took, TAIL).context("regorus decided")
    };
    let pairs = interleave(ROUNDS, ours, reference).await?;
    Line::of("policy.decide", "ms", Target::AtMost(1.5), &pairs)
}

/// The policy that comes with the program, and nothing around it.
fn engine() -> anyhow::Result<Engine> {
    let mut engine = Engine::new();
    engine.set_strict_builtin_errors(true);
    engine.add_data_json(include_str!("../../../policies/classes.json"))?;
    engine.add_data_json(include_str!("../../../policies/freezes.json"))?;
    engine.add_policy("gatehouse.rego".to_owned(), include_str!("../../../policies/gatehouse.rego").to_owned())?;
    engine.compile_with_entrypoint(&RULE.into())?;
    Ok(engine)
}
