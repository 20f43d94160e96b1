//! `cargo xtask demo`: from a fresh machine to a running portal, and what to try in it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;

use crate::ports::Ports;
use crate::stack::{Life, SignIn, Stack};
use crate::{build, check, interrupt, people, say, tools};

/// What was asked for on the command line.
pub struct Options {
    ports: Option<Ports>,
    dir: Option<PathBuf>,
    check: bool,
    stories: Vec<String>,
    sign_in: SignIn,
}

impl Options {
    /// Reads the rest of the command line.
    pub fn parse(args: &mut lexopt::Parser) -> anyhow::Result<Self> {
        use lexopt::prelude::*;
        let mut stories = Vec::new();
        let (mut portal, mut twin, mut dir, mut check, mut sign_in) = (None, None, None, false, SignIn::ByTwin);
        while let Some(arg) = args.next()? {
            match arg {
                Long("port") => portal = Some(args.value()?.parse().context("`--port` wants a port number")?),
                Long("port-base") => twin = Some(args.value()?.parse().context("`--port-base` wants a port number")?),
                Long("dir") => dir = Some(args.value()?.into()),
                Long("check") => check = true,
                // A story of its own: the people of the demo's week know the twin's provider only.
                Long("certified") => (check, sign_in) = (true, SignIn::ByCertifiedProvider),
                Value(story) if check => stories.push(format!("tests/{}.spec.ts", story.string()?)),
                other => return Err(other.unexpected().into()),
            }
        }
        let named = portal.is_some() || twin.is_some();
        let ports =
            Ports { portal: portal.unwrap_or(Ports::DEFAULT.portal), twin: twin.unwrap_or(Ports::DEFAULT.twin) };
        Ok(Self { ports: named.then_some(ports), dir, check, stories, sign_in })
    }
}

/// Starts everything; returns when Ctrl-C was pressed and everything has ended, or the check is over.
pub fn run(options: Options) -> anyhow::Result<()> {
    let ports = match (options.ports, options.check) {
        (Some(ports), _) => ports,
        (None, false) => Ports::DEFAULT,
        (None, true) => Ports::find_free()?,
    };
    // Before the long build: a busy port should not be told after ten minutes.
    ports.ensure_free()?;

    say::heading("tools");
    tools::ensure(tools::TO_RUN)?;
    if options.check {
        tools::ensure(tools::TO_DRIVE)?;
    }
    say::line("all there");
    say::heading("build");
    build::server_and_twin()?;
    build::site()?;
    say::heading("start");
    let life = if options.check { Life::Quiet } else { Life::Week };
    let mut stack = Stack::start_by(ports, options.dir.as_deref(), life, options.sign_in)?;
    say::line(format!(
        "portal at {}, simulated outside world at {}, data and logs in {}",
        stack.url(),
        stack.control(),
        stack.dir().display()
    ));
    stack.begin()?;
    if options.check {
        return match options.sign_in {
            SignIn::ByTwin if options.stories.is_empty() => check::story(&mut stack),
            SignIn::ByTwin => check::stories(&mut stack, &options.stories),
            SignIn::ByCertifiedProvider => check::certified(&mut stack),
        };
    }
    welcome(&stack);
    while !interrupt::caught() {
        stack.still_runs()?;
        std::thread::sleep(Duration::from_millis(200));
    }
    say::line("stopping");
    drop(stack);
    say::line("everything that was started has ended");
    Ok(())
}

fn welcome(stack: &Stack) {
    let url = stack.url();
    println!("\nGatehouse is open at  {url}\n");
    println!("{}", people::table());
    println!(
        "A week of AltScore is behind you, and two engineers were here: one change went out, one was rejected, one waits for
you. A run of score-api (\"Tighten lender rate limit\") is held before production. Three things to try:

  1. Sign in as Rohan Das, who wrote it, and open the change: Approve is disabled and says why.
  2. Sign in as Asha Rao, add a key under Keys (a security key, a phone, or the virtual authenticator of the
     browser's developer tools), read the change, confirm its rollback plan and approve it. Do the same as Leela
     Menon, in a private window: the gate opens and GitHub gets its answer.
  3. Open {url}/audit: every step is there, the refused ones too.

The outside world (GitHub, identity provider, Kubernetes, AWS) is simulated; what it was told is at {}/state.
Ctrl-C ends everything.",
        stack.control()
    );
}
