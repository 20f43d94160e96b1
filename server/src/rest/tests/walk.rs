//! Every operation of the description, and every server function: who may not, what it leaves, what it does not.
//!
//! A new operation is walked by itself. What cannot be known of it (the value of a path's part, an act's own story) is
//! asked for here, and the test fails until it is given.

use super::{get, told};
use crate::auth::testing::SoftKey;
use crate::rest::description;
use crate::testing::{Browser, ORIGIN, TestPortal, read};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use gatehouse_domain::audit::{Actor, Event};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ALL: [&str; 4] = ["changes:read", "runs:read", "audit:read", "people:read"];

struct Operation {
    id: String,
    method: Method,
    template: String,
    security: Value,
    acts: bool,
}

/// Everything that the description says there is.
fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(description()).unwrap();
    let mut all = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            all.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                acts: method != Method::GET,
                security: operation["security"].clone(),
                template: template.clone(),
                method,
            });
        }
    }
    assert!(all.len() > 15, "the description is not what it was");
    all
}

/// Real ids for the parts of a path of which something can be read, and ids of nothing for the others.
async fn path_of(portal: &TestPortal, operation: &Operation, number: &str) -> String {
    let entry = portal.entries().await.first().unwrap().id.to_string();
    let nobody = "01890000-0000-7000-8000-00000000dead";
    let asked: Option<String> = sqlx::query_scalar("SELECT request_id::text FROM people_requests LIMIT 1")
        .fetch_optional(&portal.db.owner)
        .await
        .unwrap();
    let request = if operation.acts { nobody } else { asked.as_deref().unwrap_or(nobody) };
    let mut path = operation.template.clone();
    for (part, value) in [("{number}", number), ("{id}", &entry), ("{request}", request)] {
        path = path.replace(part, value);
    }
    if path.contains("{run}") {
        path = path.replace("{run}", &told(portal).await);
    }
    for part in ["{ceremony}", "{key}", "{token}", "{session}"] {
        path = path.replace(part, nobody);
    }
    assert!(!path.contains('{'), "say here what stands for the new part of {path}");
    path
}

async fn raw(portal: &TestPortal, operation: &Operation, path: &str, cookies: &str, key: &str) -> (StatusCode, Value) {
    let mut request = Request::builder().method(&operation.method).uri(path).header("origin", ORIGIN);
    if !cookies.is_empty() {
        request = request.header("cookie", cookies);
    }
    if !key.is_empty() {
        request = request.header("idempotency-key", key);
    }
    read(portal.send(request.body(Body::empty()).unwrap()).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_closed_to_somebody_unknown_and_counts_them_once() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    for operation in operations() {
        let path = path_of(&portal, &operation, held.number.as_str()).await;
        sqlx::query("DELETE FROM audit_refusal_counts").execute(&portal.db.owner).await.unwrap();
        let watch = portal.watch().await;
        let (status, problem) = raw(&portal, &operation, &path, "", "k").await;
        assert_eq!((status.as_u16(), &problem["code"]), (401, &json!("not_signed_in")), "{}", operation.id);
        watch.saw_nothing().await;
        let attempt = format!("{} {}", operation.method, operation.template);
        assert_eq!(portal.counted().await, [(attempt, "not_signed_in".to_owned(), 1)], "{}", operation.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_takes_whom_it_says_it_takes() {
    let portal = TestPortal::start_strict().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, _) = portal.founders().await;
    let (_, every) = asha.token(&ALL, 1).await.unwrap();
    for operation in operations() {
        let path = path_of(&portal, &operation, held.number.as_str()).await;
        let watch = portal.watch().await;
        if operation.acts {
            assert_eq!(operation.security, json!([{"session": []}]), "{} acts: a person only", operation.id);
            let refused = read(portal.program(&every, operation.method.clone(), &path, Some(&json!({}))).await).await;
            assert_eq!((refused.0.as_u16(), &refused.1["code"]), (403, &json!("token_cannot_act")), "{}", operation.id);
            watch.saw_one_refusal("token_cannot_act").await;
            continue;
        }
        let scope = operation.security[1]["token"][0].as_str().unwrap();
        assert_eq!(operation.security, json!([{"session": []}, {"token": [scope]}]), "{}", operation.id);
        let answer = read(portal.program(&every, Method::GET, &path, None).await).await;
        assert_eq!(answer.0, StatusCode::OK, "{}: {}", operation.id, answer.1);
        watch.saw_nothing().await;
        let others: Vec<&str> = ALL.into_iter().filter(|other| *other != scope).collect();
        let (_, narrow) = asha.token(&others, 1).await.unwrap();
        let watch = portal.watch().await;
        let refused = read(portal.program(&narrow, Method::GET, &path, None).await).await;
        assert_eq!((refused.0.as_u16(), &refused.1["code"]), (403, &json!("scope_missing")), "{}", operation.id);
        watch.saw_one_refusal("scope_missing").await;
        let entries = portal.entries().await;
        assert!(matches!(&entries.last().unwrap().actor, Actor::Machine { person, .. } if person.as_str() == "E-1001"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_read_leaves_an_entry_but_that_of_the_log_itself() {
    let portal = TestPortal::start_strict().await;
    let held = portal.held("score-api", "rohandas").await;
    let (asha, _) = portal.founders().await;
    for operation in operations().into_iter().filter(|operation| !operation.acts) {
        let path = path_of(&portal, &operation, held.number.as_str()).await;
        let watch = portal.watch().await;
        let (status, answer) = get(&asha, &path).await;
        assert_eq!(status, StatusCode::OK, "{}: {answer}", operation.id);
        watch.saw_nothing().await;
        let reads: Option<i64> = sqlx::query_scalar("DELETE FROM audit_read_counts RETURNING count")
            .fetch_optional(&portal.db.owner)
            .await
            .unwrap();
        assert_eq!(reads.is_some(), path.starts_with("/api/v1/audit/"), "{}", operation.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_the_log_is_an_entry_a_minute_and_reader() {
    let portal = TestPortal::start().await;
    let asha = portal.signer("E-1001").await;
    let (token, secret) = asha.token(&["audit:read"], 1).await.unwrap();
    for _ in 0..3 {
        get(&asha, "/api/v1/audit/entries").await;
        portal.program(&secret, Method::GET, "/api/v1/audit/entries", None).await;
    }
    assert_eq!(asha.get("/api/ui/audit").await.0, StatusCode::OK);
    let before = portal.entries().await.len();
    assert_eq!(crate::audit::flush_reads(&portal.ctx).await.unwrap(), 0, "the minute is not over");
    portal.advance(chrono::Duration::minutes(1)).await;
    assert_eq!(crate::audit::flush_reads(&portal.ctx).await.unwrap(), 2);
    assert_eq!(crate::audit::flush_reads(&portal.ctx).await.unwrap(), 0);
    let entries = portal.entries().await;
    let read: BTreeSet<(String, String)> = entries[before..]
        .iter()
        .map(|entry| match &entry.event {
            Event::LogRead(read) => (entry.actor.key(), read.count.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(read, BTreeSet::from([("E-1001".to_owned(), "4".to_owned()), (token, "3".to_owned())]));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_act_that_is_refused_leaves_one_entry() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    for operation in operations().into_iter().filter(|operation| operation.acts) {
        let path = path_of(&portal, &operation, held.number.as_str()).await;
        let watch = portal.watch().await;
        let (status, problem) = raw(&portal, &operation, &path, &asha.cookies(), "").await;
        assert_eq!((status.as_u16(), &problem["code"]), (400, &json!("idempotency_key_missing")), "{}", operation.id);
        watch.saw_one_refusal("idempotency_key_missing").await;
        // No body, or ids of nothing: refused by the edge or by the service, and recorded by one of them.
        let watch = portal.watch().await;
        let (status, problem) = raw(&portal, &operation, &path, &asha.cookies(), &operation.id).await;
        assert!(status.is_client_error(), "{}: {problem}", operation.id);
        watch.saw_one_refusal(problem["code"].as_str().unwrap()).await;
        let watch = portal.watch().await;
        let (_, problem) =
            raw(&portal, &operation, &format!("{path}?x=1"), &asha.cookies(), &format!("x-{}", operation.id)).await;
        assert_eq!(problem["code"], "request_malformed", "{}", operation.id);
        watch.saw_one_refusal("request_malformed").await;
    }
}

/// One story through every operation that acts.
struct Story<'a> {
    who: &'a Browser<'a>,
    done: BTreeSet<&'static str>,
}

impl Story<'_> {
    /// Does it, and sees what it left in the log.
    async fn act(&mut self, id: &'static str, method: Method, path: &str, body: Option<Value>, left: &[&str]) -> Value {
        let portal = self.who.portal();
        let before = portal.entries().await.len();
        let (status, answer) = read(self.who.rest(method, path, &format!("{id}-{before}"), body.as_ref()).await).await;
        assert_eq!(status, StatusCode::OK, "{id}: {answer}");
        let acts: Vec<&str> = portal.entries().await[before..].iter().map(|entry| entry.event.act()).collect();
        assert_eq!(acts, left, "{id}");
        self.done.insert(id);
        answer
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_act_that_is_done_leaves_its_entry() {
    let done: BTreeSet<&str> = of_ones_own().await.into_iter().chain(about_others().await).collect();
    let all: BTreeSet<String> = operations().into_iter().filter(|o| o.acts).map(|o| o.id).collect();
    let done: BTreeSet<String> = done.into_iter().map(ToString::to_string).collect();
    assert_eq!(all, done, "tell in a story what the new operation does, and which entry it leaves");
}

/// Keys, a change and a token.
async fn of_ones_own() -> BTreeSet<&'static str> {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.browser("E-1001").await;
    let mut story = Story { who: &asha, done: BTreeSet::new() };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let sign = |begun: &Value| json!({ "assertion": asha.key.sign(&begun["options"], ORIGIN) });
    let post = Method::POST;

    let wanted = json!({"name": "first", "founder_code": null});
    let begun = story.act("begin_enrolment", post.clone(), "/api/v1/people/keys", Some(wanted), &[]).await;
    let path = format!("/api/v1/people/keys/enrolments/{}", text(&begun["ceremony"]));
    let made = json!({ "credential": asha.key.register(&begun["options"], ORIGIN) });
    story.act("finish_enrolment", post.clone(), &path, Some(made), &["people.key_enrolled"]).await;

    let wanted = json!({"name": "second", "founder_code": null});
    let begun = story.act("begin_enrolment", post.clone(), "/api/v1/people/keys", Some(wanted), &[]).await;
    let path = format!("/api/v1/people/keys/enrolments/{}", text(&begun["ceremony"]));
    let made = json!({ "credential": SoftKey::new("spare").register(&begun["options"], ORIGIN) });
    let step = story.act("finish_enrolment", post.clone(), &path, Some(made), &[]).await;
    let path = format!("/api/v1/people/keys/enrolments/{}/signature", text(&step["sign"]["ceremony"]));
    story.act("sign_enrolment", post.clone(), &path, Some(sign(&step["sign"])), &["people.key_enrolled"]).await;

    let (_, change) = get(&asha, &format!("/api/v1/changes/{}", held.number)).await;
    let said = [("reject", "changes.rejected"), ("withdraw", "changes.withdrawn"), ("approve", "changes.approved")];
    for (decision, act) in said {
        let digest = &change["subject"]["digest"];
        let wanted = json!({"decision": decision, "comment": "Read it.", "subject_digest": digest});
        let path = format!("/api/v1/changes/{}/decisions", held.number);
        let begun = story.act("begin_decision", post.clone(), &path, Some(wanted), &[]).await;
        let path = format!("/api/v1/changes/decisions/{}", text(&begun["ceremony"]));
        story.act("finish_decision", post.clone(), &path, Some(sign(&begun)), &[act]).await;
    }

    let wanted = json!({"name": "dash", "scopes": ["audit:read"], "days": 1});
    let begun = story.act("begin_issue", post.clone(), "/api/v1/people/tokens", Some(wanted), &[]).await;
    let path = format!("/api/v1/people/tokens/issues/{}", text(&begun["ceremony"]));
    let made = story.act("finish_issue", post.clone(), &path, Some(sign(&begun)), &["people.token_issued"]).await;
    let path = format!("/api/v1/people/tokens/{}", text(&made["token"]));
    story.act("revoke", Method::DELETE, &path, None, &["people.token_revoked"]).await;

    let (_, keys) = get(&asha, "/api/v1/people/keys").await;
    let spare = keys["keys"].as_array().unwrap().iter().find(|key| key["name"] == "second").unwrap();
    let path = format!("/api/v1/people/keys/{}/revocations", text(&spare["id"]));
    let begun = story.act("begin_revocation", post.clone(), &path, None, &[]).await;
    let path = format!("/api/v1/people/keys/revocations/{}", text(&begun["ceremony"]));
    story.act("finish_revocation", post, &path, Some(sign(&begun)), &["people.key_revoked"]).await;
    story.done
}

/// A colleague's key and sessions, where nothing is relaxed.
async fn about_others() -> BTreeSet<&'static str> {
    let portal = TestPortal::start_strict().await;
    let (asha, _) = portal.founders().await;
    let leela = portal.browser("E-1003").await;
    leela.enrol("first").await.unwrap();
    let (_, open) = get(&asha, "/api/v1/people/requests").await;
    let key = open["requests"].as_array().unwrap().iter().find(|request| request["wants"] == "key").unwrap();
    assert_eq!((&key["person"], &key["state"]), (&json!("E-1003"), &json!("asked")));
    let path = format!("/api/v1/people/requests/{}", key["id"].as_str().unwrap());
    let (_, shown) = get(&asha, &path).await;
    assert_eq!((&shown["against_yes"], &shown["subject"]["person"]), (&json!([]), &json!("E-1003")));

    let mut story = Story { who: &asha, done: BTreeSet::new() };
    let wanted = json!({"decision": "approve", "subject_digest": shown["subject_digest"]});
    let to = format!("{path}/endorsements");
    let begun = story.act("begin_endorsement", Method::POST, &to, Some(wanted), &[]).await;
    let to = format!("/api/v1/people/requests/endorsements/{}", begun["ceremony"].as_str().unwrap());
    let touch = json!({ "assertion": asha.key.sign(&begun["options"], ORIGIN) });
    story.act("finish_endorsement", Method::POST, &to, Some(touch), &["people.endorsed"]).await;
    let (_, shown) = get(&leela, &path).await;
    assert_eq!((&shown["endorsements"][0]["person"], &shown["state"]), (&json!("E-1001"), &json!("asked")));

    let others = [portal.browser("E-1003").await, portal.browser("E-1003").await];
    let (_, sessions) = get(&leela, "/api/v1/people/sessions").await;
    let sessions = sessions["sessions"].as_array().unwrap();
    let mut ids = sessions.iter().filter(|session| session["is_this"] == false).map(|s| s["id"].as_str().unwrap());
    let mut story = Story { who: &leela, done: story.done };
    let to = format!("/api/v1/people/sessions/{}", ids.next().unwrap());
    story.act("end_session", Method::DELETE, &to, None, &["people.signed_out_elsewhere"]).await;
    let to = format!("/api/v1/people/sessions/{}/theft", ids.next().unwrap());
    story.act("report_stolen_session", Method::POST, &to, None, &["people.session_stolen"]).await;
    for other in others {
        assert_eq!(get(&other, "/api/v1/people/me").await.0, StatusCode::UNAUTHORIZED);
    }
    story.act("withdraw_request", Method::DELETE, &path, None, &["people.request_withdrawn"]).await;
    assert_eq!(get(&leela, &path).await.1["state"], "withdrawn");
    story.done
}

/// What somebody unknown may ask of the pages: who they are, and in which colours.
const OPEN: [&str; 2] = ["shell", "theme"];

/// What plain forms send, so that it works without JavaScript.
const FORMS: [(&str, &str); 7] = [
    ("report_stolen", "session"),
    ("sign_out_elsewhere", ""),
    ("withdraw_request", "request"),
    ("revoke_token", "token"),
    ("confirm_plan", "plan_digest=d&number"),
    ("edit_plan", "subject_digest=d&to=&note=&number"),
    ("mark_version", "why=w&number"),
];

/// A server function's arguments, well formed: what is refused must not be refused for its form.
fn arguments(function: &str) -> Value {
    let ceremony = json!({"ceremony": "c", "assertion": "{}", "credential": "{}"});
    match function {
        "begin_decision" => {
            json!({"request": {"number": "CHG-2026-000001", "decision": "approve", "comment": "", "subject_digest": ""}})
        }
        "begin_enrol" => json!({"request": {"name": "x", "founder_code": null}}),
        "begin_endorsement" => json!({"request": {"request": "r", "decision": "approve", "subject_digest": ""}}),
        "begin_token" => json!({"request": {"name": "x", "scopes": [], "days": 1}}),
        "begin_lane" => json!({"wish": {"lift": {"stop": "s", "why": "w"}}}),
        "begin_incident" => {
            json!({"wish": {"declare": {"severity": "p1", "environment": "e", "services": ["s"], "title": "t"}}})
        }
        "begin_revoke" => json!({"key": "k"}),
        "begin_proposal" => json!({"request": {"base": "b", "proposed": "p"}}),
        _ => ceremony,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_function_is_closed_to_somebody_unknown() {
    let portal = TestPortal::start().await;
    let nobody = Browser::anonymous(&portal);
    let mut walked = 0;
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        let function = path.trim_start_matches("/api/ui/");
        if OPEN.contains(&function) {
            continue;
        }
        walked += 1;
        sqlx::query("DELETE FROM audit_refusal_counts").execute(&portal.db.owner).await.unwrap();
        let watch = portal.watch().await;
        let is_read = method == Method::GET;
        let body = (!is_read).then(|| arguments(function));
        let query = match function {
            "change" | "data_change" => "?number=CHG-2026-000001",
            "request" | "incident" => "?id=r",
            "run" => "?run=1",
            "environment" => "?name=production&after=",
            "environment_rails" | "environment_parity" => "?name=staging",
            "service" => "?name=score-api",
            _ => "",
        };
        let response = if let Some((_, argument)) = FORMS.iter().find(|(form, _)| *form == function) {
            nobody.form(function, &[(argument, "x")], "application/json").await
        } else {
            nobody.request(method, &format!("{path}{query}"), body.as_ref()).await
        };
        let (status, problem) = read(response).await;
        let told = (status.as_u16(), problem["code"].as_str());
        assert_eq!(told, (401, Some("not_signed_in")), "{path}: {problem}; a new function's arguments are given above");
        watch.saw_nothing().await;
        // A page that somebody signed out looks at is the way to the sign-in page; an act without a session is counted.
        let counted: i64 = portal.counted().await.iter().map(|(_, _, count)| count).sum();
        assert_eq!(counted, i64::from(!is_read), "{path}");
    }
    assert!(walked > 12, "the server functions are not there to be walked: {walked}");
}
