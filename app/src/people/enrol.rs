//! Enrolling and revoking, from the button to the log.

use super::api::{begin_enrol, begin_revoke, finish_enrol, finish_enrol_signature, finish_revoke};
use super::ceremony::{Stop, create, sign};
use super::shape::{EnrolRequest, EnrolStep};
use crate::ui::live::Progress;
use leptos::prelude::*;

/// Enrols a new key: a touch of it, and of one that is there already, if there is one.
pub(crate) async fn enrol(request: EnrolRequest, progress: RwSignal<Progress>) -> Result<String, Stop> {
    progress.set(Progress::Busy("Checking…"));
    let asked = begin_enrol(request).await?;
    progress.set(Progress::Busy("Touch the new key…"));
    let credential = create(&asked.options).await?;
    progress.set(Progress::Busy("Checking the new key…"));
    let mut step = finish_enrol(asked.ceremony, credential).await?;
    while let EnrolStep::SignWithExisting(asked) = step {
        progress.set(Progress::Busy("Now touch a key that you already have, to sign for the new one…"));
        let assertion = sign(&asked.options).await?;
        progress.set(Progress::Busy("Checking the signature…"));
        step = finish_enrol_signature(asked.ceremony, assertion).await?;
    }
    Ok(match step {
        EnrolStep::Asked => "The key is made. It counts after two others have endorsed it and 24 hours have passed.",
        _ => "The key is enrolled.",
    }
    .to_owned())
}

/// Revokes one of the caller's keys.
pub(crate) async fn revoke(key: String, progress: RwSignal<Progress>) -> Result<String, Stop> {
    progress.set(Progress::Busy("Checking…"));
    let asked = begin_revoke(key).await?;
    progress.set(Progress::Busy("Touch a key to sign the revocation…"));
    let assertion = sign(&asked.options).await?;
    progress.set(Progress::Busy("Checking the signature…"));
    finish_revoke(asked.ceremony, assertion).await?;
    Ok("The key is revoked: it signs nothing any more.".to_owned())
}
