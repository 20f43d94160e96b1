//! Which configuration does this process decide by, and is it still the one in force?
//!
//! ```text
//! start     nothing is in force → the file's is adopted, with an entry
//!           the file's is in force → nothing to do
//!           another is in force → that one, with this process's own secrets; the file only proposes
//! running   another came into force → nothing is decided until this process has it ([`renewed`])
//! ```

use super::candidate;
use super::store::{self, InForce};
use crate::audit;
use crate::config::{Config, ConfigError};
use crate::context::{ClientError, Context};
use crate::error::Error;
use gatehouse_domain::audit::Actor;
use gatehouse_domain::policy::decide::{can_be_replaced, permit_adopt};
use gatehouse_domain::policy::events::Adopted;
use gatehouse_domain::{ChangeNumber, Digest, Reason};
use sqlx::PgConnection;
use std::sync::{Arc, Mutex, PoisonError};

/// Why a process has no rules to decide by.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The database.
    #[error("the configuration in force cannot be read: {0}")]
    Database(#[from] Error),
    /// The log names a configuration of which nobody kept the bytes.
    #[error("the configuration in force, {0}, is not in this database: restore policy_documents from a backup")]
    Lost(Digest),
    /// It does not pass the checks of this program.
    #[error("the configuration in force cannot be used. {0}")]
    Unusable(#[from] ConfigError),
    /// A client cannot be made of it.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl From<sqlx::Error> for RulesError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// What this process's own file says, where another configuration is in force.
#[derive(Debug, Clone, Default)]
pub struct Waiting(Arc<Mutex<Option<Digest>>>);

impl Waiting {
    /// The digest, if it is another.
    #[must_use]
    pub fn get(&self) -> Option<Digest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, digest: Option<Digest>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = digest;
    }
}

/// The portal under the rules in force. `ctx` is made of the file alone; where nothing is in force yet, what it says is from
/// now on.
///
/// # Errors
/// When what is in force cannot be had or used; then nothing can be decided, and the portal does not start.
pub async fn settle(ctx: Context) -> Result<Context, RulesError> {
    let mut conn = ctx.db.acquire().await?;
    let in_force = match store::find_in_force(&mut conn).await? {
        Some(in_force) => in_force.digest,
        None => adopt_first(&mut conn, &ctx).await?,
    };
    let file = ctx.policy_digest.clone();
    if in_force == file {
        return Ok(ctx);
    }
    let kept = store::find_document(&mut conn, &in_force).await?.ok_or(RulesError::Lost(in_force.clone()))?;
    store::insert_document(&mut conn, &ctx.config.kept()).await?;
    drop(conn);
    let settled = ctx.under(ctx.config.under(&kept)?).await?;
    tracing::warn!(%in_force, %file, config = %ctx.config.source.display(), "the file is not what is in force: it is a proposal, to be signed for on the Policy page");
    settled.waiting.set(Some(file));
    Ok(settled)
}

async fn adopt_first(conn: &mut PgConnection, ctx: &Context) -> Result<Digest, Error> {
    let mut tx = sqlx::Connection::begin(conn).await?;
    store::hold_alone(&mut tx).await?;
    // Replicas start together: one adopts, and all read what was adopted.
    if let Some(in_force) = store::find_in_force(&mut tx).await? {
        return Ok(in_force.digest);
    }
    let digest = adopt_in(&mut tx, ctx, None).await?;
    tx.commit().await?;
    Ok(digest)
}

/// Brings what the file says into force without signatures, in the caller's transaction: only for whoever has the machine,
/// when all founders were lost.
///
/// # Errors
/// When the database refuses.
pub async fn adopt(conn: &mut PgConnection, ctx: &Context) -> Result<(), Error> {
    store::hold_alone(conn).await?;
    let before = store::find_in_force(conn).await?.map(|before| before.digest);
    if before.as_ref() != Some(&ctx.policy_digest) {
        adopt_in(conn, ctx, before).await?;
    }
    Ok(())
}

async fn adopt_in(conn: &mut PgConnection, ctx: &Context, base: Option<Digest>) -> Result<Digest, Error> {
    let kept = ctx.config.kept();
    if !can_be_replaced(&candidate::admitted(&ctx.config)) {
        tracing::warn!(
            "under this configuration nobody can sign for another one: besides whoever proposes it takes two engineers, security, data protection and the guardrail committee; until they are admitted only a refounding changes it"
        );
    }
    store::insert_document(conn, &kept).await?;
    let actor = if base.is_some() { Actor::Operator } else { Actor::Portal };
    audit::commit(conn, ctx, &actor, permit_adopt(Adopted { digest: kept.digest.clone(), base })).await?;
    Ok(kept.digest)
}

/// The portal under other rules, where others came into force since `ctx` was made.
///
/// # Errors
/// As [`settle`]; until it succeeds nothing is decided.
pub async fn renewed(ctx: &Context) -> Result<Option<Context>, RulesError> {
    let mut conn = ctx.db.acquire().await?;
    let in_force = store::find_in_force(&mut conn).await?;
    drop(conn);
    if in_force.is_none_or(|in_force| in_force.digest == ctx.policy_digest) {
        return Ok(None);
    }
    // Its own part of the file may have moved with it: a new cluster's token is named there.
    let file = ctx.under(ctx.config.read_again()?).await?;
    let settled = settle(file).await?;
    tracing::info!(digest = %settled.policy_digest, "other rules are in force");
    Ok(Some(settled))
}

/// Holds the rules as they are until the transaction ends, for a decision by them. Taken after the session and before the
/// change: every decision takes its locks in this order.
///
/// # Errors
/// `ConfigurationMoved` when others are in force than those of this process.
pub async fn hold(conn: &mut PgConnection, ctx: &Context) -> Result<Digest, Error> {
    store::share(conn).await?;
    check(conn, ctx).await
}

/// The same for whoever is about to bring others into force.
///
/// # Errors
/// As [`hold`].
pub async fn hold_alone(conn: &mut PgConnection, ctx: &Context) -> Result<Digest, Error> {
    store::hold_alone(conn).await?;
    check(conn, ctx).await
}

/// The last look, for every governed write: a process that has not noticed yet writes nothing by rules that are over. Whoever
/// comes here holds rows, so it does not wait for other rules that are coming into force at this moment.
///
/// # Errors
/// As [`hold`].
pub async fn demand(conn: &mut PgConnection, ctx: &Context) -> Result<(), Error> {
    match store::try_share(conn).await? {
        true => check(conn, ctx).await.map(drop),
        false => Err(Error::refused(Reason::ConfigurationMoved)),
    }
}

async fn check(conn: &mut PgConnection, ctx: &Context) -> Result<Digest, Error> {
    match store::find_in_force(conn).await? {
        Some(InForce { digest, .. }) if digest != ctx.policy_digest => Err(Error::refused(Reason::ConfigurationMoved)),
        _ => Ok(ctx.policy_digest.clone()),
    }
}

/// What is in force, and the change that everybody signed for it.
///
/// # Errors
/// When the database refuses.
pub async fn in_force(conn: &mut PgConnection) -> Result<Option<(Digest, Option<ChangeNumber>)>, Error> {
    Ok(store::find_in_force(conn).await?.map(|in_force| (in_force.digest, in_force.number)))
}

/// Looks at the file again: what it says is kept, and shown where it is not in force.
///
/// # Errors
/// When the file does not pass the checks, or the database refuses.
pub async fn look_at_file(ctx: &Context) -> Result<Option<Config>, RulesError> {
    let file = ctx.config.read_again()?;
    let digest = file.digest();
    if digest == ctx.policy_digest {
        ctx.waiting.set(None);
        return Ok(None);
    }
    if ctx.waiting.get().as_ref() != Some(&digest) {
        let mut conn = ctx.db.acquire().await?;
        store::insert_document(&mut conn, &file.kept()).await?;
        ctx.waiting.set(Some(digest));
    }
    Ok(Some(file))
}

/// Keeps what a policy was told for a decision that is recorded, to tell another policy the same.
///
/// # Errors
/// When the database refuses.
pub async fn keep_input(conn: &mut PgConnection, input: &str) -> Result<(), Error> {
    store::insert_input(conn, input).await
}

/// What is done every minute: the file is looked at, and old inputs are forgotten.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(ctx: &Context) -> Result<(), Error> {
    if let Err(error) = look_at_file(ctx).await {
        tracing::warn!(
            error = crate::error::chain(&error),
            "the configuration file proposes nothing that could be read"
        );
    }
    let mut conn = ctx.db.acquire().await?;
    store::delete_old_inputs(&mut conn).await
}
