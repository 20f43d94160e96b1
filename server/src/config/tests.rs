#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use std::os::unix::fs::PermissionsExt;

/// A configuration with its secret files, in a directory of its own; rows are changed by text.
struct Files(PathBuf);

const DEMO: &str = include_str!("fixture.toml");

impl Files {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("gatehouse-config-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir(&dir).unwrap();
        let files = Self(dir);
        for name in ["oidc_client_secret", "github_app.pem", "github_webhook_secret", "kube_token", "password"] {
            files.secret(name, "s3cret\n", 0o600);
        }
        files.secret("aws_access_key", "AKIDEXAMPLE:s3cret", 0o600);
        files.secret("personal_data_key", &"11".repeat(32), 0o600);
        files.secret("token_key", &"22".repeat(32), 0o600);
        files
    }

    fn secret(&self, name: &str, text: &str, mode: u32) {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn demo(&self, text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, &self.0.join("gatehouse.toml"), true, None)
    }

    fn production(&self, text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, &self.0.join("gatehouse.toml"), false, None)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The demo's file with the addresses of real systems and without its relaxed rules.
fn real() -> String {
    let text = DEMO.split("[demo]").next().unwrap();
    text.replace("http://127.0.0.1:9101", "https://api.github.com")
        .replace("http://127.0.0.1:9102", "https://id.example.com")
        .replace("http://127.0.0.1:9103", "https://kube.example.com")
        .replace("ecr_endpoint = \"http://127.0.0.1:9104\"\n", "")
        .replace("http://localhost:8080", "https://gatehouse.example.com")
}

fn keys(error: &ConfigError) -> Vec<&str> {
    error.faults.iter().map(|fault| fault.key.as_str()).collect()
}

#[test]
fn the_demo_file_is_read_whole() {
    let files = Files::new("whole");
    let config = files.demo(DEMO).unwrap();
    assert_eq!(config.mode, Mode::Demo { admit_first_keys: true });
    assert_eq!(config.public_url.origin(), "http://localhost:8080");
    assert_eq!((config.log_origin().as_str(), config.public_url.host()), ("localhost:8080/audit", "localhost"));
    assert_eq!(config.github.app_id, 424_242);
    assert!(matches!(config.database, Database::Private));
    assert_eq!(config.data_dir, files.0.join("data"), "relative paths start at the file");
    assert!(!format!("{config:?}").contains("s3cret"), "secrets are not printed");
}

#[test]
fn every_fault_is_told_at_once_with_its_key() {
    let files = Files::new("faults");
    let text = DEMO
        .replace("listen = \"127.0.0.1:8080\"", "listen = \"8080\"")
        .replace("account = \"210987654321\"", "account = \"12\"")
        .replace("name = \"score-api\"", "name = \"Score API\"")
        .replace("workflow = \".github/workflows/score-api.yml\"", "workflow = \"../score-api.yml\"")
        .replace("roles = [\"auditor\"]", "roles = [\"admin\"]");
    let error = files.demo(&text).unwrap_err();
    assert_eq!(
        keys(&error),
        ["listen", "aws.account", "services[0].name", "services[0].workflow", "admitted[1].roles"]
    );
    assert!(error.to_string().lines().all(|line| line.contains("gatehouse.toml: ")), "{error}");
}

#[test]
fn a_misspelt_key_is_refused_with_its_line() {
    let files = Files::new("misspelt");
    let error = files.demo(&DEMO.replace("app_id", "app_identifier")).unwrap_err();
    let words = error.to_string();
    assert!(words.contains("unknown field `app_identifier`") && words.contains(": line "), "{words}");
}

#[test]
fn hosts_of_the_identity_provider_are_names_and_are_governed() {
    let files = Files::new("hosts");
    let named =
        |hosts: &str| files.demo(&DEMO.replacen("groups_claim", &format!("other_hosts = [{hosts}]\ngroups_claim"), 1));
    let before = files.demo(DEMO).unwrap().digest();
    let config = named("\"oauth2.example.com\"").unwrap();
    assert_eq!(config.oidc.other_hosts, ["oauth2.example.com"]);
    assert_ne!(config.digest(), before, "another place to send the client secret to is another policy");
    for bad in ["https://a.example.com", "a.example.com:8443", "A.example.com", "a.example.com/x", "", "*.example.com "]
    {
        assert_eq!(keys(&named(&format!("{bad:?}")).unwrap_err()), ["oidc.other_hosts"], "{bad}");
    }
}

#[test]
fn nothing_is_claimed_twice() {
    let files = Files::new("twice");
    let row = "\n[[admitted]]\nperson = \"e-1001\"\nroles = [\"dpo\"]\ngithub_id = 50007\n";
    let service = DEMO.split("[[services]]").nth(1).unwrap().split('[').next().unwrap();
    let again = format!("\n[[services]]{}", service.replace("name = \"score-api\"", "name = \"other\""));
    let error = files.demo(&format!("{DEMO}{row}{again}")).unwrap_err();
    assert_eq!(keys(&error), ["services[1].workflow", "admitted[2].github_id", "admitted[2].person"]);
    assert!(error.to_string().contains("already claimed by admitted[0].person"), "{error}");
    // Nor is one account two people's, or somebody's and nobody's.
    let more = DEMO.replacen("github_id = 50001", "github_id = 50001\nother_github_ids = [50007, 0]", 1);
    let error = files.demo(&format!("{more}\n[contributors]\ngithub_ids = [50001]\n")).unwrap_err();
    assert_eq!(
        keys(&error),
        ["admitted[0].other_github_ids", "contributors.github_ids", "admitted[0].other_github_ids"]
    );
}

#[test]
fn a_secret_that_others_can_read_or_that_is_empty_is_refused() {
    let files = Files::new("secret");
    files.secret("github_app.pem", "x", 0o640);
    files.secret("oidc_client_secret", " \n", 0o600);
    files.secret("token_key", "22", 0o600);
    let error = files.demo(DEMO).unwrap_err();
    assert_eq!(keys(&error), ["secrets.token_key_file", "oidc.client_secret_file", "github.private_key_file"]);
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[test]
fn production_refuses_the_twin_and_its_relaxed_rules() {
    let files = Files::new("production");
    assert!(files.production(&real()).is_ok());
    let error = files.production(DEMO).unwrap_err();
    assert_eq!(
        keys(&error),
        ["demo", "oidc.issuer", "github.api_url", "aws.ecr_endpoint", "environments.production.kubernetes_url"]
    );
    for twin_like in [
        "http://api.github.com",
        "https://localhost",
        "https://127.1.2.3",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://x.LOCALHOST.",
    ] {
        let error = files.production(&real().replace("https://api.github.com", twin_like)).unwrap_err();
        assert_eq!(keys(&error), ["github.api_url"], "{twin_like}");
    }
}

#[test]
fn the_demo_refuses_real_systems() {
    let files = Files::new("demo");
    let error = files.demo(&real()).unwrap_err();
    assert_eq!(
        keys(&error),
        ["oidc.issuer", "github.api_url", "aws.ecr_endpoint", "environments.production.kubernetes_url"]
    );
}

#[test]
fn public_url_is_an_origin_that_browsers_trust() {
    for (bad, why) in [
        ("http://gatehouse.example.com", "must be https"),
        ("https://gatehouse.example.com/portal", "without a path"),
        ("https://10.0.0.1", "must name a host"),
        ("ftp://gatehouse.example.com", "must start with https"),
        ("https://me:pw@gatehouse.example.com", "must not hold a user"),
    ] {
        assert!(PublicUrl::parse(bad).unwrap_err().contains(why), "{bad}");
    }
    assert_eq!(
        PublicUrl::parse("https://Gatehouse.Example.com:443/").unwrap().origin(),
        "https://gatehouse.example.com"
    );
}

#[test]
fn a_database_url_wins_and_holds_no_password() {
    let files = Files::new("database");
    let file = files.0.join("gatehouse.toml");
    let config = Config::parse(DEMO, &file, true, Some("postgres://gatehouse_app@db/gatehouse")).unwrap();
    assert!(matches!(config.database, Database::External { password: None, .. }));

    for bad in
        ["postgres://gatehouse_app:hunter2@db/gatehouse", "postgres://gatehouse_app@db/gatehouse?password=hunter2"]
    {
        let error = Config::parse(DEMO, &file, true, Some(bad)).unwrap_err();
        assert_eq!(keys(&error), ["DATABASE_URL"]);
        let words = error.to_string();
        assert!(words.contains("database.password_file") && !words.contains("hunter2"), "{words}");
    }

    let section =
        "[database]\nurl = \"postgres://gatehouse_app@db/gatehouse\"\npassword_file = \"password\"\n\n[secrets]";
    let config = files.demo(&DEMO.replace("[secrets]", section)).unwrap();
    assert!(matches!(config.database, Database::External { password: Some(_), .. }));
}

#[test]
fn the_digest_moves_with_what_is_governed_and_with_nothing_else() {
    let files = Files::new("digest");
    let digest = |text: &str| files.production(text).unwrap().digest();
    let base = digest(&real());
    assert_eq!(base, digest(&real().replace("127.0.0.1:8080", "127.0.0.1:8081")), "the listener is not governed");
    files.secret("other_token", "rotated", 0o600);
    assert_eq!(base, digest(&real().replace("\"kube_token\"", "\"other_token\"")), "secrets are not governed");
    for (from, to) in [
        ("\"altscore-dpo\"", "\"everybody\""),
        ("github_id = 50001", "github_id = 50009"),
        ("founder = true", "founder = false"),
        ("altscore/score-api\"", "altscore/other\""),
        ("https://api.github.com", "https://ghe.example.com"),
        ("https://kube.example.com", "https://other.example.com"),
    ] {
        assert!(real().contains(from), "{from}");
        assert_ne!(base, digest(&real().replace(from, to)), "{from} is governed");
    }
    let about = real().replace("[[services]]", "[environments.about]\nregion = \"ap-south-1\"\n\n[[services]]");
    let observed = format!("{}{}", real(), OBSERVED);
    assert_ne!(base, digest(&about), "what people are told of a place is governed");
    assert_ne!(base, digest(&observed), "what is looked at is governed");
    assert_ne!(digest(&observed), digest(&observed.replace("dev.example", "other.example")));
    let alias = real().replace("github_id = 50001", "github_id = 50001\nother_github_ids = [50019]");
    let contributor = format!("{}\n[contributors]\ngithub_ids = [50019]\n", real());
    assert_ne!(base, digest(&alias), "whose a second account is, is governed");
    assert_ne!(base, digest(&contributor), "who is nobody's second account is governed");
}

const OBSERVED: &str = "\n[[observed]]\nname = \"dev\"\nkubernetes_url = \"https://dev.example\"\nkubernetes_token_file = \"kube_token\"\nabout = { order = \"1\", access = \"Engineers\" }\n";

#[test]
fn a_place_that_is_only_looked_at_is_none_of_those_that_are_gated_and_comes_back_from_what_is_kept() {
    let files = Files::new("observed");
    let text = real() + OBSERVED;
    let config = files.production(&text).unwrap();
    assert_eq!(config.environments.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["production"]);
    let places: Vec<_> = config.places().iter().map(|it| (it.name.to_string(), it.gated)).collect();
    assert_eq!(places, [("dev".to_owned(), false), ("production".to_owned(), true)]);
    let again = files.production(&real()).unwrap().under(&config.kept()).unwrap();
    assert_eq!(again.digest(), config.digest());
    let dev = again.observed.first().unwrap();
    assert!(dev.kubernetes_token.is_none(), "this file names no token for it");
    assert_eq!((dev.about.access(), dev.about.order()), (Some("Engineers"), 1));
    for (from, to, key) in [
        ("name = \"dev\"", "name = \"Production\"", "observed[0].name"),
        ("access =", "acces =", "observed[0].about.acces"),
        ("\"Engineers\"", "\"\"", "observed[0].about.access"),
        ("order = \"1\"", "order = \"first\"", "observed[0].about.order"),
        ("kubernetes_token_file = \"kube_token\"\nabout", "github_environment = \"dev\"\nabout", "line"),
        ("https://dev.example", "http://127.0.0.1:9", "observed.dev.kubernetes_url"),
    ] {
        assert!(text.contains(from), "{from}");
        let cut = text.len() - OBSERVED.len();
        let changed = format!("{}{}", &text[..cut], OBSERVED.replace(from, to));
        let error = files.production(&changed).unwrap_err();
        let told = keys(&error);
        assert!(told.iter().any(|it| it.starts_with(key)), "{key}: {told:?}");
    }
}

#[test]
fn the_digest_is_over_these_bytes() {
    // A test vector: whoever wants to check the digest of a deployment computes it like this.
    let files = Files::new("bytes");
    let bytes = Governed::of(&files.production(&real()).unwrap()).bytes().unwrap();
    // The policy's own digest moves with its files.
    let vector = include_str!("governed.vector.json").replace("POLICY", Bundle::built_in().digest().as_str());
    assert_eq!(String::from_utf8(bytes).unwrap(), vector.trim_end());
}

#[test]
fn another_policy_is_another_digest_and_a_directory_without_one_is_refused() {
    let files = Files::new("policy");
    let text = real() + "\n[policy]\ndirectory = \"policies\"\n";
    let (folder, before) = (files.0.join("policies"), files.production(&real()).unwrap().digest());
    assert_eq!(keys(&files.production(&text).unwrap_err()), ["policy.directory"]);
    std::fs::create_dir(&folder).unwrap();
    assert!(files.production(&text).unwrap_err().to_string().contains("holds no policy"));
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("gatehouse.rego", include_str!("../../../policies/gatehouse.rego"));
    write("classes.json", include_str!("../../../policies/classes.json"));
    write("personal-data.json", include_str!("../../../policies/personal-data.json"));
    write("freezes.json", include_str!("../../../policies/freezes.json"));
    write("parity.json", include_str!("../../../policies/parity.json"));
    write("guard-rails.json", include_str!("../../../policies/guard-rails.json"));
    let digest = || files.production(&text).unwrap().digest();
    assert_eq!(digest(), before, "the same files are the same policy, wherever they are");
    write("gatehouse_test.rego", "package x");
    write("notes.txt", "nothing");
    assert_eq!(digest(), before, "tests and notes decide nothing");
    write("freezes.json", "{\"freezes\": [1]}");
    let frozen = digest();
    write("more.rego", "package more");
    assert_eq!(BTreeSet::from([before, frozen, digest()]).len(), 3);
    write("large.json", &" ".repeat((1 << 20) + 1));
    assert!(files.production(&text).unwrap_err().to_string().contains("larger"));
}
