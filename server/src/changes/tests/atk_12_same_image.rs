//! ATK-12: the same image, and something else around it. What is signed is all of it.

use crate::testing::{Held, TestPortal};
use gatehouse_domain::changes::Change;
use twin::{Edit, PushRun};

const VALUES: &str = "services/score-api/deploy/values-production.yaml";

async fn change(portal: &TestPortal, held: &Held) -> Change {
    let mut conn = portal.ctx.db.acquire().await.unwrap();
    crate::changes::store::get_change(&mut conn, &held.number).await.unwrap()
}

/// A promotion whose tag names this image, with these edits.
async fn with_image(portal: &TestPortal, image: &str, edits: Vec<Edit>) -> Held {
    let run = portal.twin.github().push_run(&PushRun { edits, ..PushRun::of("score-api", "rohandas") }).unwrap();
    let sha = portal.twin.github().head_sha(run).unwrap();
    portal.twin.ecr().push_image("altscore/score-api", &sha, image);
    Held { run, number: portal.ask(run).await }
}

fn write(path: &str, text: &str) -> Edit {
    Edit::Write(path.to_owned(), text.to_owned())
}

/// A replica count, a reference to a secret, a feature flag, a migration: each with the very image that was approved
/// before. Every one is another subject, and a signature for the first is worth nothing for it.
#[tokio::test(flavor = "multi_thread")]
async fn atk_12_same_digest_with_other_values_or_another_migration() {
    let portal = TestPortal::start().await;
    let image = format!("sha256:{}", "ab".repeat(32));
    let first = with_image(&portal, &image, vec![write(VALUES, "replicas: 3\n")]).await;
    let asha = portal.signer("E-1001").await;
    let ceremony = asha.begin(&first.number, "approve").await.unwrap();
    let signature = asha.touch(&ceremony);
    let approved = change(&portal, &first).await.subject;
    for (what, edit) in [
        ("replicas", write(VALUES, "replicas: 4\n")),
        ("secret", write(VALUES, "replicas: 3\nsecretRef: other\n")),
        ("flag", write("services/score-api/deploy/flags.yaml", "newScore: true\n")),
        ("migration", write("services/score-api/migrations/0999_drop.sql", "DROP TABLE scores;\n")),
    ] {
        let other = with_image(&portal, &image, vec![edit]).await;
        let subject = change(&portal, &other).await.subject;
        assert_eq!(subject.image_digest, approved.image_digest, "{what}: another image proves nothing here");
        let differs =
            (subject.config_digest != approved.config_digest, subject.migrations_digest != approved.migrations_digest);
        assert_ne!(differs, (false, false), "{what} is not in what is signed");
        let begun = asha.begin(&other.number, "approve").await.unwrap();
        let watch = portal.watch().await;
        assert_eq!(asha.finish(&begun, &signature).await.unwrap_err().code, "signature_invalid", "{what}");
        watch.saw_one_refusal("signature_invalid").await;
        assert!(!portal.twin.github().job_released(other.run));
    }
}
