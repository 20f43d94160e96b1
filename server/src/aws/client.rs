//! The wire to ECR.

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_ecr::config::{Credentials, Region};
use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecr::primitives::DateTime as DateTimeOfAws;
use aws_sdk_ecr::types::{ImageDetail, ImageIdentifier};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use chrono::{DateTime, Utc};
use gatehouse_domain::ImageDigest;
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;
use url::Url;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Around both tries and the pause between them.
const DEADLINE: Duration = Duration::from_secs(20);
/// The job that asks tries again later; a request that a person waits for should not.
const TRIES: u32 = 2;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Where the registry is, and who we are there.
#[derive(Debug, Clone)]
pub struct AwsSettings {
    /// `ap-south-1`.
    pub region: String,
    /// The account whose registry is ours: twelve digits.
    pub account: String,
    /// Another address than AWS's own; absent in production.
    pub endpoint: Option<Url>,
    /// Access key id and secret; without them the machine's own role (the default chain).
    pub access_key: Option<(String, SecretString)>,
}

/// The registry did not give the fact. `Display` holds only our own words and configured names.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such repository in our registry.
    #[error("the registry has no repository {repository}")]
    NoRepository {
        /// As configured.
        repository: String,
    },
    /// AWS understood and refused.
    #[error("AWS refused {what}")]
    Denied {
        /// What was asked for.
        what: String,
    },
    /// AWS asks for fewer questions.
    #[error("AWS asks Gatehouse to wait before it asks for {what} again")]
    RateLimited {
        /// What was asked for.
        what: String,
    },
    /// No answer, or one that says that AWS itself is in trouble.
    #[error("AWS did not answer when asked for {what}")]
    Unavailable {
        /// What was asked for.
        what: String,
        /// The network's or AWS's trouble.
        #[source]
        source: Cause,
    },
    /// The answer is not what AWS documents, or not about what was asked.
    #[error("AWS's answer about {what} could not be read: {why}")]
    Unreadable {
        /// What was asked for.
        what: String,
        /// Which rule it breaks; never the answer's own text.
        why: &'static str,
    },
    /// The configuration cannot work. Only [`Client::connect`] says this.
    #[error("the AWS settings are unusable: {why}")]
    Settings {
        /// Which setting, and what is wrong with it.
        why: &'static str,
    },
}

impl Error {
    /// Whether the same question may get another answer later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::RateLimited { .. })
    }
}

/// One image in our registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its content address.
    pub digest: ImageDigest,
    /// All tags that name it now.
    pub tags: Vec<String>,
    /// When it was pushed, when AWS says so.
    pub pushed_at: Option<DateTime<Utc>>,
}

/// What the registry's own scan of one image found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// AWS's word for how far it is.
    pub status: String,
    /// When it was done last, when AWS says so.
    pub completed_at: Option<DateTime<Utc>>,
    /// Identifier and severity of each finding.
    pub findings: Vec<(String, String)>,
    /// How many CRITICAL and HIGH there are by AWS's own count.
    pub counted: usize,
}

/// Our registry. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    pub(super) ecr: aws_sdk_ecr::Client,
    pub(super) account: String,
}

impl Client {
    /// Prepares the client; the first call shows whether the credentials are taken.
    pub async fn connect(settings: &AwsSettings) -> Result<Self, Error> {
        if settings.account.len() != 12 || !settings.account.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::Settings { why: "aws.account is not an account number of twelve digits" });
        }
        if settings.region.is_empty() {
            return Err(Error::Settings { why: "aws.region is empty" });
        }
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .operation_attempt_timeout(READ_TIMEOUT)
            .operation_timeout(DEADLINE)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .region(Region::new(settings.region.clone()))
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            .timeout_config(timeouts);
        if let Some((id, secret)) = &settings.access_key {
            let credentials = Credentials::new(id, secret.expose_secret(), None, None, "gatehouse.toml");
            loader = loader.credentials_provider(credentials);
        }
        if let Some(endpoint) = &settings.endpoint {
            // Without the slash the SDK would ask for `//`.
            loader = loader.endpoint_url(endpoint.as_str().trim_end_matches('/'));
        }
        let ecr = aws_sdk_ecr::Client::new(&loader.load().await);
        Ok(Self { ecr, account: settings.account.clone() })
    }

    /// The image that this tag names now; `None` when the tag names none.
    pub async fn find_image_by_tag(&self, repository: &str, tag: &str) -> Result<Option<Image>, Error> {
        let id = ImageIdentifier::builder().image_tag(tag).build();
        let what = format!("the image tagged {tag} in {repository}");
        let found = self.find(repository, id, &what).await?;
        match found {
            Some(image) if !image.tags.iter().any(|t| t == tag) => {
                Err(Error::Unreadable { what, why: "it is about another image" })
            }
            found => Ok(found),
        }
    }

    /// The image with this digest; `None` when our registry does not hold it.
    pub async fn find_image_by_digest(&self, repository: &str, digest: &ImageDigest) -> Result<Option<Image>, Error> {
        let id = ImageIdentifier::builder().image_digest(digest.as_str()).build();
        let what = format!("image {} in {repository}", digest.short());
        let found = self.find(repository, id, &what).await?;
        match found {
            Some(image) if image.digest != *digest => Err(Error::Unreadable { what, why: "it is about another image" }),
            found => Ok(found),
        }
    }

    async fn find(&self, repository: &str, id: ImageIdentifier, what: &str) -> Result<Option<Image>, Error> {
        let unreadable = |why| Error::Unreadable { what: what.to_owned(), why };
        // Without `registryId` the credentials' own account would answer, whichever that is.
        let request = self.ecr.describe_images().registry_id(&self.account).repository_name(repository).image_ids(id);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(SdkError::ServiceError(e)) if e.err().is_image_not_found_exception() => return Ok(None),
            Err(error) => return Err(classify(error, repository, what)),
        };
        match answer.image_details() {
            [] => Ok(None),
            [image] => self.parse(image, repository).map(Some).map_err(unreadable),
            _ => Err(unreadable("it names several images")),
        }
    }

    pub(super) fn parse(&self, image: &ImageDetail, repository: &str) -> Result<Image, &'static str> {
        if image.registry_id() != Some(self.account.as_str()) || image.repository_name() != Some(repository) {
            return Err("it is about another registry or repository");
        }
        let digest = image.image_digest().and_then(|d| d.parse().ok()).ok_or("it holds no image digest")?;
        let pushed_at = image.image_pushed_at().and_then(moment);
        Ok(Image { digest, tags: image.image_tags().to_vec(), pushed_at })
    }
}

/// AWS's time as ours.
pub(super) fn moment(time: &DateTimeOfAws) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(time.secs(), time.subsec_nanos())
}

pub(super) fn classify<E>(error: SdkError<E>, repository: &str, what: &str) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let what = what.to_owned();
    match &error {
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            let code = service.err().code().unwrap_or_default();
            let throttled = code.contains("Throttl") || code.contains("TooManyRequests");
            if code == "RepositoryNotFoundException" {
                Error::NoRepository { repository: repository.to_owned() }
            } else if throttled || status == 429 {
                Error::RateLimited { what }
            } else if status >= 500 && status != 501 || code == "ServerException" {
                Error::Unavailable { what, source: format!("status {status}").into() }
            } else {
                Error::Denied { what }
            }
        }
        SdkError::ResponseError(_) => Error::Unreadable { what, why: "it is not what AWS documents" },
        // The network, the deadline, or credentials that could not be had.
        _ => Error::Unavailable { what, source: error.into() },
    }
}
