//! Saying yes or no to a request, from the button to the log.

use super::api::{begin_endorsement, finish_endorsement, withdraw_request};
use super::ceremony::{Stop, sign};
use super::request::Word;
use super::shape::EndorseRequest;
use crate::ui::live::Progress;
use leptos::prelude::*;

/// Carries it out.
pub(crate) async fn speak(
    word: Word,
    request: String,
    subject_digest: String,
    progress: RwSignal<Progress>,
) -> Result<String, Stop> {
    progress.set(Progress::Busy("Checking…"));
    let decision = match word {
        Word::Endorse => "approve",
        Word::Refuse => "reject",
        Word::Withdraw => return withdraw(request, progress).await,
    };
    let asked = begin_endorsement(EndorseRequest { request, decision: decision.to_owned(), subject_digest }).await?;
    progress.set(Progress::Busy("Touch your key…"));
    let assertion = sign(&asked.options).await?;
    progress.set(Progress::Busy("Checking the signature…"));
    Ok(finish_endorsement(asked.ceremony, assertion).await?)
}

/// Takes back one's own request.
pub(crate) async fn withdraw(request: String, progress: RwSignal<Progress>) -> Result<String, Stop> {
    progress.set(Progress::Busy("Taking it back…"));
    withdraw_request(request).await?;
    Ok("The request is withdrawn; the key is nobody's.".to_owned())
}
