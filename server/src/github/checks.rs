//! What was said about a commit, and what a run left behind; and the one place that follows GitHub elsewhere.
//!
//! An artifact's bytes are not at GitHub's API: it answers with an address that lives for minutes. That address is
//! somebody else's word. It is asked once, by HTTPS, without our token and without following it on; plain HTTP only
//! where the API itself is the demo's.

use super::facts::{ArtifactFacts, CheckRunFacts};
use super::wire::{RawArtifacts, RawCheckRuns, Unfit};
use super::{Client, Error, RepoName};
use gatehouse_domain::{CommitSha, RunId};
use http::header::LOCATION;
use url::{Host, Url};

/// A hundred a page; past any real commit or run.
const MAX_PAGES: usize = 10;

impl Client {
    /// Everything that Apps say about this commit, of all attempts. Says [`Error::Truncated`] rather than leave one out.
    pub async fn list_check_runs(&self, repo: &RepoName, sha: &CommitSha) -> Result<Vec<CheckRunFacts>, Error> {
        let what = format!("the checks of {sha} in {repo}");
        let mut all = Vec::new();
        for page in 1..=MAX_PAGES {
            let route = format!("/repos/{repo}/commits/{sha}/check-runs?filter=all&per_page=100&page={page}");
            let raw: RawCheckRuns = self.read_page(&route, &what).await?.items;
            let (total, empty) = (raw.total_count, raw.check_runs.is_empty());
            all.extend(raw.check_runs.into_iter().map(CheckRunFacts::from));
            if all.len() >= total {
                return Ok(all);
            }
            if empty {
                break;
            }
        }
        Err(Error::Truncated { what })
    }

    /// Everything that this run left behind, of all its attempts.
    pub async fn list_artifacts(&self, repo: &RepoName, run: RunId) -> Result<Vec<ArtifactFacts>, Error> {
        let what = format!("the artifacts of run {run} of {repo}");
        let mut all = Vec::new();
        for page in 1..=MAX_PAGES {
            let route = format!("/repos/{repo}/actions/runs/{run}/artifacts?per_page=100&page={page}");
            let raw: RawArtifacts = self.read_page(&route, &what).await?.items;
            let (total, empty) = (raw.total_count, raw.artifacts.is_empty());
            for artifact in raw.artifacts {
                all.push(ArtifactFacts::try_from(artifact).map_err(|unfit: Unfit| unfit.about(&what))?);
            }
            if all.len() >= total {
                return Ok(all);
            }
            if empty {
                break;
            }
        }
        Err(Error::Truncated { what })
    }

    /// An artifact's archive, at most `limit` bytes of it: a longer one is [`Error::Unreadable`].
    pub async fn download_artifact(&self, repo: &RepoName, artifact: u64, limit: usize) -> Result<Vec<u8>, Error> {
        let what = format!("artifact {artifact} of {repo}");
        let answer = self.fetch_redirect(&format!("/repos/{repo}/actions/artifacts/{artifact}/zip"), &what).await?;
        let unreadable = |why: &str| Error::Unreadable { what: what.clone(), why: why.to_owned() };
        let location = answer.get(LOCATION).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
        let location: Url = location.ok_or_else(|| unreadable("it does not say where the bytes are"))?;
        if !may_fetch(self.api_url(), &location) {
            return Err(unreadable("the address of its bytes is not one that may be asked"));
        }
        self.fetch_plain(location, limit, &what).await
    }
}

/// Whether bytes may be fetched from there: by HTTPS from a named host; else only where the API itself is, in the demo.
fn may_fetch(api: &Url, location: &Url) -> bool {
    let plain = location.username().is_empty() && location.password().is_none();
    let named = matches!(location.host(), Some(Host::Domain(name)) if name.contains('.') && !name.ends_with(".local"));
    let at_the_demo = api.scheme() == "http" && location.origin() == api.origin();
    plain && (location.scheme() == "https" && named || at_the_demo)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn bytes_are_fetched_by_https_from_a_named_host_or_from_the_demo_itself() {
        let url = |text: &str| text.parse::<Url>().unwrap();
        let (github, demo) = (url("https://api.github.com"), url("http://127.0.0.1:9101"));
        let stored = url("https://productionresultssa1.blob.core.windows.net/x?sig=y");
        assert!(may_fetch(&github, &stored) && may_fetch(&demo, &stored));
        assert!(may_fetch(&demo, &url("http://127.0.0.1:9101/blobs/7")));
        for bad in [
            "http://productionresultssa1.blob.core.windows.net/x",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/x",
            "https://localhost/x",
            "https://metadata.local/x",
            "https://user:word@blob.core.windows.net/x",
            "http://127.0.0.1:9101/blobs/7",
            "file:///etc/passwd",
            "ftp://blob.core.windows.net/x",
        ] {
            assert!(!may_fetch(&github, &url(bad)), "{bad}");
        }
        for bad in ["http://127.0.0.1:9102/x", "http://169.254.169.254/x", "https://127.0.0.1:9101/x"] {
            assert!(!may_fetch(&demo, &url(bad)), "{bad}");
        }
    }
}
