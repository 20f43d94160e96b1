//! Server functions of the keys page and of the people pages.

use super::shape::{EndorseRequest, EnrolRequest, EnrolStep, KeysView, PeopleView, RequestView, SignatureRequest};
use crate::error::UiError;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json, PostUrl};

/// The caller's keys.
#[server(prefix = "/api/ui", endpoint = "keys", input = GetUrl)]
pub(crate) async fn read_keys() -> Result<KeysView, UiError> {
    crate::api::ask(|backend| backend.keys()).await
}

/// Begins to enrol a key.
#[server(prefix = "/api/ui", endpoint = "begin_enrol", input = Json)]
pub(crate) async fn begin_enrol(request: EnrolRequest) -> Result<SignatureRequest, UiError> {
    crate::api::ask(move |backend| backend.begin_enrol(request)).await
}

/// Gives the new credential.
#[server(prefix = "/api/ui", endpoint = "finish_enrol", input = Json)]
pub(crate) async fn finish_enrol(ceremony: String, credential: String) -> Result<EnrolStep, UiError> {
    crate::api::ask(move |backend| backend.finish_enrol(ceremony, credential)).await
}

/// Gives the signature of a key that is already there.
#[server(prefix = "/api/ui", endpoint = "finish_enrol_signature", input = Json)]
pub(crate) async fn finish_enrol_signature(ceremony: String, assertion: String) -> Result<EnrolStep, UiError> {
    crate::api::ask(move |backend| backend.finish_enrol_signature(ceremony, assertion)).await
}

/// Begins to revoke a key.
#[server(prefix = "/api/ui", endpoint = "begin_revoke", input = Json)]
pub(crate) async fn begin_revoke(key: String) -> Result<SignatureRequest, UiError> {
    crate::api::ask(move |backend| backend.begin_revoke(key)).await
}

/// Gives the signed revocation.
#[server(prefix = "/api/ui", endpoint = "finish_revoke", input = Json)]
pub(crate) async fn finish_revoke(ceremony: String, assertion: String) -> Result<(), UiError> {
    crate::api::ask(move |backend| backend.finish_revoke(ceremony, assertion)).await
}

/// Who is admitted, and what waits.
#[server(prefix = "/api/ui", endpoint = "people", input = GetUrl)]
pub(crate) async fn read_people() -> Result<PeopleView, UiError> {
    crate::api::ask(|backend| backend.people()).await
}

/// One request.
#[server(prefix = "/api/ui", endpoint = "request", input = GetUrl)]
pub(crate) async fn read_request(id: String) -> Result<RequestView, UiError> {
    crate::api::ask(move |backend| backend.request(id)).await
}

/// Begins to say yes or no to a request.
#[server(prefix = "/api/ui", endpoint = "begin_endorsement", input = Json)]
pub(crate) async fn begin_endorsement(request: EndorseRequest) -> Result<SignatureRequest, UiError> {
    crate::api::ask(move |backend| backend.begin_endorsement(request)).await
}

/// Gives the signed yes or no.
#[server(prefix = "/api/ui", endpoint = "finish_endorsement", input = Json)]
pub(crate) async fn finish_endorsement(ceremony: String, assertion: String) -> Result<String, UiError> {
    crate::api::ask(move |backend| backend.finish_endorsement(ceremony, assertion)).await
}

/// Takes back the caller's own request; it takes no key, so it is a plain form.
#[server(prefix = "/api/ui", endpoint = "withdraw_request", input = PostUrl)]
pub(crate) async fn withdraw_request(request: String) -> Result<(), UiError> {
    crate::api::ask(move |backend| backend.withdraw_request(request)).await
}
