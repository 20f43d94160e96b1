//! Why does nothing newer come, in words that help? Never the cluster's own words, which may quote anything.

use super::kinds::{is_custom, plural};
use gatehouse_domain::environments::facts::Kind;
use kube::runtime::watcher::Error;

/// How a watch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// What happened is not remembered so far back: everything is read anew, and nothing is wrong.
    Expired,
    /// The cluster does not know the kind.
    Absent,
    /// Something is wrong, in a sentence with its remedy.
    Trouble(String),
}

pub(super) fn end(kind: Kind, error: &Error) -> End {
    match error {
        Error::WatchError(status) => of_status(kind, status.code),
        Error::InitialListFailed(error) | Error::WatchStartFailed(error) | Error::WatchFailed(error) => match error {
            kube::Error::Api(status) => of_status(kind, status.code),
            kube::Error::SerdeError(_) | kube::Error::FromUtf8(_) => unreadable(),
            _ => End::Trouble(
                "The cluster does not answer. It is asked again and again; if this lasts, look at its API server and at the network between."
                    .to_owned(),
            ),
        },
        Error::NoResourceVersion => unreadable(),
    }
}

fn unreadable() -> End {
    End::Trouble(
        "The cluster's answer is not what Kubernetes documents. See whether kubernetes_url is the address of its API server."
            .to_owned(),
    )
}

fn of_status(kind: Kind, code: u16) -> End {
    let what = plural(kind);
    End::Trouble(match code {
        410 => return End::Expired,
        404 if is_custom(kind) => return End::Absent,
        401 => "The cluster does not take the token. Write a fresh one to the file that kubernetes_token_file names, and restart the portal.".to_owned(),
        403 => format!("The token may not read {what}. Give its role the verbs list and watch on {what}."),
        404 => format!("The cluster knows no {what}. See whether kubernetes_url is the address of its API server."),
        _ => format!("The cluster's API server is in trouble (status {code}). It is asked again and again."),
    })
}
