//! What is known of rules that somebody would propose?

use super::{Policy, store};
use crate::context::Context;
use crate::error::Error;
use gatehouse_domain::people::Role;
use gatehouse_domain::policy::Proposal;
use gatehouse_domain::policy::decide::Candidate;
use gatehouse_domain::{ChangeNumber, Digest, PersonId};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that a decision on proposing it looks at. `open` is the held change that proposes the same.
///
/// # Errors
/// When the database refuses.
pub async fn candidate(
    conn: &mut PgConnection,
    ctx: &Context,
    proposal: &Proposal,
    in_force: &Digest,
    open: Option<ChangeNumber>,
) -> Result<Candidate, Error> {
    let mut candidate = Candidate {
        proposal: proposal.clone(),
        in_force: in_force.clone(),
        faults: None,
        admitted: BTreeMap::new(),
        open,
    };
    if let Some(kept) = store::find_document(conn, &proposal.proposed).await? {
        match ctx.config.under(&kept) {
            Ok(config) => {
                // A policy that does not compile asks everybody and opens nothing: it would be in force for nobody's good.
                let fault = Policy::compile(&config.policy).fault().map(|fault| format!("of its policy, {fault}"));
                candidate.faults = Some(fault.into_iter().collect());
                candidate.admitted = admitted(&config);
            }
            Err(error) => {
                let told = error.faults.into_iter().map(|fault| format!("{}: {}", fault.key, fault.sentence));
                candidate.faults = Some(told.collect());
            }
        }
    }
    Ok(candidate)
}

pub(super) fn admitted(config: &crate::config::Config) -> BTreeMap<PersonId, BTreeSet<Role>> {
    config.admitted.iter().map(|row| (row.person.clone(), row.roles.clone())).collect()
}

/// Nothing comes into force of which nobody kept the bytes: the portal could not read its own rules.
///
/// # Errors
/// When they are not there, or are not what the digest names.
pub async fn demand_kept(conn: &mut PgConnection, proposal: &Proposal) -> Result<(), Error> {
    let kept = store::find_document(conn, &proposal.proposed).await?;
    let kept = kept.ok_or_else(|| Error::internal("the proposed configuration is not kept"))?;
    kept.open().map(drop).map_err(Error::internal)
}
