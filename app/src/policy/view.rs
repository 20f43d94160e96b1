//! The policy page, as a function of its shape.

use super::diff::difference;
use super::shape::{HistoryRow, PolicyFile, PolicyView, ProposalRequest, ProposalView, ValueRow};
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::button::{Act, Weight};
use crate::ui::field::Exact;
use crate::ui::live::{Live, Progress};
use crate::ui::section::{Section, empty};
use crate::ui::text::{foreign, visible, visible_lines};
use crate::ui::time::ago;
use crate::ui::words::six_words;
use chrono::{DateTime, Utc};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_meta::Title;

/// What is the case, in a sentence.
pub(crate) fn heading(view: &PolicyView) -> &'static str {
    match (&view.fault, &view.proposal) {
        (Some(_), _) => "The policy gives no answer: every gate is shut",
        (None, Some(ProposalView { number: Some(_), .. })) => "Other rules wait for everybody’s signature",
        (None, Some(_)) => "A file says something else than what is in force",
        (None, None) => "The rules in force are the ones in the file",
    }
}

/// The page.
pub(crate) fn policy(
    view: &PolicyView,
    progress: RwSignal<Progress>,
    propose: Callback<ProposalRequest>,
) -> impl IntoView + use<> {
    let fault = view.fault.as_ref().map(|why| {
        view! { <p class="row-note">{badge("Policy failed", Tone::Bad)} " " {visible(why)} ". Propose a policy that holds; everybody can sign for it while this one fails."</p> }
    });
    let file_fault = view.file_fault.as_ref().map(|why| {
        view! { <p class="row-note">{badge("File not read", Tone::Unknown)} " " {foreign(why)}</p> }
    });
    let proposal = view.proposal.as_ref().map(|proposal| waiting(&view.digest, proposal, progress, propose));
    view! {
        <Title text="Policy" />
        <h1>{heading(view)}</h1>
        <p class="lead">
            "Who signs what, who is admitted, and which systems are believed: one configuration, named by one digest. "
            "It is in force because the log says so; a file that differs only proposes. Other rules take two engineers, "
            "security, data protection and the guardrail committee, and not whoever proposes them."
        </p>
        {fault} {file_fault}
        {proposal}
        {in_force(view)}
        {files(&view.files)}
        {values(&view.values)}
        {history(&view.history, view.as_of)}
        <Live progress />
    }
    .into_any()
}

fn waiting(
    base: &str,
    proposal: &ProposalView,
    progress: RwSignal<Progress>,
    propose: Callback<ProposalRequest>,
) -> impl IntoView + use<> {
    let act = match &proposal.number {
        Some(number) => {
            let words = format!("{number} proposes this");
            view! { <p class="row-note">{badge("Proposed", Tone::Running)} " " <a href=paths::change(number)>{words}</a> ": read and sign it there."</p> }
                .into_any()
        }
        None => {
            let request = ProposalRequest { base: base.to_owned(), proposed: proposal.digest.clone() };
            let on_act = Callback::new(move |()| propose.run(request.clone()));
            let busy = Signal::derive(move || progress.read().is_busy());
            let refused = proposal.propose.reasons.clone();
            view! {
                <p class="hint">"Proposing takes a touch of your key. You fill no seat then: others sign."</p>
                <Act label="Propose" weight=Weight::Primary refused busy on_act />
            }
            .into_any()
        }
    };
    let (digest, words) = (proposal.digest.clone(), six_words(&proposal.six_words));
    let differs = difference(&proposal.difference);
    view! {
        <Section title="Proposed instead" id="proposed">
            <p class="row-note">
                <span class="dim">"configuration "</span> <Exact name="the digest of the proposed configuration" value=digest />
            </p>
            <div class="row-note"><span class="dim">"what whoever proposes it signs, in six words: "</span> {words}</div>
            {differs}
            {act}
        </Section>
    }
    .into_any()
}

fn in_force(view: &PolicyView) -> impl IntoView + use<> {
    let by = match &view.number {
        Some(number) => view! { "by " <a href=paths::change(number)>{number.clone()}</a> }.into_any(),
        None => view! { "adopted, without signatures" }.into_any(),
    };
    let (digest, policy_digest) = (view.digest.clone(), view.policy_digest.clone());
    let (since, words) = (ago(view.since, view.as_of), six_words(&view.six_words));
    view! {
        <Section title="In force" id="in-force">
            <p class="row-note">{badge("In force", Tone::Ok)} " since " {since} ", " {by}</p>
            <p class="row-note"><span class="dim">"configuration "</span> <Exact name="the digest in force" value=digest /></p>
            <p class="row-note"><span class="dim">"policy "</span> <Exact name="the policy’s digest" value=policy_digest /></p>
            <div class="row-note"><span class="dim">"in six words: "</span> {words}</div>
        </Section>
    }
    .into_any()
}

fn files(files: &[PolicyFile]) -> impl IntoView + use<> {
    let files = files.iter().map(|file| {
        let text = visible_lines(&file.text);
        view! {
            <details class="more">
                <summary class="mono">{foreign(&file.name)}</summary>
                <pre class="diff" tabindex="0"><code>{text}</code></pre>
            </details>
        }
    });
    let files = files.collect_view();
    view! { <Section title="The policy’s files" id="policy-files">{files}</Section> }.into_any()
}

fn values(values: &[ValueRow]) -> impl IntoView + use<> {
    let rows = values.iter().map(|row| {
        view! { <tr><td class="cell-path mono">{foreign(&row.place)}</td><td class="cell-path mono">{foreign(&row.value)}</td></tr> }
    });
    let (rows, count) = (rows.collect_view(), format!("{} values", values.len()));
    view! {
        <Section title="Everything else that is governed" id="governed-values">
            <details class="more">
                <summary>{count}</summary>
                <table class="rows rules">
                    <thead><tr><th scope="col">"Value"</th><th scope="col">"Says"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        </Section>
    }
    .into_any()
}

fn history(rows: &[HistoryRow], as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let lines = rows.iter().map(|row| {
        let by = match &row.number {
            Some(number) => view! { <a href=paths::change(number)>{number.clone()}</a> }.into_any(),
            None => view! { <span class="dim">"adopted"</span> }.into_any(),
        };
        let short: String = row.digest.chars().take(12).collect();
        view! {
            <tr>
                <td class="mono" title=row.digest.clone()>{short}</td>
                <td data-label="since">{ago(row.since, as_of)}</td>
                <td class="grow" data-label="by">{by}</td>
            </tr>
        }
    });
    let lines = lines.collect_view();
    let table = if rows.is_empty() {
        empty("Nothing was in force yet.", "The first portal that serves this database adopts its file.").into_any()
    } else {
        view! {
            <table class="rows">
                <thead><tr><th scope="col">"Configuration"</th><th scope="col">"Since"</th><th scope="col">"By"</th></tr></thead>
                <tbody>{lines}</tbody>
            </table>
        }
        .into_any()
    };
    view! { <Section title="What was in force" id="history">{table}</Section> }.into_any()
}
