//! What was proved, what is signed, and who signed it.

use super::proof::{Proofs, signature_checked, subject_checked};
use super::shape::{ApprovalRow, ChangeView, FieldRow, VerdictRow, WantRow};
use crate::ui::badge::badge;
use crate::ui::field::Exact;
use crate::ui::link::outside;
use crate::ui::section::{Section, empty};
use crate::ui::text::{foreign, visible, visible_lines};
use crate::ui::time::{ago, moment, relative};
use crate::ui::words::six_words;
use chrono::{DateTime, Utc};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// What must be proved, met or not, and then every verdict about exactly this build.
pub(crate) fn proved(wants: &[WantRow], verdicts: &[VerdictRow], as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let demands = wants.iter().map(|want| demand(want, as_of)).collect_view();
    let demands = (!wants.is_empty()).then(|| {
        view! {
            <table class="rows wants">
                <thead class="sr-only"><tr><th scope="col">"State"</th><th scope="col">"What must be proved"</th></tr></thead>
                <tbody>{demands}</tbody>
            </table>
        }
    });
    let rows = verdicts.iter().map(|verdict| {
        let said = verdict.said.as_ref().map(|said| view! { <span class="hint">" " {foreign(said)}</span> });
        let when = verdict.made_at.map(|at| moment(at, relative(at, as_of)));
        let link = verdict.url.as_ref().map(|url| outside(url, "archive".to_owned()));
        view! {
            <tr>
                <td class="cell-chip">{badge(&verdict.status.word, verdict.status.tone)}</td>
                <td class="grow">{foreign(&verdict.check)} {said}</td>
                <td class="dim">{when} " " {link}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let table = if verdicts.is_empty() {
        empty("Nothing was proved about this build.", "No check reported on the run.").into_any()
    } else {
        view! {
            <table class="rows verdicts">
                <thead class="sr-only"><tr><th scope="col">"Result"</th><th scope="col">"Check"</th><th scope="col">"Made"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let missing = wants.iter().filter(|want| want.status.tone != Tone::Ok).count();
    let aside = match (wants.len(), missing) {
        (0, _) => String::new(),
        (_, 0) => "all that must be".to_owned(),
        (all, missing) => format!("{missing} of {all} missing"),
    };
    view! { <Section title="What was proved" id="what-was-proved" aside=view! { {aside} }.into_any()>{demands} {table}</Section> }
        .into_any()
}

fn demand(want: &WantRow, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let why = want.unmet.as_ref().map(|why| view! { <div class="hint">{foreign(why)}</div> });
    let fresh = want.fresh_until.filter(|_| want.unmet.is_none()).map(|until| {
        let words = if until > as_of { "good until " } else { "was good until " };
        view! { <div class="hint">{words} {moment(until, relative(until, as_of))}</div> }
    });
    let skip = (want.emergency_may_skip && want.unmet.is_some())
        .then(|| view! { <div class="hint">"An emergency may go out without it."</div> });
    view! {
        <tr>
            <td class="cell-chip">{badge(&want.status.word, want.status.tone)}</td>
            <td class="grow">{foreign(&want.rule)} {why} {fresh} {skip}</td>
        </tr>
    }
    .into_any()
}

/// Every field of the subject, and the digest over all of them.
pub(crate) fn signed(view: &ChangeView, proofs: Proofs) -> impl IntoView + use<> {
    let fields = view.subject.iter().map(field).collect_view();
    let bytes = view.subject_bytes.clone();
    let (digest, words) = (view.subject_digest.clone(), six_words(&view.six_words));
    view! {
        <Section title="What is signed" id="what-is-signed" aside=view! { "exactly these fields, with your decision and comment" }.into_any()>
            <dl class="fields">
                {fields}
                <div class="field-row field-digest">
                    <dt>"their digest"</dt>
                    <dd><Exact name="the digest" value=digest /></dd>
                    <dd class="hint">"SHA-256 of the canonical bytes; keys sign it"</dd>
                </div>
                <div class="field-row">
                    <dt>"checked"</dt>
                    <dd class="subject-checked">{subject_checked(proofs)}</dd>
                    <dd class="hint"><details><summary>"Canonical bytes"</summary><Exact name="the canonical bytes" value=bytes /></details></dd>
                </div>
                <div class="field-row field-digest">
                    <dt>"in six words"</dt>
                    <dd>{words}</dd>
                    <dd class="hint">"the same on page, message and command line"</dd>
                </div>
            </dl>
        </Section>
    }
    .into_any()
}

fn field(field: &FieldRow) -> impl IntoView + use<> {
    let unknown = (field.tone == Tone::Unknown).then(|| badge("Unknown", Tone::Unknown));
    view! {
        <div class="field-row">
            <dt>{visible(&field.name)}</dt>
            <dd>{unknown} <Exact name=field.name.clone() value=field.value.clone() /></dd>
            <dd class="hint">{visible(&field.source)}</dd>
        </div>
    }
    .into_any()
}

/// Every signature; one that fell stays, struck through, with its cause.
pub(crate) fn signatures(approvals: &[ApprovalRow], as_of: DateTime<Utc>, proofs: Proofs) -> impl IntoView + use<> {
    let rows = approvals.iter().enumerate();
    let rows = rows.map(|(i, approval)| signature(approval, as_of, signature_checked(approval, i, proofs)));
    let rows = rows.collect_view();
    let list = if approvals.is_empty() {
        empty("Nobody has signed yet.", "A signature is made with a security key, over exactly what is listed above.")
            .into_any()
    } else {
        view! { <ul class="signatures">{rows}</ul> }.into_any()
    };
    view! { <Section title="Signatures" id="signatures">{list}</Section> }.into_any()
}

fn signature<V: IntoView>(approval: &ApprovalRow, as_of: DateTime<Utc>, checked: V) -> impl IntoView + use<V> {
    let (verb, tone) = match (approval.decision.as_str(), &approval.fell_because) {
        ("approve", None) => ("Approved", Tone::Ok),
        ("approve", Some(_)) => ("Approval fell", Tone::Bad),
        ("reject", None) => ("Rejected", Tone::Bad),
        (_, Some(_)) => ("Fell", Tone::Bad),
        (_, None) => ("Signed", Tone::Neutral),
    };
    let who = view! { <b>{foreign(approval.person.shown())}</b> };
    let (who, cause) = match &approval.fell_because {
        Some(cause) => {
            (view! { <s>{who}</s> }.into_any(), Some(view! { <p class="signature-fell">{visible(cause)}</p> }))
        }
        None => (who.into_any(), None),
    };
    let words = approval.comment.clone().filter(|c| !c.is_empty());
    view! {
        <li class="signature">
            <div class="signature-head">
                {badge(verb, tone)} {who} <span class="dim">{ago(approval.signed_at, as_of)}</span>
                <span class="signature-words mono dim">{approval.six_words.join(" ")}</span>
            </div>
            {cause}
            {words.map(|words| view! { <blockquote class="quote"><bdi>{visible_lines(&words)}</bdi></blockquote> })}
            {checked}
        </li>
    }
    .into_any()
}
