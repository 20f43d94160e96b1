//! The rule's answer: `POST …/runs/{id}/deployment_protection_rule`. It names run and environment, not attempt, so it
//! always speaks about the newest attempt; whoever answers must know that.

use axum::body::Bytes;
use axum::extract::Path;
use axum::response::IntoResponse;
use http::StatusCode;
use serde::Deserialize;

use super::actions::find;
use crate::github::auth::Call;
use crate::github::model::{self, StatusReport};
use crate::github::reply::{Answer, Refusal};

/// GitHub keeps no more status reports of one rule on one run.
const MOST_REPORTS: usize = 10;
/// The longest comment, in characters.
const LONGEST_COMMENT: usize = 1024;

#[derive(Deserialize)]
struct AnswerRequest {
    environment_name: String,
    state: Option<String>,
    comment: Option<String>,
}

pub(super) async fn answer(call: Call, Path((owner, name, id)): Path<(String, String, u64)>, body: Bytes) -> Answer {
    let request: AnswerRequest =
        serde_json::from_slice(&body).map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "Problems parsing JSON"))?;
    let (now, shared) = (call.shared.now(), &call.shared);
    let released = {
        let mut model = shared.model();
        let (_, run, newest) = find(&call, &model.github, &owner, &name, id)?;
        let comment = request.comment.unwrap_or_default();
        if comment.chars().count() > LONGEST_COMMENT {
            return Err(Refusal::invalid("comment is too long (maximum is 1024 characters)"));
        }
        if !newest.pending.contains_key(&request.environment_name) {
            return Err(Refusal::invalid(format!(
                "There are no pending deployment requests for the environment '{}' to approve or reject",
                request.environment_name
            )));
        }
        let attempt = newest.number;
        let answered = |it: &model::Answer| {
            it.by == model::PORTAL && it.attempt == attempt && it.environment == request.environment_name
        };
        if request.state.is_some() && run.answers.iter().any(answered) {
            return Err(Refusal::invalid("This deployment protection rule has already been reviewed"));
        }
        let reported = run.reports.iter().filter(|report| report.attempt == attempt).count();
        let approved = match request.state.as_deref() {
            Some("approved") => Some(true),
            Some("rejected") => Some(false),
            Some(other) => return Err(Refusal::invalid(format!("{other} is not a valid state"))),
            None if comment.is_empty() => return Err(Refusal::invalid("comment is required when state is not given")),
            None if reported >= MOST_REPORTS => {
                return Err(Refusal::invalid("The maximum number of status reports has been reached"));
            }
            None => None,
        };
        let environment = request.environment_name.clone();
        if let Some(run) = model.github.runs.get_mut(&id) {
            match approved {
                Some(_) => run.answers.push(model::Answer {
                    environment,
                    state: request.state.unwrap_or_default(),
                    comment,
                    by: model::PORTAL.to_owned(),
                    attempt,
                    at: now,
                }),
                None => run.reports.push(StatusReport { environment, comment, attempt, at: now }),
            }
        }
        if let Some(approved) = approved {
            let decided = model.decide(now, id, &request.environment_name, approved);
            decided.map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
        }
        approved == Some(true)
    };
    if released {
        shared.roll_out_soon(id);
    } else {
        shared.tell_soon(id);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
