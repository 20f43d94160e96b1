//! What was a cluster told before anybody looked? While the history is written, roll-outs are only noted: the cluster is
//! made when the first request or handle comes, as it would be had it rolled out each time, but for the ReplicaSets of
//! long ago. A twin that nobody asks about Kubernetes spends no time on it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::object::Key;
use super::{ClusterId, Clusters};
use crate::world::Service;

/// What a cluster is to become.
#[derive(Default)]
pub(super) struct Past {
    /// When it was set up.
    pub begun: DateTime<Utc>,
    pub services: BTreeMap<Key, Told>,
}

/// One service, as it was told last.
pub(super) struct Told {
    pub service: Service,
    pub image: String,
    pub deployed: DateTime<Utc>,
    pub last: DateTime<Utc>,
}

impl Clusters {
    /// When the clusters were set up.
    pub(crate) fn begin(&mut self, at: DateTime<Utc>) {
        for id in ClusterId::ALL {
            if let Some(past) = &mut self.asleep_mut(id).past {
                past.begun = at;
            }
        }
    }

    /// What Helm would do: the service runs this image now.
    pub(crate) fn tell(
        &mut self,
        id: ClusterId,
        service: &Service,
        image: String,
        at: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let cluster = self.asleep_mut(id);
        let Some(past) = &mut cluster.past else {
            return cluster.set_image(&service.namespace, &service.deployment, &service.container, &image, at);
        };
        let key = (service.namespace.clone(), service.deployment.clone());
        let replicas = if id == ClusterId::Development { 1 } else { service.replicas };
        let service = Service { replicas, ..service.clone() };
        let told =
            past.services.entry(key).or_insert_with(|| Told { service, image: String::new(), deployed: at, last: at });
        (told.image, told.last) = (image, at);
        Ok(())
    }
}
