//! A decision from the button to the log: ask what to sign, touch the key, give the signature.

use super::api::{begin_decision, finish_decision};
use super::shape::DecisionRequest;
use crate::people::ceremony::{Stop, sign};
use crate::ui::live::Progress;
use leptos::prelude::*;

/// What one can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// For it.
    Approve,
    /// A veto.
    Reject,
    /// Takes back one's own.
    Withdraw,
    /// Ends the change for good.
    Close,
    /// Lets what ran before go out again.
    GoBack,
}

impl Verb {
    /// The word that is signed.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Withdraw => "withdraw",
            Self::Close => "close",
            Self::GoBack => "go_back",
        }
    }

    /// Saying no without saying why helps nobody.
    pub(crate) fn needs_comment(self) -> bool {
        matches!(self, Self::Reject | Self::Close)
    }
}

/// Carries it out, telling `progress`; `after` runs when the portal has said yes or no.
pub(crate) fn decide(request: DecisionRequest, progress: RwSignal<Progress>, after: impl Fn(bool) + 'static) {
    progress.set(Progress::Busy("Checking…"));
    leptos::task::spawn_local(async move {
        match run(request, progress).await {
            Ok(message) => {
                progress.set(Progress::Done(message));
                after(true);
            }
            Err(stop) => {
                let is_refusal = matches!(stop, Stop::Refused(_));
                progress.set(stop.into());
                if is_refusal {
                    after(false);
                }
            }
        }
    });
}

async fn run(request: DecisionRequest, progress: RwSignal<Progress>) -> Result<String, Stop> {
    let asked = begin_decision(request).await?;
    progress.set(Progress::Busy("Touch your key…"));
    let assertion = sign(&asked.options).await?;
    progress.set(Progress::Busy("Checking the signature…"));
    Ok(finish_decision(asked.ceremony, assertion).await?.message)
}
