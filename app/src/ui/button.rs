//! A button that does something, or says in words why it cannot.

use super::problem::reasons;
use gatehouse_domain::problem::ReasonView;
use leptos::prelude::*;

/// The id of the element that says reasons for several buttons at once.
pub(crate) const SAID: &str = "why-not";

/// How loud it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// The one thing to do here.
    Primary,
    /// One of several.
    Plain,
    /// Says no, or ends something.
    Danger,
}

impl Weight {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button-primary",
            Self::Plain => "button",
            Self::Danger => "button button-danger",
        }
    }
}

/// An action. It is disabled while `refused` holds reasons, and while `busy`.
///
/// The reasons stand in text beside the button, but for those that an element of the page already says.
#[component]
pub(crate) fn Act(
    /// The verb.
    label: &'static str,
    /// How loud.
    weight: Weight,
    /// A sign before the verb.
    #[prop(optional_no_strip)]
    sign: Option<AnyView>,
    /// The key that does the same.
    #[prop(optional_no_strip)]
    key: Option<&'static str>,
    /// All that is in the way.
    #[prop(optional)]
    refused: Vec<ReasonView>,
    /// Reasons that are said already, in the element with the id [`SAID`].
    #[prop(optional)]
    said: Vec<ReasonView>,
    /// Something is under way.
    #[prop(into)]
    busy: Signal<bool>,
    /// What happens.
    on_act: Callback<()>,
) -> impl IntoView {
    let is_refused = !refused.is_empty();
    let own_id = format!("why-not-{}", label.to_lowercase().replace(' ', "-"));
    let own: Vec<_> = refused.iter().filter(|reason| !said.contains(reason)).cloned().collect();
    let ids = [(own.len() < refused.len()).then_some(SAID), (!own.is_empty()).then_some(own_id.as_str())];
    let described_by = is_refused.then(|| ids.into_iter().flatten().collect::<Vec<_>>().join(" "));
    let beside = (!own.is_empty()).then(|| view! { <div class="beside" id=own_id>{reasons(&own)}</div> });
    view! {
        <div class="act">
            <button
                type="button"
                class=weight.class()
                disabled=move || is_refused || busy.get()
                aria-describedby=described_by
                aria-keyshortcuts=key
                on:click=move |_| on_act.run(())
            >
                {sign}
                {label}
                {key.map(|key| view! { <kbd aria-hidden="true">{key}</kbd> })}
            </button>
            {beside}
        </div>
    }
    .into_any()
}
