//! What is measured? A file per ratio, which says what is compared and returns the line.

mod api_read;
mod changes_decide_hot;
mod classify_diff;
mod kube_ingest;
mod page_list;
mod page_ssr;
mod policy_decide;
mod webhook_accept;

use std::net::SocketAddr;

use anyhow::ensure;

use crate::report::Line;
use crate::world::World;

/// In the order in which they run. Each is a file here, its dot an underscore.
pub const NAMES: [&str; 8] = [
    "webhook.accept",
    "api.read",
    "page.ssr",
    "page.list",
    "changes.decide_hot",
    "policy.decide",
    "classify.diff",
    "kube.ingest",
];

/// Rounds that count; an odd number has a middle.
const ROUNDS: usize = 7;

/// Refuses a name that is none.
///
/// # Errors
/// One sentence with those that are.
pub fn ensure(name: Option<&str>) -> anyhow::Result<()> {
    let known = name.is_none_or(|name| NAMES.contains(&name));
    ensure!(known, "there is no bench `{}`; there are {}", name.unwrap_or_default(), NAMES.join(", "));
    Ok(())
}

/// Measures one, and returns its line; of one that has more than one target, a line for each.
///
/// # Errors
/// When it could not be measured.
pub async fn measure(world: &mut World, name: &str) -> anyhow::Result<String> {
    let line = match name {
        "page.list" => return lines(&page_list::measure(world).await?),
        "kube.ingest" => return lines(&kube_ingest::measure(world).await?),
        "webhook.accept" => webhook_accept::measure(world).await?,
        "page.ssr" => page_ssr::measure(world).await?,
        "policy.decide" => policy_decide::measure(world).await?,
        "classify.diff" => classify_diff::measure(world).await?,
        "changes.decide_hot" => changes_decide_hot::measure(world).await?,
        _ => api_read::measure(world).await?,
    };
    line.json()
}

fn lines(lines: &[Line]) -> anyhow::Result<String> {
    Ok(lines.iter().map(Line::json).collect::<anyhow::Result<Vec<_>>>()?.join("\n"))
}

/// The two that are asked in turn.
#[derive(Clone, Copy)]
struct Sides {
    ours: SocketAddr,
    reference: SocketAddr,
}

impl Sides {
    fn of(world: &World) -> Self {
        Self { ours: world.portal(), reference: world.reference() }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_name_that_is_none_is_answered_with_those_that_are() {
        ensure(None).unwrap();
        NAMES.iter().for_each(|name| ensure(Some(name)).unwrap());
        let told = ensure(Some("webhook")).unwrap_err().to_string();
        assert!(told.starts_with("there is no bench `webhook`; there are webhook.accept, "), "{told}");
    }

    /// `cargo xtask bench` lists the names before anything is built, and has only the files to go by.
    #[test]
    fn every_name_is_a_file_and_every_file_a_name() {
        let mut names: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/ratios"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|file| file.strip_suffix(".rs").map(|name| name.replacen('_', ".", 1)))
            .filter(|name| name != "mod")
            .collect();
        names.sort();
        let mut known = NAMES.to_vec();
        known.sort_unstable();
        assert_eq!(names, known);
    }
}
