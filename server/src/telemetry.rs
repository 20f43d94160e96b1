//! What does the operator read while the portal runs?
//!
//! One line per event on standard error: JSON for machines, plain text at a terminal. `RUST_LOG`
//! narrows or widens it. Events name persons by employee id at most; names, addresses, free text,
//! tokens and SQL parameters never enter a log field.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON unless standard error is a terminal.
    Auto,
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Others' crates are quiet unless asked: sqlx would log statements, hyper and octocrab URLs.
const DEFAULT_FILTER: &str = "warn,gatehouse=info";

/// Starts logging. A second call does nothing, so tests may call it too.
pub fn start(format: Format) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let text = match format {
        Format::Auto => std::io::stderr().is_terminal(),
        Format::Text => true,
        Format::Json => false,
    };
    // An error means that a subscriber is there already.
    let _ = match text {
        true => builder.compact().try_init(),
        false => builder.json().flatten_event(true).try_init(),
    };
}
