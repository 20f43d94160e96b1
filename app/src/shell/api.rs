//! Server functions of the frame.

use crate::error::UiError;
use crate::shape::ShellView;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, PostUrl};

/// What frames every page.
#[server(prefix = "/api/ui", endpoint = "shell", input = GetUrl)]
pub(crate) async fn read_shell() -> Result<ShellView, UiError> {
    crate::api::ask(|backend| backend.shell()).await
}

/// Keeps the theme in a cookie. A plain form can send it, so that it works without JavaScript.
#[server(prefix = "/api/ui", endpoint = "theme", input = PostUrl)]
pub(crate) async fn choose_theme(theme: String) -> Result<(), UiError> {
    if let Some(reply) = crate::api::reply() {
        reply.set_cookie(&super::theme::Theme::from_word(&theme).cookie());
    }
    Ok(())
}
