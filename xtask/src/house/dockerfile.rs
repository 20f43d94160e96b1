//! What the Dockerfile promises and its linter does not look at.

use super::tree::Tree;
use super::{Breach, Rule};

const FILE: &str = "Dockerfile";

pub const RULES: &[Rule] = &[
    Rule {
        name: "The image runs as a number that is not root, and holds what `cargo xtask dist` made.",
        remedy: "end the last stage with USER N:N, N > 0, and build with the command that runs everywhere else",
        check: unprivileged_and_the_same,
    },
    Rule {
        name: "Every image is named with a version.",
        remedy: "write FROM name:version; `latest` is whatever it was that day",
        check: floating_images,
    },
];

fn unprivileged_and_the_same(tree: &Tree) -> Vec<Breach> {
    let Some(file) = tree.get(FILE) else { return vec![Breach::at(FILE, 0, "is not there")] };
    let mut breaches = Vec::new();
    let last_stage = file.text.rfind("\nFROM ").and_then(|at| file.text.get(at..)).unwrap_or(&file.text);
    let user = last_stage.lines().filter_map(|line| line.strip_prefix("USER ")).next_back().unwrap_or_default();
    let is_unprivileged = user.split(':').all(|id| id.parse::<u32>().is_ok_and(|id| id > 0));
    if !is_unprivileged {
        breaches.push(Breach::at(FILE, 0, format!("the last stage's USER is {user:?}")));
    }
    if !file.text.contains("cargo xtask dist") {
        breaches.push(Breach::at(FILE, 0, "does not run cargo xtask dist"));
    }
    for word in ["cargo build", "cargo leptos"] {
        if file.text.contains(word) {
            breaches.push(Breach::at(FILE, 0, format!("runs {word} by itself")));
        }
    }
    breaches
}

fn floating_images(tree: &Tree) -> Vec<Breach> {
    let Some(file) = tree.get(FILE) else { return Vec::new() };
    let images = file.lines().filter_map(|(number, line)| Some((number, line.strip_prefix("FROM ")?)));
    images
        .filter(|(_, image)| {
            let name = image.split_whitespace().next().unwrap_or_default();
            name.split_once(':').is_none_or(|(_, version)| version.starts_with("latest"))
        })
        .map(|(number, image)| Breach::at(FILE, number, image))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches(text: &str) -> usize {
        let tree = Tree::fixture(&[(FILE, text)]);
        unprivileged_and_the_same(&tree).len() + floating_images(&tree).len()
    }

    #[test]
    fn root_other_steps_and_floating_images_are_noticed() {
        let good =
            "FROM rust:1.95.0 AS build\nRUN cargo xtask dist /out\nFROM debian:bookworm-slim\nUSER 65532:65532\n";
        assert_eq!(breaches(good), 0);
        for bad in [
            good.replace("65532:65532", "0:0"),
            good.replace("65532:65532", "root"),
            good.replace("USER 65532:65532\n", ""),
            // An earlier stage's user is not the last one's.
            good.replace("USER 65532:65532\n", "").replace("RUN", "USER 1:1\nRUN"),
            good.replace("cargo xtask dist", "cargo xtask build"),
            good.replace("/out", "/out && cargo build --release"),
            good.replace("debian:bookworm-slim", "debian"),
            good.replace("debian:bookworm-slim", "debian:latest"),
        ] {
            assert_eq!(breaches(&bad), 1, "{bad}");
        }
    }
}
