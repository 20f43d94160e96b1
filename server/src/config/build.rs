//! From the raw shape to a valid [`Config`], collecting every fault on the way.

use super::raw::{Raw, RawAdmitted, RawAws, RawDatabase, RawEnvironment, RawService};
use super::{
    AccessKey, Address, Admitted, Aws, Config, ConfigError, Database, Environment, Fault, Github, Key32, Mode, Oidc,
    PublicUrl, Secrets, Service, demo, secrets,
};
use gatehouse_domain::people::Role;
use gatehouse_domain::{GithubId, RepositoryId};
use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Collects faults; a value that has one is `None`, and the rest is still checked.
struct Check {
    base: PathBuf,
    faults: Vec<Fault>,
}

impl Check {
    fn fault(&mut self, key: &str, sentence: impl Into<String>) {
        self.faults.push(Fault { key: key.to_owned(), sentence: sentence.into() });
    }

    fn take<T, E: Display>(&mut self, key: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.fault(key, error.to_string())).ok()
    }

    fn parse<T: FromStr<Err = gatehouse_domain::Malformed>>(&mut self, key: &str, text: &str) -> Option<T> {
        self.take(key, text.parse().map_err(|error| format!("{text:?} is {error}; correct it")))
    }

    /// A name as other systems write them: printable ASCII without spaces, so that it has one spelling.
    fn word(&mut self, key: &str, text: String) -> Option<String> {
        let plain = !text.is_empty() && text.len() <= 200 && text.bytes().all(|b| b.is_ascii_graphic());
        self.take(key, plain.then_some(text).ok_or("must be 1 to 200 printable ASCII characters without spaces; correct it"))
    }

    /// A path inside a repository.
    fn tree(&mut self, key: &str, text: String) -> Option<String> {
        let text = self.word(key, text)?;
        let plain = text.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        self.take(key, plain.then_some(text).ok_or("must be a path inside the repository, without leading or trailing `/`, `.` and `..`"))
    }

    fn number(&mut self, key: &str, n: u64) -> Option<u64> {
        let fits = n > 0 && i64::try_from(n).is_ok();
        self.take(key, fits.then_some(n).ok_or("must be a positive number, as GitHub shows it"))
    }

    fn path(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }

    fn secret(&mut self, key: &str, path: &Path) -> Option<SecretString> {
        let path = self.path(path);
        self.take(key, secrets::read(&path))
    }

    fn key32(&mut self, key: &str, path: &Path) -> Option<Key32> {
        let text = self.secret(key, path)?;
        self.take(key, Key32::from_hex(&text))
    }

    fn address(&mut self, key: &str, text: &str) -> Option<Address> {
        self.take(key, Address::http(text))
    }

    /// Says which two rows claim the same thing.
    fn unique<K: Ord + Display>(&mut self, keys: impl Iterator<Item = (String, K)>) {
        let mut seen: BTreeMap<K, String> = BTreeMap::new();
        for (place, key) in keys {
            if let Some(first) = seen.get(&key) {
                self.fault(&place, format!("{key} is already claimed by {first}; keep one of the two"));
            } else {
                seen.insert(key, place);
            }
        }
    }
}

/// Lower-case, so that two spellings cannot claim to be two of something that others compare without case.
fn folded(text: &str) -> String {
    text.to_ascii_lowercase()
}

pub(super) fn build(raw: Raw, file: &Path, demo_flag: bool, database_url: Option<&str>) -> Result<Config, ConfigError> {
    let base = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let mut check = Check { base, faults: Vec::new() };
    let mode = Mode::of(demo_flag, raw.demo.as_ref(), &mut check.faults);
    match assemble(raw, file, mode, database_url, &mut check) {
        Some(config) => {
            demo::check(&config, &mut check.faults);
            match check.faults.is_empty() {
                true => Ok(config),
                false => Err(ConfigError { file: file.to_owned(), faults: check.faults }),
            }
        }
        None => Err(ConfigError { file: file.to_owned(), faults: check.faults }),
    }
}

fn assemble(raw: Raw, file: &Path, mode: Mode, database_url: Option<&str>, c: &mut Check) -> Option<Config> {
    // Everything is checked before the first `?`, so that all faults are told at once.
    let listen = c.take(
        "listen",
        raw.listen.parse().map_err(|_| format!("{:?} is no address and port; write for example 127.0.0.1:8080", raw.listen)),
    );
    let public_url = c.take("public_url", PublicUrl::parse(&raw.public_url));
    let data_dir = data_dir(c, &raw.data_dir);
    let database = database(c, raw.database, database_url);
    let personal_data_key = c.key32("secrets.personal_data_key_file", &raw.secrets.personal_data_key_file);
    let token_key = c.key32("secrets.token_key_file", &raw.secrets.token_key_file);
    let issuer = c.address("oidc.issuer", &raw.oidc.issuer);
    let client_id = c.word("oidc.client_id", raw.oidc.client_id);
    let client_secret = c.secret("oidc.client_secret_file", &raw.oidc.client_secret_file);
    let employee_id_claim = c.word("oidc.employee_id_claim", raw.oidc.employee_id_claim);
    let groups_claim = c.word("oidc.groups_claim", raw.oidc.groups_claim);
    let api_url = c.address("github.api_url", &raw.github.api_url);
    let app_id = c.number("github.app_id", raw.github.app_id);
    let installation_id = c.number("github.installation_id", raw.github.installation_id);
    let private_key = c.secret("github.private_key_file", &raw.github.private_key_file);
    let webhook_secret = c.secret("github.webhook_secret_file", &raw.github.webhook_secret_file);
    let aws = aws(c, raw.aws);
    let environments = environments(c, raw.environments);
    let services = services(c, raw.services);
    let roles = roles(c, raw.roles);
    let admitted = admitted(c, raw.admitted);

    Some(Config {
        source: file.to_owned(),
        listen: listen?,
        public_url: public_url?,
        data_dir: data_dir?,
        database: database?,
        secrets: Secrets { personal_data_key: personal_data_key?, token_key: token_key? },
        oidc: Oidc {
            issuer: issuer?,
            client_id: client_id?,
            client_secret: client_secret?,
            employee_id_claim: employee_id_claim?,
            groups_claim: groups_claim?,
        },
        github: Github {
            api_url: api_url?,
            app_id: app_id?,
            installation_id: installation_id?,
            private_key: private_key?,
            webhook_secret: webhook_secret?,
        },
        aws: aws?,
        environments: environments?,
        services: services?,
        roles: roles?,
        admitted: admitted?,
        mode,
    })
}

fn data_dir(c: &mut Check, path: &Path) -> Option<PathBuf> {
    let path = c.path(path);
    let absolute = c.take("data_dir", std::path::absolute(&path).map_err(|error| format!("is no usable path ({error})")))?;
    if absolute.parent().is_none() {
        c.fault("data_dir", "is the root directory; name a directory of its own");
        return None;
    }
    Some(absolute)
}

fn database(c: &mut Check, raw: Option<RawDatabase>, from_environment: Option<&str>) -> Option<Database> {
    let (url, password_file) = raw.map_or((None, None), |raw| (raw.url, raw.password_file));
    let password = password_file.as_deref().map(|path| c.secret("database.password_file", path));
    let (key, text) = match (from_environment, &url) {
        (Some(text), _) => ("DATABASE_URL", text),
        (None, Some(text)) => ("database.url", text.as_str()),
        (None, None) => {
            if password.is_some() {
                c.fault("database.password_file", "is there without database.url; name the database too, or delete the line");
                return None;
            }
            return Some(Database::Private);
        }
    };
    let url = c.take(key, Address::postgres(text))?;
    // A password file that could not be read has told its fault already.
    let password = match password {
        Some(read) => Some(read?),
        None => None,
    };
    Some(Database::External { url, password })
}

fn aws(c: &mut Check, raw: RawAws) -> Option<Aws> {
    let region = c.word("aws.region", raw.region);
    let digits = raw.account.len() == 12 && raw.account.bytes().all(|b| b.is_ascii_digit());
    let account = c.take("aws.account", digits.then_some(raw.account).ok_or("must be the account's twelve digits, in quotes"));
    let ecr_endpoint = raw.ecr_endpoint.map(|text| c.address("aws.ecr_endpoint", &text));
    let access_key = raw.access_key_file.map(|path| {
        let text = c.secret("aws.access_key_file", &path)?;
        let pair = text.expose_secret().split_once(':').filter(|(id, secret)| !id.is_empty() && !secret.is_empty());
        let pair = pair.map(|(id, secret)| AccessKey { id: id.to_owned(), secret: SecretString::from(secret) });
        c.take("aws.access_key_file", pair.ok_or("must hold ID:SECRET on one line"))
    });
    Some(Aws {
        region: region?,
        account: account?,
        ecr_endpoint: match ecr_endpoint {
            Some(parsed) => Some(parsed?),
            None => None,
        },
        access_key: match access_key {
            Some(parsed) => Some(parsed?),
            None => None,
        },
    })
}

/// All rows, or nothing when one of them is faulty; an empty list is a fault of its own.
fn rows<R, T>(c: &mut Check, key: &str, raw: Vec<R>, mut row: impl FnMut(&mut Check, &str, R) -> Option<T>) -> Option<Vec<T>> {
    if raw.is_empty() {
        c.fault(key, format!("is empty; describe at least one with [[{key}]]"));
    }
    let all: Vec<Option<T>> = raw.into_iter().enumerate().map(|(i, r)| row(c, &format!("{key}[{i}]"), r)).collect();
    all.into_iter().collect::<Option<Vec<T>>>().filter(|rows| !rows.is_empty())
}

fn environments(c: &mut Check, raw: Vec<RawEnvironment>) -> Option<Vec<Environment>> {
    c.unique(raw.iter().enumerate().map(|(i, e)| (format!("environments[{i}].name"), folded(&e.name))));
    // GitHub compares environment names without case.
    let names = raw.iter().enumerate().map(|(i, e)| (format!("environments[{i}].github_environment"), folded(&e.github_environment)));
    c.unique(names);
    rows(c, "environments", raw, |c, at, raw| {
        let name = c.parse(&format!("{at}.name"), &raw.name);
        let github_environment = c.word(&format!("{at}.github_environment"), raw.github_environment);
        let kubernetes_url = c.address(&format!("{at}.kubernetes_url"), &raw.kubernetes_url);
        let kubernetes_token = c.secret(&format!("{at}.kubernetes_token_file"), &raw.kubernetes_token_file);
        let kubernetes_ca = raw.kubernetes_ca_file.map(|path| {
            let path = c.path(&path);
            let text = std::fs::read_to_string(&path).map_err(|error| format!("{} cannot be read ({error}); create it", path.display()));
            c.take(&format!("{at}.kubernetes_ca_file"), text)
        });
        Some(Environment {
            name: name?,
            github_environment: github_environment?,
            production: raw.production,
            kubernetes_url: kubernetes_url?,
            kubernetes_token: kubernetes_token?,
            kubernetes_ca: match kubernetes_ca {
                Some(read) => Some(read?),
                None => None,
            },
        })
    })
}

fn services(c: &mut Check, raw: Vec<RawService>) -> Option<Vec<Service>> {
    c.unique(raw.iter().enumerate().map(|(i, s)| (format!("services[{i}].name"), folded(&s.name))));
    let workflows = raw.iter().enumerate().map(|(i, s)| {
        (format!("services[{i}].workflow"), format!("workflow {} of repository {}", folded(&s.workflow), s.repository_id))
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

fn roles(c: &mut Check, raw: BTreeMap<String, String>) -> Option<BTreeMap<Role, String>> {
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
    for missing in Role::ALL.iter().filter(|role| !roles.contains_key(role)) {
        c.fault(&format!("roles.{}", missing.code()), "is missing; name the group of the identity provider that holds it");
    }
    (roles.len() == Role::ALL.len()).then_some(roles)
}

fn admitted(c: &mut Check, raw: Vec<RawAdmitted>) -> Option<Vec<Admitted>> {
    // Person ids are exact, but two rows that differ only in case are one human or a mistake (ATK-02).
    c.unique(raw.iter().enumerate().map(|(i, row)| (format!("admitted[{i}].person"), folded(&row.person))));
    c.unique(raw.iter().enumerate().map(|(i, row)| (format!("admitted[{i}].github_id"), row.github_id)));
    rows(c, "admitted", raw, |c, at, raw| {
        let person = c.parse(&format!("{at}.person"), &raw.person);
        let github_id = c.number(&format!("{at}.github_id"), raw.github_id);
        let key = format!("{at}.roles");
        if raw.roles.is_empty() {
            c.fault(&key, "is empty; give at least one role, or delete the row");
        }
        let roles: Vec<Option<Role>> = raw.roles.iter().map(|word| role(c, &key, word)).collect();
        let roles: BTreeSet<Role> = roles.into_iter().collect::<Option<_>>()?;
        if roles.len() < raw.roles.len() {
            c.fault(&key, "names a role twice; keep one");
        }
        Some(Admitted { person: person?, roles, github_id: GithubId(github_id?), founder: raw.founder })
    })
}
