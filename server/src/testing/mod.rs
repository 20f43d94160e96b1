//! A whole portal beside the twin, in one process: the production router, services, queue and clients,
//! on a database of the test's own, with time standing still and randomness from a number.
//!
//! ```ignore
//! let portal = TestPortal::start().await;
//! let run = portal.held("score-api", "rohandas").await;
//! portal.browser("E-1001").await.approve(&run.number).await.unwrap();
//! ```
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod browser;
mod kills;
mod machine;
pub mod points;
pub mod proxy;
pub mod replay;
mod rules;
mod strict;
mod told;

pub use browser::{Browser, Kept};

use crate::config::Config;
use crate::context::{Context, Entropy};
use crate::database::testing::TestDatabase;
use crate::jobs::Runner;
use crate::{policy, router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode};
use chrono::{DateTime, Duration, TimeZone, Utc};
use gatehouse_domain::ChangeNumber;
use gatehouse_domain::audit::Event;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use twin::{Clock, Options, Ports, Twin};
use twin::{Delivery, PushRun, RunId};

/// The origin that browsers of these tests see.
pub const ORIGIN: &str = "http://localhost:8080";

static NEXT: AtomicU32 = AtomicU32::new(1);

/// Whether the long counts are wanted: `cargo xtask attacks` and `bench` say so, `cargo xtask test` does not.
#[must_use]
pub fn is_full() -> bool {
    std::env::var_os("GATEHOUSE_FULL").is_some_and(|word| word == "1")
}

/// When every story begins.
#[must_use]
pub fn beginning() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap()
}

/// The portal, the twin and their common clock.
pub struct TestPortal {
    /// What services see.
    pub ctx: Context,
    /// The outside world.
    pub twin: Twin,
    /// The database, as the application and as the owner.
    pub db: TestDatabase,
    /// The production router.
    pub router: Router,
    runner: Runner,
    now: std::sync::Mutex<DateTime<Utc>>,
    dir: PathBuf,
}

/// A held run and its change.
pub struct Held {
    /// In the twin's GitHub.
    pub run: RunId,
    /// In Gatehouse.
    pub number: ChangeNumber,
}

impl TestPortal {
    /// Starts everything at one fixed instant.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same with another configuration than the twin's.
    pub async fn start_with(edit: impl FnOnce(&mut String)) -> Self {
        Self::start_at(beginning(), edit).await
    }

    /// The same under this policy instead of the one that comes with the program.
    pub async fn start_with_policy(rego: &str) -> Self {
        Self::start_with(|text| put_policy(text, rego)).await
    }

    /// The same at another instant than usual.
    pub async fn start_at(now: DateTime<Utc>, edit: impl FnOnce(&mut String)) -> Self {
        Self::start_on(TestDatabase::at(now).await, now, edit).await
    }

    /// The same on a database of the test's own, whose clock stands at `now`.
    pub async fn start_on(db: TestDatabase, now: DateTime<Utc>, edit: impl FnOnce(&mut String)) -> Self {
        let options = Options { seed: 7, clock: Clock::Manual(now), ports: Ports::default(), ..Options::default() };
        let twin = Twin::start(options).await.unwrap();
        let dir = PathBuf::from(format!(
            "/tmp/gatehouse-portal-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        ));
        std::fs::create_dir_all(&dir).unwrap();
        let file = twin.portal_files(&dir, ORIGIN, SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let mut text = std::fs::read_to_string(&file).unwrap();
        edit(&mut text);
        std::fs::write(&file, text).unwrap();
        let config = Config::load(&file, true, None).unwrap();
        let ctx = Context::new(config, db.app.clone(), Entropy::from_number(7)).await.unwrap();
        let ctx = policy::settle(ctx).await.unwrap();
        let site = router::site_options(SocketAddr::from(([127, 0, 0, 1], 8080)));
        let router = router::router(&ctx, crate::app::slices(&ctx), crate::app::backend(), site);
        let runner = Runner::prepare(&ctx, CancellationToken::new()).await.unwrap();
        Self { ctx, twin, db, router, runner, now: std::sync::Mutex::new(now), dir }
    }

    /// A second portal on the same database, with connections of its own.
    pub async fn replica(&self, db: sqlx::PgPool) -> Context {
        let config = Config::load(&self.dir.join("gatehouse.toml"), true, None).unwrap();
        policy::settle(Context::new(config, db, Entropy::from_number(8)).await.unwrap()).await.unwrap()
    }

    /// The same portal on other connections, from now on.
    pub async fn rewire(&mut self, db: sqlx::PgPool) {
        self.ctx = self.replica(db).await;
        let site = router::site_options(SocketAddr::from(([127, 0, 0, 1], 8080)));
        self.router = router::router(&self.ctx, crate::app::slices(&self.ctx), crate::app::backend(), site);
    }

    /// Runs every job that is due on a second replica.
    pub async fn run_jobs_on(&self, replica: &Context) {
        Runner::prepare(replica, CancellationToken::new()).await.unwrap().run_due().await.unwrap();
    }

    /// Changes the configuration file; whoever starts from now on reads it.
    pub fn edit_config(&self, edit: impl FnOnce(&mut String)) {
        let file = self.dir.join("gatehouse.toml");
        let mut text = std::fs::read_to_string(&file).unwrap();
        edit(&mut text);
        std::fs::write(file, text).unwrap();
    }

    /// Moves the database's and the twin's clock on.
    pub async fn advance(&self, by: Duration) {
        let now = {
            let mut now = self.now.lock().unwrap();
            *now += by;
            *now
        };
        self.db.set_clock(now).await;
        self.twin.clock().set(now);
    }

    /// The test's present.
    pub fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    /// Runs every job that is due, and those that they enqueue.
    pub async fn run_jobs(&self) {
        self.runner.run_due().await.unwrap();
    }

    /// Jobs that failed and wait for another try.
    pub async fn failed_jobs(&self) -> Vec<String> {
        sqlx::query_scalar("SELECT task_identifier FROM jobs.jobs WHERE last_error IS NOT NULL ORDER BY 1")
            .fetch_all(&self.db.owner)
            .await
            .unwrap()
    }

    /// Makes every waiting job due now: the pause after a failure is over.
    pub async fn let_jobs_try_again(&self) {
        sqlx::query("UPDATE jobs._private_jobs SET run_at = now()").execute(&self.db.owner).await.unwrap();
        self.run_jobs().await;
    }

    /// GitHub asks for production of a service, and the jobs open the change.
    pub async fn held(&self, service: &str, author: &str) -> Held {
        self.held_by(&PushRun::of(service, author)).await
    }

    /// The same for a push of the test's own making.
    pub async fn held_by(&self, push: &PushRun) -> Held {
        let run = self.twin.github().push_run(push).unwrap();
        let number = self.ask(run).await;
        Held { run, number }
    }

    /// GitHub asks for production of this run, and somebody confirms the rollback plan of its change.
    pub async fn ask(&self, run: RunId) -> ChangeNumber {
        let number = self.ask_unconfirmed(run).await;
        self.confirm(&number).await;
        number
    }

    /// Somebody confirms the rollback plan of a change as it stands.
    pub async fn confirm(&self, number: &ChangeNumber) {
        crate::changes::tests::confirmed::confirm(&self.ctx, number).await;
        self.run_jobs().await;
    }

    /// GitHub asks for production of this run, and the jobs open its change.
    pub async fn ask_unconfirmed(&self, run: RunId) -> ChangeNumber {
        let delivery = self.twin.github().build_delivery(run).unwrap();
        assert_eq!(self.deliver(&delivery).await.status(), StatusCode::ACCEPTED);
        self.run_jobs().await;
        let outcome = self.outcome(&delivery.guid).await;
        let number = outcome.strip_prefix("opened:").unwrap_or_else(|| panic!("not opened: {outcome}"));
        number.parse().unwrap()
    }

    /// What came of a delivery.
    pub async fn outcome(&self, guid: &str) -> String {
        let outcome: Option<String> = sqlx::query_scalar("SELECT outcome FROM github_deliveries WHERE guid = $1")
            .bind(guid)
            .fetch_one(&self.db.owner)
            .await
            .unwrap();
        outcome.unwrap_or_else(|| "none yet".to_owned())
    }

    /// Delivers a webhook as GitHub does.
    pub async fn deliver(&self, delivery: &Delivery) -> Response<Body> {
        let mut request = Request::post("/webhooks/github");
        for (name, value) in &delivery.headers {
            request = request.header(name.as_str(), value.as_str());
        }
        self.send(request.body(Body::from(delivery.body.clone())).unwrap()).await
    }

    /// Sends any request through the production router.
    pub async fn send(&self, mut request: Request<Body>) -> Response<Body> {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 4711))));
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// A request of a program with a machine token; one that wants to change something is named after its address.
    pub async fn program(
        &self,
        secret: &str,
        method: axum::http::Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Response<Body> {
        let mut request =
            Request::builder().method(&method).uri(path).header("authorization", format!("Bearer {secret}"));
        if method != axum::http::Method::GET {
            request =
                request.header("idempotency-key", path.replace('/', ":")).header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |value| Body::from(value.to_string()));
        self.send(request.body(body).unwrap()).await
    }

    /// A read with these `Authorization` headers, and others.
    pub async fn authorized(&self, authorization: &[&str], others: &[(&str, &str)], path: &str) -> Response<Body> {
        let mut request = Request::get(path);
        for value in authorization {
            request = request.header("authorization", *value);
        }
        for (name, value) in others {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Signs somebody in, through the identity provider, in a browser of their own.
    pub async fn browser(&self, employee: &str) -> Browser<'_> {
        Browser::sign_in(self, employee).await
    }

    /// Signs somebody in and enrols a key of theirs.
    pub async fn signer(&self, employee: &str) -> Browser<'_> {
        let browser = Browser::sign_in(self, employee).await;
        browser.enrol("first").await.unwrap();
        browser
    }

    /// A fingerprint of every governed table but the log: what must not move when something is refused.
    pub async fn state(&self) -> String {
        let mut state = String::new();
        for table in [
            "people_persons",
            "people_accounts",
            "people_keys",
            "people_founder_codes",
            "people_requests",
            "people_endorsements",
            "people_refoundings",
            "people_tokens",
            "changes_changes",
            "changes_subjects",
            "changes_approvals",
            "changes_stops",
            "changes_emergencies",
            "changes_debts",
            "changes_confirmations",
            "changes_rollback_tokens",
            "changes_marks",
            "alerts_incidents",
            "alerts_reviews",
            "policy_configurations",
        ] {
            let sql = format!("SELECT coalesce(string_agg(t::text, '|' ORDER BY t::text), '') FROM {table} t");
            let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&self.db.owner).await.unwrap();
            state.push_str(&rows);
            state.push('\n');
        }
        state
    }

    /// Begins to watch: see [`Watch::saw_one_refusal`].
    pub async fn watch(&self) -> Watch<'_> {
        Watch { portal: self, state: self.state().await, entries: self.entries().await.len() }
    }

    /// Unauthenticated refusals that are counted and not yet in the log: (attempt, reason, count).
    pub async fn counted(&self) -> Vec<(String, String, i64)> {
        sqlx::query_as("SELECT attempt, reason, count FROM audit_refusal_counts ORDER BY attempt, reason")
            .fetch_all(&self.db.owner)
            .await
            .unwrap()
    }
}

impl Drop for TestPortal {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
        let unknown = self.twin.unknown_routes();
        // A question that the twin does not know is a hole in the twin, whatever else the test proved.
        assert!(
            std::thread::panicking() || unknown.is_empty(),
            "the twin was asked what it does not know: {unknown:?}"
        );
    }
}

/// The world before an attack.
pub struct Watch<'a> {
    portal: &'a TestPortal,
    state: String,
    entries: usize,
}

impl Watch<'_> {
    /// Nothing changed, and exactly one entry says that it was tried and why it was refused.
    pub async fn saw_one_refusal(self, code: &str) {
        let entries = self.portal.entries().await;
        let new: Vec<&Event> = entries[self.entries..].iter().map(|e| &e.event).collect();
        match &new[..] {
            [Event::Refused(refused)] => {
                assert!(refused.reasons.iter().any(|r| r == code), "{code} is not among {:?}", refused.reasons)
            }
            other => panic!("not exactly one refusal: {other:?}"),
        }
        assert_eq!(self.portal.state().await, self.state, "something changed");
    }

    /// Nothing changed, and nothing was written.
    pub async fn saw_nothing(self) {
        assert_eq!(self.portal.entries().await.len(), self.entries, "an entry was written");
        assert_eq!(self.portal.state().await, self.state, "something changed");
    }
}

/// Puts a policy beside a portal's configuration, and names it there.
pub fn put_policy(text: &mut String, rego: &str) {
    let table: toml::Table = text.parse().unwrap();
    let folder = PathBuf::from(table["data_dir"].as_str().unwrap()).with_file_name("policies");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("gatehouse.rego"), rego).unwrap();
    std::fs::write(folder.join("classes.json"), include_str!("../../../policies/classes.json")).unwrap();
    if !table.contains_key("policy") {
        text.push_str("\n[policy]\ndirectory = \"policies\"\n");
    }
}

/// A response's status and JSON.
pub async fn read(response: Response<Body>) -> (StatusCode, serde_json::Value) {
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 22).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(serde_json::Value::Null))
}
