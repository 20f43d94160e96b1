//! What images are there? ECR in AWS JSON 1.1: repositories, images by tag and digest, scan findings. A tag points at
//! one digest at a time and can be moved; a digest is forever.

mod routes;

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

pub(crate) use routes::router;

use crate::state::Shared;

#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub digest: String,
    pub tags: Vec<String>,
    pub pushed_at: DateTime<Utc>,
    pub size: u64,
    /// Identifier and severity, as a scan reports them.
    pub findings: Vec<(String, String)>,
    /// AWS's word for how far the scan is.
    pub scan: &'static str,
}

#[derive(Default)]
pub(crate) struct Ecr {
    pub repositories: BTreeMap<String, Vec<Image>>,
}

impl Ecr {
    pub(crate) fn push(&mut self, repository: &str, tag: &str, digest: &str, at: DateTime<Utc>) {
        let images = self.repositories.entry(repository.to_owned()).or_default();
        if !images.iter().any(|image| image.digest == digest) {
            let size = 84_000_000 + digest.bytes().map(u64::from).sum::<u64>() * 997;
            let findings =
                vec![("CVE-2026-1042".to_owned(), "MEDIUM".to_owned()), ("CVE-2025-9086".to_owned(), "LOW".to_owned())];
            images.push(Image {
                digest: digest.to_owned(),
                tags: Vec::new(),
                pushed_at: at,
                size,
                findings,
                scan: "COMPLETE",
            });
        }
        for image in images {
            image.tags.retain(|known| known != tag);
            if image.digest == digest {
                image.tags.push(tag.to_owned());
            }
        }
    }

    pub(crate) fn by_tag(&self, repository: &str, tag: &str) -> Option<&Image> {
        self.repositories.get(repository)?.iter().find(|image| image.tags.iter().any(|known| known == tag))
    }
}

/// The digest that a build of this commit gives: the same commit, the same image.
pub(crate) fn digest_of_build(repository: &str, commit: &str) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(format!("image {repository} {commit}"))))
}

/// The registry, for tests.
#[derive(Clone)]
pub struct EcrHandle(pub(crate) Shared);

impl EcrHandle {
    /// Pushes an image under a tag; a tag that was elsewhere moves.
    pub fn push_image(&self, repository: &str, tag: &str, digest: &str) {
        let now = self.0.now();
        self.0.model().ecr.push(repository, tag, digest, now);
    }

    /// Points an existing tag at another digest, as an attacker or a careless build would.
    ///
    /// # Errors
    /// When there is no such tag.
    pub fn move_tag(&self, repository: &str, tag: &str, digest: &str) -> anyhow::Result<()> {
        let now = self.0.now();
        let mut model = self.0.model();
        model.ecr.by_tag(repository, tag).with_context(|| format!("no tag {tag} in {repository}"))?;
        model.ecr.push(repository, tag, digest, now);
        Ok(())
    }

    /// Takes a tag away; the digest stays, untagged.
    pub fn remove_tag(&self, repository: &str, tag: &str) {
        if let Some(images) = self.0.model().ecr.repositories.get_mut(repository) {
            images.iter_mut().for_each(|image| image.tags.retain(|known| known != tag));
        }
    }

    /// Takes an image away, with its tags, as a lifecycle policy does.
    pub fn delete_image(&self, repository: &str, digest: &str) {
        if let Some(images) = self.0.model().ecr.repositories.get_mut(repository) {
            images.retain(|image| image.digest != digest);
        }
    }

    /// The digest a tag points at.
    #[must_use]
    pub fn digest(&self, repository: &str, tag: &str) -> Option<String> {
        self.0.model().ecr.by_tag(repository, tag).map(|image| image.digest.clone())
    }

    /// Replaces what the scan of an image found: pairs of identifier and severity (`CRITICAL`, `HIGH`, …).
    pub fn set_findings(&self, repository: &str, digest: &str, findings: &[(&str, &str)]) {
        let mut model = self.0.model();
        let images = model.ecr.repositories.get_mut(repository);
        for image in images.into_iter().flatten().filter(|image| image.digest == digest) {
            image.findings = findings.iter().map(|(id, severity)| ((*id).to_owned(), (*severity).to_owned())).collect();
        }
    }

    /// How far the scan of an image is: `COMPLETE`, `IN_PROGRESS`, `FAILED` …
    pub fn set_scan(&self, repository: &str, digest: &str, status: &'static str) {
        let mut model = self.0.model();
        let images = model.ecr.repositories.get_mut(repository);
        images.into_iter().flatten().filter(|image| image.digest == digest).for_each(|image| image.scan = status);
    }
}
