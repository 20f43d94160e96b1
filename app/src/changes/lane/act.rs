//! An act on the lane, from the button to the log.

use super::api::{begin_lane, finish_lane};
use super::shape::LaneWish;
use crate::people::ceremony::{Stop, sign};
use crate::ui::live::Progress;
use leptos::prelude::*;

/// What somebody writes beside an act, and how far the act is. It outlives the data of the page: others move a change while
/// one writes, and nothing that was written may be lost by that.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    /// Why.
    pub(crate) why: RwSignal<String>,
    /// How far.
    pub(crate) progress: RwSignal<Progress>,
}

impl Words {
    /// Nothing written, nothing under way.
    pub(crate) fn new() -> Self {
        Self { why: RwSignal::new(String::new()), progress: RwSignal::new(Progress::Idle) }
    }

    /// Another change is shown.
    pub(crate) fn forget(self) {
        self.why.set(String::new());
        self.progress.set(Progress::Idle);
    }
}

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
