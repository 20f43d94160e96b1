//! Does an environment mirror the one that it was declared to mirror?

use super::rails::not_watched;
use crate::context::Context;
use crate::error::Error;
use gatehouse_app::environments::parity::shape::ParityView;
use gatehouse_app::shape::Status;
use gatehouse_domain::environments::parity::{Comparison, compare};
use gatehouse_domain::tone::Tone;

/// More differences of one aspect than this are counted, not listed.
const LISTED: usize = 100;

/// The environment of this name beside the one that it mirrors.
///
/// # Errors
/// When there is no such environment, or the database does not answer.
pub async fn parity(ctx: &Context, name: &str) -> Result<ParityView, Error> {
    ctx.config.places().into_iter().find(|it| it.name.as_str() == name).ok_or(Error::NotFound)?;
    let compared = match compared(ctx, name).await? {
        Ok(comparison) => Ok(cut(comparison)),
        Err(fault) => Err(fault),
    };
    let as_of = ctx.now(&mut *ctx.db.acquire().await?).await?;
    let environment = name.to_owned();
    Ok(match compared {
        Ok((comparison, more)) => ParityView { environment, comparison: Some(comparison), more, fault: None, as_of },
        Err(fault) => ParityView { environment, comparison: None, more: 0, fault: Some(fault), as_of },
    })
}

/// The same in two words, for a page that has room for no more; `None` where it was declared to mirror nothing.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn in_short(ctx: &Context, name: &str) -> Result<Option<Status>, Error> {
    if ctx.policy.parity().is_ok_and(|declaration| declaration.mirrored_by(name).is_none()) {
        return Ok(None);
    }
    let Ok(it) = compared(ctx, name).await? else { return Ok(Some(Status::new("Could not tell", Tone::Unknown))) };
    let is_blind = it.aspects.iter().any(|aspect| !aspect.gaps.is_empty());
    Ok(Some(match it.findings().count() {
        0 if is_blind => Status::new("Could not wholly be told", Tone::Unknown),
        0 => Status::new(&format!("Mirrors {}", it.right), Tone::Ok),
        1 => Status::new("1 difference", Tone::Warn),
        n => Status::new(&format!("{n} differences"), Tone::Warn),
    }))
}

/// The comparison, or why there is none.
async fn compared(ctx: &Context, name: &str) -> Result<Result<Comparison, String>, Error> {
    let (declaration, rules) = match (ctx.policy.parity(), ctx.policy.guard_rails()) {
        (Ok(declaration), Ok(rules)) => (declaration, rules),
        (Err(malformed), _) => return Ok(Err(format!("{malformed}. Mend it beside the policy, and propose that."))),
        (_, Err(malformed)) => return Ok(Err(format!("{malformed}. Mend it beside the policy, and propose that."))),
    };
    let Some(other) = declaration.mirrored_by(name) else {
        return Ok(Err(format!("The policy's parity.json declares nothing that {name} mirrors.")));
    };
    let mut sides = Vec::new();
    for side in [name, other] {
        let Some(place) = ctx.config.places().into_iter().find(|it| it.name.as_str() == side) else {
            return Ok(Err(format!("{name} was declared to mirror {side}, and no such environment is configured.")));
        };
        match ctx.environments.snapshot(place.name) {
            Some(cluster) => sides.push(cluster),
            None => return Ok(Err(not_watched(side))),
        }
    }
    let [left, right] = sides.as_slice() else { return Err(Error::internal("a comparison has two sides")) };
    let now = ctx.now(&mut *ctx.db.acquire().await?).await?;
    let is_ours = |namespace: &str| rules.is_ours(namespace);
    Ok(Ok(compare((name, left), (other, right), declaration, &is_ours, now)))
}

/// As much as a page can show, and how much more there is.
fn cut(mut comparison: Comparison) -> (Comparison, usize) {
    let mut more = 0;
    for aspect in &mut comparison.aspects {
        more += aspect.differences.len().saturating_sub(LISTED);
        // Findings come before what is explained: none is cut off for the other's sake.
        aspect.differences.sort_by_key(|difference| difference.explained.is_some());
        aspect.differences.truncate(LISTED);
    }
    (comparison, more)
}
