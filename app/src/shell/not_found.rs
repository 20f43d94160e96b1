//! Nothing is here.

use super::loaded::say_alive;
use crate::audit::shape::AuditFilter;
use crate::changes::shape::ChangeFilter;
use crate::paths;
use leptos::prelude::*;
use leptos_meta::Title;

/// An address that leads nowhere, and where to go instead.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    say_alive();
    #[cfg(feature = "ssr")]
    if let Some(reply) = crate::api::reply() {
        reply.status(404);
    }
    nothing_here("There is no such page").into_any()
}

/// Says calmly that there is nothing, and where there is something: a wrong number is no alarm.
pub(super) fn nothing_here(heading: &'static str) -> impl IntoView {
    view! {
        <Title text="Not found" />
        <h1>{heading}</h1>
        <p class="lead">
            "Perhaps you look for "
            <a href=paths::home()>"what needs you"</a>
            ", the "
            <a href=paths::changes(&ChangeFilter::default())>"changes"</a>
            " or the "
            <a href=paths::audit(&AuditFilter::default())>"audit log"</a>
            "."
        </p>
    }
}
