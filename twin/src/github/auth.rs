//! Who asks? The App by its own JWT, or an installation by the token the App got for it.

use std::collections::BTreeMap;

use axum::extract::{FromRequestParts, Query};
use http::request::Parts;
use http::{StatusCode, header};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value;

use super::json::Api;
use super::model::{GitHub, Repo};
use super::reply::{FullPath, Page, Refusal};
use crate::clock::machine;
use crate::state::Shared;
use crate::value::at;
use crate::world::APP_ID;

const APP_KEY: &[u8] = include_bytes!("../../fixtures/github-app.pub.pem");

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("token "))
}

/// Proof of a valid App JWT.
pub(super) struct App;

impl FromRequestParts<Shared> for App {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Refusal> {
        let refuse = |message: &str| Refusal::new(StatusCode::UNAUTHORIZED, message);
        let jwt = bearer(parts).ok_or_else(|| refuse("A JSON web token could not be decoded"))?;
        let key = DecodingKey::from_rsa_pem(APP_KEY).map_err(|error| refuse(&error.to_string()))?;
        let mut rules = Validation::new(Algorithm::RS256);
        // Judged below by GitHub's own rules and words.
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        let claims =
            decode::<Value>(jwt, &key, &rules).map_err(|_| refuse("A JSON web token could not be decoded"))?.claims;
        let issuer =
            at(&claims, "iss").as_u64().or_else(|| at(&claims, "iss").as_str().and_then(|text| text.parse().ok()));
        if issuer != Some(APP_ID) {
            return Err(refuse("'Issuer' claim ('iss') must be an Integer"));
        }
        // The client stamps its JWT with the machine's clock, whatever time the model has.
        let now = machine().timestamp();
        match (at(&claims, "iat").as_i64(), at(&claims, "exp").as_i64()) {
            (Some(iat), _) if iat > now + 60 => Err(refuse(
                "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
            )),
            (_, Some(exp)) if exp > now + 600 => {
                Err(refuse("'Expiration time' claim ('exp') is too far in the future"))
            }
            (_, Some(exp)) if exp > now => Ok(Self),
            _ => Err(refuse(
                "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
            )),
        }
    }
}

/// One authenticated call by the installation.
pub(super) struct Call {
    pub(super) shared: Shared,
    pub(super) api: Api,
    pub(super) query: BTreeMap<String, String>,
    path: String,
    repositories: Option<Vec<u64>>,
}

impl FromRequestParts<Shared> for Call {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Refusal> {
        let refuse = || Refusal::new(StatusCode::UNAUTHORIZED, "Bad credentials");
        let token =
            bearer(parts).and_then(|token| shared.model().github.tokens.get(token).cloned()).ok_or_else(refuse)?;
        if token.expires_at <= shared.clock.wire_now() {
            return Err(refuse());
        }
        let Query(query) = Query::try_from_uri(&parts.uri)
            .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "Problems parsing query"))?;
        let path = parts.extensions.get::<FullPath>().map_or(parts.uri.path(), |path| &path.0).to_owned();
        Ok(Self {
            api: Api::new(&shared.urls.github),
            shared: shared.clone(),
            query,
            path,
            repositories: token.repositories,
        })
    }
}

impl Call {
    pub(super) fn page(&self) -> Page {
        Page::new(self.api.url(&self.path), &self.query)
    }

    pub(super) fn sees(&self, repo: u64) -> bool {
        self.repositories.as_ref().is_none_or(|seen| seen.contains(&repo))
    }

    pub(super) fn repo<'a>(&self, github: &'a GitHub, owner: &str, name: &str) -> Result<&'a Repo, Refusal> {
        github.repo_by_name(owner, name).filter(|repo| self.sees(repo.id)).ok_or_else(Refusal::not_found)
    }

    pub(super) fn wants(&self, key: &str, value: &str) -> bool {
        self.query.get(key).is_none_or(|wanted| wanted == value)
    }
}
