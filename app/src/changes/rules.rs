//! Which path matched which rule, and so who was asked.

use super::shape::{DecidedView, RuleRow};
use crate::ui::badge::badge;
use crate::ui::section::Section;
use crate::ui::text::{count, foreign, visible};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// Every rule that matched; what could not be told comes first, because it asks everybody.
pub(crate) fn rules(decided: &DecidedView) -> impl IntoView + use<> {
    let fault = decided.fault.as_ref().map(|why| {
        let words =
            format!(" The policy gave no answer: {}. So everybody is asked, and the gate stays shut.", visible(why));
        view! { <p class="row-note">{badge("Policy failed", Tone::Bad)} {words}</p> }
    });
    let doubts = decided.doubts.iter().map(|why| {
        view! { <p class="row-note">{badge("Could not tell", Tone::Unknown)} " " {foreign(why)} ". So everybody is asked."</p> }
    });
    let freezes = decided.freezes.iter().map(|window| {
        view! { <p class="row-note">{badge("Freeze", Tone::Warn)} " Nothing goes out " {foreign(window)} "."</p> }
    });
    let (doubts, freezes) = (doubts.collect_view(), freezes.collect_view());
    let rows = decided.rules.iter().map(row).collect_view();
    let table = (!decided.rules.is_empty()).then(|| {
        view! {
            <table class="rows rules">
                <thead><tr><th scope="col">"Rule"</th><th scope="col">"Asks"</th><th scope="col">"Matched"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    let policy = view! { "by policy " <span class="mono" title=decided.policy_digest.clone()>{short(&decided.policy_digest)}</span> };
    view! {
        <Section title="Why these signatures" id="why-these-signatures" aside=policy.into_any()>
            {fault} {doubts} {freezes} {table}
        </Section>
    }
    .into_any()
}

fn row(rule: &RuleRow) -> impl IntoView + use<> {
    let paths = rule.paths.iter().map(|path| view! { <div class="mono">{foreign(path)}</div> }).collect_view();
    let more = (rule.more > 0).then(|| {
        view! { <div class="dim">{format!("and {}", count(rule.more, "more file", "more files"))}</div> }
    });
    let every = rule.paths.is_empty().then(|| view! { <span class="dim">"whatever changes"</span> });
    view! { <tr><td>{visible(&rule.rule)}</td><td>{visible(&rule.role)}</td><td class="cell-path">{paths} {more} {every}</td></tr> }
        .into_any()
}

fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}
