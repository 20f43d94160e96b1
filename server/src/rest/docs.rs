//! The description, to read: Swagger UI from files that are built in, under a policy without inline script or style.
//!
//! It shows what there is and sends nothing that changes anything; it is for people with a session, like every page.

use super::document;
use crate::context::Context;
use crate::error::Error;
use crate::people::Caller;
use axum::Router;
use axum::extract::Path;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use gatehouse_app::paths;
use std::sync::Arc;
use utoipa_swagger_ui::Config;

/// Only our own files, and the pictures that its style sheet carries in itself.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>What programs can ask · Gatehouse</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<script src="/api/docs/swagger-ui-bundle.js" defer></script>
<script src="/api/docs/start.js" defer></script>
</head>
<body>
<noscript><p>This page needs JavaScript. The same is in <a href="/api/docs/openapi.json">openapi.json</a>.</p></noscript>
<main id="description"></main>
</body>
</html>
"#;

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

async fn read_docs(caller: Caller) -> Response {
    match caller.session {
        Some(_) => file("text/html; charset=utf-8", PAGE.into()),
        None => Redirect::to(&paths::login(&paths::api_docs())).into_response(),
    }
}

async fn read_docs_file(caller: Caller, Path(name): Path<String>) -> Result<Response, Error> {
    caller.signed_in()?;
    match name.as_str() {
        "openapi.json" => Ok(file("application/json", document::text().map_err(Error::internal)?.into_bytes())),
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
