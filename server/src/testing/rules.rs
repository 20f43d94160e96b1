//! The portal starts again, or notices that other rules are in force.

use super::{NEXT, TestPortal};
use crate::config::Config;
use crate::context::{Context, Entropy};
use crate::jobs::Runner;
use crate::{policy, router};
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use tokio_util::sync::CancellationToken;

impl TestPortal {
    /// Drops the portal and builds it again on the same database, as after a crash. Randomness is new, as it would be.
    pub async fn restart(&mut self) {
        let seed = 1000 + u64::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let config = Config::load(&self.dir.join("gatehouse.toml"), true, None).unwrap();
        let ctx = Context::new(config, self.db.app.clone(), Entropy::from_number(seed)).await.unwrap();
        self.take(policy::settle(ctx).await.unwrap()).await;
    }

    async fn take(&mut self, ctx: Context) {
        self.ctx = ctx;
        let site = router::site_options(SocketAddr::from(([127, 0, 0, 1], 8080)));
        self.router = router::router(&self.ctx, crate::app::slices(&self.ctx), crate::app::backend(), site);
        self.runner = Runner::prepare(&self.ctx, CancellationToken::new()).await.unwrap();
    }

    /// Notices that other rules came into force, as a running portal does; whether there were any.
    pub async fn renew(&mut self) -> bool {
        let Some(ctx) = policy::renewed(&self.ctx).await.unwrap() else { return false };
        self.take(ctx).await;
        true
    }

    /// Brings what the file says into force without signatures, as a refounding would, and starts again.
    pub async fn adopt_file(&mut self) {
        let config = Config::load(&self.dir.join("gatehouse.toml"), true, None).unwrap();
        let ctx = self.ctx.under(config).await.unwrap();
        let mut tx = self.db.app.begin().await.unwrap();
        policy::adopt(&mut tx, &ctx).await.unwrap();
        tx.commit().await.unwrap();
        self.restart().await;
    }
}
