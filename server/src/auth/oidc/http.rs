//! HTTP to the identity provider: no redirects (they would carry the client secret elsewhere), short
//! time-outs (somebody waits at a browser), and no answer larger than a provider's largest.

use super::OidcError;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use std::pin::Pin;
use std::time::Duration;

/// Key sets with certificates reach tens of kilobytes.
const MAX_BODY: usize = 512 * 1024;
const TIMEOUT: Duration = Duration::from_secs(10);

pub(super) struct Http(reqwest::Client);

/// Why there is no answer. The text never holds the request, which holds secrets.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No connection, time-out, or a broken answer.
    #[error("no answer from the identity provider")]
    Unreachable(#[source] reqwest::Error),
    /// A gateway's or the provider's own failure (5xx, 429): no word about the person, whatever the body.
    #[error("the identity provider answered {0}")]
    Failing(http::StatusCode),
    /// More than we take.
    #[error("the identity provider's answer is too large")]
    TooLarge,
    /// The library built a request or response that is none.
    #[error("malformed HTTP")]
    Malformed,
}

impl Http {
    pub(super) fn new() -> Result<Self, OidcError> {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .connect_timeout(TIMEOUT / 2)
            .user_agent("gatehouse")
            .build()
            .map(Self)
            .map_err(|e| OidcError::Setup(e.to_string()))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = request.try_into().map_err(|_| HttpError::Malformed)?;
        let unreachable = |e: reqwest::Error| HttpError::Unreachable(e.without_url());
        let mut answer = self.0.execute(request).await.map_err(unreachable)?;
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
