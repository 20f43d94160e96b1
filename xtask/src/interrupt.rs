//! Ctrl-C, SIGTERM and a closed terminal, as a flag that every wait in xtask looks at.
//!
//! Children run in process groups of their own, so the terminal's Ctrl-C reaches only xtask, which then ends them in
//! the right order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use anyhow::Context;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

static CAUGHT: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Starts to listen; a signal no longer kills xtask from here on.
pub fn listen() -> anyhow::Result<()> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&CAUGHT)).context("cannot listen for Ctrl-C")?;
    }
    Ok(())
}

/// Whether someone asked xtask to end.
pub fn caught() -> bool {
    CAUGHT.load(Ordering::Relaxed)
}
