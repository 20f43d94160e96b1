//! One service, as a function of its shape.

use super::line::line;
use super::matrix::cell;
use super::shape::{CatalogView, ImageView, PodRow, ScalingView, ServiceView};
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::section::{Section, empty};
use crate::ui::text::{count, foreign, visible, visible_lines};
use crate::ui::time::{ago, exact};
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos_meta::Title;

/// The page.
pub(crate) fn service(view: &ServiceView) -> impl IntoView + use<> {
    let name = view.row.name.clone();
    let cells = view.row.cells.iter().zip(&view.environments).map(|(it, environment)| {
        view! {
            <section class="panel" aria-label=environment.clone()>
                <h2><a href=paths::environment(environment, "")>{environment.clone()}</a></h2>
                {cell(it, view.as_of)}
            </section>
        }
    });
    let cells = cells.collect_view();
    let events = line(&view.events, view.from, view.as_of);
    let pods = pods(&view.pods, view.more_pods, view.as_of);
    let owners = owners(&view.catalog);
    let image = image(view.image.as_ref(), view.as_of);
    let scaling = scaling(&view.scaling, view.as_of);
    view! {
        <Title text=name.clone() />
        <h1>{visible(&name)}</h1>
        <p class="lead">{foreign(&view.row.team)} " · " <a href=view.repository_url.clone() rel="noreferrer">{foreign(&view.repository)}</a></p>
        <div class="panels">{cells}</div>
        <Section title="What happened" id="what-happened">{events}</Section>
        <div class="two-columns">
            <Section title="Who stands for it" id="who-stands-for-it">{owners}</Section>
            <Section title="What production runs" id="what-production-runs">{image}</Section>
        </div>
        <Section title="Pods" id="pods">{pods}</Section>
        <Section title="Scaling" id="scaling">{scaling}</Section>
    }
    .into_any()
}

fn owners(catalog: &Result<CatalogView, String>) -> AnyView {
    let it = match catalog {
        Ok(it) => it,
        Err(why) => {
            return view! { <div class="empty"><p class="empty-why">{visible(why)}</p><p>"Owners, tier, runbook and on-call come from catalog-info.yaml, in Backstage’s format, in the service’s repository."</p></div> }.into_any();
        }
    };
    let line = |term: &'static str, value: &Option<String>| {
        value.as_ref().map(|value| view! { <dt>{term}</dt><dd>{foreign(value)}</dd> })
    };
    let links = it.links.iter().map(|(title, href)| {
        view! { <li><a href=href.clone() rel="noreferrer">{foreign(title)}</a></li> }
    });
    let needs =
        (!it.depends_on.is_empty()).then(|| view! { <dt>"Needs"</dt><dd>{foreign(&it.depends_on.join(", "))}</dd> });
    view! {
        {it.description.as_ref().map(|words| view! { <p class="prose"><bdi>{visible_lines(words)}</bdi></p> })}
        <dl class="terms">
            <dt>"Owner"</dt><dd>{foreign(&it.owner)}</dd>
            {line("On call", &it.on_call)}
            {line("Tier", &it.tier)}
            {line("Lifecycle", &it.lifecycle)}
            {line("System", &it.system)}
            {needs}
        </dl>
        <ul class="links">{links.collect_view()}</ul>
    }
    .into_any()
}

fn image(image: Option<&ImageView>, as_of: DateTime<Utc>) -> AnyView {
    let Some(it) = image else {
        return empty("Nothing is known to run in production.", view! { "Or its cluster has not been heard yet." })
            .into_any();
    };
    let findings = it.findings.iter().map(|(severity, found)| format!("{found} {}", severity.to_lowercase()));
    let findings = findings.collect::<Vec<_>>().join(", ");
    let steps = it.provenance.iter().map(|(name, value, href)| {
        let value = match href {
            Some(href) => view! { <a href=href.clone()>{foreign(value)}</a> }.into_any(),
            None => foreign(value).into_any(),
        };
        view! { <dt>{name.clone()}</dt><dd>{value}</dd> }
    });
    view! {
        <dl class="terms">
            <dt>"Image"</dt><dd><code class="breaks">{visible(&it.reference)}</code></dd>
            {it.pushed.map(|pushed| view! { <dt>"Pushed"</dt><dd>{ago(pushed, as_of)}</dd> })}
            <dt>"Scan"</dt><dd>{badge(&it.scan.word, it.scan.tone)} " " {findings}</dd>
            {steps.collect_view()}
        </dl>
    }
    .into_any()
}

fn pods(rows: &[PodRow], more: u32, as_of: DateTime<Utc>) -> AnyView {
    if rows.is_empty() {
        return empty("No pod is known.", view! { "Either nothing is deployed, or no cluster was heard yet." })
            .into_any();
    }
    let rows = rows.iter().map(|pod| {
        let restarted = pod.restarted.map(|at| view! { ", last " {ago(at, as_of)} });
        let restarts = match pod.restarts {
            0 => view! { <span class="dim">"none"</span> }.into_any(),
            n => view! { {n.to_string()} {restarted} }.into_any(),
        };
        view! {
            <tr>
                <td class="cell-chip">{badge(&pod.status.word, pod.status.tone)}</td>
                <td><code class="breaks">{visible(&pod.name)}</code> {pod.reason.as_ref().map(|why| view! { " " <span class="dim">{foreign(why)}</span> })}</td>
                <td>{foreign(&pod.environment)}</td>
                <td>{restarts}</td>
                <td>{pod.started.map(|at| ago(at, as_of))}</td>
                <td class="wide-only">{pod.node.as_ref().map(|node| view! { <code class="breaks">{visible(node)}</code> })}</td>
            </tr>
        }
    });
    view! {
        <div class="scrolls" tabindex="0" role="region" aria-label="Pods, a table">
            <table class="rows">
                <thead><tr>
                    <th scope="col">"State"</th><th scope="col">"Pod"</th><th scope="col">"Where"</th>
                    <th scope="col">"Restarts"</th><th scope="col">"Began"</th><th scope="col" class="wide-only">"Node"</th>
                </tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
        {(more > 0).then(|| view! { <p class="hint">{format!("{more} more pods are well and left out.")}</p> })}
    }
    .into_any()
}

fn scaling(all: &[ScalingView], as_of: DateTime<Utc>) -> AnyView {
    if all.is_empty() {
        return empty(
            "Nothing scales it.",
            view! { "It has no HorizontalPodAutoscaler in any environment that was heard." },
        )
        .into_any();
    }
    let panels = all
        .iter()
        .map(|it| {
            let metrics = it.metrics.iter().map(|(name, wanted, measured)| {
                let say = |percent: &Option<u32>| percent.map_or_else(|| "not known".to_owned(), |it| format!("{it} %"));
                view! { <li>{foreign(name)} ": " {say(measured)} ", wanted " {say(wanted)}</li> }
            });
            view! {
                <section class="panel" aria-label=format!("Scaling in {}", it.environment)>
                    <h3>{foreign(&it.environment)} " " <span class="dim">{format!("{} to {} pods", it.bounds.0, it.bounds.1)}</span></h3>
                    {curve(it, as_of)}
                    <ul class="quiet">{metrics.collect_view()}</ul>
                </section>
            }
        })
        .collect_view();
    view! { <div class="panels">{panels}</div> }.into_any()
}

/// Pods over time between the bounds, as steps.
fn curve(it: &ScalingView, as_of: DateTime<Utc>) -> AnyView {
    const WIDE: f64 = 600.0;
    const HIGH: f64 = 90.0;
    let Some((first, _)) = it.curve.first() else {
        return view! { <p class="hint">"Its curve begins with what this portal sees from its start on."</p> }
            .into_any();
    };
    let most = f64::from(it.bounds.1.max(it.curve.iter().map(|(_, pods)| *pods).max().unwrap_or(0)).max(1));
    #[expect(clippy::cast_precision_loss, reason = "a day in seconds is far from 2^52")]
    let seconds = |at: DateTime<Utc>| (at - *first).num_seconds() as f64;
    let whole = seconds(as_of).max(1.0);
    let across = |at| seconds(at) / whole * WIDE;
    let up = |pods: u32| (HIGH - 6.0).mul_add(-(f64::from(pods) / most), HIGH - 3.0);
    let mut path = String::new();
    for (index, (at, pods)) in it.curve.iter().enumerate() {
        let lead = if index == 0 {
            format!("M{:.1} {:.1}", across(*at), up(*pods))
        } else {
            format!(" H{:.1} V{:.1}", across(*at), up(*pods))
        };
        path.push_str(&lead);
    }
    path.push_str(&format!(" H{WIDE:.1}"));
    let bound = |pods: u32| {
        let y = format!("{:.1}", up(pods));
        view! { <line x1="0" x2=format!("{WIDE}") y1=y.clone() y2=y class="chart-limit" /> }
    };
    let (least, latest) = (it.bounds.0, it.curve.last().map_or(0, |(_, pods)| *pods));
    let label = format!(
        "{} now, between {least} and {}; watched since {}",
        count(usize::try_from(latest).unwrap_or(usize::MAX), "pod", "pods"),
        it.bounds.1,
        exact(*first)
    );
    view! {
        <svg class="chart curve" viewBox=format!("0 0 {WIDE} {HIGH}") preserveAspectRatio="none" role="img" aria-label=label.clone()>
            {bound(least)}
            {bound(it.bounds.1)}
            <path d=path class="curve-line" fill="none" />
        </svg>
        <p class="hint">{label} "."</p>
    }
    .into_any()
}
