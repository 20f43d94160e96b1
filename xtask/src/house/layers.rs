//! Directions between crates and slices: `domain ← app ← hydrate`, `domain ← server → app`, the twin apart.

use super::tree::{File, Tree, code, has_word};
use super::{Breach, Rule};

pub const RULES: &[Rule] = &[
    Rule {
        name: "A crate depends only on what its layer may know.",
        remedy: "move the code to the layer that may know it; a server function reaches the server through `dyn Backend` in context, and the domain takes time, randomness and data as arguments",
        check: manifests,
    },
    Rule {
        name: "The domain takes no clock and no randomness through a feature of its dependencies.",
        remedy: "turn the feature off in Cargo.toml and pass the value in",
        check: domain_features,
    },
    Rule {
        name: "A slice never imports another slice's store.",
        remedy: "ask the other slice's `service` for what is needed, or give it a function for it",
        check: foreign_stores,
    },
];

/// For one manifest: names that are forbidden as a dependency. `*` at the end stands for any rest.
struct Ban {
    manifest: &'static str,
    names: &'static [&'static str],
    /// Whether `dev-dependencies` are free of it.
    dev_is_free: bool,
}

const BANS: [Ban; 9] = [
    Ban {
        manifest: "app/domain/Cargo.toml",
        names: &[
            "gatehouse",
            "gatehouse-app",
            "twin",
            "tokio*",
            "futures*",
            "async-*",
            "axum*",
            "hyper*",
            "reqwest",
            "ureq",
            "sqlx*",
            "rand",
            "rand_chacha",
            "getrandom",
            "fastrand",
            "leptos*",
            "tracing*",
            "kube*",
            "octocrab",
            "aws-*",
        ],
        dev_is_free: false,
    },
    Ban {
        manifest: "app/Cargo.toml",
        names: &[
            "gatehouse",
            "twin",
            "sqlx*",
            "kube*",
            "k8s-openapi",
            "octocrab",
            "aws-*",
            "graphile_worker",
            "openidconnect",
            "webauthn-rs*",
            "reqwest",
            "rand",
            "getrandom",
        ],
        dev_is_free: false,
    },
    Ban {
        manifest: "app/hydrate/Cargo.toml",
        names: &["gatehouse", "twin", "sqlx*", "tokio*", "axum*"],
        dev_is_free: false,
    },
    Ban { manifest: "server/Cargo.toml", names: &["twin"], dev_is_free: true },
    Ban {
        manifest: "server/Cargo.toml",
        names: &["gatehouse-hydrate", "rand", "openssl*", "native-tls", "aws-lc*"],
        dev_is_free: false,
    },
    Ban { manifest: "twin/Cargo.toml", names: &["gatehouse*"], dev_is_free: false },
    // Its tests let the real clients speak to it; itself it must not be built from what it is to test.
    Ban {
        manifest: "twin/Cargo.toml",
        names: &["sqlx*", "octocrab", "kube*", "aws-*", "openidconnect"],
        dev_is_free: true,
    },
    // It measures the portal as it is shipped, from outside.
    Ban { manifest: "bench/Cargo.toml", names: &["gatehouse*"], dev_is_free: false },
    Ban {
        manifest: "xtask/Cargo.toml",
        names: &["gatehouse*", "twin", "tokio*", "axum*", "sqlx*"],
        dev_is_free: false,
    },
];

fn manifests(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for ban in BANS {
        let Some(file) = tree.get(ban.manifest) else { continue };
        for (section, name) in dependencies(file) {
            if ban.dev_is_free && section.ends_with("dev-dependencies") {
                continue;
            }
            if ban.names.iter().any(|pattern| matches(pattern, &name)) {
                breaches.push(Breach::at(&file.path, line_of(file, &name), format!("`{name}` in [{section}]")));
            }
        }
    }
    breaches
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

/// Every dependency of a manifest with the section it is in, target-specific ones included.
fn dependencies(file: &File) -> Vec<(String, String)> {
    let table: toml::Table = file.text.parse().unwrap_or_default();
    let mut found = Vec::new();
    let mut collect = |prefix: &str, table: &toml::Table| {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, value) in table.get(section).and_then(toml::Value::as_table).into_iter().flatten() {
                // A renamed crate is what it is, not what it is called.
                let package = value.get("package").and_then(toml::Value::as_str).unwrap_or(name);
                found.push((format!("{prefix}{section}"), package.to_owned()));
            }
        }
    };
    collect("", &table);
    for (target, value) in table.get("target").and_then(toml::Value::as_table).into_iter().flatten() {
        if let Some(inner) = value.as_table() {
            collect(&format!("target.{target}."), inner);
        }
    }
    found
}

fn line_of(file: &File, name: &str) -> usize {
    file.lines().find(|(_, line)| line.trim_start().starts_with(name)).map_or(0, |(number, _)| number)
}

/// Features by which a pure crate would get at the clock or at the operating system's randomness.
const IMPURE: [(&str, &[&str]); 2] = [
    ("chrono", &["clock", "now"]),
    ("uuid", &["v1", "v4", "v6", "v7", "rng", "fast-rng", "rng-getrandom", "rng-rand"]),
];

fn domain_features(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let Some(file) = tree.get("app/domain/Cargo.toml") else {
        return breaches;
    };
    let table: toml::Table = file.text.parse().unwrap_or_default();
    for (name, impure) in IMPURE {
        let features = table
            .get("dependencies")
            .and_then(|all| all.get(name))
            .and_then(|one| one.get("features"))
            .and_then(toml::Value::as_array);
        for feature in features.into_iter().flatten().filter_map(toml::Value::as_str) {
            if impure.contains(&feature) {
                breaches.push(Breach::at(&file.path, line_of(file, name), format!("feature `{feature}` of `{name}`")));
            }
        }
    }
    breaches
}

fn foreign_stores(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for slice in tree.folders("server/src/") {
        let home = format!("server/src/{slice}/");
        let has_store = tree
            .rust()
            .any(|file| file.path == format!("{home}store.rs") || file.path.starts_with(&format!("{home}store/")));
        if !has_store {
            continue;
        }
        let needle = format!("{slice}::store");
        for file in tree.rust().filter(|file| file.path.starts_with("server/") && !file.path.starts_with(&home)) {
            for (number, line) in file.lines() {
                if has_word(code(line), &needle) {
                    breaches.push(Breach::at(&file.path, number, line.trim()));
                }
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_with_a_database_is_noticed() {
        let tree = Tree::fixture(&[("app/Cargo.toml", "[dependencies]\nleptos = \"1\"\nsqlx.workspace = true\n")]);
        assert_eq!(manifests(&tree), [Breach::at("app/Cargo.toml", 3, "`sqlx` in [dependencies]")]);
    }

    #[test]
    fn a_renamed_or_target_specific_dependency_is_noticed() {
        let tree = Tree::fixture(&[(
            "app/domain/Cargo.toml",
            "[dependencies]\ndice = { package = \"rand\", version = \"1\" }\n[target.'cfg(unix)'.dependencies]\ntokio = \"1\"\n",
        )]);
        let names: Vec<String> = manifests(&tree).into_iter().map(|breach| breach.what).collect();
        assert_eq!(names, ["`rand` in [dependencies]", "`tokio` in [target.cfg(unix).dependencies]"]);
    }

    #[test]
    fn the_server_knows_the_twin_in_its_tests_only() {
        let dev = Tree::fixture(&[("server/Cargo.toml", "[dev-dependencies]\ntwin.workspace = true\n")]);
        assert_eq!(manifests(&dev), []);
        let real = Tree::fixture(&[("server/Cargo.toml", "[dependencies]\ntwin.workspace = true\n")]);
        assert_eq!(manifests(&real).len(), 1);
        let back = Tree::fixture(&[("twin/Cargo.toml", "[dev-dependencies]\ngatehouse-domain.workspace = true\n")]);
        assert_eq!(manifests(&back).len(), 1);
    }

    #[test]
    fn a_clock_in_the_domains_features_is_noticed() {
        let tree = Tree::fixture(&[(
            "app/domain/Cargo.toml",
            "[dependencies]\nchrono = { workspace = true, features = [\"clock\"] }\n",
        )]);
        assert_eq!(domain_features(&tree).len(), 1);
    }

    #[test]
    fn another_slices_store_is_noticed_and_ones_own_is_not() {
        let tree = Tree::fixture(&[
            ("server/src/changes/store.rs", ""),
            ("server/src/changes/service.rs", "use crate::changes::store;\n"),
            (
                "server/src/audit/mod.rs",
                "// crate::changes::store is not for us\nuse crate::{changes::store::find_change};\n",
            ),
        ]);
        assert_eq!(
            foreign_stores(&tree),
            [Breach::at("server/src/audit/mod.rs", 2, "use crate::{changes::store::find_change};")]
        );
    }
}
