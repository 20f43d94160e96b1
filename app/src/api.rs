//! How a server function reaches the backend: one way, so that each stays one line long.

use crate::backend::{Answer, Backend};
use crate::error::UiError;
use crate::reply::Reply;
use leptos::prelude::use_context;
use std::sync::Arc;

/// Asks the caller's backend; a refusal also becomes the status of the HTTP answer.
pub(crate) async fn ask<T, F>(call: F) -> Result<T, UiError>
where
    F: for<'a> FnOnce(&'a dyn Backend) -> Answer<'a, T>,
{
    // Before the await: context belongs to the owner that is current now.
    let reply = reply();
    let answer = match use_context::<Arc<dyn Backend>>() {
        Some(backend) => call(&*backend).await,
        None => Err(UiError::without_backend()),
    };
    if let (Err(UiError(problem)), Some(reply)) = (&answer, reply) {
        reply.status(problem.status);
    }
    answer
}

/// The HTTP answer that is being made, if there is one.
pub(crate) fn reply() -> Option<Arc<dyn Reply>> {
    use_context()
}
