//! Where is this page, as the browser knows it?

/// The site in the address bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// `https://gatehouse.example`.
    pub(crate) origin: String,
    /// `gatehouse.example`, without a port.
    pub(crate) host: String,
    /// `gatehouse.example/audit`, with the port where there is one: the log that this site writes.
    pub(crate) log_origin: String,
}

/// The browser's answer; the server has no address bar.
#[cfg(feature = "hydrate")]
pub(crate) fn here() -> Option<Place> {
    let location = leptos::prelude::window().location();
    let (origin, host) = (location.origin().ok()?, location.hostname().ok()?);
    Some(Place { origin, host, log_origin: format!("{}/audit", location.host().ok()?) })
}

#[cfg(not(feature = "hydrate"))]
pub(crate) fn here() -> Option<Place> {
    None
}
