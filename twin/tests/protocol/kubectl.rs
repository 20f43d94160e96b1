//! The real kubectl at work: what a person types, and what comes back.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use twin::Twin;

use super::twin;

const NS: &str = "altscore-api";

/// `KUBECTL`, what `cargo xtask test` got, or the machine's own. Not there is a failure, never a test that is left out.
fn program() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")));
    let tools = cache.map(|cache| cache.join("gatehouse/tools"));
    let ours = tools.and_then(|tools| {
        let found = std::fs::read_dir(tools).ok()?.flatten().map(|entry| entry.path());
        let mut kubectls: Vec<PathBuf> =
            found.map(|dir| dir.join("bin/kubectl")).filter(|file| file.is_file()).collect();
        kubectls.sort();
        kubectls.pop()
    });
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|dir| dir.join("kubectl"));
    let named = std::env::var_os("KUBECTL").map(PathBuf::from);
    let mut all = named.into_iter().chain(ours).chain(on_path);
    all.find(|file| file.is_file())
        .expect("kubectl is not here: run `cargo xtask test --fast`, which gets it, or set KUBECTL")
}

/// kubectl with a home of its own.
struct Kubectl {
    home: PathBuf,
    program: PathBuf,
}

impl Kubectl {
    fn new(twin: &Twin, name: &str) -> Self {
        let home = std::env::temp_dir().join(format!("twin-kubectl-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("config"), twin.kubeconfig()).unwrap();
        Self { home, program: program() }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(words)
            .env("HOME", &self.home)
            .env("KUBECONFIG", self.home.join("config"))
            .env_remove("KUBE_EDITOR");
        command
            .current_dir(&self.home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    async fn output(&self, words: &[&str]) -> Output {
        tokio::time::timeout(Duration::from_secs(60), self.command(words).output())
            .await
            .expect("kubectl ends")
            .unwrap()
    }

    /// What it printed; it succeeded.
    async fn run(&self, words: &[&str]) -> String {
        let output = self.output(words).await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kubectl {words:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it complained about; it failed.
    async fn refused(&self, words: &[&str]) -> String {
        let output = self.output(words).await;
        assert!(!output.status.success(), "kubectl {words:?} was let");
        String::from_utf8(output.stderr).unwrap()
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.home.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Kubectl {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.home);
    }
}

/// The columns of a table's lines.
fn table(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split_whitespace().collect()).collect()
}

fn manifest(image: &str, replicas: u32) -> String {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "namespace": NS },
        "spec": {
            "replicas": replicas, "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": { "labels": { "app": "web" } },
                "spec": { "containers": [{ "name": "web", "image": image, "ports": [{ "containerPort": 80 }] }] },
            },
        },
    })
    .to_string()
}

#[tokio::test]
async fn kubectl_lists_and_describes_what_runs() {
    let twin = twin().await;
    let kubectl = Kubectl::new(&twin, "lists");
    let version: Value = serde_json::from_str(&kubectl.run(&["version", "-o", "json"]).await).unwrap();
    let minor: u32 = version["clientVersion"]["minor"].as_str().unwrap().trim_end_matches('+').parse().unwrap();
    assert!(minor >= 31, "kubectl 1.{minor} is older than 1.31");
    assert_eq!(version["serverVersion"]["minor"], "33");
    let resources = kubectl.run(&["api-resources", "--no-headers"]).await;
    let kinds: Vec<&str> = table(&resources).iter().filter_map(|row| row.last().copied()).collect();
    for kind in [
        "Pod",
        "Deployment",
        "HorizontalPodAutoscaler",
        "Rollout",
        "Application",
        "Canary",
        "PeerAuthentication",
        "Certificate",
    ] {
        assert!(kinds.contains(&kind), "{kind} is not among {kinds:?}");
    }
    let pods = kubectl.run(&["get", "pods", "-l", "app.kubernetes.io/name=score-api"]).await;
    let rows = table(&pods);
    assert_eq!(rows[0], ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]);
    assert_eq!((rows.len(), &rows[1][1..4]), (4, &["1/1", "Running", "0"][..]));
    let wide = kubectl.run(&["get", "deploy,rs", "score-api", "-o", "wide", "--ignore-not-found"]).await;
    assert!(
        wide.contains("UP-TO-DATE") && wide.contains("IMAGES") && wide.contains("app.kubernetes.io/name=score-api"),
        "{wide}"
    );
    let mtls = kubectl.run(&["get", "peerauthentications", "-A"]).await;
    assert_eq!(table(&mtls)[0], ["NAMESPACE", "NAME", "MODE", "AGE"]);
    assert!(table(&mtls)[1].contains(&"STRICT"));
    let yaml = kubectl.run(&["get", "deploy", "score-api", "-o", "yaml"]).await;
    assert!(yaml.contains("kind: Deployment") && yaml.contains("serviceAccountName: score-api"), "{yaml}");
    let chunked = kubectl.run(&["get", "pods", "--chunk-size=3", "-o", "name"]).await;
    assert_eq!(chunked.lines().count(), 14);
    let described = kubectl.run(&["describe", "deploy", "score-api"]).await;
    assert!(described.contains("3 desired | 3 updated | 3 total | 3 available"), "{described}");
    let pod = pods.lines().nth(1).unwrap().split_whitespace().next().unwrap();
    assert!(kubectl.run(&["describe", "pod", pod]).await.contains("Controlled By:  ReplicaSet/score-api-"));
    let log = kubectl.run(&["logs", pod, "--tail=1"]).await;
    assert!(log.lines().count() == 1 && log.contains("\"message\":\"ready\""), "{log}");
    assert_eq!(kubectl.run(&["get", "deploy", "-o", "name", "--context", "staging"]).await.lines().count(), 6);
    let missing = kubectl.refused(&["get", "pod", "nobody"]).await;
    assert_eq!(missing.trim(), "Error from server (NotFound): pods \"nobody\" not found");
    let unknown = kubectl.refused(&["get", "widgets"]).await;
    assert!(unknown.contains("the server doesn't have a resource type \"widgets\""), "{unknown}");
    assert_eq!(twin.unknown_routes(), Vec::<String>::new());
}

#[tokio::test]
async fn kubectl_edits_what_runs() {
    let twin = twin().await;
    let kubectl = Kubectl::new(&twin, "edits");
    let cluster = twin.kubernetes();
    let at = |path: &str| {
        cluster.get("deployments.apps", NS, "score-api").unwrap().pointer(path).cloned().unwrap_or_default()
    };
    kubectl.run(&["label", "deploy", "score-api", "tier=one"]).await;
    kubectl.run(&["annotate", "deploy", "score-api", "example.com/note=hello there"]).await;
    assert_eq!(
        (at("/metadata/labels/tier"), at("/metadata/annotations/example.com~1note")),
        (json!("one"), json!("hello there"))
    );
    kubectl.run(&["scale", "deploy", "score-api", "--replicas=5"]).await;
    assert_eq!((at("/spec/replicas"), at("/status/readyReplicas")), (json!(5), json!(5)));
    for (kind, patch) in [
        (
            "strategic",
            r#"{"spec":{"template":{"spec":{"containers":[{"name":"score-api","env":[{"name":"A","value":"1"}]}]}}}}"#,
        ),
        ("merge", r#"{"spec":{"minReadySeconds":3}}"#),
        ("json", r#"[{"op":"replace","path":"/spec/revisionHistoryLimit","value":4}]"#),
    ] {
        kubectl.run(&["patch", "deploy", "score-api", "--type", kind, "-p", patch]).await;
    }
    assert_eq!((at("/spec/minReadySeconds"), at("/spec/revisionHistoryLimit")), (json!(3), json!(4)));
    assert_eq!(at("/spec/template/spec/containers/0/env/0/value"), json!("1"));
    assert!(
        at("/spec/template/spec/containers/0/image").as_str().unwrap().contains("@sha256:"),
        "the rest of the container stays"
    );
    let editor = kubectl.file("editor.sh", "#!/bin/sh\nsed -i 's/tier: one/tier: edited/' \"$1\"\n");
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut edit = kubectl.command(&["edit", "deploy", "score-api"]);
    let output = edit.env("KUBE_EDITOR", &editor).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(at("/metadata/labels/tier"), json!("edited"));
    kubectl.run(&["set", "image", "deploy/score-api", "score-api=registry.example/score-api@sha256:01"]).await;
    assert_eq!(cluster.image(NS, "score-api", "score-api").unwrap(), "registry.example/score-api@sha256:01");
    let rollout = kubectl.run(&["rollout", "status", "deploy/score-api", "--timeout=30s"]).await;
    assert!(rollout.contains("successfully rolled out"), "{rollout}");
    kubectl.run(&["rollout", "undo", "deploy/score-api"]).await;
    assert!(cluster.image(NS, "score-api", "score-api").unwrap().contains("altscore/score-api@sha256:"));
    kubectl.run(&["wait", "--for=condition=Available", "deploy/score-api", "--timeout=30s"]).await;
    assert_eq!(twin.unknown_routes(), Vec::<String>::new());
}

#[tokio::test]
async fn kubectl_applies_by_client_and_by_server() {
    let twin = twin().await;
    let kubectl = Kubectl::new(&twin, "applies");
    let cluster = twin.kubernetes();
    let file = kubectl.file("web.json", &manifest("web:1", 2));
    assert_eq!(kubectl.run(&["apply", "-f", &file]).await.trim(), "deployment.apps/web created");
    assert_eq!(kubectl.run(&["apply", "-f", &file]).await.trim(), "deployment.apps/web unchanged");
    kubectl.file("web.json", &manifest("web:2", 3));
    assert_eq!(kubectl.run(&["apply", "-f", &file]).await.trim(), "deployment.apps/web configured");
    assert_eq!(cluster.image(NS, "web", "web").as_deref(), Some("web:2"));
    // By the server: another person's change is a conflict that names them.
    kubectl.run(&["apply", "--server-side", "-f", &file]).await;
    kubectl.run(&["set", "image", "deploy/web", "web=web:hot", "--field-manager=tanmay"]).await;
    let conflict = kubectl.refused(&["apply", "--server-side", "-f", &file]).await;
    assert!(
        conflict.contains("conflict with \"tanmay\" using apps/v1: .spec.template.spec.containers[name=\"web\"].image"),
        "{conflict}"
    );
    assert_eq!(cluster.image(NS, "web", "web").as_deref(), Some("web:hot"));
    kubectl.run(&["apply", "--server-side", "--force-conflicts", "-f", &file]).await;
    assert_eq!(cluster.image(NS, "web", "web").as_deref(), Some("web:2"));
    let dry = kubectl
        .run(&["apply", "--server-side", "--dry-run=server", "-f", &kubectl.file("dry.json", &manifest("web:3", 3))])
        .await;
    assert!(dry.contains("(server dry run)") && cluster.image(NS, "web", "web").as_deref() == Some("web:2"), "{dry}");
    assert!(kubectl.run(&["delete", "deploy", "web"]).await.contains("deleted"));
    assert_eq!(kubectl.run(&["get", "rs,pods", "-l", "app=web", "-o", "name"]).await, "");
    assert_eq!(twin.unknown_routes(), Vec::<String>::new());
}

#[tokio::test]
async fn kubectl_watches_a_change_come() {
    let twin = twin().await;
    let kubectl = Kubectl::new(&twin, "watches");
    let mut watch =
        kubectl.command(&["get", "deploy", "admin-service", "--watch", "--output-watch-events"]).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut next = async || {
        let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await.expect("a line");
        line.unwrap().unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(next().await, ["EVENT", "NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]);
    assert_eq!(next().await[..3], ["ADDED", "admin-service", "2/2"]);
    // The list was printed; whether the watch has begun does not matter, for it begins where the list ended.
    kubectl.run(&["scale", "deploy", "admin-service", "--replicas=4"]).await;
    let mut last = Vec::new();
    while last.get(2).is_none_or(|ready| ready != "4/4") {
        last = next().await;
        assert_eq!(last[0], "MODIFIED");
    }
    watch.start_kill().unwrap();
    watch.wait().await.unwrap();
}
