//! Why the identity provider's word is not there, or is not believed.

use super::claims;
use super::http::HttpError;
use openidconnect::core::CoreErrorResponseType;
use openidconnect::{
    ClaimsVerificationError, DiscoveryError, RequestTokenError, SignatureVerificationError, StandardErrorResponse,
};

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// Our own configuration cannot make a client.
    #[error("the OpenID Connect client cannot be set up: {0}")]
    Setup(String),
    /// The provider's discovery document is not there or not right.
    #[error("the identity provider's discovery document cannot be used: {0}")]
    Discovery(String),
    /// No answer, or none that is HTTP and JSON.
    #[error("the identity provider does not answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The provider says no, by OAuth's own code: a code used twice, a token taken back, a wrong client secret.
    #[error("the identity provider refused: {0}")]
    Refused(String),
    /// It answered something else than a token response.
    #[error("the identity provider's answer is no token response")]
    Unreadable,
    /// The ID token does not verify.
    #[error("the ID token does not verify")]
    Token(#[from] ClaimsVerificationError),
    /// Something else that it says is not as it must be.
    #[error("{why}")]
    Claim {
        /// Which check failed.
        check: &'static str,
        /// What was wrong, without what it said.
        why: &'static str,
    },
}

impl OidcError {
    pub(super) const fn claim(check: &'static str, why: &'static str) -> Self {
        Self::Claim { check, why }
    }

    /// Whether trying again later may help, and nothing was decided about the person.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Discovery(_) | Self::Unreachable(_) | Self::Unreadable | Self::Setup(_))
    }

    /// Whether the provider took back the very code or token that it was shown. `invalid_client` is our
    /// own fault, and no reason to forget anybody.
    #[must_use]
    pub fn is_taken_back(&self) -> bool {
        matches!(self, Self::Refused(code) if code == "invalid_grant")
    }

    /// Which check it was that failed: one word for the operator's log, the same for the same cause.
    #[must_use]
    pub fn check(&self) -> &'static str {
        match self {
            Self::Setup(_) => "setup",
            Self::Discovery(_) => "discovery",
            Self::Unreachable(_) => "answer",
            Self::Refused(_) => "grant",
            Self::Unreadable => "token_response",
            Self::Claim { check, .. } => check,
            Self::Token(error) => match error {
                ClaimsVerificationError::Expired(_) => "expiry",
                ClaimsVerificationError::InvalidAudience(_) => "audience",
                ClaimsVerificationError::InvalidIssuer(_) => "issuer",
                ClaimsVerificationError::InvalidNonce(_) => "nonce",
                ClaimsVerificationError::SignatureVerification(error) => match error {
                    SignatureVerificationError::DisallowedAlg(_)
                    | SignatureVerificationError::UnsupportedAlg(_)
                    | SignatureVerificationError::NoSignature => "algorithm",
                    SignatureVerificationError::NoMatchingKey | SignatureVerificationError::AmbiguousKeyId(_) => "key",
                    _ => "signature",
                },
                _ => "id_token",
            },
        }
    }
}

impl From<DiscoveryError<HttpError>> for OidcError {
    fn from(error: DiscoveryError<HttpError>) -> Self {
        match error {
            DiscoveryError::Request(error @ HttpError::Elsewhere) => Self::Discovery(error.to_string()),
            DiscoveryError::Request(error) => Self::Unreachable(Box::new(error)),
            other => Self::Discovery(other.to_string()),
        }
    }
}

impl From<RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>> for OidcError {
    fn from(error: RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>) -> Self {
        match error {
            // The code only: the description is the provider's free text.
            RequestTokenError::ServerResponse(response) => Self::Refused(response.error().to_string()),
            RequestTokenError::Request(error) => Self::Unreachable(Box::new(error)),
            // The body may hold a token, so it is not repeated.
            RequestTokenError::Parse(_, body) => claims::why_unreadable(&body),
            RequestTokenError::Other(_) => Self::Unreadable,
        }
    }
}
