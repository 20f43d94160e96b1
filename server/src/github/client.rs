//! The wire: tokens, deadlines, size caps, and what each status means.

use super::cache::{Cache, Kept};
use super::error::{BadStatus, Cause, Error};
use super::pace::{Pace, Shut};
use super::wire::Unfit;
use http::header::{ACCEPT, DATE, ETAG, IF_NONE_MATCH, LINK, RETRY_AFTER};
use http::{HeaderMap, Method, StatusCode, request};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use octocrab::service::middleware::retry::RetryConfig;
use octocrab::{Octocrab, models};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Around everything, token and body included: a peer that drips one byte a second is still bounded.
const DEADLINE: Duration = Duration::from_secs(20);
/// A comparison of 300 files with patches stays under 10 MB; a recursive tree is cut by GitHub at 7 MB.
const BODY_LIMIT: usize = 32 << 20;
/// Between the two tries of a read: long enough for a load balancer to pick another back end.
const PAUSE: Duration = Duration::from_millis(250);
/// When GitHub says "too many" without saying until when (its documentation asks for a minute).
const DEFAULT_WAIT: u64 = 60;
const LONGEST_WAIT: u64 = 3600;

/// Where GitHub is and who we are there.
#[derive(Debug, Clone)]
pub struct GithubSettings {
    /// `https://api.github.com`, or `https://HOST/api/v3` for GitHub Enterprise Server.
    pub api_url: Url,
    /// The GitHub App.
    pub app_id: u64,
    /// Its installation in the organisation.
    pub installation_id: u64,
    /// The App's RSA key.
    pub private_key_pem: SecretString,
}

/// One installation of the App. Cheap to clone; clones share connections, token, pace and kept answers.
#[derive(Clone)]
pub struct Client {
    pub(super) shared: Arc<Shared>,
    installation_id: u64,
}

pub(super) struct Shared {
    app: Door,
    pub(super) installation: Door,
    pub(super) pace: Pace,
    cache: Cache,
    pub(super) api_url: Url,
    /// Follows nothing, and knows no token.
    pub(super) plain: reqwest::Client,
}

/// One identity of ours, with its own share of requests.
pub(super) struct Door {
    pub(super) octocrab: Octocrab,
    pub(super) shut: Shut,
}

/// As whom GitHub is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    /// The App itself: its own webhook's log, nobody's repositories.
    App,
    /// The App's installation in the organisation.
    Installation,
}

/// A page of an answer, and the query of the next one when GitHub names one.
pub(super) struct Page<T> {
    pub(super) items: T,
    pub(super) next_query: Option<String>,
}

struct Reply {
    next_query: Option<String>,
    body: Vec<u8>,
}

impl Client {
    /// Prepares the client; the first call buys the first token, so a wrong key shows there.
    ///
    /// Must run inside a Tokio runtime (octocrab starts a task); refuses with [`Error::Settings`] otherwise.
    pub fn connect(settings: &GithubSettings) -> Result<Self, Error> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(Error::Settings { why: "the client was started outside the server's runtime" });
        }
        let url = &settings.api_url;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !plain {
            return Err(Error::Settings { why: "github.api_url is not a plain http(s) address" });
        }
        let unusable = |why| move |_| Error::Settings { why };
        let app = Octocrab::builder()
            .base_uri(url.as_str())
            .map_err(unusable("github.api_url is not a plain http(s) address"))?
            .set_connect_timeout(Some(CONNECT_TIMEOUT))
            .set_read_timeout(Some(READ_TIMEOUT))
            .set_write_timeout(Some(READ_TIMEOUT))
            // Octocrab would repeat a POST as readily as a GET; ours are repeated only after a re-read.
            .add_retry_config(RetryConfig::None)
            .app_from_rsa_pem(models::AppId(settings.app_id), settings.private_key_pem.expose_secret())
            .map_err(unusable("github.private_key_file is not an RSA key in PEM"))?
            .build()
            .map_err(unusable("the TLS trust store could not be read"))?;
        let octocrab = app
            .installation(models::InstallationId(settings.installation_id))
            .map_err(unusable("the App's credentials were not taken"))?;
        let door = |octocrab| Door { octocrab, shut: Shut::default() };
        let plain = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(DEADLINE)
            .user_agent("gatehouse")
            .build()
            .map_err(|_| Error::Settings { why: "the TLS trust store could not be read" })?;
        let (pace, cache, api_url) = (Pace::new(), Cache::new(), url.clone());
        let shared = Shared { app: door(app), installation: door(octocrab), pace, cache, api_url, plain };
        Ok(Self { shared: Arc::new(shared), installation_id: settings.installation_id })
    }

    /// Which installation this client speaks as; a webhook of another one is not ours.
    #[must_use]
    pub fn installation_id(&self) -> u64 {
        self.installation_id
    }

    /// Reads `route` and parses it: first the shape (`Raw`), then the rules (`T`).
    pub(super) async fn read<Raw, T>(&self, route: &str, what: &str) -> Result<T, Error>
    where
        Raw: DeserializeOwned,
        T: TryFrom<Raw, Error = Unfit>,
    {
        let page = self.read_page::<Raw>(route, what).await?;
        T::try_from(page.items).map_err(|unfit| unfit.about(what))
    }

    /// Reads one page in its raw shape.
    pub(super) async fn read_page<Raw: DeserializeOwned>(&self, route: &str, what: &str) -> Result<Page<Raw>, Error> {
        self.read_page_as(As::Installation, route, what).await
    }

    /// The same as either of our identities.
    pub(super) async fn read_page_as<Raw: DeserializeOwned>(
        &self,
        who: As,
        route: &str,
        what: &str,
    ) -> Result<Page<Raw>, Error> {
        let reply = match self.send(who, Method::GET, route, None, what).await {
            Err(Error::Unavailable { .. }) => {
                tokio::time::sleep(PAUSE).await;
                self.send(who, Method::GET, route, None, what).await?
            }
            other => other?,
        };
        let items = serde_json::from_slice(&reply.body).map_err(|e| {
            // serde's own sentence quotes the answer's text; the place is enough to find it.
            let why = format!("{:?} error at line {}, column {}", e.classify(), e.line(), e.column());
            Error::Unreadable { what: what.to_owned(), why }
        })?;
        Ok(Page { items, next_query: reply.next_query })
    }

    /// Writes once. The answer's body is of no interest.
    pub(super) async fn write(
        &self,
        who: As,
        route: &str,
        body: Option<&serde_json::Value>,
        what: &str,
    ) -> Result<(), Error> {
        self.shared.pace.write().await;
        self.send(who, Method::POST, route, body, what).await.map(|_| ())
    }

    async fn send(
        &self,
        who: As,
        method: Method,
        route: &str,
        body: Option<&serde_json::Value>,
        what: &str,
    ) -> Result<Reply, Error> {
        let Shared { app, installation, pace, cache, .. } = &*self.shared;
        let Door { octocrab, shut } = if who == As::App { app } else { installation };
        let known = if method == Method::GET { cache.find(route) } else { None };
        let keeps = method == Method::GET;
        let mut builder =
            request::Builder::new().method(method).uri(route).header(ACCEPT, "application/vnd.github+json");
        if let Some(known) = &known {
            builder = builder.header(IF_NONE_MATCH, known.etag.clone());
        }
        let unavailable = |source: Cause| Error::Unavailable { what: what.to_owned(), source };
        let unreadable = |why: &str| Error::Unreadable { what: what.to_owned(), why: why.to_owned() };
        let exchange = async {
            let request = octocrab.build_request(builder, body).map_err(|e| from_octocrab(e, what))?;
            let response = octocrab.execute(request).await.map_err(|e| from_octocrab(e, what))?;
            let (head, body) = response.into_parts();
            if is_used_up(&head.headers) {
                shut.close(wait(&head.headers));
            }
            if let (StatusCode::NOT_MODIFIED, Some(known)) = (head.status, known) {
                return Ok(Reply { next_query: known.next_query.clone(), body: known.body.clone() });
            }
            if !head.status.is_success() {
                return Err(refusal(head.status, &head.headers, what));
            }
            let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|error| {
                // Asking again would only fetch as much again.
                if error.is::<LengthLimitError>() {
                    unreadable("it is longer than anything GitHub documents")
                } else {
                    unavailable(error)
                }
            })?;
            let reply = Reply { next_query: next_query(&head.headers), body: body.to_bytes().to_vec() };
            if let Some(etag) = head.headers.get(ETAG).filter(|_| keeps) {
                let kept = Kept { etag: etag.clone(), next_query: reply.next_query.clone(), body: reply.body.clone() };
                cache.keep(route, kept);
            }
            Ok(reply)
        };
        let _lane = pace.lane().await;
        shut.check(what)?;
        let done =
            tokio::time::timeout(DEADLINE, exchange).await.map_err(|elapsed| unavailable(elapsed.into())).flatten();
        if let Err(Error::RateLimited { retry_after, .. }) = &done {
            shut.close(*retry_after);
        }
        done
    }
}

/// Octocrab fails by itself only on the way: the connection, or the installation token.
pub(super) fn from_octocrab(error: octocrab::Error, what: &str) -> Error {
    match error {
        octocrab::Error::GitHub { source, .. } => {
            let headers = source.headers.unwrap_or_default();
            refusal(source.status_code, &headers, "an installation token for Gatehouse's App")
        }
        octocrab::Error::Service { source, .. } => Error::Unavailable { what: what.to_owned(), source },
        octocrab::Error::Hyper { source, .. } => Error::Unavailable { what: what.to_owned(), source: source.into() },
        // The rest is about parsing the token; the cause is dropped, for it may quote the token.
        _ => Error::Unreadable {
            what: "an installation token for Gatehouse's App".to_owned(),
            why: "it is not what GitHub documents".to_owned(),
        },
    }
}

/// Whether this answer was the last of our share.
pub(super) fn is_used_up(headers: &HeaderMap) -> bool {
    headers.get("x-ratelimit-remaining").and_then(|v| v.to_str().ok()).is_some_and(|v| v.trim() == "0")
}

pub(super) fn refusal(status: StatusCode, headers: &HeaderMap, what: &str) -> Error {
    let what = what.to_owned();
    let used_up = headers.contains_key(RETRY_AFTER) || is_used_up(headers);
    match status.as_u16() {
        404 | 410 => Error::NotFound { what },
        429 => Error::RateLimited { what, retry_after: wait(headers) },
        403 if used_up => Error::RateLimited { what, retry_after: wait(headers) },
        // 501 is no passing trouble: this server does not know the route and will not learn it.
        501 => Error::Denied { what, status: 501 },
        408 | 500..=599 => Error::Unavailable { what, source: BadStatus(status.as_u16()).into() },
        status => Error::Denied { what, status },
    }
}

/// GitHub gives either seconds, or the second of its own clock at which the window opens again; its own
/// `Date` is what that must be compared with, whatever our clock says.
pub(super) fn wait(headers: &HeaderMap) -> Duration {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let seconds = text(RETRY_AFTER.as_str()).and_then(|v| v.trim().parse::<u64>().ok());
    let until_reset = || {
        let reset = text("x-ratelimit-reset")?.trim().parse::<i64>().ok()?;
        let date = chrono::DateTime::parse_from_rfc2822(text(DATE.as_str())?).ok()?;
        u64::try_from(reset.checked_sub(date.timestamp())?).ok()
    };
    let seconds = seconds.or_else(until_reset).unwrap_or(DEFAULT_WAIT);
    Duration::from_secs(seconds.clamp(1, LONGEST_WAIT))
}

/// The query of `Link: <…?query>; rel="next"`. Only the query is taken: it is put behind our own route.
fn next_query(headers: &HeaderMap) -> Option<String> {
    let link = headers.get(LINK)?.to_str().ok()?;
    link.split(',').find_map(|part| {
        let (target, rel) = part.split_once(';')?;
        if !rel.contains("rel=\"next\"") {
            return None;
        }
        let url = Url::parse(target.trim().strip_prefix('<')?.strip_suffix('>')?).ok()?;
        url.query().map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (http::HeaderName::from_static(k), v.parse().unwrap())).collect()
    }

    #[test]
    fn a_spent_quota_is_told_from_a_refusal() {
        let none = headers(&[]);
        assert!(matches!(refusal(StatusCode::FORBIDDEN, &none, "x"), Error::Denied { status: 403, .. }));
        let spent = headers(&[("x-ratelimit-remaining", "0")]);
        let error = refusal(StatusCode::FORBIDDEN, &spent, "x");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
        assert!(error.is_retryable());
    }

    #[test]
    fn the_wait_is_read_against_githubs_own_clock_and_bounded() {
        let date = "Sun, 22 Nov 2026 03:00:00 GMT";
        let at = chrono::DateTime::parse_from_rfc2822(date).unwrap().timestamp();
        let reset = (at + 90).to_string();
        assert_eq!(wait(&headers(&[("x-ratelimit-reset", &reset), ("date", date)])).as_secs(), 90);
        assert_eq!(wait(&headers(&[("retry-after", "7"), ("x-ratelimit-reset", &reset), ("date", date)])).as_secs(), 7);
        assert_eq!(wait(&headers(&[("retry-after", "999999")])).as_secs(), 3600);
        assert_eq!(wait(&headers(&[("x-ratelimit-reset", "1"), ("date", date)])).as_secs(), 60);
    }

    #[test]
    fn only_the_next_pages_query_is_taken() {
        let link =
            "<https://evil.example/x?page=1>; rel=\"prev\", <https://evil.example/y?after=c%3D&page=3>; rel=\"next\"";
        assert_eq!(next_query(&headers(&[("link", link)])).as_deref(), Some("after=c%3D&page=3"));
        assert_eq!(next_query(&headers(&[("link", "<https://a/x?page=1>; rel=\"last\"")])), None);
        assert_eq!(next_query(&headers(&[("link", "nonsense")])), None);
    }
}
