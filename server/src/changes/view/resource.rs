//! A change as programs see it: ids and digests instead of names and words, and nothing about who is looking.

use super::{Facts, facts};
use crate::context::Context;
use crate::error::Error;
use crate::rest::document::ReasonView;
use chrono::{DateTime, Utc};
use gatehouse_domain::changes::State;
use gatehouse_domain::words::six_words;
use gatehouse_domain::{ChangeNumber, PersonId, problem};
use serde::Serialize;
use utoipa::ToSchema;

/// One change: what is to be approved, by whom, by whom it was, and everything that is in the way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Change)]
pub struct ChangeResource {
    /// `CHG-2026-000123`.
    number: String,
    /// `held`, `executing`, `released`, `closed`, `expired`, `superseded` or `cancelled`.
    state: &'static str,
    /// What is deployed.
    service: String,
    /// Where.
    environment: String,
    /// The pull request's or run's title, from GitHub: whatever its author wrote.
    title: String,
    /// The run on GitHub that waits.
    run: Run,
    /// The exact thing that keys sign.
    subject: SubjectResource,
    /// The policy's name and version.
    policy: String,
    /// Whether it may go to production now, and if not, why not.
    gate: Gate,
    /// Every signature ever given, oldest first.
    approvals: Vec<Approval>,
    /// Who had a part in making it, and so fills no seat.
    contributors: Vec<Contributor>,
    /// What is done if it goes wrong.
    rollback: Rollback,
    /// When GitHub asked.
    opened_at: DateTime<Utc>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Rollback {
    /// The plan in words.
    plan: String,
    /// The build that it leads to; `absent:…` where production ran nothing, `unreadable:…` keeps the gate shut.
    to_image: String,
    /// The commit of that build.
    to_commit: String,
    /// Who confirmed the plan as it stands, by employee id.
    confirmed_by: Option<String>,
    /// The release that this change undid, where it went back by what that one left behind.
    undid: Option<String>,
    /// The change on whose page this version was marked "do not return to".
    marked_on: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Run {
    /// GitHub's number of the repository.
    repository_id: String,
    /// The run.
    id: String,
    /// Its attempt.
    attempt: String,
    /// Its page on GitHub.
    url: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subject)]
struct SubjectResource {
    /// SHA-256 of its canonical bytes: send it back with a decision.
    digest: String,
    /// Its first 66 bits, to read aloud.
    six_words: Vec<&'static str>,
    /// Every field, in order, as it is signed. `absent:…` does not apply, `unreadable:…` keeps the gate shut.
    fields: Vec<Field>,
    /// When it expires, and its approvals with it.
    expires_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Field {
    /// Its name.
    name: &'static str,
    /// Its exact text.
    value: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct Gate {
    /// Nothing at all is in the way.
    is_open: bool,
    /// Every signature that is asked for.
    requirements: Vec<Requirement>,
    /// Everything that keeps it shut. Empty for a change that ended: its state says what became of it.
    reasons: Vec<ReasonView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Requirement {
    /// `Engineer 1`.
    seat: String,
    /// The role that fills it.
    role: &'static str,
    /// Why it is asked.
    because: String,
    /// Who fills it, by employee id.
    filled_by: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Approval {
    /// Who, by employee id.
    person: String,
    /// `approve` or `reject`.
    decision: String,
    /// What was signed.
    subject_digest: String,
    /// With which of their keys.
    key: String,
    /// When.
    signed_at: DateTime<Utc>,
    /// Whether it still counts for something.
    stands: bool,
    /// Why not, where it fell.
    fell_because: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Contributor {
    /// The GitHub account's number; absent for somebody whom none identifies, which keeps the gate shut.
    github_id: Option<String>,
    /// What they did.
    parts: Vec<String>,
}

/// One change, for `asker`.
///
/// # Errors
/// `NotFound`, or when the database does not answer.
pub async fn resource(ctx: &Context, asker: &PersonId, number: &ChangeNumber) -> Result<ChangeResource, Error> {
    let mut conn = ctx.db.acquire().await?;
    Ok(of(&facts(&mut conn, ctx, number, asker).await?))
}

fn of(facts: &Facts) -> ChangeResource {
    let change = &facts.change;
    let subject = &change.subject;
    ChangeResource {
        number: change.number.to_string(),
        state: change.state.code(),
        service: subject.service.to_string(),
        environment: change.key.environment.to_string(),
        title: facts.reading.title.clone(),
        run: Run {
            repository_id: change.key.repository_id.to_string(),
            id: change.key.run_id.to_string(),
            attempt: change.key.attempt.to_string(),
            url: facts.reading.run_url.clone(),
        },
        subject: SubjectResource {
            digest: change.subject_digest.to_string(),
            six_words: six_words(&change.subject_digest).to_vec(),
            fields: subject.fields().into_iter().map(|(name, value)| Field { name, value }).collect(),
            expires_at: subject.expires_at,
        },
        policy: change.requirement.policy.clone(),
        gate: gate(facts),
        approvals: approvals(facts),
        contributors: contributors(facts),
        rollback: Rollback {
            plan: change.rollback_plan.sentence(),
            to_image: change.rollback_plan.to_image.to_string(),
            to_commit: change.rollback_plan.to_commit.to_string(),
            confirmed_by: change.way_back.confirmed_by.as_ref().map(ToString::to_string),
            undid: change.way_back.undid.as_ref().map(ToString::to_string),
            marked_on: change.way_back.marked_on.as_ref().map(ToString::to_string),
        },
        opened_at: facts.row.opened_at,
        ended_at: facts.row.ended_at,
    }
}

fn gate(facts: &Facts) -> Gate {
    let requirement = |filled: &gatehouse_domain::changes::SeatFilled| Requirement {
        seat: filled.seat.name.clone(),
        role: filled.seat.role.code(),
        because: filled.seat.because.clone(),
        filled_by: filled.by.as_ref().map(ToString::to_string),
    };
    let reasons = match facts.change.state {
        State::Held => facts.gate.reasons.iter().map(|r| problem::ReasonView::from(r).into()).collect(),
        _ => Vec::new(),
    };
    Gate { is_open: facts.gate.is_open(), requirements: facts.gate.seats.iter().map(requirement).collect(), reasons }
}

fn approvals(facts: &Facts) -> Vec<Approval> {
    let change = &facts.change;
    let stands = |approval: &gatehouse_domain::changes::Approval| change.standing().any(|other| other == approval);
    let row = |approval: &gatehouse_domain::changes::Approval| Approval {
        person: approval.person.to_string(),
        decision: approval.decision.to_string(),
        subject_digest: approval.subject_digest.to_string(),
        key: approval.key.to_string(),
        signed_at: approval.signed_at,
        stands: stands(approval),
        fell_because: approval.fell_because.clone(),
    };
    change.approvals.iter().map(row).collect()
}

fn contributors(facts: &Facts) -> Vec<Contributor> {
    let of = &facts.change.contributors;
    let known = of.known.iter().map(|one| Contributor {
        github_id: Some(one.github_id.to_string()),
        parts: one.parts.iter().map(ToString::to_string).collect(),
    });
    let unknown = (!of.unknown.is_empty())
        .then(|| Contributor { github_id: None, parts: of.unknown.iter().map(ToString::to_string).collect() });
    known.chain(unknown).collect()
}
