//! GitHub's wire: which path is answered by what, and under which name a fault can be put on it.

mod actions;
mod apps;
mod callback;
mod code;
mod deployments;
mod evidence;

use axum::Router;
use axum::middleware;
use axum::routing::{MethodRouter, get, post};

use super::reply;
use crate::faults;
use crate::state::Shared;

pub(crate) fn router(shared: &Shared) -> Router {
    let named = |name: &'static str, method: MethodRouter<Shared>| faults::named(shared, name, method);
    let app = Router::new()
        .route("/app", named("github.app", get(apps::app)))
        .route("/app/installations", named("github.installation", get(apps::installations)))
        .route("/app/installations/{id}", named("github.installation", get(apps::installation)))
        .route("/app/installations/{id}/access_tokens", named("github.token", post(apps::make_token)))
        .route("/app/hook/deliveries", named("github.deliveries", get(apps::deliveries)))
        .route("/app/hook/deliveries/{id}", named("github.deliveries", get(apps::delivery)))
        .route("/app/hook/deliveries/{id}/attempts", named("github.redeliver", post(apps::redeliver)))
        .route("/installation/repositories", named("github.repositories", get(apps::repositories)))
        .route("/users/{login}", named("github.user", get(apps::user_by_login)))
        .route("/user/{id}", named("github.user", get(apps::user_by_id)));
    let code = Router::new()
        .route("/", named("github.repository", get(code::repository)))
        .route("/contents", named("github.contents", get(code::root)))
        .route("/contents/", named("github.contents", get(code::root)))
        .route("/contents/{*path}", named("github.contents", get(code::contents)))
        .route("/git/trees/{sha}", named("github.tree", get(code::tree)))
        .route("/git/blobs/{sha}", named("github.blob", get(code::blob)))
        .route("/git/commits/{sha}", named("github.git_commit", get(code::git_commit)))
        .route("/git/ref/{*reference}", named("github.ref", get(code::reference)))
        .route("/commits", named("github.commits", get(code::commits)))
        .route("/commits/{sha}", named("github.commit", get(code::commit)))
        .route("/commits/{sha}/check-runs", named("github.checks", get(evidence::checks)))
        .route("/commits/{sha}/pulls", named("github.commit_pulls", get(code::commit_pulls)))
        .route("/pulls/{number}", named("github.pull", get(code::pull)))
        .route("/pulls/{number}/commits", named("github.pull", get(code::pull_commits)))
        .route("/compare/{range}", named("github.compare", get(code::compare)))
        .route("/activity", named("github.activity", get(code::activity)));
    let actions = Router::new()
        .route("/runs", named("github.runs", get(actions::runs)))
        .route("/runs/{id}", named("github.run", get(actions::run)))
        .route("/runs/{id}/attempts/{number}", named("github.attempt", get(actions::attempt)))
        .route("/runs/{id}/jobs", named("github.jobs", get(actions::jobs)))
        .route("/runs/{id}/attempts/{number}/jobs", named("github.jobs", get(actions::attempt_jobs)))
        .route("/runs/{id}/pending_deployments", named("github.pending", get(actions::pending_deployments)))
        .route("/runs/{id}/artifacts", named("github.artifacts", get(evidence::artifacts)))
        .route("/artifacts/{id}/{format}", named("github.artifact", get(evidence::archive)))
        .route("/runs/{id}/approvals", named("github.approvals", get(actions::approvals)))
        .route("/runs/{id}/deployment_protection_rule", named("github.callback", post(callback::answer)));
    let deployments = Router::new()
        .route("/", named("github.deployments", get(deployments::list)))
        .route("/{id}", named("github.deployment", get(deployments::one)))
        .route("/{id}/statuses", named("github.deployment", get(deployments::statuses)));
    let repository = code.nest("/actions", actions).nest("/deployments", deployments);
    app.route("/repositories/{id}", named("github.repository", get(code::repository_by_id)))
        .nest("/repos/{owner}/{name}", repository)
        .fallback(faults::unknown("github"))
        .method_not_allowed_fallback(faults::unknown("github"))
        .layer(middleware::from_fn_with_state(shared.clone(), reply::dress))
        // Not GitHub's API: where it keeps archives.
        .merge(Router::new().route("/_stored/{id}", named("github.stored", get(evidence::stored))))
        .with_state(shared.clone())
}
