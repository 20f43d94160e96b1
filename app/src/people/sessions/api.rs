//! Server functions of the sessions page. What acts is a plain form, so that it works without JavaScript.

use super::shape::SessionsView;
use crate::error::UiError;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, PostUrl};

/// The sessions of a person.
#[server(prefix = "/api/ui", endpoint = "sessions", input = GetUrl)]
pub(crate) async fn read_sessions(person: Option<String>) -> Result<SessionsView, UiError> {
    crate::api::ask(move |backend| backend.sessions(person)).await
}

/// Ends a session as stolen.
#[server(prefix = "/api/ui", endpoint = "report_stolen", input = PostUrl)]
pub(crate) async fn report_stolen(session: String) -> Result<(), UiError> {
    crate::api::ask(move |backend| backend.report_stolen(session)).await
}

/// Ends the caller's other sessions.
#[server(prefix = "/api/ui", endpoint = "sign_out_elsewhere", input = PostUrl)]
pub(crate) async fn sign_out_elsewhere() -> Result<(), UiError> {
    crate::api::ask(|backend| backend.sign_out_elsewhere()).await
}
