//! What the pages show of changes. Reading only; nothing here decides, but everything that decides is asked.

use super::execute::persons_of;
use super::reading::Reading;
use super::store::{self, RowFacts};
use crate::audit::{actor_name, entries_about, open, sentence};
use crate::context::Context;
use crate::error::Error;
use crate::people;
use chrono::{DateTime, Utc};
use gatehouse_app::changes::shape::{
    Actions, ApprovalRow, ChangeFilter, ChangePage, ChangeRow, ChangeView, CommitRow, ContributorRow, FieldRow, FileRow,
    GateView, OriginView, SeatView, TimelineRow, VerdictRow,
};
use gatehouse_app::home::shape::HomeView;
use gatehouse_app::shape::{Availability, PersonView, Status};
use gatehouse_domain::act::SignedDecision;
use gatehouse_domain::changes::decide::reasons_against;
use gatehouse_domain::changes::{Change, Freshness, Gate, State, derive_gate};
use gatehouse_domain::people::Signer;
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::tone::Tone;
use gatehouse_domain::words::six_words;
use gatehouse_domain::{ChangeNumber, Digest, PersonId, Reason};
use sqlx::PgConnection;
use std::collections::BTreeMap;

const PAGE: usize = 50;
/// More held changes than this are a queue that nobody reads; the list of changes has them all.
const HOME_HELD: i64 = 100;
const HOME_RECENT: i64 = 8;

/// A change, and everything needed to say something about it.
struct Facts {
    change: Change,
    row: RowFacts,
    reading: Reading,
    signers: BTreeMap<PersonId, Signer>,
    gate: Gate,
    policy: Digest,
    now: DateTime<Utc>,
}

async fn facts(conn: &mut PgConnection, ctx: &Context, number: &ChangeNumber, viewer: &PersonId) -> Result<Facts, Error> {
    let change = store::get_change(conn, number).await?;
    let row = store::get_row(conn, number).await?;
    let reading = store::find_reading(conn, number).await?;
    let mut persons = persons_of(&change);
    persons.insert(viewer.clone());
    let signers = people::read_signers(conn, ctx, &persons).await?;
    let now = ctx.now(conn).await?;
    let policy = ctx.config.digest();
    let gate = derive_gate(&change, &signers, &policy, Freshness::LastKnown, now);
    Ok(Facts { change, row, reading, signers, gate, policy, now })
}

impl Facts {
    fn against(&self, viewer: &PersonId, decision: SignedDecision) -> Vec<Reason> {
        match self.signers.get(viewer) {
            Some(signer) => reasons_against(&self.change, signer, &self.signers, decision, &self.policy, self.now),
            None => vec![Reason::NotAdmitted],
        }
    }

    /// The seat that the viewer's approval would fill.
    fn your_seat(&self, viewer: &PersonId) -> Option<String> {
        if !self.against(viewer, SignedDecision::Approve).is_empty() {
            return None;
        }
        let roles = self.signers.get(viewer)?.held_roles();
        self.gate.seats.iter().find(|s| s.by.is_none() && roles.contains(&s.seat.role)).map(|s| s.seat.name.clone())
    }

    fn status(&self) -> Status {
        let (word, tone) = match self.change.state {
            State::Held if self.gate.reasons.iter().any(|r| matches!(r, Reason::FieldUnreadable(_) | Reason::ContributorsUnknown)) => {
                ("Held · not all is known".to_owned(), Tone::Unknown)
            }
            State::Held if self.gate.reasons.iter().any(|r| matches!(r, Reason::Vetoed(_))) => ("Held · rejected".to_owned(), Tone::Bad),
            State::Held => (format!("Held · {} of {}", self.gate.filled(), self.gate.seats.len()), Tone::Warn),
            State::Executing => ("Answering GitHub".to_owned(), Tone::Running),
            State::Released => ("Released".to_owned(), Tone::Ok),
            State::Closed => ("Closed".to_owned(), Tone::Bad),
            State::Expired => ("Expired".to_owned(), Tone::Neutral),
            State::Superseded => ("Superseded".to_owned(), Tone::Neutral),
            State::Cancelled => ("Cancelled".to_owned(), Tone::Bad),
        };
        Status { word, tone }
    }

    fn row(&self, viewer: &PersonId) -> ChangeRow {
        let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
        let more = if self.reading.files_complete { "" } else { " or more" };
        ChangeRow {
            number: self.change.number.to_string(),
            service: self.change.subject.service.to_string(),
            environment: self.change.key.environment.to_string(),
            title: self.reading.title.clone(),
            status: self.status(),
            your_seat: self.your_seat(viewer),
            size: format!("{}, {}{more}", count(self.reading.commits.len(), "commit"), count(self.reading.files.len(), "file")),
            opened_at: self.row.opened_at,
            ended_at: self.row.ended_at,
        }
    }
}

/// The home page for this person.
///
/// # Errors
/// When the database does not answer.
pub async fn home(ctx: &Context, viewer: &PersonId) -> Result<HomeView, Error> {
    let mut conn = ctx.db.acquire().await?;
    let (mut needs_you, mut waiting, mut recent) = (Vec::new(), Vec::new(), Vec::new());
    // Oldest first: who waits longest is read first.
    for held in store::list_rows(&mut conn, &[State::Held], None, None, HOME_HELD).await?.iter().rev() {
        let row = facts(&mut conn, ctx, &held.number, viewer).await?.row(viewer);
        if row.your_seat.is_some() { needs_you.push(row) } else { waiting.push(row) }
    }
    let ended: Vec<State> = State::ALL.into_iter().filter(|s| *s != State::Held).collect();
    for row in store::list_rows(&mut conn, &ended, None, None, HOME_RECENT).await? {
        recent.push(facts(&mut conn, ctx, &row.number, viewer).await?.row(viewer));
    }
    Ok(HomeView { needs_you, waiting, recent, as_of: ctx.now(&mut conn).await? })
}

/// How many held changes this person could approve now.
///
/// # Errors
/// When the database does not answer.
pub async fn needs_you(conn: &mut PgConnection, ctx: &Context, viewer: &PersonId) -> Result<u32, Error> {
    let mut count = 0;
    for held in store::list_rows(conn, &[State::Held], None, None, HOME_HELD).await? {
        if facts(conn, ctx, &held.number, viewer).await?.your_seat(viewer).is_some() {
            count += 1;
        }
    }
    Ok(count)
}

/// One page of changes, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(ctx: &Context, viewer: &PersonId, filter: ChangeFilter) -> Result<ChangePage, Error> {
    let mut conn = ctx.db.acquire().await?;
    let states: Vec<State> = filter.state.as_deref().and_then(State::from_code).into_iter().collect();
    let service = filter.service.as_deref().filter(|s| !s.is_empty());
    let after: Option<ChangeNumber> = filter.after.as_deref().and_then(|n| n.parse().ok());
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut found = store::list_rows(&mut conn, &states, service, after.as_ref(), limit).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|row| row.number.to_string());
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        rows.push(facts(&mut conn, ctx, &row.number, viewer).await?.row(viewer));
    }
    let services = ctx.config.services.iter().map(|s| s.name.to_string()).collect();
    Ok(ChangePage { rows, next, services, as_of: ctx.now(&mut conn).await? })
}

/// One change, with everything that is signed.
///
/// # Errors
/// `NotFound`, or when the database does not answer.
pub async fn show(ctx: &Context, viewer: &PersonId, number: &ChangeNumber) -> Result<ChangeView, Error> {
    let mut conn = ctx.db.acquire().await?;
    let facts = facts(&mut conn, ctx, number, viewer).await?;
    let names = people::names(&mut conn, &persons_of(&facts.change)).await?;
    let timeline = timeline(&mut conn, ctx, number).await?;
    let (change, reading) = (&facts.change, &facts.reading);
    let words = |digest: &Digest| six_words(digest).map(str::to_owned).to_vec();
    let available = |decision| Availability {
        reasons: facts.against(viewer, decision).iter().map(ReasonView::from).collect(),
    };
    Ok(ChangeView {
        row: facts.row(viewer),
        gate: gate_view(&facts, viewer, &names),
        expires_at: change.subject.expires_at,
        origin: OriginView {
            repository: ctx
                .config
                .services
                .iter()
                .find(|s| s.name == change.subject.service)
                .map(|s| s.repository.clone())
                .unwrap_or_default(),
            run_id: change.key.run_id.to_string(),
            attempt: change.key.attempt.to_string(),
            run_url: reading.run_url.clone(),
            pull_request: reading.pull_request.clone(),
            commit_sha: change.subject.commit_sha.to_string(),
            base: change.subject.base_sha.to_string(),
        },
        files: reading
            .files
            .iter()
            .map(|f| FileRow {
                path: f.path.clone(),
                previous_path: f.previous_path.clone(),
                status: f.status.clone(),
                additions: f.additions,
                deletions: f.deletions,
            })
            .collect(),
        files_complete: reading.files_complete,
        commits: reading
            .commits
            .iter()
            .map(|(sha, title, author)| CommitRow { sha: sha.clone(), title: title.clone(), author: author.clone() })
            .collect(),
        verdicts: reading.verdicts.iter().map(|v| VerdictRow { check: v.check.clone(), status: verdict(&v.result) }).collect(),
        subject: subject_rows(change),
        subject_digest: change.subject_digest.to_string(),
        six_words: words(&change.subject_digest),
        rollback: change.rollback_plan.sentence(),
        contributors: contributor_rows(change, reading),
        approvals: change
            .approvals
            .iter()
            .map(|a| ApprovalRow {
                person: person_view(&a.person, &names),
                decision: a.decision.to_string(),
                signed_at: a.signed_at,
                comment: a.comment.clone(),
                fell_because: a.fell_because.clone(),
                six_words: words(&a.subject_digest),
            })
            .collect(),
        timeline,
        actions: Actions {
            approve: available(SignedDecision::Approve),
            reject: available(SignedDecision::Reject),
            withdraw: available(SignedDecision::Withdraw),
            close: available(SignedDecision::Close),
        },
        as_of: facts.now,
    })
}

fn person_view(person: &PersonId, names: &BTreeMap<PersonId, String>) -> PersonView {
    PersonView { id: person.to_string(), name: names.get(person).cloned() }
}

fn gate_view(facts: &Facts, viewer: &PersonId, names: &BTreeMap<PersonId, String>) -> GateView {
    let yours = facts.your_seat(viewer);
    let seats = facts
        .gate
        .seats
        .iter()
        .map(|filled| SeatView {
            name: filled.seat.name.clone(),
            because: filled.seat.because.clone(),
            by: filled.by.as_ref().map(|person| person_view(person, names)),
            signed_at: filled.by.as_ref().and_then(|p| facts.change.standing_of(p)).map(|a| a.signed_at),
            is_yours: yours.as_deref() == Some(filled.seat.name.as_str()),
        })
        .collect();
    // A change that ended is not "shut for a reason": its state says what became of it.
    let reasons = match facts.change.state {
        State::Held => facts.gate.reasons.iter().map(ReasonView::from).collect(),
        _ => Vec::new(),
    };
    GateView { is_open: facts.gate.is_open(), seats, reasons }
}

fn subject_rows(change: &Change) -> Vec<FieldRow> {
    // In the order of `Subject::fields`; its documentation has the whole story.
    const SOURCES: [&str; 12] = [
        "configuration, by repository and workflow",
        "configuration, by GitHub's environment",
        "Amazon ECR, for the tag that is the commit",
        "GitHub, the run read again",
        "the production cluster, and ECR for its digest",
        "Git tree of chart and values at the commit",
        "Git tree of migrations at the commit",
        "Terraform, where it applies",
        "drafted by Gatehouse, shown below",
        "verdicts of the run's jobs on this image",
        "the governed configuration",
        "72 hours after it was prepared",
    ];
    change
        .subject
        .fields()
        .into_iter()
        .zip(SOURCES)
        .map(|((name, value), source)| FieldRow {
            name: name.to_owned(),
            tone: if value.starts_with("unreadable:") { Tone::Unknown } else { Tone::Neutral },
            value,
            source: source.to_owned(),
        })
        .collect()
}

fn contributor_rows(change: &Change, reading: &Reading) -> Vec<ContributorRow> {
    let parts = |parts: &mut dyn Iterator<Item = String>| parts.collect::<Vec<_>>().join(", ");
    let known = change.contributors.known.iter().map(|c| ContributorRow {
        name: reading.logins.get(&c.github_id.to_string()).cloned().unwrap_or_else(|| format!("GitHub account {}", c.github_id)),
        parts: parts(&mut c.parts.iter().map(ToString::to_string)),
        is_unknown: false,
    });
    let unknown = (!change.contributors.unknown.is_empty()).then(|| ContributorRow {
        name: "Somebody whom no GitHub account identifies".to_owned(),
        parts: parts(&mut change.contributors.unknown.iter().map(ToString::to_string)),
        is_unknown: true,
    });
    known.chain(unknown).collect()
}

fn verdict(result: &str) -> Status {
    let (word, tone) = match result {
        "success" => ("Passed", Tone::Ok),
        "failure" | "timed_out" | "startup_failure" => ("Failed", Tone::Bad),
        "cancelled" => ("Cancelled", Tone::Warn),
        "skipped" | "neutral" => ("Skipped", Tone::Warn),
        "unfinished" => ("Running", Tone::Running),
        _ => ("Unknown", Tone::Unknown),
    };
    Status { word: word.to_owned(), tone }
}

async fn timeline(conn: &mut PgConnection, ctx: &Context, number: &ChangeNumber) -> Result<Vec<TimelineRow>, Error> {
    let (entries, names) = entries_about(conn, number.as_str()).await?;
    let mut rows = Vec::with_capacity(entries.len());
    for entry in &entries {
        let said = sentence(&entry.event);
        let quote = match said.quote {
            Some(sealed) => open(conn, ctx, sealed).await?.filter(|text| !text.is_empty()),
            None => None,
        };
        rows.push(TimelineRow { at: entry.at, actor: actor_name(&entry.actor, &names), what: said.what, tone: said.tone, quote });
    }
    Ok(rows)
}
