//! Do the invariants hold whatever happens in whatever order?
//!
//! `proptest-state-machine` makes up histories: pushes, new attempts, approvals, rejects, withdrawals, closings, lost and
//! regained roles, revoked and new keys, tags that move, time that passes, crashes. Each step is done to the real service
//! on a real database, and to a [`model`] written from ATTACKS.md, which knows none of the product's code. After each
//! step both must say the same, a refused act must have left one entry and nothing else, and INV-1 to INV-9, as far as
//! they apply yet, must hold of the log and of GitHub ([`invariants`]).
//!
//! A fixed seed and a few histories; many more with `GATEHOUSE_FULL=1`. Seeds that once failed are in
//! `server/proptest-regressions`, and are tried first.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod invariants;
mod model;
mod real;

use super::is_full;
use model::{Model, Move, State};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use proptest_state_machine::{ReferenceStateMachine as _, StateMachineTest};
use real::Real;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

static STEPS: AtomicUsize = AtomicUsize::new(0);
static RELEASES: AtomicUsize = AtomicUsize::new(0);
static REFUSALS: AtomicUsize = AtomicUsize::new(0);

struct Gatehouse;

impl StateMachineTest for Gatehouse {
    type SystemUnderTest = Real;
    type Reference = Model;

    fn init_test(_: &Model) -> Real {
        Real::start()
    }

    fn apply(mut real: Real, model: &Model, step: Move) -> Real {
        real.step(model, &step);
        STEPS.fetch_add(1, Ordering::Relaxed);
        REFUSALS.fetch_add(usize::from(!model.allowed), Ordering::Relaxed);
        real
    }

    fn check_invariants(real: &Real, model: &Model) {
        real.must_agree_with(model);
        real.must_keep_the_invariants();
    }

    fn teardown(real: Real, model: Model) {
        let released = model.changes.iter().filter(|change| change.state == State::Released).count();
        RELEASES.fetch_add(released, Ordering::Relaxed);
        real.end();
    }
}

fn config() -> Config {
    Config {
        cases: if is_full() { 60 } else { 4 },
        rng_seed: RngSeed::Fixed(if is_full() { 2311 } else { 23 }),
        // A history takes seconds: a failure is worth some minutes of looking for a shorter one, and no more.
        max_shrink_iters: 60,
        source_file: Some(file!()),
        ..Config::default()
    }
}

#[test]
fn whatever_happens_the_service_does_what_the_model_says_and_the_invariants_hold() {
    let config = config();
    let mut runner = TestRunner::new(config.clone());
    let histories = Model::sequential_strategy(12..32);
    let outcome = runner.run(&histories, |(start, moves, seen)| {
        Gatehouse::test_sequential(config.clone(), start, moves, seen);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let [steps, releases, refusals] = [&STEPS, &RELEASES, &REFUSALS].map(|count| count.load(Ordering::Relaxed));
    // Histories in which nothing is ever released or refused would prove nothing.
    assert!(releases > 0 && refusals > 0, "{releases} releases, {refusals} refusals");
    let said =
        format!("state machine: {} histories, {steps} steps, {releases} releases, {refusals} refusals\n", config.cases);
    std::io::stderr().write_all(said.as_bytes()).unwrap();
}
