//! How does a refusal travel? Whole: every failure that a page can meet is a [`Problem`].
//!
//! What the server refuses arrives as it was said there. What never arrived (no connection, an
//! answer that is not ours) becomes a problem too, so that a page has one thing to show.

use gatehouse_domain::problem::Problem;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The error of every server function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UiError(pub Problem);

impl UiError {
    /// No session: the page to show is the sign-in page, not an error.
    #[must_use]
    pub fn is_signed_out(&self) -> bool {
        self.0.code == "not_signed_in"
    }

    /// A page was rendered outside a request, or the server forgot to provide its backend.
    #[must_use]
    pub fn without_backend() -> Self {
        Self::local("portal_failed", "The portal could not read this page's data. Reload it.", 500)
    }

    fn malformed() -> Self {
        Self::local(
            "request_malformed",
            "The request is not one that the portal understands. Reload the page and try again.",
            400,
        )
    }

    fn local(code: &str, title: &str, status: u16) -> Self {
        // In the browser nothing of it reached the portal's log; on the server it did, under the request's id.
        #[cfg(feature = "ssr")]
        let request_id = crate::api::reply().map_or_else(String::new, |reply| {
            reply.status(status);
            reply.request_id()
        });
        #[cfg(not(feature = "ssr"))]
        let request_id = String::new();
        Self(Problem { code: code.to_owned(), title: title.to_owned(), status, reasons: Vec::new(), request_id })
    }
}

/// Whether this is the server, in the middle of a request.
fn is_serving() -> bool {
    #[cfg(feature = "ssr")]
    return crate::api::reply().is_some();
    #[cfg(not(feature = "ssr"))]
    false
}

impl From<Problem> for UiError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl fmt::Display for UiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.title)
    }
}

impl std::error::Error for UiError {}

impl FromServerFnError for UiError {
    type Encoder = JsonEncoding;

    /// The lower error's text is for nobody here: it names codecs, not remedies.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as E;
        match error {
            E::Request(_) => Self::local(
                "portal_unreachable",
                "The portal did not answer. Check your connection, then reload the page to see where things stand.",
                503,
            ),
            // While a request is served, what could not be read is the request; in the browser it is the answer.
            E::Deserialization(_) if is_serving() => Self::malformed(),
            E::Deserialization(_) | E::Response(_) => Self::local(
                "portal_not_understood",
                "The portal's answer is not one that this page understands. Reload the page: Gatehouse may have been updated.",
                502,
            ),
            E::Args(_) | E::MissingArg(_) | E::Serialization(_) | E::UnsupportedRequestMethod(_) => Self::malformed(),
            E::Registration(_) | E::ServerError(_) | E::MiddlewareError(_) => Self::local(
                "portal_failed",
                "The portal failed while it answered. Nothing is certain until you reload the page.",
                500,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatehouse_domain::problem::ReasonView;

    fn refusal() -> UiError {
        UiError(Problem {
            code: "contributed".to_owned(),
            title: "You had a part in this change (author), so you cannot approve it.".to_owned(),
            status: 403,
            reasons: vec![
                ReasonView { code: "contributed".to_owned(), sentence: "You had a part.".to_owned() },
                ReasonView { code: "no_key".to_owned(), sentence: "You have no key.".to_owned() },
            ],
            request_id: "01J".to_owned(),
        })
    }

    #[test]
    fn a_refusal_travels_whole() {
        assert_eq!(UiError::de(refusal().ser()), refusal());
    }

    #[test]
    fn an_answer_that_is_not_ours_becomes_a_problem() {
        let UiError(problem) = UiError::de(leptos::server_fn::Bytes::from_static(b"<html>502 Bad Gateway</html>"));
        assert_eq!((problem.code.as_str(), problem.status), ("portal_not_understood", 502));
        assert!(!problem.title.contains("expected value"), "no codec's words for a person: {}", problem.title);
    }

    #[test]
    fn only_a_missing_session_means_signed_out() {
        assert!(!refusal().is_signed_out());
        let mut signed_out = refusal();
        signed_out.0.code = "not_signed_in".to_owned();
        assert!(signed_out.is_signed_out());
    }
}
