//! Fetches the home page.

use super::api::read_home;
use super::view::home;
use crate::shell::loaded::loaded;
use crate::ui::keyboard::rows_move_with_j_and_k;
use leptos::prelude::*;

/// `/`
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    rows_move_with_j_and_k();
    loaded(Resource::new_blocking(|| (), |()| read_home()), |view| home(&view))
}
