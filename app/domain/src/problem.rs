//! The one shape in which the portal says no (after RFC 9457, Problem Details for HTTP APIs).

use crate::reason::{Reason, Reasons};
use serde::{Deserialize, Serialize};

/// A refusal or failure, for a person and for a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable, `snake_case`, for programs.
    pub code: String,
    /// One sentence for a person, with the remedy where there is one.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Every reason, not only the first.
    pub reasons: Vec<ReasonView>,
    /// Quote this when asking for help; the log has the rest.
    pub request_id: String,
}

/// One reason as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonView {
    /// Stable, `snake_case`.
    pub code: String,
    /// One sentence.
    pub sentence: String,
}

impl From<&Reason> for ReasonView {
    fn from(reason: &Reason) -> Self {
        Self { code: reason.code().to_owned(), sentence: reason.to_string() }
    }
}

impl Problem {
    /// A refusal: code and title are the first reason's, all reasons follow.
    #[must_use]
    pub fn refused(reasons: &Reasons, status: u16, request_id: &str) -> Self {
        Self {
            code: reasons.first().code().to_owned(),
            title: reasons.first().to_string(),
            status,
            reasons: reasons.iter().map(ReasonView::from).collect(),
            request_id: request_id.to_owned(),
        }
    }
}
