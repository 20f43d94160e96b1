//! A link out of the house.

use super::text::visible;
use leptos::prelude::*;

/// Only to http and https: an address from elsewhere could be a script. Anything else stays text.
pub(crate) fn outside(url: &str, words: String) -> impl IntoView + use<> {
    if url.starts_with("https://") || url.starts_with("http://") {
        view! { <a class="link" rel="external noopener noreferrer" href=url.to_owned()>{visible(&words)}</a> }
            .into_any()
    } else {
        visible(&words).into_any()
    }
}
