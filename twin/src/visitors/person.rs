//! Somebody at a browser: cookies, a session, a key, and the requests that the portal's pages make.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, bail};
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use serde_json::{Value, json};

use super::key::Key;
use crate::oidc::PeopleHandle;
use crate::state::Shared;
use crate::value::at;

/// Somebody at a browser of their own, signed in, with a key.
pub struct Person {
    /// Follows no redirects: each step is a request of its own, as the cookies want it.
    http: reqwest::Client,
    portal: String,
    cookies: BTreeMap<String, String>,
    key: Key,
}

impl Person {
    /// Signs in through the identity provider and adds a key.
    pub(crate) async fn arrive(shared: &Shared, sub: &str) -> anyhow::Result<Self> {
        let portal = shared.portal().context("the twin does not know the portal's address")?;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .no_proxy()
            .build()?;
        let key = Key::new(&format!("{} {sub}", shared.secrets.webhook))?;
        let mut person = Self { http, portal, cookies: BTreeMap::new(), key };
        let provider = person.get("/auth/login?to=/").await?;
        let back = PeopleHandle(shared.clone()).sign_in(text(&provider)?, sub)?;
        let path = back.strip_prefix(&person.portal).context("the provider leads back to the portal")?.to_owned();
        person.get(&path).await?;
        let request = json!({ "request": { "name": "Desk key", "founder_code": null } });
        let begun = person.call("begin_enrol", request).await?;
        let credential = person.key.register(&options(&begun)?, &person.portal)?.to_string();
        let finish = json!({ "ceremony": at(&begun, "ceremony"), "credential": credential });
        person.call("finish_enrol", finish).await?;
        Ok(person)
    }

    /// The number of the change with this title, once the portal has opened it. Bounded.
    ///
    /// # Errors
    /// When it opens none in time.
    pub async fn find(&mut self, title: &str) -> anyhow::Result<String> {
        for _ in 0..150 {
            let page = self.get("/api/ui/changes").await?;
            let rows = at(&page, "rows").as_array().cloned().unwrap_or_default();
            if let Some(row) = rows.iter().find(|row| at(row, "title") == title) {
                return Ok(text(at(row, "number"))?.to_owned());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        bail!("the portal opened no change for `{title}`")
    }

    /// Reads a change and signs a decision on it.
    ///
    /// # Errors
    /// When the portal refuses it.
    pub async fn decide(&mut self, number: &str, decision: &str, comment: &str) -> anyhow::Result<()> {
        let finish = self.prepare(number, decision, comment).await?;
        self.call("finish_decision", finish).await.map(drop)
    }

    /// Confirms the rollback plan of a change, as the plain form on its page does.
    ///
    /// # Errors
    /// When the portal refuses it.
    pub async fn confirm(&mut self, number: &str) -> anyhow::Result<()> {
        let change = self.get(&format!("/api/ui/change?number={number}")).await?;
        let plan = text(at(at(&change, "rollback"), "plan_digest"))?;
        let form = format!("number={number}&plan_digest={plan}");
        let request = self.http.post(format!("{}/api/ui/confirm_plan", self.portal)).body(form);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.header(ORIGIN, &self.portal).header("sec-fetch-site", "same-origin");
        self.send(request, "confirm_plan").await.map(drop)
    }

    /// The same up to the touch: what `/api/ui/finish_decision` is to be sent, and was not yet.
    ///
    /// # Errors
    /// When the portal refuses it.
    pub async fn prepare(&mut self, number: &str, decision: &str, comment: &str) -> anyhow::Result<Value> {
        let change = self.get(&format!("/api/ui/change?number={number}")).await?;
        let digest = at(&change, "subject_digest");
        let request = json!({
            "request": { "number": number, "decision": decision, "comment": comment, "subject_digest": digest },
        });
        let begun = self.call("begin_decision", request).await?;
        let assertion = self.key.sign(&options(&begun)?, &self.portal)?.to_string();
        Ok(json!({ "ceremony": at(&begun, "ceremony"), "assertion": assertion }))
    }

    /// The `Cookie` of this browser.
    #[must_use]
    pub fn cookies(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    async fn call(&mut self, function: &str, body: Value) -> anyhow::Result<Value> {
        let request = self.http.post(format!("{}/api/ui/{function}", self.portal)).json(&body);
        self.send(request.header(ORIGIN, &self.portal).header("sec-fetch-site", "same-origin"), function).await
    }

    async fn get(&mut self, path: &str) -> anyhow::Result<Value> {
        self.send(self.http.get(format!("{}{path}", self.portal)), path).await
    }

    /// The JSON of an answer, or the place that it redirects to.
    async fn send(&mut self, request: reqwest::RequestBuilder, what: &str) -> anyhow::Result<Value> {
        let request = request.header(COOKIE, self.cookies()).header("accept", "application/json");
        let response = request.send().await.with_context(|| format!("asking the portal for {what}"))?;
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.context("a cookie has a name")?;
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let status = response.status();
        if let Some(to) = response.headers().get(LOCATION) {
            return Ok(json!(to.to_str()?));
        }
        let body: Value = response.json().await.unwrap_or_default();
        if !status.is_success() {
            bail!("{what}: {status}: {}", at(&body, "title"));
        }
        Ok(body)
    }
}

fn text(value: &Value) -> anyhow::Result<&str> {
    value.as_str().context("the portal did not answer as its pages expect")
}

fn options(begun: &Value) -> anyhow::Result<Value> {
    Ok(serde_json::from_str(text(at(begun, "options"))?)?)
}
