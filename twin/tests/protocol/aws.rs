use aws_sdk_ecr::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_ecr::error::ProvideErrorMetadata;
use aws_sdk_ecr::types::ImageIdentifier;
use aws_sdk_ecr::{Client, Config};
use twin::{PushRun, Twin};

use super::twin;

fn client(twin: &Twin, id: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-south-1"))
        .endpoint_url(twin.urls().aws)
        .credentials_provider(Credentials::new(id, twin.secrets().aws_secret, None, None, "test"))
        .http_client(
            aws_smithy_http_client::Builder::new()
                .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
                    aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring,
                ))
                .build_https(),
        )
        .build();
    Client::from_conf(config)
}

#[tokio::test]
async fn the_tag_of_a_run_names_its_digest() {
    let twin = twin().await;
    let run = twin.github().push_run(&PushRun::of("score-api", "rohandas")).unwrap();
    let sha = twin.github().head_sha(run).unwrap();
    let ecr = client(&twin, &twin.secrets().aws_id);
    let by_tag = ImageIdentifier::builder().image_tag(&sha).build();
    let found =
        ecr.describe_images().repository_name("altscore/score-api").image_ids(by_tag.clone()).send().await.unwrap();
    let image = &found.image_details()[0];
    assert_eq!(image.image_digest(), twin.ecr().digest("altscore/score-api", &sha).as_deref());
    assert_eq!((image.registry_id(), image.image_tags()), (Some("210987654321"), &[sha.clone()][..]));
    assert!(image.image_pushed_at().unwrap().secs() > 0);
    let scan = ecr
        .describe_image_scan_findings()
        .repository_name("altscore/score-api")
        .image_id(by_tag.clone())
        .send()
        .await
        .unwrap();
    assert_eq!(scan.image_scan_status().unwrap().status().unwrap().as_str(), "COMPLETE");
    twin.ecr().remove_tag("altscore/score-api", &sha);
    let missing =
        ecr.describe_images().repository_name("altscore/score-api").image_ids(by_tag).send().await.unwrap_err();
    assert!(missing.into_service_error().is_image_not_found_exception());
    let nowhere = ecr.describe_images().repository_name("altscore/nothing").send().await.unwrap_err();
    assert!(nowhere.into_service_error().is_repository_not_found_exception());
    assert_eq!(ecr.describe_repositories().send().await.unwrap().repositories().len(), 7);
    assert!(twin.unknown_routes().is_empty());
}

#[tokio::test]
async fn another_key_is_not_known() {
    let twin = twin().await;
    let refused = client(&twin, "AKIAANOTHER").describe_repositories().send().await.unwrap_err();
    assert_eq!(refused.into_service_error().code(), Some("UnrecognizedClientException"));
    let unsigned = reqwest::Client::new()
        .post(twin.urls().aws)
        .header("x-amz-target", "AmazonEC2ContainerRegistry_V20150921.DescribeImages")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(unsigned.status(), 400);
    assert_eq!(unsigned.headers()["x-amzn-errortype"], "MissingAuthenticationTokenException");
}
