//! Which HTTP status a reason has.

use axum::http::StatusCode;
use gatehouse_domain::Reason;

/// 401 not signed in, 404 not there, 409 no longer so, 413 too large, 400 unreadable, 503 not known
/// now, 403 everything else that is not allowed.
pub(super) fn status_of(reason: &Reason) -> StatusCode {
    match reason {
        Reason::NotSignedIn
        | Reason::SigninInvalid
        | Reason::SigninDenied
        | Reason::IdentityNotBelieved
        | Reason::WebhookUnsigned
        | Reason::WebhookForged
        | Reason::TokenInvalid
        | Reason::TokenExpired
        | Reason::TokenRevoked
        | Reason::TokenOwnerNotAdmitted
        | Reason::TwoCredentials => StatusCode::UNAUTHORIZED,
        Reason::ChangeUnknown
        | Reason::ProposalUnknown
        | Reason::SessionUnknown
        | Reason::TokenUnknown
        | Reason::RequestUnknown
        | Reason::StopUnknown
        | Reason::IncidentUnknown => StatusCode::NOT_FOUND,
        Reason::ContentTypeUnsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Reason::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Reason::IdempotencyKeyMissing => StatusCode::BAD_REQUEST,
        Reason::RequestUnderWay => StatusCode::CONFLICT,
        Reason::RequestMalformed(_) | Reason::TokenLifetime | Reason::TokenWithoutScope | Reason::StopTime => {
            StatusCode::BAD_REQUEST
        }
        Reason::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Reason::BodyMalformed(_) | Reason::ProposalFaulty(_) | Reason::TextRefused | Reason::CallbackElsewhere => {
            StatusCode::BAD_REQUEST
        }
        Reason::SourceUnavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Reason::KeyAlreadyEnrolled
        | Reason::CeremonyUnknown
        | Reason::ChangeNotHeld(_)
        | Reason::SubjectExpired
        | Reason::SubjectReplaced
        | Reason::PolicyChanged
        | Reason::ConfigurationMoved
        | Reason::ProposalInForce
        | Reason::ProposalOpen(_)
        | Reason::ProposalLocksOut
        | Reason::PolicyFailed(_)
        | Reason::Frozen(_)
        | Reason::EvidenceWanting { .. }
        | Reason::EvidenceLapsed(_)
        | Reason::AlreadySigned
        | Reason::AlreadyAnswered(_)
        | Reason::RequestOpen
        | Reason::RequestEnded(_)
        | Reason::RequestComplete
        | Reason::RequestReplaced
        | Reason::FoundingOver
        | Reason::NothingToWithdraw
        | Reason::LineStopped { .. }
        | Reason::NotBehind(_)
        | Reason::IncidentNotP1
        | Reason::IncidentUnconfirmed
        | Reason::IncidentClosed
        | Reason::IncidentOpen
        | Reason::IncidentElsewhere
        | Reason::DebtOwed { .. }
        | Reason::RollbackTokenNone
        | Reason::RollbackTokenUsed(_)
        | Reason::Marked(_)
        | Reason::NotReleased
        | Reason::PlanUnconfirmed
        | Reason::PlanUnchanged
        | Reason::PlanTarget
        | Reason::RunMoved => StatusCode::CONFLICT,
        _ => StatusCode::FORBIDDEN,
    }
}
