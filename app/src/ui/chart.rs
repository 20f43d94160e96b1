//! Dots on two axes that grow by factors: what is far apart and what is close can both be seen.

use super::badge::tone_class;
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// The drawing's size, in units of its own.
const WIDE: f64 = 640.0;
const HIGH: f64 = 260.0;
/// Room for the words at the left and below.
const LEFT: f64 = 72.0;
const BELOW: f64 = 40.0;
const EDGE: f64 = 28.0;

/// One axis: its name, and where its marks are. The first and the last are its ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis {
    /// What it counts.
    pub(crate) label: &'static str,
    /// Value and words of each mark, ascending.
    pub(crate) ticks: &'static [(f64, &'static str)],
}

impl Axis {
    /// Where a value lies between the ends: from 0 to 1, and what lies beyond is at the end.
    fn share(self, value: f64) -> f64 {
        let ends = self.ticks.first().zip(self.ticks.last()).filter(|(first, last)| first.0 > 0.0 && last.0 > first.0);
        ends.map_or(0.0, |(first, last)| {
            ((value.max(first.0) / first.0).ln() / (last.0 / first.0).ln()).clamp(0.0, 1.0)
        })
    }
}

/// One dot.
#[derive(Debug, Clone)]
pub(crate) struct Dot {
    /// Along the first axis.
    pub(crate) x: f64,
    /// Up the second.
    pub(crate) y: f64,
    /// Its colour; what matters is said in words as well.
    pub(crate) tone: Tone,
    /// What it is, when one points at it.
    pub(crate) title: String,
}

/// The drawing. `limit` is a dashed line from one point to another.
pub(crate) fn scatter(label: &'static str, x: Axis, y: Axis, limit: [(f64, f64); 2], dots: Vec<Dot>) -> impl IntoView {
    let across = move |value: f64| LEFT + x.share(value) * (WIDE - LEFT - EDGE);
    let up = move |value: f64| EDGE + (1.0 - y.share(value)) * (HIGH - BELOW - EDGE);
    let at = |figure: f64| format!("{figure:.1}");
    let columns = x.ticks.iter().map(|(value, words)| {
        let place = at(across(*value));
        view! {
            <line x1=place.clone() x2=place.clone() y1=at(EDGE) y2=at(HIGH - BELOW) class="chart-grid" />
            <text x=place y=at(HIGH - BELOW + 14.0) text-anchor="middle">{*words}</text>
        }
    });
    let rows = y.ticks.iter().map(|(value, words)| {
        let place = up(*value);
        view! {
            <line x1=at(LEFT) x2=at(WIDE - EDGE) y1=at(place) y2=at(place) class="chart-grid" />
            <text x=at(LEFT - 8.0) y=at(place + 4.0) text-anchor="end">{*words}</text>
        }
    });
    let [(x1, y1), (x2, y2)] = limit;
    let dots = dots.into_iter().map(|dot| {
        view! {
            <circle cx=at(across(dot.x)) cy=at(up(dot.y)) r="4.5" class=format!("chart-dot {}", tone_class(dot.tone))>
                <title>{dot.title}</title>
            </circle>
        }
    });
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {WIDE} {HIGH}") role="img" aria-label=label>
                {columns.collect_view()}
                {rows.collect_view()}
                <line x1=at(across(x1)) y1=at(up(y1)) x2=at(across(x2)) y2=at(up(y2)) class="chart-limit" />
                {dots.collect_view()}
                <text x=at(WIDE - EDGE) y=at(HIGH - 6.0) text-anchor="end">{x.label}</text>
            </svg>
            <figcaption>{y.label} ", by " {x.label}</figcaption>
        </figure>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_lies_where_its_factor_says_and_never_beyond_the_ends() {
        let axis = Axis { label: "", ticks: &[(1.0, "1"), (10.0, "10"), (100.0, "100")] };
        for (value, share) in [(1.0, 0.0), (10.0, 0.5), (100.0, 1.0), (0.0, 0.0), (-3.0, 0.0), (1e9, 1.0)] {
            assert!((axis.share(value) - share).abs() < 1e-9, "{value}");
        }
        assert!(Axis { label: "", ticks: &[] }.share(5.0).abs() < f64::EPSILON);
    }
}
