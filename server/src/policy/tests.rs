//! The policy that comes with the program, and the engine it runs in. What a bad one does to a promotion is
//! `changes/tests/atk_15_policy.rs`.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::classes::Classes;
use super::engine::{Compiled, NAME};
use super::{Bundle, Policy, run_tests};
use gatehouse_domain::changes::policy::{INPUT_SCHEMA, PolicyFault, PolicyInput};
use gatehouse_domain::changes::{Evidence, ValuesMoved};
use std::collections::BTreeSet;

fn input(paths: &[String]) -> String {
    let paths: BTreeSet<String> = paths.iter().cloned().collect();
    let bundled = Classes::compile(Bundle::built_in().data()).unwrap();
    let personal = BTreeSet::new();
    let input = PolicyInput {
        schema: INPUT_SCHEMA,
        service: "score-api",
        environment: "production",
        production: true,
        repository: "altscore/services",
        workflow: ".github/workflows/score-api.yml",
        owner_team: "scoring",
        config_path: "services/score-api/deploy",
        migrations_path: "services/score-api/migrations",
        complete: true,
        paths: &paths,
        classes: bundled.sort(paths.iter().map(String::as_str), &ValuesMoved::new()),
        evidence: &Evidence::default(),
        personal: &personal,
        values: &ValuesMoved::new(),
    };
    serde_json::to_string(&input).unwrap()
}

#[test]
fn the_default_policys_own_tests_pass_and_there_are_some() {
    let outcomes = run_tests(&Bundle::built_in()).unwrap();
    let failed: Vec<_> = outcomes.iter().filter(|outcome| outcome.failed.is_some()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(outcomes.len() >= 10, "{outcomes:?}");
}

#[test]
fn a_test_that_is_false_or_not_true_at_all_fails_and_is_named() {
    let folder = std::env::temp_dir().join(format!("gatehouse-suite-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("p.rego"), "package gatehouse.promotion\n\nresult := 1\n").unwrap();
    let tests = "package x_test\n\nimport data.gatehouse.promotion\n\ntest_right if promotion.result == 1\n\ntest_none if promotion.result == 2\n\ntest_false := false\n\nother if false\n";
    std::fs::write(folder.join("p_test.rego"), tests).unwrap();
    let outcomes = run_tests(&Bundle::read(&folder).unwrap()).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let told: Vec<_> = outcomes.iter().map(|o| (o.name.rsplit('.').next().unwrap(), o.failed.as_deref())).collect();
    assert_eq!(
        told,
        [("test_false", Some("it is false")), ("test_none", Some("it is not true")), ("test_right", None)]
    );
}

#[test]
fn a_list_that_cannot_be_read_fails_and_gives_nothing_and_without_one_the_programs_own_is_taken() {
    let folder = std::env::temp_dir().join(format!("gatehouse-lists-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("p.rego"), "package gatehouse.promotion\n\nresult := 1\n").unwrap();
    let bare = Policy::compile(&Bundle::read(&folder).unwrap());
    std::fs::write(folder.join("parity.json"), "{\"parity\": {}}").unwrap();
    std::fs::write(folder.join("guard-rails.json"), "{\"guard_rails\": {}}").unwrap();
    let bundle = Bundle::read(&folder).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let outcomes = run_tests(&bundle).unwrap();
    let failed: Vec<_> = outcomes.iter().filter(|it| it.failed.is_some()).map(|it| it.name.as_str()).collect();
    assert_eq!(failed, ["parity.json can be read", "guard-rails.json can be read"]);
    let policy = Policy::compile(&bundle);
    assert!(policy.parity().is_err() && policy.guard_rails().is_err());
    let built_in = Policy::compile(&Bundle::built_in());
    assert!(bare.parity().is_ok() && bare.parity() == built_in.parity());
    assert!(bare.guard_rails().is_ok() && bare.guard_rails() == built_in.guard_rails());
}

#[test]
fn thousands_of_paths_are_within_the_limit_and_asked_twice_answered_the_same() {
    let compiled = Compiled::new(&Bundle::built_in()).unwrap();
    let paths: Vec<String> =
        (0..1000).map(|n| format!("services/score-api/app/{n}/x.py")).chain(["a.tf".to_owned()]).collect();
    let answer = compiled.evaluate(&input(&paths)).unwrap();
    let rules: Vec<&str> = answer.asks.iter().map(|ask| ask.rule.as_str()).collect();
    assert_eq!(rules, ["any production change", "infrastructure"]);
    assert_eq!(compiled.evaluate(&input(&paths)).unwrap(), answer);
    // Nothing of one evaluation is left for the next.
    assert_eq!(compiled.evaluate(&input(&[])).unwrap().asks.len(), 1);
    assert_eq!(compiled.evaluate("not json").unwrap_err(), PolicyFault::Failed);
}

/// What decisions record is what is built in.
#[test]
fn the_engine_is_the_one_that_is_named() {
    let lock = include_str!("../../../Cargo.lock");
    let version = lock.split("name = \"regorus\"\nversion = \"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(NAME, format!("regorus {version}"));
}

/// What the world could be asked for is not compiled in: the same input has the same answer.
#[test]
fn a_policy_has_no_clock_no_environment_and_no_network() {
    for call in [
        "time.now_ns()",
        "opa.runtime()",
        "http.send({})",
        "rand.intn(\"x\", 9)",
        "uuid.rfc4122(\"x\")",
        "net.lookup_ip_addr(\"x\")",
    ] {
        let folder = std::env::temp_dir().join(format!("gatehouse-calls-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("p.rego"), format!("package gatehouse.promotion\n\nresult := {call}\n")).unwrap();
        let compiled = Compiled::new(&Bundle::read(&folder).unwrap());
        std::fs::remove_dir_all(&folder).unwrap();
        let answer =
            compiled.map_err(|_| PolicyFault::DoesNotCompile).and_then(|compiled| compiled.evaluate(&input(&[])));
        assert!(matches!(answer, Err(PolicyFault::DoesNotCompile | PolicyFault::Failed)), "{call}: {answer:?}");
    }
}
