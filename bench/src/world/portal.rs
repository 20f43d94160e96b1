//! The portal as it is shipped, and a twin of its own around it.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::ensure;
use http::{Request, StatusCode};
use http_body_util::Full;
use serde_json::json;
use twin::{Clock, Options, Ports, Twin, Visitor};

use super::program::Program;
use super::{READER, portal_command};
use crate::load::Line;

/// The portal makes a database cluster and runs migrations on its first start.
pub(super) const START_LIMIT: Duration = Duration::from_secs(90);

/// Dropping it ends it, and its PostgreSQL with it.
pub struct Portal {
    // Order is meaning: fields are dropped from first to last.
    pub(super) program: Program,
    pub(super) twin: Twin,
    pub(super) at: SocketAddr,
    pub(super) home: PathBuf,
    pub(super) config: PathBuf,
    pub(super) dir: tempfile::TempDir,
}

impl Portal {
    /// Starts both; `prepare` has the twin before the portal does, `more` services are configured beside the twin's.
    pub(super) async fn start(program: &Path, prepare: impl FnOnce(&Twin), more: usize) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("gatehouse-bench-").tempdir()?;
        // Started by root, PostgreSQL runs as somebody else, who must get to its data.
        fs::set_permissions(dir.path(), Permissions::from_mode(0o711))?;
        let (home, site) = (dir.path().join("portal"), dir.path().join("site"));
        // Pages are rendered without the browser's half; an empty one is enough to be ready.
        fs::create_dir_all(site.join("pkg"))?;
        let at = free_address()?;
        let options = Options { seed: 1, week: false, clock: Clock::System, ports: Ports::default() };
        let twin = Twin::start(options).await?;
        prepare(&twin);
        let config = twin.portal_files(&home, &format!("http://localhost:{}", at.port()), at)?;
        let text = (0..more).fold(fs::read_to_string(&config)?, with_service);
        fs::write(&config, text)?;

        let mut command = portal_command(program, &["serve", "--demo", "--log", "json"], &config);
        command.env("LEPTOS_OUTPUT_NAME", "gatehouse").env("LEPTOS_SITE_ROOT", &site);
        command.env("LEPTOS_SITE_PKG_DIR", "pkg").env("LEPTOS_SITE_ADDR", at.to_string());
        let mut program = Program::start("portal", &mut command, &dir.path().join("portal.log"))?;
        program.wait_until(START_LIMIT, async || ready(at, "/readyz").await).await?;
        Ok(Self { program, twin, at, home, config, dir })
    }

    /// Where it is.
    pub fn at(&self) -> SocketAddr {
        self.at
    }

    /// Somebody who is signed in and reads.
    ///
    /// # Errors
    /// When they are not let in.
    pub async fn reader(&self) -> anyhow::Result<Visitor> {
        self.twin.visit(READER).await
    }

    /// Whether everything that was measured was real.
    ///
    /// # Errors
    /// When the program ended by itself, or the twin was asked what it does not know.
    pub fn ensure_honest(&mut self) -> anyhow::Result<()> {
        self.program.still_runs()?;
        let unknown = self.twin.unknown_routes();
        ensure!(unknown.is_empty(), "the twin was asked what it does not know: {unknown:?}");
        Ok(())
    }
}

/// The configuration with one service more, which production runs.
fn with_service(mut text: String, n: usize) -> String {
    let name = service_name(n);
    let _ = write!(
        text,
        "\n[[services]]\nname = \"{name}\"\nrepository_id = 7001\nrepository = \"altscore/services\"\n\
         workflow = \".github/workflows/{name}.yml\"\nimage_repository = \"altscore/{name}\"\nnamespace = \"{MANY}\"\n\
         deployment = \"{name}\"\ncontainer = \"app\"\nconfig_path = \"services/{name}/deploy\"\n\
         migrations_path = \"services/{name}/migrations\"\nowner_team = \"team-{}\"\n",
        n % 40
    );
    text
}

/// The namespace of the services that are there to be many.
pub(super) const MANY: &str = "many";

/// The name of one of them.
pub(super) fn service_name(n: usize) -> String {
    format!("many-{n:05}")
}

/// Lets production run a service of those, in one pod.
pub(super) fn deploy(twin: &Twin, n: usize) -> anyhow::Result<()> {
    let (name, digest) = (service_name(n), format!("{n:064x}"));
    let labels = json!({ "app.kubernetes.io/name": name });
    twin.kubernetes().put(json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "namespace": MANY, "name": name, "labels": labels, "generation": 1 },
        "spec": {
            "replicas": 1, "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [{ "name": "app", "image": format!("{}/altscore/{name}@sha256:{digest}", twin::world::registry()) }] },
            },
        },
        "status": { "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1 },
    }))
}

/// A port of loopback that nobody has at this moment.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

async fn ready(address: SocketAddr, path: &str) -> bool {
    let asked = async {
        let mut line = Line::open(address).await?;
        line.expect(Request::get(path).body(Full::default())?, StatusCode::OK).await
    };
    asked.await.is_ok()
}
