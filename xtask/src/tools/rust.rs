//! The compiler's WASM target, and the components that only the tests need.

use std::path::PathBuf;

use super::{Found, Tool};
use crate::process;

const TARGET: &str = "wasm32-unknown-unknown";

pub const WASM_TARGET: Tool = Tool {
    name: "wasm32 target",
    wanted_for: "the browser's half of the portal",
    remedy: || format!("run `rustup target add {TARGET}`"),
    find,
    install: || rustup(&["target", "add", TARGET]),
};

pub const COMPONENTS: Tool = Tool {
    name: "rustfmt, clippy",
    wanted_for: "format and lints",
    remedy: || "run `rustup component add rustfmt clippy`".into(),
    find: find_components,
    install: || rustup(&["component", "add", "rustfmt", "clippy"]),
};

fn rustup(args: &[&str]) -> anyhow::Result<()> {
    process::run_logged(process::command("rustup").args(args), &crate::paths::log("rustup"), |_| {})
}

fn find_components() -> Found {
    let said: Vec<_> = ["fmt", "clippy"]
        .iter()
        .filter_map(|name| process::output(process::command("cargo").args([name, "--version"])))
        .collect();
    match (said.len(), crate::paths::which("cargo")) {
        (2, Some(path)) => Found::Ready { version: said.join(", "), path },
        _ => Found::Missing("this Rust lacks one of them".into()),
    }
}

fn find() -> Found {
    let library = process::output(process::command("rustc").args(["--print", "target-libdir", "--target", TARGET]))
        .map(PathBuf::from);
    match library {
        Some(dir) if dir.is_dir() => Found::Ready {
            version: process::output(process::command("rustc").arg("--version")).unwrap_or_default(),
            path: dir,
        },
        _ => Found::Missing("this Rust has no standard library for it".into()),
    }
}
