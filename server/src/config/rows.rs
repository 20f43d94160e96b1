//! The tables of many rows: each row by itself, then the rows against each other.

use super::check::Check;
use super::raw::{RawAdmitted, RawContributors, RawEnvironment, RawObserved, RawService};
use super::{About, Address, Admitted, Environment, Observed, Service};
use gatehouse_domain::people::Role;
use gatehouse_domain::{GithubId, RepositoryId};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Lower-case, so that two spellings cannot claim to be two of something that others compare without case.
fn folded(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// All rows, or nothing when one of them is faulty; an empty list is a fault of its own.
fn rows<R, T>(
    c: &mut Check,
    key: &str,
    raw: Vec<R>,
    mut row: impl FnMut(&mut Check, &str, R) -> Option<T>,
) -> Option<Vec<T>> {
    if raw.is_empty() {
        c.fault(key, format!("is empty; describe at least one with [[{key}]]"));
    }
    let all: Vec<Option<T>> = raw.into_iter().enumerate().map(|(i, r)| row(c, &format!("{key}[{i}]"), r)).collect();
    all.into_iter().collect::<Option<Vec<T>>>().filter(|rows| !rows.is_empty())
}

/// One that is kept, and that this process's file does not name, has no token.
pub(super) fn environments(c: &mut Check, raw: Vec<RawEnvironment>, is_kept: bool) -> Option<Vec<Environment>> {
    c.unique(raw.iter().enumerate().map(|(i, e)| (format!("environments[{i}].name"), folded(&e.name))));
    // GitHub compares environment names without case.
    let names = raw
        .iter()
        .enumerate()
        .map(|(i, e)| (format!("environments[{i}].github_environment"), folded(&e.github_environment)));
    c.unique(names);
    rows(c, "environments", raw, |c, at, raw| {
        let name = c.parse(&format!("{at}.name"), &raw.name);
        let github_environment = c.word(&format!("{at}.github_environment"), raw.github_environment);
        let cluster = cluster(c, at, &raw.kubernetes_url, raw.kubernetes_token_file, raw.kubernetes_ca_file, is_kept);
        let about = about(c, at, raw.about);
        let (kubernetes_url, kubernetes_token, kubernetes_ca) = cluster?;
        Some(Environment {
            name: name?,
            github_environment: github_environment?,
            production: raw.production,
            kubernetes_url,
            kubernetes_token,
            kubernetes_ca,
            about: about?,
        })
    })
}

/// None is as good as some: nobody needs a place that is only looked at.
pub(super) fn observed(
    c: &mut Check,
    raw: Vec<RawObserved>,
    gated: &[(String, String)],
    is_kept: bool,
) -> Option<Vec<Observed>> {
    if raw.is_empty() {
        return Some(Vec::new());
    }
    let here = raw.iter().enumerate().map(|(i, o)| (format!("observed[{i}].name"), folded(&o.name)));
    c.unique(gated.iter().cloned().chain(here));
    rows(c, "observed", raw, |c, at, raw| {
        let name = c.parse(&format!("{at}.name"), &raw.name);
        let cluster = cluster(c, at, &raw.kubernetes_url, raw.kubernetes_token_file, raw.kubernetes_ca_file, is_kept);
        let about = about(c, at, raw.about);
        let (kubernetes_url, kubernetes_token, kubernetes_ca) = cluster?;
        Some(Observed { name: name?, kubernetes_url, kubernetes_token, kubernetes_ca, about: about? })
    })
}

/// The names that gated places claim, with where they do.
pub(super) fn gated_names(raw: &[RawEnvironment]) -> Vec<(String, String)> {
    raw.iter().enumerate().map(|(i, e)| (format!("environments[{i}].name"), folded(&e.name))).collect()
}

type Cluster = (Address, Option<SecretString>, Option<String>);

fn cluster(
    c: &mut Check,
    at: &str,
    url: &str,
    token_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    is_kept: bool,
) -> Option<Cluster> {
    let url = c.address(&format!("{at}.kubernetes_url"), url);
    let key = format!("{at}.kubernetes_token_file");
    let token = match token_file {
        Some(path) => c.secret(&key, &path).map(Some),
        None if is_kept => Some(None),
        None => c.take(&key, Err("is missing; name the file that holds the API server's bearer token")),
    };
    let ca = ca_file.map(|path| {
        let path = c.path(&path);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{} cannot be read ({error}); create it", path.display()));
        c.take(&format!("{at}.kubernetes_ca_file"), text)
    });
    let ca = match ca {
        Some(read) => Some(read?),
        None => None,
    };
    Some((url?, token?, ca))
}

fn about(c: &mut Check, at: &str, raw: BTreeMap<String, String>) -> Option<About> {
    let before = c.faults.len();
    for (key, text) in &raw {
        let place = format!("{at}.about.{key}");
        // The governed bytes have one spelling, so no letter may have two.
        let is_plain = !text.trim().is_empty()
            && text.len() <= 300
            && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if !About::KEYS.contains(&key.as_str()) {
            c.fault(&place, format!("is no such key; there are {}", About::KEYS.join(", ")));
        } else if !is_plain {
            c.fault(&place, "must be 1 to 300 printable ASCII characters; correct it");
        } else if key == "order" && text.parse::<u32>().is_err() {
            c.fault(&place, "is no number; write its place from the left, such as \"1\"");
        }
    }
    (c.faults.len() == before).then_some(About(raw))
}

pub(super) fn services(c: &mut Check, raw: Vec<RawService>) -> Option<Vec<Service>> {
    c.unique(raw.iter().enumerate().map(|(i, s)| (format!("services[{i}].name"), folded(&s.name))));
    let workflows = raw.iter().enumerate().map(|(i, s)| {
        (
            format!("services[{i}].workflow"),
            format!("workflow {} of repository {}", folded(&s.workflow), s.repository_id),
        )
    });
    c.unique(workflows);
    rows(c, "services", raw, |c, at, raw| {
        let name = c.parse(&format!("{at}.name"), &raw.name);
        let repository_id = c.number(&format!("{at}.repository_id"), raw.repository_id);
        let owned = raw.repository.split('/').filter(|part| !part.is_empty()).count() == 2;
        if !owned {
            c.fault(&format!("{at}.repository"), format!("{:?} is not owner/name", raw.repository));
        }
        let repository = c.tree(&format!("{at}.repository"), raw.repository);
        let workflow = c.tree(&format!("{at}.workflow"), raw.workflow);
        let image_repository = c.word(&format!("{at}.image_repository"), raw.image_repository);
        let namespace = c.word(&format!("{at}.namespace"), raw.namespace);
        let deployment = c.word(&format!("{at}.deployment"), raw.deployment);
        let container = c.word(&format!("{at}.container"), raw.container);
        let config_path = c.tree(&format!("{at}.config_path"), raw.config_path);
        let migrations_path = c.tree(&format!("{at}.migrations_path"), raw.migrations_path);
        let owner_team = c.word(&format!("{at}.owner_team"), raw.owner_team);
        Some(Service {
            name: name?,
            repository_id: RepositoryId(repository_id?),
            repository: repository?,
            workflow: workflow?,
            image_repository: image_repository?,
            namespace: namespace?,
            deployment: deployment?,
            container: container?,
            config_path: config_path?,
            migrations_path: migrations_path?,
            owner_team: owner_team?,
        })
    })
}

fn role(c: &mut Check, key: &str, word: &str) -> Option<Role> {
    let known = || Role::ALL.map(Role::code).join(", ");
    c.take(key, Role::from_code(word).ok_or_else(|| format!("{word:?} is no role; the roles are {}", known())))
}

pub(super) fn roles(c: &mut Check, raw: BTreeMap<String, String>) -> Option<BTreeMap<Role, String>> {
    let all: Vec<Option<(Role, String)>> = raw
        .into_iter()
        .map(|(word, group)| {
            let key = format!("roles.{word}");
            let role = role(c, &key, &word);
            let group = c.word(&key, group);
            Some((role?, group?))
        })
        .collect();
    let roles: BTreeMap<Role, String> = all.into_iter().collect::<Option<_>>()?;
    // Who only looks may be nobody; whom a gate may ask for must be somebody.
    let needed = |role: &&Role| **role != Role::Lead;
    let missing: Vec<&Role> = Role::ALL.iter().filter(needed).filter(|role| !roles.contains_key(role)).collect();
    for missing in &missing {
        c.fault(
            &format!("roles.{}", missing.code()),
            "is missing; name the group of the identity provider that holds it",
        );
    }
    missing.is_empty().then_some(roles)
}

/// Every GitHub account that the file says something of, with its place: one account is one person's, or nobody's.
pub(super) fn github_ids(admitted: &[RawAdmitted], contributors: &RawContributors) -> Vec<(String, u64)> {
    let many = |key: String, ids: &[u64]| ids.iter().map(move |id| (key.clone(), *id)).collect::<Vec<_>>();
    let rows = admitted.iter().enumerate();
    let first = rows.clone().map(|(i, row)| (format!("admitted[{i}].github_id"), row.github_id));
    let others = rows.flat_map(|(i, row)| many(format!("admitted[{i}].other_github_ids"), &row.other_github_ids));
    first.chain(others).chain(many("contributors.github_ids".to_owned(), &contributors.github_ids)).collect()
}

fn accounts(c: &mut Check, key: &str, ids: &[u64]) -> Option<BTreeSet<GithubId>> {
    let ids: Vec<Option<GithubId>> = ids.iter().map(|id| c.number(key, *id).map(GithubId)).collect();
    ids.into_iter().collect()
}

pub(super) fn contributors(c: &mut Check, raw: RawContributors) -> Option<BTreeSet<GithubId>> {
    accounts(c, "contributors.github_ids", &raw.github_ids)
}

pub(super) fn admitted(c: &mut Check, raw: Vec<RawAdmitted>) -> Option<Vec<Admitted>> {
    // Person ids are exact, but two rows that differ only in case are one human or a mistake (ATK-02).
    c.unique(raw.iter().enumerate().map(|(i, row)| (format!("admitted[{i}].person"), folded(&row.person))));
    rows(c, "admitted", raw, |c, at, raw| {
        let person = c.parse(&format!("{at}.person"), &raw.person);
        let github_id = c.number(&format!("{at}.github_id"), raw.github_id);
        let other_github_ids = accounts(c, &format!("{at}.other_github_ids"), &raw.other_github_ids);
        let key = format!("{at}.roles");
        if raw.roles.is_empty() {
            c.fault(&key, "is empty; give at least one role, or delete the row");
        }
        let roles: Vec<Option<Role>> = raw.roles.iter().map(|word| role(c, &key, word)).collect();
        let roles: BTreeSet<Role> = roles.into_iter().collect::<Option<_>>()?;
        if roles.len() < raw.roles.len() {
            c.fault(&key, "names a role twice; keep one");
        }
        Some(Admitted {
            person: person?,
            roles,
            github_id: GithubId(github_id?),
            other_github_ids: other_github_ids?,
            founder: raw.founder,
        })
    })
}
