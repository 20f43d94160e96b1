//! A person at a browser who does what people do: looks, signs, and when it went wrong looks and signs again.

use super::world::World;
use crate::auth::testing::SoftKey;
use crate::testing::ORIGIN;
use gatehouse_domain::ChangeNumber;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

/// Somebody with a session and a key.
pub(super) struct Person<'a> {
    world: &'a World,
    cookies: Mutex<BTreeMap<String, String>>,
    key: SoftKey,
    employee: String,
}

impl<'a> Person<'a> {
    /// Signs in and enrols a key.
    pub(super) async fn arrive(world: &'a World, employee: &str) -> Self {
        let cookies = Mutex::new(BTreeMap::new());
        let person = Self { world, cookies, key: SoftKey::new(employee), employee: employee.to_owned() };
        person.sign_in().await.expect("signs in");
        let begun =
            person.call("begin_enrol", json!({"request": {"name": "first", "founder_code": null}})).await.unwrap();
        let credential = person.key.register(&options(&begun), ORIGIN).to_string();
        let finish = json!({"ceremony": begun["ceremony"], "credential": credential});
        person.call("finish_enrol", finish).await.unwrap();
        person
    }

    async fn sign_in(&self) -> Option<()> {
        let (_, provider) = self.get("/auth/login?to=/").await?;
        let sub = format!("u-{}", self.employee.trim_start_matches("E-"));
        let back = self.world.twin.people().sign_in(provider.as_str()?, &sub).ok()?;
        self.get(back.strip_prefix(ORIGIN)?).await.map(drop)
    }

    /// Signs in again whenever the provider no longer takes the stored token: it gives a new one for each that is used,
    /// and whoever is killed between the two has neither.
    pub(super) async fn stay_confirmed(&self) {
        let lost = "SELECT true FROM people_role_facts JOIN people_accounts USING (account)
                    WHERE person = $1 AND refresh_token IS NULL";
        loop {
            let is_lost: Result<Option<bool>, _> =
                sqlx::query_scalar(lost).bind(&self.employee).fetch_optional(&mut self.world.sql().await).await;
            if matches!(is_lost, Ok(Some(true))) {
                let _ = self.sign_in().await;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// Approves until the approval stands.
    pub(super) async fn approve(&self, number: &ChangeNumber) {
        let what = format!("{} approves {number}", self.employee);
        self.world
            .within(&what, async {
                while !self.stands(number).await {
                    // Whether it worked, the next look tells; what a killed portal said is no proof of either.
                    if self.try_to_approve(number).await.is_none() {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            })
            .await;
    }

    async fn stands(&self, number: &ChangeNumber) -> bool {
        let approved = "SELECT true FROM changes_approvals WHERE number = $1 AND person = $2 AND fell_because IS NULL";
        let found: Result<Option<bool>, _> = sqlx::query_scalar(approved)
            .bind(number.as_str())
            .bind(&self.employee)
            .fetch_optional(&mut self.world.sql().await)
            .await;
        matches!(found, Ok(Some(true)))
    }

    async fn try_to_approve(&self, number: &ChangeNumber) -> Option<()> {
        let (_, shown) = self.get(&format!("/api/ui/change?number={number}")).await?;
        if shown["rollback"]["confirmed_by"].is_null() {
            let plan = shown["rollback"]["plan_digest"].as_str()?;
            self.post("confirm_plan", format!("number={number}&plan_digest={plan}")).await?;
        }
        let request = json!({
            "number": number, "decision": "approve", "comment": "read it", "subject_digest": shown["subject_digest"],
        });
        let begun = self.call("begin_decision", json!({ "request": request })).await?;
        let assertion = self.key.sign(&options(&begun), ORIGIN).to_string();
        self.call("finish_decision", json!({"ceremony": begun["ceremony"], "assertion": assertion})).await?;
        Some(())
    }

    async fn call(&self, function: &str, body: Value) -> Option<Value> {
        let address = self.world.address()?;
        let request = self.world.http.post(format!("http://{address}/api/ui/{function}")).json(&body);
        let (status, body) =
            self.send(request.header("origin", ORIGIN).header("sec-fetch-site", "same-origin")).await?;
        (status == 200).then_some(body)
    }

    /// A plain form, as a page sends it.
    async fn post(&self, function: &str, form: String) -> Option<()> {
        let address = self.world.address()?;
        let request = self.world.http.post(format!("http://{address}/api/ui/{function}")).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let sent = self.send(request.header("origin", ORIGIN).header("sec-fetch-site", "same-origin")).await?;
        (sent.0 < 400).then_some(())
    }

    async fn get(&self, path: &str) -> Option<(u16, Value)> {
        let address = self.world.address()?;
        self.send(self.world.http.get(format!("http://{address}{path}"))).await.filter(|(status, _)| *status < 400)
    }

    /// The status and the JSON, or the place that it redirects to.
    async fn send(&self, request: reqwest::RequestBuilder) -> Option<(u16, Value)> {
        let cookies: Vec<String> = self.cookies.lock().unwrap().iter().map(|(k, v)| format!("{k}={v}")).collect();
        let request = request.header("host", "localhost:8080").header("accept", "application/json");
        let response = request.header("cookie", cookies.join("; ")).send().await.ok()?;
        for cookie in response.headers().get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
        let status = response.status().as_u16();
        if let Some(to) = response.headers().get("location") {
            return Some((status, json!(to.to_str().unwrap())));
        }
        Some((status, response.json().await.unwrap_or_default()))
    }
}

fn options(begun: &Value) -> Value {
    serde_json::from_str(begun["options"].as_str().unwrap()).unwrap()
}
