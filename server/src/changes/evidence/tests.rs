//! What each kind of report says, and what is no report. What it does to a promotion is `changes/tests/atk_18_evidence.rs`.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::reports::{FILES, read};
use super::{Unpacked, unpack};
use chrono::{DateTime, Utc};
use gatehouse_domain::changes::{Outcome, Report};
use serde_json::{Value, json};

fn told(check: &str, report: &Value) -> Report {
    read(check, report.to_string().as_bytes()).report
}

const IMAGE: &str = "sha256:9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b9b";

fn trivy(findings: &Value) -> Value {
    json!({
        "SchemaVersion": 2, "CreatedAt": "2026-11-23T08:55:00.123456789+05:30", "ArtifactType": "container_image",
        "Metadata": { "RepoDigests": [format!("x.example/y@{IMAGE}"), format!("x.example/z@{IMAGE}")] },
        "Results": [{ "Target": "a", "Vulnerabilities": findings }, { "Target": "b" }, { "Target": "c", "Vulnerabilities": null }],
    })
}

fn finding(id: &str, severity: &str) -> Value {
    json!({ "VulnerabilityID": id, "Severity": severity, "PkgName": "x" })
}

#[test]
fn trivy_counts_critical_and_high_and_names_its_image_and_its_time() {
    let low = told("trivy", &trivy(&json!([finding("CVE-1", "MEDIUM"), finding("CVE-2", "UNKNOWN")])));
    assert_eq!((low.result, low.image.unwrap().as_str(), low.ids.len()), (Outcome::Passed, IMAGE, 0));
    let bad = json!([finding("CVE-3", "HIGH"), finding("CVE-1", "critical"), finding("CVE-1", "CRITICAL")]);
    let bad = told("trivy", &trivy(&bad));
    assert_eq!((bad.result, bad.ids), (Outcome::Failed, vec!["CVE-1".to_owned(), "CVE-3".to_owned()]));
    assert_eq!(bad.said, "it found CVE-1, CVE-3");
    let made = read("trivy", trivy(&json!([])).to_string().as_bytes()).made_at.unwrap();
    assert_eq!(made, "2026-11-23T03:25:00.123456789Z".parse::<DateTime<Utc>>().unwrap());
}

#[test]
fn what_a_forger_calls_a_finding_stays_short_and_plain() {
    let hostile = format!("CVE\u{202e}<b>\"{}", "9".repeat(4000));
    let many: Vec<Value> = (0..500).map(|n| finding(&format!("{n}{hostile}"), "HIGH")).collect();
    let report = told("trivy", &trivy(&Value::from(many)));
    assert_eq!((report.result, report.ids.len()), (Outcome::Failed, 20));
    assert!(report.said.len() < 200 && report.said.ends_with("and 497 more"), "{}", report.said);
    assert!(report.ids.iter().all(|id| id.len() <= 48 && id.is_ascii()));
    assert_eq!(told("trivy", &trivy(&json!([finding("\u{202e}", "HIGH")]))).said, "it found unnamed");
}

#[test]
fn what_is_not_understood_is_no_report() {
    let whole = trivy(&json!([]));
    let with = |pointer: &str, value: Value| {
        let mut other = whole.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        told("trivy", &other)
    };
    for bad in [
        with("/SchemaVersion", json!(1)),
        with("/SchemaVersion", json!("2")),
        with("/CreatedAt", json!("yesterday")),
        with("/Metadata/RepoDigests", json!([])),
        with("/Metadata/RepoDigests", json!(["x@sha256:short"])),
        with("/Metadata/RepoDigests", json!([format!("x@{IMAGE}"), format!("x@{}", IMAGE.replace('9', "8"))])),
        with("/Results", json!([{ "Vulnerabilities": [{ "VulnerabilityID": "CVE-1" }] }])),
        with("/Results", json!({})),
    ] {
        assert_eq!((bad.result, bad.image), (Outcome::Unreadable, None), "{}", bad.said);
    }
    let deep = "[".repeat(100_000);
    for (check, _) in FILES {
        for bytes in [b"".as_slice(), b"{}", b"[]", b"null", b"\xff\xfe", b"passed", deep.as_bytes()] {
            assert_eq!(read(check, bytes).report.result, Outcome::Unreadable, "{check}");
        }
    }
    assert_eq!(read("another", b"{}").report.result, Outcome::Unreadable);
}

#[test]
fn coverage_is_counted_and_rounded_down() {
    let of = |covered: u64, all: u64| {
        told(
            "coverage",
            &json!({ "totals": { "covered_lines": covered, "num_statements": all, "percent_covered": 100.0 } }),
        )
    };
    assert_eq!((of(799, 1000).measure, of(800, 1000).measure, of(1, 1).measure), (Some(79), Some(80), Some(100)));
    assert_eq!((of(0, 0).result, of(2, 1).result), (Outcome::Unreadable, Outcome::Unreadable));
}

#[test]
fn bandit_semgrep_and_pip_audit_count_what_counts() {
    let bandit = |severity: &str, errors: Value| {
        told("bandit", &json!({ "errors": errors, "results": [{ "test_id": "B602", "issue_severity": severity }] }))
    };
    assert_eq!(bandit("LOW", json!([])).result, Outcome::Passed);
    assert_eq!(
        (bandit("MEDIUM", json!([])).result, bandit("HIGH", json!([])).said.as_str()),
        (Outcome::Failed, "it found B602")
    );
    assert_eq!(bandit("LOW", json!([{ "filename": "x.py" }])).result, Outcome::Unreadable);

    let semgrep = |tool: &str, result: Value, done: bool| {
        told(
            "semgrep",
            &json!({ "version": "2.1.0", "runs": [{
            "tool": { "driver": { "name": tool } }, "results": [result], "invocations": [{ "executionSuccessful": done }],
        }] }),
        )
    };
    let hit = json!({ "ruleId": "python.sqli", "level": "error" });
    assert_eq!(semgrep("Semgrep OSS", hit.clone(), true).said, "it found python.sqli");
    assert_eq!(semgrep("Semgrep OSS", json!({ "ruleId": "x" }), true).result, Outcome::Failed, "without a level");
    assert_eq!(semgrep("Semgrep OSS", json!({ "ruleId": "x", "level": "note" }), true).result, Outcome::Passed);
    let suppressed = json!({ "ruleId": "x", "level": "error", "suppressions": [{ "kind": "inSource" }] });
    assert_eq!(semgrep("Semgrep OSS", suppressed, true).result, Outcome::Passed);
    assert_eq!(semgrep("Semgrep OSS", hit.clone(), false).result, Outcome::Unreadable);
    assert_eq!(semgrep("ESLint", json!({ "level": "note" }), true).result, Outcome::Unreadable);
    assert_eq!(told("semgrep", &json!({ "version": "2.1.0", "runs": [] })).result, Outcome::Unreadable);

    let audit = |dependency: Value| told("pip-audit", &json!({ "dependencies": [dependency], "fixes": [] }));
    assert_eq!(audit(json!({ "name": "x", "version": "1", "vulns": [] })).result, Outcome::Passed);
    assert_eq!(audit(json!({ "name": "x", "version": "1", "vulns": [{ "id": "PYSEC-1" }] })).said, "it found PYSEC-1");
    assert_eq!(audit(json!({ "name": "x", "skip_reason": "not on PyPI" })).result, Outcome::Unreadable);
    assert_eq!(told("pip-audit", &json!({ "dependencies": [] })).result, Outcome::Unreadable);
}

#[test]
fn a_load_test_says_how_many_and_whether_a_threshold_was_crossed() {
    let k6 = |users: Value, threshold: Value| {
        told(
            "load-test",
            &json!({ "metrics": { "vus_max": users, "http_req_duration": { "avg": 1.0, "thresholds": { "p(95)<500": threshold } } } }),
        )
    };
    let fifty = json!({ "value": 50, "min": 50, "max": 50 });
    let held = k6(fifty.clone(), json!(false));
    assert_eq!((held.result, held.measure, held.said.as_str()), (Outcome::Passed, Some(50), "50 users at once"));
    // As `--summary-export` says it, and as `handleSummary` is given it.
    assert_eq!(k6(fifty.clone(), json!(true)).result, Outcome::Failed);
    assert_eq!(k6(json!({ "values": { "max": 49.9 } }), json!({ "ok": true })).measure, Some(49));
    assert_eq!(k6(fifty.clone(), json!({ "ok": false })).result, Outcome::Failed);
    assert_eq!(k6(fifty, json!("fine")).result, Outcome::Unreadable);
    assert_eq!(k6(json!({ "max": 1e300 }), json!(false)).result, Outcome::Unreadable);
    let none = json!({ "metrics": { "vus_max": { "max": 50 } } });
    assert_eq!(told("load-test", &none).result, Outcome::Unreadable, "held against nothing");
}

#[test]
fn staging_names_the_image_that_it_ran() {
    let ran = told("staging", &json!({ "schema": "gatehouse.staging/v1", "image": IMAGE }));
    assert_eq!((ran.result, ran.image.unwrap().as_str()), (Outcome::Passed, IMAGE));
    assert_eq!(
        told("staging", &json!({ "schema": "gatehouse.staging/v2", "image": IMAGE })).result,
        Outcome::Unreadable
    );
    assert_eq!(
        told("staging", &json!({ "schema": "gatehouse.staging/v1", "image": "latest" })).result,
        Outcome::Unreadable
    );
}

#[test]
fn a_report_is_never_younger_than_the_archive_it_came_in() {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.start_file("trivy.json", options).unwrap();
    std::io::Write::write_all(&mut writer, trivy(&json!([])).to_string().replace("2026", "2999").as_bytes()).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let left: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().unwrap();
    let Unpacked::Reports(reads) = unpack(&bytes, Some(left)) else { unreachable!("an archive") };
    assert_eq!(reads.iter().map(|read| read.made_at).collect::<Vec<_>>(), [Some(left)]);
    assert_eq!(unpack(b"PK\x03\x04", None), Unpacked::Broken("it is no ZIP that can be read".to_owned()));
}
