//! Does this request come from our own pages?
//!
//! A browser says where a request comes from (`Origin`, `Sec-Fetch-*`) and a page cannot lie about
//! it. So a request that could change something is taken only from our own origin, and what another
//! site may do to us is one thing: lead a person here.

use crate::audit;
use crate::context::Context;
use crate::error::Error;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, ORIGIN};
use axum::http::{HeaderMap, HeaderName, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use gatehouse_domain::Reason;

/// Programs of other systems come here, without a browser; they sign what they send.
pub(super) const WEBHOOKS: &str = "/webhooks/";

/// Programs ask here, with a token instead of a session.
const REST: &str = "/api/v1/";

/// Refuses requests of other sites, before anything of them is read.
pub(super) async fn same_site(State(ctx): State<Context>, request: Request, next: Next) -> Response {
    let from_us = request.uri().path().starts_with(WEBHOOKS)
        || is_a_program(request.uri().path(), request.headers())
        || is_from_us(request.method(), request.headers(), ctx.config.public_url.origin());
    if from_us {
        return next.run(request).await;
    }
    let source = audit::source_of(request.extensions());
    if let Err(error) = audit::count_refusal(&ctx, "request", &Reason::CrossSite, &source).await {
        // Refused all the same.
        error.report(&crate::error::request_id());
    }
    Error::refused(Reason::CrossSite).into_response()
}

/// A program with a token and without a browser: no page of another site can send an `Authorization` that it does not
/// know, and nothing of a browser's comes along. Whose token it is, and whether it is one, is asked behind this door.
fn is_a_program(path: &str, headers: &HeaderMap) -> bool {
    let of_a_browser = [COOKIE, ORIGIN, HeaderName::from_static("sec-fetch-site")];
    path.starts_with(REST)
        && headers.contains_key(AUTHORIZATION)
        && !of_a_browser.iter().any(|h| headers.contains_key(h))
}

fn is_from_us(method: &Method, headers: &HeaderMap, our_origin: &str) -> bool {
    let is =
        |name: &str, expected: &str| headers.get(name).is_some_and(|value| value.as_bytes() == expected.as_bytes());
    let site = headers.get("sec-fetch-site").map(|value| value.as_bytes());
    if matches!(*method, Method::GET | Method::HEAD) {
        return match site {
            // Not a browser, or an old one: reading needs no more than a session.
            None => true,
            Some(b"same-origin" | b"none") => true,
            // A link or redirect to a page, seen by a person; not a frame, image, script or fetch.
            Some(_) => is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document"),
        };
    }
    match (headers.get(ORIGIN), site) {
        (Some(origin), None | Some(b"same-origin")) => origin.as_bytes() == our_origin.as_bytes(),
        (None, Some(b"same-origin")) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn asked(method: &Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect();
        is_from_us(method, &headers, "https://gatehouse.example.com")
    }

    #[test]
    fn changes_are_taken_from_our_own_pages_only() {
        let us = "https://gatehouse.example.com";
        assert!(asked(&Method::POST, &[("origin", us)]));
        assert!(asked(&Method::POST, &[("origin", us), ("sec-fetch-site", "same-origin")]));
        assert!(asked(&Method::POST, &[("sec-fetch-site", "same-origin")]));
        for foreign in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "https://evil.example.com")],
            &[("origin", "https://gatehouse.example.com.evil.com")],
            &[("origin", "http://gatehouse.example.com")],
            &[("origin", "https://gatehouse.example.com:444")],
            &[("origin", us), ("sec-fetch-site", "cross-site")],
            &[("origin", us), ("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("referer", "https://gatehouse.example.com/")],
        ] {
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
                assert!(!asked(&method, foreign), "{method} {foreign:?}");
            }
        }
    }

    #[test]
    fn a_program_with_a_token_needs_no_origin_and_a_browser_with_one_does() {
        let is = |path: &str, headers: &[(&'static str, &'static str)]| {
            let headers = headers.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect();
            is_a_program(path, &headers)
        };
        let token = ("authorization", "Bearer x");
        assert!(is("/api/v1/changes", &[token]));
        for of_a_browser in [("cookie", "a=b"), ("origin", "https://evil.example"), ("sec-fetch-site", "none")] {
            assert!(!is("/api/v1/changes", &[token, of_a_browser]), "{of_a_browser:?}");
        }
        assert!(!is("/api/v1/changes", &[]));
        for elsewhere in ["/api/ui/begin_decision", "/auth/logout", "/api/v1"] {
            assert!(!is(elsewhere, &[token]), "{elsewhere}");
        }
    }

    #[test]
    fn another_site_may_lead_a_person_here_and_nothing_else() {
        assert!(asked(&Method::GET, &[]));
        assert!(asked(&Method::GET, &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")]));
        let link = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        assert!(asked(&Method::GET, &link));
        for (mode, dest) in [("navigate", "iframe"), ("no-cors", "script"), ("no-cors", "image"), ("cors", "empty")] {
            let headers = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
            assert!(!asked(&Method::GET, &headers), "{mode} {dest}");
        }
    }
}
