//! ATK-15: the rules are bent instead of a promotion. A file decides nothing, two people are not everybody, whoever proposes
//! signs nothing, and going back is a change as well.

use super::rules::{everybody, sign};
use crate::testing::{Browser, TestPortal, put_policy};

const DEFAULT: &str = include_str!("../../../../policies/gatehouse.rego");
/// Asks for one engineer only.
const ONE: &str = "package gatehouse.promotion\n\nresult := {\"schema\": \"gatehouse.policy.result/v1\", \"asks\": [{\"rule\": \"any\", \"role\": \"engineer\", \"seats\": 1, \"paths\": []}], \"freezes\": []}\n";

/// Edited to need one approval, deployed, put back: the file is no rule, however often the portal starts.
#[tokio::test(flavor = "multi_thread")]
async fn atk_15_the_file_is_edited_to_need_one_approval_then_put_back() {
    let mut portal = TestPortal::start_with_policy(DEFAULT).await;
    let held = portal.held("score-api", "rohandas").await;
    portal.edit_config(|text| put_policy(text, ONE));
    portal.restart().await;
    portal.signer("E-1001").await.approve(&held.number).await.unwrap();
    let state = portal.state().await;
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run));
    assert_eq!(portal.state().await, state, "neither seats nor subject became others");
    portal.edit_config(|text| put_policy(text, DEFAULT));
    portal.restart().await;
    assert_eq!(portal.browser("E-1001").await.change(&held.number).await.gate.seats.len(), 2);
}

/// The two engineers who would approve the promotion approve the policy too: it takes everybody else as well.
#[tokio::test(flavor = "multi_thread")]
async fn atk_15_the_policy_is_approved_by_the_same_two_people() {
    let portal = TestPortal::start().await;
    portal.edit_config(|text| *text = text.replace("altscore-dpo", "altscore-engineers"));
    let ishaan = portal.signer("E-1031").await;
    let number = ishaan.propose().await.unwrap();
    for person in ["E-1001", "E-1003"] {
        portal.signer(person).await.approve(&number).await.unwrap();
    }
    portal.run_jobs().await;
    // Who proposed it had a part in it, and a third engineer has no seat.
    let watch = portal.watch().await;
    assert_eq!(ishaan.approve(&number).await.unwrap_err().code, "contributed");
    watch.saw_one_refusal("contributed").await;
    let tara = portal.signer("E-1032").await;
    let watch = portal.watch().await;
    assert_eq!(tara.approve(&number).await.unwrap_err().code, "no_free_seat");
    watch.saw_one_refusal("no_free_seat").await;
    let watch = portal.watch().await;
    crate::changes::execute(&portal.ctx, &number).await.unwrap();
    watch.saw_nothing().await;
    let empty = tara.change(&number).await.gate.reasons.iter().filter(|r| r.code == "seat_empty").count();
    assert_eq!(empty, 3, "security, data protection and the guardrail committee");
}

/// Somebody whom the list does not admit writes themselves into the file: under the rules in force they are nobody.
#[tokio::test(flavor = "multi_thread")]
async fn atk_15_the_admitted_list_is_edited_to_add_oneself() {
    let mut portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let row = "\n[[admitted]]\nperson = \"E-1008\"\nroles = [\"engineer\", \"security\", \"dpo\"]\ngithub_id = 50008\n";
    portal.edit_config(|text| text.push_str(row));
    portal.restart().await;
    let nikhil = portal.browser("E-1008").await;
    for attempt in 0..2 {
        let watch = portal.watch().await;
        let refused = match attempt {
            0 => nikhil.approve(&held.number).await.unwrap_err(),
            _ => nikhil.propose().await.unwrap_err(),
        };
        assert!(refused.reasons.iter().any(|r| r.code == "not_admitted"), "{refused:?}");
        watch.saw_one_refusal("not_admitted").await;
    }
}

/// What nobody's file says, what is in force, what is proposed already, what was read before other rules came into force.
#[tokio::test(flavor = "multi_thread")]
async fn atk_15_a_proposal_of_something_else_than_was_read() {
    let portal = TestPortal::start().await;
    let ishaan = portal.signer("E-1031").await;
    let (base, other) = (portal.ctx.policy_digest.to_string(), "7".repeat(64));
    for (from, to, code) in [
        (&base, &other, "proposal_unknown"),
        (&base, &base, "proposal_in_force"),
        (&other, &base, "configuration_moved"),
        (&base, &"x".to_owned(), "body_malformed"),
    ] {
        let watch = portal.watch().await;
        let refused = ishaan.begin_proposal(from, to).await.unwrap_err();
        assert!(refused.reasons.iter().any(|r| r.code == code), "{code}: {refused:?}");
        watch.saw_one_refusal(code).await;
    }
    portal.edit_config(|text| *text = text.replace("altscore-dpo", "altscore-everybody"));
    let proposed = ishaan.policy().await.proposal.unwrap().digest;
    // Two begin, one has it: the second touch opens no second change.
    let (first, second) = (
        ishaan.begin_proposal(&base, &proposed).await.unwrap(),
        ishaan.begin_proposal(&base, &proposed).await.unwrap(),
    );
    ishaan.finish_proposal(&first).await.unwrap();
    let watch = portal.watch().await;
    assert_eq!(ishaan.finish_proposal(&second).await.unwrap_err().code, "proposal_open");
    watch.saw_one_refusal("proposal_open").await;
    let watch = portal.watch().await;
    assert_eq!(ishaan.finish_proposal(&first).await.unwrap_err().code, "ceremony_unknown");
    watch.saw_one_refusal("ceremony_unknown").await;
}

/// Rules that nobody could ever replace, and a policy that gives no answer, are never put to anybody.
#[tokio::test(flavor = "multi_thread")]
async fn atk_15_rules_that_lock_everybody_out() {
    let portal = TestPortal::start().await;
    let ishaan = portal.signer("E-1031").await;
    let original = std::cell::RefCell::new(String::new());
    portal.edit_config(|text| {
        original.replace(text.clone());
        *text = text.replace("\"security\"]", "\"engineer\"]");
    });
    let watch = portal.watch().await;
    assert_eq!(ishaan.propose().await.unwrap_err().code, "proposal_locks_out");
    watch.saw_one_refusal("proposal_locks_out").await;
    portal.edit_config(|text| {
        *text = original.take();
        put_policy(text, "package gatehouse.promotion\n\nresult := {");
    });
    let watch = portal.watch().await;
    assert_eq!(ishaan.propose().await.unwrap_err().code, "proposal_faulty");
    watch.saw_one_refusal("proposal_faulty").await;
}

/// Of two proposals one comes into force; what was signed for the other was from rules that are over. Going back to the
/// first is a change as well: it takes everybody again.
#[tokio::test(flavor = "multi_thread")]
async fn atk_15_two_proposals_at_once_and_the_way_back() {
    let mut portal = TestPortal::start().await;
    let first_rules = portal.ctx.policy_digest.clone();
    let ishaan = portal.signer("E-1031").await;
    portal.edit_config(|text| *text = text.replace("altscore-dpo", "altscore-dpo-one"));
    let one = ishaan.propose().await.unwrap();
    portal.edit_config(|text| *text = text.replace("altscore-dpo-one", "altscore-dpo"));
    portal.edit_config(|text| *text = text.replace("altscore-audit", "altscore-auditors"));
    let other = ishaan.propose().await.unwrap();
    let everybody = everybody(&portal).await;
    sign(&portal, &everybody[1..], &one).await;
    sign(&portal, &everybody, &other).await;
    let ([asha, ..], ishaan) = (everybody.map(Browser::keep), ishaan.keep());
    let stale = portal.ctx.clone();
    assert!(portal.renew().await);
    assert_ne!(portal.ctx.policy_digest, first_rules);

    // A replica that has not noticed decides nothing, and the loser takes no last signature.
    let watch = portal.watch().await;
    crate::changes::execute(&stale, &one).await.unwrap();
    crate::changes::assess(&stale, &one).await.unwrap_err();
    watch.saw_nothing().await;
    let asha = asha.at(&portal);
    let watch = portal.watch().await;
    assert_eq!(asha.approve(&one).await.unwrap_err().code, "policy_changed");
    watch.saw_one_refusal("policy_changed").await;
    crate::changes::sweep(&portal.ctx).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(portal.acts_about(one.as_str()).await.last(), Some(&"changes.superseded"));

    portal.edit_config(|text| *text = text.replace("altscore-auditors", "altscore-audit"));
    let ishaan = ishaan.at(&portal);
    assert_eq!(ishaan.policy().await.proposal.unwrap().digest, first_rules.as_str());
    let back = ishaan.propose().await.unwrap();
    assert_eq!(ishaan.change(&back).await.row.status.word, "Held · 0 of 5");
}
