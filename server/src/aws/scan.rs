//! What did the registry's own scan of an image find?

use super::client::{Client, Error, Scan, classify, moment};
use aws_sdk_ecr::error::SdkError;
use aws_sdk_ecr::types::{FindingSeverity, ImageIdentifier};
use gatehouse_domain::ImageDigest;

/// A thousand findings a page; an image with more is not looked through.
const MAX_PAGES: usize = 10;
const A_PAGE: i32 = 1000;

impl Client {
    /// The newest scan of the image with this digest; `None` when it was never scanned.
    pub async fn find_scan(&self, repository: &str, digest: &ImageDigest) -> Result<Option<Scan>, Error> {
        let what = format!("the scan of image {} in {repository}", digest.short());
        let unreadable = |why| Error::Unreadable { what: what.clone(), why };
        let mut scan: Option<Scan> = None;
        let mut next = None;
        for _ in 0..MAX_PAGES {
            let id = ImageIdentifier::builder().image_digest(digest.as_str()).build();
            let request = self.ecr.describe_image_scan_findings().registry_id(&self.account);
            let request = request.repository_name(repository).image_id(id).max_results(A_PAGE).set_next_token(next);
            let answer = match request.send().await {
                Ok(answer) => answer,
                Err(SdkError::ServiceError(e)) if e.err().is_scan_not_found_exception() => return Ok(None),
                Err(SdkError::ServiceError(e)) if e.err().is_image_not_found_exception() => return Ok(None),
                Err(error) => return Err(classify(error, repository, &what)),
            };
            if answer.registry_id() != Some(self.account.as_str())
                || answer.repository_name() != Some(repository)
                || answer.image_id().and_then(|id| id.image_digest()) != Some(digest.as_str())
            {
                return Err(unreadable("it is about another image"));
            }
            let status =
                answer.image_scan_status().and_then(|s| s.status()).ok_or_else(|| unreadable("it holds no status"))?;
            let scan = scan.get_or_insert_with(|| Scan {
                status: status.as_str().to_owned(),
                completed_at: None,
                findings: Vec::new(),
                counted: 0,
            });
            if let Some(found) = answer.image_scan_findings() {
                scan.completed_at = found.image_scan_completed_at().and_then(moment);
                let basic = found.findings().iter().map(|f| (f.name(), f.severity().map(FindingSeverity::as_str)));
                let enhanced = found.enhanced_findings().iter().map(|f| {
                    let name = f.package_vulnerability_details().and_then(|details| details.vulnerability_id());
                    (name.or(f.finding_arn()), f.severity())
                });
                let named = |(name, severity): (Option<&str>, Option<&str>)| {
                    (name.unwrap_or("unnamed").to_owned(), severity.unwrap_or("UNDEFINED").to_owned())
                };
                scan.findings.extend(basic.chain(enhanced).map(named));
                let counts = found.finding_severity_counts();
                let count = |severity| counts.and_then(|all| all.get(&severity)).copied().unwrap_or_default();
                let counted = i64::from(count(FindingSeverity::Critical)) + i64::from(count(FindingSeverity::High));
                scan.counted = usize::try_from(counted).unwrap_or_default();
            }
            match answer.next_token() {
                Some(token) => next = Some(token.to_owned()),
                None => return Ok(Some(scan.clone())),
            }
        }
        Err(unreadable("it has more findings than are looked through"))
    }
}
