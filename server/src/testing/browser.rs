//! One person's browser: cookies, a key, and the requests that our pages make.

use super::{ORIGIN, TestPortal, read};
use crate::auth::testing::{SoftKey, Touch};
use axum::body::Body;
use axum::http::header::{COOKIE, LOCATION, ORIGIN as ORIGIN_HEADER, SET_COOKIE};
use axum::http::{Method, Request, Response, StatusCode};
use gatehouse_app::changes::shape::ChangeView;
use gatehouse_app::policy::shape::PolicyView;
use gatehouse_domain::ChangeNumber;
use gatehouse_domain::problem::Problem;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// A browser.
pub struct Browser<'a> {
    portal: &'a TestPortal,
    cookies: Mutex<BTreeMap<String, String>>,
    /// The person's key in this browser.
    pub key: SoftKey,
    /// The employee id.
    pub employee: String,
}

impl<'a> Browser<'a> {
    /// A browser that nobody is signed in with.
    pub fn anonymous(portal: &'a TestPortal) -> Self {
        Self { portal, cookies: Mutex::new(BTreeMap::new()), key: SoftKey::new("nobody"), employee: String::new() }
    }

    /// Goes through the whole code flow, as the person of this employee id.
    pub async fn sign_in(portal: &'a TestPortal, employee: &str) -> Self {
        let sub = format!("u-{}", employee.trim_start_matches("E-"));
        Self::sign_in_as(portal, employee, &sub).await
    }

    /// The same through one account of theirs.
    pub async fn sign_in_as(portal: &'a TestPortal, employee: &str, sub: &str) -> Self {
        let browser = Self {
            portal,
            cookies: Mutex::new(BTreeMap::new()),
            key: SoftKey::new(employee),
            employee: employee.to_owned(),
        };
        browser.sign_in_through(sub).await;
        browser
    }

    /// The same in this browser, whoever it knows.
    pub async fn sign_in_again(&self) {
        self.sign_in_through(&format!("u-{}", self.employee.trim_start_matches("E-"))).await;
    }

    async fn sign_in_through(&self, sub: &str) {
        let said = self.try_sign_in(sub).await;
        assert!(said.is_null(), "{said}");
    }

    /// The problem that a sign-in ends with, if it does.
    pub async fn try_sign_in(&self, sub: &str) -> Value {
        let begun = self.request(Method::GET, "/auth/login?to=/", None).await;
        let provider = begun.headers()[LOCATION].to_str().unwrap().to_owned();
        let back = self.portal.twin.people().sign_in(&provider, sub).unwrap();
        let path = back.strip_prefix(ORIGIN).unwrap_or_else(|| panic!("sent elsewhere: {back}")).to_owned();
        read(self.request(Method::GET, &path, None).await).await.1
    }

    /// Puts the browser away, for a portal that is going to be built again.
    pub fn keep(self) -> Kept {
        Kept { cookies: self.cookies, key: self.key, employee: self.employee }
    }

    /// Sends a request as this browser does, and keeps its cookies.
    pub async fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Response<Body> {
        let cookies = self.cookies();
        let mut request = Request::builder().method(&method).uri(path).header("host", "localhost:8080");
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        if method != Method::GET {
            request = request.header(ORIGIN_HEADER, ORIGIN).header("sec-fetch-site", "same-origin");
        }
        if body.is_some() {
            request = request.header("content-type", "application/json").header("accept", "application/json");
        }
        let body = body.map_or_else(Body::empty, |value| Body::from(value.to_string()));
        let response = self.portal.send(request.body(body).unwrap()).await;
        for cookie in response.headers().get_all(SET_COOKIE) {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert!(rest.contains("Secure") && rest.contains("HttpOnly"), "{rest}");
            let mut cookies = self.cookies.lock().unwrap();
            if value.is_empty() {
                cookies.remove(name)
            } else {
                cookies.insert(name.to_owned(), value.to_owned())
            };
        }
        response
    }

    /// Where it is a browser of.
    pub fn portal(&self) -> &TestPortal {
        self.portal
    }

    /// The cookies as a request carries them.
    pub fn cookies(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("; ")
    }

    /// A request of our own page with these exact bytes as its JSON body.
    pub async fn request_raw(&self, method: Method, path: &str, body: &str) -> Response<Body> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:8080")
            .header(COOKIE, self.cookies())
            .header(ORIGIN_HEADER, ORIGIN)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/json")
            .header("accept", "application/json");
        self.portal.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// A server function that reads.
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.request(Method::GET, path, None).await).await
    }

    /// A server function that acts.
    pub async fn call(&self, function: &str, body: Value) -> Result<Value, Problem> {
        let response = self.request(Method::POST, &format!("/api/ui/{function}"), Some(&body)).await;
        let (status, body) = read(response).await;
        if status.is_success() { Ok(body) } else { Err(serde_json::from_value(body).unwrap()) }
    }

    /// A server function that acts, as a plain form sends it; where it leads.
    pub async fn submit(&self, function: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let response = self.form(function, fields, "text/html").await;
        let to = response.headers().get(LOCATION).map_or_else(String::new, |to| to.to_str().unwrap().to_owned());
        (response.status(), to)
    }

    /// The same, answered to a page or to a program.
    pub async fn form(&self, function: &str, fields: &[(&str, &str)], accept: &str) -> Response<Body> {
        let body = fields.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
        let request = Request::post(format!("/api/ui/{function}"))
            .header("host", "localhost:8080")
            .header(COOKIE, self.cookies())
            .header(ORIGIN_HEADER, ORIGIN)
            .header("accept", accept)
            .header("referer", format!("{ORIGIN}/sessions"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        self.portal.send(request).await
    }

    /// Who the portal thinks this is.
    pub async fn who(&self) -> crate::people::SignedIn {
        let headers = [(COOKIE, self.cookies().parse().unwrap())].into_iter().collect();
        let caller = crate::people::Caller::of_request(&self.portal.ctx, &headers, "192.0.2.7".to_owned()).await;
        caller.unwrap().session.unwrap()
    }

    /// The change as this person sees it.
    pub async fn change(&self, number: &ChangeNumber) -> ChangeView {
        let (status, body) = self.get(&format!("/api/ui/change?number={number}")).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        serde_json::from_value(body).unwrap()
    }

    /// Begins a decision on what the page shows now; gives the ceremony.
    pub async fn begin(&self, number: &ChangeNumber, decision: &str) -> Result<Value, Problem> {
        let shown = self.change(number).await.subject_digest;
        let request = json!({"number": number, "decision": decision, "comment": "read it", "subject_digest": shown});
        self.call("begin_decision", json!({ "request": request })).await
    }

    /// Touches the key and gives the answer.
    pub async fn finish(&self, ceremony: &Value, assertion: &Value) -> Result<Value, Problem> {
        self.call("finish_decision", json!({"ceremony": ceremony["ceremony"], "assertion": assertion.to_string()}))
            .await
    }

    /// Touches the key for a ceremony and gives the answer.
    pub async fn sign(&self, ceremony: &Value) -> Result<Value, Problem> {
        self.finish(ceremony, &self.touch(ceremony)).await
    }

    /// Signs what a ceremony asks for, honestly.
    pub fn touch(&self, ceremony: &Value) -> Value {
        self.touch_with(ceremony, |_| {})
    }

    /// Signs, bent by an attack.
    pub fn touch_with(&self, ceremony: &Value, attack: impl FnOnce(&mut Touch)) -> Value {
        let options: Value = serde_json::from_str(ceremony["options"].as_str().unwrap()).unwrap();
        self.key.sign_with(&options, ORIGIN, attack)
    }

    /// Decides from beginning to end.
    pub async fn decide(&self, number: &ChangeNumber, decision: &str) -> Result<Value, Problem> {
        let ceremony = self.begin(number, decision).await?;
        self.finish(&ceremony, &self.touch(&ceremony)).await
    }

    /// Approves from beginning to end.
    pub async fn approve(&self, number: &ChangeNumber) -> Result<Value, Problem> {
        self.decide(number, "approve").await
    }

    /// Enrols this browser's key as the person's first.
    pub async fn enrol(&self, name: &str) -> Result<Value, Problem> {
        self.enrol_with(name, None).await
    }

    /// The same with a founder's code.
    pub async fn enrol_with(&self, name: &str, code: Option<&str>) -> Result<Value, Problem> {
        let begun = self.call("begin_enrol", json!({"request": {"name": name, "founder_code": code}})).await?;
        let options: Value = serde_json::from_str(begun["options"].as_str().unwrap()).unwrap();
        let credential = self.key.register(&options, ORIGIN);
        self.call("finish_enrol", json!({"ceremony": begun["ceremony"], "credential": credential.to_string()})).await
    }

    /// A REST request as a person's own client sends it; a request that changes something is named `key`.
    pub async fn rest(&self, method: Method, path: &str, key: &str, body: Option<&Value>) -> Response<Body> {
        let mut request = Request::builder().method(&method).uri(path).header(COOKIE, self.cookies());
        if method != Method::GET {
            request = request.header(ORIGIN_HEADER, ORIGIN).header("sec-fetch-site", "same-origin");
        }
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |value| Body::from(value.to_string()));
        self.portal.send(request.body(body).unwrap()).await
    }

    /// The policy page as this person sees it.
    pub async fn policy(&self) -> PolicyView {
        let (status, body) = self.get("/api/ui/policy").await;
        assert_eq!(status, StatusCode::OK, "{body}");
        serde_json::from_value(body).unwrap()
    }

    /// Begins to propose what the policy page shows.
    pub async fn begin_proposal(&self, base: &str, proposed: &str) -> Result<Value, Problem> {
        let request = json!({"base": base, "proposed": proposed});
        self.call("begin_proposal", json!({ "request": request })).await
    }

    /// Touches the key for a proposal.
    pub async fn finish_proposal(&self, begun: &Value) -> Result<ChangeNumber, Problem> {
        let body = json!({"ceremony": begun["ceremony"], "assertion": self.touch(begun).to_string()});
        let done = self.call("finish_proposal", body).await?;
        Ok(done["number"].as_str().unwrap().parse().unwrap())
    }

    /// Proposes what the file says, from beginning to end.
    pub async fn propose(&self) -> Result<ChangeNumber, Problem> {
        let view = self.policy().await;
        let proposed = view.proposal.map_or_else(|| "0".repeat(64), |proposal| proposal.digest);
        let begun = self.begin_proposal(&view.digest, &proposed).await?;
        self.finish_proposal(&begun).await
    }

    /// Begins to issue a machine token.
    pub async fn begin_token(&self, scopes: &[&str], days: u16) -> Result<Value, Problem> {
        let request = json!({"name": "dashboard", "scopes": scopes, "days": days});
        self.call("begin_token", json!({ "request": request })).await
    }

    /// Issues a machine token from beginning to end; gives its id and its secret.
    pub async fn token(&self, scopes: &[&str], days: u16) -> Result<(String, String), Problem> {
        let begun = self.begin_token(scopes, days).await?;
        let body = json!({"ceremony": begun["ceremony"], "assertion": self.touch(&begun).to_string()});
        let made = self.call("finish_token", body).await?;
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Ok((text("token"), text("secret")))
    }

    /// Takes this browser's cookies into another one: a stolen session.
    pub fn steal(&self) -> Browser<'a> {
        Browser {
            portal: self.portal,
            cookies: Mutex::new(self.cookies.lock().unwrap().clone()),
            key: SoftKey::new("thief"),
            employee: self.employee.clone(),
        }
    }
}

/// A browser that is at no portal: its cookies and its key.
pub struct Kept {
    cookies: Mutex<BTreeMap<String, String>>,
    key: SoftKey,
    employee: String,
}

impl Kept {
    /// The same browser, at this portal.
    pub fn at(self, portal: &TestPortal) -> Browser<'_> {
        Browser { portal, cookies: self.cookies, key: self.key, employee: self.employee }
    }
}
