//! What is in a repository?

use super::client::{Client, Error, classify, moment};
use aws_sdk_ecr::types::ImageDetail;
use chrono::{DateTime, Utc};
use gatehouse_domain::ImageDigest;
use std::collections::BTreeMap;

const A_PAGE: i32 = 1000;
/// Twenty thousand images; a repository with more needs a lifecycle policy before it needs a page.
const MAX_PAGES: usize = 20;

/// An image as the registry lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its content address.
    pub digest: ImageDigest,
    /// All tags that name it now.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub pushed_at: DateTime<Utc>,
    /// Bytes, compressed, when AWS says so.
    pub size: Option<i64>,
    /// AWS's word for how far its scan is; `None`: there is none.
    pub scan: Option<String>,
    /// When that was done last.
    pub scanned_at: Option<DateTime<Utc>>,
    /// How many findings of each severity.
    pub findings: BTreeMap<String, u32>,
}

impl Client {
    /// Every image of a repository.
    pub async fn list_images(&self, repository: &str) -> Result<Vec<Listed>, Error> {
        let what = format!("the images of {repository}");
        let unreadable = |why| Error::Unreadable { what: what.clone(), why };
        let (mut all, mut next) = (Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let request = self.ecr.describe_images().registry_id(&self.account).repository_name(repository);
            let answer = request.max_results(A_PAGE).set_next_token(next).send().await;
            let answer = answer.map_err(|error| classify(error, repository, &what))?;
            for image in answer.image_details() {
                all.push(self.listed(image, repository).map_err(unreadable)?);
            }
            match answer.next_token() {
                Some(token) => next = Some(token.to_owned()),
                None => return Ok(all),
            }
        }
        Err(unreadable("it has more images than are looked through"))
    }

    fn listed(&self, image: &ImageDetail, repository: &str) -> Result<Listed, &'static str> {
        let found = self.parse(image, repository)?;
        let summary = image.image_scan_findings_summary();
        let counts = summary.and_then(|summary| summary.finding_severity_counts());
        let count = |(severity, count): (&aws_sdk_ecr::types::FindingSeverity, &i32)| {
            (severity.as_str().to_owned(), u32::try_from(*count).unwrap_or_default())
        };
        Ok(Listed {
            digest: found.digest,
            tags: found.tags,
            pushed_at: found.pushed_at.ok_or("it does not say when an image was pushed")?,
            size: image.image_size_in_bytes(),
            scan: image.image_scan_status().and_then(|it| it.status()).map(|status| status.as_str().to_owned()),
            scanned_at: summary.and_then(|summary| summary.image_scan_completed_at()).and_then(moment),
            findings: counts.into_iter().flatten().map(count).collect(),
        })
    }
}
