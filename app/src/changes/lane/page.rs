//! Fetches when nothing goes out, and carries out what the caller does about it.

use super::act::carry_out;
use super::api::read_freezes;
use super::view::{Freezes, freezes};
use crate::shell::frame::Shell;
use crate::shell::loaded::loaded;
use leptos::prelude::*;

/// `/changes/freezes`
#[component]
pub(crate) fn FreezesPage() -> impl IntoView {
    let view = Resource::new_blocking(|| (), |()| read_freezes());
    let shell = use_context::<Shell>();
    let page = Freezes::new();
    let act = Callback::new(move |wish| {
        carry_out(wish, page.progress, move |is_done| {
            if is_done {
                page.forget();
            }
            view.refetch();
            if let Some(shell) = shell {
                shell.refetch();
            }
        });
    });
    loaded(view, move |view| freezes(&view, page, act))
}
