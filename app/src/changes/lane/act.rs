//! An act on the lane, from the button to the log.

use super::api::{begin_lane, finish_lane};
use super::shape::LaneWish;
use crate::people::ceremony::{Stop, sign};
use crate::ui::live::Progress;
use leptos::prelude::*;

/// Carries it out, telling `progress`; `after` runs when the portal has said yes or no.
pub(crate) fn carry_out(wish: LaneWish, progress: RwSignal<Progress>, after: impl Fn(bool) + 'static) {
    progress.set(Progress::Busy("Checking…"));
    leptos::task::spawn_local(async move {
        let done = run(wish, progress).await;
        let is_done = done.is_ok();
        progress.set(done.map_or_else(Into::into, Progress::Done));
        after(is_done);
    });
}

async fn run(wish: LaneWish, progress: RwSignal<Progress>) -> Result<String, Stop> {
    let asked = begin_lane(wish).await?;
    progress.set(Progress::Busy("Touch your key…"));
    let assertion = sign(&asked.options).await?;
    progress.set(Progress::Busy("Checking the signature…"));
    Ok(finish_lane(asked.ceremony, assertion).await?)
}
