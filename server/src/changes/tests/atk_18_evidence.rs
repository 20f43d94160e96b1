//! ATK-18: a step is skipped, or its proof is forged, renamed, stale, about something else or a bomb. The gate stays shut,
//! says which proof is missing in one sentence, and the entry of what was asked says so too.

use crate::testing::{Browser, Held, TestPortal};
use chrono::Duration;
use gatehouse_domain::ChangeNumber;
use gatehouse_domain::audit::Event;
use gatehouse_domain::changes::Requirement;
use std::io::{Cursor, Write};
use twin::{GithubModel, PushRun, RunId};

const DEFAULT: &str = include_str!("../../../../policies/gatehouse.rego");

/// What was asked for, by the newest entry that says it.
async fn asked(portal: &TestPortal, number: &ChangeNumber) -> Requirement {
    let of = |event: Event| match event {
        Event::ChangeOpened(e) if e.number == *number => Some(e.requirement),
        Event::SubjectReplaced(e) if e.number == *number => e.requirement,
        _ => None,
    };
    portal.entries().await.into_iter().rev().find_map(|entry| of(entry.event)).unwrap()
}

/// A run whose evidence is tampered with before production asks.
async fn tampered(portal: &TestPortal, tamper: impl FnOnce(&GithubModel, RunId)) -> Held {
    let github = portal.twin.github();
    let run = github.push_run(&PushRun::of("score-api", "rohandas")).unwrap();
    tamper(&github, run);
    let number = portal.ask(run).await;
    Held { run, number }
}

/// Two engineers with keys.
async fn engineers(portal: &TestPortal) -> [Browser<'_>; 2] {
    [portal.signer("E-1001").await, portal.signer("E-1003").await]
}

/// Two engineers sign, and nothing goes out: these proofs are missing, and the page and the entry say why.
async fn stays_shut(portal: &TestPortal, people: &[Browser<'_>], held: &Held, checks: &[&str], says: &str) {
    for person in people {
        person.approve(&held.number).await.unwrap();
    }
    portal.run_jobs().await;
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().answers(held.run).is_empty(), "released without {checks:?}");
    let view = people[0].change(&held.number).await;
    let told: Vec<_> = view.gate.reasons.iter().filter(|reason| reason.code == "evidence_wanting").collect();
    assert_eq!((told.len(), view.gate.reasons.len()), (checks.len(), checks.len()), "{:?}", view.gate.reasons);
    assert!(told.iter().all(|reason| reason.sentence.contains(says)), "{says}: {told:?}");
    assert_eq!(view.row.status.word, "Held · not all is proved");
    let asked = asked(portal, &held.number).await;
    let missing: Vec<&str> =
        asked.wants().filter(|want| want.unmet.is_some()).map(|want| want.check.as_str()).collect();
    assert_eq!(missing, checks);
    let rows: Vec<_> = view.decided.unwrap().wants.into_iter().filter(|row| row.unmet.is_some()).collect();
    assert_eq!(rows.iter().map(|row| row.check.as_str()).collect::<Vec<_>>(), checks);
    assert_eq!(
        portal.acts_about(held.number.as_str()).await,
        ["changes.opened", "changes.approved", "changes.approved"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_18_a_report_about_another_image_proves_nothing() {
    let portal = TestPortal::start().await;
    let people = engineers(&portal).await;
    let older = portal.twin.github().push_run(&PushRun::of("score-api", "rohandas")).unwrap();
    let held = tampered(&portal, |github, run| github.lend_report(older, run, "trivy.json").unwrap()).await;
    stays_shut(&portal, &people, &held, &["trivy"], "it is about another image").await;
    // Staging was green for an older commit.
    let held = tampered(&portal, |github, run| github.lend_report(older, run, "staging.json").unwrap()).await;
    stays_shut(&portal, &people, &held, &["staging"], "it is about another image").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_18_an_artifact_of_another_attempt_proves_nothing() {
    let portal = TestPortal::start().await;
    let people = engineers(&portal).await;
    let held = tampered(&portal, |github, run| github.leave_from_before(run, "evidence-build").unwrap()).await;
    stays_shut(&portal, &people, &held, &["trivy"], "only another attempt left one").await;
    let held = tampered(&portal, |github, run| github.claim_artifact(run, "evidence-build").unwrap()).await;
    stays_shut(&portal, &people, &held, &["trivy"], "only another attempt left one").await;
    // Green the first time and failed the second: the second counts.
    let held = tampered(&portal, |github, run| {
        github.rerun(run, "rohandas").unwrap();
        github.edit_report(run, "bandit.json", |_| None).unwrap();
    })
    .await;
    stays_shut(&portal, &people, &held, &["bandit"], "only another attempt left one").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_18_what_another_app_says_is_no_check() {
    let portal = TestPortal::start().await;
    let people = engineers(&portal).await;
    let held = tampered(&portal, |github, run| {
        github.conclude(run, "staging", "failure").unwrap();
        github.say_check(run, "helpful-ci", "staging", "success").unwrap();
    })
    .await;
    stays_shut(&portal, &people, &held, &["staging"], "staging is failure").await;
    // A job of which GitHub Actions itself says otherwise.
    let held = tampered(&portal, |github, _| github.doubt_checks(true)).await;
    stays_shut(&portal, &people, &held, &["build", "commit", "integration", "load-test", "smoke", "staging"], ".")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_18_a_required_check_is_renamed_neutral_or_skipped() {
    let portal = TestPortal::start().await;
    let people = engineers(&portal).await;
    let held = tampered(&portal, |github, run| github.rename_job(run, "staging", "staging-later").unwrap()).await;
    stays_shut(&portal, &people, &held, &["integration", "load-test", "smoke", "staging"], "the run has no staging")
        .await;
    for conclusion in ["neutral", "skipped"] {
        let held = tampered(&portal, |github, run| github.conclude(run, "staging", conclusion).unwrap()).await;
        stays_shut(&portal, &people, &held, &["staging"], conclusion).await;
        let skip = |github: &GithubModel, run| github.conclude_step(run, "staging", "smoke", conclusion).unwrap();
        let held = tampered(&portal, skip).await;
        stays_shut(&portal, &people, &held, &["smoke"], conclusion).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_18_an_archive_that_is_none_or_a_bomb_or_gone_proves_nothing() {
    let portal = TestPortal::start().await;
    let people = engineers(&portal).await;
    let build = "evidence-build";
    let held = tampered(&portal, |github, run| github.set_archive(run, build, b"no zip".to_vec()).unwrap()).await;
    stays_shut(&portal, &people, &held, &["trivy"], "it is no ZIP that can be read").await;
    let held = tampered(&portal, |github, run| github.set_archive(run, build, bomb()).unwrap()).await;
    stays_shut(&portal, &people, &held, &["trivy"], "it unpacks to more than Gatehouse takes").await;
    let held = tampered(&portal, |github, run| github.set_archive(run, build, vec![0; (8 << 20) + 1]).unwrap()).await;
    stays_shut(&portal, &people, &held, &["trivy"], "it is larger than Gatehouse takes").await;
    let held = tampered(&portal, |github, run| github.expire_artifact(run, build).unwrap()).await;
    stays_shut(&portal, &people, &held, &["trivy"], "it has expired").await;
}

fn bomb() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("trivy.json", zip::write::SimpleFileOptions::default()).unwrap();
    let zeros = vec![b'0'; 1 << 20];
    (0..17).for_each(|_| writer.write_all(&zeros).unwrap());
    writer.finish().unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_18_a_report_in_another_shape_proves_nothing() {
    let portal = TestPortal::start().await;
    let people = engineers(&portal).await;
    for report in [r#"{"result": "passed"}"#.to_owned(), "[".repeat(200_000)] {
        let held =
            tampered(&portal, |github, run| github.edit_report(run, "trivy.json", |_| Some(report)).unwrap()).await;
        stays_shut(&portal, &people, &held, &["trivy"], "it is not of the documented shape").await;
    }
    let held = tampered(&portal, |github, run| github.edit_report(run, "coverage.json", |_| None).unwrap()).await;
    stays_shut(&portal, &people, &held, &["coverage"], "the run left none").await;
    let found = |text: String| Some(text.replace("MEDIUM", "CRITICAL"));
    let held = tampered(&portal, |github, run| github.edit_report(run, "trivy.json", found).unwrap()).await;
    stays_shut(&portal, &people, &held, &["trivy"], "it found CVE-2026-1042").await;
}

/// The registry does not let it pass by itself: an unfinished scan clears nothing.
#[tokio::test(flavor = "multi_thread")]
async fn atk_18_a_scan_that_is_not_complete_proves_nothing() {
    let portal = TestPortal::start().await;
    let people = engineers(&portal).await;
    for status in ["IN_PROGRESS", "FAILED", "UNSUPPORTED_IMAGE"] {
        let held = tampered(&portal, |github, run| {
            let digest = portal.twin.ecr().digest("altscore/score-api", &github.head_sha(run).unwrap()).unwrap();
            portal.twin.ecr().set_scan("altscore/score-api", &digest, status);
        })
        .await;
        stays_shut(&portal, &people, &held, &["registry-scan"], "scan is not complete").await;
    }
}

/// GitHub is away while the evidence is read: nothing is known, nobody's signature falls, and it is read when it is back.
#[tokio::test(flavor = "multi_thread")]
async fn atk_18_evidence_that_cannot_be_read_opens_nothing_and_is_read_again() {
    let portal = TestPortal::start().await;
    portal.twin.faults().fail("github.artifacts", 503, 4);
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let watch = portal.watch().await;
    let refused = asha.approve(&held.number).await.unwrap_err();
    assert!(refused.reasons.iter().any(|r| r.code == "field_unreadable" && r.sentence.contains("evidence")));
    watch.saw_one_refusal("field_unreadable").await;
    portal.twin.faults().clear();
    portal.let_jobs_try_again().await;
    asha.approve(&held.number).await.unwrap();
    // At the last look it is away again: the job waits, and approvals stand.
    portal.twin.faults().fail("ecr.findings", 500, 1000);
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run));
    assert!(asha.change(&held.number).await.approvals.iter().all(|approval| approval.fell_because.is_none()));
    portal.twin.faults().clear();
    portal.let_jobs_try_again().await;
    assert!(portal.twin.github().job_released(held.run));
    // Three archives, fetched once each, however often it was looked.
    assert_eq!(portal.twin.faults().calls("github.stored"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_18_a_newer_scan_finds_something_critical_and_approvals_fall() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&held.number).await.unwrap();
    let sha = portal.twin.github().head_sha(held.run).unwrap();
    let digest = portal.twin.ecr().digest("altscore/score-api", &sha).unwrap();
    portal.twin.ecr().set_findings("altscore/score-api", &digest, &[("CVE-2026-9999", "CRITICAL")]);
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "a CRITICAL went out");
    let view = asha.change(&held.number).await;
    let causes: Vec<_> = view.approvals.iter().filter_map(|approval| approval.fell_because.as_deref()).collect();
    assert_eq!(causes, ["evidence, what registry-scan found changed"; 2]);
    let told = view.gate.reasons.iter().find(|reason| reason.code == "evidence_wanting").unwrap();
    assert!(told.sentence.contains("it found CVE-2026-9999"), "{told:?}");
    // It is mended, Gatehouse looks again by itself, and both sign what there is now.
    portal.twin.ecr().set_findings("altscore/score-api", &digest, &[]);
    portal.advance(Duration::minutes(6)).await;
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
}

/// A proof is good for so long. Then nothing goes out until the same is proved again, and nobody has to sign again.
#[tokio::test(flavor = "multi_thread")]
async fn atk_18_a_stale_scan_opens_nothing_and_a_newer_one_does() {
    let two_hours = DEFAULT.replace("\"fresh_hours\": 24", "\"fresh_hours\": 2");
    assert_ne!(two_hours, DEFAULT);
    let portal = TestPortal::start_with_policy(&two_hours).await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    portal.advance(Duration::hours(3)).await;
    asha.sign_in_again().await;
    leela.sign_in_again().await;
    asha.approve(&held.number).await.unwrap();
    leela.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run));
    let codes: Vec<String> = asha.change(&held.number).await.gate.reasons.into_iter().map(|r| r.code).collect();
    assert_eq!(codes, ["evidence_lapsed"]);
    // The registry looks every six hours.
    portal.advance(Duration::hours(3)).await;
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(held.run));
    let acts = portal.acts_about(held.number.as_str()).await;
    assert_eq!(acts.iter().filter(|act| **act == "changes.evidence_renewed").count(), 1, "{acts:?}");
    assert!(!acts.contains(&"audit.refused") && !acts.contains(&"changes.subject_replaced"), "{acts:?}");
    super::lawful::all_is_lawful(&portal, &held).await;
}
