//! HTTP to the identity provider: only to the places that it is known at, no redirects (they would carry
//! the client secret elsewhere), short time-outs (somebody waits at a browser), and no answer larger than
//! a provider's largest.

use super::OidcError;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use std::pin::Pin;
use std::time::Duration;
use url::Url;

/// Key sets with certificates reach tens of kilobytes.
const MAX_BODY: usize = 512 * 1024;

/// Where the provider may be asked: at its issuer's own origin, and by HTTPS at the hosts that the
/// configuration names besides. A discovery document cannot send us, or our secret, anywhere else.
#[derive(Debug, Clone)]
pub(super) struct Places {
    issuer: Url,
    other_hosts: Vec<String>,
}

impl Places {
    pub(super) fn new(issuer: &str, other_hosts: &[String]) -> Result<Self, OidcError> {
        let issuer = issuer.parse().map_err(|_| OidcError::Setup("the issuer is no URL".to_owned()))?;
        Ok(Self { issuer, other_hosts: other_hosts.to_vec() })
    }

    pub(super) fn admit(&self, url: &Url) -> bool {
        let is_named = || url.host_str().is_some_and(|host| self.other_hosts.iter().any(|other| other == host));
        url.origin() == self.issuer.origin() || (url.scheme() == "https" && url.port().is_none() && is_named())
    }
}

pub(super) struct Http {
    client: reqwest::Client,
    places: Places,
}

/// Why there is no answer. The text never holds the request, which holds secrets.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No connection, time-out, or a broken answer.
    #[error("no answer from the identity provider")]
    Unreachable(#[source] reqwest::Error),
    /// A gateway's or the provider's own failure (5xx, 429): no word about the person, whatever the body.
    #[error("the identity provider answered {0}")]
    Failing(http::StatusCode),
    /// Not a place of the provider's.
    #[error("it names an address that is neither the issuer's nor one of oidc.other_hosts")]
    Elsewhere,
    /// More than we take.
    #[error("the identity provider's answer is too large")]
    TooLarge,
    /// The library built a request or response that is none.
    #[error("malformed HTTP")]
    Malformed,
}

impl Http {
    pub(super) fn new(places: Places, answer_within: Duration) -> Result<Self, OidcError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(answer_within)
            .connect_timeout(answer_within / 2)
            .user_agent("gatehouse")
            .build()
            .map_err(|e| OidcError::Setup(e.to_string()))?;
        Ok(Self { client, places })
    }

    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request: reqwest::Request = request.try_into().map_err(|_| HttpError::Malformed)?;
        if !self.places.admit(request.url()) {
            return Err(HttpError::Elsewhere);
        }
        let unreachable = |e: reqwest::Error| HttpError::Unreachable(e.without_url());
        let mut answer = self.client.execute(request).await.map_err(unreachable)?;
        if answer.status().is_server_error() || answer.status() == http::StatusCode::TOO_MANY_REQUESTS {
            return Err(HttpError::Failing(answer.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_provider_is_asked_at_its_own_origin_and_at_named_hosts_over_https() {
        let places = Places::new("https://login.example.com/realm", &["keys.example.com".to_owned()]).unwrap();
        let admitted = |url: &str| places.admit(&url.parse().unwrap());
        for good in ["https://login.example.com/token", "https://login.example.com:443/a", "https://keys.example.com/k"]
        {
            assert!(admitted(good), "{good}");
        }
        for bad in [
            "http://login.example.com/token",
            "https://login.example.com:8443/token",
            "https://login.example.com.evil.test/token",
            "https://user@evil.test/token",
            "http://keys.example.com/k",
            "https://keys.example.com:8443/k",
            "https://sub.keys.example.com/k",
            "http://169.254.169.254/latest/meta-data",
            "file:///etc/passwd",
        ] {
            assert!(!admitted(bad), "{bad}");
        }
    }
}
