//! Reads the registry, and keeps what it says.

use super::store;
use crate::aws;
use crate::changes;
use crate::config::Service;
use crate::context::Context;
use crate::error::Error;
use std::collections::{BTreeMap, BTreeSet};

/// Reads every configured repository. One that cannot be read keeps no other from being read.
///
/// # Errors
/// When the database refuses.
pub async fn look(ctx: &Context) -> Result<(), Error> {
    let mut repositories: BTreeMap<&str, Vec<&Service>> = BTreeMap::new();
    for service in ctx.config.services.iter() {
        repositories.entry(&service.image_repository).or_default().push(service);
    }
    for (repository, services) in repositories {
        // The outside world is read before the transaction, never inside one.
        let listed = ctx.ecr.list_images(repository).await;
        let running = running(ctx, &services).await;
        let names: Vec<&str> = services.iter().map(|service| service.name.as_str()).collect();
        let mut tx = ctx.db.begin().await?;
        store::hold(&mut tx, repository).await?;
        match listed {
            Ok(images) => store::keep(&mut tx, repository, &images).await?,
            Err(error) => {
                tracing::warn!(repository, error = crate::error::chain(&error), "the registry was not read");
                store::set_trouble(&mut tx, repository, &sentence(&error)).await?;
            }
        }
        let released = changes::released(&mut tx, &names).await?;
        store::keep_released(&mut tx, repository, &released).await?;
        store::keep_running(&mut tx, repository, &running).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Environment to the digests that these services run there. One of which not every answer came is not in it.
pub(super) type Running = BTreeMap<String, BTreeSet<String>>;

async fn running(ctx: &Context, services: &[&Service]) -> Running {
    let mut all = Running::new();
    'environments: for (environment, cluster) in &ctx.clusters {
        let mut digests = BTreeSet::new();
        for service in services {
            let Service { namespace, deployment, container, .. } = service;
            match cluster.read_running_image(namespace, deployment, container).await {
                Ok(found) => digests.extend(found.and_then(|it| it.digest).map(|digest| digest.to_string())),
                Err(error) => {
                    tracing::warn!(%environment, error = crate::error::chain(&error), "what runs was not read");
                    continue 'environments;
                }
            }
        }
        all.insert(environment.to_string(), digests);
    }
    all
}

/// Why, and what can be done.
fn sentence(error: &aws::Error) -> String {
    let remedy = match error {
        aws::Error::NoRepository { .. } => "Make it, or mend image_repository in the configuration.",
        aws::Error::Denied { .. } => "Let the portal's role call ecr:DescribeImages on it.",
        aws::Error::RateLimited { .. } | aws::Error::Unavailable { .. } => "It is asked again each minute.",
        aws::Error::Unreadable { .. } | aws::Error::Settings { .. } => "The portal's log has more.",
    };
    let said = error.to_string();
    let mut letters = said.chars();
    let said: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    format!("{said}. {remedy}")
}
