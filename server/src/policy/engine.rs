//! Regorus, with a policy in it.

use super::classes::Classes;
use super::{Bundle, LIMIT};
use gatehouse_domain::changes::policy::{PolicyAnswer, PolicyFault};
use regorus::utils::limits::{ExecutionTimerConfig, monotonic_now};
use regorus::{Engine, Value};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

/// What evaluates, as decisions record it. Pinned to the manifest by a test.
pub(super) const NAME: &str = "regorus 0.14.1";
/// What is asked.
const RESULT: &str = "data.gatehouse.promotion.result";
/// Steps between two looks at the time.
const STEPS: NonZeroU32 = NonZeroU32::MIN.saturating_add(255);
/// An answer that is longer is none: a change has a handful of rules and at most some thousand paths.
const LONGEST_ANSWER: usize = 8 << 20;

/// A compiled policy. Each evaluation has an engine of its own, made from this one.
#[derive(Clone)]
pub(super) struct Compiled {
    engine: Arc<Mutex<Engine>>,
    classes: Arc<Classes>,
}

/// An engine with these files in it, not asked anything yet.
pub(super) fn engine(bundle: &Bundle, with_tests: bool) -> anyhow::Result<Engine> {
    let mut engine = Engine::new();
    // A built-in that fails is a policy that fails, not a rule that quietly does not match.
    engine.set_strict_builtin_errors(true);
    engine.set_execution_timer_config(ExecutionTimerConfig { limit: LIMIT, check_interval: STEPS });
    for text in bundle.data().values() {
        engine.add_data_json(text)?;
    }
    for (name, text) in bundle.modules(with_tests) {
        // Regorus brings it with `std`. The same input has the same answer.
        if text.contains("rand.intn") {
            anyhow::bail!("{name} draws lots (rand.intn)");
        }
        engine.add_policy(name.to_owned(), text.to_owned())?;
    }
    Ok(engine)
}

impl Compiled {
    pub(super) fn new(bundle: &Bundle) -> anyhow::Result<Self> {
        let mut engine = engine(bundle, false)?;
        engine.compile_with_entrypoint(&RESULT.into())?;
        let classes = Arc::new(Classes::compile(bundle.data())?);
        Ok(Self { engine: Arc::new(Mutex::new(engine)), classes })
    }

    /// What the policy's classes of files are.
    pub(super) fn classes(&self) -> &Classes {
        &self.classes
    }

    /// Asks, and reads the answer strictly. Takes at most [`LIMIT`], but for built-ins that do not look at the time.
    pub(super) fn evaluate(&self, input: &str) -> Result<PolicyAnswer, PolicyFault> {
        let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner).clone();
        engine.set_input_json(input).map_err(|error| failed(&error))?;
        let began = monotonic_now();
        let value = engine.eval_rule(RESULT.to_owned());
        // Not the engine's word on it: an expression that was cut short must not pass for one that does not hold.
        let took = monotonic_now().zip(began).map(|(now, began)| now.saturating_sub(began));
        if took.is_none_or(|took| took > LIMIT) {
            tracing::error!(?took, "the policy took longer than it may");
            return Err(PolicyFault::TookTooLong);
        }
        let value = value.map_err(|error| failed(&error))?;
        if value == Value::Undefined {
            return Err(PolicyFault::WrongShape);
        }
        let text = value.to_json_str().map_err(|error| failed(&error))?;
        if text.len() > LONGEST_ANSWER {
            return Err(PolicyFault::WrongShape);
        }
        serde_json::from_str(&text).map_err(|error| {
            tracing::error!(%error, "the policy's answer is not of the documented shape");
            PolicyFault::WrongShape
        })
    }
}

fn failed(error: &anyhow::Error) -> PolicyFault {
    tracing::error!(error = format!("{error:#}"), "the policy ended in an error");
    PolicyFault::Failed
}
