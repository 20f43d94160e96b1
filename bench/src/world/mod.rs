//! What is there to be measured: the twin, the portal as it is shipped, the references beside it, and people.

mod database;
mod portal;
mod program;

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use axum::body::Bytes;
use twin::world::Person;
use twin::{PushRun, Twin, Visitor};

use crate::references;
use database::{Databases, url};
pub use portal::Portal;
use portal::START_LIMIT;
use program::Program;

/// How many changes wait, so that lists have something to list.
pub const HELD: usize = 6;
/// How many can sign at once.
const CROWD: u64 = 64;
/// Who reads; anybody admitted who wrote nothing.
const READER: &str = "u-1031";
/// Who wrote whatever waits.
const AUTHOR: &str = "rohandas";

/// All of it. Dropping it ends every program, the portal's PostgreSQL with the portal.
pub struct World {
    // Order is meaning: fields are dropped from first to last.
    reference: Program,
    portal: Portal,
    databases: Databases,
    reference_at: SocketAddr,
    held: Vec<String>,
    reader: Option<Visitor>,
    program: PathBuf,
}

impl World {
    /// Starts everything; `program` is the portal's.
    ///
    /// # Errors
    /// When something does not come up in time.
    pub async fn start(program: PathBuf) -> anyhow::Result<Self> {
        let portal = Portal::start(&program, |twin| (0..CROWD).for_each(|n| twin.people().add(engineer(n))), 0).await?;
        let (home, config, dir) = (&portal.home, &portal.config, &portal.dir);

        let socket = home.join("data/socket");
        let databases = Databases::open(&socket).await?;
        let reference = url("gatehouse_app", &socket, database::REFERENCE)?;
        let mut migrate = portal_command(&program, &["migrate", "--demo"], config);
        migrate.env("DATABASE_URL", &reference);
        migrate.env("GATEHOUSE_OWNER_URL", url("gatehouse_owner", &socket, database::REFERENCE)?);
        let migrated = migrate.output()?;
        let words = String::from_utf8_lossy(&migrated.stderr).into_owned();
        ensure!(migrated.status.success(), "the references' database could not be made: {words}");

        let log = dir.path().join("reference.log");
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(references::COMMAND).arg(reference).arg(home.join("secrets/github_webhook_secret"));
        let mut reference = Program::start("reference", &mut command, &log)?;
        let mut said = None;
        reference
            .wait_until(START_LIMIT, async || {
                said = first_line(&log);
                said.is_some()
            })
            .await?;
        let reference_at = said.context("the reference says where it is")?.parse()?;
        Ok(Self { reference, portal, databases, reference_at, held: Vec::new(), reader: None, program })
    }

    /// Where the portal is.
    pub fn portal(&self) -> SocketAddr {
        self.portal.at
    }

    /// Where the references are.
    pub fn reference(&self) -> SocketAddr {
        self.reference_at
    }

    /// Somebody who is signed in and reads.
    ///
    /// # Errors
    /// When they are not let in.
    pub async fn reader(&mut self) -> anyhow::Result<&mut Visitor> {
        if self.reader.is_none() {
            self.reader = Some(self.portal.twin.visit(READER).await?);
        }
        self.reader.as_mut().context("somebody reads")
    }

    /// Everybody of the crowd, signed in, with a key each.
    ///
    /// # Errors
    /// When one is not let in.
    pub async fn crowd(&self) -> anyhow::Result<Vec<Visitor>> {
        let mut crowd = Vec::new();
        for n in 0..CROWD {
            crowd.push(self.portal.twin.visit(&engineer(n).sub).await?);
        }
        Ok(crowd)
    }

    /// Another portal, which has so many services beside the twin's seven. Production runs each of them.
    ///
    /// # Errors
    /// When it does not come up in time.
    pub async fn with_services(&self, more: usize) -> anyhow::Result<Portal> {
        let deploy = |twin: &Twin| (0..more).try_for_each(|n| portal::deploy(twin, n));
        let mut failed = Ok(());
        let portal = Portal::start(&self.program, |twin| failed = deploy(twin), more).await?;
        failed.map(|()| portal)
    }

    /// The portal's program, to be started with other words.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// What a command of the portal's program prints, with this on standard input.
    ///
    /// # Errors
    /// When it fails.
    pub fn command(&self, words: &[&str], input: &str) -> anyhow::Result<String> {
        let mut command = portal_command(&self.program, words, &self.portal.config);
        let mut child =
            command.arg("--demo").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        // Dropped at once: the end of its input is what it waits for.
        child.stdin.take().context("it reads")?.write_all(input.as_bytes())?;
        let said = child.wait_with_output()?;
        ensure!(said.status.success(), "{words:?}: {}", String::from_utf8_lossy(&said.stderr));
        Ok(String::from_utf8(said.stdout)?)
    }

    /// The portal's origin, as its pages send it.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.portal.at.port())
    }

    /// Lets at least so many changes wait, and returns their numbers, oldest first.
    ///
    /// # Errors
    /// When the portal opens none for a run that waits.
    pub async fn hold(&mut self, count: usize) -> anyhow::Result<Vec<String>> {
        while self.held.len() < count {
            let services = twin::world::services();
            let service = services.get(self.held.len() % services.len()).context("there are services")?;
            let title = format!("Change {} for the bench", self.held.len() + 1);
            let push = PushRun { title: title.clone(), ..PushRun::of(&service.name, AUTHOR) };
            let run = self.portal.twin.github().push_run(&push)?;
            self.portal.twin.github().ask_for_production(run).await?;
            let number = self.reader().await?.find(&title).await?;
            self.held.push(number);
        }
        Ok(self.held.clone())
    }

    /// The numbers of the changes that were made to wait, oldest first.
    pub fn held(&self) -> &[String] {
        &self.held
    }

    /// Lets a waiting change ask for so many engineers, by the database's superuser.
    ///
    /// # Errors
    /// When it does not wait.
    pub async fn require(&self, number: &str, seats: usize) -> anyhow::Result<()> {
        self.databases.require(number, seats).await
    }

    /// How many approvals were given of a change.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn approvals(&self, number: &str) -> anyhow::Result<usize> {
        self.databases.approvals(number).await
    }

    /// A webhook's bytes as GitHub would send them for a run that waits, and their signature.
    ///
    /// # Errors
    /// When no run waits.
    pub async fn delivery(&mut self) -> anyhow::Result<(Bytes, String)> {
        self.hold(1).await?;
        let sent = self.portal.twin.github().deliveries().pop().context("GitHub asked")?;
        Ok((sent.body.clone(), twin::sign(&self.portal.twin.secrets().webhook, &sent.body)))
    }

    /// Lets the portal know exactly so many runs of the past, by the database's superuser.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn fill_runs(&self, count: i32) -> anyhow::Result<()> {
        self.databases.fill_runs(count).await
    }

    /// Waits until the portal has no job left to do.
    ///
    /// # Errors
    /// When it still has after a minute.
    pub async fn settle(&self) -> anyhow::Result<()> {
        self.databases.settle().await
    }

    /// Lets every delivery that was not read yet count as read, by the database's superuser.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn forget_deliveries(&self) -> anyhow::Result<()> {
        self.databases.forget_deliveries().await
    }

    /// Puts the portal's rows of these tables into the references' database, instead of what is there.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn copy(&self, tables: &[&str]) -> anyhow::Result<()> {
        self.databases.copy(tables).await
    }

    /// Whether everything that was measured was real.
    ///
    /// # Errors
    /// When a program ended by itself, or the twin was asked what it does not know.
    pub fn ensure_honest(&mut self) -> anyhow::Result<()> {
        self.reference.still_runs()?;
        self.portal.ensure_honest()
    }
}

/// One of the crowd: an engineer who wrote nothing.
fn engineer(n: u64) -> Person {
    Person {
        sub: format!("u-{}", 5000 + n),
        employee: Some(format!("E-{}", 5000 + n)),
        name: format!("Engineer {n}"),
        title: "Engineer".to_owned(),
        email: format!("engineer.{n}@altscore.example"),
        login: Some(format!("engineer-{n}")),
        github_id: Some(80_000 + n),
        groups: vec!["altscore-engineers".to_owned()],
        admitted: vec!["engineer".to_owned()],
    }
}

fn portal_command(program: &Path, words: &[&str], config: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(words).arg("--config").arg(config).env_remove("DATABASE_URL");
    command
}

fn first_line(log: &Path) -> Option<String> {
    fs::read_to_string(log).ok()?.split_once('\n').map(|(line, _)| line.to_owned())
}
