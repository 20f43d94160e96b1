//! A plan that somebody confirmed, where a test is about something else; and what holds while nobody did.

use crate::changes::store;
use crate::context::Context;
use crate::testing::TestPortal;
use crate::{audit, policy};
use gatehouse_domain::audit::Actor;
use gatehouse_domain::changes::planning::decide_confirm;
use gatehouse_domain::people::{Role, Signer};
use gatehouse_domain::{ChangeNumber, Decision};
use std::collections::BTreeSet;

/// Confirms the plan as it stands, in the name of somebody on call who does nothing else in these tests. Where it cannot be
/// confirmed, it stays as it is.
pub(crate) async fn confirm(ctx: &Context, number: &ChangeNumber) {
    let mut tx = ctx.db.begin().await.unwrap();
    policy::hold(&mut tx, ctx).await.unwrap();
    let change = store::lock_change(&mut tx, number).await.unwrap();
    let person: gatehouse_domain::PersonId = "E-1099".parse().unwrap();
    let roles = BTreeSet::from([Role::Oncall]);
    let signer = Signer {
        person: person.clone(),
        is_admitted: true,
        admitted_roles: roles.clone(),
        group_roles: roles,
        waiting_roles: BTreeSet::new(),
        facts_at: None,
        github_id: None,
        github_aliases: BTreeSet::new(),
        active_keys: BTreeSet::new(),
    };
    let Some(digest) = change.subject.rollback_plan_digest.known() else { return };
    if let Decision::Allow(permit) = decide_confirm(&change, &signer, digest) {
        audit::commit(&mut tx, ctx, &Actor::Person { id: person }, permit).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Two engineers signed and everything is proved: it is held until somebody says that the plan is right, and then it goes.
#[tokio::test(flavor = "multi_thread")]
async fn atk_18_nothing_goes_out_while_nobody_confirmed_the_plan() {
    let portal = TestPortal::start().await;
    let run = portal.twin.github().push_run(&twin::PushRun::of("score-api", "rohandas")).unwrap();
    let number = portal.ask_unconfirmed(run).await;
    let (asha, leela) = (portal.signer("E-1001").await, portal.signer("E-1003").await);
    asha.approve(&number).await.unwrap();
    leela.approve(&number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(run), "nobody said how to get out of it");
    let view = asha.change(&number).await;
    let codes: Vec<&str> = view.gate.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert_eq!(codes, ["plan_unconfirmed"]);
    assert_eq!(view.row.status.word, "Held · not all is proved");
    let plan = view.rollback.plan_digest.unwrap();
    let form = [("number", number.as_str()), ("plan_digest", plan.as_str())];
    assert!(asha.form("confirm_plan", &form, "application/json").await.status().is_success());
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(run));
}
