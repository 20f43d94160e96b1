//! Who must sign this promotion, and which rules say so?
//!
//! The answer is written in Rego (`policies/`), evaluated in this process by regorus, and checked in
//! [`gatehouse_domain::changes::Requirement`]: a policy can ask for more than the invariants do, never for less.
//!
//! Which policy, admitted list and outside systems count is the configuration *in force*, which the log names and the database keeps
//! ([`settle`], [`hold`]); a file only proposes.
//!
//! States: a policy is compiled once, when the rules are read. One that does not compile stays as that fault, and every
//! promotion then asks everybody and keeps its gate shut: the portal starts, so that people can see why.
//!
//! Invariants
//! - the policy's files are governed: their digest is in the configuration's, so with another policy approvals fall;
//! - the same input has the same answer: no clock, no environment, no network is compiled in;
//! - an evaluation ends: regorus stops itself after [`LIMIT`]; one that does not even do that is given up, and keeps one
//!   of [`TURNS`] threads until it ends. Its input is bounded (`ChangedFiles`), its memory only by its time;
//! - whatever goes wrong is a [`PolicyFault`], whose details are the operator's log's, not the page's.
//!
//! What may call it: `changes::reading`. What can be stale: nothing; nothing is kept between two evaluations.

mod apply;
mod bundle;
mod candidate;
mod classes;
mod difference;
mod engine;
mod in_force;
#[cfg(test)]
mod judged;
mod replay;
pub(crate) mod store;
mod suite;
#[cfg(test)]
mod tests;
mod view;

pub use apply::apply;
pub use bundle::{Bundle, Window};
pub use candidate::{candidate, demand_kept};
pub use difference::{Difference, FileDifference, Line, RowDifference, between, difference, files};
pub use in_force::{
    RulesError, Waiting, adopt, demand, hold, hold_alone, in_force, keep_input, look_at_file, renewed, settle, sweep,
};
pub use replay::{Outcome, Replayed, replay};
pub use suite::{TestOutcome, run_tests};
pub use view::{show, view as difference_view};

use crate::config::{Environment, Service};
use chrono::{DateTime, Utc};
use engine::Compiled;
use gatehouse_domain::Digest;
use gatehouse_domain::changes::data::{DataReport, Dictionary, Malformed};
use gatehouse_domain::changes::policy::{INPUT_SCHEMA, PolicyAnswer, PolicyFault, PolicyInput};
use gatehouse_domain::changes::{ChangedFiles, Consulted, Evidence, Requirement, ValuesMoved};
use gatehouse_domain::environments::{guard_rails, parity};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long an evaluation may take; the default policy takes a thousandth of it for an ordinary promotion.
const LIMIT: Duration = Duration::from_secs(3);
/// After this an evaluation that does not stop itself is given up.
const PATIENCE: Duration = Duration::from_secs(8);
/// Evaluations at once.
const TURNS: usize = 2;

/// What a policy was told, and what followed.
#[derive(Debug, Clone)]
pub struct Told {
    /// Who must sign.
    pub requirement: Requirement,
    /// The exact JSON.
    pub input: String,
}

/// The policy in force. Cheap to clone.
#[derive(Clone)]
pub struct Policy {
    digest: Digest,
    compiled: Result<Compiled, PolicyFault>,
    dictionary: Result<Arc<Dictionary>, Malformed>,
    parity: Result<Arc<parity::Declaration>, parity::Malformed>,
    guard_rails: Result<Arc<guard_rails::Rules>, guard_rails::Malformed>,
    turns: Arc<Semaphore>,
}

impl Policy {
    /// Compiles a policy; one that does not compile is a policy that gives no answer.
    #[must_use]
    pub fn compile(bundle: &Bundle) -> Self {
        let compiled = Compiled::new(bundle).map_err(|error| {
            tracing::error!(error = format!("{error:#}"), "the policy does not compile: every gate stays shut");
            PolicyFault::DoesNotCompile
        });
        let dictionary = bundle.dictionary().map(Arc::new).inspect_err(|error| tracing::error!(%error));
        let parity = bundle.parity().map(Arc::new).inspect_err(|error| tracing::error!(%error));
        let guard_rails = bundle.guard_rails().map(Arc::new).inspect_err(|error| tracing::error!(%error));
        let turns = Arc::new(Semaphore::new(TURNS));
        Self { digest: bundle.digest(), compiled, dictionary, parity, guard_rails, turns }
    }

    /// What must be equal between environments.
    ///
    /// # Errors
    /// When the file that says so says nothing of the kind; then nobody can tell what mirrors what.
    pub fn parity(&self) -> Result<&parity::Declaration, &parity::Malformed> {
        self.parity.as_deref()
    }

    /// By what clusters are judged.
    ///
    /// # Errors
    /// When the file that says so says nothing of the kind; then no cluster is judged.
    pub fn guard_rails(&self) -> Result<&guard_rails::Rules, &guard_rails::Malformed> {
        self.guard_rails.as_deref()
    }

    /// Which names mean personal data.
    ///
    /// # Errors
    /// When the file that says so says nothing of the kind; then every file that is about data may touch it.
    pub fn dictionary(&self) -> Result<&Dictionary, &Malformed> {
        self.dictionary.as_deref()
    }

    /// Why it gives no answer to anything, if so.
    #[must_use]
    pub fn fault(&self) -> Option<PolicyFault> {
        self.compiled.as_ref().err().copied()
    }

    /// What a promotion of `service` to `environment` that changes these files, does this to people's data, and of which
    /// this is proved, asks for. When each thing was proved, by what it is about, is not the policy's to know.
    pub async fn decide(
        &self,
        service: &Service,
        environment: &Environment,
        changed: &ChangedFiles,
        data: &DataReport,
        evidence: &Evidence,
        proved_at: &BTreeMap<String, DateTime<Utc>>,
    ) -> Told {
        let input = self.input(service, environment, changed, data, evidence);
        let requirement = self.decide_again(input.clone(), changed, proved_at).await;
        let requirement = requirement.after_reading((!data.is_empty()).then(|| data.digest()));
        if let Some(fault) = requirement.fault() {
            tracing::error!(service = %service.name, %fault, "the policy gave no answer");
        }
        Told { requirement, input }
    }

    /// The same from what a policy was told before.
    pub async fn decide_again(
        &self,
        input: String,
        changed: &ChangedFiles,
        proved_at: &BTreeMap<String, DateTime<Utc>>,
    ) -> Requirement {
        let input_digest = Digest::of(input.as_bytes());
        let answer = self.ask(input).await;
        let policy_digest = self.digest.clone();
        let engine = engine::NAME;
        Requirement::decided(Consulted { policy_digest, input_digest, engine, changed, proved_at, answer })
    }

    /// The exact JSON that the policy is given.
    #[must_use]
    pub fn input(
        &self,
        service: &Service,
        environment: &Environment,
        changed: &ChangedFiles,
        data: &DataReport,
        evidence: &Evidence,
    ) -> String {
        // A policy is told of changed files only.
        let personal: BTreeSet<String> = data.personal.intersection(changed.paths()).cloned().collect();
        let input = PolicyInput {
            schema: INPUT_SCHEMA,
            service: service.name.as_str(),
            environment: environment.name.as_str(),
            production: environment.production,
            repository: &service.repository,
            workflow: &service.workflow,
            owner_team: &service.owner_team,
            config_path: &service.config_path,
            migrations_path: &service.migrations_path,
            complete: changed.doubts().is_empty(),
            paths: changed.paths(),
            // A policy that does not compile has no classes, and gives no answer either.
            classes: self.classify(changed.paths().iter().map(String::as_str), changed.values()).unwrap_or_default(),
            evidence,
            personal: &personal,
            values: changed.values(),
        };
        // Text and lists of text: there is always JSON of it.
        serde_json::to_string(&input).unwrap_or_default()
    }

    /// Whether a class of the policy's data depends on what is in this file.
    #[must_use]
    pub fn looks_into(&self, path: &str) -> bool {
        self.compiled.as_ref().is_ok_and(|compiled| compiled.classes().looks_into(path))
    }

    /// Every class of the policy's data, with those of the paths that belong to it: by their names, or by the `values` that
    /// differ in them.
    ///
    /// # Errors
    /// When the policy does not compile.
    pub fn classify<'a>(
        &'a self,
        paths: impl IntoIterator<Item = &'a str>,
        values: &ValuesMoved,
    ) -> Result<BTreeMap<&'a str, Vec<&'a str>>, PolicyFault> {
        match &self.compiled {
            Ok(compiled) => Ok(compiled.classes().sort(paths, values)),
            Err(fault) => Err(*fault),
        }
    }

    async fn ask(&self, input: String) -> Result<PolicyAnswer, PolicyFault> {
        let compiled = self.compiled.clone()?;
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(PolicyFault::TookTooLong) };
        let work = tokio::task::spawn_blocking(move || {
            let answer = compiled.evaluate(&input);
            drop(turn);
            answer
        });
        match tokio::time::timeout(PATIENCE, work).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(PolicyFault::Failed),
            Err(_) => Err(PolicyFault::TookTooLong),
        }
    }
}
