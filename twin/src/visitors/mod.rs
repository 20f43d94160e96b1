//! What do people do in the portal before anybody looks? Two engineers sign in, add a key each, and decide: one change
//! goes out, one is rejected with words, one is left half approved. Meanwhile somebody starts a run again, and the
//! registry has an outage.
//!
//! They are people of the outside world at browsers of the outside world: everything goes over the portal's own HTTP,
//! with real signatures, so what the portal's log says of them happened.

mod key;
mod person;

use anyhow::Context;
pub use person::Person;

use crate::github::GithubModel;
use crate::history::week;
use crate::state::Shared;

/// The two who act; nobody else needs to be them.
const REVIEWERS: [&str; 2] = ["u-1031", "u-1032"];

/// How many answers of the registry fail: the portal's client tries a few times.
const OUTAGE: u32 = 3;

/// Plays what people do. The runs of [`week::begin`] must be there.
pub(crate) async fn play(shared: &Shared) -> anyhow::Result<()> {
    let github = GithubModel(shared.clone());
    let run_of = |title: &str| {
        let model = shared.model();
        model.github.runs.values().find(|run| run.title == title).map(|run| run.id).context("a run of the week")
    };
    let [ishaan, tara] = REVIEWERS;
    let mut ishaan = Person::arrive(shared, ishaan).await?;
    let mut tara = Person::arrive(shared, tara).await?;

    let released = ishaan.find(week::RELEASED).await?;
    ishaan.confirm(&released).await?;
    ishaan.decide(&released, "approve", "Same figures as in staging.").await?;
    tara.decide(&released, "approve", "Read it; the fallback is tested.").await?;
    let rejected = tara.find(week::REJECTED).await?;
    let why = "The cache key leaves the lender out: one lender would see another's scores.";
    tara.decide(&rejected, "reject", why).await?;
    let half = ishaan.find(week::HALF_APPROVED).await?;
    ishaan.confirm(&half).await?;
    ishaan.decide(&half, "approve", "").await?;

    ishaan.find(week::RUN_AGAIN).await?;
    let again = run_of(week::RUN_AGAIN)?;
    github.rerun(again, "rohandas")?;
    github.ask_for_production(again).await?;

    // The registry is out for as long as the portal first looks; it looks again by itself.
    shared.faults.fail("ecr.describe", 503, OUTAGE);
    github.ask_for_production(run_of(week::FAILED_CHECK)?).await?;
    tara.find(week::FAILED_CHECK).await.map(drop)
}
