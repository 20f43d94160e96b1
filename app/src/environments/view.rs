//! The environment pages, as functions of their shapes.

use super::shape::{AroundRow, EnvironmentCard, EnvironmentView, EnvironmentsView, GroupRow, KindRow, WorkloadRow};
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::section::{Section, empty};
use crate::ui::text::{count, foreign, visible};
use crate::ui::time::ago;
use chrono::{DateTime, Utc};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_meta::Title;

/// `Everything runs as it should`, `Trouble in two environments`.
pub(crate) fn heading(view: &EnvironmentsView) -> String {
    let is_bad = |card: &&EnvironmentCard| {
        card.health.iter().any(|(status, _)| matches!(status.tone, Tone::Warn | Tone::Bad | Tone::Unknown))
            || card.kinds.iter().any(|kind| kind.trouble.is_some())
            || !card.watched
    };
    match view.environments.iter().filter(is_bad).count() {
        0 => "Every environment is as it should be".to_owned(),
        n => format!("{} to look at", count(n, "environment", "environments")),
    }
}

/// Every environment.
pub(crate) fn environments(view: &EnvironmentsView) -> impl IntoView + use<> {
    let title = heading(view);
    let cards = view.environments.iter().map(|card| one_card(card, view.as_of)).collect_view();
    view! {
        <Title text="Environments" />
        <h1>{title}</h1>
        <p class="lead">"What is in each cluster, as this portal sees it now. Where it cannot see, it keeps what it saw last and says since when."</p>
        {cards}
    }
    .into_any()
}

fn one_card(card: &EnvironmentCard, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let (id, named) = (format!("env-{}", card.name), format!("env-{}", card.name));
    view! {
        <section class="section" aria-labelledby=named>
            <div class="section-head">
                <h2 id=id><a href=paths::environment(&card.name, "")>{visible(&card.name)}</a></h2>
                <div class="section-aside">{gate(card)}</div>
            </div>
            {health(card)} {about(card)} {groups(&card.groups)} {troubles(card, as_of)}
        </section>
    }
    .into_any()
}

fn gate(card: &EnvironmentCard) -> impl IntoView + use<> {
    if card.gated { badge("Gated", Tone::Ok).into_any() } else { badge("Only looked at", Tone::Neutral).into_any() }
}

fn health(card: &EnvironmentCard) -> impl IntoView + use<> {
    if !card.watched {
        let why = "This portal's file names no token for its cluster.";
        return empty(why, "Name one with kubernetes_token_file, and restart the portal.").into_any();
    }
    if card.health.is_empty() {
        return view! { <p class="dim">"No workload was seen."</p> }.into_any();
    }
    let parts = card.health.iter().map(|(status, n)| {
        view! { <li>{badge(&format!("{n} {}", status.word), status.tone)}</li> }
    });
    view! { <ul class="healths" aria-label="Workloads by health">{parts.collect_view()}</ul> }.into_any()
}

fn about(card: &EnvironmentCard) -> impl IntoView + use<> {
    let rows = card.about.iter().map(|(what, said)| {
        view! { <div><dt>{what.clone()}</dt><dd>{visible(said)}</dd></div> }
    });
    view! { <dl class="facts">{rows.collect_view()}</dl> }.into_any()
}

fn groups(groups: &[GroupRow]) -> impl IntoView + use<> {
    if groups.is_empty() {
        return ().into_any();
    }
    let rows = groups.iter().map(|row| {
        let (word, tone) = if row.ready < row.nodes {
            (format!("{} of {} ready", row.ready, row.nodes), Tone::Warn)
        } else {
            (format!("{} ready", row.nodes), Tone::Ok)
        };
        let cordoned = (row.cordoned > 0).then(|| badge(&format!("{} cordoned", row.cordoned), Tone::Warn));
        let name = if row.group.is_empty() { "(no group)" } else { &row.group };
        view! {
            <tr>
                <td class="grow">{foreign(name)}</td>
                <td class="cell-chip">{badge(&word, tone)} " " {cordoned}</td>
                <td data-label="types">{foreign(&row.types.join(", "))}</td>
            </tr>
        }
    });
    view! {
        <table class="rows">
            <thead><tr><th scope="col">"Node group"</th><th scope="col">"Nodes"</th><th scope="col">"Instance types"</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// Only what is not as it should be; the environment's own page says all.
fn troubles(card: &EnvironmentCard, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let wrong: Vec<_> = card.kinds.iter().filter(|it| it.trouble.is_some() || it.poisoned > 0).cloned().collect();
    if wrong.is_empty() { ().into_any() } else { kinds(&wrong, as_of).into_any() }
}

fn kinds(kinds: &[KindRow], as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let rows = kinds.iter().map(|row| {
        let poison = (row.poisoned > 0).then(|| {
            let named = row.poison.iter().map(|it| view! { <li>{foreign(it)}</li> }).collect_view();
            let left_out = usize::try_from(row.poisoned).unwrap_or(usize::MAX);
            let left_out =
                count(left_out, "object cannot be read and is left out", "objects cannot be read and are left out");
            view! { <p>{left_out} ":"</p> <ul class="stops">{named}</ul> }
        });
        view! {
            <tr>
                <td class="cell-chip">{badge(&row.status.word, row.status.tone)}</td>
                <td><b>{row.kind.clone()}</b></td>
                <td class="grow">{row.trouble.clone()} {poison}</td>
                <td data-label="as of">{row.as_of.map(|at| ago(at, as_of))}</td>
            </tr>
        }
    });
    view! {
        <table class="rows">
            <thead><tr><th scope="col">"Watch"</th><th scope="col">"Kind"</th><th scope="col">"What it says"</th><th scope="col">"As of"</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// One environment.
pub(crate) fn environment(view: &EnvironmentView) -> impl IntoView + use<> {
    let card = &view.card;
    let workloads = view.workloads.iter().map(workload).collect_view();
    let next = view.next.as_ref().map(|next| {
        view! { <p><a href=paths::environment(&card.name, next)>"Next page"</a> <span class="dim">" of " {view.total} " in all"</span></p> }
    });
    let (nodes, reach) = (groups(&card.groups), kinds(&card.kinds, view.as_of));
    let around = view.around.iter().map(around).collect_view();
    let more = (view.around_more > 0).then(
        || view! { <p class="dim">{format!("And {} more, which this page does not show.", view.around_more)}</p> },
    );
    view! {
        <Title text=visible(&card.name) />
        <div class="change-head">{gate(card)}</div>
        <h1>{visible(&card.name)}</h1>
        {health(card)} {about(card)} {promises(view)}
        <Section title="Workloads" id="workloads">
            <table class="rows">
                <thead><tr><th scope="col">"Health"</th><th scope="col">"What"</th><th scope="col">"Wanted / ready / newest"</th><th scope="col">"Autoscaler"</th></tr></thead>
                <tbody>{workloads}</tbody>
            </table>
            {next}
        </Section>
        <Section title="Around them" id="around">
            <table class="rows">
                <thead><tr><th scope="col">"State"</th><th scope="col">"What"</th><th scope="col">"What it says"</th></tr></thead>
                <tbody>{around}</tbody>
            </table>
            {more}
        </Section>
        <Section title="Nodes" id="nodes">{nodes}</Section>
        <Section title="How far it can be seen" id="reach">{reach}</Section>
    }
    .into_any()
}

/// What it was promised to be, and where the evidence stands.
fn promises(view: &EnvironmentView) -> impl IntoView + use<> {
    let name = &view.card.name;
    let parity = view.parity.as_ref().map(|status| {
        view! { <li><a href=paths::parity(name)>"Parity"</a> " " {badge(&status.word, status.tone)}</li> }
    });
    view! {
        <ul class="promises" aria-label="What it was promised to be">
            <li><a href=paths::rails(name)>"Guard rails"</a> " " {badge(&view.rails.word, view.rails.tone)}</li>
            {parity}
        </ul>
    }
    .into_any()
}

fn workload(row: &WorkloadRow) -> impl IntoView + use<> {
    let (wanted, ready, updated) = row.counts;
    let bounds = row.bounds.map(|(min, max)| format!("{min} to {max}"));
    view! {
        <tr>
            <td class="cell-chip">{badge(&row.health.word, row.health.tone)}</td>
            <td class="grow"><b>{foreign(&row.name)}</b> <span class="dim">" " {foreign(&row.namespace)} " · " {row.kind.clone()}</span><br />{row.why.clone()}</td>
            <td data-label="wanted / ready / newest">{format!("{wanted} / {ready} / {updated}")}</td>
            <td data-label="autoscaler">{bounds}</td>
        </tr>
    }
    .into_any()
}

fn around(row: &AroundRow) -> impl IntoView + use<> {
    view! {
        <tr>
            <td class="cell-chip">{badge(&row.status.word, row.status.tone)}</td>
            <td><b>{foreign(&row.name)}</b> <span class="dim">" " {foreign(&row.namespace)} " · " {row.kind.clone()}</span></td>
            <td class="grow">{foreign(&row.words)}</td>
        </tr>
    }
    .into_any()
}
