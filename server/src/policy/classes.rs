//! Which classes does a changed file belong to?
//!
//! Classes are a policy's data, so that whoever keeps the policy reads and changes them without Rego:
//!
//! ```json
//! {"classes": {"infrastructure": {"globs": ["**/*.tf"], "examples": ["eks/main.tf"], "others": ["app/main.py"]}}}
//! ```
//!
//! Where a path alone does not say it, `"values": {"globs": ["**/values*.yaml"], "keys": ["securityContext"]}` puts a file
//! of such a name into the class when something differs under one of these keys, or nobody can tell.
//!
//! All globs are one compiled set, because a promotion can touch thousands of files. How a name is spelt, upper or lower
//! case, does not change what a file is; `*` stays within a folder, `**` does not. `examples` and `others` are their
//! tests (`gatehouse policy test`); further members are the policy's own.

use anyhow::{Context, bail, ensure};
use gatehouse_domain::changes::ValuesMoved;
use globset::{Candidate, Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// More than this is no list that somebody keeps.
const MOST_GLOBS: usize = 1000;

/// Files by class.
pub(super) type Sorted<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// The compiled classes of a policy.
#[derive(Debug, Clone)]
pub(super) struct Classes {
    names: Vec<String>,
    set: GlobSet,
    /// Of which class each glob is. Ascending, as the globs were added.
    owners: Vec<usize>,
    /// Those classes that depend on what is in a file.
    inside: Vec<Inside>,
}

/// What in a file puts it into a class.
#[derive(Debug, Clone)]
struct Inside {
    class: usize,
    set: GlobSet,
    /// In lower case.
    keys: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Values {
    globs: Vec<String>,
    keys: BTreeSet<String>,
}

/// A class, as far as it is ours.
#[derive(Debug, Deserialize)]
struct Class {
    globs: Vec<String>,
    values: Option<Values>,
    #[serde(default)]
    examples: Vec<String>,
    #[serde(default)]
    others: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct File {
    #[serde(default)]
    classes: BTreeMap<String, Class>,
}

/// A file that must be in a class, or must not.
pub(super) struct Example {
    pub(super) class: String,
    pub(super) path: String,
    pub(super) belongs: bool,
}

impl Classes {
    /// Compiles the classes of a policy's data files.
    pub(super) fn compile(data: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let (mut names, mut owners, mut set) = (Vec::new(), Vec::new(), GlobSetBuilder::new());
        let mut inside = Vec::new();
        for (name, class) in read(data)? {
            for glob in &class.globs {
                set.add(built(glob).with_context(|| format!("class {name}"))?);
                owners.push(names.len());
            }
            if let Some(Values { globs, keys }) = class.values {
                let mut set = GlobSetBuilder::new();
                for glob in &globs {
                    set.add(built(glob).with_context(|| format!("the values of class {name}"))?);
                }
                let keys = keys.iter().map(|key| key.to_lowercase()).collect();
                inside.push(Inside { class: names.len(), set: set.build()?, keys });
            }
            names.push(name);
        }
        ensure!(owners.len() <= MOST_GLOBS, "the policy's classes have more than {MOST_GLOBS} globs");
        Ok(Self { names, set: set.build()?, owners, inside })
    }

    /// Whether a class depends on what is in this file.
    pub(super) fn looks_into(&self, path: &str) -> bool {
        self.inside.iter().any(|inside| inside.set.is_match(path))
    }

    /// Every class by name, with those of the paths that belong to it, in their order.
    pub(super) fn sort<'a>(&'a self, paths: impl IntoIterator<Item = &'a str>, values: &ValuesMoved) -> Sorted<'a> {
        let mut sorted: Vec<Vec<&str>> = vec![Vec::new(); self.names.len()];
        let mut hits = Vec::new();
        for path in paths {
            self.set.matches_candidate_into(&Candidate::new(path), &mut hits);
            let mut last = None;
            // Hits ascend, and so do owners: a path is put into each class once.
            for owner in hits.iter().filter_map(|hit| self.owners.get(*hit)) {
                if last != Some(owner) {
                    sorted.get_mut(*owner).into_iter().for_each(|class| class.push(path));
                }
                last = Some(owner);
            }
            let Some(moved) = values.get(path) else { continue };
            for inside in self.inside.iter().filter(|inside| inside.set.is_match(path)) {
                let touches = moved.as_ref().is_none_or(|keys| !keys.is_disjoint(&inside.keys));
                let class = sorted.get_mut(inside.class).filter(|class| touches && class.last() != Some(&path));
                class.into_iter().for_each(|class| class.push(path));
            }
        }
        self.names.iter().map(String::as_str).zip(sorted).collect()
    }
}

fn built(glob: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(glob).case_insensitive(true).literal_separator(true).empty_alternates(true).build()
}

/// What the classes of these files say must belong to them, and must not.
pub(super) fn examples(data: &BTreeMap<String, String>) -> anyhow::Result<Vec<Example>> {
    let of = |(class, given): (String, Class)| {
        let example = |belongs| {
            let class = class.clone();
            move |path| Example { class: class.clone(), path, belongs }
        };
        let (inside, outside) = (example(true), example(false));
        given.examples.into_iter().map(inside).chain(given.others.into_iter().map(outside)).collect::<Vec<_>>()
    };
    Ok(read(data)?.into_iter().flat_map(of).collect())
}

fn read(data: &BTreeMap<String, String>) -> anyhow::Result<BTreeMap<String, Class>> {
    let mut all = BTreeMap::new();
    for (file, text) in data {
        let file: File = serde_json::from_str(text).with_context(|| file.clone())?;
        for (name, class) in file.classes {
            if all.insert(name.clone(), class).is_some() {
                bail!("class {name} is there twice");
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn classes(text: &str) -> anyhow::Result<Classes> {
        Classes::compile(&BTreeMap::from([("classes.json".to_owned(), text.to_owned())]))
    }

    #[test]
    fn a_path_is_in_every_class_that_it_matches_and_in_each_once() {
        let text = r#"{"classes": {"a": {"globs": ["**/*.tf", "x/**"]}, "b": {"globs": ["x/*"]}, "c": {"globs": []}}}"#;
        let classes = classes(text).unwrap();
        let sorted = classes.sort(["x/main.tf", "x/y/z", "other"], &ValuesMoved::new());
        assert_eq!(
            sorted,
            BTreeMap::from([("a", vec!["x/main.tf", "x/y/z"]), ("b", vec!["x/main.tf"]), ("c", vec![])])
        );
    }

    #[test]
    fn a_name_hides_nothing_by_case_dots_or_line_breaks() {
        let classes = classes(r#"{"classes": {"a": {"globs": ["**/{dags,dbt}{,/**}", "**/*.tf"]}}}"#).unwrap();
        for path in ["DAGS/x", "dbt", "a/b/Dbt/..", ".hidden/.tf", "odd\nname/x.TF", "dags/odd\nname", "a\\b.tf"] {
            assert_eq!(classes.sort([path], &ValuesMoved::new()), BTreeMap::from([("a", vec![path])]), "{path:?}");
        }
        assert_eq!(classes.sort(["dagsx/y", "x.tfx"], &ValuesMoved::new()), BTreeMap::from([("a", vec![])]));
    }

    #[test]
    fn what_is_in_a_file_puts_it_into_a_class_and_so_does_not_knowing_it() {
        let text = r#"{"classes": {
            "a": {"globs": ["**/x.yaml"], "values": {"globs": ["**/*.yaml"], "keys": ["hostNetwork"]}},
            "b": {"globs": ["**"]}
        }}"#;
        let classes = classes(text).unwrap();
        let moved = |path: &'static str, keys: Option<&[&str]>| {
            let keys = keys.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect());
            classes.sort([path], &ValuesMoved::from([(path.to_owned(), keys)])).remove("a").unwrap()
        };
        assert_eq!(moved("v.yaml", Some(&["hostnetwork", "pod"])), ["v.yaml"]);
        assert_eq!(moved("v.yaml", None), ["v.yaml"]);
        assert_eq!(moved("v.yaml", Some(&["replicas"])), [""; 0]);
        assert_eq!(moved("v.txt", None), [""; 0], "the class does not look into it");
        assert_eq!(moved("x.yaml", None), ["x.yaml"], "once");
        assert!(classes.looks_into("d/V.YAML") && !classes.looks_into("v.txt"));
    }

    #[test]
    fn what_is_no_class_does_not_compile() {
        for bad in [r#"{"classes": {"a": {"globs": ["{"]}}}"#, r#"{"classes": {"a": {}}}"#, r#"{"classes": []}"#, "3"] {
            assert!(classes(bad).is_err(), "{bad}");
        }
        let twice = BTreeMap::from(
            ["a.json", "b.json"].map(|f| (f.to_owned(), r#"{"classes":{"a":{"globs":[]}}}"#.to_owned())),
        );
        assert!(Classes::compile(&twice).unwrap_err().to_string().contains("twice"));
        assert!(classes(r#"{"freezes": []}"#).unwrap().sort(["x"], &ValuesMoved::new()).is_empty());
    }
}
