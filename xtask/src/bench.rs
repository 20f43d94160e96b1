//! Measurements against reference implementations.

/// Says which benches there are.
pub fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    if let Some(arg) = args.next()? {
        anyhow::bail!("there is no bench {arg:?}: no benches exist yet");
    }
    println!("No benches exist yet; each will live in bench/ with its reference and print one JSON line.");
    Ok(())
}
