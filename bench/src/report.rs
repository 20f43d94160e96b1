//! What is said of a ratio: one JSON line, always with the same keys.

use std::fmt;

use anyhow::Context;
use serde::Serialize;

use crate::pairs::Pair;
use crate::stats::{median, spread};

/// What a ratio should be.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// For times: ours may be this many times the reference's.
    AtMost(f64),
    /// For rates: ours should be this part of the reference's.
    AtLeast(f64),
}

impl Target {
    fn is_met(self, ratio: f64) -> bool {
        match self {
            Self::AtMost(most) => ratio <= most,
            Self::AtLeast(least) => ratio >= least,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "<={most}"),
            Self::AtLeast(least) => write!(f, ">={least}"),
        }
    }
}

/// One ratio.
#[derive(Debug, Serialize)]
pub struct Line {
    name: &'static str,
    /// Median of the rounds.
    ours: f64,
    reference: f64,
    /// Of `ours` and `reference`.
    unit: &'static str,
    /// Median of the rounds' ratios, which is not the ratio of the medians.
    ratio: f64,
    target: String,
    met: bool,
    /// Of the rounds' ratios.
    spread: f64,
    rounds: usize,
}

impl Line {
    /// Sums up the rounds.
    ///
    /// # Errors
    /// When there is nothing to sum up, or a figure is none.
    pub fn of(name: &'static str, unit: &'static str, target: Target, pairs: &[Pair]) -> anyhow::Result<Self> {
        let of = |figure: fn(&Pair) -> f64| pairs.iter().map(figure).collect::<Vec<f64>>();
        let ratios = of(|pair| pair.ours / pair.reference);
        let (ours, reference) = (median(&of(|pair| pair.ours)), median(&of(|pair| pair.reference)));
        let (ratio, spread) = (median(&ratios), spread(&ratios));
        let all = [ours, reference, ratio, spread].map(|figure| figure.filter(|figure| figure.is_finite()));
        let [Some(ours), Some(reference), Some(ratio), Some(spread)] = all else {
            anyhow::bail!("{name}: the rounds give no figure")
        };
        let met = target.is_met(ratio);
        let [ours, reference, ratio, spread] = [ours, reference, ratio, spread].map(short);
        Ok(Self { name, ours, reference, unit, ratio, target: target.to_string(), met, spread, rounds: pairs.len() })
    }

    /// As it is printed.
    ///
    /// # Errors
    /// Never with finite figures.
    pub fn json(&self) -> anyhow::Result<String> {
        serde_json::to_string(self).context("a line that is no JSON")
    }
}

/// Three significant digits, or the whole number: more would say more than the measurement does.
fn short(figure: f64) -> f64 {
    let lead = if figure == 0.0 { 0 } else { figure.abs().log10().floor() as i32 };
    let unit = 10_f64.powi((2 - lead).max(0));
    (figure * unit).round() / unit
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn pairs(figures: &[(f64, f64)]) -> Vec<Pair> {
        figures.iter().map(|(ours, reference)| Pair { ours: *ours, reference: *reference }).collect()
    }

    #[test]
    fn a_line_has_these_keys_and_figures() {
        let pairs = pairs(&[(3.0, 2.0), (4.0, 4.0), (9.0, 3.0)]);
        let line = Line::of("webhook.accept", "ms", Target::AtMost(2.0), &pairs).unwrap();
        assert_eq!(
            line.json().unwrap(),
            r#"{"name":"webhook.accept","ours":4.0,"reference":3.0,"unit":"ms","ratio":1.5,"target":"<=2","met":true,"spread":1.33,"rounds":3}"#
        );
    }

    #[test]
    fn a_figure_has_three_digits_however_small_it_is() {
        let figures = [0.001_321_5, 0.484_49, 21.94, 999.6, 16_544.3, 0.0].map(short);
        assert_eq!(figures, [0.001_32, 0.484, 21.9, 1000.0, 16_544.0, 0.0]);
    }

    #[test]
    fn a_target_is_met_up_to_its_very_figure() {
        let met = |target, ours| Line::of("x", "1/s", target, &pairs(&[(ours, 1.0)])).unwrap().met;
        assert!(met(Target::AtMost(2.0), 2.0) && !met(Target::AtMost(2.0), 2.01));
        assert!(met(Target::AtLeast(0.7), 0.7) && !met(Target::AtLeast(0.7), 0.69));
        assert_eq!(Target::AtLeast(0.7).to_string(), ">=0.7");
    }

    #[test]
    fn what_could_not_be_measured_is_no_line() {
        assert!(Line::of("x", "ms", Target::AtMost(1.0), &[]).is_err());
        assert!(Line::of("x", "ms", Target::AtMost(1.0), &pairs(&[(1.0, 0.0)])).is_err());
    }
}
