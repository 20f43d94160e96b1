//! Light, dark, or as the system says. The choice is a cookie that the server reads before it renders,
//! so that no page shows itself in the wrong theme first.

use leptos::prelude::*;

/// The choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Theme {
    /// Dark ink on paper.
    Light,
    /// The reverse.
    Dark,
    /// Whatever the system prefers.
    #[default]
    System,
}

impl Theme {
    /// In the order in which they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::System];

    /// The word in cookie, form and `data-theme`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }

    /// `data-theme` on the document.
    pub(crate) fn attribute(self) -> &'static str {
        self.word()
    }
}

/// The cookie is the server's affair.
#[cfg(feature = "ssr")]
impl Theme {
    /// Anything else is the system's.
    pub(crate) fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.word() == word).unwrap_or_default()
    }

    /// For a year; not secret, so it needs no `HttpOnly`, but nobody reads it from script either.
    pub(crate) fn cookie(self) -> String {
        format!("theme={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", self.word())
    }

    /// Out of a `Cookie` header.
    pub(crate) fn from_cookies(header: &str) -> Self {
        header
            .split(';')
            .filter_map(|pair| pair.trim().strip_prefix("theme="))
            .next()
            .map_or(Self::System, Self::from_word)
    }
}

#[cfg(feature = "ssr")]
fn of_headers(headers: &http::HeaderMap) -> Theme {
    let cookies = headers.get_all(http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.map(Theme::from_cookies).find(|theme| *theme != Theme::System).unwrap_or_default()
}

/// The word for `data-theme` of a page that is not one of the app's: `light`, `dark` or `system`.
#[cfg(feature = "ssr")]
#[must_use]
pub fn theme_of(headers: &http::HeaderMap) -> &'static str {
    of_headers(headers).attribute()
}

/// The theme that the request asks for; the system's in the browser, which has no request.
pub(crate) fn of_request() -> Theme {
    #[cfg(feature = "ssr")]
    if let Some(parts) = use_context::<http::request::Parts>() {
        return of_headers(&parts.headers);
    }
    Theme::System
}

/// Shows the document in a theme at once; the cookie follows.
pub(crate) fn apply(theme: Theme) {
    if let Some(html) = document().document_element() {
        // Setting an attribute of this name cannot fail.
        drop(html.set_attribute("data-theme", theme.attribute()));
    }
}
