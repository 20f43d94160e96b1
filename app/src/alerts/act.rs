//! A word about an incident, from the button to the log.

use super::api::{begin_incident, finish_incident};
use super::shape::{IncidentDone, IncidentWish};
use crate::people::ceremony::{Stop, sign};
use crate::ui::live::Progress;
use leptos::prelude::*;

/// Carries it out, telling `progress`; `after` runs when the portal has said yes or no.
pub(crate) fn carry_out(
    wish: IncidentWish,
    progress: RwSignal<Progress>,
    after: impl Fn(Option<IncidentDone>) + 'static,
) {
    progress.set(Progress::Busy("Checking…"));
    leptos::task::spawn_local(async move {
        match run(wish, progress).await {
            Ok(done) => {
                progress.set(Progress::Done(done.message.clone()));
                after(Some(done));
            }
            Err(stop) => {
                progress.set(stop.into());
                after(None);
            }
        }
    });
}

async fn run(wish: IncidentWish, progress: RwSignal<Progress>) -> Result<IncidentDone, Stop> {
    let asked = begin_incident(wish).await?;
    progress.set(Progress::Busy("Touch your key…"));
    let assertion = sign(&asked.options).await?;
    progress.set(Progress::Busy("Checking the signature…"));
    Ok(finish_incident(asked.ceremony, assertion).await?)
}
