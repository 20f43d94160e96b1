//! Who does the identity provider say this is?
//!
//! OpenID Connect, authorisation code flow with PKCE (S256), `state` and `nonce`. The provider is
//! found by discovery when it is first needed, so the portal starts while the provider is down, and
//! again when its document grows old or a token names a key that we do not know.
//!
//! Invariants
//! - an [`Identity`] comes only out of an ID token whose issuer, audience, authorised party, times,
//!   nonce, access token and signature (RS256 or ES256; never `none`, never a shared secret) were verified;
//! - nobody but the provider, at its own places, is asked anything or given our secret;
//! - an account is (`iss`, `sub`); e-mail and names are for showing, never for knowing;
//! - the employee id is taken as it stands or not at all (no trimming, folding or converting);
//! - whatever is not believed has a name ([`OidcError::check`]), for the operator's log.
//!
//! What stays with the caller: that `state` came back to the browser that it was made for, once.

mod claims;
mod discovery;
mod error;
mod http;
#[cfg(test)]
mod tests;

pub use claims::Identity;
pub use error::OidcError;

use crate::config::{Oidc, PublicUrl};
use chrono::{DateTime, Duration, Utc};
use claims::{RawClaims, allowed_algs};
use discovery::{Client, Discovered, discover};
use gatehouse_domain::PersonId;
use http::{Http, Places};
use openidconnect::core::{CoreIdTokenVerifier, CoreResponseType, CoreTokenResponse};
use openidconnect::{
    AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, CsrfToken, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, Scope, SignatureVerificationError, TokenResponse,
};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::RwLock;
use url::Url;

/// A provider that moves its endpoints or rotates its keys is noticed within this time.
const DISCOVERY_FRESH: Duration = Duration::minutes(15);
/// An unknown key id asks the provider again, but not more often than this, or a forger could make us.
const REDISCOVERY_PAUSE: Duration = Duration::seconds(30);

/// Which provider, and who we are there.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Exactly as the provider spells itself.
    pub issuer: String,
    /// Our client id.
    pub client_id: String,
    /// Our client secret.
    pub client_secret: SecretString,
    /// Where the browser comes back to.
    pub redirect: Url,
    /// The claim that holds the employee id.
    pub employee_id_claim: String,
    /// The claim that holds the groups.
    pub groups_claim: String,
    /// Hosts besides the issuer's own at which the provider may be asked.
    pub other_hosts: Vec<String>,
    /// How long it may take to answer.
    pub answer_within: std::time::Duration,
}

/// The one identity provider.
pub struct OidcClient {
    provider: Provider,
    redirect: RedirectUrl,
    http: Http,
    discovered: RwLock<Option<Arc<Discovered>>>,
}

impl std::fmt::Debug for OidcClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OidcClient").field("issuer", &self.provider.issuer).finish_non_exhaustive()
    }
}

/// What a sign-in needs to remember between leaving and returning. All three are random.
#[derive(Debug, Clone)]
pub struct SigninSecrets {
    /// Binds the answer to the browser.
    pub state: String,
    /// Binds the ID token to this sign-in.
    pub nonce: String,
    /// Proves to the provider that the one who asks for the token is the one who began.
    pub pkce_verifier: String,
}

/// What the browser brought back from the provider.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Good for one token response.
    pub code: &'a str,
    /// Which provider says that it is from (RFC 9207).
    pub iss: Option<&'a str>,
}

/// What a refresh says about roles.
#[derive(Debug, Clone)]
pub struct RoleFacts {
    /// The provider.
    pub iss: String,
    /// The account there. **The caller compares it with the one it asked about.**
    pub sub: String,
    /// Whose it is now. **The caller compares this too:** accounts are handed on.
    pub person: Option<PersonId>,
    /// The groups, now.
    pub groups: BTreeSet<String>,
    /// The next token to ask with, where the provider rotates them.
    pub refresh_token: Option<SecretString>,
}

impl OidcClient {
    /// A client for the configured provider; asks it nothing yet.
    ///
    /// # Errors
    /// When the redirect URL or the HTTP client cannot be made.
    pub fn configured(config: &Oidc, public_url: &PublicUrl) -> Result<Self, OidcError> {
        Self::new(Provider {
            issuer: config.issuer.as_str().to_owned(),
            client_id: config.client_id.clone(),
            client_secret: config.client_secret.clone(),
            redirect: public_url.url().join("auth/callback").map_err(|e| OidcError::Setup(e.to_string()))?,
            employee_id_claim: config.employee_id_claim.clone(),
            groups_claim: config.groups_claim.clone(),
            other_hosts: config.other_hosts.clone(),
            answer_within: config.answer_within,
        })
    }

    /// As [`OidcClient::configured`], from its parts.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(provider: Provider) -> Result<Self, OidcError> {
        Ok(Self {
            redirect: RedirectUrl::from_url(provider.redirect.clone()),
            http: Http::new(Places::new(&provider.issuer, &provider.other_hosts)?, provider.answer_within)?,
            discovered: RwLock::new(None),
            provider,
        })
    }

    /// Where to send the browser.
    ///
    /// # Errors
    /// When the provider cannot be found.
    pub async fn authorize_url(&self, secrets: &SigninSecrets, now: DateTime<Utc>) -> Result<Url, OidcError> {
        let found = self.discovered(now).await?;
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(secrets.pkce_verifier.clone()));
        let (state, nonce) = (CsrfToken::new(secrets.state.clone()), Nonce::new(secrets.nonce.clone()));
        let (url, _, _) = found
            .client
            .authorize_url(AuthenticationFlow::<CoreResponseType>::AuthorizationCode, || state, || nonce)
            .add_scopes(["profile", "email", "offline_access"].map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        Ok(url)
    }

    /// Turns the code that the browser brought into an identity.
    ///
    /// # Errors
    /// When the answer is another provider's, the provider refuses the code, cannot be reached, or its ID
    /// token does not verify.
    pub async fn exchange(
        &self,
        answer: Answer<'_>,
        secrets: &SigninSecrets,
        now: DateTime<Utc>,
    ) -> Result<Identity, OidcError> {
        let found = self.discovered(now).await?;
        // Before the code is shown to anybody: it may be for another provider's ears.
        if answer.iss.map_or(found.names_itself, |iss| iss != self.provider.issuer) {
            return Err(OidcError::claim("answer_issuer", "the answer is not said to be from this provider"));
        }
        let response = found
            .client
            .exchange_code(AuthorizationCode::new(answer.code.to_owned()))
            .map_err(|e| OidcError::Discovery(e.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.pkce_verifier.clone()))
            .request_async(&self.http)
            .await?;
        let nonce = Nonce::new(secrets.nonce.clone());
        let claims = self.verified(&response, Some(&nonce), now).await?;
        let refresh_token = response.refresh_token().map(|token| SecretString::from(token.secret().clone()));
        claims.identity(&self.provider, refresh_token)
    }

    /// Asks the provider for an account's groups as they are now.
    ///
    /// # Errors
    /// When the provider refuses the token (the account may be gone), cannot be reached, or answers
    /// without an ID token that verifies.
    pub async fn refresh(&self, token: &SecretString, now: DateTime<Utc>) -> Result<RoleFacts, OidcError> {
        let found = self.discovered(now).await?;
        let response = found
            .client
            .exchange_refresh_token(&RefreshToken::new(token.expose_secret().to_owned()))
            .map_err(|e| OidcError::Discovery(e.to_string()))?
            .request_async(&self.http)
            .await?;
        // OpenID Connect Core §12.2: no nonce need come back.
        let claims = self.verified(&response, None, now).await?;
        Ok(RoleFacts {
            iss: self.provider.issuer.clone(),
            sub: claims.sub()?.to_owned(),
            person: claims.person(&self.provider.employee_id_claim),
            groups: claims.groups(&self.provider.groups_claim)?,
            refresh_token: response.refresh_token().map(|token| SecretString::from(token.secret().clone())),
        })
    }

    /// The claims of an ID token, verified. A key id that we do not know makes us look again, once.
    async fn verified(
        &self,
        response: &CoreTokenResponse,
        nonce: Option<&Nonce>,
        now: DateTime<Utc>,
    ) -> Result<RawClaims, OidcError> {
        let none = OidcError::claim("id_token", "the provider sent no ID token");
        let token = response.id_token().ok_or(none)?;
        let mut found = self.discovered(now).await?;
        let unknown_key = |e: &ClaimsVerificationError| {
            matches!(e, ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey))
        };
        let mut result = claims::verify(token, &verifier(&found.client, now), nonce);
        if result.as_ref().is_err_and(unknown_key) && now - found.at >= REDISCOVERY_PAUSE {
            found = self.discover(now).await?;
            result = claims::verify(token, &verifier(&found.client, now), nonce);
        }
        claims::verify_access_hash(token, result?, &verifier(&found.client, now), response.access_token())?;
        let claims = RawClaims::of_verified(token)?;
        claims.judge(&self.provider.client_id, now)?;
        Ok(claims)
    }

    async fn discovered(&self, now: DateTime<Utc>) -> Result<Arc<Discovered>, OidcError> {
        if let Some(found) = self.discovered.read().await.as_ref()
            && now - found.at < DISCOVERY_FRESH
        {
            return Ok(Arc::clone(found));
        }
        self.discover(now).await
    }

    async fn discover(&self, now: DateTime<Utc>) -> Result<Arc<Discovered>, OidcError> {
        let found = Arc::new(discover(&self.provider, &self.redirect, &self.http, now).await?);
        *self.discovered.write().await = Some(Arc::clone(&found));
        Ok(found)
    }
}

fn verifier(client: &Client, now: DateTime<Utc>) -> CoreIdTokenVerifier<'_> {
    client.id_token_verifier().set_allowed_algs(allowed_algs()).set_time_fn(move || now)
}
