//! The pages and their server functions, each bound to its caller.

use super::headers::Policy;
use super::{files, forms, trace::RequestId};
use crate::context::Context;
use crate::error::Error;
use axum::Router;
use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use gatehouse_app::backend::Backend;
use gatehouse_app::reply::{Reply, Told};
use gatehouse_app::{App, shell};
use leptos::nonce::use_nonce;
use leptos::prelude::{LeptosOptions, provide_context, use_context};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list, render_app_async_with_context,
};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

/// Binds a backend to one request: who is calling is read from its cookie, never an argument.
pub type BackendOf = Arc<dyn Fn(&Context, &Parts) -> Arc<dyn Backend> + Send + Sync>;

/// The pages' addresses, found once. While Leptos walks the app for them, it keeps every resource of this *process* from
/// loading (`IS_SUPPRESSING_RESOURCE_LOAD`): a page that another router renders at that moment would wait for ever.
static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// Pages, server functions, files, and the page for what is not there.
pub(super) fn routes(ctx: &Context, backend: BackendOf, site: LeptosOptions) -> Router {
    let provide = {
        let (ctx, policy) = (ctx.clone(), Policy::of(&ctx.config));
        move || provide(&ctx, &backend, &policy)
    };
    let document = {
        let site = site.clone();
        move || shell(site.clone())
    };
    let missing = {
        let page = render_app_async_with_context(provide.clone(), document.clone());
        let site_root = Arc::clone(&site.site_root);
        move |request: Request| {
            let (page, site_root) = (page.clone(), Arc::clone(&site_root));
            async move {
                if let Some(question) = files::question(&request)
                    && let Some(file) = files::answer(&site_root, question).await
                {
                    return file;
                }
                if !wants_a_page(request.method(), request.headers()) {
                    return Error::NotFound.into_response();
                }
                let mut response = page(request).await;
                if response.status() == StatusCode::OK {
                    *response.status_mut() = StatusCode::NOT_FOUND;
                }
                response
            }
        }
    };
    Router::new()
        .leptos_routes_with_context(&site, PAGES.clone(), provide, document)
        .fallback(missing)
        .with_state(site)
        .layer(from_fn(tidy))
}

/// What a page or server function finds in Leptos context. It is called for each of them: Leptos does
/// not carry context from the page renderer to the server-function handler.
fn provide(ctx: &Context, backend: &BackendOf, policy: &Policy) {
    // Without these two there is no request; then there is no backend either, and pages stay empty.
    let (Some(parts), Some(response)) = (use_context::<Parts>(), use_context::<ResponseOptions>()) else {
        return;
    };
    if let Some(csp) = use_nonce().and_then(|nonce| policy.page(&nonce.to_string())) {
        response.insert_header(CONTENT_SECURITY_POLICY, csp);
    }
    if let Some((problem, clear)) = forms::told(&parts.headers).filter(|_| wants_a_page(&parts.method, &parts.headers))
    {
        response.append_header(SET_COOKIE, clear);
        provide_context(Told(problem));
    }
    provide_context(backend(ctx, &parts));
    provide_context::<Arc<dyn Reply>>(Arc::new(HttpReply { response, request_id: request_id_of(&parts) }));
}

/// What a page says about its own answer.
struct HttpReply {
    response: ResponseOptions,
    request_id: String,
}

impl Reply for HttpReply {
    fn status(&self, status: u16) {
        if let Ok(status) = StatusCode::from_u16(status) {
            self.response.set_status(status);
        }
    }

    fn set_cookie(&self, cookie: &str) {
        if let Ok(value) = HeaderValue::from_str(cookie) {
            self.response.append_header(SET_COOKIE, value);
        }
    }

    fn request_id(&self) -> String {
        self.request_id.clone()
    }
}

/// The id of the request that `parts` belong to.
#[must_use]
pub(crate) fn request_id_of(parts: &Parts) -> String {
    parts.extensions.get::<RequestId>().map_or_else(crate::error::request_id, |id| id.0.clone())
}

/// Leads a form that was sent with empty fields to the address that means the same, so that an address says only what
/// was chosen. Browsers without JavaScript send every field.
async fn tidy(request: Request, next: Next) -> Response {
    let is_form = wants_a_page(request.method(), request.headers()) && !request.uri().path().starts_with("/auth/");
    match tidied(request.uri()).filter(|_| is_form) {
        Some(to) => Redirect::to(&to).into_response(),
        None => next.run(request).await,
    }
}

/// The same address without parameters that have no value; `None` when it has none of them.
fn tidied(uri: &Uri) -> Option<String> {
    let query = uri.query()?;
    let is_said = |pair: &&str| pair.split_once('=').is_some_and(|(_, value)| !value.is_empty());
    let said = query.split('&').filter(is_said).collect::<Vec<_>>().join("&");
    if said.len() == query.len() {
        return None;
    }
    // A path that begins with two slashes would be another host's.
    let path = format!("/{}", uri.path().trim_start_matches('/'));
    Some(if said.is_empty() { path } else { format!("{path}?{said}") })
}

fn wants_a_page(method: &Method, headers: &HeaderMap) -> bool {
    matches!(*method, Method::GET | Method::HEAD) && accepts_pages(headers)
}

/// Whether a person looks at the answer.
pub(super) fn accepts_pages(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accepts| accepts.contains("text/html"))
}

/// Where the built site is: as cargo-leptos says in the environment, beside the program, or in the
/// build directory.
#[must_use]
pub fn site_options(listen: SocketAddr) -> LeptosOptions {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let site_root = variable("LEPTOS_SITE_ROOT").unwrap_or_else(|| {
        let program = std::env::current_exe().ok();
        let beside = program.as_deref().and_then(Path::parent).map(|dir| dir.join("site"));
        let found = beside.filter(|dir| dir.is_dir()).unwrap_or_else(|| PathBuf::from("target/site"));
        found.to_string_lossy().into_owned()
    });
    if !Path::new(&site_root).join("pkg").is_dir() {
        tracing::warn!(
            site_root,
            "no built site here: pages can be read, but no key can be touched; run cargo leptos build"
        );
    }
    LeptosOptions::builder()
        .output_name(variable("LEPTOS_OUTPUT_NAME").unwrap_or_else(|| "gatehouse".to_owned()))
        .site_root(site_root)
        .site_pkg_dir(variable("LEPTOS_SITE_PKG_DIR").unwrap_or_else(|| "pkg".to_owned()))
        .site_addr(listen)
        .hash_files(variable("LEPTOS_HASH_FILES").is_some_and(|value| value == "true"))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_only_what_was_chosen() {
        let tidied = |text: &str| text.parse().ok().and_then(|uri| tidied(&uri));
        for (sent, meant) in [
            ("/audit?act=&actor=E-1001&about=&since=&until=", "/audit?actor=E-1001"),
            ("/audit?act=&actor=", "/audit"),
            ("/changes?state&service=score%20api", "/changes?service=score%20api"),
            ("/changes?state=&", "/changes"),
            ("//evil.example/?a=", "/evil.example/"),
        ] {
            assert_eq!(tidied(sent).as_deref(), Some(meant), "{sent}");
        }
        for tidy in ["/audit", "/audit?actor=E-1001", "/audit?about=a%3D%26b"] {
            assert_eq!(tidied(tidy), None, "{tidy}");
        }
    }
}
