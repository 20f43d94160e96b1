//! `gatehouse refound`: the offline ceremony for when all founders are lost (docs/founders-lost.md).

use super::arguments::Arguments;
use super::{context, load, owner, told};
use crate::config;
use crate::database::Database;
use crate::people;

/// Whoever runs this has the machine; the database's owner is asked for, and that no portal runs.
pub(super) async fn refound(arguments: &Arguments) -> anyhow::Result<()> {
    let config = load(arguments)?;
    let owner = match &config.database {
        config::Database::Private => None,
        config::Database::External { .. } => Some(owner("a refounding is made")?),
    };
    let database = Database::open_as_owner(&config, owner).await?;
    let ctx = context(config, &database).await?;
    let done = people::refound(&ctx, &arguments.reason).await;
    drop(ctx);
    database.close().await?;
    let done = done.map_err(|error| anyhow::anyhow!("nothing was changed: {}", told(&error)))?;
    println!(
        "Refounded. {} keys of founders were taken away. Every page says so for seven days, and the log for ever.",
        done.fallen_keys
    );
    println!("Each code works once, within seven days, for the person beside it:");
    for founder in done.codes {
        println!("{}  {}", founder.person, founder.code);
    }
    Ok(())
}
