//! Fetches how signatures were given lately.

use super::api::read_habits;
use super::view::habits;
use crate::shell::loaded::loaded;
use leptos::prelude::*;

/// `/changes/habits`
#[component]
pub(crate) fn HabitsPage() -> impl IntoView {
    let view = Resource::new_blocking(|| (), |()| read_habits());
    loaded(view, |view| habits(&view))
}
