//! The document and its routes.

use crate::alerts::page::{IncidentPage, IncidentsPage};
use crate::audit::page::AuditPage;
use crate::changes::data::page::DataPage;
use crate::changes::habits::page::HabitsPage;
use crate::changes::lane::page::FreezesPage;
use crate::changes::list_page::ChangesPage;
use crate::changes::page::ChangePage;
use crate::environments::page::{EnvironmentPage, EnvironmentsPage};
use crate::environments::parity::page::ParityPage;
use crate::environments::rails::page::RailsPage;
use crate::home::page::HomePage;
use crate::people::page::{KeysPage, PeoplePage, RequestPage};
use crate::people::sessions::page::SessionsPage;
use crate::people::tokens::page::TokensPage;
use crate::pipelines::dora::page::DoraPage;
use crate::pipelines::page::{RunPage, RunsPage};
use crate::pipelines::releases::page::ReleasesPage;
use crate::policy::page::PolicyPage;
use crate::services::page::{ServicePage, ServicesPage};
use crate::shell::frame::Frame;
use crate::shell::not_found::NotFound;
use crate::shell::signin::SignInPage;
use crate::shell::theme;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

/// The HTML document around [`App`], on the server only.
///
/// The theme is decided here, from the request's cookie, so that no page flashes in the wrong one.
/// Leptos puts the nonce of the response on its own scripts; there are no others.
#[must_use]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme::of_request().attribute()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="robots" content="noindex" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="icon" href="/favicon.ico" sizes="32x32" />
                <HashedStylesheet options=options.clone() id="gatehouse" />
                <AutoReload options=options.clone() />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Every page.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Gatehouse".to_owned() } else { format!("{title} · Gatehouse") } />
        <Router>
            <Frame>
                // Async: the answer is complete, so that a page can be read without JavaScript.
                <Routes fallback=NotFound>
                    <Route path=path!("/") view=HomePage ssr=SsrMode::Async />
                    <Route path=path!("/services") view=ServicesPage ssr=SsrMode::Async />
                    <Route path=path!("/services/:name") view=ServicePage ssr=SsrMode::Async />
                    <Route path=path!("/changes") view=ChangesPage ssr=SsrMode::Async />
                    <Route path=path!("/changes/habits") view=HabitsPage ssr=SsrMode::Async />
                    <Route path=path!("/changes/freezes") view=FreezesPage ssr=SsrMode::Async />
                    <Route path=path!("/changes/:number") view=ChangePage ssr=SsrMode::Async />
                    <Route path=path!("/changes/:number/data") view=DataPage ssr=SsrMode::Async />
                    <Route path=path!("/environments") view=EnvironmentsPage ssr=SsrMode::Async />
                    <Route path=path!("/environments/:name") view=EnvironmentPage ssr=SsrMode::Async />
                    <Route path=path!("/alerts") view=IncidentsPage ssr=SsrMode::Async />
                    <Route path=path!("/alerts/:id") view=IncidentPage ssr=SsrMode::Async />
                    <Route path=path!("/environments/:name/rails") view=RailsPage ssr=SsrMode::Async />
                    <Route path=path!("/environments/:name/parity") view=ParityPage ssr=SsrMode::Async />
                    <Route path=path!("/people") view=PeoplePage ssr=SsrMode::Async />
                    <Route path=path!("/people/requests/:id") view=RequestPage ssr=SsrMode::Async />
                    <Route path=path!("/keys") view=KeysPage ssr=SsrMode::Async />
                    <Route path=path!("/keys/tokens") view=TokensPage ssr=SsrMode::Async />
                    <Route path=path!("/sessions") view=SessionsPage ssr=SsrMode::Async />
                    <Route path=path!("/pipelines") view=RunsPage ssr=SsrMode::Async />
                    <Route path=path!("/pipelines/releases") view=ReleasesPage ssr=SsrMode::Async />
                    <Route path=path!("/pipelines/dora") view=DoraPage ssr=SsrMode::Async />
                    <Route path=path!("/pipelines/:run") view=RunPage ssr=SsrMode::Async />
                    <Route path=path!("/policy") view=PolicyPage ssr=SsrMode::Async />
                    <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async />
                    <Route path=path!("/signin") view=SignInPage ssr=SsrMode::Async />
                </Routes>
            </Frame>
        </Router>
    }
}
