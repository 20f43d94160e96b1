//! The verbs of people, one file each. A refusal of somebody whom we know is an audit entry, written
//! by [`recorded`] after the attempt's own transaction is gone. The verbs of the pages take a
//! [`SignedIn`]: who is nobody does not get here.

mod ask;
mod endorse;
mod enrol;
mod keys;
mod me;
mod people;
mod revoke;
mod sessions;
mod sign_in;
mod sign_out;

pub use ask::withdraw_request;
pub use endorse::{begin_endorsement, finish_endorsement};
pub use enrol::{begin_enrol, finish_enrol, finish_enrol_signature};
pub use keys::keys;
pub(super) use keys::keys_of;
pub use me::{me, notice};
pub use people::{inbox, needs_you, people, request};
pub use revoke::{begin_revoke, finish_revoke};
pub use sessions::{end_session, report_stolen, sessions, sign_out_elsewhere};
pub(super) use sign_in::{begin_sign_in, finish_sign_in};
pub(super) use sign_out::sign_out;

use super::session::SignedIn;
pub(super) use super::wish::{lock_one as lock_signer, read_one as read_signer};
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use gatehouse_domain::audit::About;

/// Leaves an entry when the attempt was refused, and gives the result on.
pub(super) async fn recorded<T>(
    ctx: &Context,
    who: &SignedIn,
    attempt: &str,
    result: Result<T, Error>,
) -> Result<T, Error> {
    if let Err(Error::Refused(reasons)) = &result {
        audit::refuse(ctx, &who.actor(), attempt, About::Person(who.person.clone()), reasons).await?;
    }
    result
}
