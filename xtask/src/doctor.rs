//! What is installed, what is missing, how to get it. Changes nothing.

use crate::say::{self, row};
use crate::tools::{self, Found, Tool};

/// Prints the table; fails when something required is missing.
pub fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    if let Some(arg) = args.next()? {
        return Err(arg.unexpected().into());
    }
    let mut rows = vec![row(["", "tool", "version", "where, or what is wrong"])];
    let mut lines = Vec::new();
    let mut missing = 0;
    for tool in tools::all() {
        missing += usize::from(!describe(tool, &mut rows, &mut lines));
    }
    println!("{}", say::table(&rows));
    if !lines.is_empty() {
        println!("Missing (`cargo xtask demo` and `cargo xtask test` get by themselves what they can):");
        println!("{}", lines.join("\n"));
    }
    if missing > 0 {
        anyhow::bail!("{missing} of the required tools are missing");
    }
    println!("Everything that is required is here.");
    Ok(())
}

fn describe(tool: &Tool, rows: &mut Vec<Vec<String>>, lines: &mut Vec<String>) -> bool {
    match (tool.find)() {
        Found::Ready { version, path } => {
            rows.push(row(["✓", tool.name, &version, &path.display().to_string()]));
            true
        }
        Found::Missing(why) => {
            rows.push(row(["✗", tool.name, "", &why]));
            lines.push(format!("  {} (for {}): {}", tool.name, tool.wanted_for, (tool.remedy)()));
            false
        }
    }
}
