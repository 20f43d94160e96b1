//! A state: icon, word and colour, never colour alone.

use super::icon::{Icon, icon};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// The class that gives a tone its colours.
pub(crate) fn tone_class(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => "tone-neutral",
        Tone::Accent => "tone-accent",
        Tone::Running => "tone-running",
        Tone::Ok => "tone-ok",
        Tone::Warn => "tone-warn",
        Tone::Bad => "tone-bad",
        Tone::Unknown => "tone-unknown",
    }
}

/// A chip with the tone's sign.
pub(crate) fn badge(word: &str, tone: Tone) -> impl IntoView + use<> {
    view! {
        <span class=format!("badge {}", tone_class(tone))>{icon(Icon::of(tone))} <span>{word.to_owned()}</span></span>
    }
    .into_any()
}
