//! A machine with the compiled program on it, a private PostgreSQL, and the twin around it.

use reqwest::redirect::Policy;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use twin::{Options, Twin};

/// A portal's machine: its files, and the outside world that it talks to.
pub struct Machine {
    /// The outside world.
    pub twin: Twin,
    /// Configuration, secrets and data.
    pub dir: PathBuf,
    url: String,
    http: reqwest::Client,
}

impl Machine {
    /// A new one; `name` keeps it from others of this run.
    pub async fn new(name: &str) -> Self {
        let twin = Twin::start(Options { seed: 11, week: true, ..Options::default() }).await.unwrap();
        let dir = std::env::temp_dir().join(format!("gatehouse-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        // PostgreSQL runs as somebody else when root runs this, and must be able to pass through.
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o711)).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = format!("http://localhost:{}", free.port());
        twin.portal_files(&dir, &url, free).unwrap();
        // People of the week sign in, read and sign before the twin answers.
        let http = reqwest::Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(90)).no_proxy();
        Self { twin, dir, url, http: http.build().unwrap() }
    }

    /// The program with these words and the machine's configuration.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
        command.args(words).arg("--config").arg(self.dir.join("gatehouse.toml"));
        command.env_remove("DATABASE_URL").env("LEPTOS_OUTPUT_NAME", "gatehouse").stdin(Stdio::null());
        command
    }

    /// Types it, and waits until it ends.
    pub fn run(&self, words: &[&str]) -> Said {
        self.command(words).arg("--demo").output().unwrap().into()
    }

    /// Starts the portal with these variables and waits until it answers.
    pub async fn serve(&self, variables: &[(&str, &str)]) -> Portal {
        let log = std::fs::File::create(self.dir.join("portal.log")).unwrap();
        let mut command = self.command(&["serve", "--demo"]);
        command.envs(variables.iter().copied()).stdout(log.try_clone().unwrap()).stderr(log);
        let portal = Portal(command.spawn().unwrap());
        // Not `readyz`: no site is built here, and no page is looked at.
        for _ in 0..600 {
            if self
                .http
                .get(format!("{}/healthz", self.url))
                .send()
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return portal;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let log = std::fs::read_to_string(self.dir.join("portal.log")).unwrap();
        unreachable!("the portal does not come: {}", log.lines().take(9).collect::<Vec<_>>().join("\n"))
    }

    /// Lets the outside world begin: GitHub asks, and two people come in and sign.
    pub async fn begin(&self) {
        let begun = self.http.post(format!("{}/begin", self.twin.urls().control)).send().await.unwrap();
        assert!(begun.status().is_success(), "{}", begun.text().await.unwrap());
    }

    /// What every page says to a stranger.
    pub async fn notice(&self) -> String {
        let shell = self.http.get(format!("{}/api/ui/shell", self.url)).send().await.unwrap();
        let shell: serde_json::Value = shell.json().await.unwrap();
        shell.get("notice").unwrap().as_str().unwrap_or_default().to_owned()
    }

    /// Whatever the portal's log says of an answer, it says of which.
    pub fn every_answer_has_its_id(&self) {
        let log = std::fs::read_to_string(self.dir.join("portal.log")).unwrap();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let answered: Vec<_> = lines.filter(|line| line.get("message").is_some_and(|it| it == "answered")).collect();
        assert!(answered.len() > 10, "{log}");
        for line in answered {
            assert!(line.pointer("/span/request_id").is_some(), "{line}");
        }
    }

    /// Puts these on the admitted list as founders.
    pub fn name_founders(&self, founders: &[&str]) {
        let file = self.dir.join("gatehouse.toml");
        let mut config: toml::Table = std::fs::read_to_string(&file).unwrap().parse().unwrap();
        let admitted = config.get_mut("admitted").and_then(toml::Value::as_array_mut).unwrap();
        for row in admitted.iter_mut().filter_map(toml::Value::as_table_mut) {
            if founders.iter().any(|id| row.get("person").and_then(toml::Value::as_str) == Some(*id)) {
                row.insert("founder".to_owned(), true.into());
            }
        }
        std::fs::write(&file, toml::to_string(&config).unwrap()).unwrap();
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// A portal that runs.
pub struct Portal(Child);

impl Portal {
    /// As an operator stops it, who does not wait for ever.
    pub async fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        for _ in 0..200 {
            if let Some(ended) = self.0.try_wait().unwrap() {
                return assert!(ended.success(), "{ended}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        unreachable!("the portal does not stop within 20 s")
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        // After `stop` there is nobody to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Said {
    /// The exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

impl Said {
    /// It ended so, said this on standard error, and gave nobody a code.
    pub fn refused(self, code: i32, sentence: &str) {
        assert!(self.code == Some(code) && self.err.contains(sentence), "{self:?}");
        assert!(self.codes().is_empty(), "{self:?}");
    }

    /// For whom a code was printed, and which.
    pub fn codes(&self) -> Vec<(String, String)> {
        let of = |line: &str| line.split_once("  ").map(|(person, code)| (person.to_owned(), code.to_owned()));
        self.out.lines().filter_map(of).filter(|(_, code)| code.len() == 23).collect()
    }
}
