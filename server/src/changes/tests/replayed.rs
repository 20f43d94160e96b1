//! A draft is told what the policy was told: whom it would have asked, what it would have stopped.

use crate::policy::{Bundle, Outcome, replay};
use crate::testing::TestPortal;
use twin::{Edit, PushRun};

fn draft(name: &str, rego: &str) -> Bundle {
    let folder = std::env::temp_dir().join(format!("gatehouse-draft-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("p.rego"), rego).unwrap();
    let bundle = Bundle::read(&folder).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    bundle
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_changes_are_told_to_a_draft() {
    let portal = TestPortal::start().await;
    let out = portal.held("score-api", "rohandas").await;
    for person in ["E-1001", "E-1003"] {
        portal.signer(person).await.approve(&out.number).await.unwrap();
    }
    portal.run_jobs().await;
    assert!(portal.twin.github().job_released(out.run));
    let edits = vec![Edit::Write("services/score-api/terraform/a.tf".to_owned(), "x\n".to_owned())];
    let terraform = portal.held_by(&PushRun { edits, ..PushRun::of("score-api", "rohandas") }).await;

    // The same policy says the same, and writes nothing.
    let watch = portal.watch().await;
    let same = replay(&portal.ctx, &Bundle::built_in(), 50).await.unwrap();
    assert_eq!(
        same.iter().map(|row| row.number.as_str()).collect::<Vec<_>>(),
        [terraform.number.as_str(), out.number.as_str()]
    );
    assert!(same.iter().all(|row| row.outcome == Outcome::Same), "{same:?}");
    assert!(same[0].asked.contains(&"security".to_owned()) && same[0].asked == same[0].would_ask, "{same:?}");

    // One that knows no infrastructure, and asks the DPO for everything.
    let asks = "{\"rule\": \"any\", \"role\": \"engineer\", \"seats\": 2, \"paths\": []}, {\"rule\": \"all\", \"role\": \"dpo\", \"seats\": 1, \"paths\": []}";
    let other = format!(
        "package gatehouse.promotion\n\nresult := {{\"schema\": \"gatehouse.policy.result/v2\", \"asks\": [{asks}], \"freezes\": [], \"wants\": []}}\n"
    );
    let told = replay(&portal.ctx, &draft("other", &other), 50).await.unwrap();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let held = Outcome::Differs { more: words(&["dpo"]), fewer: words(&["security"]), stopped: false };
    assert_eq!(told[0].outcome, held);
    assert_eq!(told[1].outcome, Outcome::Differs { more: words(&["dpo"]), fewer: vec![], stopped: true });

    let broken = replay(&portal.ctx, &draft("broken", "package gatehouse.promotion\n\nresult := {"), 50).await.unwrap();
    assert!(
        broken
            .iter()
            .all(|row| matches!(&row.outcome, Outcome::Stopped { because } if because == "it does not compile"))
    );
    sqlx::query("DELETE FROM policy_inputs").execute(&portal.db.owner).await.unwrap();
    let gone = replay(&portal.ctx, &Bundle::built_in(), 50).await.unwrap();
    assert!(gone.iter().all(|row| row.outcome == Outcome::NotKept && row.would_ask.is_empty()));
    watch.saw_nothing().await;
}
