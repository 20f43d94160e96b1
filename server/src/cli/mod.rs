//! What can an operator tell the program to do?

mod arguments;
mod ask;
mod policy;
mod refound;
mod watch;

use crate::app::App;
use crate::config::{self, Config};
use crate::context::{Context, Entropy};
use crate::database::{self, Database};
use crate::error::{Error, chain};
use crate::people;
use crate::policy::settle;
use crate::telemetry;
use arguments::{Arguments, Command, HELP};
use secrecy::SecretString;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Wrong use of the command line, as shells expect it.
const USAGE: u8 = 2;

/// With so many founders one of them can lose a key and two are left to endorse a new one.
const FOUNDERS: usize = 3;

/// Runs the command line and says how it ended. Errors are one sentence on standard error.
#[must_use]
pub fn main(arguments: &[String]) -> ExitCode {
    let arguments = match Arguments::parse(arguments) {
        Ok(arguments) => arguments,
        Err(sentence) => {
            eprintln!("gatehouse: {sentence}\n\n{HELP}");
            return ExitCode::from(USAGE);
        }
    };
    let _telemetry = telemetry::start(arguments.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("gatehouse: no threads can be started ({error})");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gatehouse: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Help => println!("{HELP}"),
        Command::Version => println!("gatehouse {}", env!("CARGO_PKG_VERSION")),
        Command::Serve => serve(arguments).await?,
        Command::Migrate => migrate(arguments).await?,
        Command::Init => init(arguments).await?,
        Command::Openapi => openapi(arguments)?,
        Command::PolicyTest => self::policy::test(arguments)?,
        Command::PolicyAsk => ask::ask(&load(arguments)?, arguments).await?,
        Command::PolicyClassify => ask::classify(&load(arguments)?, arguments)?,
        Command::PolicyDiff => self::policy::diff(arguments).await?,
        Command::PolicyReplay => self::policy::replay(arguments).await?,
        Command::Watch => watch::watch(&load(arguments)?, arguments).await?,
        Command::Refound => refound::refound(arguments).await?,
    }
    Ok(())
}

async fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    // Signals first: one that comes while the database starts must stop it again in order.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let told_to_stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    tokio::pin!(told_to_stop);
    let config = load(arguments)?;
    let app = tokio::select! {
        built = App::build(config) => built?,
        () = &mut told_to_stop => return Ok(()),
    };
    println!("Gatehouse answers at {} (listening on {})", app.context().config.public_url.origin(), app.address());
    app.run_until(told_to_stop).await?;
    Ok(())
}

async fn migrate(arguments: &Arguments) -> anyhow::Result<()> {
    let config = load(arguments)?;
    match &config.database {
        config::Database::Private => database::migrate_private(&config).await?,
        config::Database::External { .. } => {
            let (url, password) = owner("migrations run")?;
            database::migrate_external(&url, password.as_ref()).await?;
        }
    }
    println!("The database is up to date.");
    Ok(())
}

/// The owner's login to an external database.
fn owner(what: &str) -> anyhow::Result<(String, Option<SecretString>)> {
    let url = std::env::var("GATEHOUSE_OWNER_URL").map_err(|_| {
        anyhow::anyhow!("set GATEHOUSE_OWNER_URL to postgres://OWNER@host/database: {what} as the owner of the tables, never as gatehouse_app")
    })?;
    let password = match std::env::var_os("GATEHOUSE_OWNER_PASSWORD_FILE") {
        Some(path) => Some(config::read_secret(path.as_ref()).map_err(anyhow::Error::msg)?),
        None => None,
    };
    Ok((url, password))
}

/// What services see, for a command that ends by itself: this file's configuration, whatever is in force.
async fn context(config: Config, database: &Database) -> anyhow::Result<Context> {
    let entropy =
        Entropy::from_os().map_err(|error| anyhow::anyhow!("the operating system gives no randomness ({error})"))?;
    Ok(Context::new(config, database.pool().clone(), entropy).await?)
}

/// The error's own text is for the log of a service; the operator gets every reason, or its whole chain.
fn told(error: &Error) -> String {
    match error {
        Error::Refused(reasons) => reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        other => chain(other),
    }
}

/// Codes are printed once, to whoever runs this; the database keeps their hashes.
async fn init(arguments: &Arguments) -> anyhow::Result<()> {
    let config = load(arguments)?;
    let database = Database::open(&config).await?;
    let ctx = settle(context(config, &database).await?).await?;
    let few = ctx.config.admitted.iter().filter(|row| row.founder).count() < FOUNDERS;
    let codes = people::init(&ctx).await;
    drop(ctx);
    database.close().await?;
    let codes = codes.map_err(|error| anyhow::anyhow!("no code was issued: {}", told(&error)))?;
    if codes.is_empty() {
        println!("No code was issued: every founder in the configuration has a key, or it names no founder.");
    }
    for founder in codes {
        println!("{}  {}", founder.person, founder.code);
    }
    if few {
        println!(
            "The configuration names fewer than three founders. Everybody else needs the endorsement of two, and so does a founder who loses a key: with three, one loss is no refounding."
        );
    }
    Ok(())
}

/// Prints the description, or compares it with the committed one.
fn openapi(arguments: &Arguments) -> anyhow::Result<()> {
    let text = crate::rest::document::text()?;
    let Some(file) = &arguments.check else {
        print!("{text}");
        return Ok(());
    };
    let committed = std::fs::read_to_string(file)
        .map_err(|error| anyhow::anyhow!("{} cannot be read ({error})", file.display()))?;
    if committed != text {
        anyhow::bail!(
            "{0} is not what the routes say; run `gatehouse openapi > {0}` and look at the difference",
            file.display()
        );
    }
    println!("{} is what the routes say.", file.display());
    Ok(())
}

fn load(arguments: &Arguments) -> anyhow::Result<Config> {
    let database_url = std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty());
    Ok(Config::load(&arguments.config, arguments.demo, database_url.as_deref())?)
}
