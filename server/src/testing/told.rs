//! What does the log say happened?

use super::TestPortal;
use gatehouse_domain::audit::Entry;

impl TestPortal {
    /// Every entry, oldest first.
    pub async fn entries(&self) -> Vec<Entry> {
        let bodies: Vec<Vec<u8>> = sqlx::query_scalar("SELECT body FROM audit_entries ORDER BY xid, ord")
            .fetch_all(&self.db.owner)
            .await
            .unwrap();
        bodies.iter().map(|body| Entry::parse(body).unwrap()).collect()
    }

    /// The acts of every entry about this, oldest first, but for the confirming that these tests do for every change.
    pub async fn acts_about(&self, about: &str) -> Vec<&'static str> {
        let entries = self.entries().await;
        let about = entries.iter().filter(|e| e.event.about().id() == about).map(|e| e.event.act());
        about.filter(|act| *act != "changes.plan_confirmed").collect()
    }

    /// The same without the way back, which a release leaves only where another was before it.
    pub async fn story_of(&self, about: &str) -> Vec<&'static str> {
        let mut acts = self.acts_about(about).await;
        acts.retain(|act| *act != "changes.rollback_minted");
        acts
    }
}
