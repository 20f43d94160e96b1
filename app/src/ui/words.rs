//! Six words: a digest as it is read aloud, the same on page, message and command line.

use leptos::prelude::*;

/// The words in their order.
pub(crate) fn six_words(words: &[String]) -> impl IntoView + use<> {
    let words = words.iter().cloned().map(|word| view! { <li>{word}</li> }).collect_view();
    view! { <ol class="words" aria-label="Six words">{words}</ol> }.into_any()
}
