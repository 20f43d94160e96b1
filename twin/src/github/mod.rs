//! GitHub: what the portal asks it, what it asks the portal, and the verbs a story is told with.
//!
//! States of a run: `in_progress` → `waiting` (the production job stands before the rule) → `completed`. The rule can
//! be answered only while the environment is pending on the newest attempt; a re-run clears what was pending. Every
//! route but those of the App itself demands an unexpired installation token.

mod auth;
pub(crate) mod evidence;
pub(crate) mod git;
mod json;
pub(crate) mod model;
pub(crate) mod push;
mod rate;
mod reply;
mod routes;
pub(crate) mod story;
mod webhook;

pub use model::{Answer, RunId, StatusReport};
pub use push::{Edit, MergedPr, NewCommit, PushRun};
pub(crate) use routes::router;
pub use webhook::{Delivery, sign};

use chrono::TimeDelta;

use crate::history::week::Fate;
use crate::state::Shared;
use crate::value::at;
use story::PRODUCTION;

/// GitHub, for tests and the demo.
#[derive(Clone)]
pub struct GithubModel(pub(crate) Shared);

impl GithubModel {
    /// Commits, pushes, builds, deploys to staging; the production job then waits, unasked.
    ///
    /// # Errors
    /// When a login or service is not known.
    pub fn push_run(&self, push: &PushRun) -> anyhow::Result<RunId> {
        let now = self.0.now();
        self.0.model().push_run(now, push)
    }

    /// Makes a branch of what production runs of this service, where there is no such branch yet: whatever is pushed to
    /// it differs from production by nobody else's commits.
    ///
    /// # Errors
    /// When the service is not known or nothing of it was ever released.
    pub fn branch_off(&self, service: &str, branch: &str) -> anyhow::Result<()> {
        self.0.model().branch_off(service, branch)
    }

    /// The same service and branch pushed again by `by`: one more commit, one more run.
    ///
    /// # Errors
    /// When the run or the login is not known.
    pub fn push_again(&self, run: RunId, by: &str) -> anyhow::Result<RunId> {
        let now = self.0.now();
        let mut model = self.0.model();
        let it = model.github.run(run)?;
        let push = PushRun {
            branch: it.branch.clone(),
            title: format!("{}, again", it.title),
            ..PushRun::of(&it.service, by)
        };
        model.push_run(now, &push)
    }

    /// Makes production ask: deployment, pending deployment, signed webhook to the portal.
    ///
    /// # Errors
    /// When the run does not wait, or the portal's address is not known. A portal that does not answer is no error:
    /// see [`Delivery::response`].
    pub async fn ask_for_production(&self, run: RunId) -> anyhow::Result<Delivery> {
        webhook::send(&self.0, webhook::build(&self.0, run)?).await
    }

    /// The same without sending, for tests that send or tamper themselves.
    ///
    /// # Errors
    /// When the run does not wait.
    pub fn build_delivery(&self, run: RunId) -> anyhow::Result<Delivery> {
        webhook::build(&self.0, run)
    }

    /// What GitHub says of a run and its jobs as they stand, unsent: a delivery each.
    ///
    /// # Errors
    /// When the run is not known.
    pub fn build_told(&self, run: RunId) -> anyhow::Result<Vec<Delivery>> {
        webhook::build_told(&self.0, run)
    }

    /// Tells the portal of a run and its jobs as they stand.
    ///
    /// # Errors
    /// When the run is not known, or the portal's address is not.
    pub async fn tell(&self, run: RunId) -> anyhow::Result<()> {
        for delivery in self.build_told(run)? {
            self.send(delivery).await?;
        }
        Ok(())
    }

    /// From now on the portal is told by itself of what the control and its own answers make of runs, as GitHub would.
    pub fn tell_of_runs(&self) {
        self.0.model().github.tells = true;
    }

    /// Sends a delivery as it is.
    ///
    /// # Errors
    /// When the portal's address is not known.
    pub async fn send(&self, delivery: Delivery) -> anyhow::Result<Delivery> {
        webhook::send(&self.0, delivery).await
    }

    /// Sends a logged delivery again, with the same GUID and bytes.
    ///
    /// # Errors
    /// When there is no such delivery.
    pub async fn redeliver(&self, guid: &str) -> anyhow::Result<Delivery> {
        webhook::redeliver(&self.0, guid).await
    }

    /// Production asks, and the webhook comes to nothing: not sent, not in GitHub's log.
    ///
    /// # Errors
    /// When the run does not wait.
    pub fn wait_silently(&self, run: RunId) -> anyhow::Result<()> {
        let now = self.0.now();
        self.0.model().ask(now, run).map(|_deployment| ())
    }

    /// Sends the webhooks that the fault `webhook` held back.
    ///
    /// # Errors
    /// When the portal's address is not known.
    pub async fn let_go(&self) -> anyhow::Result<Vec<Delivery>> {
        webhook::let_go(&self.0).await
    }

    /// Leaves the installation so many requests until `after` from now.
    pub fn leave_requests(&self, left: u64, after: TimeDelta) {
        let now = self.0.clock.wire_now();
        self.0.model().github.rate.leave(left, now, after);
    }

    /// How many requests were answered with 304.
    #[must_use]
    pub fn not_modified(&self) -> u64 {
        self.0.model().github.rate.not_modified
    }

    /// Every delivery so far, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.0.model().github.deliveries.clone()
    }

    /// Re-runs all jobs: the next attempt, started by `by`, with nothing pending until it asks. Returns its number.
    ///
    /// # Errors
    /// When the run or the login is not known.
    pub fn rerun(&self, run: RunId, by: &str) -> anyhow::Result<u64> {
        let now = self.0.now();
        self.0.model().rerun(now, run, by)
    }

    /// Cancels a run.
    ///
    /// # Errors
    /// When the run is not known.
    pub fn cancel(&self, run: RunId) -> anyhow::Result<()> {
        let now = self.0.now();
        self.0.model().cancel(now, run)
    }

    /// What the portal answered for a run, oldest first.
    #[must_use]
    pub fn answers(&self, run: RunId) -> Vec<Answer> {
        let model = self.0.model();
        let of_portal = |it: &model::Run| it.answers.iter().filter(|it| it.by == model::PORTAL).cloned().collect();
        model.github.run(run).map(of_portal).unwrap_or_default()
    }

    /// A person who may review writes this beside an approval of their own; it releases nothing by itself.
    ///
    /// # Errors
    /// When the run is not known.
    pub fn review_as(&self, run: RunId, login: &str, comment: &str) -> anyhow::Result<()> {
        let at = self.0.now();
        let mut model = self.0.model();
        let attempt = model.github.run(run)?.attempts.len() as u64;
        let (environment, state) = (PRODUCTION.to_owned(), "approved".to_owned());
        let answer = Answer { environment, state, comment: comment.to_owned(), by: login.to_owned(), attempt, at };
        model.github.runs.entry(run).and_modify(|it| it.answers.push(answer));
        Ok(())
    }

    /// An administrator lets the job go without asking any rule.
    ///
    /// # Errors
    /// When the run is not known.
    pub fn bypass(&self, run: RunId, login: &str) -> anyhow::Result<()> {
        self.review_as(run, login, "")?;
        let now = self.0.now();
        self.0.model().decide(now, run, PRODUCTION, true).map(|_| ())
    }

    /// What the portal reported without deciding, oldest first.
    #[must_use]
    pub fn status_reports(&self, run: RunId) -> Vec<StatusReport> {
        self.0.model().github.run(run).map(|it| it.reports.clone()).unwrap_or_default()
    }

    /// Whether the newest attempt's production job was let go.
    #[must_use]
    pub fn job_released(&self, run: RunId) -> bool {
        self.0.model().github.run(run).is_ok_and(model::Run::is_released)
    }

    /// Status and conclusion of the newest attempt's production job.
    #[must_use]
    pub fn production_job(&self, run: RunId) -> Option<(String, Option<String>)> {
        let model = self.0.model();
        let job = model.github.run(run).ok()?.attempts.last()?.job(PRODUCTION)?;
        Some((job.status.to_owned(), job.conclusion.map(str::to_owned)))
    }

    /// Whether the environment waits for the rule on the newest attempt.
    #[must_use]
    pub fn is_pending(&self, run: RunId) -> bool {
        let model = self.0.model();
        model
            .github
            .run(run)
            .is_ok_and(|it| it.attempts.last().is_some_and(|attempt| attempt.pending.contains_key(PRODUCTION)))
    }

    /// The commit a run builds.
    ///
    /// # Errors
    /// When the run is not known.
    pub fn head_sha(&self, run: RunId) -> anyhow::Result<String> {
        Ok(self.0.model().github.run(run)?.head_sha.clone())
    }

    /// Puts another App's rule beside the portal's: production then waits on after it was approved, or no longer.
    pub fn wait_for_another_rule(&self, on: bool) {
        self.0.model().github.other_rule = on;
    }

    /// Lets a run wait at another environment beside production.
    ///
    /// # Errors
    /// When the run is not known.
    pub fn wait_at(&self, run: RunId, environment: &str) -> anyhow::Result<()> {
        let now = self.0.now();
        self.0.model().wait_at(now, run, environment)
    }

    /// Lets a run claim another commit under the same number, as a GitHub that cannot be trusted would.
    ///
    /// # Errors
    /// When the run is not known.
    pub fn move_head(&self, run: RunId, sha: &str) -> anyhow::Result<()> {
        let mut model = self.0.model();
        let it = model.github.runs.get_mut(&run).ok_or_else(|| anyhow::anyhow!("no run {run}"))?;
        sha.clone_into(&mut it.head_sha);
        Ok(())
    }

    /// The account is deleted: where it acted, GitHub names nobody.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn delete_account(&self, login: &str) -> anyhow::Result<()> {
        let mut model = self.0.model();
        let id = model.github.login(login)?;
        model.github.accounts.retain(|account| account.id != id);
        Ok(())
    }

    /// Answers every recursive tree as truncated, or no longer.
    pub fn truncate_trees(&self, on: bool) {
        self.0.model().github.truncate_trees = on;
    }

    /// Starts the demo's life: one run of consent-service and one of score-api held for production, and in a week that
    /// is played whole, the others. Starts nothing twice. Returns the first two, score-api's first.
    ///
    /// # Errors
    /// When the portal's address is not known.
    pub async fn begin(&self) -> anyhow::Result<Vec<RunId>> {
        let (runs, week) = {
            let now = self.0.now();
            let mut model = self.0.model();
            let runs = crate::history::begin(&mut model, now)?;
            let week = model.github.begun_week.drain(..).collect::<Vec<_>>();
            (runs, week)
        };
        for (run, fate) in week {
            self.meet(run, fate).await?;
        }
        for run in &runs {
            if !self
                .0
                .model()
                .github
                .deliveries
                .iter()
                .any(|delivery| delivery.response.is_some_and(|status| status < 300) && delivery.names(*run))
            {
                self.ask_for_production(*run).await?;
            }
        }
        Ok(runs)
    }

    /// What becomes of a run when the week begins; of some, people decide later.
    async fn meet(&self, run: RunId, fate: Fate) -> anyhow::Result<()> {
        match fate {
            Fate::Asks | Fate::RunAgain | Fate::Stranger | Fate::Infrastructure | Fate::DataPipeline => {
                self.ask_for_production(run).await.map(drop)
            }
            Fate::WebhookLost => self.wait_silently(run),
            Fate::FailedCheck => Ok(()),
        }
    }
}

impl Delivery {
    /// Whether this is the question for that run.
    fn names(&self, run: RunId) -> bool {
        let payload: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        at(&payload, "deployment_callback_url").as_str().is_some_and(|url| url.contains(&format!("/runs/{run}/")))
    }
}
