//! SQL is spoken in stores only.

use super::tree::{File, Tree, code};
use super::{Breach, Rule};

pub const RULES: &[Rule] = &[Rule {
    name: "SQL stands only in a slice's store.",
    remedy: "give the slice's store.rs a function (find_, get_, list_, lock_, insert_, set_, delete_) and call that; the list of other places in xtask/src/house/sql.rs only shrinks",
    check: stray_sql,
}];

/// What a query begins with.
const QUERIES: [&str; 7] =
    ["sqlx::query", "sqlx::raw_sql", "query_as(", "query_as::<", "query_scalar(", "query_scalar::<", "QueryBuilder::"];

/// Places that are no slice and speak SQL: each with its reason.
const ELSEWHERE: &[(&str, &str)] = &[
    ("server/src/postgres/", "starts the private database and makes its roles"),
    ("server/src/database/", "connects, migrates and looks whether the database answers"),
    ("server/src/context/", "asks the database for the one time that counts"),
    ("server/src/audit/", "the only writer of governed tables: its commit is a store and more"),
    ("bench/", "the references are what a bare handler says to the database; nothing of it is in the product"),
    ("server/tests/", "tests look at tables to prove that nothing changed"),
];

fn stray_sql(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.rust().filter(|file| !file.path.starts_with("xtask/") && !may_speak_sql(file)) {
        for (number, line) in file.lines() {
            if QUERIES.iter().any(|query| code(line).contains(query)) {
                breaches.push(Breach::at(&file.path, number, line.trim()));
            }
        }
    }
    breaches
}

fn may_speak_sql(file: &File) -> bool {
    let in_store = file.name() == "store.rs" || file.path.contains("/store/");
    // Tests, and what tests share, look at tables to prove that nothing changed.
    let in_test = ["/tests/", "/testing/"].iter().any(|dir| file.path.contains(dir))
        || file.name().ends_with("tests.rs")
        || file.name() == "testing.rs";
    in_store || in_test || ELSEWHERE.iter().any(|(place, _)| file.path.starts_with(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_in_a_service_is_noticed_and_in_a_store_is_not() {
        let query = "let rows = sqlx::query(\"SELECT 1\");\n";
        let tree = Tree::fixture(&[
            ("server/src/changes/service.rs", query),
            ("server/src/changes/store.rs", query),
            ("server/src/changes/store/seats.rs", query),
            ("server/src/audit/commit.rs", query),
            ("server/src/changes/routes.rs", "// sqlx::query is for the store\n"),
        ]);
        let files: Vec<String> = stray_sql(&tree).into_iter().map(|breach| breach.file).collect();
        assert_eq!(files, ["server/src/changes/service.rs"]);
    }
}
