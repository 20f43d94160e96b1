//! Where does each field of `S` come from? Each test moves one thing in the outside world and looks at one field.

use crate::testing::{Held, TestPortal};
use gatehouse_domain::changes::{Change, Field, Source};
use twin::{Edit, PushRun};

async fn change(portal: &TestPortal, held: &Held) -> Change {
    let mut conn = portal.ctx.db.acquire().await.unwrap();
    super::super::store::get_change(&mut conn, &held.number).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_is_read_from_its_source() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let subject = change(&portal, &held).await.subject;
    let head = portal.twin.github().head_sha(held.run).unwrap();
    assert_eq!(subject.service.as_str(), "score-api");
    assert_eq!(subject.environment.as_str(), "production");
    assert_eq!(subject.commit_sha.as_str(), head);
    assert_eq!(subject.image_digest.to_string(), portal.twin.ecr().digest("altscore/score-api", &head).unwrap());
    let running = portal.twin.kubernetes().image("altscore-api", "score-api", "score-api").unwrap();
    let base = subject.base_sha.known().unwrap().clone();
    let digest_of_base = portal.twin.ecr().digest("altscore/score-api", base.as_str()).unwrap();
    assert!(running.ends_with(&digest_of_base), "{running} is not {digest_of_base}");
    assert!(matches!(subject.config_digest, Field::Known(_)));
    assert_eq!(subject.plan_digest.to_string(), "absent:not_infrastructure");
    assert_eq!(subject.rollback_plan_digest.known(), Some(&change(&portal, &held).await.rollback_plan.digest()));
    assert!(matches!(subject.evidence_digest, Field::Known(_)));
    assert_eq!(subject.policy_digest, portal.ctx.config.digest());
    let opened = portal.entries().await.iter().find(|e| e.event.act() == "changes.opened").unwrap().at;
    assert_eq!(subject.expires_at - opened, gatehouse_domain::changes::SUBJECT_LIFETIME);
    assert!(subject.unreadable().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn values_and_migrations_move_their_own_field_only() {
    let portal = TestPortal::start().await;
    let plain = change(&portal, &portal.held("score-api", "rohandas").await).await.subject;
    let mut values = PushRun::of("score-api", "rohandas");
    values.edits = vec![Edit::Write("services/score-api/deploy/values-production.yaml".into(), "replicas: 9\n".into())];
    let values = change(&portal, &portal.held_by(&values).await).await.subject;
    assert_ne!(values.config_digest, plain.config_digest);
    assert_eq!(values.migrations_digest, plain.migrations_digest);
    let mut migration = PushRun::of("score-api", "rohandas");
    migration.edits = vec![Edit::Write("services/score-api/migrations/0999_new.sql".into(), "SELECT 1;\n".into())];
    let migration = change(&portal, &portal.held_by(&migration).await).await.subject;
    assert_ne!(migration.migrations_digest, values.migrations_digest);
    assert_eq!(migration.config_digest, values.config_digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_migrations_says_so() {
    let portal = TestPortal::start().await;
    let mut found = None;
    for service in ["consent-service", "admin-service", "notification-service", "audit-service", "erp-ingestion"] {
        let subject = change(&portal, &portal.held(service, "rohandas").await).await.subject;
        if subject.migrations_digest.to_string() == "absent:no_migrations" {
            found = Some(service);
            break;
        }
    }
    assert!(found.is_some(), "every service of the twin has migrations");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_production_yet_is_absent_and_shuts_the_gate_until_history_can_be_told() {
    let portal = TestPortal::start().await;
    portal.twin.kubernetes().remove("altscore-api", "score-api");
    let held = portal.held("score-api", "rohandas").await;
    let change = change(&portal, &held).await;
    assert_eq!(change.subject.base_sha.to_string(), "absent:first_release");
    assert!(!change.contributors.unknown.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_named_and_is_read_again_when_the_source_is_back() {
    let portal = TestPortal::start().await;
    portal.twin.faults().fail("ecr.describe", 500, 1000);
    let held = portal.held("score-api", "rohandas").await;
    let before = change(&portal, &held).await.subject;
    assert_eq!(before.image_digest, Field::Unreadable(Source::Ecr));
    assert_eq!(before.base_sha, Field::Unreadable(Source::Ecr));
    let asha = portal.signer("E-1001").await;
    assert!(asha.approve(&held.number).await.unwrap_err().reasons.iter().any(|r| r.code == "field_unreadable"));
    portal.twin.faults().clear();
    portal.let_jobs_try_again().await;
    assert!(change(&portal, &held).await.subject.unreadable().is_empty());
    asha.approve(&held.number).await.unwrap();
}
