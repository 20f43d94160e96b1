//! Where is the provider, and what are its keys?
//!
//! Found when it is first needed, so the portal starts while the provider is down, and again when the
//! document grows old. Every address in it must be one of the provider's own places, the one that the
//! browser goes to included.

use super::http::Http;
use super::{OidcError, Provider};
use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl,
    ProviderMetadata, RedirectUrl,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

pub(super) type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// What else we read in the document.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Further {
    /// RFC 9207: every answer says which provider it is from.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    /// RFC 8414.
    code_challenge_methods_supported: Option<Vec<String>>,
}
impl AdditionalProviderMetadata for Further {}

type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

pub(super) struct Discovered {
    pub(super) client: Client,
    pub(super) at: DateTime<Utc>,
    /// An answer without `iss` is not from this provider.
    pub(super) names_itself: bool,
}

pub(super) async fn discover(
    provider: &Provider,
    redirect: &RedirectUrl,
    http: &Http,
    now: DateTime<Utc>,
) -> Result<Discovered, OidcError> {
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(|e| OidcError::Setup(e.to_string()))?;
    let metadata = Metadata::discover_async(issuer, http).await?;
    let further = metadata.additional_metadata().clone();
    let token_endpoint = metadata.token_endpoint().map(|it| it.url());
    for url in std::iter::once(metadata.authorization_endpoint().url()).chain(token_endpoint) {
        if !http.places().admit(url) {
            let why =
                format!("{} is neither the issuer's nor one of oidc.other_hosts", url.origin().ascii_serialization());
            return Err(OidcError::Discovery(why));
        }
    }
    // Many providers do PKCE and do not say so. One that says it, without S256, would see our verifier in the clear.
    if further.code_challenge_methods_supported.is_some_and(|methods| !methods.iter().any(|it| it == "S256")) {
        return Err(OidcError::Discovery("it offers PKCE, but not with S256".to_owned()));
    }
    let secret = ClientSecret::new(provider.client_secret.expose_secret().to_owned());
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(provider.client_id.clone()), Some(secret))
        .set_redirect_uri(redirect.clone());
    Ok(Discovered { client, at: now, names_itself: further.authorization_response_iss_parameter_supported })
}
