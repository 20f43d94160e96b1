//! What if GitHub, or what stands in its place, answers what it should not? The twin is honest; these
//! answers are not, so a server of a few lines gives them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use super::facts::Contributor;
use super::{Answer, Client, Error, GithubSettings, RepoName};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use gatehouse_domain::{CommitSha, RepositoryId, RunAttempt, RunId};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const TOKEN: &str = "ghs_neverShownToAnybody";
const KEY: &str = include_str!("../../../twin/fixtures/github-app.key.pem");

type Answered = (u16, Vec<(&'static str, String)>, Vec<u8>);
type Script = Arc<dyn Fn(&str) -> Answered + Send + Sync>;

/// A request's first line, and its authorisation.
type Asked = (String, Option<String>);

/// Answers every path as the script says, and remembers each request with its authorisation.
#[derive(Clone)]
struct Liar {
    script: Script,
    asked: Arc<Mutex<Vec<Asked>>>,
}

async fn lie(State(liar): State<Liar>, request: Request) -> Response {
    let path = request.uri().path_and_query().unwrap().to_string();
    let authorization = request.headers().get("authorization").map(|v| v.to_str().unwrap().to_owned());
    let line = format!("{} {path}", request.method());
    liar.asked.lock().unwrap().push((line, authorization));
    let (status, headers, body) = (liar.script)(&path);
    let mut response = (StatusCode::from_u16(status).unwrap(), Bytes::from(body)).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

async fn start(script: impl Fn(&str) -> Answered + Send + Sync + 'static) -> (Liar, String) {
    let liar = Liar { script: Arc::new(script), asked: Arc::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(lie).with_state(liar.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (liar, url)
}

fn client(url: &str) -> Client {
    Client::connect(&GithubSettings {
        api_url: url.parse().unwrap(),
        app_id: 424_242,
        installation_id: 600_001,
        private_key_pem: KEY.into(),
    })
    .unwrap()
}

fn token() -> Vec<u8> {
    json!({"token": TOKEN, "expires_at": "2999-01-01T00:00:00Z", "permissions": {}}).to_string().into_bytes()
}

/// A client whose token is good and whose every answer is this one.
async fn told(status: u16, headers: Vec<(&'static str, String)>, body: impl Into<Vec<u8>>) -> (Liar, Client) {
    let body = body.into();
    let (liar, url) = start(move |path| {
        if path.ends_with("/access_tokens") { (201, vec![], token()) } else { (status, headers.clone(), body.clone()) }
    })
    .await;
    (liar, client(&url))
}

async fn told_json(body: Value) -> Client {
    told(200, vec![], body.to_string()).await.1
}

impl Liar {
    fn asked(&self, start: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|(line, _)| line.starts_with(start)).count()
    }
}

fn repo() -> RepoName {
    "altscore/services".parse().unwrap()
}

fn sha(digit: char) -> CommitSha {
    digit.to_string().repeat(40).parse().unwrap()
}

fn run() -> Value {
    let rohan = json!({"id": 50002, "login": "rohandas", "type": "User"});
    json!({
        "id": 8836, "run_attempt": 1, "repository": {"id": 7001}, "head_sha": sha('a').as_str(), "head_branch": "main",
        "path": ".github/workflows/score-api.yml", "event": "push", "status": "waiting", "conclusion": null,
        "display_title": "x", "actor": rohan, "triggering_actor": rohan,
        "html_url": "https://github.com/altscore/services/actions/runs/8836", "created_at": "2026-11-22T03:00:00Z",
    })
}

fn commit(author: &Value) -> Value {
    let person = json!({"name": "Rohan", "email": "r@altscore.example"});
    json!({"sha": sha('a').as_str(), "author": author, "committer": author,
        "commit": {"message": "x", "author": person, "committer": person}})
}

#[tokio::test]
async fn a_run_that_breaks_any_rule_is_unreadable() {
    assert!(told_json(run()).await.read_run(&repo(), RunId(8836)).await.is_ok());
    let bad = [
        ("/id", json!(8837)),
        ("/id", json!("8836")),
        ("/run_attempt", json!(0)),
        ("/head_sha", json!("main")),
        ("/head_sha", json!("A".repeat(40))),
        ("/actor", json!(null)),
        ("/triggering_actor", json!({"id": 0, "login": "x", "type": "User"})),
        ("/triggering_actor", json!({"id": 1, "login": "a b", "type": "User"})),
        ("/html_url", json!("javascript:alert(1)")),
        ("/created_at", json!("yesterday")),
        ("/repository/id", json!(-7001)),
    ];
    for (field, value) in bad {
        let mut run = run();
        *run.pointer_mut(field).unwrap() = value;
        let error = told_json(run).await.read_run(&repo(), RunId(8836)).await.unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }), "{field}: {error:?}");
        assert!(!error.is_retryable());
    }
}

#[tokio::test]
async fn a_repository_that_answers_for_another_is_unreadable() {
    let client = told_json(json!({"id": 7002, "full_name": "altscore/services"})).await;
    assert!(matches!(client.read_repository(RepositoryId(7001)).await, Err(Error::Unreadable { .. })));
}

#[tokio::test]
async fn a_list_that_never_ends_is_truncated() {
    let job = json!({"name": "build", "status": "completed", "conclusion": "success"});
    let client = told_json(json!({"total_count": 9999, "jobs": [job]})).await;
    let jobs = client.list_jobs(&repo(), RunId(1), RunAttempt(1)).await;
    assert!(matches!(jobs, Err(Error::Truncated { .. })));
    let client = told_json(json!({"total_count": 2, "jobs": []})).await;
    assert!(matches!(client.list_jobs(&repo(), RunId(1), RunAttempt(1)).await, Err(Error::Truncated { .. })));
}

#[tokio::test]
async fn a_comparison_says_what_it_does_not_hold() {
    let comparison = |files: Value, total: usize, commits: Value| {
        json!({"status": "ahead", "merge_base_commit": {"sha": sha('b').as_str()}, "total_commits": total,
            "commits": commits, "files": files})
    };
    let file = json!({"filename": "a", "status": "modified", "additions": 1, "deletions": 1});
    let files = |n: usize| Value::from(vec![file.clone(); n]);
    let rohan = json!({"id": 50002, "login": "rohandas", "type": "User"});
    let compare = async |body| told_json(body).await.compare(&repo(), &sha('b'), &sha('a')).await;

    let whole = compare(comparison(files(299), 1, json!([commit(&rohan)]))).await.unwrap();
    assert!(whole.files_complete && whole.commits_complete);
    let cut = compare(comparison(files(300), 1, json!([commit(&rohan)]))).await.unwrap();
    assert!(!cut.files_complete);
    // Whether a path is a submodule shows in its diff; of one whose diff is left out nobody knows.
    let doubt = async |file: Value| {
        compare(comparison(json!([file]), 1, json!([commit(&rohan)]))).await.unwrap().files[0].may_be_submodule
    };
    let with =
        |patch: &str| json!({"filename": "a", "status": "modified", "additions": 1, "deletions": 1, "patch": patch});
    assert!(doubt(with("@@ -1 +1 @@\n-Subproject commit 1\n+Subproject commit 2")).await);
    assert!(doubt(with("@@ -0,0 +1 @@\n+Subproject commit 2")).await);
    assert!(!doubt(with("@@ -1 +1 @@\n-x\n+y")).await);
    assert!(doubt(file.clone()).await, "a diff that was left out");
    assert!(
        doubt(json!({"filename": "a", "previous_filename": "b", "status": "renamed", "additions": 0, "deletions": 0}))
            .await
    );
    assert!(!doubt(json!({"filename": "a.png", "status": "modified", "additions": 0, "deletions": 0})).await);
    let silent = compare(comparison(json!(null), 1, json!([commit(&rohan)]))).await.unwrap();
    assert!(!silent.files_complete);
    let short = compare(comparison(files(1), 2, json!([]))).await.unwrap();
    assert!(!short.commits_complete);
    let excess = compare(comparison(files(1), 0, json!([commit(&rohan)]))).await.unwrap();
    assert!(!excess.commits_complete);
    // An account without a number is no account, but also not nobody.
    let nobody = compare(comparison(files(1), 1, json!([commit(&json!({}))]))).await.unwrap();
    assert!(matches!(nobody.commits[0].author, Contributor::Unresolved { .. }));
    let half = compare(comparison(files(1), 1, json!([commit(&json!({"login": "rohandas"}))]))).await;
    assert!(matches!(half, Err(Error::Unreadable { .. })));
    let odd = compare(json!({"status": "sideways", "merge_base_commit": {"sha": sha('b').as_str()},
        "total_commits": 0, "commits": [], "files": []}))
    .await;
    assert!(matches!(odd, Err(Error::Unreadable { .. })));
}

#[tokio::test]
async fn a_tree_that_is_no_folder_or_not_whole_is_not_an_empty_folder() {
    let tree = |kind: &str, mode: &str, truncated: bool| json!({"tree": [{"path": "deploy", "mode": mode, "type": kind, "sha": sha('c').as_str()}], "truncated": truncated});
    let read = async |body, path: &str| told_json(body).await.read_subtree(&repo(), &sha('a'), path).await;
    assert!(matches!(read(tree("blob", "100644", false), "deploy").await, Err(Error::Unreadable { .. })));
    assert!(matches!(read(tree("blob", "120000", false), "deploy").await, Err(Error::Unreadable { .. })));
    assert!(matches!(read(tree("commit", "160000", false), "deploy").await, Err(Error::Unreadable { .. })));
    assert!(matches!(read(tree("blob", "040000", false), "deploy").await, Err(Error::Unreadable { .. })));
    assert!(matches!(read(tree("tree", "040000", true), "deploy").await, Err(Error::Truncated { .. })));
    assert!(matches!(read(tree("tree", "040000", true), "other").await, Err(Error::Truncated { .. })));
    assert_eq!(read(tree("tree", "040000", false), "other").await.unwrap(), None);
    for path in ["", "/deploy", "deploy/", "a//b", "../x", "a/./b"] {
        assert!(matches!(read(tree("tree", "040000", false), path).await, Err(Error::Unreadable { .. })), "{path}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_answer_are_unreadable_and_not_repeated_to_anybody() {
    for body in ["<html>secret-inside</html>", "", "{\"id\": \"secret-inside\"}", "[1,2"] {
        let (_, client) = told(200, vec![], body).await;
        let error = client.read_run(&repo(), RunId(1)).await.unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("secret-inside"), "{error:?}");
    }
    let (_, client) = told(200, vec![], vec![b' '; (32 << 20) + 1]).await;
    assert!(matches!(client.read_run(&repo(), RunId(1)).await, Err(Error::Unreadable { .. })));
}

#[tokio::test]
async fn a_read_is_tried_twice_and_a_write_once() {
    let (liar, client) = told(503, vec![], "secret-inside").await;
    let error = client.read_run(&repo(), RunId(1)).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }) && error.is_retryable());
    assert!(!format!("{error} {error:?}").contains("secret-inside"));
    assert_eq!(liar.asked("GET "), 2);
    let error = client.answer_rule(&repo(), RunId(1), "production", Answer::Approve, "").await.unwrap_err();
    assert!(error.is_retryable());
    assert_eq!(liar.asked("POST /repos"), 1);
    assert_eq!(liar.asked("POST /app"), 1, "the token is cached");
}

#[tokio::test]
async fn a_spent_quota_says_how_long_to_wait() {
    let (liar, client) = told(403, vec![("x-ratelimit-remaining", "0".into()), ("retry-after", "17".into())], "").await;
    let error = client.read_run(&repo(), RunId(1)).await.unwrap_err();
    assert_eq!(error.retry_after().unwrap().as_secs(), 17);
    assert_eq!(liar.asked("GET "), 1);
}

#[tokio::test]
async fn a_redirect_elsewhere_does_not_carry_the_token() {
    let (elsewhere, there) = start(|_| (200, vec![], run().to_string().into_bytes())).await;
    let (here, client) = told(302, vec![("location", format!("{there}/x"))], "").await;
    assert!(client.read_run(&repo(), RunId(8836)).await.is_ok());
    assert_eq!(here.asked.lock().unwrap().last().unwrap().1.as_deref(), Some(format!("Bearer {TOKEN}").as_str()));
    assert!(elsewhere.asked.lock().unwrap().iter().all(|(_, authorization)| authorization.is_none()));
}

/// GitHub says where an archive is; the address is asked once, without our token, and led nowhere else.
#[tokio::test]
async fn an_archive_is_fetched_from_one_place_without_the_token() {
    let (elsewhere, there) = start(|_| (200, vec![], b"zip".to_vec())).await;
    for location in
        [format!("{there}/x").as_str(), "http://169.254.169.254/latest", "file:///etc/passwd", "nonsense", ""]
    {
        let (liar, client) = told(302, vec![("location", location.to_owned())], "").await;
        let error = client.download_artifact(&repo(), 7, 10).await.unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }), "{location}: {error:?}");
        assert_eq!(liar.asked("GET"), 1, "{location}");
    }
    let (_, client) = told(200, vec![], "the bytes at once").await;
    assert!(matches!(client.download_artifact(&repo(), 7, 99).await, Err(Error::Unreadable { .. })));
    assert_eq!(elsewhere.asked("GET"), 0, "another origin than the demo's was asked");
}

/// The demo's own store: its bytes are bounded, a further redirect is not followed, and its refusal is no word of GitHub's.
#[tokio::test]
async fn what_is_stored_is_bounded_and_led_no_further() {
    let stored = async |status: u16, size: usize| {
        let own = Arc::new(Mutex::new(String::new()));
        let known = Arc::clone(&own);
        let (liar, url) = start(move |path| match path {
            _ if path.ends_with("/access_tokens") => (201, vec![], token()),
            _ if path.ends_with("/zip") => {
                (302, vec![("location", format!("{}/stored", known.lock().unwrap()))], vec![])
            }
            _ => (status, vec![("location", "/further".into())], vec![b'z'; size]),
        })
        .await;
        own.lock().unwrap().clone_from(&url);
        let answer = client(&url).download_artifact(&repo(), 7, 10).await;
        assert_eq!(liar.asked("GET /further"), 0);
        let asked = liar.asked.lock().unwrap();
        let plain = asked.iter().filter(|(line, _)| line.starts_with("GET /stored"));
        assert!(plain.clone().count() == 1 && plain.into_iter().all(|(_, authorization)| authorization.is_none()));
        answer
    };
    assert_eq!(stored(200, 10).await.unwrap().len(), 10);
    assert!(matches!(stored(200, 11).await, Err(Error::Unreadable { .. })));
    assert!(matches!(stored(404, 1).await, Err(Error::NotFound { .. })));
    assert!(matches!(stored(302, 1).await, Err(Error::Denied { .. })));
    assert!(matches!(stored(503, 1).await, Err(Error::Unavailable { .. })));
    assert!(matches!(stored(429, 1).await, Err(Error::Unavailable { .. })));
}

#[tokio::test]
async fn without_a_token_nothing_is_asked_and_no_token_is_shown() {
    let (liar, url) = start(|_| (401, vec![], b"{\"message\":\"secret-inside\"}".to_vec())).await;
    let error = client(&url).read_run(&repo(), RunId(1)).await.unwrap_err();
    assert!(matches!(error, Error::Denied { status: 401, .. }), "{error:?}");
    assert_eq!((liar.asked("POST /app"), liar.asked("GET ")), (1, 0));
    assert!(!format!("{error} {error:?}").contains("secret-inside"));

    let (_, url) = start(|_| (201, vec![], format!("{{\"token\": [\"{TOKEN}\"]}}").into_bytes())).await;
    let error = client(&url).read_run(&repo(), RunId(1)).await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }));
    assert!(!format!("{error} {error:?}").contains(TOKEN));
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_before_any_call() {
    let settings = |url: &str, key: &str| GithubSettings {
        api_url: url.parse().unwrap(),
        app_id: 1,
        installation_id: 1,
        private_key_pem: key.into(),
    };
    for url in ["ftp://api.github.com", "https://user:pass@api.github.com", "https://api.github.com/?x=1", "mailto:a@b"]
    {
        assert!(matches!(Client::connect(&settings(url, KEY)), Err(Error::Settings { .. })), "{url}");
    }
    let error = Client::connect(&settings("https://api.github.com", "no key")).err().unwrap();
    assert_eq!(error.to_string(), "the GitHub settings are unusable: github.private_key_file is not an RSA key in PEM");
}

#[test]
fn a_client_outside_a_runtime_is_refused_instead_of_panicking() {
    let settings = GithubSettings {
        api_url: "https://api.github.com".parse().unwrap(),
        app_id: 1,
        installation_id: 1,
        private_key_pem: KEY.into(),
    };
    assert!(matches!(Client::connect(&settings), Err(Error::Settings { .. })));
}
