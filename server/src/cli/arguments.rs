//! The command line. So few words and flags need no library.

use crate::telemetry::Format;
use std::path::PathBuf;

pub(super) const HELP: &str = "\
Usage: gatehouse COMMAND [--config FILE] [--demo] [--log text|json]

  serve     run the portal
  migrate   bring the database up to date (external database: as its owner, GATEHOUSE_OWNER_URL)
  policy test [DIR]
            run the tests of a policy: of the one in DIR, or of the one that comes with the program
  policy ask SERVICE ENVIRONMENT
            who would have to sign for these files? Paths on standard input, one a line:
            git diff --name-only main.. | gatehouse policy ask score-api production
  policy classify
            which classes of the policy do these files belong to? The same input
  policy diff DIR [--json]
            compare a draft with the policy in force: its files, and whom it would have asked
  policy replay --policy DIR [--json]
            tell a draft what the policy was told of the recorded changes: who would have been
            asked, what would have been stopped
  watch ENVIRONMENT
            what the portal sees of its cluster, as it sees it: how many pods, and each that changes, as
            a line of JSON, until it is stopped
  openapi   print the description of the REST API; with --check FILE, say whether the file is still that
  init      issue single-use codes to the founders named in the configuration
  refound   when all founders are lost: new codes for them, offline and loud (docs/founders-lost.md)
  version   say which version this is

  --config FILE   the configuration (default: gatehouse.toml)
  --demo          the demo's relaxed rules; refused on a database that was ever not a demo
  --times N       policy ask, policy classify: do it so often, and say as JSON how long each time took
  --reason TEXT   why Gatehouse is refounded, for the log: who lost what, who decided it, who is present
  --log FORMAT    text or json (default: text at a terminal, else json)

  DATABASE_URL              an external database; without it and without [database], a private
                            PostgreSQL runs in data_dir
  GATEHOUSE_POSTGRES_BIN    where the private PostgreSQL's binaries are
  OTEL_EXPORTER_OTLP_ENDPOINT
                            a collector of traces (OTLP over HTTP), with the other standard variables
  RUST_LOG                  what is logged (default: warn,gatehouse=info,people=info)";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Serve,
    Migrate,
    Init,
    Openapi,
    PolicyTest,
    PolicyAsk,
    PolicyClassify,
    PolicyDiff,
    PolicyReplay,
    Watch,
    Refound,
    Version,
    Help,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arguments {
    pub(super) command: Command,
    pub(super) config: PathBuf,
    pub(super) demo: bool,
    pub(super) log: Format,
    /// The file to compare with, instead of printing.
    pub(super) check: Option<PathBuf>,
    /// Whether a program reads what is printed.
    pub(super) json: bool,
    /// Where the policy is that is tested, or the draft.
    pub(super) policy: Option<PathBuf>,
    /// Service and environment that `policy ask` is about; the environment that is watched.
    pub(super) about: Vec<String>,
    /// How often it is measured; 0: it is answered.
    pub(super) times: u32,
    /// Empty but for `refound`.
    pub(super) reason: String,
}

impl Arguments {
    pub(super) fn parse(words: &[String]) -> Result<Self, String> {
        let mut words = words.iter();
        let command = match words.next().map(String::as_str) {
            Some("serve") => Command::Serve,
            Some("migrate") => Command::Migrate,
            Some("init") => Command::Init,
            Some("openapi") => Command::Openapi,
            Some("policy") => match words.next().map(String::as_str) {
                Some("test") => Command::PolicyTest,
                Some("ask") => Command::PolicyAsk,
                Some("classify") => Command::PolicyClassify,
                Some("diff") => Command::PolicyDiff,
                Some("replay") => Command::PolicyReplay,
                _ => return Err("say what to do with the policy: test, ask, classify, diff or replay".to_owned()),
            },
            Some("watch") => Command::Watch,
            Some("refound") => Command::Refound,
            Some("version" | "--version" | "-V") => Command::Version,
            Some("help" | "--help" | "-h") => Command::Help,
            Some(other) => return Err(format!("there is no command {other:?}")),
            None => return Err("say what to do".to_owned()),
        };
        let mut parsed = Self {
            command,
            config: PathBuf::from("gatehouse.toml"),
            demo: false,
            log: Format::Auto,
            check: None,
            json: false,
            policy: None,
            about: Vec::new(),
            times: 0,
            reason: String::new(),
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--demo" => parsed.demo = true,
                "--config" => parsed.config = words.next().map(PathBuf::from).ok_or("--config needs a file")?,
                "--reason" if command == Command::Refound => {
                    parsed.reason = words.next().cloned().ok_or("--reason needs a sentence")?;
                }
                "--log" => {
                    parsed.log = match words.next().map(String::as_str) {
                        Some("text") => Format::Text,
                        Some("json") => Format::Json,
                        _ => return Err("--log is text or json".to_owned()),
                    }
                }
                "--check" if command == Command::Openapi => {
                    parsed.check = Some(words.next().map(PathBuf::from).ok_or("--check needs a file")?);
                }
                "--times" if matches!(command, Command::PolicyAsk | Command::PolicyClassify) => {
                    let times =
                        words.next().and_then(|word| word.parse().ok()).filter(|times| (1..=10_000).contains(times));
                    parsed.times = times.ok_or("--times needs a number from 1 to 10000")?;
                }
                word if command == Command::PolicyAsk && parsed.about.len() < 2 && !word.starts_with('-') => {
                    parsed.about.push(word.to_owned());
                }
                word if command == Command::Watch && parsed.about.is_empty() && !word.starts_with('-') => {
                    parsed.about.push(word.to_owned());
                }
                "--json" if matches!(command, Command::PolicyDiff | Command::PolicyReplay) => parsed.json = true,
                "--policy" if command == Command::PolicyReplay => {
                    parsed.policy = Some(words.next().map(PathBuf::from).ok_or("--policy needs a directory")?);
                }
                directory
                    if matches!(command, Command::PolicyTest | Command::PolicyDiff)
                        && parsed.policy.is_none()
                        && !directory.starts_with('-') =>
                {
                    parsed.policy = Some(PathBuf::from(directory));
                }
                "--help" | "-h" => parsed.command = Command::Help,
                other => return Err(format!("there is no flag {other:?}")),
            }
        }
        if parsed.command == Command::PolicyAsk && parsed.about.len() < 2 {
            return Err("policy ask needs a service and an environment".to_owned());
        }
        if parsed.command == Command::Watch && parsed.about.is_empty() {
            return Err("watch needs an environment".to_owned());
        }
        if matches!(parsed.command, Command::PolicyDiff | Command::PolicyReplay) && parsed.policy.is_none() {
            return Err("name the directory of the draft: policy diff DIR, or policy replay --policy DIR".to_owned());
        }
        if parsed.command == Command::Refound && parsed.reason.trim().is_empty() {
            return Err("refound needs --reason TEXT: the log must say why".to_owned());
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn the_demo_is_never_the_default() {
        assert!(!parse("serve --config a.toml").unwrap().demo);
        let demo = parse("serve --demo --config a.toml --log json").unwrap();
        assert_eq!((demo.demo, demo.log, demo.config), (true, Format::Json, PathBuf::from("a.toml")));
    }

    #[test]
    fn a_policy_is_tested_where_it_is() {
        assert_eq!(parse("policy test").unwrap().policy, None);
        let parsed = parse("policy test deploy/policies").unwrap();
        assert_eq!((parsed.command, parsed.policy), (Command::PolicyTest, Some(PathBuf::from("deploy/policies"))));
    }

    #[test]
    fn a_policy_is_asked_about_a_service_and_an_environment() {
        let parsed = parse("policy ask score-api production --times 5 --demo").unwrap();
        assert_eq!((parsed.command, parsed.times, parsed.demo), (Command::PolicyAsk, 5, true));
        assert_eq!(parsed.about, ["score-api", "production"]);
        assert_eq!(parse("policy classify").unwrap().command, Command::PolicyClassify);
    }

    #[test]
    fn one_environment_is_watched() {
        let parsed = parse("watch staging --demo --config a.toml").unwrap();
        assert_eq!((parsed.command, parsed.demo, parsed.about), (Command::Watch, true, vec!["staging".to_owned()]));
    }

    #[test]
    fn a_draft_is_compared_where_it_is() {
        let diff = parse("policy diff drafts --json").unwrap();
        assert_eq!((diff.command, diff.policy, diff.json), (Command::PolicyDiff, Some(PathBuf::from("drafts")), true));
        let replay = parse("policy replay --policy drafts --config a.toml").unwrap();
        assert_eq!(
            (replay.command, replay.policy, replay.json),
            (Command::PolicyReplay, Some(PathBuf::from("drafts")), false)
        );
    }

    #[test]
    fn a_refounding_says_why() {
        let words = ["refound", "--reason", "all keys were in the office that burned"].map(str::to_owned);
        let parsed = Arguments::parse(&words).unwrap();
        assert_eq!(
            (parsed.command, parsed.reason.as_str()),
            (Command::Refound, "all keys were in the office that burned")
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for bad in [
            "",
            "run",
            "serve --config",
            "serve --log",
            "serve --log loud",
            "serve --dem",
            "serve a.toml",
            "refound",
            "refound --reason",
            "init --reason x",
            "policy",
            "policy diff",
            "policy replay drafts",
            "policy replay --policy",
            "policy test --json",
            "policy undo",
            "policy test a b",
            "policy ask score-api",
            "policy ask a b c",
            "policy ask a b --times 0",
            "policy test --times 2",
            "serve --times 2",
            "watch",
            "watch a b",
            "watch --demo",
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
