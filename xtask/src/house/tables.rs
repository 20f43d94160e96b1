//! Every table is either governed (written through `audit::commit` only) or bookkeeping, and says so.

use std::collections::BTreeMap;

use super::tree::Tree;
use super::{Breach, Rule};

const LIST: &str = "migrations/tables.toml";

pub const RULES: &[Rule] = &[
    Rule {
        name: "Every table is listed as governed or as bookkeeping.",
        remedy: "list it in migrations/tables.toml with the reason: [governed] if it is a fold of audit entries and changes only through `audit::commit`, [bookkeeping] if it is unaudited and never replayed (sessions, deliveries, jobs, cursors, caches); take out a name whose table is gone",
        check: unlisted,
    },
    Rule {
        name: "A table's name begins with the word of its slice.",
        remedy: "rename it `<slice>_…`, or add the word under [prefixes] in migrations/tables.toml with the reason why it is no slice",
        check: names,
    },
];

const SLICES: [&str; 12] = [
    "environments",
    "pipelines",
    "changes",
    "canary",
    "alerts",
    "breakglass",
    "audit",
    "policy",
    "people",
    "models",
    "resilience",
    "controls",
];

fn section(tree: &Tree, name: &str) -> BTreeMap<String, String> {
    let list: toml::Table = tree.get(LIST).and_then(|file| file.text.parse().ok()).unwrap_or_default();
    let entries = list.get(name).and_then(toml::Value::as_table).cloned().unwrap_or_default();
    entries.into_iter().map(|(table, why)| (table, why.as_str().unwrap_or_default().to_owned())).collect()
}

fn unlisted(tree: &Tree) -> Vec<Breach> {
    let governed = section(tree, "governed");
    let bookkeeping = section(tree, "bookkeeping");
    let tables = tables(tree);
    let mut breaches = Vec::new();
    for (table, (file, line)) in &tables {
        match (governed.contains_key(table), bookkeeping.contains_key(table)) {
            (false, false) => breaches.push(Breach::at(file, *line, format!("table `{table}` is not listed"))),
            (true, true) => breaches.push(Breach::at(LIST, 0, format!("table `{table}` is listed twice"))),
            _ => {}
        }
    }
    for (table, why) in governed.iter().chain(&bookkeeping) {
        if !tables.contains_key(table) {
            breaches.push(Breach::at(LIST, 0, format!("`{table}` is listed, but no migration makes it")));
        }
        if why.trim().is_empty() {
            breaches.push(Breach::at(LIST, 0, format!("`{table}` has no reason")));
        }
    }
    breaches
}

fn names(tree: &Tree) -> Vec<Breach> {
    let prefixes = section(tree, "prefixes");
    let words: Vec<&str> = SLICES.into_iter().chain(prefixes.keys().map(String::as_str)).collect();
    let fits = |table: &str| {
        words.iter().any(|word| table == *word || table.strip_prefix(word).is_some_and(|rest| rest.starts_with('_')))
    };
    let tables = tables(tree);
    let wrong = tables.iter().filter(|(table, _)| !fits(table));
    wrong.map(|(table, (file, line))| Breach::at(file, *line, format!("table `{table}`"))).collect()
}

/// The tables that are left when all migrations have run, and where each was made. Partitions belong to their parent.
fn tables(tree: &Tree) -> BTreeMap<String, (String, usize)> {
    let mut tables = BTreeMap::new();
    // The tree is sorted by name, and migrations are numbered.
    for file in tree.files.iter().filter(|file| file.path.starts_with("migrations/") && file.path.ends_with(".sql")) {
        for (number, line) in file.lines() {
            let words: Vec<String> = line
                .split("--")
                .next()
                .unwrap_or_default()
                .to_lowercase()
                .split_whitespace()
                .map(str::to_owned)
                .collect();
            let words: Vec<&str> = words
                .iter()
                .map(String::as_str)
                .filter(|word| !["if", "not", "exists", "unlogged"].contains(word))
                .collect();
            match words.as_slice() {
                ["create", "table", name, rest @ ..] if !rest.starts_with(&["partition"]) => {
                    tables.insert(bare(name), (file.path.clone(), number));
                }
                ["drop", "table", name, ..] => {
                    tables.remove(&bare(name));
                }
                ["alter", "table", name, "rename", "to", new, ..] => {
                    let made = tables.remove(&bare(name));
                    tables.extend(made.map(|place| (bare(new), place)));
                }
                _ => {}
            }
        }
    }
    tables
}

/// `"public".changes(` → `changes`.
fn bare(name: &str) -> String {
    let name = name.split('(').next().unwrap_or(name).trim_end_matches(';');
    name.rsplit('.').next().unwrap_or(name).trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIGRATION: &str = "\
CREATE TABLE changes (\n  id bigint\n);
CREATE TABLE IF NOT EXISTS public.sessions(id text);
CREATE TABLE old_things (id int);
DROP TABLE old_things;
CREATE TABLE audit_entries_2026 PARTITION OF audit_entries FOR VALUES IN (1);
-- CREATE TABLE only_prose (id int);
";

    #[test]
    fn tables_are_what_is_left_after_all_migrations() {
        let tree = Tree::fixture(&[("migrations/0001_first.sql", MIGRATION)]);
        assert_eq!(tables(&tree).into_keys().collect::<Vec<_>>(), ["changes", "sessions"]);
    }

    #[test]
    fn an_unlisted_and_a_vanished_table_are_noticed() {
        let list = "[governed]\nchanges = \"a fold of audit entries\"\ngone = \"was here\"\n";
        let tree = Tree::fixture(&[("migrations/0001_first.sql", MIGRATION), (LIST, list)]);
        let told: Vec<String> = unlisted(&tree).into_iter().map(|breach| breach.what).collect();
        assert_eq!(told, ["table `sessions` is not listed", "`gone` is listed, but no migration makes it"]);
    }

    #[test]
    fn a_listing_without_a_reason_or_in_both_lists_is_noticed() {
        let list = "[governed]\nchanges = \"\"\n[bookkeeping]\nchanges = \"x\"\nsessions = \"they expire\"\n";
        let tree = Tree::fixture(&[("migrations/0001_first.sql", MIGRATION), (LIST, list)]);
        assert_eq!(unlisted(&tree).len(), 2);
    }

    #[test]
    fn a_table_of_no_slice_is_noticed_until_its_word_is_allowed() {
        let tree = Tree::fixture(&[("migrations/0001_first.sql", MIGRATION)]);
        assert_eq!(names(&tree).len(), 1);
        let tree = Tree::fixture(&[
            ("migrations/0001_first.sql", MIGRATION),
            (LIST, "[prefixes]\nsessions = \"of sign-in\"\n"),
        ]);
        assert_eq!(names(&tree), []);
    }
}
