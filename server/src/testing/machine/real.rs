//! The same steps, done to the real thing.

use super::invariants;
use super::model::{self, Decision, LOGINS, Model, Move, PEOPLE, SERVICES};
use crate::auth::testing::SoftKey;
use crate::testing::{Browser, Kept, TestPortal, replay};
use axum::http::StatusCode;
use chrono::Duration;
use gatehouse_domain::ChangeNumber;
use gatehouse_domain::problem::Problem;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::future::Future;
use tokio::runtime::Runtime;
use twin::{PushRun, RunId};

/// One portal with its world, its people, and what the model calls run 0, change 0, …
pub(super) struct Real {
    runtime: Runtime,
    portal: TestPortal,
    people: Vec<Option<Kept>>,
    runs: Vec<RunId>,
    changes: Vec<ChangeNumber>,
}

impl Real {
    pub(super) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (portal, people) = runtime.block_on(async {
            let portal = TestPortal::start().await;
            let mut people = Vec::new();
            for number in PEOPLE {
                let browser = portal.signer(&employee(number)).await;
                people.push(Some(browser.keep()));
            }
            (portal, people)
        });
        Self { runtime, portal, people, runs: Vec::new(), changes: Vec::new() }
    }

    /// Does the step, and lets the jobs that follow from it run.
    pub(super) fn step(&mut self, model: &Model, step: &Move) {
        match *step {
            Move::Push => {
                let push = PushRun::of(SERVICES[self.runs.len()], LOGINS[model::AUTHOR]);
                let held = self.runtime.block_on(self.portal.held_by(&push));
                self.runs.push(held.run);
                self.changes.push(held.number);
            }
            Move::Rerun { run, by } => {
                self.portal.twin.github().rerun(self.runs[run], LOGINS[by]).unwrap();
                self.changes.push(self.runtime.block_on(self.portal.ask(self.runs[run])));
            }
            Move::Retag { run } => self.retag(run, model.runs[run].image),
            Move::Regroup { who } => self.regroup(who),
            Move::Decide { who, change, decision } => self.decide(who, change, decision, model.allowed),
            Move::Revoke { who } => self.acts(who, revoke).unwrap(),
            Move::Enrol { who } => {
                let seed = format!("{} #{}", employee(PEOPLE[who]), model.people[who].keys_made);
                self.acts(who, async |browser| {
                    browser.key = SoftKey::new(&seed);
                    browser.enrol("another").await.map(drop)
                })
                .unwrap();
            }
            Move::Pass { minutes } => self.runtime.block_on(async {
                self.portal.advance(Duration::minutes(minutes)).await;
                let ctx = &self.portal.ctx;
                crate::audit::flush_refusals(ctx).await.unwrap();
                crate::changes::expire(ctx).await.unwrap();
                crate::people::sweep(ctx).await.unwrap();
                crate::changes::sweep(ctx).await.unwrap();
            }),
            Move::Crash => self.runtime.block_on(self.portal.restart()),
        }
        let failed = self.runtime.block_on(async {
            self.portal.run_jobs().await;
            self.portal.failed_jobs().await
        });
        assert!(failed.is_empty(), "{step:?}: {failed:?}");
    }

    fn retag(&self, run: usize, image: u32) {
        let sha = self.portal.twin.github().head_sha(self.runs[run]).unwrap();
        let digest = format!("sha256:{image:064x}");
        self.portal.twin.ecr().move_tag(&format!("altscore/{}", SERVICES[run]), &sha, &digest).unwrap();
        // Somebody built and proved it again: this machine is about signatures.
        self.portal.twin.github().prove_image(self.runs[run], &digest).unwrap();
    }

    fn regroup(&self, who: usize) {
        let (people, sub) = (self.portal.twin.people(), format!("u-{}", PEOPLE[who]));
        let is_in = people.all().iter().any(|p| p.sub == sub && p.groups.iter().any(|g| g == "altscore-engineers"));
        match is_in {
            true => people.remove_group(&sub, "altscore-engineers").unwrap(),
            false => people.add_group(&sub, "altscore-engineers").unwrap(),
        }
    }

    /// As somebody, in their browser; signs in again where the session is over.
    fn acts<T>(&mut self, who: usize, act: impl AsyncFnOnce(&mut Browser<'_>) -> T) -> T {
        let kept = self.people[who].take().unwrap();
        let portal = &self.portal;
        let (done, kept) = self.runtime.block_on(async {
            let mut browser = kept.at(portal);
            if browser.get("/api/ui/home").await.0 != StatusCode::OK {
                browser.sign_in_again().await;
            }
            let done = act(&mut browser).await;
            (done, browser.keep())
        });
        self.people[who] = Some(kept);
        done
    }

    /// A decision; when the model says no, there must be one refusal and nothing else.
    fn decide(&mut self, who: usize, change: usize, decision: Decision, allowed: bool) {
        let number = self.changes[change].clone();
        let word = match decision {
            Decision::Approve => "approve",
            Decision::Reject => "reject",
            Decision::Withdraw => "withdraw",
            Decision::Close => "close",
        };
        // Whatever signing in again writes is no part of the decision.
        self.acts(who, async |_| ());
        let before = self.seen();
        let done: Result<Value, Problem> = self.acts(who, async |browser| browser.decide(&number, word).await);
        assert_eq!(done.is_ok(), allowed, "{word} on {number} by {}: {done:?}", employee(PEOPLE[who]));
        if !allowed {
            let after = self.seen();
            assert_eq!(after.0, before.0, "something was changed by what was refused");
            assert_eq!(after.1[before.1.len()..], ["audit.refused"]);
        }
    }

    fn seen(&self) -> (String, Vec<&'static str>) {
        self.wait(async {
            let acts = self.portal.entries().await.iter().map(|entry| entry.event.act()).collect();
            (self.portal.state().await, acts)
        })
    }

    fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Every change stands where the model has it, with the same decisions on it.
    pub(super) fn must_agree_with(&self, model: &Model) {
        let stands =
            "SELECT person || ' ' || decision FROM changes_approvals c WHERE number = $1 AND fell_because IS NULL";
        assert_eq!(self.changes.len(), model.changes.len());
        for (number, change) in self.changes.iter().zip(&model.changes) {
            let (state, standing): (String, Vec<String>) = self.wait(async {
                let state = "SELECT state FROM changes_changes WHERE number = $1";
                let state = sqlx::query_scalar(state).bind(number.as_str()).fetch_one(&self.portal.db.owner);
                let standing = sqlx::query_scalar(stands).bind(number.as_str()).fetch_all(&self.portal.db.owner);
                (state.await.unwrap(), standing.await.unwrap())
            });
            assert_eq!(state, format!("{:?}", change.state).to_lowercase(), "{number}");
            let said = |(who, signed): (&usize, &model::Signed)| {
                format!("{} {}", employee(PEOPLE[*who]), if signed.approves { "approve" } else { "reject" })
            };
            let expected: BTreeSet<String> = change.standing.iter().map(said).collect();
            assert_eq!(standing.into_iter().collect::<BTreeSet<_>>(), expected, "{number}");
        }
    }

    pub(super) fn must_keep_the_invariants(&self) {
        let entries = self.wait(self.portal.entries());
        let admitted = &self.portal.ctx.config.admitted;
        let answered = invariants::must_hold(&entries, |person| {
            admitted.iter().find(|row| row.person == *person).map(|row| row.github_id)
        });
        // INV-9: what GitHub let go is what the log says that it was told to.
        let github = self.portal.twin.github();
        for run in &self.runs {
            let told = github.answers(*run).iter().filter(|answer| answer.state == "approved").count();
            assert_eq!(told, answered.get(run).copied().unwrap_or_default(), "run {run}");
            assert!(told <= 1 && github.job_released(*run) == (told == 1), "run {run}");
        }
    }

    /// The log rebuilds every governed row.
    pub(super) fn end(self) {
        self.wait(async {
            let mut conn = self.portal.db.owner.acquire().await.unwrap();
            replay::must_rebuild(&mut conn).await;
        });
    }
}

async fn revoke(browser: &mut Browser<'_>) -> Result<(), Problem> {
    let keys = browser.get("/api/ui/keys").await.1;
    let active = keys["keys"].as_array().unwrap().iter().find(|key| key["revoked_at"].is_null()).unwrap();
    let begun = browser.call("begin_revoke", json!({"key": active["id"]})).await?;
    let assertion = browser.touch(&begun).to_string();
    browser.call("finish_revoke", json!({"ceremony": begun["ceremony"], "assertion": assertion})).await.map(drop)
}

fn employee(number: u32) -> String {
    format!("E-{number}")
}
