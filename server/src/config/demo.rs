//! Is this the demo or production? Never a little of both.
//!
//! Production refuses the twin's addresses and the `[demo]` section; the demo refuses everything
//! that is not the twin. So relaxed rules never guard a real repository, and a portal that guards one
//! never believes a program on its own machine.

use super::raw::RawDemo;
use super::{Config, Fault};

/// Production, or the demo's relaxed rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Every rule holds.
    Production,
    /// `--demo` was given: a banner on every page says so.
    Demo {
        /// People are admitted by themselves: a first key needs no founder's code and fills a seat at once.
        admit_first_keys: bool,
    },
}

impl Mode {
    pub(super) fn of(flag: bool, section: Option<&RawDemo>, faults: &mut Vec<Fault>) -> Self {
        match (flag, section) {
            (true, section) => Self::Demo { admit_first_keys: section.is_some_and(|demo| demo.admit_first_keys) },
            (false, Some(_)) => {
                faults.push(Fault {
                    key: "demo".to_owned(),
                    sentence:
                        "relaxes rules and is honoured only with --demo; delete the section, or start with --demo"
                            .to_owned(),
                });
                Self::Production
            }
            (false, None) => Self::Production,
        }
    }
}

/// Every outside address of a configuration, with its key. `None` stands for AWS's own address.
fn addresses(config: &Config) -> Vec<(String, Option<&super::Address>)> {
    let mut all = vec![
        ("oidc.issuer".to_owned(), Some(&config.oidc.issuer)),
        ("github.api_url".to_owned(), Some(&config.github.api_url)),
        ("aws.ecr_endpoint".to_owned(), config.aws.ecr_endpoint.as_ref()),
    ];
    for environment in &config.environments {
        all.push((format!("environments.{}.kubernetes_url", environment.name), Some(&environment.kubernetes_url)));
    }
    for place in &config.observed {
        all.push((format!("observed.{}.kubernetes_url", place.name), Some(&place.kubernetes_url)));
    }
    all
}

/// Refuses the twin's addresses without `--demo`, and all others with it.
pub(super) fn check(config: &Config, faults: &mut Vec<Fault>) {
    for (key, address) in addresses(config) {
        let twin_like = address.is_some_and(super::Address::is_loopback_or_plain);
        let sentence = match (config.mode, address) {
            (Mode::Production, Some(address)) if twin_like => format!(
                "{address} is a loopback or plain-HTTP address, which only the demo may use; write an https address of another host, or start with --demo"
            ),
            (Mode::Demo { .. }, Some(address)) if !twin_like => format!(
                "{address} is a real system, and the demo's relaxed rules must not guard one; write the twin's address, or start without --demo"
            ),
            (Mode::Demo { .. }, None) => {
                "is absent, which means AWS itself, and the demo must not ask it; write the twin's address".to_owned()
            }
            _ => continue,
        };
        faults.push(Fault { key, sentence });
    }
}
