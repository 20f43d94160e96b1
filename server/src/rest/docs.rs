//! The description, to read: Swagger UI from files that are built in, under a policy without inline script or style.
//!
//! It shows what there is and sends nothing that changes anything; it is for people with a session, like every page.

use super::document;
use crate::context::Context;
use crate::error::Error;
use crate::people::Caller;
use axum::Router;
use axum::extract::Path;
use axum::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use gatehouse_app::{paths, theme_of};
use std::sync::Arc;
use utoipa_swagger_ui::Config;

/// Only our own files, and the pictures that its style sheet carries in itself.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en" data-theme="THEME">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>What programs can ask · Gatehouse</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<script src="/api/docs/theme.js"></script>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="stylesheet" href="/api/docs/page.css">
<script src="/api/docs/swagger-ui-bundle.js" defer></script>
<script src="/api/docs/start.js" defer></script>
</head>
<body>
<noscript><p>This page needs JavaScript. The same is in <a href="/api/docs/openapi.json">openapi.json</a>.</p></noscript>
<nav class="back"><a href="/keys/tokens">‹ Machine tokens</a></nav>
<main id="description"></main>
</body>
</html>
"#;

/// Swagger UI has a dark sheet, which a class turns on; nothing shows before it is decided.
const THEME: &str = r#"const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const choose = () => {
  const isDark = root.dataset.theme === "dark" || (root.dataset.theme === "system" && system.matches);
  root.classList.toggle("dark-mode", isDark);
  root.style.colorScheme = isDark ? "dark" : "light";
};
system.addEventListener("change", choose);
choose();
"#;

/// What is ours around it.
const SHEET: &str = "body { margin: 0; }
.back { max-width: 1460px; margin: 0 auto; padding: 16px 20px 0; font: 14px system-ui, sans-serif; }
.back a { color: #2b50c8; }
.dark-mode .back a { color: #7d9bff; }
";

/// `tryItOutEnabled` stays off: what is tried on this page would be done, in the reader's name.
const START: &str = r##"SwaggerUIBundle({
  url: "/api/docs/openapi.json",
  dom_id: "#description",
  deepLinking: true,
  displayOperationId: true,
  supportedSubmitMethods: [],
  validatorUrl: null,
});
"##;

/// The routes of the page.
pub fn routes() -> Router<Context> {
    Router::new().route("/api/docs", get(read_docs)).route("/api/docs/{file}", get(read_docs_file))
}

async fn read_docs(caller: Caller, headers: HeaderMap) -> Response {
    match caller.session {
        Some(_) => file("text/html; charset=utf-8", PAGE.replacen("THEME", theme_of(&headers), 1).into()),
        None => Redirect::to(&paths::login(&paths::api_docs())).into_response(),
    }
}

async fn read_docs_file(caller: Caller, Path(name): Path<String>) -> Result<Response, Error> {
    caller.signed_in()?;
    match name.as_str() {
        "openapi.json" => Ok(file("application/json", document::text().map_err(Error::internal)?.into_bytes())),
        "theme.js" => Ok(file("text/javascript", THEME.into())),
        "page.css" => Ok(file("text/css", SHEET.into())),
        "start.js" => Ok(file("text/javascript", START.into())),
        "swagger-ui.css" | "swagger-ui-bundle.js" => {
            let found = utoipa_swagger_ui::serve(&name, Arc::new(Config::from("/api/docs/openapi.json")));
            let found = found.map_err(|error| Error::internal(error.to_string()))?.ok_or(Error::NotFound)?;
            let mut response = file(&found.content_type, found.bytes.into_owned());
            if found.gzpipped {
                // As every browser can read it; there is no plain copy in the program.
                response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            Ok(response)
        }
        _ => Err(Error::NotFound),
    }
}

fn file(kind: &str, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let kind = HeaderValue::from_str(kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    response
}
