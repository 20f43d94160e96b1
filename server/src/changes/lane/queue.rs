//! Who holds the lane, and who waits behind: worked out from all changes on their way, in one query for a page.

use crate::changes::store::{self, InLane};
use crate::error::Error;
use gatehouse_domain::changes::{Change, State};
use sqlx::PgConnection;

/// Every change on its way, oldest first.
pub(in crate::changes) struct Queue(Vec<InLane>);

impl Queue {
    pub(in crate::changes) async fn read(conn: &mut PgConnection) -> Result<Self, Error> {
        store::list_lanes(conn).await.map(Self)
    }

    /// The lane of this change, whoever holds it first: what is being released holds it, else whoever came first.
    pub(in crate::changes) fn lane_of(&self, change: &Change) -> Vec<&InLane> {
        let is_same = |other: &&InLane| {
            other.service == change.subject.service.as_str() && other.environment == change.key.environment.as_str()
        };
        let mut lane: Vec<&InLane> = self.0.iter().filter(is_same).collect();
        lane.sort_by_key(|one| one.state != State::Executing);
        lane
    }

    /// What a list says of a change: nothing, where it is alone in its lane.
    pub(in crate::changes) fn note(&self, change: &Change) -> Option<String> {
        let lane = self.lane_of(change);
        let at = lane.iter().position(|one| one.number == change.number)?;
        match (at, lane.len().saturating_sub(1), lane.first()) {
            (0, 0, _) => None,
            (0, 1, _) => Some("holds the lane; 1 waits behind it".to_owned()),
            (0, behind, _) => Some(format!("holds the lane; {behind} wait behind it")),
            (_, _, Some(holder)) => Some(format!("behind {} in the lane", holder.number)),
            (_, _, None) => None,
        }
    }
}
