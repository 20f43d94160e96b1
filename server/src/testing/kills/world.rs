//! The twin, one portal's process and its database, and the ways to end them.

use super::{Victim, portal};
use crate::database::DATABASE;
use crate::postgres::{self, BOOTSTRAP_ROLE, testing};
use crate::testing::ORIGIN;
use gatehouse_domain::ChangeNumber;
use sqlx::Connection;
use sqlx::Postgres;
use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::query::QueryScalar;
use std::future::Future;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Child;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use twin::{Clock, Delivery, Options, Ports, Twin};

/// A restart with crash recovery on a busy two-core machine, and a dead worker's locks, stay below it.
const LIMIT: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// A question with one answer.
pub(super) type Scalar<T> = QueryScalar<'static, Postgres, T, PgArguments>;

/// One world.
pub(super) struct World {
    pub(super) twin: Twin,
    pub(super) http: reqwest::Client,
    dir: PathBuf,
    portal: Mutex<Option<Child>>,
    kills: AtomicUsize,
}

impl World {
    pub(super) async fn start(n: usize) -> Self {
        let options =
            Options { seed: 23 + n as u64, clock: Clock::System, ports: Ports::default(), ..Options::default() };
        let twin = Twin::start(options).await.unwrap();
        let dir = crate::database::testing::root().join(format!("gatehouse-kills-{}-{n}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir(&dir).unwrap();
        // The database server's own user has to pass through.
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o711)).unwrap();
        twin.portal_files(&dir, ORIGIN, SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let redirect = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(redirect).timeout(LIMIT).no_proxy().build().unwrap();
        let world = Self { twin, http, dir, portal: Mutex::new(None), kills: AtomicUsize::new(0) };
        world.start_portal().await;
        world
    }

    async fn start_portal(&self) {
        *self.portal.lock().unwrap() = Some(portal::start(&self.dir));
        self.until("the portal starts", || self.address().is_some()).await;
    }

    /// Where the portal listens, while it does.
    pub(super) fn address(&self) -> Option<String> {
        std::fs::read_to_string(self.dir.join("address")).ok()
    }

    /// Waits for a condition, bounded.
    pub(super) async fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        self.within(what, async {
            while !is_so() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        })
        .await;
    }

    /// Bounds a wait, and shows the portal's last words when it was in vain.
    pub(super) async fn within<T>(&self, what: &str, waiting: impl Future<Output = T>) -> T {
        match tokio::time::timeout(LIMIT, waiting).await {
            Ok(done) => done,
            Err(_) => {
                let log = std::fs::read_to_string(self.dir.join("portal.log")).unwrap_or_default();
                let from = log.lines().count().saturating_sub(30);
                panic!("in vain: {what}\n{}", log.lines().skip(from).collect::<Vec<_>>().join("\n"))
            }
        }
    }

    /// A session of the superuser, as soon as there is one to be had.
    pub(super) async fn sql(&self) -> PgConnection {
        let options = postgres::beside(&self.data(), BOOTSTRAP_ROLE, DATABASE);
        self.within("the database answers", async {
            loop {
                match PgConnection::connect_with(&options).await {
                    Ok(connection) => return connection,
                    Err(_) => tokio::time::sleep(LOOK_EVERY).await,
                }
            }
        })
        .await
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Lets the portal stop when it comes to this point, and waits until it has.
    pub(super) async fn stop_at(&self, point: &str) {
        let [stop, fresh, reached, go] = ["stop", "stop.new", "reached", "go"].map(|name| self.dir.join(name));
        let _ = std::fs::remove_file(go);
        std::fs::write(&fresh, point).unwrap();
        std::fs::rename(fresh, stop).unwrap();
        self.until(point, || std::fs::remove_file(&reached).is_ok()).await;
    }

    /// Kills, and brings back what was killed.
    pub(super) async fn kill(&self, victim: Victim) {
        self.kills.fetch_add(1, Ordering::Relaxed);
        if victim == Victim::Database {
            testing::kill_postmaster(&self.data());
            std::fs::write(self.dir.join("go"), "").unwrap();
            return;
        }
        let mut killed = self.portal.lock().unwrap().take().expect("there is a portal to kill");
        let _ = std::fs::remove_file(self.dir.join("address"));
        killed.kill().unwrap();
        killed.wait().unwrap();
        match victim {
            Victim::Both => testing::kill_everything(&self.data()),
            _ => self.let_half_a_minute_pass().await,
        }
        self.start_portal().await;
    }

    /// Workers that gave no sign of life since the last one was due are as old as if half a minute had passed.
    pub(super) async fn let_half_a_minute_pass(&self) {
        let age = "UPDATE jobs._private_workers SET last_heartbeat_at = last_heartbeat_at - interval '1 minute'
                   WHERE last_heartbeat_at < now() - interval '6 seconds' OR $1";
        let is_dead = self.address().is_none();
        // A database that is just being killed does not answer; the next look finds it back.
        let _ = sqlx::query(age).bind(is_dead).execute(&mut self.sql().await).await;
    }

    /// GitHub asks, and somebody presses "redeliver" until it was taken; gives the number of the opened change.
    pub(super) async fn ask(&self, delivery: &Delivery) -> ChangeNumber {
        self.within("GitHub's question is taken", async {
            while !self.deliver(delivery).await {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        })
        .await;
        let outcome: String = self
            .poll("the change is opened", || {
                sqlx::query_scalar("SELECT outcome FROM github_deliveries WHERE guid = $1 AND outcome IS NOT NULL")
                    .bind(delivery.guid.clone())
            })
            .await;
        // After a kill between the commit and this note, the second reading finds what the first one opened.
        let number = outcome.strip_prefix("opened:").or(outcome.strip_prefix("known:")).expect("a change");
        number.parse().unwrap()
    }

    async fn deliver(&self, delivery: &Delivery) -> bool {
        let Some(address) = self.address() else { return false };
        let mut request = self.http.post(format!("http://{address}/webhooks/github")).header("host", "localhost:8080");
        for (name, value) in &delivery.headers {
            request = request.header(name, value);
        }
        request.body(delivery.body.to_vec()).send().await.is_ok_and(|response| response.status() == 202)
    }

    /// Waits until the change is released.
    pub(super) async fn released(&self, number: &ChangeNumber) {
        let _: String = self
            .poll(&format!("{number} is released"), || {
                sqlx::query_scalar("SELECT state FROM changes_changes WHERE number = $1 AND state = 'released'")
                    .bind(number.to_string())
            })
            .await;
    }

    /// Asks the database until it has a row to give.
    pub(super) async fn poll<T>(&self, what: &str, query: impl Fn() -> Scalar<T>) -> T
    where
        T: Send + Unpin,
        (T,): for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
    {
        self.within(what, async {
            loop {
                if let Ok(Some(found)) = query().fetch_optional(&mut self.sql().await).await {
                    return found;
                }
                self.let_half_a_minute_pass().await;
                tokio::time::sleep(LOOK_EVERY * 4).await;
            }
        })
        .await
    }

    /// Ends it in order; says how often something was killed.
    pub(super) async fn end(self) -> usize {
        assert_eq!(self.twin.unknown_routes(), Vec::<String>::new());
        let mut portal = self.portal.lock().unwrap().take().expect("a portal");
        drop(portal.stdin.take());
        let ended = tokio::task::spawn_blocking(move || portal.wait());
        let status = self.within("the portal ends when it is told to", ended).await.unwrap().unwrap();
        assert!(status.success(), "{status}");
        let _ = std::fs::remove_dir_all(&self.dir);
        self.kills.load(Ordering::Relaxed)
    }
}
