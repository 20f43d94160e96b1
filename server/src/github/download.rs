//! Bytes that GitHub has elsewhere: it answers with an address, which is somebody else's word.

use super::client::{from_octocrab, is_used_up, refusal, wait};
use super::error::{BadStatus, Error};
use super::{Client, client::Shared};
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret as _;
use url::Url;

impl Client {
    pub(super) fn api_url(&self) -> &Url {
        &self.shared.api_url
    }

    /// Asks our GitHub for something that it has elsewhere, and gives back its answer's headers. Octocrab would follow.
    pub(super) async fn fetch_redirect(&self, route: &str, what: &str) -> Result<HeaderMap, Error> {
        let Shared { installation, pace, plain, api_url, .. } = &*self.shared;
        let _lane = pace.lane().await;
        installation.shut.check(what)?;
        let token = installation.octocrab.installation_token().await.map_err(|e| from_octocrab(e, what))?;
        let route = format!("{}{route}", api_url.as_str().trim_end_matches('/'));
        let asked = plain.get(route).bearer_auth(token.expose_secret()).header(ACCEPT, "application/vnd.github+json");
        let answer = asked.send().await.map_err(|e| unavailable(e, what))?;
        if is_used_up(answer.headers()) {
            installation.shut.close(wait(answer.headers()));
        }
        match answer.status() {
            StatusCode::FOUND => Ok(answer.headers().clone()),
            status if status.is_success() || status.is_redirection() => {
                let why = "it does not say where the bytes are".to_owned();
                Err(Error::Unreadable { what: what.to_owned(), why })
            }
            status => Err(refusal(status, answer.headers(), what)),
        }
    }

    /// Fetches bytes from an address that was looked at before, as nobody in particular.
    pub(super) async fn fetch_plain(&self, from: Url, limit: usize, what: &str) -> Result<Vec<u8>, Error> {
        let mut answer = self.shared.plain.get(from).send().await.map_err(|e| unavailable(e, what))?;
        if answer.status() != StatusCode::OK {
            return Err(match refusal(answer.status(), &HeaderMap::new(), what) {
                // Not our GitHub's word about our App.
                Error::RateLimited { what, .. } => {
                    Error::Unavailable { what, source: BadStatus(answer.status().as_u16()).into() }
                }
                other => other,
            });
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| unavailable(e, what))? {
            if bytes.len() + chunk.len() > limit {
                let why = "it is larger than Gatehouse takes".to_owned();
                return Err(Error::Unreadable { what: what.to_owned(), why });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

/// Without the address, which may be signed.
fn unavailable(error: reqwest::Error, what: &str) -> Error {
    Error::Unavailable { what: what.to_owned(), source: error.without_url().into() }
}
