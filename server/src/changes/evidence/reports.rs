//! What does a report say? Each kind is read strictly for what is needed of it; members that nobody asked for are
//! ignored. Whatever is not understood is no proof.

use chrono::{DateTime, Utc};
use gatehouse_domain::ImageDigest;
use gatehouse_domain::changes::{Outcome, Report};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Each kind that is read from artifacts, and the file that it is in.
pub(super) const FILES: [(&str, &str); 7] = [
    ("staging", "staging.json"),
    ("load-test", "load-test.json"),
    ("trivy", "trivy.json"),
    ("coverage", "coverage.json"),
    ("bandit", "bandit.json"),
    ("semgrep", "semgrep.sarif"),
    ("pip-audit", "pip-audit.json"),
];
/// So many findings are named, and so much of each name.
const MOST_IDS: usize = 20;
const LONGEST_ID: usize = 48;
/// So many are named in a sentence.
const SAID: usize = 3;

/// A report, and when it says that it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Read {
    pub(super) report: Report,
    #[serde(default)]
    pub(super) made_at: Option<DateTime<Utc>>,
}

/// Why a report is none, in a few words.
type Unread = &'static str;

/// Reads the report of this kind.
pub(super) fn read(check: &str, bytes: &[u8]) -> Read {
    let read = match check {
        "staging" => staging(bytes),
        "load-test" => load_test(bytes),
        "trivy" => trivy(bytes),
        "coverage" => coverage(bytes),
        "bandit" => bandit(bytes),
        "semgrep" => semgrep(bytes),
        "pip-audit" => pip_audit(bytes),
        _ => Err("Gatehouse reads no such report"),
    };
    let (found, made_at) = read.unwrap_or_else(|why| (unread(why), None));
    Read { report: Report { check: check.to_owned(), ..found }, made_at }
}

/// A report that could not be read.
pub(super) fn unread(why: &str) -> Report {
    Report { result: Outcome::Unreadable, said: why.to_owned(), ..blank() }
}

fn blank() -> Report {
    let (check, said) = (String::new(), String::new());
    Report { check, result: Outcome::Passed, image: None, ids: Vec::new(), measure: None, said }
}

type Found = Result<(Report, Option<DateTime<Utc>>), Unread>;

/// The bytes as this shape. `serde_json` gives up at a depth of 128.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unread> {
    serde_json::from_slice(bytes).map_err(|_| "it is not of the documented shape")
}

/// An id as it may stand in a sentence and in the log: a scanner's ids are plain, a forger's need not be.
fn plain(id: &str) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/');
    let plain: String = id.chars().filter(fits).take(LONGEST_ID).collect();
    if plain.is_empty() { "unnamed".to_owned() } else { plain }
}

/// Passed when nothing counts against the build, else with what does. `count` may be more than could be named.
pub(super) fn found<'a>(ids: impl IntoIterator<Item = &'a str>, count: usize) -> Report {
    let ids: BTreeSet<String> = ids.into_iter().map(plain).collect();
    let count = count.max(ids.len());
    let result = if count == 0 { Outcome::Passed } else { Outcome::Failed };
    let named: Vec<&str> = ids.iter().take(SAID).map(String::as_str).collect();
    let said = match (count, named.len()) {
        (0, _) => "it found nothing that counts".to_owned(),
        (count, 0) => format!("it found {count} that it does not name"),
        (count, shown) if count > shown => format!("it found {} and {} more", named.join(", "), count - shown),
        _ => format!("it found {}", named.join(", ")),
    };
    Report { result, ids: ids.into_iter().take(MOST_IDS).collect(), said, ..blank() }
}

#[derive(Deserialize)]
struct Staging {
    schema: String,
    image: ImageDigest,
}

/// Which image staging ran, as the job that deployed it wrote it down.
fn staging(bytes: &[u8]) -> Found {
    let raw: Staging = parse(bytes)?;
    if raw.schema != "gatehouse.staging/v1" {
        return Err("it is of another version than gatehouse.staging/v1");
    }
    let said = format!("it ran {}", raw.image.short());
    Ok((Report { image: Some(raw.image), said, ..blank() }, None))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Trivy {
    schema_version: u32,
    created_at: DateTime<Utc>,
    metadata: TrivyMetadata,
    results: Option<Vec<TrivyResult>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TrivyMetadata {
    #[serde(default)]
    repo_digests: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TrivyResult {
    vulnerabilities: Option<Vec<TrivyFinding>>,
}

#[derive(Deserialize)]
struct TrivyFinding {
    #[serde(rename = "VulnerabilityID")]
    id: String,
    #[serde(rename = "Severity")]
    severity: String,
}

fn trivy(bytes: &[u8]) -> Found {
    let raw: Trivy = parse(bytes)?;
    if raw.schema_version != 2 {
        return Err("it is of another version than 2");
    }
    let digests: BTreeSet<ImageDigest> =
        raw.metadata.repo_digests.iter().filter_map(|name| name.rsplit('@').next()?.parse().ok()).collect();
    // Several digests would be several images: which of them was looked at?
    let mut digests = digests.into_iter();
    let image = digests.next().filter(|_| digests.next().is_none()).ok_or("it does not name one image")?;
    let all = raw.results.iter().flatten().flat_map(|result| result.vulnerabilities.iter().flatten());
    let bad: Vec<&str> = all.filter(|one| is_bad(&one.severity)).map(|one| one.id.as_str()).collect();
    Ok((Report { image: Some(image), ..found(bad.iter().copied(), 0) }, Some(raw.created_at)))
}

/// CRITICAL and HIGH, however they are spelt.
pub(super) fn is_bad(severity: &str) -> bool {
    severity.eq_ignore_ascii_case("CRITICAL") || severity.eq_ignore_ascii_case("HIGH")
}

#[derive(Deserialize)]
struct Coverage {
    totals: CoverageTotals,
}

#[derive(Deserialize)]
struct CoverageTotals {
    covered_lines: u64,
    num_statements: u64,
}

/// coverage.py's JSON. Counted here: a percentage that it rounded itself may be rounded up.
fn coverage(bytes: &[u8]) -> Found {
    let CoverageTotals { covered_lines, num_statements } = parse::<Coverage>(bytes)?.totals;
    if num_statements == 0 || covered_lines > num_statements {
        return Err("its counts cannot be");
    }
    let percent = covered_lines.saturating_mul(100) / num_statements;
    let said = format!("{covered_lines} of {num_statements} lines, {percent} %");
    Ok((Report { measure: Some(percent), said, ..blank() }, None))
}

#[derive(Deserialize)]
struct Bandit {
    results: Vec<BanditFinding>,
    errors: Vec<Value>,
}

#[derive(Deserialize)]
struct BanditFinding {
    test_id: String,
    issue_severity: String,
}

fn bandit(bytes: &[u8]) -> Found {
    let raw: Bandit = parse(bytes)?;
    if !raw.errors.is_empty() {
        return Err("there are files that it could not read");
    }
    let counts =
        |one: &&BanditFinding| is_bad(&one.issue_severity) || one.issue_severity.eq_ignore_ascii_case("MEDIUM");
    let bad: Vec<&BanditFinding> = raw.results.iter().filter(counts).collect();
    Ok((found(bad.iter().map(|one| one.test_id.as_str()), bad.len()), None))
}

#[derive(Deserialize)]
struct Sarif {
    version: String,
    runs: Vec<SarifRun>,
}

#[derive(Deserialize)]
struct SarifRun {
    tool: SarifTool,
    results: Vec<SarifResult>,
    #[serde(default)]
    invocations: Vec<SarifInvocation>,
}

#[derive(Deserialize)]
struct SarifTool {
    driver: SarifDriver,
}

#[derive(Deserialize)]
struct SarifDriver {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SarifInvocation {
    execution_successful: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: Option<String>,
    level: Option<String>,
    #[serde(default)]
    suppressions: Vec<Value>,
}

/// Semgrep's SARIF. What somebody suppressed in the code is in the diff that people read; all else counts but notes.
fn semgrep(bytes: &[u8]) -> Found {
    let raw: Sarif = parse(bytes)?;
    if raw.version != "2.1.0" {
        return Err("it is of another version than 2.1.0");
    }
    let is_semgrep = |run: &SarifRun| run.tool.driver.name.to_ascii_lowercase().starts_with("semgrep");
    if raw.runs.is_empty() || !raw.runs.iter().all(is_semgrep) {
        return Err("it is not Semgrep's");
    }
    if raw.runs.iter().flat_map(|run| &run.invocations).any(|one| !one.execution_successful) {
        return Err("Semgrep did not finish");
    }
    let all = raw.runs.iter().flat_map(|run| &run.results);
    let counts =
        |one: &&SarifResult| one.suppressions.is_empty() && !matches!(one.level.as_deref(), Some("note" | "none"));
    let bad: Vec<&SarifResult> = all.filter(counts).collect();
    Ok((found(bad.iter().map(|one| one.rule_id.as_deref().unwrap_or_default()), bad.len()), None))
}

#[derive(Deserialize)]
struct PipAudit {
    dependencies: Vec<PipDependency>,
}

#[derive(Deserialize)]
struct PipDependency {
    #[serde(default)]
    vulns: Vec<PipFinding>,
    skip_reason: Option<String>,
}

#[derive(Deserialize)]
struct PipFinding {
    id: String,
}

fn pip_audit(bytes: &[u8]) -> Found {
    let raw: PipAudit = parse(bytes)?;
    if raw.dependencies.is_empty() {
        return Err("it looked at nothing");
    }
    if raw.dependencies.iter().any(|one| one.skip_reason.is_some()) {
        return Err("it skipped a package");
    }
    let bad: Vec<&str> = raw.dependencies.iter().flat_map(|one| &one.vulns).map(|one| one.id.as_str()).collect();
    Ok((found(bad.iter().copied(), bad.len()), None))
}

#[derive(Deserialize)]
struct LoadTest {
    metrics: BTreeMap<String, Value>,
}

/// k6's summary, as `--summary-export` writes it (`thresholds: {"p(95)<500": true}` says that it was crossed) or as
/// `handleSummary` is given it (`{"ok": true}` says that it was not).
fn load_test(bytes: &[u8]) -> Found {
    let raw: LoadTest = parse(bytes)?;
    let users = raw.metrics.get("vus_max").ok_or("it does not say how many users there were")?;
    let users = users.get("values").unwrap_or(users);
    let users = users.get("max").or_else(|| users.get("value")).and_then(Value::as_f64);
    let users = users.filter(|users| (0.0..1e6).contains(users)).ok_or("it does not say how many users there were")?;
    // Between 0 and a million, rounded down.
    let users = users as u64;
    let (mut held, mut crossed) = (0_usize, Vec::new());
    for (metric, value) in &raw.metrics {
        let Some(thresholds) = value.get("thresholds") else { continue };
        for threshold in thresholds.as_object().ok_or("its thresholds are none")?.values() {
            match threshold.as_bool().map(|crossed| !crossed).or_else(|| threshold.get("ok")?.as_bool()) {
                Some(true) => held += 1,
                Some(false) => crossed.push(metric.as_str()),
                None => return Err("its thresholds are none"),
            }
        }
    }
    if held == 0 && crossed.is_empty() {
        return Err("it was held against no threshold");
    }
    let found = found(crossed.iter().copied(), crossed.len());
    let said = match found.result {
        Outcome::Passed => format!("{users} users at once"),
        _ => format!("{users} users at once, over the threshold of {}", found.ids.join(", ")),
    };
    Ok((Report { measure: Some(users), said: said.chars().take(120).collect(), ..found }, None))
}
