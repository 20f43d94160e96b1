//! What tests of pages need: shapes as the server sends them, and rendering as the server does it.

use crate::audit::shape::{AuditPage, AuditRow};
use crate::changes::shape::{
    Actions, ApprovalRow, ChangeRow, ChangeView, CommitRow, ContributorRow, DecidedView, FieldRow, FileRow, GateView,
    OriginView, RuleRow, SeatView, TimelineRow, VerdictRow, WantRow,
};
use crate::people::shape::{EndorsementRow, KeyRow, KeysView, RequestRow, RequestView};
use crate::shape::{Availability, Me, PersonView, ShellView, Status};
use chrono::{DateTime, Duration, Utc};
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::proof::SignatureBytes;
use gatehouse_domain::tone::Tone;
use gatehouse_domain::webauthn::PublicKey;
use leptos::prelude::*;

/// A title that tries to be markup and to turn the line round.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script> \u{202E}pord ot\u{202C} \u{200B}approve";

/// The moment of every sample.
pub(crate) fn as_of() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_087, 0).unwrap_or_default()
}

pub(crate) fn before(duration: Duration) -> DateTime<Utc> {
    as_of() - duration
}

pub(crate) fn reason(code: &str, sentence: &str) -> ReasonView {
    ReasonView { code: code.to_owned(), sentence: sentence.to_owned() }
}

pub(crate) fn refused(reasons: &[(&str, &str)]) -> Availability {
    Availability { reasons: reasons.iter().map(|(code, sentence)| reason(code, sentence)).collect() }
}

pub(crate) fn person(id: &str, name: &str) -> PersonView {
    PersonView { id: id.to_owned(), name: Some(name.to_owned()) }
}

pub(crate) fn shell() -> ShellView {
    ShellView {
        me: Some(Me {
            person: person("E-1001", "Asha Rao"),
            roles: vec!["Engineer".to_owned(), "On call".to_owned()],
            is_admitted: true,
            active_keys: 1,
        }),
        demo: Some("Demo: the outside world is simulated, and people's first keys and new roles count at once, without two others' endorsement. Nothing here reaches production.".to_owned()),
        notice: None,
        stopped: None,
        fire: None,
        needs_you: 2,
        log_origin: "localhost:8080/audit".to_owned(),
        as_of: as_of(),
    }
}

fn status(word: &str, tone: Tone) -> Status {
    Status { word: word.to_owned(), tone }
}

pub(crate) fn row() -> ChangeRow {
    ChangeRow {
        number: "CHG-2026-000004".to_owned(),
        service: "score-api".to_owned(),
        environment: "production".to_owned(),
        title: "Tighten the lender rate limit (#482)".to_owned(),
        status: status("Held · 1 of 2", Tone::Warn),
        your_seat: Some("Engineer 2".to_owned()),
        for_data_protection: false,
        size: "3 commits, 6 files".to_owned(),
        lane: None,
        is_marked: false,
        opened_at: before(Duration::minutes(134)),
        ended_at: None,
    }
}

fn file(path: &str, status: &str, additions: u64, deletions: u64) -> FileRow {
    FileRow { path: path.to_owned(), previous_path: None, status: status.to_owned(), additions, deletions }
}

fn field(name: &str, value: &str, source: &str) -> FieldRow {
    FieldRow { name: name.to_owned(), value: value.to_owned(), source: source.to_owned(), tone: Tone::Neutral }
}

/// Bytes that prove nothing: these samples are looked at, not believed.
fn proof() -> SignatureBytes {
    let text = |what: &str| format!("sample-{what}");
    SignatureBytes {
        subject: text("subject"),
        act: text("act"),
        key: "01990000-0000-7000-8000-00000000000a".to_owned(),
        credential_id: text("credential"),
        public_key: PublicKey::Ed25519 { x: [7; 32] },
        client_data_json: text("client-data"),
        authenticator_data: text("authenticator-data"),
        signature: text("signature"),
    }
}

fn line(minutes: i64, actor: &str, what: &str, tone: Tone, quote: Option<&str>) -> TimelineRow {
    TimelineRow {
        at: before(Duration::minutes(minutes)),
        actor: actor.to_owned(),
        what: what.to_owned(),
        tone,
        quote: quote.map(str::to_owned),
    }
}

pub(crate) fn words() -> Vec<String> {
    ["harbor", "slate", "ninety", "willow", "ember", "cobalt"].map(str::to_owned).to_vec()
}

/// Held, one seat filled, and the caller would fill the other.
pub(crate) fn change() -> ChangeView {
    let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    ChangeView {
        row: row(),
        lane: None,
        emergency: None,
        gate: GateView {
            is_open: false,
            seats: vec![
                SeatView { name: "Engineer 1".to_owned(), because: "any production change".to_owned(), by: Some(person("E-1003", "Leela Menon")), signed_at: Some(before(Duration::minutes(22))), is_yours: false },
                SeatView { name: "Engineer 2".to_owned(), because: "any production change".to_owned(), by: None, signed_at: None, is_yours: true },
            ],
            reasons: vec![reason("seat_empty", "Engineer 2 has not signed.")],
        },
        has_data: false,
        decided: Some(DecidedView {
            policy_digest: digest.to_owned(),
            rules: vec![RuleRow { rule: "any production change".to_owned(), role: "Engineer".to_owned(), paths: vec![], more: 0 }],
            doubts: vec![],
            fault: None,
            freezes: vec![],
            wants: vec![
                WantRow { check: "staging".to_owned(), rule: "Staging ran this very image".to_owned(), status: status("Proved", Tone::Ok), unmet: None, fresh_until: None, emergency_may_skip: true },
                WantRow { check: "trivy".to_owned(), rule: "Trivy finds nothing CRITICAL or HIGH in this image".to_owned(), status: status("Proved", Tone::Ok), unmet: None, fresh_until: Some(as_of() + Duration::hours(21)), emergency_may_skip: false },
                WantRow { check: "coverage".to_owned(), rule: "Tests cover at least 80 % of the lines".to_owned(), status: status("Missing", Tone::Bad), unmet: Some("The run left no coverage report. Let it upload coverage.json and run it again.".to_owned()), fresh_until: None, emergency_may_skip: false },
            ],
        }),
        difference: None,
        expires_at: as_of() + Duration::hours(69),
        origin: OriginView {
            repository: "altscore/services".to_owned(),
            run_id: "88360012".to_owned(),
            attempt: "1".to_owned(),
            run_url: "https://github.com/altscore/services/actions/runs/88360012".to_owned(),
            pull_request: Some((482, "https://github.com/altscore/services/pull/482".to_owned())),
            commit_sha: "a41e07c9d2f3b1c0a41e07c9d2f3b1c0a41e07c9".to_owned(),
            base: "3f9c1d2".to_owned(),
        },
        files: vec![
            file("services/score-api/src/limits.rs", "modified", 84, 12),
            file("services/score-api/migrations/0042_lender_limits.sql", "added", 41, 0),
            file("services/score-api/tests/limits.rs", "modified", 120, 3),
            FileRow { previous_path: Some("services/score-api/src/quota.rs".to_owned()), ..file("services/score-api/src/limits/quota.rs", "renamed", 2, 2) },
            file("services/score-api/src/old_limits.rs", "removed", 0, 96),
            file("services/score-api/deploy/values.yaml", "modified", 1, 1),
        ],
        files_complete: true,
        commits: vec![
            CommitRow { sha: "a41e07c9d2f3b1c0a41e07c9d2f3b1c0a41e07c9".to_owned(), title: "Tighten the lender rate limit".to_owned(), author: "rohandas".to_owned() },
            CommitRow { sha: "77b02fe9d2f3b1c0a41e07c9d2f3b1c0a41e07c9".to_owned(), title: "Move quotas beside limits".to_owned(), author: "rohandas".to_owned() },
            CommitRow { sha: "51aa9cc9d2f3b1c0a41e07c9d2f3b1c0a41e07c9".to_owned(), title: "Test the limit at its edge".to_owned(), author: "viyer".to_owned() },
        ],
        verdicts: vec![
            VerdictRow { check: "staging".to_owned(), status: status("Passed", Tone::Ok), said: None, made_at: None, url: None },
            VerdictRow { check: "trivy".to_owned(), status: status("Passed", Tone::Ok), said: Some("it found nothing that counts".to_owned()), made_at: Some(before(Duration::minutes(171))), url: Some("https://github.com/altscore/services/actions/runs/88360012/artifacts/7".to_owned()) },
            VerdictRow { check: "coverage".to_owned(), status: status("Unknown", Tone::Unknown), said: Some("the run left none".to_owned()), made_at: None, url: None },
        ],
        subject: vec![
            field("service", "score-api", "the configuration: repository and workflow"),
            field("environment", "production", "GitHub's question"),
            field("image digest", &format!("sha256:{digest}"), "ECR, for the tag that is the run's SHA"),
            field("commit SHA", "a41e07c9d2f3b1c0a41e07c9d2f3b1c0a41e07c9", "the run"),
            field("base SHA", "3f9c1d2bb2f3b1c0a41e07c9d2f3b1c0a41e07c9", "Kubernetes: what production runs now"),
            field("config digest", &format!("sha256:{digest}"), "the tree services/score-api/deploy"),
            field("migrations digest", &format!("sha256:{digest}"), "the tree services/score-api/migrations"),
            field("plan digest", "absent:no_infrastructure_plan", "not made for services"),
            FieldRow { tone: Tone::Unknown, ..field("evidence digest", "unreadable", "GitHub checks and ECR findings") },
            field("policy digest", &format!("sha256:{digest}"), "the governed configuration"),
            field("expires", "2026-11-25T10:48:07Z", "72 hours after it was made"),
        ],
        subject_bytes: "{\"tag\":\"gatehouse.subject.v1\"}".to_owned(),
        subject_digest: digest.to_owned(),
        six_words: words(),
        rollback: crate::changes::rollback::tests::drafted("Set deployment score-api in altscore-api back to the image of 3f9c1d2. Migration 0042 only adds a table; nothing reads it yet.".to_owned()),
        contributors: vec![
            ContributorRow { name: "rohandas".to_owned(), parts: "author, committer, last pusher, triggerer".to_owned(), doubt: None },
            ContributorRow { name: "viyer".to_owned(), parts: "co-author".to_owned(), doubt: None },
        ],
        approvals: vec![
            ApprovalRow { person: person("E-1003", "Leela Menon"), decision: "approve".to_owned(), signed_at: before(Duration::minutes(100)), comment: None, fell_because: Some("The commit a41e07c replaced 77b02fe: what was signed is not what would be released.".to_owned()), six_words: ["zoo", "abandon", "lend", "tower", "rib", "echo"].map(str::to_owned).to_vec(), proof: proof() },
            ApprovalRow { person: person("E-1003", "Leela Menon"), decision: "approve".to_owned(), signed_at: before(Duration::minutes(22)), comment: Some("Limits match the lender contract; migration only adds.".to_owned()), fell_because: None, six_words: words(), proof: proof() },
        ],
        timeline: vec![
            line(134, "GitHub", "asked for production on run 88360012", Tone::Running, None),
            line(134, "Gatehouse", "opened the change; two engineers must sign", Tone::Neutral, None),
            line(100, "Leela Menon", "approved with a key", Tone::Ok, None),
            line(61, "Gatehouse", "dropped an approval: commit a41e07c replaced 77b02fe", Tone::Warn, None),
            line(40, "Rohan Das", "tried to approve and was refused: had a part in it (author)", Tone::Bad, None),
            line(22, "Leela Menon", "approved with a key", Tone::Ok, Some("Limits match the lender contract; migration only adds.")),
        ],
        actions: Actions {
            approve: Availability::default(),
            reject: Availability::default(),
            withdraw: refused(&[("nothing_to_withdraw", "You have no standing decision on this to withdraw.")]),
            close: Availability::default(),
        },
        as_of: as_of(),
    }
}

/// The same, seen by its author, who also has no key.
pub(crate) fn change_of_author() -> ChangeView {
    let why = refused(&[
        ("contributed", "You had a part in this change (author and last pusher), so you cannot approve it."),
        ("no_key", "You have no active security key. Add one on the Keys page."),
    ]);
    let no_key = refused(&[("no_key", "You have no active security key. Add one on the Keys page.")]);
    let mut view = change();
    view.row.your_seat = None;
    view.gate.seats.iter_mut().for_each(|seat| seat.is_yours = false);
    view.actions = Actions {
        approve: why.clone(),
        reject: why,
        withdraw: refused(&[("nothing_to_withdraw", "You have no standing decision on this to withdraw.")]),
        close: no_key,
    };
    view
}

pub(crate) fn keys() -> KeysView {
    let key = |id: &str, name: &str, algorithm: &str, days: i64, used: Option<i64>, revoked: Option<i64>| KeyRow {
        id: id.to_owned(),
        name: name.to_owned(),
        algorithm: algorithm.to_owned(),
        enrolled_at: before(Duration::days(days)),
        last_used_at: used.map(|hours| before(Duration::hours(hours))),
        revoked_at: revoked.map(|days| before(Duration::days(days))),
        status: revoked.map_or_else(|| status("Active", Tone::Ok), |_| status("Revoked", Tone::Neutral)),
        waits: None,
    };
    KeysView {
        keys: vec![
            key("k1", "Blue YubiKey, on the key ring", "ES256", 190, Some(3), None),
            key("k2", "Spare, in the safe", "EdDSA", 41, None, None),
            key("k3", "Old black key", "ES256", 700, Some(4_000), Some(192)),
        ],
        enrol: Availability::default(),
        needs_endorsement: false,
        needs_first_key: true,
        as_of: as_of(),
    }
}

pub(crate) fn request() -> RequestView {
    RequestView {
        row: RequestRow {
            id: "01890000-0000-7000-9000-000000000001".to_owned(),
            person: person("E-1008", "Nikhil Joshi"),
            what: "a security key".to_owned(),
            asked_at: before(Duration::hours(3)),
            status: status("Endorsed by 1 of 2", Tone::Warn),
            is_yours: true,
        },
        subject: vec![
            ("person".to_owned(), "Nikhil Joshi (E-1008)".to_owned()),
            ("roles on the list".to_owned(), "Engineer".to_owned()),
        ],
        digest: "8fa3aab2faa9b79e0a0398da5b5abd0780142442a5be80b9a64608d718cb1fcd".to_owned(),
        six_words: words(),
        endorsements: vec![EndorsementRow {
            person: person("E-1001", "Asha Rao"),
            signed_at: before(Duration::hours(1)),
        }],
        counts_from: None,
        expires_at: Some(as_of() + Duration::days(6)),
        approve: Availability::default(),
        refuse: Availability::default(),
        can_withdraw: false,
        as_of: as_of(),
    }
}

pub(crate) fn audit() -> AuditPage {
    let row = |n: i64, actor: &str, act: &str, what: &str, about: &str, href: Option<&str>, tone: Tone| AuditRow {
        id: format!("01990000-0000-7000-8000-00000000000{n}"),
        at: before(Duration::minutes(n * 17)),
        actor: actor.to_owned(),
        actor_id: "E-1001".to_owned(),
        act: act.to_owned(),
        what: what.to_owned(),
        about: about.to_owned(),
        about_href: href.map(str::to_owned),
        tone,
        leaf_hash: "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8".to_owned(),
        bytes: format!(
            r#"{{"about":"{about}","act":"{act}","actor":"{actor}","id":"01990000","ord":"0","tag":"gatehouse.audit-entry.v1","tx":"81{n}"}}"#
        ),
    };
    let chg = Some("/changes/CHG-2026-000004");
    AuditPage {
        rows: vec![
            row(1, "Leela Menon", "changes.approved", "approved with a key", "CHG-2026-000004", chg, Tone::Ok),
            row(
                2,
                "Rohan Das",
                "changes.decision_refused",
                "tried to approve and was refused: had a part in it (author)",
                "CHG-2026-000004",
                chg,
                Tone::Bad,
            ),
            row(
                3,
                "Gatehouse",
                "changes.subject_replaced",
                "dropped an approval: commit a41e07c replaced 77b02fe",
                "CHG-2026-000004",
                chg,
                Tone::Warn,
            ),
            row(4, "Asha Rao", "people.key_enrolled", "enrolled a key", "E-1001", None, Tone::Neutral),
            row(
                5,
                "GitHub",
                "changes.opened",
                "asked for production on run 88360012",
                "CHG-2026-000004",
                chg,
                Tone::Running,
            ),
        ],
        next: Some("810".to_owned()),
        actors: vec![person("E-1001", "Asha Rao"), PersonView { id: "E-1009".to_owned(), name: None }],
        unclear: None,
        acts: ["changes.approved", "changes.opened", "people.key_enrolled"].map(str::to_owned).to_vec(),
        as_of: as_of(),
    }
}

/// Renders as the server does.
pub(crate) fn html<V: IntoView + 'static>(view: impl FnOnce() -> V) -> String {
    let owner = Owner::new();
    let html = owner.with(|| {
        leptos_meta::provide_meta_context();
        view().into_view().to_html()
    });
    assert_nests(&html);
    html
}

/// A browser ends a paragraph before these, and the page that it then has is not the one that WASM looks for.
const ENDS_A_PARAGRAPH: [&str; 18] = [
    "<article",
    "<aside",
    "<details",
    "<div",
    "<dl",
    "<fieldset",
    "<form",
    "<h1",
    "<h2",
    "<h3",
    "<header",
    "<nav",
    "<ol",
    "<p>",
    "<pre",
    "<section",
    "<table",
    "<ul",
];

fn assert_nests(html: &str) {
    for paragraph in html.split("<p").skip(1).filter(|text| text.starts_with([' ', '>'])) {
        let inside = paragraph.split("</p>").next().unwrap_or_default();
        let broken = ENDS_A_PARAGRAPH.iter().find(|tag| inside.contains(**tag));
        assert_eq!(broken, None, "a paragraph holds what ends it: <p{inside}");
    }
}

/// The words only: comments fall out, every tag separates.
pub(crate) fn words_of(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        out.push_str(text);
        let end = if tag.starts_with("!--") { "-->" } else { ">" };
        out.push_str(if tag.starts_with('!') { "" } else { " " });
        rest = tag.split_once(end).map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}
