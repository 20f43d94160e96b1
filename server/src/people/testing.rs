//! People on a stage: the portal's slice, a real database and the twin's identity provider, with time
//! standing still until a test moves it.

#![expect(clippy::unwrap_used, reason = "tests")]

use super::session::{Caller, SignedIn};
use super::{router, service};
use crate::auth::testing::SoftKey;
use crate::config::Config;
use crate::context::{Context, Entropy};
use crate::database::testing::TestDatabase;
use axum::body::Body;
use chrono::{DateTime, Duration, Utc};
use gatehouse_app::people::shape::{EnrolRequest, EnrolStep, SignatureRequest};
use gatehouse_domain::audit::Entry;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use tower::ServiceExt;
use twin::{Clock, Options, Twin};

/// When every story begins.
pub const NOW: &str = "2026-11-22T10:00:00Z";
/// Where the portal says that it is.
pub const ORIGIN: &str = "http://localhost:8080";

static NEXT: AtomicU32 = AtomicU32::new(1);

/// One portal's people, with an outside world.
pub struct Stage {
    /// The outside world.
    pub twin: Twin,
    /// The database.
    pub db: TestDatabase,
    /// The portal.
    pub ctx: Context,
    dir: PathBuf,
}

/// One person's browser: its cookies.
#[derive(Debug, Clone, Default)]
pub struct Browser(BTreeMap<String, String>);

/// An answer of the portal.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Reply {
    /// Where it redirects to.
    #[must_use]
    pub fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |to| to.to_str().unwrap())
    }
}

impl Browser {
    /// As a request's headers.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        HeaderMap::from_iter([(COOKIE, pairs.join("; ").parse().unwrap())])
    }

    fn remember(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Stage {
    /// The demo's configuration.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The demo's configuration, changed.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let now: DateTime<Utc> = NOW.parse().unwrap();
        let options = Options { clock: Clock::Manual(now), ..Options::default() };
        let twin = Twin::start(options).await.unwrap();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("gatehouse-people-{}-{number}", std::process::id()));
        let file = twin.portal_files(&dir, ORIGIN, "127.0.0.1:8080".parse().unwrap()).unwrap();
        let mut config = Config::load(&file, true, None).unwrap();
        change(&mut config);
        let db = TestDatabase::at(now).await;
        let ctx = Context::new(config, db.app.clone(), Entropy::from_number(u64::from(number))).await.unwrap();
        Self { twin, db, ctx, dir }
    }

    /// The same portal, started again with a changed configuration on the same database.
    pub async fn restarted(mut self, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = self.ctx.config.clone();
        change(&mut config);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        self.ctx = Context::new(config, self.db.app.clone(), Entropy::from_number(u64::from(number))).await.unwrap();
        self
    }

    /// Moves time on, everywhere.
    pub async fn advance(&self, by: Duration) {
        self.twin.clock().advance(by);
        self.db.set_clock(self.twin.clock().now()).await;
    }

    /// Sends a request as this browser.
    pub async fn send(&self, method: Method, path: &str, browser: &mut Browser) -> Reply {
        self.send_to(&self.ctx, method, path, browser).await
    }

    /// Sends a request to another portal on the same database.
    pub async fn send_to(&self, ctx: &Context, method: Method, path: &str, browser: &mut Browser) -> Reply {
        let mut request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        *request.headers_mut() = browser.headers();
        let response = router().with_state(ctx.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        browser.remember(&parts.headers);
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Reply { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// GET.
    pub async fn get(&self, path: &str, browser: &mut Browser) -> Reply {
        self.send(Method::GET, path, browser).await
    }

    /// Leaves for the provider, says who one is there, and gives the path to come back to.
    pub async fn go_and_say(&self, sub: &str, browser: &mut Browser) -> String {
        let reply = self.get("/auth/login?to=/audit", browser).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
        let back = self.twin.people().sign_in(reply.location(), sub).unwrap();
        back.strip_prefix(ORIGIN).unwrap().to_owned()
    }

    /// Signs in.
    pub async fn sign_in(&self, sub: &str) -> (Browser, SignedIn) {
        let mut browser = Browser::default();
        let who = self.sign_in_again(sub, &mut browser).await;
        (browser, who)
    }

    /// Signs in with a browser that may be signed in already.
    pub async fn sign_in_again(&self, sub: &str, browser: &mut Browser) -> SignedIn {
        let back = self.go_and_say(sub, browser).await;
        let reply = self.get(&back, browser).await;
        assert_eq!((reply.status, reply.location()), (StatusCode::SEE_OTHER, "/audit"), "{}", reply.body);
        self.who(browser).await.unwrap()
    }

    /// Who the portal thinks this browser is.
    pub async fn who(&self, browser: &Browser) -> Option<SignedIn> {
        Caller::of_request(&self.ctx, &browser.headers(), "192.0.2.1".into()).await.unwrap().session
    }

    /// Signs in and enrols a first key, as the demo lets everybody.
    pub async fn with_key(&self, sub: &str) -> (Browser, SignedIn, SoftKey) {
        let (browser, who) = self.sign_in(sub).await;
        let key = SoftKey::new(sub);
        let request = service::begin_enrol(&self.ctx, &who, named("first")).await.unwrap();
        let credential = key.register(&options(&request), ORIGIN).to_string();
        let step = service::finish_enrol(&self.ctx, &who, &request.ceremony, &credential).await.unwrap();
        assert_eq!(step, EnrolStep::Done);
        (browser, who, key)
    }

    /// Every entry so far, as `act` or `act: reasons`, oldest first.
    pub async fn entries(&self) -> Vec<String> {
        let bodies: Vec<Vec<u8>> = sqlx::query_scalar("SELECT body FROM audit_entries ORDER BY xid, ord")
            .fetch_all(&self.db.owner)
            .await
            .unwrap();
        let said = |body: Vec<u8>| {
            let entry = Entry::parse(&body).unwrap();
            match entry.event {
                gatehouse_domain::audit::Event::Refused(e) => format!("{}: {}", e.attempt, e.reasons.join(", ")),
                event => event.act().to_owned(),
            }
        };
        bodies.into_iter().map(said).collect()
    }

    /// Counted refusals of unknown callers.
    pub async fn counted(&self) -> Vec<String> {
        sqlx::query_scalar("SELECT attempt || ': ' || reason || ' ' || count FROM audit_refusal_counts ORDER BY 1")
            .fetch_all(&self.db.owner)
            .await
            .unwrap()
    }

    /// Governed rows of people, to compare.
    pub async fn governed(&self) -> Vec<String> {
        let mut all = Vec::new();
        for table in [
            "people_persons",
            "people_accounts",
            "people_keys",
            "people_founder_codes",
            "people_requests",
            "people_endorsements",
        ] {
            let sql = format!("SELECT coalesce(json_agg(t ORDER BY t::text)::text, '') FROM {table} t");
            all.push(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.db.owner).await.unwrap());
        }
        all
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// A key to enrol.
#[must_use]
pub fn named(name: &str) -> EnrolRequest {
    EnrolRequest { name: name.into(), founder_code: None }
}

/// What the browser gets to hand to the authenticator.
#[must_use]
pub fn options(request: &SignatureRequest) -> Value {
    serde_json::from_str(&request.options).unwrap()
}
