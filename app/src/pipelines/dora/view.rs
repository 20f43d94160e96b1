//! DORA's figures, as a function of their shape.

use super::shape::{DeploymentRow, DoraFilter, DoraView, FigureRow};
use crate::paths;
use crate::pipelines::list::currency;
use crate::ui::badge::badge;
use crate::ui::chart::{Axis, Dot, scatter};
use crate::ui::section::{Section, empty};
use crate::ui::text::foreign;
use crate::ui::time::{ago, length};
use chrono::{DateTime, Duration, Utc};
use gatehouse_domain::pipelines::dora::Figure;
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_meta::Title;

const AGE: Axis =
    Axis { label: "days ago", ticks: &[(0.1, "now"), (1.0, "1"), (7.0, "7"), (30.0, "30"), (90.0, "90")] };
const LEAD: Axis = Axis {
    label: "from commit to production",
    ticks: &[(60.0, "1 min"), (600.0, "10 min"), (3_600.0, "1 h"), (86_400.0, "1 d"), (604_800.0, "7 d")],
};

/// `3 releases are too few to say`.
fn too_few(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {one} is known, so there is nothing to say"),
        1 => format!("1 {one} is too few to say"),
        count => format!("{count} {many} are too few to say"),
    }
}

fn time(figure: Figure<i64>, one: &str, many: &str) -> String {
    match figure {
        Figure::Known(seconds) => length(Duration::seconds(seconds)),
        Figure::TooFew(count) => too_few(count, one, many),
    }
}

/// `3 of 14 (21 %)`.
fn rate(figure: Figure<(usize, usize)>) -> String {
    match figure {
        Figure::Known((part, whole)) => {
            let percent = (part * 100 + whole / 2).checked_div(whole).unwrap_or(0);
            format!("{part} of {whole} ({percent} %)")
        }
        Figure::TooFew(count) => too_few(count, "release", "releases"),
    }
}

fn often(figure: Figure<u64>) -> String {
    match figure {
        Figure::Known(hundredths) => format!("{}.{} a week", hundredths / 100, hundredths % 100 / 10),
        Figure::TooFew(count) => too_few(count, "release", "releases"),
    }
}

/// Name and words of each of the five.
fn five(row: &FigureRow) -> [(&'static str, &'static str, String); 5] {
    [
        ("Change lead time", "from commit to production, the middle one", time(row.lead_time, "release", "releases")),
        ("Deployment frequency", "releases that reached production", often(row.per_week_hundredths)),
        (
            "Failed deployment recovery time",
            "until it was made good, the middle one",
            time(row.recovery_time, "recovery", "recoveries"),
        ),
        ("Change fail rate", "releases that failed in production", rate(row.fail_rate)),
        ("Deployment rework rate", "releases that nobody planned", rate(row.rework_rate)),
    ]
}

/// The page.
pub(crate) fn dora(view: &DoraView, filter: &DoraFilter) -> impl IntoView + use<> {
    let title = match &view.chosen.service {
        Some(service) => format!("How releases of {service} go"),
        None => "How releases go".to_owned(),
    };
    let service = filter.service.clone().unwrap_or_default();
    let names = view.names.iter().map(|name| {
        let is_chosen = *name == service;
        view! { <option value=name.clone() selected=is_chosen>{name.clone()}</option> }
    });
    let days = view.days;
    let figures = five(&view.chosen).map(|(name, what, figure)| {
        view! { <div class="figure"><dt>{name}</dt><dd><b class="num">{figure}</b> <span class="dim">{what}</span></dd></div> }
    });
    let cut = view
        .is_cut
        .then(|| view! { <p class="trouble">"There were more releases than are counted: these are the newest."</p> });
    let (by_service, picture) = (by_service(view), picture(view));
    let releases = releases(&view.deployments, view.as_of);
    let (failed, rework) = (failed(&view.deployments, view.as_of), rework(&view.deployments, view.as_of));
    view! {
        <Title text=title.clone() />
        <h1>{foreign(&title)}</h1>
        <p class="lead">
            "DORA's five figures over " {days} " days. They are of services and compare nobody with anybody."
        </p>
        {currency(&view.currency, view.as_of)}
        {cut}
        <form class="filters" method="get" action=paths::dora(&DoraFilter::default()) role="search" aria-label="Of what">
            <label>"Service" <select name="service"><option value="">"All"</option>{names.collect_view()}</select></label>
            <label>
                "Over"
                <select name="days">
                    <option value="30" selected={days == 30}>"30 days"</option>
                    <option value="90" selected={days == 90}>"90 days"</option>
                </select>
            </label>
            <button type="submit" class="button">"Show"</button>
            <a class="quiet" href=paths::runs(&crate::pipelines::shape::RunFilter::default())>"All runs"</a>
        </form>
        <dl class="figures">{figures.into_iter().collect_view()}</dl>
        {by_service}
        <Section title="From commit to production" id="lead-time">{picture}</Section>
        <Section title="Releases behind the figures" id="releases">{releases}</Section>
        <Section title="What failed" id="failed">{failed}</Section>
        <Section title="What nobody planned" id="rework">{rework}</Section>
    }
    .into_any()
}

fn by_service(view: &DoraView) -> Option<AnyView> {
    if view.services.is_empty() {
        return None;
    }
    let days = view.days.to_string();
    let rows = view
        .services
        .iter()
        .map(|row| {
            let name = row.service.clone().unwrap_or_default();
            let href = paths::dora(&DoraFilter { service: row.service.clone(), days: Some(days.clone()) });
            let cells = five(row).map(|(_, _, figure)| view! { <td class="num">{figure}</td> });
            view! { <tr><th scope="row"><a href=href>{foreign(&name)}</a></th>{cells.into_iter().collect_view()}</tr> }
        })
        .collect_view();
    Some(
        view! {
            <Section title="By service" id="by-service">
                <div class="scrolls">
                    <table class="rows figure-rows">
                        <thead>
                            <tr>
                                <th scope="col">"Service"</th>
                                <th scope="col">"Lead time"</th>
                                <th scope="col">"Frequency"</th>
                                <th scope="col">"Recovery time"</th>
                                <th scope="col">"Fail rate"</th>
                                <th scope="col">"Rework rate"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </Section>
        }
        .into_any(),
    )
}

fn picture(view: &DoraView) -> AnyView {
    let Figure::Known(usual) = view.chosen.lead_time else {
        return empty("There are too few releases for a picture.", "They are listed below.").into_any();
    };
    let dots = view.deployments.iter().map(|one| Dot {
        x: (view.as_of - one.deployed_at).num_minutes() as f64 / 1_440.0,
        y: one.lead_seconds as f64,
        tone: match (one.failed.is_empty(), &one.unplanned) {
            (false, _) => Tone::Bad,
            (true, Some(_)) => Tone::Warn,
            (true, None) => Tone::Neutral,
        },
        title: format!("{} of {}: {}", one.run, one.service, length(Duration::seconds(one.lead_seconds))),
    });
    let usual = usual as f64;
    scatter("Each release by its age and its lead time", AGE, LEAD, [(0.1, usual), (90.0, usual)], dots.collect())
        .into_any()
}

fn table(
    rows: &[&DeploymentRow],
    as_of: DateTime<Utc>,
    last: &'static str,
    words: impl Fn(&DeploymentRow) -> String,
) -> AnyView {
    let rows = rows.iter().map(|one| {
        let change =
            one.number.clone().map(|number| view! { <a class="mono" href=paths::change(&number)>{number.clone()}</a> });
        let title = if one.title.trim().is_empty() { "without a title" } else { &one.title };
        view! {
            <tr>
                <td class="cell-where"><b>{foreign(&one.service)}</b></td>
                <td class="cell-what"><a href=paths::run(&one.run)>{foreign(title)}</a> " " {change}</td>
                <td class="num">{words(one)}</td>
                <td class="cell-when">{ago(one.deployed_at, as_of)}</td>
            </tr>
        }
    });
    view! {
        <table class="rows release-rows">
            <thead>
                <tr><th scope="col">"Service"</th><th scope="col">"Release"</th><th scope="col">{last}</th><th scope="col">"In production"</th></tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn releases(all: &[DeploymentRow], as_of: DateTime<Utc>) -> AnyView {
    /// More than anybody reads; the figures are of all.
    const MOST: usize = 200;
    if all.is_empty() {
        return empty(
            "No release is known in this time.",
            "A release is a run whose production job passed. Runs are read from GitHub, 90 days back.",
        )
        .into_any();
    }
    let shown: Vec<&DeploymentRow> = all.iter().take(MOST).collect();
    table(&shown, as_of, "Lead time", |one| length(Duration::seconds(one.lead_seconds)))
}

fn failed(all: &[DeploymentRow], as_of: DateTime<Utc>) -> AnyView {
    let failed: Vec<&DeploymentRow> = all.iter().filter(|one| !one.failed.is_empty()).collect();
    if failed.is_empty() {
        return empty(
            "No release of these is known to have failed.",
            "One fails when its version is marked, when the next one leads back, or when an incident follows within a day.",
        )
        .into_any();
    }
    table(&failed, as_of, "Why, and for how long", |one| {
        let until = match one.recovery_seconds {
            Some(seconds) => format!("made good after {}", length(Duration::seconds(seconds))),
            None => "not made good yet".to_owned(),
        };
        format!("{}; {until}", one.failed.join(", "))
    })
}

fn rework(all: &[DeploymentRow], as_of: DateTime<Utc>) -> AnyView {
    let unplanned: Vec<&DeploymentRow> = all.iter().filter(|one| one.unplanned.is_some()).collect();
    if unplanned.is_empty() {
        return empty("Every release of these was planned.", badge("No rework", Tone::Ok)).into_any();
    }
    table(&unplanned, as_of, "Why", |one| one.unplanned.clone().unwrap_or_default())
}
