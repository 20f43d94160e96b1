//! What the change pages show and send.

use super::lane::{EmergencyView, LaneView};
use super::rollback::RollbackView;
use crate::policy::shape::DifferenceView;
use crate::shape::{Availability, PersonView, Status};
use chrono::{DateTime, Utc};
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::proof::SignatureBytes;
use gatehouse_domain::tone::Tone;
use serde::{Deserialize, Serialize};

/// A change in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRow {
    /// `CHG-2026-000123`.
    pub number: String,
    /// What is deployed.
    pub service: String,
    /// Where.
    pub environment: String,
    /// The pull request's or run's title (from GitHub: hostile text).
    pub title: String,
    /// Such as `Held · 1 of 2`.
    pub status: Status,
    /// Which seat the caller would fill, such as `Engineer 2`.
    pub your_seat: Option<String>,
    /// The caller would fill it as data protection officer: the row leads to the page for that.
    pub for_data_protection: bool,
    /// Such as `3 commits, 6 files`.
    pub size: String,
    /// Who is before it on the way, or waits behind it; nothing where it is alone.
    pub lane: Option<String>,
    /// Whether somebody marked its version: do not return to it.
    pub is_marked: bool,
    /// When GitHub asked.
    pub opened_at: DateTime<Utc>,
    /// When it ended, if it did.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Which changes; all of it lives in the query string.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeFilter {
    /// A state's code, such as `held`.
    pub state: Option<String>,
    /// A service's name.
    pub service: Option<String>,
    /// The last number of the page before (keyset).
    pub after: Option<String>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePage {
    /// Newest first.
    pub rows: Vec<ChangeRow>,
    /// Give this as `after` for the next page.
    pub next: Option<String>,
    /// Every configured service, for the filter.
    pub services: Vec<String>,
    /// Whether the caller may see how signatures are given.
    pub sees_habits: bool,
    /// Database time.
    pub as_of: DateTime<Utc>,
}

/// A change with everything that is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    /// As in lists.
    pub row: ChangeRow,
    /// Seats and what is in the way.
    pub gate: GateView,
    /// Whether a file that changes says something about people's data.
    pub has_data: bool,
    /// How the seats came about; a change from before policies were evaluated does not say.
    pub decided: Option<DecidedView>,
    /// Who else is on the way to the same place.
    pub lane: Option<LaneView>,
    /// The emergency lane, where there is something to say of it.
    pub emergency: Option<EmergencyView>,
    /// Of a change of the rules: what would be another thing.
    pub difference: Option<DifferenceView>,
    /// When the subject expires.
    pub expires_at: DateTime<Utc>,
    /// Where it comes from.
    pub origin: OriginView,
    /// Changed files against what production runs now.
    pub files: Vec<FileRow>,
    /// Whether that is all of them.
    pub files_complete: bool,
    /// Commits against what production runs now.
    pub commits: Vec<CommitRow>,
    /// What was proved about the build.
    pub verdicts: Vec<VerdictRow>,
    /// Every field of `S`, in order.
    pub subject: Vec<FieldRow>,
    /// The canonical bytes of `S`, as text: the browser computes the digest again.
    pub subject_bytes: String,
    /// The digest that keys sign.
    pub subject_digest: String,
    /// Its first 66 bits, to read aloud.
    pub six_words: Vec<String>,
    /// What is done if it goes wrong.
    pub rollback: RollbackView,
    /// Who had a part in making it, and so cannot approve.
    pub contributors: Vec<ContributorRow>,
    /// Every signature, fallen ones too.
    pub approvals: Vec<ApprovalRow>,
    /// Every audit entry about this change, oldest first.
    pub timeline: Vec<TimelineRow>,
    /// What the caller may do.
    pub actions: Actions,
    /// Database time.
    pub as_of: DateTime<Utc>,
}

/// Seats and reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateView {
    /// Open: nothing is in the way.
    pub is_open: bool,
    /// Every seat, in order.
    pub seats: Vec<SeatView>,
    /// All that keeps it shut.
    pub reasons: Vec<ReasonView>,
}

/// One seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatView {
    /// `Engineer 1`.
    pub name: String,
    /// Why it is asked.
    pub because: String,
    /// Who fills it.
    pub by: Option<PersonView>,
    /// When they signed.
    pub signed_at: Option<DateTime<Utc>>,
    /// The caller would fill this one.
    pub is_yours: bool,
}

/// What the policy made of the files that change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedView {
    /// The digest of the policy's files.
    pub policy_digest: String,
    /// The rules that matched.
    pub rules: Vec<RuleRow>,
    /// What stands against knowing all that changes.
    pub doubts: Vec<String>,
    /// Why the policy's answer does not count, if so.
    pub fault: Option<String>,
    /// Windows in which nothing goes out.
    pub freezes: Vec<String>,
    /// What must be proved.
    pub wants: Vec<WantRow>,
}

/// Something that must be proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantRow {
    /// What it is about (a policy's words, or a job's name).
    pub check: String,
    /// What must be so.
    pub rule: String,
    /// `Proved`, `Missing`, `Too old`.
    pub status: Status,
    /// Why it is not, and what to do about it (quotes what others wrote).
    pub unmet: Option<String>,
    /// Until when the proof is taken.
    pub fresh_until: Option<DateTime<Utc>>,
    /// Whether an emergency may go out without it.
    pub emergency_may_skip: bool,
}

/// A rule that matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRow {
    /// Its words.
    pub rule: String,
    /// Whom it asks.
    pub role: String,
    /// The first paths (hostile text).
    pub paths: Vec<String>,
    /// How many more.
    pub more: usize,
}

/// The run and the pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginView {
    /// `altscore/services`.
    pub repository: String,
    /// The run's number.
    pub run_id: String,
    /// Its attempt.
    pub attempt: String,
    /// The run on GitHub.
    pub run_url: String,
    /// The pull request's number and address.
    pub pull_request: Option<(u64, String)>,
    /// The commit.
    pub commit_sha: String,
    /// What production runs now, or why that is not known.
    pub base: String,
}

/// A changed file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRow {
    /// Where.
    pub path: String,
    /// Where it was, if it moved.
    pub previous_path: Option<String>,
    /// GitHub's word: `added`, `modified`, `removed`, `renamed`.
    pub status: String,
    /// Lines.
    pub additions: u64,
    /// Lines.
    pub deletions: u64,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitRow {
    /// Full SHA.
    pub sha: String,
    /// First line of the message (hostile text).
    pub title: String,
    /// The author's login or name (hostile text).
    pub author: String,
}

/// A verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRow {
    /// The check.
    pub check: String,
    /// The outcome, as a word and tone.
    pub status: Status,
    /// What was found, in a few words (quotes what others wrote).
    pub said: Option<String>,
    /// When it was made.
    pub made_at: Option<DateTime<Utc>>,
    /// Where it is.
    pub url: Option<String>,
}

/// A field of `S`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRow {
    /// `image digest`.
    pub name: String,
    /// The exact text that is signed.
    pub value: String,
    /// Where it comes from, in a few words.
    pub source: String,
    /// `Unknown` for a field that could not be read, `Neutral` otherwise.
    pub tone: Tone,
}

/// Somebody who had a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContributorRow {
    /// A name, login or GitHub id.
    pub name: String,
    /// Such as `author, last pusher`.
    pub parts: String,
    /// Why it is not certain who this is, which closes the gate.
    pub doubt: Option<String>,
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRow {
    /// Who.
    pub person: PersonView,
    /// `approve` or `reject`.
    pub decision: String,
    /// When.
    pub signed_at: DateTime<Utc>,
    /// Words beside it.
    pub comment: Option<String>,
    /// Struck through, with this cause.
    pub fell_because: Option<String>,
    /// Six words of the subject that was signed.
    pub six_words: Vec<String>,
    /// The signature itself, for whoever checks it.
    pub proof: SignatureBytes,
}

/// A line of the time line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineRow {
    /// When.
    pub at: DateTime<Utc>,
    /// Who, in a word: a name, `GitHub`, `Gatehouse`.
    pub actor: String,
    /// What, as the rest of the sentence.
    pub what: String,
    /// Its tone.
    pub tone: Tone,
    /// Words that a person wrote beside it.
    pub quote: Option<String>,
}

/// What the caller may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actions {
    /// Approve.
    pub approve: Availability,
    /// Reject: a veto.
    pub reject: Availability,
    /// Withdraw the caller's own decision.
    pub withdraw: Availability,
    /// End the change for good.
    pub close: Availability,
}

/// What the caller wants to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRequest {
    /// The change.
    pub number: String,
    /// `approve`, `reject`, `withdraw` or `close`.
    pub decision: String,
    /// At most 2,000 characters; may be empty for an approval.
    pub comment: String,
    /// The subject digest that the page showed: the caller signs what they read, or nothing.
    pub subject_digest: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionDone {
    /// Such as `Approved. 1 of 2 seats filled.`
    pub message: String,
}
