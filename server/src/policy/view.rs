//! The rules in force as the page shows them. Reading only.

use super::{Bundle, Difference, Line, difference, in_force, store};
use crate::changes;
use crate::config::Kept;
use crate::context::Context;
use crate::error::{Error, chain};
use gatehouse_app::policy::shape::{
    DifferenceRow, DifferenceView, FileDifferenceView, HistoryRow, LineView, PolicyFile, PolicyView, ProposalView,
    ValueRow,
};
use gatehouse_app::shape::Availability;
use gatehouse_domain::policy::Proposal;
use gatehouse_domain::problem::ReasonView;
use gatehouse_domain::words::six_words;
use gatehouse_domain::{Digest, PersonId};
use sqlx::PgConnection;

/// The history is long only where rules change every day.
const HISTORY: i64 = 50;

/// The page for this person.
///
/// # Errors
/// When the database does not answer, or holds no bytes for what is in force.
pub async fn show(ctx: &Context, viewer: &PersonId) -> Result<PolicyView, Error> {
    // The file is looked at again: whoever has just written it wants to see what it would do.
    let file_fault = in_force::look_at_file(ctx).await.err().map(|error| chain(&error));
    let mut conn = ctx.db.acquire().await?;
    let history = store::list_in_force(&mut conn, HISTORY).await?;
    let newest = history.first().ok_or_else(|| Error::internal("no configuration is in force"))?;
    let kept = store::find_document(&mut conn, &newest.digest).await?;
    let kept = kept.ok_or_else(|| Error::internal("the configuration in force is not kept"))?;
    let (_, policy) = kept.open().map_err(Error::internal)?;
    let waiting = ctx.waiting.get().filter(|digest| *digest != newest.digest);
    let proposal = match waiting {
        Some(proposed) => {
            Some(proposal(&mut conn, ctx, viewer, Proposal { base: newest.digest.clone(), proposed }).await?)
        }
        None => None,
    };
    Ok(PolicyView {
        digest: newest.digest.to_string(),
        six_words: words(&newest.digest),
        since: newest.since,
        number: newest.number.as_ref().map(ToString::to_string),
        policy_digest: policy.digest().to_string(),
        fault: ctx.policy.fault().map(|fault| fault.to_string()),
        files: files(&policy),
        values: values(&kept)?,
        proposal,
        file_fault,
        history: history
            .iter()
            .map(|row| HistoryRow {
                digest: row.digest.to_string(),
                since: row.since,
                number: row.number.as_ref().map(ToString::to_string),
            })
            .collect(),
        as_of: ctx.now(&mut conn).await?,
    })
}

async fn proposal(
    conn: &mut PgConnection,
    ctx: &Context,
    viewer: &PersonId,
    proposal: Proposal,
) -> Result<ProposalView, Error> {
    let (reasons, candidate) = changes::against_proposing(conn, ctx, viewer, &proposal).await?;
    Ok(ProposalView {
        digest: proposal.proposed.to_string(),
        six_words: words(&proposal.digest()),
        difference: view(difference::difference(conn, &proposal).await?),
        number: candidate.open.as_ref().map(ToString::to_string),
        propose: Availability { reasons: reasons.iter().map(ReasonView::from).collect() },
    })
}

fn words(digest: &Digest) -> Vec<String> {
    six_words(digest).map(str::to_owned).to_vec()
}

fn files(policy: &Bundle) -> Vec<PolicyFile> {
    policy.files().map(|(name, text)| PolicyFile { name: name.to_owned(), text: text.to_owned() }).collect()
}

fn values(kept: &Kept) -> Result<Vec<ValueRow>, Error> {
    let values = difference::values(&kept.governed).map_err(Error::internal)?;
    Ok(values.into_iter().map(|(place, value)| ValueRow { place, value }).collect())
}

/// A difference as pages show it.
#[must_use]
pub fn view(difference: Difference) -> DifferenceView {
    let line = |line: Line| match line {
        Line::Same(text) => LineView::Same(text),
        Line::Gone(text) => LineView::Gone(text),
        Line::New(text) => LineView::New(text),
        Line::Skipped => LineView::Skipped,
    };
    DifferenceView {
        rows: difference
            .rows
            .into_iter()
            .map(|row| DifferenceRow { place: row.place, before: row.before, after: row.after })
            .collect(),
        files: difference
            .files
            .into_iter()
            .map(|file| FileDifferenceView {
                name: file.name,
                lines: file.lines.into_iter().map(line).collect(),
                cut: file.cut,
            })
            .collect(),
    }
}
