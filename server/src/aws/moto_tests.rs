//! Somebody else's registry: moto, which AWS' own users test with, gives the same answers through our client as the twin.

#![expect(clippy::unwrap_used, reason = "tests")]
use super::{AwsSettings, Client, Scan};
use gatehouse_domain::ImageDigest;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use twin::world::{AWS_ACCOUNT, AWS_REGION};
use twin::{Options, PushRun, Twin};

const REPOSITORY: &str = "altscore/score-api";
/// What moto finds in every image.
const FOUND: (&str, &str) = ("CVE-9999-9999", "HIGH");

/// What must be so of a registry that holds one scanned image under this tag.
async fn answers_as_expected(aws: &Client, tag: &str) {
    let image = aws.find_image_by_tag(REPOSITORY, tag).await.unwrap().unwrap();
    assert_eq!(image.tags, [tag]);
    assert!(image.pushed_at.is_some());
    assert_eq!(aws.find_image_by_digest(REPOSITORY, &image.digest).await.unwrap().as_ref(), Some(&image));
    assert_eq!(aws.find_image_by_tag(REPOSITORY, "another").await.unwrap(), None);
    let none: ImageDigest = format!("sha256:{}", "0".repeat(64)).parse().unwrap();
    assert_eq!(aws.find_image_by_digest(REPOSITORY, &none).await.unwrap(), None);
    let Scan { status, completed_at, findings, counted } =
        aws.find_scan(REPOSITORY, &image.digest).await.unwrap().unwrap();
    assert_eq!((status.as_str(), counted), ("COMPLETE", 1));
    assert!(completed_at.is_some());
    assert!(findings.contains(&(FOUND.0.to_owned(), FOUND.1.to_owned())), "{findings:?}");
    assert_eq!(aws.find_scan(REPOSITORY, &none).await.unwrap(), None);
    let listed = aws.list_images(REPOSITORY).await.unwrap();
    let listed = listed.iter().find(|listed| listed.digest == image.digest).unwrap();
    assert_eq!((&listed.tags, Some(listed.pushed_at)), (&image.tags, image.pushed_at));
    let missing = aws.list_images("altscore/no-such").await.unwrap_err();
    assert_eq!(missing.to_string(), "the registry has no repository altscore/no-such");
    let missing = aws.find_image_by_tag("altscore/no-such", tag).await.unwrap_err();
    assert_eq!(missing.to_string(), "the registry has no repository altscore/no-such");
    let missing = aws.find_scan("altscore/no-such", &image.digest).await.unwrap_err();
    assert_eq!(missing.to_string(), "the registry has no repository altscore/no-such");
}

#[tokio::test]
async fn the_twins_registry_answers_as_expected() {
    let twin = Twin::start(Options::default()).await.unwrap();
    let run = twin.github().push_run(&PushRun::of("score-api", "rohandas")).unwrap();
    let sha = twin.github().head_sha(run).unwrap();
    twin.ecr().set_findings(REPOSITORY, &twin.ecr().digest(REPOSITORY, &sha).unwrap(), &[FOUND]);
    let secrets = twin.secrets();
    let settings = AwsSettings {
        region: AWS_REGION.into(),
        account: AWS_ACCOUNT.into(),
        endpoint: Some(twin.urls().aws.parse().unwrap()),
        access_key: Some((secrets.aws_id, secrets.aws_secret.into())),
    };
    let aws = Client::connect(&settings).await.unwrap();
    answers_as_expected(&aws, &sha).await;
    // The whole of a registry's list says how large and how well looked at each image is; moto's says neither.
    let listed = aws.list_images(REPOSITORY).await.unwrap();
    let listed = listed.iter().find(|listed| listed.tags == [sha.as_str()]).unwrap();
    assert_eq!((listed.scan.as_deref(), listed.findings.get("HIGH")), (Some("COMPLETE"), Some(&1)));
    assert!(listed.size.is_some_and(|size| size > 0) && listed.scanned_at.is_some());
    assert_eq!(twin.unknown_routes(), Vec::<String>::new());
}

/// Ends with the test.
struct Moto(Child);

impl Drop for Moto {
    fn drop(&mut self) {
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

#[tokio::test]
#[ignore = "needs moto from PyPI; `cargo xtask test` brings it and runs this"]
async fn motos_registry_answers_as_expected() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let moto = std::env::var_os("MOTO").unwrap();
    let mut server = Command::new("python3");
    server
        .env("PYTHONPATH", moto)
        .args(["-m", "moto.server", "-p", &port.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let _moto = Moto(server.spawn().unwrap());
    let settings = AwsSettings {
        region: AWS_REGION.into(),
        account: "123456789012".into(),
        endpoint: Some(format!("http://127.0.0.1:{port}").parse().unwrap()),
        access_key: Some(("AKIAMOTO".into(), "moto".to_owned().into())),
    };
    let aws = Client::connect(&settings).await.unwrap();
    let mut tries = 300;
    while aws.ecr.create_repository().repository_name(REPOSITORY).send().await.is_err() {
        tries -= 1;
        assert!(tries > 0, "moto did not start");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let manifest =
        r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{},"layers":[]}"#;
    let tag = "a41e07c9d2f3b1c0a41e07c9d2f3b1c0a41e07c9";
    aws.ecr.put_image().repository_name(REPOSITORY).image_manifest(manifest).image_tag(tag).send().await.unwrap();
    let id = aws_sdk_ecr::types::ImageIdentifier::builder().image_tag(tag).build();
    let scanned = aws.ecr.start_image_scan().repository_name(REPOSITORY).image_id(id).send().await.unwrap();
    assert!(scanned.image_scan_status().is_some());
    answers_as_expected(&aws, tag).await;
}
