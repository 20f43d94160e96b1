//! Is it kept longer than before?

use std::cmp::Ordering;

/// How long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// So many days.
    Days(u64),
    /// Without an end.
    Forever,
}

impl Term {
    /// Reads `35 days`, `7y`, `P3Y`, `indefinite`; `None` where it is none of these.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        if matches!(text.as_str(), "forever" | "indefinite" | "indefinitely" | "unlimited" | "for ever") {
            return Some(Self::Forever);
        }
        let plain =
            text.strip_prefix('p').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(&text);
        let digits = plain.len() - plain.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = plain.split_at_checked(digits)?;
        let number: u64 = number.parse().ok()?;
        let days = match unit.trim_start_matches([' ', '-', '_']) {
            "d" | "day" | "days" => 1,
            "w" | "week" | "weeks" => 7,
            "m" | "month" | "months" => 30,
            "y" | "yr" | "yrs" | "year" | "years" => 365,
            _ => return None,
        };
        number.checked_mul(days).map(Self::Days)
    }
}

/// How the second compares with the first; `None` where either cannot be read as a length of time.
#[must_use]
pub fn compare_terms(before: &str, now: &str) -> Option<Ordering> {
    Some(Term::parse(now)?.cmp(&Term::parse(before)?))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn terms_are_read_as_people_write_them() {
        for (text, days) in
            [("35 days", 35), ("35d", 35), ("2 weeks", 14), ("P3Y", 1095), ("7 years", 2555), ("18-months", 540)]
        {
            assert_eq!(Term::parse(text).unwrap(), Term::Days(days), "{text}");
        }
        assert_eq!(Term::parse(" Indefinite "), Some(Term::Forever));
        for text in [
            "",
            "years",
            "soon",
            "3",
            "3 moons",
            "p",
            "99999999999999999999 days",
            "9999999999999999999 years",
            "३ years",
        ] {
            assert_eq!(Term::parse(text), None, "{text}");
        }
    }

    #[test]
    fn longer_is_told_from_shorter_and_from_what_cannot_be_read() {
        assert_eq!(compare_terms("18 months", "3 years"), Some(Ordering::Greater));
        assert_eq!(compare_terms("3 years", "indefinite"), Some(Ordering::Greater));
        assert_eq!(compare_terms("365 days", "1 year"), Some(Ordering::Equal));
        assert_eq!(compare_terms("3 years", "30 days"), Some(Ordering::Less));
        assert_eq!(compare_terms("3 years", "as agreed"), None);
    }
}
