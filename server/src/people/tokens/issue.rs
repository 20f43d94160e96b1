//! Issuing a token: its owner signs what it may read and until when, and sees its secret once.

use super::secret::Secret;
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::people::ceremony::{begin_signature, finish_signature, take_ceremony};
use crate::people::service::{lock_signer, read_signer, recorded};
use crate::people::session::SignedIn;
use crate::people::store::parsed;
use chrono::{DateTime, Duration, Utc};
use gatehouse_app::people::shape::SignatureRequest;
use gatehouse_app::people::tokens::shape::{TokenMade, TokenRequest};
use gatehouse_domain::act::{Act, ActDraft, SignedDecision};
use gatehouse_domain::people::tokens::{Scope, TokenIssued, decide_issue_token, reasons_against_issue};
use gatehouse_domain::personal::{Personal, is_showable};
use gatehouse_domain::{Decision, Reason, Reasons, TokenId};
use serde::{Deserialize, Serialize};

const ATTEMPT: &str = "people.issue_token";
/// Longer names break tables; shorter ones say nothing.
const MAX_NAME: usize = 64;

/// What is asked for, between the two steps.
#[derive(Debug, Serialize, Deserialize)]
struct Pending {
    token: TokenId,
    name: Personal,
    scopes: Vec<Scope>,
    expires_at: DateTime<Utc>,
}

/// Begins to issue a token.
///
/// # Errors
/// `NotAdmitted`, `NoKey`, `TokenWithoutScope`, `TokenLifetime`, `TextRefused`, all of them at once.
pub async fn begin_token(ctx: &Context, who: &SignedIn, request: TokenRequest) -> Result<SignatureRequest, Error> {
    let begun = begin(ctx, who, &request).await;
    recorded(ctx, who, ATTEMPT, begun).await
}

async fn begin(ctx: &Context, who: &SignedIn, request: &TokenRequest) -> Result<SignatureRequest, Error> {
    let mut tx = ctx.db.begin().await?;
    let signer = read_signer(&mut tx, ctx, &who.person).await?;
    let now = ctx.now(&mut tx).await?;
    let expires_at = now + Duration::days(i64::from(request.days));
    // An unknown word is no scope, and a request for one is no request for the others.
    let scopes: Option<Vec<Scope>> = request.scopes.iter().map(|code| Scope::from_code(code)).collect();
    let scopes = scopes.unwrap_or_default();
    let name = request.name.trim();
    let mut reasons = reasons_against_issue(&signer, &scopes, expires_at, now);
    if name.is_empty() || name.chars().count() > MAX_NAME || name.contains('\n') || !is_showable(name) {
        reasons.push(Reason::TextRefused);
    }
    if let Some(reasons) = Reasons::from_vec(reasons) {
        return Err(reasons.into());
    }
    let pending = Pending {
        token: parsed(&ctx.entropy.split("people.token_id").uuid_v7(now).to_string())?,
        name: audit::seal(&mut tx, ctx, who.person.as_str(), name).await?,
        scopes,
        expires_at,
    };
    let draft = ActDraft {
        act: Act::IssueToken,
        decision: SignedDecision::Issue,
        subject_digest: TokenIssued::subject_digest(&who.person, &pending.token, &pending.scopes, expires_at)
            .map_err(Error::internal)?,
        comment_digest: pending.name.commitment.clone(),
    };
    let context = serde_json::to_value(&pending).map_err(Error::internal)?;
    let ceremony = begin_signature(&mut tx, ctx, who, draft, context).await?;
    tx.commit().await?;
    Ok(ceremony.request())
}

/// Takes the signature; the answer is the only place where the secret ever is.
///
/// # Errors
/// `CeremonyUnknown`, `CeremonyForeign`, `KeyNotActive`, `UserNotVerified`, `SignatureInvalid`, and what
/// [`begin_token`] refuses.
pub async fn finish_token(ctx: &Context, who: &SignedIn, ceremony: &str, assertion: &str) -> Result<TokenMade, Error> {
    let finished = finish(ctx, who, ceremony, assertion).await;
    recorded(ctx, who, ATTEMPT, finished).await
}

async fn finish(ctx: &Context, who: &SignedIn, ceremony: &str, assertion: &str) -> Result<TokenMade, Error> {
    let taken = take_ceremony(ctx, who, ceremony, Act::IssueToken).await?;
    let mut tx = ctx.db.begin().await?;
    let signer = lock_signer(&mut tx, ctx, &who.person).await?;
    let signature = finish_signature(&mut tx, ctx, who, taken, assertion).await?;
    let Pending { token, name, scopes, expires_at } =
        serde_json::from_value(signature.context).map_err(Error::internal)?;
    let subject = TokenIssued::subject_digest(&who.person, &token, &scopes, expires_at).map_err(Error::internal)?;
    // What is recorded is what was signed, to the word.
    if signature.act.subject_digest() != &subject || signature.act.comment_digest() != &name.commitment {
        return Err(Error::refused(Reason::SignatureInvalid));
    }
    let secret = Secret::new(ctx.entropy.split("people.token_secret").bytes());
    let clear = audit::open(&mut tx, ctx, &name).await?;
    let issued = TokenIssued {
        person: who.person.clone(),
        token: token.clone(),
        name: Personal { clear, ..name },
        scopes,
        expires_at,
        secret_hash: secret.hash(),
        proof: signature.proof,
    };
    let now = ctx.now(&mut tx).await?;
    match decide_issue_token(&signer, issued, now) {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &who.actor(), permit).await?;
            tx.commit().await?;
            Ok(TokenMade { token: token.to_string(), secret: secret.show() })
        }
        Decision::Refuse(reasons) => Err(reasons.into()),
    }
}
