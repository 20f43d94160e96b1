//! What may a browser do with our answers? Nothing that we did not say.

use crate::config::Config;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// For answers that are no pages: nothing may be loaded from them, and nothing may frame them.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");

/// The same for every answer. Security keys are ours alone to use; sensors are nobody's.
const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // The path of a change page is nobody else's business; our own forms need it to lead back.
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=(), usb=(), hid=(), serial=(), payment=(), display-capture=()",
        ),
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// What depends on the configuration.
#[derive(Debug, Clone)]
pub(super) struct Policy(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    /// Where forms may lead besides ourselves: signing in ends at the identity provider.
    issuer: String,
    https: bool,
}

impl Policy {
    pub(super) fn of(config: &Config) -> Self {
        let issuer = config.oidc.issuer.url().origin().ascii_serialization();
        Self(Arc::new(Parts { issuer, https: config.public_url.is_https() }))
    }

    /// The content security policy of a page whose inline scripts carry `nonce`.
    pub(super) fn page(&self, nonce: &str) -> Option<HeaderValue> {
        let issuer = &self.0.issuer;
        let policy = format!(
            "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self' {issuer}; frame-ancestors 'none'; base-uri 'none'"
        );
        HeaderValue::from_str(&policy).ok()
    }
}

/// Adds what is missing: a page has brought its own policy, a file its own caching.
pub(super) async fn secure(State(policy): State<Policy>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if policy.0.https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}
