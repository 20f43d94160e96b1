//! `gatehouse init` and `gatehouse refound`: single-use codes with which the founders enrol their first keys.

use super::signers::read_signers;
use super::store::keys::{count_persons_with_keys, list_keys};
use super::store::requests::lock_open_endorsed_by;
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use crate::policy;
use gatehouse_domain::audit::{About, Actor};
use gatehouse_domain::people::events::{EndorsementFell, FounderCodeIssued, KeyFell, Refounded};
use gatehouse_domain::people::founding::{decide_found, decide_refound};
use gatehouse_domain::{Decision, Digest, PersonId};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// No I, L, O, U: a code is read from a screen and typed once (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What entries of both commands are about.
pub(super) const FOUNDERS: &str = "founders";

/// Whose key seals what an operator writes.
const OPERATOR: &str = "operator";

/// One founder's code. Shown once, to whoever runs the command.
pub struct FounderCode {
    /// For whom.
    pub person: PersonId,
    /// Four groups of five characters: 100 random bits.
    pub code: String,
}

/// What a refounding did.
pub struct Refounding {
    /// The new codes.
    pub codes: Vec<FounderCode>,
    /// How many keys of founders were taken away.
    pub fallen_keys: usize,
}

/// Issues a code to every founder on the admitted list who never had a key, in one transaction, while fewer than two
/// persons ever had one. A code that was issued before and not used is void from then on.
///
/// # Errors
/// `FoundingOver`, with an entry; or when the database refuses. Then no code is valid that was not before.
pub async fn init(ctx: &Context) -> Result<Vec<FounderCode>, Error> {
    let mut tx = ctx.db.begin().await?;
    let mut without_key = Vec::new();
    for person in founders(ctx) {
        // A key that only waits is none: a stolen session must not keep a founder out.
        let had_one = list_keys(&mut tx, &person).await?.iter().any(|key| key.request.is_none() || key.counts);
        if !had_one {
            without_key.push(person);
        }
    }
    if without_key.is_empty() {
        return Ok(Vec::new());
    }
    let (codes, issued) = new_codes(ctx, without_key);
    match decide_found(issued, count_persons_with_keys(&mut tx).await?) {
        Decision::Allow(permit) => {
            audit::commit(&mut tx, ctx, &Actor::Operator, permit).await?;
            tx.commit().await?;
            Ok(codes)
        }
        Decision::Refuse(reasons) => {
            tx.rollback().await?;
            let about = About::Portal(FOUNDERS.to_owned());
            audit::refuse(ctx, &Actor::Operator, "people.found", about, &reasons).await?;
            Err(reasons.into())
        }
    }
}

/// Lets the founders begin again: their keys are taken away, what those keys endorsed and does not count yet falls, and
/// each founder gets a code. The log and every page say so. The caller has made sure that no portal runs.
///
/// # Errors
/// `TextRefused` for a reason that says nothing, `NoFounder`, each with an entry; or when the database refuses. Then
/// nothing changed.
pub async fn refound(ctx: &Context, reason: &str) -> Result<Refounding, Error> {
    let mut tx = ctx.db.begin().await?;
    let founders = founders(ctx);
    let mut keys = Vec::new();
    let mut endorsements = Vec::new();
    for (person, signer) in read_signers(&mut tx, ctx, &founders).await? {
        let fell = |key| KeyFell { person: person.clone(), key };
        keys.extend(signer.active_keys.into_iter().map(fell));
        endorsements.extend(endorsements_of(&mut tx, &person).await?);
    }
    let (codes, issued) = new_codes(ctx, founders.iter().cloned().collect());
    let refounded = Refounded {
        reason: audit::seal(&mut tx, ctx, OPERATOR, reason.trim()).await?,
        founders: founders.into_iter().collect(),
    };
    let fallen_keys = keys.len();
    match decide_refound(reason, refounded, keys, endorsements, issued) {
        Decision::Allow(permit) => {
            // Whoever could have signed for other founders is lost too: the file's configuration is in force with them.
            policy::adopt(&mut tx, ctx).await?;
            audit::commit(&mut tx, ctx, &Actor::Operator, permit).await?;
            tx.commit().await?;
            Ok(Refounding { codes, fallen_keys })
        }
        Decision::Refuse(reasons) => {
            tx.rollback().await?;
            let about = About::Portal(FOUNDERS.to_owned());
            audit::refuse(ctx, &Actor::Operator, "people.refound", about, &reasons).await?;
            Err(reasons.into())
        }
    }
}

async fn endorsements_of(conn: &mut PgConnection, endorser: &PersonId) -> Result<Vec<EndorsementFell>, Error> {
    let open = lock_open_endorsed_by(conn, endorser).await?;
    let fell = |wanted: &gatehouse_domain::people::request::Wanted| EndorsementFell {
        request: wanted.request().clone(),
        person: wanted.person().clone(),
        endorser: endorser.clone(),
    };
    Ok(open.iter().map(|request| fell(&request.wanted)).collect())
}

fn founders(ctx: &Context) -> BTreeSet<PersonId> {
    ctx.config.admitted.iter().filter(|row| row.founder).map(|row| row.person.clone()).collect()
}

fn new_codes(ctx: &Context, persons: Vec<PersonId>) -> (Vec<FounderCode>, Vec<FounderCodeIssued>) {
    let random = ctx.entropy.split("people.founder_code");
    persons
        .into_iter()
        .map(|person| {
            let code = new_code(random.bytes());
            let issued = FounderCodeIssued { person: person.clone(), code_hash: code_hash(&code) };
            (FounderCode { person, code }, issued)
        })
        .unzip()
}

/// What is stored of a code, however it was typed.
pub(super) fn code_hash(typed: &str) -> Digest {
    let plain: String = typed.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect();
    Digest::of(format!("gatehouse.founder-code.v1\0{plain}").as_bytes())
}

fn new_code(random: [u8; 20]) -> String {
    let letters: Vec<char> =
        random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32))).map(|byte| char::from(*byte)).collect();
    letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = new_code([0x1f; 20]);
        assert_eq!(code, "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ");
        assert_eq!(code_hash(&code), code_hash(" zzzzz zzzzz-zzzzzzzzzz\n"));
        assert_ne!(code_hash(&code), code_hash("ZZZZZ-ZZZZZ-ZZZZZ-ZZZZY"));
    }
}
