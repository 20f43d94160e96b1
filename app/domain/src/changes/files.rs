//! Which files differ from what production runs? All of them, or a word on why that is not known.
//!
//! Git keeps no renames: a file that moved is gone under one name and there under another, and both names count. What
//! a submodule brings is in another repository, so a submodule that moves is never "one changed path".

use super::values::ValuesMoved;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// More paths, or longer ones in sum, than this are not looked through.
const MOST_PATHS: usize = 10_000;
const MOST_TEXT: usize = 2 << 20;
/// So many submodules are named; the others are as unknown.
const MOST_SUBMODULES: usize = 3;
const SUBMODULE: &str = "160000";

/// Why it is not known what all changes. Any asks everybody for a sign-off.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// It is not known what production runs, or it runs nothing yet.
    NoBase,
    /// The commit does not simply follow what production runs: what would be taken out is not listed.
    NotAhead,
    /// GitHub did not answer.
    Unreadable,
    /// GitHub cuts the list of the repository's files short.
    Truncated,
    /// There are too many.
    TooMany,
    /// This submodule comes, goes or moves.
    Submodule(String),
}

impl Doubt {
    /// Whether asking again may tell more.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        *self == Self::Unreadable
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBase => f.write_str("there is nothing known in production to compare it with"),
            Self::NotAhead => f.write_str("the commit does not follow what production runs"),
            Self::Unreadable => f.write_str("GitHub did not say which files change"),
            Self::Truncated => f.write_str("GitHub cuts the list of files short"),
            Self::TooMany => f.write_str("there are too many files"),
            Self::Submodule(path) => write!(f, "the submodule {path} brings what another repository holds"),
        }
    }
}

/// Every path that differs, under every name that it has or had, and whatever stands against that being all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangedFiles {
    paths: BTreeSet<String>,
    doubts: BTreeSet<Doubt>,
    values: ValuesMoved,
}

impl ChangedFiles {
    /// Nothing is known, for this reason.
    #[must_use]
    pub fn unknown(doubt: Doubt) -> Self {
        Self { doubts: BTreeSet::from([doubt]), ..Self::default() }
    }

    /// From a list that is known to be whole and to hold no submodule: each file's names, now and before.
    pub fn listed<'a>(files: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let names = files.into_iter().flat_map(|(now, before)| before.into_iter().chain([now]));
        Self { paths: names.map(str::to_owned).collect(), ..Self::default() }.bounded()
    }

    /// The same, and not known to be all.
    #[must_use]
    pub fn doubted(mut self, doubt: Doubt) -> Self {
        self.doubts.insert(doubt);
        self
    }

    /// From all files of two commits, each as (path, mode, object).
    pub fn between<'a>(
        base: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>,
        head: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>,
    ) -> Self {
        let tree =
            |files: &mut dyn Iterator<Item = (&'a str, &'a str, &'a str)>| -> BTreeMap<&'a str, (&'a str, &'a str)> {
                files.map(|(path, mode, object)| (path, (mode, object))).collect()
            };
        let (base, head) = (tree(&mut base.into_iter()), tree(&mut head.into_iter()));
        let mut all = Self::default();
        let paths: BTreeSet<&str> = base.keys().chain(head.keys()).copied().collect();
        for path in paths {
            let (before, now) = (base.get(path), head.get(path));
            if before == now {
                continue;
            }
            all.paths.insert(path.to_owned());
            let moves_submodule = before.into_iter().chain(now).any(|(mode, _)| *mode == SUBMODULE);
            if moves_submodule && all.doubts.len() < MOST_SUBMODULES {
                all.doubts.insert(Doubt::Submodule(path.to_owned()));
            }
        }
        all.bounded()
    }

    fn bounded(mut self) -> Self {
        if self.paths.len() > MOST_PATHS || self.paths.iter().map(String::len).sum::<usize>() > MOST_TEXT {
            self.paths.clear();
            self.doubts.insert(Doubt::TooMany);
        }
        self
    }

    /// With the settings that differ in the deploy values among them.
    #[must_use]
    pub fn with_values(mut self, values: ValuesMoved) -> Self {
        self.values = values;
        self
    }

    /// Which settings differ in those files of deploy values that were looked into.
    #[must_use]
    pub fn values(&self) -> &ValuesMoved {
        &self.values
    }

    /// Every path, sorted.
    #[must_use]
    pub fn paths(&self) -> &BTreeSet<String> {
        &self.paths
    }

    /// What stands against these being all; empty means they are.
    #[must_use]
    pub fn doubts(&self) -> &BTreeSet<Doubt> {
        &self.doubts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::btree_map;
    use proptest::{prop_assert, prop_assert_eq, proptest};

    fn texts(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn a_renamed_file_counts_under_both_names() {
        let moved = ChangedFiles::listed([("docs/eks.txt", Some("modules/eks/main.tf")), ("a", None)]);
        assert_eq!((moved.paths(), moved.doubts().len()), (&texts(&["a", "docs/eks.txt", "modules/eks/main.tf"]), 0));
        let tree = ChangedFiles::between([("modules/eks/main.tf", "100644", "1")], [("docs/eks.txt", "100644", "1")]);
        assert_eq!(tree.paths(), &texts(&["docs/eks.txt", "modules/eks/main.tf"]));
    }

    #[test]
    fn a_submodule_that_comes_goes_or_moves_is_a_doubt_and_one_that_stays_is_not() {
        let link = |object| ("vendor/lib", SUBMODULE, object);
        let file = ("vendor/lib", "100644", "1");
        for (base, head) in [
            (vec![link("1")], vec![link("2")]),
            (vec![], vec![link("1")]),
            (vec![link("1")], vec![]),
            (vec![file], vec![link("1")]),
        ] {
            let doubts = ChangedFiles::between(base, head).doubts;
            assert_eq!(doubts, BTreeSet::from([Doubt::Submodule("vendor/lib".to_owned())]));
        }
        assert!(ChangedFiles::between([link("1")], [link("1")]).doubts.is_empty());
    }

    #[test]
    fn more_than_is_looked_through_is_not_known() {
        let names: Vec<String> = (0..=MOST_PATHS).map(|n| n.to_string()).collect();
        let many = |n: usize| ChangedFiles::listed(names.iter().take(n).map(|name| (name.as_str(), None)));
        assert_eq!((many(MOST_PATHS).paths.len(), many(MOST_PATHS).doubts.len()), (MOST_PATHS, 0));
        assert_eq!(many(MOST_PATHS + 1), ChangedFiles::unknown(Doubt::TooMany));
        let long = "x".repeat(MOST_TEXT + 1);
        assert_eq!(ChangedFiles::listed([(long.as_str(), None)]), ChangedFiles::unknown(Doubt::TooMany));
    }

    proptest! {
        /// A path is listed exactly when the two commits do not hold the same under it, whichever way one looks.
        #[test]
        fn what_differs_is_listed_and_nothing_else(
            base in btree_map("[a-d]/[a-c]", ("100644|100755|160000", "[12]"), 0..10),
            head in btree_map("[a-d]/[a-c]", ("100644|100755|160000", "[12]"), 0..10),
        ) {
            let rows = |tree: &BTreeMap<String, (String, String)>| -> Vec<(String, String, String)> {
                tree.iter().map(|(path, (mode, object))| (path.clone(), mode.clone(), object.clone())).collect()
            };
            let (b, h) = (rows(&base), rows(&head));
            let view = |rows: &[(String, String, String)], other: &[(String, String, String)]| {
                ChangedFiles::between(
                    rows.iter().map(|(p, m, o)| (p.as_str(), m.as_str(), o.as_str())),
                    other.iter().map(|(p, m, o)| (p.as_str(), m.as_str(), o.as_str())),
                )
            };
            let found = view(&b, &h);
            for path in base.keys().chain(head.keys()) {
                prop_assert_eq!(found.paths().contains(path), base.get(path) != head.get(path));
            }
            prop_assert_eq!(view(&h, &b), found.clone());
            prop_assert!(found.paths().iter().all(|path| base.contains_key(path) || head.contains_key(path)));
            let moved = found.paths().iter().any(|path| {
                [base.get(path), head.get(path)].into_iter().flatten().any(|(mode, _)| mode == SUBMODULE)
            });
            prop_assert_eq!(!found.doubts().is_empty(), moved);
        }
    }
}
