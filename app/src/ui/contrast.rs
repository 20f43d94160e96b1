//! Can everything be read, in both themes? WCAG 2 AA over every pair of text and ground that is used.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../../../style/tokens.css");

/// Text against the grounds that it stands on.
const TEXT: [(&str, &[&str]); 13] = [
    ("ink", &["bg", "panel", "sunk", "accent-soft", "bad-soft"]),
    ("ink2", &["bg", "panel", "sunk", "bad-soft"]),
    ("ink3", &["bg", "panel", "sunk", "accent-soft"]),
    ("accent", &["bg", "accent-soft"]),
    ("accent-ink", &["accent"]),
    ("ok", &["bg", "panel", "sunk", "ok-soft"]),
    ("warn", &["bg", "warn-soft"]),
    ("bad", &["bg", "panel", "bad-soft"]),
    ("run", &["bg", "panel", "run-soft"]),
    ("unk", &["bg", "panel", "unk-soft"]),
    ("ink2", &["accent-soft"]),
    ("accent", &["panel"]),
    ("bad", &["sunk"]),
];

/// Edges of controls, signs: 3 to 1 is enough.
const EDGES: [(&str, &[&str]); 1] = [("edge", &["bg", "panel", "unk-soft"])];

type Theme = BTreeMap<String, f64>;

fn luminance(hex: &str) -> f64 {
    let channel = |i: usize| {
        let value = f64::from(u8::from_str_radix(&hex[i..i + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn themes() -> [Theme; 2] {
    let mut themes = [Theme::new(), Theme::new()];
    for line in TOKENS.lines() {
        let Some((name, value)) = line.trim().strip_prefix("--").and_then(|rest| rest.split_once(": light-dark("))
        else {
            continue;
        };
        for (theme, colour) in themes.iter_mut().zip(value.trim_end_matches(");").split(", ")) {
            theme.insert(name.to_owned(), luminance(colour));
        }
    }
    themes
}

#[test]
fn both_themes_are_aa() {
    let mut low = Vec::new();
    for (theme, name) in themes().iter().zip(["light", "dark"]) {
        for (pairs, least) in [(&TEXT[..], 4.5), (&EDGES[..], 3.0)] {
            for (text, grounds) in pairs {
                for ground in *grounds {
                    let (a, b) = (theme[*text], theme[*ground]);
                    let ratio = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                    if ratio < least {
                        low.push(format!("{name}: {text} on {ground} is {ratio:.2}, needs {least}"));
                    }
                }
            }
        }
    }
    assert!(low.is_empty(), "mend style/tokens.css:\n{}", low.join("\n"));
}
