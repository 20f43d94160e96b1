//! A week at AltScore: what went to production and what did not, and then the runs that wait when somebody looks.
//!
//! Each waiting run is on a branch of its own, made before any other's commits: nobody who wrote one has a part in
//! another, so people can approve each other's.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Past, data, files, merged};
use crate::github::model::RunId;
use crate::github::push::PushRun;
use crate::state::Model;

/// What went out before, beside the twelve that every history has.
pub(super) const MORE: [Past; 20] = [
    (166, "audit-service", "ishaan-k", "tara-b", "Write one line per consent"),
    (163, "admin-service", "tara-b", "viyer", "List lenders by city"),
    (157, "score-api", "ishaan-k", "rohandas", "Refuse a score without consent"),
    (152, "scoring-engine", "devika-s", "viyer", "Round scores half to even"),
    (146, "erp-ingestion", "devika-s", "leela-m", "Read Busy exports in UTF-16"),
    (144, "notification-service", "tara-b", "leela-m", "Retry WhatsApp once"),
    (134, "consent-service", "leela-m", "ishaan-k", "Show the lender's name in the consent"),
    (129, "score-api", "rohandas", "asha-rao", "Log the model's version with each score"),
    (123, "audit-service", "asha-rao", "tara-b", "Keep offsets in the same transaction"),
    (111, "erp-ingestion", "leela-m", "devika-s", "Skip invoices that were cancelled"),
    (108, "admin-service", "viyer", "tara-b", "Sign out after twelve hours"),
    (98, "scoring-engine", "viyer", "devika-s", "Fall back to the last model"),
    (92, "notification-service", "rohandas", "leela-m", "Say the amount in lakhs"),
    (86, "score-api", "asha-rao", "ishaan-k", "Answer from the replica when the primary is busy"),
    (81, "consent-service", "ishaan-k", "leela-m", "Withdraw consent in one tap"),
    (74, "audit-service", "tara-b", "asha-rao", "Drop a column that nobody reads"),
    (66, "admin-service", "tara-b", "asha-rao", "Filter promotions by team"),
    (61, "erp-ingestion", "devika-s", "leela-m", "Reject a ledger that does not balance"),
    (56, "scoring-engine", "devika-s", "viyer", "Warm the model before the first request"),
    (41, "notification-service", "leela-m", "rohandas", "Stop at the daily limit"),
];

/// Titles of [`MORE`] that never reached production: failed in staging.
pub(super) const FAILED: [&str; 2] = ["Round scores half to even", "Drop a column that nobody reads"];

/// Approved by two.
pub(crate) const RELEASED: &str = "Prefer the replica for reads of old scores";
/// Rejected with words.
pub(crate) const REJECTED: &str = "Cache scores for a minute";
/// Approved by one.
pub(crate) const HALF_APPROVED: &str = "Keep audit lines for eight years";

/// Superseded by its own second attempt.
pub(crate) const RUN_AGAIN: &str = "Send the monthly summary at nine";
/// Asked for although a check failed.
pub(crate) const FAILED_CHECK: &str = "Parse e-way bills";

/// What happens to a run before production asks, or while it does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Asks, and waits.
    Asks,
    /// Asks, and is started again once the portal knows it.
    RunAgain,
    /// Its evidence holds a failed check, and it asks while the registry is out.
    FailedCheck,
    /// Somebody worked on it whom no account identifies.
    Stranger,
    /// GitHub never makes its webhook.
    WebhookLost,
    /// Changes what the cluster lets in: security signs too.
    Infrastructure,
    /// Changes which data is read: the data protection officer signs too.
    DataPipeline,
}

/// Service, author, hours ago, title, fate.
const WAITING: [(&str, &str, i64, &str, Fate); 9] = [
    ("scoring-engine", "asha-rao", 5, RELEASED, Fate::Asks),
    ("score-api", "asha-rao", 4, REJECTED, Fate::Asks),
    ("audit-service", "leela-m", 3, HALF_APPROVED, Fate::Asks),
    ("notification-service", "rohandas", 9, RUN_AGAIN, Fate::RunAgain),
    ("admin-service", "viyer", 7, "Import lenders from a spreadsheet", Fate::Stranger),
    ("erp-ingestion", "devika-s", 2, FAILED_CHECK, Fate::FailedCheck),
    ("consent-service", "viyer", 1, "Remind before a consent expires", Fate::WebhookLost),
    ("admin-service", "rohandas", 6, "Let the admin service reach the mail relay", Fate::Infrastructure),
    ("erp-ingestion", "leela-m", 8, "Read the retailer's phone number from invoices", Fate::DataPipeline),
];

/// Pushes the runs that wait, oldest first.
pub(crate) fn begin(model: &mut Model, now: DateTime<Utc>) -> anyhow::Result<Vec<(RunId, Fate)>> {
    let mut waiting = Vec::new();
    for (index, (service, author, hours, title, fate)) in WAITING.into_iter().enumerate() {
        let plain = PushRun {
            title: title.to_owned(),
            branch: format!("release/{index}-{service}"),
            at: Some(now - TimeDelta::hours(hours)),
            ..PushRun::of(service, author)
        };
        let edits = match fate {
            Fate::Infrastructure => files::network_edits(service),
            Fate::DataPipeline => data::pipeline(),
            _ => Vec::new(),
        };
        let plain = PushRun { edits, ..plain };
        let push = match fate {
            Fate::Stranger => PushRun {
                author: "Prakash (vendor) <prakash@vendor.example>".to_owned(),
                pusher: Some(author.to_owned()),
                ..plain
            },
            _ => PushRun { merged_pr: merged(title, author, author), ..plain },
        };
        let run = model.push_run(now, &push)?;
        if fate == Fate::FailedCheck {
            fail_check(model, run);
        }
        waiting.push((run, fate));
    }
    Ok(waiting)
}

/// Staging's check failed, and the workflow goes on to production all the same.
fn fail_check(model: &mut Model, run: RunId) {
    let jobs = model.github.runs.get_mut(&run).and_then(|run| run.attempts.last_mut()).map(|it| &mut it.jobs);
    for job in jobs.into_iter().flatten().filter(|job| job.name == "staging") {
        job.conclusion = Some("failure");
    }
}
