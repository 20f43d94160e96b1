//! ATK-09, ATK-13: what changes decides who signs. A file that is moved, buried, or in another repository is asked for
//! like every other; what cannot be told asks everybody.

use crate::testing::{Held, TestPortal};
use twin::{Edit, PushRun};

const ENGINEERS: [&str; 2] = ["Engineer 1", "Engineer 2"];
const EVERYBODY: [&str; 5] = ["Engineer 1", "Engineer 2", "Security", "Data protection officer", "Guardrail committee"];
const TERRAFORM: &str = "services/score-api/terraform/bucket.tf";

fn write(path: &str) -> Edit {
    Edit::Write(path.to_owned(), "x = 1\n".to_owned())
}

fn pushing(edits: Vec<Edit>) -> PushRun {
    PushRun { edits, ..PushRun::of("score-api", "rohandas") }
}

/// Production runs a commit that holds these files.
async fn with(edits: Vec<Edit>) -> TestPortal {
    let portal = TestPortal::start().await;
    run_in_production(&portal, &pushing(edits));
    portal
}

fn run_in_production(portal: &TestPortal, push: &PushRun) {
    let run = portal.twin.github().push_run(push).unwrap();
    let sha = portal.twin.github().head_sha(run).unwrap();
    let digest = portal.twin.ecr().digest("altscore/score-api", &sha).unwrap();
    let image = format!("210987654321.dkr.ecr.ap-south-1.amazonaws.com/altscore/score-api@{digest}");
    portal.twin.kubernetes().set_image("altscore-api", "score-api", "score-api", &image).unwrap();
}

/// Two engineers sign; a third is refused, and nothing goes out while these seats are empty. Then their holders sign.
async fn asks(portal: &TestPortal, held: &Held, seats: &[&str]) {
    let asha = portal.signer("E-1001").await;
    let view = asha.change(&held.number).await;
    let names: Vec<&str> = view.gate.seats.iter().map(|seat| seat.name.as_str()).collect();
    assert_eq!(names, seats, "{:?}", view.decided);
    asha.approve(&held.number).await.unwrap();
    portal.signer("E-1003").await.approve(&held.number).await.unwrap();
    portal.run_jobs().await;
    assert!(!portal.twin.github().job_released(held.run), "two engineers released it");
    let ishaan = portal.signer("E-1031").await;
    let watch = portal.watch().await;
    assert_eq!(ishaan.approve(&held.number).await.unwrap_err().code, "no_free_seat");
    watch.saw_one_refusal("no_free_seat").await;
    for (seat, person) in
        [("Security", "E-1004"), ("Data protection officer", "E-1005"), ("Guardrail committee", "E-1006")]
    {
        if seats.contains(&seat) {
            assert!(!portal.twin.github().job_released(held.run), "released without {seat}");
            portal.signer(person).await.approve(&held.number).await.unwrap();
            portal.run_jobs().await;
        }
    }
    assert!(portal.twin.github().job_released(held.run), "all have signed");
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_13_a_terraform_file_is_renamed_out_of_its_directory() {
    let portal = with(vec![write(TERRAFORM)]).await;
    let moved = vec![Edit::Delete(TERRAFORM.to_owned()), write("services/score-api/notes/bucket.txt")];
    let held = portal.held_by(&pushing(moved)).await;
    let view = portal.browser("E-1001").await.change(&held.number).await;
    assert_eq!(view.files.len(), 1, "GitHub calls it one renamed file: {:?}", view.files);
    asks(&portal, &held, &["Engineer 1", "Engineer 2", "Security"]).await;
}

/// Of 301 files GitHub lists 300, sorted: the one that matters is the last.
#[tokio::test(flavor = "multi_thread")]
async fn atk_09_an_infrastructure_file_is_buried_as_the_301st() {
    let portal = TestPortal::start().await;
    let mut edits: Vec<Edit> =
        (0..300).map(|n| write(&format!("services/score-api/app/generated/{n:03}.py"))).collect();
    edits.push(write("services/score-api/zz/main.tf"));
    let held = portal.held_by(&pushing(edits)).await;
    let view = portal.browser("E-1001").await.change(&held.number).await;
    assert!(!view.files_complete && view.files.iter().all(|file| !file.path.ends_with(".tf")));
    asks(&portal, &held, &["Engineer 1", "Engineer 2", "Security"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_09_many_harmless_files_are_told_from_the_trees() {
    let portal = TestPortal::start().await;
    let edits = (0..301).map(|n| write(&format!("services/score-api/app/generated/{n:03}.py"))).collect();
    let held = portal.held_by(&pushing(edits)).await;
    let view = portal.browser("E-1001").await.change(&held.number).await;
    let names: Vec<&str> = view.gate.seats.iter().map(|seat| seat.name.as_str()).collect();
    assert_eq!(names, ENGINEERS);
}

/// One line changes; what it brings is in another repository, where nobody here looked.
#[tokio::test(flavor = "multi_thread")]
async fn atk_13_a_submodule_is_moved() {
    let lib = |n: char| Edit::Submodule("services/score-api/vendor/lib".to_owned(), n.to_string().repeat(40));
    let portal = with(vec![lib('1')]).await;
    let held = portal.held_by(&pushing(vec![lib('2'), write("services/score-api/app/x.py")])).await;
    let view = portal.browser("E-1001").await.change(&held.number).await;
    let told = view.decided.unwrap();
    assert!(told.doubts.iter().any(|doubt| doubt.contains("vendor/lib")), "{told:?}");
    asks(&portal, &held, &EVERYBODY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_13_a_workflow_is_edited_in_the_released_commit() {
    let portal = TestPortal::start().await;
    let held = portal.held_by(&pushing(vec![write(".github/workflows/other.yml")])).await;
    asks(&portal, &held, &EVERYBODY).await;
}

/// GitHub cuts the list of a large repository short: the gate stays shut while it does, and everybody is asked.
#[tokio::test(flavor = "multi_thread")]
async fn atk_09_a_list_that_is_cut_short_asks_everybody() {
    let portal = TestPortal::start().await;
    portal.twin.github().truncate_trees(true);
    let edits = (0..301).map(|n| write(&format!("services/score-api/app/generated/{n:03}.py"))).collect();
    let held = portal.held_by(&pushing(edits)).await;
    let asha = portal.signer("E-1001").await;
    let view = asha.change(&held.number).await;
    let names: Vec<&str> = view.gate.seats.iter().map(|seat| seat.name.as_str()).collect();
    assert_eq!(names, EVERYBODY);
    assert_eq!(view.decided.unwrap().doubts, ["GitHub cuts the list of files short"]);
    // Until it is told whole, and then it asks for what the files ask.
    portal.twin.github().truncate_trees(false);
    portal.advance(chrono::Duration::seconds(1)).await;
    portal.let_jobs_try_again().await;
    assert_eq!(asha.change(&held.number).await.gate.seats.len(), 2);
}

/// The comparison is there and the trees are not: not known is not "nothing".
#[tokio::test(flavor = "multi_thread")]
async fn atk_09_an_outage_while_files_are_listed_opens_nothing() {
    let lib = |n: char| Edit::Submodule("services/score-api/vendor/lib".to_owned(), n.to_string().repeat(40));
    let portal = with(vec![lib('1')]).await;
    portal.twin.faults().fail("github.tree", 503, 40);
    let held = portal.held_by(&pushing(vec![lib('2')])).await;
    let view = portal.browser("E-1001").await.change(&held.number).await;
    assert_eq!(
        (view.gate.seats.len(), view.decided.unwrap().doubts),
        (5, vec!["GitHub did not say which files change".to_owned()])
    );
    portal.twin.faults().clear();
    portal.advance(chrono::Duration::seconds(1)).await;
    portal.let_jobs_try_again().await;
    // Another subject came; its plan is confirmed for what it is now.
    portal.confirm(&held.number).await;
    asks(&portal, &held, &EVERYBODY).await;
}

/// A commit that lies behind what production runs: what going there takes out is in no list of GitHub's.
#[tokio::test(flavor = "multi_thread")]
async fn atk_13_going_back_asks_everybody() {
    let portal = TestPortal::start().await;
    let older = portal.twin.github().push_run(&pushing(vec![write("services/score-api/app/x.py")])).unwrap();
    run_in_production(&portal, &pushing(vec![write(TERRAFORM)]));
    let number = portal.ask(older).await;
    let view = portal.browser("E-1001").await.change(&number).await;
    let told = view.decided.unwrap();
    assert_eq!(
        (view.gate.seats.len(), told.doubts.as_slice()),
        (5, &["the commit does not follow what production runs".to_owned()][..])
    );
}

/// What protects a pod is a value, and its file is no template: what is in it says who signs.
#[tokio::test(flavor = "multi_thread")]
async fn atk_13_a_security_context_is_weakened_in_the_deploy_values() {
    const VALUES: &str = "services/score-api/deploy/values-production.yaml";
    let values = |text: &str| vec![Edit::Write(VALUES.to_owned(), text.to_owned())];
    let portal = with(values("replicas: 3\npodSecurityContext: { runAsNonRoot: true }\n")).await;
    let held = portal.held_by(&pushing(values("replicas: 4\npodSecurityContext: { runAsNonRoot: true }\n"))).await;
    let view = portal.browser("E-1001").await.change(&held.number).await;
    let names: Vec<&str> = view.gate.seats.iter().map(|seat| seat.name.as_str()).collect();
    assert_eq!(names, ENGINEERS, "more replicas protect no less");

    let portal = with(values("replicas: 3\npodSecurityContext: { runAsNonRoot: true }\n")).await;
    let held = portal.held_by(&pushing(values("replicas: 3\npodSecurityContext: { runAsNonRoot: false }\n"))).await;
    asks(&portal, &held, &["Engineer 1", "Engineer 2", "Security"]).await;

    // Nobody can tell what is in it.
    let portal = with(values("replicas: 3\n")).await;
    let held = portal.held_by(&pushing(values("replicas: [3\n"))).await;
    asks(&portal, &held, &["Engineer 1", "Engineer 2", "Security"]).await;
}
