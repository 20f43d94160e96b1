//! Does a policy do what its own tests say? OPA's convention: files `*_test.rego`, rules `test_…` that must be true;
//! and the examples of the classes of files.

use super::bundle::{GUARD_RAILS, PARITY};
use super::classes::{self, Classes};
use super::{Bundle, engine};
use gatehouse_domain::changes::ValuesMoved;
use regorus::Value;
use std::collections::BTreeSet;

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestOutcome {
    /// Such as `data.gatehouse.promotion_test.test_code_alone_asks_two_engineers`.
    pub name: String,
    /// Why it failed, if it did.
    pub failed: Option<String>,
}

/// Runs every test of a policy, by name.
///
/// # Errors
/// When the policy or its tests do not compile.
pub fn run_tests(bundle: &Bundle) -> anyhow::Result<Vec<TestOutcome>> {
    let mut engine = engine::engine(bundle, true)?;
    let entry = std::sync::Arc::from("data.gatehouse.promotion.result");
    let compiled = engine.compile_with_entrypoint(&entry)?;
    // A rule that is not true at all has no value: only the list of rules knows that it is there.
    let is_test = |path: &&String| path.rsplit('.').next().is_some_and(|name| name.starts_with("test_"));
    let names: BTreeSet<String> = compiled.get_rules().keys().filter(is_test).cloned().collect();
    let mut outcomes = run_examples(bundle)?;
    outcomes.extend(read_lists(bundle));
    outcomes.extend(names.into_iter().map(|name| {
        let failed = match engine.eval_rule(name.clone()) {
            Ok(Value::Bool(true)) => None,
            Ok(Value::Undefined) => Some("it is not true".to_owned()),
            Ok(other) => Some(format!("it is {other}")),
            Err(error) => Some(format!("{error:#}")),
        };
        TestOutcome { name, failed }
    }));
    Ok(outcomes)
}

/// The lists that clusters are judged by, where the policy has its own: whether they can be read.
fn read_lists(bundle: &Bundle) -> impl Iterator<Item = TestOutcome> + use<> {
    let read = |file: &str, failed: Option<String>| {
        let name = format!("{file} can be read");
        bundle.data().contains_key(file).then_some(TestOutcome { name, failed })
    };
    let parity = read(PARITY, bundle.parity().err().map(|error| error.to_string()));
    let guard_rails = read(GUARD_RAILS, bundle.guard_rails().err().map(|error| error.to_string()));
    [parity, guard_rails].into_iter().flatten()
}

/// The classes' own examples.
fn run_examples(bundle: &Bundle) -> anyhow::Result<Vec<TestOutcome>> {
    let compiled = Classes::compile(bundle.data())?;
    let outcome = |example: classes::Example| {
        let belongs = compiled
            .sort([example.path.as_str()], &ValuesMoved::new())
            .get(example.class.as_str())
            .is_some_and(|hit| !hit.is_empty());
        let word = if example.belongs { "has" } else { "has not" };
        let failed =
            (belongs != example.belongs).then(|| format!("it {}", if belongs { "has it" } else { "has it not" }));
        TestOutcome { name: format!("class {} {word} {}", example.class, example.path), failed }
    };
    Ok(classes::examples(bundle.data())?.into_iter().map(outcome).collect())
}
