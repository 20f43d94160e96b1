//! One change on its page: everything that is signed, everybody who signed, everything that happened.

use super::{Facts, facts};
use crate::audit::{actor_name, entries_about, open, sentence};
use crate::changes::execute::persons_of;
use crate::changes::lane::{Queue, emergency_view, lane_view};
use crate::changes::reading::Reading;
use crate::changes::store;
use crate::context::Context;
use crate::error::Error;
use crate::{people, policy};
use chrono::{DateTime, Utc};
use gatehouse_app::changes::data::shape::{DataChangeView, DataTold};
use gatehouse_app::changes::shape::{
    Actions, ApprovalRow, ChangeView, CommitRow, ContributorRow, DecidedView, FieldRow, FileRow, GateView, OriginView,
    RuleRow, SeatView, TimelineRow, VerdictRow, WantRow,
};
use gatehouse_app::shape::{Availability, PersonView, Status};
use gatehouse_domain::act::SignedDecision;
use gatehouse_domain::audit::Actor;
use gatehouse_domain::changes::{Approval, Change, Decided, State, Want};
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::proof::SignatureBytes;
use gatehouse_domain::tone::Tone;
use gatehouse_domain::words::six_words;
use gatehouse_domain::{ChangeNumber, Digest, PersonId, Reason};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// One change, with everything that is signed.
///
/// # Errors
/// `NotFound`, or when the database does not answer.
pub async fn show(ctx: &Context, viewer: &PersonId, number: &ChangeNumber) -> Result<ChangeView, Error> {
    let mut conn = ctx.db.acquire().await?;
    let facts = facts(&mut conn, ctx, number, viewer).await?;
    if facts.your_seat(viewer).is_some() {
        store::note_look(&mut conn, number, &facts.change.subject_digest, viewer).await?;
    }
    let mut persons = persons_of(&facts.change);
    persons.extend(facts.change.lane.stops.iter().map(|stop| stop.by.clone()));
    let names = people::names(&mut conn, &persons).await?;
    let (timeline, said) = timeline(&mut conn, ctx, number).await?;
    let (change, reading) = (&facts.change, &facts.reading);
    let queue = Queue::read(&mut conn).await?;
    let emergency = emergency_view(&mut conn, ctx, change, facts.signers.get(viewer), &facts.signers).await?;
    let lane = lane_view(&mut conn, change, facts.signers.get(viewer)).await?;
    let difference = match &change.proposal {
        Some(proposal) => Some(policy::difference_view(policy::difference(&mut conn, proposal).await?)),
        None => None,
    };
    let rollback = super::rollback::rollback_view(&mut conn, ctx, &facts, viewer).await?;
    let available =
        |decision| Availability { reasons: facts.against(viewer, decision).iter().map(ReasonView::from).collect() };
    Ok(ChangeView {
        row: facts.row(viewer, &queue),
        lane,
        emergency,
        gate: gate_view(&facts, viewer, &names),
        has_data: change.requirement.decided.as_ref().is_some_and(|decided| decided.data.is_some()),
        decided: change
            .requirement
            .decided
            .as_ref()
            .map(|decided| decided_view(decided, change.way_back.confirmed_by.is_some(), facts.now)),
        difference,
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
        verdicts: verdict_rows(reading),
        subject: subject_rows(change),
        subject_bytes: String::from_utf8(change.subject.to_bytes().map_err(Error::internal)?)
            .map_err(Error::internal)?,
        subject_digest: change.subject_digest.to_string(),
        six_words: words(&change.subject_digest),
        rollback,
        contributors: contributor_rows(change, reading),
        approvals: approval_rows(&mut conn, change, &names, &said).await?,
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

/// The same change, with what it does to people's data.
///
/// # Errors
/// `NotFound`, or when the database does not answer.
pub async fn show_data(ctx: &Context, viewer: &PersonId, number: &ChangeNumber) -> Result<DataChangeView, Error> {
    let change = show(ctx, viewer, number).await?;
    let mut conn = ctx.db.acquire().await?;
    let named = store::get_change(&mut conn, number).await?.requirement.decided.and_then(|decided| decided.data);
    let told = match named {
        None => DataTold::Nothing,
        Some(digest) => match store::find_report(&mut conn, &digest).await? {
            Some(report) => DataTold::Report(Box::new(report), digest.to_string()),
            None => DataTold::Lost(digest.to_string()),
        },
    };
    Ok(DataChangeView { change, told })
}

fn words(digest: &Digest) -> Vec<String> {
    six_words(digest).map(str::to_owned).to_vec()
}

/// Every signature with its bytes: the page shows who signed, and the browser checks that they did.
async fn approval_rows(
    conn: &mut PgConnection,
    change: &Change,
    names: &BTreeMap<PersonId, String>,
    said: &Said,
) -> Result<Vec<ApprovalRow>, Error> {
    let proofs = store::list_proofs(conn, &change.number).await?;
    let keys = people::public_keys(conn, change.approvals.iter().map(|a| &a.key)).await?;
    let row = |approval: &Approval| {
        let at = (&approval.person, approval.signed_at);
        let (proof, key) = proofs.iter().find(|p| (&p.person, p.signed_at) == at).zip(keys.get(&approval.key))?;
        Some(ApprovalRow {
            person: person_view(&approval.person, names),
            decision: approval.decision.to_string(),
            signed_at: approval.signed_at,
            comment: said.get(&(approval.person.clone(), approval.signed_at)).cloned(),
            fell_because: approval.fell_because.clone(),
            six_words: words(&approval.subject_digest),
            proof: SignatureBytes {
                subject: proof.subject.clone(),
                act: proof.proof.act.clone(),
                key: approval.key.to_string(),
                credential_id: key.id_base64url(),
                public_key: key.public_key.clone(),
                client_data_json: proof.proof.client_data_json.clone(),
                authenticator_data: proof.proof.authenticator_data.clone(),
                signature: proof.proof.signature.clone(),
            },
        })
    };
    let rows = change.approvals.iter().map(row).collect::<Option<Vec<_>>>();
    // Approval, proof and key are rows of one transaction each; one without the others was not written by us.
    rows.ok_or_else(|| Error::internal("an approval without its proof or key"))
}

/// A reason speaks of persons by id, because the log does; the page knows their names.
fn with_names(reason: &Reason, names: &BTreeMap<PersonId, String>) -> ReasonView {
    let mut told = ReasonView::from(reason);
    if let Reason::Vetoed(person)
    | Reason::ApprovalVoid(person)
    | Reason::RoleFactsStale(person)
    | Reason::LineStopped { by: person, .. } = reason
        && let Some(name) = names.get(person)
    {
        told.sentence = told.sentence.replacen(person.as_str(), name, 1);
    }
    told
}

fn person_view(person: &PersonId, names: &BTreeMap<PersonId, String>) -> PersonView {
    PersonView { id: person.to_string(), name: names.get(person).cloned() }
}

fn gate_view(facts: &Facts, viewer: &PersonId, names: &BTreeMap<PersonId, String>) -> GateView {
    let yours = facts.your_seat(viewer).map(|seat| seat.name.as_str());
    let seats = facts
        .gate
        .seats
        .iter()
        .map(|filled| SeatView {
            name: filled.seat.name.clone(),
            because: filled.seat.because.clone(),
            by: filled.by.as_ref().map(|person| person_view(person, names)),
            signed_at: filled.by.as_ref().and_then(|p| facts.change.standing_of(p)).map(|a| a.signed_at),
            is_yours: yours == Some(filled.seat.name.as_str()),
        })
        .collect();
    // A change that ended is not "shut for a reason": its state says what became of it.
    let reasons = match facts.change.state {
        State::Held => facts.gate.reasons.iter().map(|reason| with_names(reason, names)).collect(),
        _ => Vec::new(),
    };
    GateView { is_open: facts.gate.is_open(), seats, reasons }
}

fn decided_view(decided: &Decided, is_confirmed: bool, now: DateTime<Utc>) -> DecidedView {
    let rule = |matched: &gatehouse_domain::changes::RuleMatched| RuleRow {
        rule: matched.rule.clone(),
        role: matched.role.to_string(),
        paths: matched.paths.clone(),
        more: matched.more.as_ref().and_then(|n| n.parse().ok()).unwrap_or(0),
    };
    DecidedView {
        policy_digest: decided.policy_digest.to_string(),
        rules: decided.rules.iter().map(rule).collect(),
        doubts: decided.doubts.iter().map(ToString::to_string).collect(),
        fault: decided.fault.map(|fault| fault.to_string()),
        freezes: decided.freezes.iter().map(ToString::to_string).collect(),
        wants: decided.wants.iter().map(|want| want_row(want, is_confirmed, now)).collect(),
    }
}

fn want_row(want: &Want, is_confirmed: bool, now: DateTime<Utc>) -> WantRow {
    let (word, tone) = match want.against(now) {
        None if want.by_person && is_confirmed => ("Confirmed", Tone::Ok),
        None if want.by_person => ("Not confirmed", Tone::Warn),
        None => ("Proved", Tone::Ok),
        Some(Reason::EvidenceLapsed(_)) => ("Too old", Tone::Warn),
        Some(_) => ("Missing", Tone::Bad),
    };
    WantRow {
        check: want.check.clone(),
        rule: want.rule.clone(),
        status: Status { word: word.to_owned(), tone },
        unmet: want.unmet.clone(),
        fresh_until: want.fresh_until,
        emergency_may_skip: want.emergency_may_skip,
    }
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
        "verdicts of jobs, reports and scan on this image",
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
        name: match reading.logins.get(&c.github_id.to_string()) {
            Some(login) => format!("{login} (account {})", c.github_id),
            None => format!("GitHub account {}", c.github_id),
        },
        parts: parts(&mut c.parts.iter().map(ToString::to_string)),
        doubt: change.contributors.unlisted.contains(&c.github_id).then(|| "Listed for nobody".to_owned()),
    });
    let unknown = (!change.contributors.unknown.is_empty()).then(|| ContributorRow {
        name: "Somebody whom no GitHub account identifies".to_owned(),
        parts: parts(&mut change.contributors.unknown.iter().map(ToString::to_string)),
        doubt: Some("No account".to_owned()),
    });
    known.chain(unknown).collect()
}

/// The run's jobs, those of their steps that did not succeed, and each report.
fn verdict_rows(reading: &Reading) -> Vec<VerdictRow> {
    let is_report =
        |check: &str| reading.seen.iter().any(|seen| check.strip_suffix(" report") == Some(seen.check.as_str()));
    let jobs = reading.verdicts.iter().filter(|v| !is_report(&v.check));
    let jobs = jobs.filter(|v| !v.check.contains(" / ") || v.result != "success").map(|v| VerdictRow {
        check: v.check.clone(),
        status: verdict(&v.result),
        said: None,
        made_at: None,
        url: None,
    });
    let reports = reading.seen.iter().map(|seen| VerdictRow {
        check: seen.check.clone(),
        status: verdict(&seen.result),
        said: Some(seen.said.clone()),
        made_at: seen.made_at,
        url: seen.url.clone(),
    });
    jobs.chain(reports).collect()
}

fn verdict(result: &str) -> Status {
    let (word, tone) = match result {
        "success" => ("Passed", Tone::Ok),
        "failure" | "timed_out" | "startup_failure" => ("Failed", Tone::Bad),
        "cancelled" => ("Cancelled", Tone::Warn),
        "skipped" | "neutral" => ("Skipped", Tone::Warn),
        "unfinished" => ("Running", Tone::Running),
        "missing" => ("Missing", Tone::Bad),
        _ => ("Unknown", Tone::Unknown),
    };
    Status { word: word.to_owned(), tone }
}

/// What people wrote beside their signatures, by signer and moment.
type Said = BTreeMap<(PersonId, DateTime<Utc>), String>;

async fn timeline(
    conn: &mut PgConnection,
    ctx: &Context,
    number: &ChangeNumber,
) -> Result<(Vec<TimelineRow>, Said), Error> {
    let (entries, names) = entries_about(conn, number.as_str()).await?;
    let mut rows = Vec::with_capacity(entries.len());
    let mut said = Said::new();
    for entry in &entries {
        let told = sentence(&entry.event, &names);
        let quote = match told.quote {
            Some(sealed) => open(conn, ctx, sealed).await?.filter(|text| !text.is_empty()),
            None => None,
        };
        if let (Actor::Person { id }, Some(words)) = (&entry.actor, &quote) {
            said.insert((id.clone(), entry.at), words.clone());
        }
        let actor = actor_name(&entry.actor, &names);
        rows.push(TimelineRow { at: entry.at, actor, what: told.what, tone: told.tone, quote });
    }
    Ok((rows, said))
}
