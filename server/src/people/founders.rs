//! `gatehouse init`: single-use codes with which the founders enrol their first keys.

use super::signers::read_signers;
use crate::audit;
use crate::context::Context;
use crate::error::Error;
use gatehouse_domain::audit::Actor;
use gatehouse_domain::people::decide::permit_founder_code;
use gatehouse_domain::{Digest, PersonId};
use std::collections::BTreeSet;

/// No I, L, O, U: a code is read from a screen and typed once (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// One founder's code. Shown once, to whoever runs the command.
pub struct FounderCode {
    /// For whom.
    pub person: PersonId,
    /// Four groups of five characters: 100 random bits.
    pub code: String,
}

/// Issues a code to every founder on the admitted list who has no active key, in one transaction. A
/// code that was issued before and not used is void from then on.
///
/// # Errors
/// When the database refuses; then no code is valid.
pub async fn init(ctx: &Context) -> Result<Vec<FounderCode>, Error> {
    let mut tx = ctx.db.begin().await?;
    let founders: BTreeSet<PersonId> =
        ctx.config.admitted.iter().filter(|row| row.founder).map(|row| row.person.clone()).collect();
    let signers = read_signers(&mut tx, ctx, &founders).await?;
    let mut codes = Vec::new();
    for (person, signer) in signers {
        if signer.active_keys.is_empty() {
            let code = new_code(ctx.entropy.split("people.founder_code").bytes());
            let permit = permit_founder_code(person.clone(), code_hash(&code));
            audit::commit(&mut tx, ctx, &Actor::Operator, permit).await?;
            codes.push(FounderCode { person, code });
        }
    }
    tx.commit().await?;
    Ok(codes)
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
