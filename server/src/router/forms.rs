//! What does a browser without JavaScript get back when it sends a form, or is refused on its way in?
//!
//! Always a page. A form's answer is the page that it was sent from; if it was refused, that page says why. The refusal
//! travels in a cookie that only we can set and that is good for one page, never in the address: there anybody could
//! write a refusal, and send it to somebody.

use crate::context::Context;
use crate::error::{problem, request_id};
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, COOKIE, REFERER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatehouse_domain::problem::Problem;

/// Like the session's, nobody else can set it: no other host, path or plain connection.
const TOLD: &str = "__Host-gatehouse-told";
/// What browsers take in one cookie.
const COOKIE_LIMIT: usize = 3800;
/// An answer with every reason is a few kilobytes.
const ANSWER_LIMIT: usize = 64 * 1024;

/// Gives people pages where programs get problems.
pub(super) async fn lead_back(State(ctx): State<Context>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !super::pages::accepts_pages(request.headers()) {
        return next.run(request).await;
    }
    let to = match *request.method() {
        Method::POST if path.starts_with("/api/ui/") => {
            back_to(request.headers(), ctx.config.public_url.origin()).unwrap_or_else(|| "/".to_owned())
        }
        // On the way in there is no page of ours to come from.
        Method::GET | Method::POST if path.starts_with("/auth/") => "/signin".to_owned(),
        _ => return next.run(request).await,
    };
    // Asked as a program asks, it answers as to a program; what a person sees is decided here.
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    let response = next.run(request).await;
    if response.status().is_redirection() {
        return response;
    }
    let status = response.status();
    let (parts, body) = response.into_parts();
    let mut answer = Redirect::to(&to).into_response();
    for cookie in parts.headers.get_all(SET_COOKIE) {
        answer.headers_mut().append(SET_COOKIE, cookie.clone());
    }
    if !status.is_success() {
        let body = to_bytes(body, ANSWER_LIMIT).await.unwrap_or_default();
        let told = serde_json::from_slice(&body).unwrap_or_else(|_| unsaid(status));
        if let Some(cookie) = cookie_of(told) {
            answer.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    answer
}

/// The refusal that this page is to say, with the header that makes sure that no other page says it again.
pub(super) fn told(headers: &HeaderMap) -> Option<(Problem, HeaderValue)> {
    let mut cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(';'));
    let value = cookies.find_map(|pair| pair.trim().strip_prefix(TOLD)?.strip_prefix('='))?;
    let problem = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()?;
    let clear = HeaderValue::from_static("__Host-gatehouse-told=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax");
    Some((problem, clear))
}

/// The page of ours that the form was on, as path and query.
fn back_to(headers: &HeaderMap, our_origin: &str) -> Option<String> {
    let path = headers.get(REFERER)?.to_str().ok()?.strip_prefix(our_origin)?;
    // `https://gatehouse.example.evil.com` begins like us, too.
    (path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\")).then(|| path.to_owned())
}

fn cookie_of(mut told: Problem) -> Option<HeaderValue> {
    let encode = |told: &Problem| serde_json::to_vec(told).ok().map(|json| URL_SAFE_NO_PAD.encode(json));
    let mut value = encode(&told)?;
    if value.len() > COOKIE_LIMIT {
        // The first reason is the title; the rest is in the log, under the request's id.
        told.reasons.clear();
        value = encode(&told).filter(|value| value.len() <= COOKIE_LIMIT)?;
    }
    HeaderValue::from_str(&format!("{TOLD}={value}; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax")).ok()
}

fn unsaid(status: StatusCode) -> Problem {
    problem(status, "portal_failed", "This did not work, and the portal did not say why. Try again.", &request_id())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::testing::{Browser, ORIGIN, TestPortal, read};
    use axum::body::Body;
    use axum::http::header::LOCATION;

    async fn form(portal: &TestPortal, path: &str, referer: &str, body: &'static str) -> Response {
        let request = Request::post(path)
            .header("origin", ORIGIN)
            .header("sec-fetch-site", "same-origin")
            .header(ACCEPT, "text/html,application/xhtml+xml")
            .header(REFERER, referer)
            .header("content-type", "application/x-www-form-urlencoded");
        portal.send(request.body(Body::from(body)).unwrap()).await
    }

    fn location(response: &Response) -> &str {
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        response.headers()[LOCATION].to_str().unwrap()
    }

    fn cookies(response: &Response) -> Vec<&str> {
        response.headers().get_all(SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_form_leads_back_to_its_page() {
        let portal = TestPortal::start().await;
        let done = form(&portal, "/api/ui/theme", &format!("{ORIGIN}/audit?actor=E-1001"), "theme=dark").await;
        assert_eq!(location(&done), "/audit?actor=E-1001");
        assert!(cookies(&done).iter().any(|c| c.starts_with("theme=dark;")), "{:?}", cookies(&done));
        for elsewhere in
            ["https://evil.example/", &format!("{ORIGIN}.evil.example/"), &format!("{ORIGIN}//evil.example"), ""]
        {
            assert_eq!(location(&form(&portal, "/api/ui/theme", elsewhere, "theme=dark").await), "/", "{elsewhere}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_refused_form_is_told_on_its_page_and_only_once() {
        let portal = TestPortal::start().await;
        let refused = form(&portal, "/api/ui/begin_revoke", &format!("{ORIGIN}/keys"), "key=x").await;
        assert_eq!(location(&refused), "/keys");
        let told = cookies(&refused).into_iter().find(|c| c.starts_with(TOLD)).unwrap().to_owned();
        assert!(told.contains("; Secure; HttpOnly") && told.contains("Max-Age=60"), "{told}");
        let page = Request::get("/signin").header(ACCEPT, "text/html").header(COOKIE, told.split(';').next().unwrap());
        let page = portal.send(page.body(Body::empty()).unwrap()).await;
        assert!(cookies(&page).iter().any(|c| c.starts_with(TOLD) && c.contains("Max-Age=0")), "{:?}", cookies(&page));
        let html = String::from_utf8(to_bytes(page.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
        assert!(html.contains("role=\"alert\"") && html.contains("The request is not one"), "{html}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_is_refused_on_the_way_in_sees_a_page() {
        let portal = TestPortal::start().await;
        let request = || Request::get("/auth/callback?state=x&code=y");
        let page = request().header(ACCEPT, "text/html").body(Body::empty()).unwrap();
        let page = portal.send(page).await;
        assert_eq!(location(&page), "/signin");
        let told = cookies(&page).into_iter().find_map(|c| c.strip_prefix(TOLD)).unwrap();
        let value = told.trim_start_matches('=').split(';').next().unwrap();
        let problem: Problem = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).unwrap()).unwrap();
        let program = portal.send(request().body(Body::empty()).unwrap()).await;
        let (status, body) = read(program).await;
        assert_eq!((status.as_u16(), body["code"].as_str()), (problem.status, Some(problem.code.as_str())));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn programs_get_what_they_always_got() {
        let portal = TestPortal::start().await;
        let told = Browser::anonymous(&portal).call("begin_revoke", serde_json::json!({"key": "x"})).await;
        assert_eq!(told.unwrap_err().code, "not_signed_in");
    }

    #[test]
    fn a_refusal_that_is_too_long_for_a_cookie_keeps_its_title() {
        let mut long = unsaid(StatusCode::CONFLICT);
        long.reasons =
            vec![gatehouse_domain::problem::ReasonView { code: "x".repeat(2000), sentence: "y".repeat(2000) }; 2];
        let cookie = cookie_of(long).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, cookie);
        let (told, _) = told(&headers).unwrap();
        assert!(told.reasons.is_empty() && told.title.starts_with("This did not work"));
    }
}
