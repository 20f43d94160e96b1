//! The real client against the twin's registry.

#![expect(clippy::unwrap_used, reason = "tests")]
use super::{AwsSettings, Client, Error};
use gatehouse_domain::ImageDigest;
use twin::world::{AWS_ACCOUNT, AWS_REGION};
use twin::{Options, PushRun, Twin};

const REPOSITORY: &str = "altscore/score-api";

fn settings(twin: &Twin) -> AwsSettings {
    let secrets = twin.secrets();
    AwsSettings {
        region: AWS_REGION.into(),
        account: AWS_ACCOUNT.into(),
        endpoint: Some(twin.urls().aws.parse().unwrap()),
        access_key: Some((secrets.aws_id, secrets.aws_secret.into())),
    }
}

async fn start() -> (Twin, Client) {
    let twin = Twin::start(Options::default()).await.unwrap();
    let client = Client::connect(&settings(&twin)).await.unwrap();
    (twin, client)
}

fn end(twin: &Twin) {
    assert_eq!(twin.unknown_routes(), Vec::<String>::new());
    assert_eq!(twin.faults().unspent(), Vec::<String>::new());
}

fn digest(digit: char) -> ImageDigest {
    format!("sha256:{}", digit.to_string().repeat(64)).parse().unwrap()
}

#[tokio::test]
async fn the_commits_tag_leads_to_the_image_and_back() {
    let (twin, aws) = start().await;
    let run = twin.github().push_run(&PushRun::of("score-api", "rohandas")).unwrap();
    let sha = twin.github().head_sha(run).unwrap();
    let image = aws.find_image_by_tag(REPOSITORY, &sha).await.unwrap().unwrap();
    assert_eq!(Some(image.digest.to_string()), twin.ecr().digest(REPOSITORY, &sha));
    assert_eq!(image.tags, [sha]);
    assert!(image.pushed_at.is_some());
    assert_eq!(aws.find_image_by_digest(REPOSITORY, &image.digest).await.unwrap(), Some(image));
    end(&twin);
}

#[tokio::test]
async fn a_moved_tag_names_another_image_and_a_removed_one_none() {
    let (twin, aws) = start().await;
    twin.ecr().push_image(REPOSITORY, "v1", digest('a').as_str());
    assert_eq!(aws.find_image_by_tag(REPOSITORY, "v1").await.unwrap().unwrap().digest, digest('a'));
    twin.ecr().move_tag(REPOSITORY, "v1", digest('b').as_str()).unwrap();
    assert_eq!(aws.find_image_by_tag(REPOSITORY, "v1").await.unwrap().unwrap().digest, digest('b'));
    twin.ecr().remove_tag(REPOSITORY, "v1");
    assert_eq!(aws.find_image_by_tag(REPOSITORY, "v1").await.unwrap(), None);
    // The bytes are still there, untagged.
    let untagged = aws.find_image_by_digest(REPOSITORY, &digest('a')).await.unwrap().unwrap();
    assert_eq!(untagged.tags, Vec::<String>::new());
    assert_eq!(aws.find_image_by_digest(REPOSITORY, &digest('c')).await.unwrap(), None);
    end(&twin);
}

#[tokio::test]
async fn another_account_or_repository_answers_nothing() {
    let (twin, aws) = start().await;
    twin.ecr().push_image(REPOSITORY, "v1", digest('a').as_str());
    let error = aws.find_image_by_tag("altscore/no-such", "v1").await.unwrap_err();
    assert_eq!(error.to_string(), "the registry has no repository altscore/no-such");
    let other = AwsSettings { account: "123456789012".into(), ..settings(&twin) };
    let error = Client::connect(&other).await.unwrap().find_image_by_tag(REPOSITORY, "v1").await.unwrap_err();
    assert!(matches!(error, Error::NoRepository { .. }), "{error:?}");
    end(&twin);
}

#[tokio::test]
async fn refusal_throttling_and_trouble_are_told_apart() {
    let (twin, aws) = start().await;
    twin.ecr().push_image(REPOSITORY, "v1", digest('a').as_str());
    let stranger = AwsSettings { access_key: Some(("AKIASTRANGER".into(), "hidden-secret".into())), ..settings(&twin) };
    let error = Client::connect(&stranger).await.unwrap().find_image_by_tag(REPOSITORY, "v1").await.unwrap_err();
    assert!(matches!(error, Error::Denied { .. }) && !error.is_retryable(), "{error:?}");
    assert!(!format!("{stranger:?} {error} {error:?}").contains("hidden-secret"));

    // One stumble is not noticed, two are said.
    twin.faults().fail("ecr.describe", 503, 1);
    assert!(aws.find_image_by_tag(REPOSITORY, "v1").await.unwrap().is_some());
    twin.faults().fail("ecr.describe", 500, 2);
    let error = aws.find_image_by_tag(REPOSITORY, "v1").await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }) && error.is_retryable(), "{error:?}");
    twin.faults().drop("ecr.describe", 2);
    let error = aws.find_image_by_tag(REPOSITORY, "v1").await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    twin.faults().clear();
    twin.faults().fail("ecr.describe", 429, 2);
    let error = aws.find_image_by_tag(REPOSITORY, "v1").await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }) && error.is_retryable(), "{error:?}");
    twin.faults().clear();

    let nobody = AwsSettings { endpoint: Some("http://127.0.0.1:1".parse().unwrap()), ..settings(&twin) };
    let error = Client::connect(&nobody).await.unwrap().find_image_by_tag(REPOSITORY, "v1").await.unwrap_err();
    assert_eq!(error.to_string(), "AWS did not answer when asked for the image tagged v1 in altscore/score-api");
    end(&twin);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_before_any_call() {
    let good = AwsSettings { region: AWS_REGION.into(), account: AWS_ACCOUNT.into(), endpoint: None, access_key: None };
    for account in ["", "21098765432", "2109876543210", "21098765432x", "२१०९८७६५४३२१"] {
        let refused = Client::connect(&AwsSettings { account: account.into(), ..good.clone() }).await.err().unwrap();
        assert!(matches!(refused, Error::Settings { .. }), "{account}");
    }
    let refused = Client::connect(&AwsSettings { region: String::new(), ..good }).await.err().unwrap();
    assert!(matches!(refused, Error::Settings { .. }));
}
