//! The server function of the page of images.

use super::shape::ReleasesView;
use crate::error::UiError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One page of images. The filter is spread out, because a query string knows no empty structure.
#[server(prefix = "/api/ui", endpoint = "releases", input = GetUrl)]
pub(crate) async fn list_releases(
    service: Option<String>,
    only: Option<String>,
    after: Option<String>,
) -> Result<ReleasesView, UiError> {
    crate::api::ask(move |backend| backend.releases(super::shape::ReleaseFilter { service, only, after })).await
}
