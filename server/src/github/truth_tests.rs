//! What GitHub itself gives as examples, read by the parsers that read it in production. The documents come from npm
//! (`end2end/truth`), so these tests run where `cargo xtask test` has put them.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
use super::facts::{Account, CommitFacts, DeliveryFacts, JobFacts, PullRequestFacts, RepositoryFacts, RunFacts};
use super::facts::{ArtifactFacts, CheckRunFacts, FileFacts, PendingDeployment, ReviewFacts, TreeEntry};
use super::webhook::parse_protection_request;
use super::wire::{
    RawAccount, RawActivity, RawArtifacts, RawCheckRuns, RawCommit, RawComparison, RawDelivery, RawJobs, RawPending,
    RawPull, RawPullNumber, RawRepository, RawReview, RawRun, RawRuns, RawTree, Unfit,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::path::PathBuf;

fn document(path: &str) -> Value {
    let dir = std::env::var_os("GITHUB_DOCUMENTS").expect("GITHUB_DOCUMENTS is set by `cargo xtask test`");
    let path = PathBuf::from(dir).join(path);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap()
}

/// As the client does it: the shape, then the rules.
fn read<Raw: DeserializeOwned, T: TryFrom<Raw, Error = Unfit>>(what: &str, value: &Value) -> T {
    let raw: Raw = shape(what, value);
    T::try_from(raw).unwrap_or_else(|unfit| panic!("{what}: {}", unfit.0))
}

fn shape<Raw: DeserializeOwned>(what: &str, value: &Value) -> Raw {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{what}: {error}"))
}

fn each(value: &Value) -> &[Value] {
    let items = value.as_array().expect("a list");
    assert!(!items.is_empty(), "an example without examples");
    items
}

#[test]
#[ignore = "needs GitHub's own documents; `cargo xtask test` brings them and runs this"]
fn every_example_of_an_answer_that_we_read_parses() {
    let described = document("openapi/generated/api.github.com.json");
    let example = |name: &str| described["components"]["examples"][name]["value"].clone();

    read::<RawRepository, RepositoryFacts>("repository", &example("full-repository-default-response"));
    read::<RawRun, RunFacts>("run", &example("workflow-run"));
    let runs: RawRuns = shape("runs", &example("workflow-run-paginated"));
    for run in each(&Value::from(runs.workflow_runs)) {
        read::<RawRun, RunFacts>("run of a list", run);
    }
    let jobs: RawJobs = shape("jobs", &example("job-paginated"));
    assert_eq!(jobs.jobs.into_iter().map(JobFacts::from).count(), jobs.total_count);
    let checks: RawCheckRuns = shape("check runs", &example("check-run-paginated"));
    assert_eq!(checks.check_runs.into_iter().map(CheckRunFacts::from).count(), checks.total_count);
    let artifacts: RawArtifacts = shape("artifacts", &example("artifact-paginated"));
    assert!(artifacts.artifacts.into_iter().all(|raw| ArtifactFacts::try_from(raw).is_ok()));
    for pending in each(&example("pending-deployment-items")) {
        read::<RawPending, PendingDeployment>("pending deployment", pending);
    }
    for review in each(&example("environment-approvals-items")) {
        read::<RawReview, ReviewFacts>("review", review);
    }
    for delivery in each(&example("hook-delivery-items")) {
        read::<RawDelivery, DeliveryFacts>("delivery", delivery);
    }
    let comparison: RawComparison = shape("comparison", &example("commit-comparison"));
    comparison.status().unwrap();
    comparison.merge_base().unwrap();
    assert!(comparison.commits.into_iter().all(|raw| CommitFacts::try_from(raw).is_ok()));
    assert!(comparison.files.unwrap().into_iter().map(FileFacts::from).count() > 0);
    read::<RawCommit, CommitFacts>("commit", &example("commit"));
    for name in ["git-tree-default-response", "git-tree-response-recursively-retrieving-a-tree"] {
        let tree: RawTree = shape(name, &example(name));
        assert!(tree.tree.into_iter().all(|raw| TreeEntry::try_from(raw).is_ok()), "{name}");
    }
    for pull in each(&example("pull-request-simple-items")) {
        shape::<RawPullNumber>("listed pull request", pull);
    }
    read::<RawPull, PullRequestFacts>("pull request", &example("pull-request"));
    for activity in each(&example("activity-items")) {
        shape::<RawActivity>("activity", activity);
    }
    read::<RawAccount, Account>("account", &example("public-user-default-response"));
}

/// GitHub publishes no example of the one event that is taken, but examples of every part of it.
#[test]
#[ignore = "needs GitHub's own documents; `cargo xtask test` brings them and runs this"]
fn every_example_of_what_a_webhook_brings_parses() {
    let events = document("webhooks-examples/api.github.com/index.json");
    let examples = |event: &str| -> Vec<Value> {
        let found = each(&events).iter().find(|it| it["name"] == event);
        found.map(|it| each(&it["examples"]).to_vec()).unwrap_or_default()
    };
    let api = "https://api.github.com/".parse().unwrap();
    let parse = |example: &Value| parse_protection_request(example.to_string().as_bytes(), &api);
    for example in examples("deployment_protection_rule") {
        parse(&example).unwrap();
    }
    let deployments = examples("deployment");
    assert!(!deployments.is_empty());
    for it in deployments {
        let repository = it["repository"]["full_name"].as_str().unwrap();
        let url = format!("https://api.github.com/repos/{repository}/actions/runs/1234/deployment_protection_rule");
        let question = json!({
            "action": "requested", "environment": "production", "event": "push", "deployment_callback_url": url,
            "deployment": it["deployment"], "pull_requests": [], "repository": it["repository"],
            "installation": { "id": 5, "node_id": "MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9uNQ==" },
            "sender": it["sender"],
        });
        let asked = parse(&question).unwrap_or_else(|error| panic!("{repository}: {error}"));
        assert_eq!((asked.run_id.0, asked.repository.to_string().as_str()), (1234, repository));
    }
    // Some are from before runs had a path; GitHub's answers always have one (see the other test).
    let today: Vec<Value> =
        examples("workflow_run").into_iter().filter(|it| it["workflow_run"].get("path").is_some()).collect();
    assert!(!today.is_empty());
    for it in today {
        read::<RawRun, RunFacts>("the run of a webhook", &it["workflow_run"]);
        read::<RawAccount, Account>("the sender of a webhook", &it["sender"]);
    }
}
