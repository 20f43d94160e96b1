//! The server function of the page about habits.

use super::shape::HabitsView;
use crate::error::UiError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// How signatures were given lately.
#[server(prefix = "/api/ui", endpoint = "habits", input = GetUrl)]
pub(crate) async fn read_habits() -> Result<HabitsView, UiError> {
    crate::api::ask(|backend| backend.habits()).await
}
