//! ECR's wire: every call is `POST /` and says what it wants in `X-Amz-Target`. The signature is not checked, but it
//! must be there and name the right key, so a client without credentials is noticed.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::Image;
use crate::faults;
use crate::state::Shared;
use crate::value::{at, with};
use crate::world::{AWS_ACCOUNT, AWS_REGION, registry};

const TARGET: &str = "AmazonEC2ContainerRegistry_V20150921.";
const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

pub(crate) fn router(shared: &Shared) -> Router {
    Router::new()
        .route("/", post(call))
        .fallback(faults::unknown("aws"))
        .method_not_allowed_fallback(faults::unknown("aws"))
        .with_state(shared.clone())
}

struct Refusal(&'static str, String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let kind = HeaderValue::from_static(self.0);
        let body = json!({ "__type": self.0, "message": self.1 }).to_string();
        (
            StatusCode::BAD_REQUEST,
            [(header::CONTENT_TYPE, CONTENT_TYPE), (header::HeaderName::from_static("x-amzn-errortype"), kind)],
            body,
        )
            .into_response()
    }
}

async fn call(State(shared): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let action = target.strip_prefix(TARGET).unwrap_or_default();
    // Which of them an image is, and which there are, can fail by themselves.
    let is_list = action == "DescribeImages" && !body.contains("\"imageIds\"");
    let name = match action {
        "DescribeImages" if is_list => "ecr.list",
        "DescribeImages" => "ecr.describe",
        "DescribeRepositories" => "ecr.repositories",
        "DescribeImageScanFindings" => "ecr.findings",
        "BatchGetImage" => "ecr.batch_get",
        _ => {
            shared.note_unknown(format!("aws: {target}"));
            let body = json!({ "__type": "UnknownOperationException", "message": format!("the twin does not model `{target}`") });
            return (StatusCode::NOT_IMPLEMENTED, axum::Json(body)).into_response();
        }
    };
    faults::under(&shared, name, async {
        match answer(&shared, &headers, action, &body) {
            Ok(value) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], value.to_string()).into_response(),
            Err(refusal) => refusal.into_response(),
        }
    })
    .await
}

fn answer(shared: &Shared, headers: &HeaderMap, action: &str, body: &str) -> Result<Value, Refusal> {
    let signed = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let credential = signed
        .strip_prefix("AWS4-HMAC-SHA256 ")
        .and_then(|rest| rest.split("Credential=").nth(1))
        .and_then(|rest| rest.split('/').next());
    match credential {
        None => {
            return Err(Refusal("MissingAuthenticationTokenException", "Missing Authentication Token".to_owned()));
        }
        Some(id) if id != shared.secrets.aws_id => {
            return Err(Refusal(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.".to_owned(),
            ));
        }
        Some(_) => {}
    }
    let input: Value =
        serde_json::from_str(body).map_err(|error| Refusal("SerializationException", error.to_string()))?;
    let now = shared.now();
    let model = shared.model();
    let repositories = &model.ecr.repositories;
    match action {
        "DescribeRepositories" => describe_repositories(repositories, &input),
        "DescribeImages" => describe_images(repositories, &input, now),
        "DescribeImageScanFindings" => describe_findings(repositories, &input, now),
        _ => batch_get_image(repositories, &input),
    }
}

type Repositories = BTreeMap<String, Vec<Image>>;

fn images<'a>(repositories: &'a Repositories, input: &Value) -> Result<(String, &'a [Image]), Refusal> {
    let name = at(input, "repositoryName").as_str().unwrap_or_default();
    let account = at(input, "registryId").as_str().unwrap_or(AWS_ACCOUNT);
    let found = repositories.get(name).filter(|_| account == AWS_ACCOUNT);
    let message = || format!("The repository with name '{name}' does not exist in the registry with id '{account}'");
    found
        .map(|images| (name.to_owned(), images.as_slice()))
        .ok_or_else(|| Refusal("RepositoryNotFoundException", message()))
}

fn pick<'a>(repository: &str, images: &'a [Image], id: &Value) -> Result<&'a Image, Refusal> {
    let (tag, digest) = (at(id, "imageTag").as_str(), at(id, "imageDigest").as_str());
    let matches = |image: &&Image| {
        tag.is_none_or(|tag| image.tags.iter().any(|known| known == tag))
            && digest.is_none_or(|digest| image.digest == digest)
    };
    let message = || {
        format!(
            "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository with name '{repository}' in the registry with id '{AWS_ACCOUNT}'",
            digest.unwrap_or("null"),
            tag.unwrap_or("null")
        )
    };
    let named = tag.is_some() || digest.is_some();
    images.iter().find(matches).filter(|_| named).ok_or_else(|| Refusal("ImageNotFoundException", message()))
}

/// When an image was scanned last: forty seconds after it was pushed, and every six hours from then on.
fn scanned_at(image: &Image, now: DateTime<Utc>) -> i64 {
    let first = image.pushed_at.timestamp() + 40;
    let since = (now.timestamp() - first).max(0);
    first + since - since % (6 * 3600)
}

fn image_json(repository: &str, image: &Image, now: DateTime<Utc>) -> Value {
    let count = |severity: &str| image.findings.iter().filter(|(_, known)| known == severity).count();
    let counts: BTreeMap<&str, usize> = ["CRITICAL", "HIGH", "MEDIUM", "LOW"]
        .into_iter()
        .map(|severity| (severity, count(severity)))
        .filter(|(_, count)| *count > 0)
        .collect();
    let value = json!({
        "registryId": AWS_ACCOUNT,
        "repositoryName": repository,
        "imageDigest": image.digest,
        "imageSizeInBytes": image.size,
        "imagePushedAt": image.pushed_at.timestamp(),
        "imageScanStatus": { "status": image.scan, "description": "As the registry scans it." },
        "imageScanFindingsSummary": {
            "imageScanCompletedAt": scanned_at(image, now),
            "vulnerabilitySourceUpdatedAt": scanned_at(image, now) - 3600,
            "findingSeverityCounts": counts,
        },
        "imageManifestMediaType": MANIFEST,
        "artifactMediaType": "application/vnd.oci.image.config.v1+json",
    });
    if image.tags.is_empty() {
        return value;
    }
    with(value, json!({ "imageTags": image.tags }))
}

fn describe_images(repositories: &Repositories, input: &Value, now: DateTime<Utc>) -> Result<Value, Refusal> {
    let (repository, images) = images(repositories, input)?;
    if let Some(ids) = at(input, "imageIds").as_array() {
        let found = ids.iter().map(|id| pick(&repository, images, id)).collect::<Result<Vec<_>, _>>()?;
        return Ok(
            json!({ "imageDetails": found.iter().map(|image| image_json(&repository, image, now)).collect::<Vec<_>>() }),
        );
    }
    let status = at(at(input, "filter"), "tagStatus").as_str().unwrap_or("ANY");
    let wanted = |image: &&Image| match status {
        "TAGGED" => !image.tags.is_empty(),
        "UNTAGGED" => image.tags.is_empty(),
        _ => true,
    };
    let from: usize = at(input, "nextToken").as_str().and_then(|token| token.parse().ok()).unwrap_or_default();
    let size = usize::try_from(at(input, "maxResults").as_u64().unwrap_or(100)).unwrap_or(100);
    let all: Vec<Value> = images.iter().filter(wanted).map(|image| image_json(&repository, image, now)).collect();
    let mut value = json!({ "imageDetails": all.iter().skip(from).take(size).collect::<Vec<_>>() });
    if from + size < all.len() {
        value = with(value, json!({ "nextToken": (from + size).to_string() }));
    }
    Ok(value)
}

fn describe_findings(repositories: &Repositories, input: &Value, now: DateTime<Utc>) -> Result<Value, Refusal> {
    let (repository, images) = images(repositories, input)?;
    let image = pick(&repository, images, at(input, "imageId"))?;
    let findings: Vec<Value> = image
        .findings
        .iter()
        .map(|(id, severity)| json!({ "name": id, "severity": severity, "uri": format!("https://nvd.nist.gov/vuln/detail/{id}"), "attributes": [] }))
        .collect();
    let details = image_json(&repository, image, now);
    let summary = with(at(&details, "imageScanFindingsSummary").clone(), json!({ "findings": findings }));
    Ok(json!({
        "registryId": AWS_ACCOUNT,
        "repositoryName": repository,
        "imageId": { "imageDigest": image.digest, "imageTag": image.tags.first() },
        "imageScanStatus": at(&details, "imageScanStatus"),
        "imageScanFindings": summary,
    }))
}

fn describe_repositories(repositories: &Repositories, input: &Value) -> Result<Value, Refusal> {
    let names: Vec<String> = match at(input, "repositoryNames").as_array() {
        Some(wanted) => {
            let wanted = wanted.iter().filter_map(Value::as_str);
            let checked =
                wanted.map(|name| images(repositories, &json!({ "repositoryName": name })).map(|(name, _)| name));
            checked.collect::<Result<_, _>>()?
        }
        None => repositories.keys().cloned().collect(),
    };
    let one = |name: &String| {
        json!({
            "repositoryArn": format!("arn:aws:ecr:{AWS_REGION}:{AWS_ACCOUNT}:repository/{name}"),
            "registryId": AWS_ACCOUNT,
            "repositoryName": name,
            "repositoryUri": format!("{}/{name}", registry()),
            "createdAt": 1_714_521_600,
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": { "scanOnPush": true },
            "encryptionConfiguration": { "encryptionType": "KMS" },
        })
    };
    Ok(json!({ "repositories": names.iter().map(one).collect::<Vec<_>>() }))
}

fn batch_get_image(repositories: &Repositories, input: &Value) -> Result<Value, Refusal> {
    let (repository, images) = images(repositories, input)?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for id in at(input, "imageIds").as_array().into_iter().flatten() {
        match pick(&repository, images, id) {
            Ok(image) => found.push(json!({
                "registryId": AWS_ACCOUNT,
                "repositoryName": repository,
                "imageId": { "imageDigest": image.digest, "imageTag": at(id, "imageTag") },
                "imageManifest": json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": {}, "layers": [] }).to_string(),
                "imageManifestMediaType": MANIFEST,
            })),
            Err(refusal) => failures.push(json!({ "imageId": id, "failureCode": "ImageNotFound", "failureReason": refusal.1 })),
        }
    }
    Ok(json!({ "images": found, "failures": failures }))
}
