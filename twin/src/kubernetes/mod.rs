//! What does production run? A small Kubernetes API: Deployments with their containers, and the pods that follow from
//! them. `resourceVersion` rises with every change of the cluster, `generation` with every change of a spec.

mod json;
mod routes;

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::{DateTime, Utc};

pub(crate) use routes::router;

use crate::state::Shared;

#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    pub namespace: String,
    pub name: String,
    pub team: String,
    /// Container name to image.
    pub containers: BTreeMap<String, String>,
    pub replicas: u32,
    pub generation: u64,
    pub resource_version: u64,
    pub created_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
}

#[derive(Default)]
pub(crate) struct Cluster {
    pub deployments: BTreeMap<(String, String), Deployment>,
    pub resource_version: u64,
}

impl Cluster {
    pub(crate) fn put(&mut self, mut deployment: Deployment) {
        self.resource_version += 17;
        deployment.resource_version = self.resource_version;
        self.deployments.insert((deployment.namespace.clone(), deployment.name.clone()), deployment);
    }

    /// Sets a container's image, as `kubectl set image` or Helm would.
    pub(crate) fn set_image(
        &mut self,
        namespace: &str,
        name: &str,
        container: &str,
        image: &str,
        at: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        self.resource_version += 17;
        let deployment = self.deployments.get_mut(&(namespace.to_owned(), name.to_owned()));
        let deployment = deployment.with_context(|| format!("no deployment {namespace}/{name}"))?;
        let slot = deployment
            .containers
            .get_mut(container)
            .with_context(|| format!("no container {container} in {namespace}/{name}"))?;
        image.clone_into(slot);
        deployment.generation += 1;
        deployment.resource_version = self.resource_version;
        deployment.changed_at = at;
        Ok(())
    }
}

/// The production cluster, for tests.
#[derive(Clone)]
pub struct KubernetesHandle(pub(crate) Shared);

impl KubernetesHandle {
    /// Sets a container's image behind everybody's back.
    ///
    /// # Errors
    /// When there is no such Deployment or container.
    pub fn set_image(&self, namespace: &str, deployment: &str, container: &str, image: &str) -> anyhow::Result<()> {
        let now = self.0.now();
        self.0.model().cluster.set_image(namespace, deployment, container, image, now)
    }

    /// The image a container runs.
    #[must_use]
    pub fn image(&self, namespace: &str, deployment: &str, container: &str) -> Option<String> {
        let model = self.0.model();
        model
            .cluster
            .deployments
            .get(&(namespace.to_owned(), deployment.to_owned()))?
            .containers
            .get(container)
            .cloned()
    }

    /// Takes a Deployment away.
    pub fn remove(&self, namespace: &str, deployment: &str) {
        self.0.model().cluster.deployments.remove(&(namespace.to_owned(), deployment.to_owned()));
    }
}
