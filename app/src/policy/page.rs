//! Fetches the rules, and proposes others.

use super::api::{begin_proposal, finish_proposal, read_policy};
use super::shape::{ProposalDone, ProposalRequest};
use super::view::policy;
use crate::people::ceremony::{Stop, sign};
use crate::shell::loaded::loaded;
use crate::ui::live::Progress;
use leptos::prelude::*;

/// `/policy`
#[component]
pub(crate) fn PolicyPage() -> impl IntoView {
    let view = Resource::new_blocking(|| (), |()| read_policy());
    let progress = RwSignal::new(Progress::Idle);
    let propose = Callback::new(move |request: ProposalRequest| {
        leptos::task::spawn_local(async move {
            let done = carry_out(request, progress).await;
            let told = |done: ProposalDone| format!("Proposed. {} waits for everybody's signature.", done.number);
            progress.set(done.map_or_else(Into::into, |done| Progress::Done(told(done))));
            view.refetch();
        });
    });
    loaded(view, move |view| policy(&view, progress, propose))
}

async fn carry_out(request: ProposalRequest, progress: RwSignal<Progress>) -> Result<ProposalDone, Stop> {
    progress.set(Progress::Busy("Checking…"));
    let asked = begin_proposal(request).await?;
    progress.set(Progress::Busy("Touch your key to propose these rules…"));
    let assertion = sign(&asked.options).await?;
    progress.set(Progress::Busy("Checking the signature…"));
    Ok(finish_proposal(asked.ceremony, assertion).await?)
}
