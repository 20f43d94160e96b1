//! Drawn signs. Each state has its own outline, so that it reads without colour.

use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    Dot,
    Seat,
    Arc,
    Check,
    Lock,
    Cross,
    Question,
    Key,
    Copy,
    Sun,
    Moon,
    Screen,
    Gate,
}

impl Icon {
    /// The sign of a tone where a page knows no better one.
    pub(crate) fn of(tone: Tone) -> Self {
        match tone {
            Tone::Neutral => Self::Dot,
            Tone::Accent => Self::Seat,
            Tone::Running => Self::Arc,
            Tone::Ok => Self::Check,
            Tone::Warn => Self::Lock,
            Tone::Bad => Self::Cross,
            Tone::Unknown => Self::Question,
        }
    }

    /// Paths on a 16 × 16 grid.
    fn paths(self) -> &'static [&'static str] {
        match self {
            Self::Dot => &["M8 1.7a6.3 6.3 0 100 12.6A6.3 6.3 0 108 1.7", "M5.4 8h5.2"],
            Self::Seat => &["M8 1.7a6.3 6.3 0 100 12.6A6.3 6.3 0 108 1.7"],
            Self::Arc => &["M13.6 8A5.6 5.6 0 118 2.4"],
            Self::Check => &["M8 1.7a6.3 6.3 0 100 12.6A6.3 6.3 0 108 1.7", "M5.2 8.2l2 2 3.6-4.2"],
            Self::Lock => &[
                "M4.6 7h6.8q1.4 0 1.4 1.4v3.7q0 1.4-1.4 1.4H4.6q-1.4 0-1.4-1.4V8.4Q3.2 7 4.6 7z",
                "M5.3 7V5a2.7 2.7 0 015.4 0v2",
            ],
            Self::Cross => &["M5.3 1.8h5.4l3.5 3.5v5.4l-3.5 3.5H5.3l-3.5-3.5V5.3z", "M5.8 5.8l4.4 4.4m0-4.4l-4.4 4.4"],
            Self::Question => &[
                "M8 1.7a6.3 6.3 0 100 12.6A6.3 6.3 0 108 1.7",
                "M6.3 6.4A1.8 1.8 0 018 5c1 0 1.8.7 1.8 1.6C9.8 7.9 8 7.9 8 9.2M8 11v.3",
            ],
            Self::Key => &["M5 5a3 3 0 100 6 3 3 0 100-6", "M8 8h6.5M12 8v2.6"],
            Self::Copy => &["M6 5.5h6.5v8H6z", "M4 10.5H3.5v-8H10V3"],
            Self::Sun => &[
                "M8 5a3 3 0 100 6 3 3 0 100-6",
                "M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9L13 13M13 3l-1.1 1.1M4.1 11.9L3 13",
            ],
            Self::Moon => &["M13.2 9.6A5.7 5.7 0 016.4 2.8a5.7 5.7 0 106.8 6.8z"],
            Self::Screen => &["M2 3h12v8H2z", "M5.5 13.5h5M8 11v2.5"],
            Self::Gate => &["M2.5 14V7a5.5 5.5 0 0111 0v7", "M5.8 14V6.6M8 14V5.4M10.2 14V6.6M2.8 9.5h10.4"],
        }
    }

    /// Broken outlines are kept for what is not there yet: an empty seat, an unknown.
    fn is_dashed(self) -> bool {
        matches!(self, Self::Seat | Self::Question)
    }
}

/// The sign itself: decoration, because a word always stands beside it.
pub(crate) fn icon(icon: Icon) -> impl IntoView {
    let mut paths = icon.paths().iter();
    let outline = paths.next().map(|d| view! { <path d=*d class:dashed=icon.is_dashed() /> });
    let rest = paths.map(|d| view! { <path d=*d /> }).collect_view();
    view! {
        <svg class="icon" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
            {outline}
            {rest}
        </svg>
    }
    .into_any()
}
