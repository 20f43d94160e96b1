//! Server functions of the tokens page.

use super::shape::{TokenMade, TokenRequest, TokensView};
use crate::error::UiError;
use crate::people::shape::SignatureRequest;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json, PostUrl};

/// The caller's tokens.
#[server(prefix = "/api/ui", endpoint = "tokens", input = GetUrl)]
pub(crate) async fn read_tokens() -> Result<TokensView, UiError> {
    crate::api::ask(|backend| backend.tokens()).await
}

/// Begins to issue a token.
#[server(prefix = "/api/ui", endpoint = "begin_token", input = Json)]
pub(crate) async fn begin_token(request: TokenRequest) -> Result<SignatureRequest, UiError> {
    crate::api::ask(move |backend| backend.begin_token(request)).await
}

/// Gives the signature; the answer shows the secret, once.
#[server(prefix = "/api/ui", endpoint = "finish_token", input = Json)]
pub(crate) async fn finish_token(ceremony: String, assertion: String) -> Result<TokenMade, UiError> {
    crate::api::ask(move |backend| backend.finish_token(ceremony, assertion)).await
}

/// Ends a token. A plain form, so that it is possible at once without JavaScript too.
#[server(prefix = "/api/ui", endpoint = "revoke_token", input = PostUrl)]
pub(crate) async fn revoke_token(token: String) -> Result<(), UiError> {
    crate::api::ask(move |backend| backend.revoke_token(token)).await
}
