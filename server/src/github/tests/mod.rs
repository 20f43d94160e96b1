//! The real client against the twin's GitHub: every method, and what each says when it cannot.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod history;
mod runs;
mod wire;

use super::facts::Contributor;
use super::{Client, GithubSettings, RepoName};
use gatehouse_domain::{CommitSha, GithubId, RunId};
use twin::world::{APP_ID, INSTALLATION_ID};
use twin::{Options, PushRun, Twin};

const KEY: &str = include_str!("../../../../twin/fixtures/github-app.key.pem");
const CONFIG: &str = "services/score-api/deploy";

async fn start() -> (Twin, Client) {
    let twin = Twin::start(Options::default()).await.unwrap();
    let client = Client::connect(&settings(&twin)).unwrap();
    (twin, client)
}

fn settings(twin: &Twin) -> GithubSettings {
    GithubSettings {
        api_url: twin.urls().github.parse().unwrap(),
        app_id: APP_ID,
        installation_id: INSTALLATION_ID,
        private_key_pem: KEY.into(),
    }
}

/// Ends a test: nothing was asked that the twin does not model, and no fault waits for a call that never came.
fn end(twin: &Twin) {
    assert_eq!(twin.unknown_routes(), Vec::<String>::new());
    assert_eq!(twin.faults().unspent(), Vec::<String>::new());
}

fn repo() -> RepoName {
    "altscore/services".parse().unwrap()
}

fn push(twin: &Twin, push: &PushRun) -> (RunId, CommitSha) {
    let run = twin.github().push_run(push).unwrap();
    (RunId(run), twin.github().head_sha(run).unwrap().parse().unwrap())
}

fn rohan() -> PushRun {
    PushRun::of("score-api", "rohandas")
}

fn nowhere() -> CommitSha {
    "0123456789abcdef0123456789abcdef01234567".parse().unwrap()
}

fn is_account(contributor: &Contributor, id: u64) -> bool {
    matches!(contributor, Contributor::Account(account) if account.id == GithubId(id))
}

/// Production asks, but the webhook goes nowhere: these tests have no portal.
fn ask(twin: &Twin, run: RunId) -> twin::Delivery {
    twin.github().build_delivery(run.0).unwrap()
}
