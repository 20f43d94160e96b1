//! The house rules that no compiler checks: who may know whom, where SQL lives, which tables are governed, where time
//! and randomness enter. `cargo test -p xtask` enforces them.
//!
//! A [`Rule`] looks at the whole [`Tree`] and returns breaches; its `remedy` tells a person what to do instead. Every rule
//! has a fixture in its file that proves it can fail: a rule that never fires is worth nothing.

mod dockerfile;
mod layers;
mod sources;
mod sql;
mod tables;
mod tree;
mod words;

use tree::Tree;

/// One rule of the house.
struct Rule {
    /// What is forbidden or demanded, as a sentence.
    name: &'static str,
    /// What to do when it fires.
    remedy: &'static str,
    check: fn(&Tree) -> Vec<Breach>,
}

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
struct Breach {
    file: String,
    /// From 1; 0 when it is about the whole file.
    line: usize,
    what: String,
}

impl Breach {
    fn at(file: &str, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, what: what.into() }
    }
}

const RULES: [&[Rule]; 6] = [layers::RULES, sql::RULES, tables::RULES, sources::RULES, words::RULES, dockerfile::RULES];

/// What every broken rule says, `None` when the house is in order.
fn complaint(tree: &Tree) -> Option<String> {
    let mut text = String::new();
    for rule in RULES.into_iter().flatten() {
        let breaches = (rule.check)(tree);
        if breaches.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{}\n", rule.name));
        for Breach { file, line, what } in breaches {
            let place = if line == 0 { file } else { format!("{file}:{line}") };
            text.push_str(&format!("  {place}: {what}\n"));
        }
        text.push_str(&format!("  → {}\n", rule.remedy));
    }
    (!text.is_empty()).then_some(text)
}

#[test]
fn the_house_is_in_order() {
    let complaint = complaint(&Tree::of_the_repository());
    assert!(complaint.is_none(), "{}", complaint.unwrap_or_default());
}
