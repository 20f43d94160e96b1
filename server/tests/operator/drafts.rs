//! `gatehouse policy diff | replay` beside a portal that runs, and alone: the recorded changes are told to a draft.

use crate::machine::Machine;

/// The default policy, and a draft of it that also asks data protection of what changes the cluster.
const INFRASTRUCTURE: &str = r#""roles": ["security"]"#;
const MORE: &str = r#""roles": ["security", "dpo"]"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_told_the_recorded_changes_while_the_portal_runs() {
    let machine = Machine::new("drafts").await;
    let draft = machine.dir.join("draft");
    std::fs::create_dir(&draft).unwrap();
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies");
    for file in std::fs::read_dir(policies).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), draft.join(file.file_name())).unwrap();
    }
    let classes = std::fs::read_to_string(draft.join("classes.json")).unwrap();
    assert_eq!(classes.matches(INFRASTRUCTURE).count(), 1);
    let draft_of = draft.to_str().unwrap().to_owned();
    let (diff, replay) = (["policy", "diff", &draft_of], ["policy", "replay", "--policy", &draft_of]);

    let portal = machine.serve(&[]).await;
    machine.begin().await;
    let same = machine.run(&diff);
    assert_eq!(same.code, Some(0), "{same:?}");
    assert!(same.out.starts_with("The draft is the policy in force."), "{same:?}");

    std::fs::write(draft.join("classes.json"), classes.replace(INFRASTRUCTURE, MORE)).unwrap();
    let other = machine.run(&diff);
    assert_eq!(other.code, Some(0), "{other:?}");
    assert!(other.out.contains(&format!("+       {MORE}")), "{other:?}");
    let told = machine.run(&replay);
    let asked = |line: &&str| line.contains("admin-service") && line.contains("security, dpo");
    assert_eq!(told.out.lines().filter(asked).count(), 1, "{told:?}");
    assert!(told.out.contains(" changes: 1 would be decided otherwise, 0 that went out"), "{told:?}");
    // It went beside the portal, which has noticed nothing.
    assert_eq!(machine.notice().await, "");
    portal.stop().await;

    let alone = machine.run(&replay);
    assert_eq!(alone.out, told.out, "{alone:?}");
}
