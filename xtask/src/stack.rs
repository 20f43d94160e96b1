//! The running demo: the twin, the portal beside it, and the directory that holds their data.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::ports::Ports;
use crate::process::{self, Service};
use crate::{build, paths, tools};

/// The portal makes a database cluster and runs migrations on its first start.
const PORTAL_LIMIT: Duration = Duration::from_secs(90);
const TWIN_LIMIT: Duration = Duration::from_secs(30);
const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// People of the week sign in, read and sign.
const BEGIN_LIMIT: Duration = Duration::from_secs(90);

/// How much of the outside world's life is played.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Two held runs: what tests need.
    Quiet,
    /// As quiet, and a first key waits for others, as in production.
    Strict,
    /// A week with people in it, for somebody who looks.
    Week,
}

/// Both programs. Dropping it ends them, the portal first, and then removes temporary data.
pub struct Stack {
    // Order is meaning: fields are dropped from first to last.
    portal: Service,
    // Held, so that it lives as long as the portal does.
    _provider: Option<Service>,
    twin: Service,
    data: Data,
    ports: Ports,
    life: Life,
}

enum Data {
    Temporary(tempfile::TempDir),
    Kept(PathBuf),
}

impl Data {
    fn path(&self) -> &Path {
        match self {
            Self::Temporary(dir) => dir.path(),
            Self::Kept(dir) => dir,
        }
    }
}

impl Stack {
    /// Starts twin and portal over fresh data and waits until both answer.
    ///
    /// Without `dir` the data is temporary. It is not under the repository: started by root, PostgreSQL runs as an
    /// unprivileged user who must be able to reach its data, and a checkout is often under a private home.
    pub fn start(ports: Ports, dir: Option<&Path>, life: Life) -> anyhow::Result<Self> {
        Self::start_by(ports, dir, life, SignIn::ByTwin)
    }

    /// The same, where somebody else may say who people are.
    pub fn start_by(ports: Ports, dir: Option<&Path>, life: Life, sign_in: SignIn) -> anyhow::Result<Self> {
        ports.ensure_free()?;
        let data = match dir {
            None => Data::Temporary(
                tempfile::Builder::new()
                    .prefix("gatehouse-demo-")
                    .tempdir()
                    .context("cannot make a temporary directory")?,
            ),
            Some(dir) => Data::Kept(empty(dir)?),
        };
        // Others may pass through to what is theirs, and list nothing.
        fs::set_permissions(data.path(), Permissions::from_mode(0o711))?;
        let home = data.path().to_path_buf();

        let listen = format!("127.0.0.1:{}", ports.portal);
        let mut command = process::command(paths::built("twin"));
        command.arg("--dir").arg(home.join("portal")).args(["--portal-url", &portal_url(ports), "--listen", &listen]);
        command.args(["--ports", &ports.twin.to_string()]);
        if life == Life::Week {
            command.arg("--week");
        }
        let mut twin = Service::start("twin", &mut command, home.join("logs/twin.log"))?;
        let config = home.join("portal/gatehouse.toml");
        twin.wait_until("answer on its control port", TWIN_LIMIT, || {
            config.is_file() && get(&format!("{}/state", control_url(ports))).is_ok()
        })?;

        let provider = match sign_in {
            SignIn::ByTwin => None,
            SignIn::ByCertifiedProvider => Some(certified_provider(ports, &home)?),
        };
        if life == Life::Strict {
            let relaxed = fs::read_to_string(&config)?;
            fs::write(&config, relaxed.replace("admit_first_keys = true", "admit_first_keys = false"))?;
        }

        let mut command = process::command(paths::built("gatehouse"));
        command.arg("serve").arg("--config").arg(&config).arg("--demo");
        command.envs(build::leptos_environment(&listen)).env_remove("DATABASE_URL");
        if let Some(bin) = tools::postgres_bin() {
            command.env("GATEHOUSE_POSTGRES_BIN", bin);
        }
        let mut portal = Service::start("portal", &mut command, home.join("logs/portal.log"))?;
        portal.wait_until("answer /readyz", PORTAL_LIMIT, || get(&format!("{}/readyz", portal_url(ports))).is_ok())?;
        Ok(Self { portal, _provider: provider, twin, data, ports, life })
    }

    /// Lets the outside world begin: the held run appears and GitHub asks its question.
    pub fn begin(&self) -> anyhow::Result<()> {
        let url = format!("{}/begin", control_url(self.ports));
        agent(BEGIN_LIMIT).post(&url).send_empty().map(drop).with_context(|| format!("the twin refused POST {url}"))
    }

    /// The address for browsers. WebAuthn takes `localhost` as a secure place, a bare address not.
    pub fn url(&self) -> String {
        portal_url(self.ports)
    }

    /// The second identity provider's address, where one runs.
    pub fn provider(&self) -> String {
        provider_url(self.ports)
    }

    /// The twin's control address.
    pub fn control(&self) -> String {
        control_url(self.ports)
    }

    /// Whether a first key waits for others.
    pub fn is_strict(&self) -> bool {
        self.life == Life::Strict
    }

    /// Configuration, logs and data.
    pub fn dir(&self) -> &Path {
        self.data.path()
    }

    /// Refuses when one of the two has died.
    pub fn still_runs(&mut self) -> anyhow::Result<()> {
        self.portal.still_runs()?;
        self.twin.still_runs()
    }

    /// Copies the logs to where they outlive temporary data, and says where that is.
    pub fn keep_logs(&self) -> anyhow::Result<PathBuf> {
        let kept = paths::target().join("demo-logs");
        fs::create_dir_all(&kept)?;
        for name in ["twin.log", "portal.log", "provider.log"] {
            let log = self.dir().join("logs").join(name);
            if log.exists() {
                fs::copy(log, kept.join(name))?;
            }
        }
        Ok(kept)
    }
}

/// Who signs people in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// The twin's own provider.
    ByTwin,
    /// npm's `oidc-provider`, which is certified.
    ByCertifiedProvider,
}

/// Starts it with the twin's people, and tells the portal's configuration where it is.
fn certified_provider(ports: Ports, home: &Path) -> anyhow::Result<Service> {
    let mut command = tools::node("certified/provider.mjs");
    command.env("PORT", ports.provider().to_string()).env("PORTAL_URL", portal_url(ports));
    command.env("SECRET_FILE", home.join("portal/secrets/oidc_client_secret")).env("CONTROL_URL", control_url(ports));
    let mut provider = Service::start("provider", &mut command, home.join("logs/provider.log"))?;
    provider.wait_until("answer its discovery document", TWIN_LIMIT, || {
        get(&format!("{}/.well-known/openid-configuration", provider_url(ports))).is_ok()
    })?;
    let file = home.join("portal/gatehouse.toml");
    let mut config: toml::Table = fs::read_to_string(&file)?.parse()?;
    let oidc = config.get_mut("oidc").and_then(toml::Value::as_table_mut).context("gatehouse.toml has no [oidc]")?;
    oidc.insert("issuer".to_owned(), provider_url(ports).into());
    fs::write(&file, toml::to_string(&config)?)?;
    Ok(provider)
}

/// A directory of the user's, only if there is nothing in it that we did not put there.
fn empty(dir: &Path) -> anyhow::Result<PathBuf> {
    let dir = paths::absolute(&dir.to_path_buf());
    let mark = dir.join(".gatehouse-demo");
    let has_something = fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_some());
    if has_something && !mark.exists() {
        bail!("{} is not empty and was not made by the demo; name another directory", dir.display());
    }
    if has_something {
        fs::remove_dir_all(&dir).with_context(|| format!("cannot empty {}", dir.display()))?;
    }
    fs::create_dir_all(&dir)
        .and_then(|()| fs::write(&mark, ""))
        .with_context(|| format!("cannot write to {}", dir.display()))?;
    Ok(dir)
}

fn portal_url(ports: Ports) -> String {
    format!("http://localhost:{}", ports.portal)
}

fn provider_url(ports: Ports) -> String {
    format!("http://127.0.0.1:{}", ports.provider())
}

fn control_url(ports: Ports) -> String {
    format!("http://127.0.0.1:{}", ports.twin)
}

fn agent(limit: Duration) -> ureq::Agent {
    // Loopback only: a proxy of the environment has no place between.
    ureq::Agent::config_builder().timeout_global(Some(limit)).proxy(None).build().into()
}

fn get(url: &str) -> anyhow::Result<String> {
    Ok(agent(ANSWER_LIMIT).get(url).call()?.body_mut().read_to_string()?)
}
