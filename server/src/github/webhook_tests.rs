#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use super::*;
use serde_json::json;

// The vector of GitHub's documentation.
const SECRET: &str = "It's a Secret to Everybody";
const BODY: &[u8] = b"Hello, World!";
const TAG: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

fn verify(header: Option<&str>) -> Result<(), SignatureError> {
    verify_signature(&SECRET.into(), header, BODY)
}

#[test]
fn githubs_own_vector_is_accepted() {
    assert_eq!(verify(Some(TAG)), Ok(()));
}

#[test]
fn any_other_signature_is_refused_and_says_why() {
    use SignatureError::{Malformed, Mismatch, Missing, Sha1Only};
    assert_eq!(verify(None), Err(Missing));
    assert_eq!(verify(Some("")), Err(Missing));
    assert_eq!(verify(Some("sha1=01234567890123456789012345678901234567890")), Err(Sha1Only));
    for malformed in ["sha256", "sha256=", "sha256=00", "SHA256=00", " ", "=", "sha512=00", &TAG[..70], &TAG[7..]] {
        assert_eq!(verify(Some(malformed)), Err(Malformed), "{malformed}");
    }
    assert_eq!(verify(Some(&format!("{TAG}00"))), Err(Malformed));
    assert_eq!(verify(Some(&format!(" {TAG}"))), Err(Malformed));
    assert_eq!(verify(Some(&TAG.replace("=7", "=8"))), Err(Mismatch));
    assert_eq!(verify_signature(&"another".into(), Some(TAG), BODY), Err(Mismatch));
    assert_eq!(verify_signature(&SECRET.into(), Some(TAG), b"Hello, World"), Err(Mismatch));
}

#[test]
fn an_empty_secret_matches_nothing() {
    let mac = Hmac::<Sha256>::new_from_slice(b"").unwrap().chain_update(BODY).finalize().into_bytes();
    let header = format!("sha256={}", hex::encode(mac));
    assert_eq!(verify_signature(&"".into(), Some(&header), BODY), Err(SignatureError::Mismatch));
}

fn api() -> Url {
    "https://api.github.com".parse().unwrap()
}

fn payload() -> Value {
    json!({
        "action": "requested",
        "environment": "production",
        "event": "push",
        "deployment_callback_url":
            "https://api.github.com/repos/altscore/services/actions/runs/8836/deployment_protection_rule",
        "deployment": {"id": 77, "sha": "x"},
        "pull_requests": [],
        "repository": {"id": 7001, "full_name": "altscore/services", "private": true},
        "installation": {"id": 600001},
        "sender": {"id": 50002, "login": "rohandas", "type": "User"},
    })
}

fn parse(payload: &Value) -> Result<ProtectionRequest, ParseError> {
    parse_protection_request(payload.to_string().as_bytes(), &api())
}

#[test]
fn a_request_is_read_into_numbers_and_names() {
    assert_eq!(
        parse(&payload()).unwrap(),
        ProtectionRequest {
            repository_id: RepositoryId(7001),
            repository: "altscore/services".parse().unwrap(),
            environment: "production".into(),
            run_id: RunId(8836),
            deployment_id: Some(77),
            sender: Account { id: GithubId(50002), login: "rohandas".into(), kind: AccountKind::User },
            installation_id: 600_001,
        }
    );
}

#[test]
fn the_callback_may_only_be_the_url_we_would_build() {
    let with = |callback: &str, base: &Url| {
        let mut payload = payload();
        payload["deployment_callback_url"] = callback.into();
        parse_protection_request(payload.to_string().as_bytes(), base).map(|r| r.run_id)
    };
    let run = "/repos/altscore/services/actions/runs";
    let rule = "deployment_protection_rule";
    let good = format!("https://api.github.com{run}/8836/{rule}");
    assert_eq!(with(&good, &api()), Ok(RunId(8836)));
    // With a path, with and without a slash at its end, and on a port of its own.
    for base in ["https://ghe.example/api/v3", "https://ghe.example/api/v3/", "http://127.0.0.1:9101"] {
        let url = format!("{}{run}/8836/{rule}", base.trim_end_matches('/'));
        assert_eq!(with(&url, &base.parse().unwrap()), Ok(RunId(8836)), "{base}");
        assert_eq!(with(&good, &base.parse().unwrap()), Err(ParseError::CallbackElsewhere), "{base}");
    }

    let hostile = [
        // Another place.
        format!("https://evil.example{run}/8836/{rule}"),
        format!("http://api.github.com{run}/8836/{rule}"),
        format!("https://api.github.com:444{run}/8836/{rule}"),
        format!("https://api.github.com:443{run}/8836/{rule}"),
        format!("https://api.github.com.evil.example{run}/8836/{rule}"),
        format!("https://api.github.com@evil.example{run}/8836/{rule}"),
        format!("https://user:pass@api.github.com{run}/8836/{rule}"),
        format!("https://evil.example/https://api.github.com{run}/8836/{rule}"),
        format!("https://api.github.com\\@evil.example{run}/8836/{rule}"),
        format!("https://API.github.com{run}/8836/{rule}"),
        format!("//api.github.com{run}/8836/{rule}"),
        format!("ftp://api.github.com{run}/8836/{rule}"),
        format!("http://169.254.169.254/latest/meta-data?{run}/8836/{rule}"),
        format!("http://[::1]{run}/8836/{rule}"),
        "file:///etc/passwd".into(),
        "javascript:alert(1)".into(),
        // Another repository, or another thing in it.
        format!("https://api.github.com/repos/altscore/other/actions/runs/8836/{rule}"),
        format!("https://api.github.com/repos/evil/services/actions/runs/8836/{rule}"),
        format!("https://api.github.com/repos/AltScore/services/actions/runs/8836/{rule}"),
        format!("https://api.github.com/repos/altscore/services/../other/actions/runs/8836/{rule}"),
        format!("https://api.github.com/repos/altscore/services/%2e%2e/other/actions/runs/8836/{rule}"),
        format!("https://api.github.com//repos/altscore/services/actions/runs/8836/{rule}"),
        format!("https://api.github.com/repos/altscore%2fservices/actions/runs/8836/{rule}"),
        "https://api.github.com/repos/altscore/services/actions/runs/8836/pending_deployments".into(),
        // Another run than it seems, or none.
        format!("https://api.github.com{run}/8836/../9999/{rule}"),
        format!("https://api.github.com{run}/8836/{rule}/"),
        format!("https://api.github.com{run}/8836/{rule}?x=1"),
        format!("https://api.github.com{run}/8836/{rule}#x"),
        format!("https://api.github.com{run}/8836\n/{rule}"),
        format!("https://api.github.com{run}/8836%2F9999/{rule}"),
        format!("https://api.github.com{run}//{rule}"),
        format!("https://api.github.com{run}/+8836/{rule}"),
        format!("https://api.github.com{run}/-1/{rule}"),
        format!("https://api.github.com{run}/0/{rule}"),
        format!("https://api.github.com{run}/08836/{rule}"),
        format!("https://api.github.com{run}/0x2284/{rule}"),
        format!("https://api.github.com{run}/٨٨٣٦/{rule}"),
        format!("https://api.github.com{run}/18446744073709551615/{rule}"),
        format!("https://api.github.com{run}/99999999999999999999999/{rule}"),
        format!(" {good}"),
        format!("{good} "),
        String::new(),
    ];
    for callback in hostile {
        assert_eq!(with(&callback, &api()), Err(ParseError::CallbackElsewhere), "{callback:?}");
    }
}

#[test]
fn what_is_missing_and_what_is_wrong_are_told_apart() {
    use ParseError::{Missing, OtherAction, Unfit};
    let without = |field: &str| {
        let mut payload = payload();
        payload.as_object_mut().unwrap().remove(field);
        parse(&payload).unwrap_err()
    };
    for field in ["action", "environment", "deployment_callback_url", "repository", "installation", "sender"] {
        assert_eq!(without(field).to_string(), format!("the delivery has no {field}"));
    }
    let with = |pointer: &str, value: Value| {
        let mut payload = payload();
        *payload.pointer_mut(pointer).unwrap() = value;
        parse(&payload).unwrap_err()
    };
    assert_eq!(with("/action", json!("created")), OtherAction);
    assert_eq!(with("/action", json!(["requested"])), Unfit("action"));
    assert_eq!(with("/action", json!(null)), Missing("action"));
    assert_eq!(with("/environment", json!("")), Unfit("environment"));
    assert_eq!(with("/environment", json!("prod\u{0}")), Unfit("environment"));
    assert_eq!(with("/environment", json!("x".repeat(256))), Unfit("environment"));
    assert_eq!(with("/repository", json!("altscore/services")), Unfit("repository"));
    assert_eq!(with("/repository/id", json!(null)), Missing("repository.id"));
    for bad in [json!("7001"), json!(-1), json!(0), json!(7001.5), json!(1e30), json!(u64::MAX)] {
        assert_eq!(with("/repository/id", bad), Unfit("repository.id"));
    }
    assert_eq!(with("/repository/full_name", json!("altscore")), Unfit("repository.full_name"));
    assert_eq!(with("/installation", json!({})), Missing("installation.id"));
    assert_eq!(with("/deployment", json!({})), Missing("deployment.id"));
    assert_eq!(with("/sender/id", json!(true)), Unfit("sender.id"));
    assert_eq!(with("/sender/login", json!("rohan das")), Unfit("sender.login"));
}

#[test]
fn a_deployment_may_be_absent() {
    let mut payload = payload();
    payload.as_object_mut().unwrap().remove("deployment");
    assert_eq!(parse(&payload).unwrap().deployment_id, None);
    payload["deployment"] = json!(null);
    assert_eq!(parse(&payload).unwrap().deployment_id, None);
}

#[test]
fn an_unknown_kind_of_sender_is_not_taken_for_a_person() {
    let mut payload = payload();
    payload["sender"]["type"] = json!("Martian");
    assert_eq!(parse(&payload).unwrap().sender.kind, AccountKind::Other);
    payload["sender"].as_object_mut().unwrap().remove("type");
    assert_eq!(parse(&payload).unwrap().sender.kind, AccountKind::Other);
}

#[test]
fn bytes_that_are_no_payload_are_refused() {
    let parse = |body: &[u8]| parse_protection_request(body, &api()).unwrap_err();
    assert_eq!(parse(b""), ParseError::NotJson);
    assert_eq!(parse(b"{\"action\":\"requested\""), ParseError::NotJson);
    assert_eq!(parse(b"\xef\xbb\xbf{}"), ParseError::NotJson);
    assert_eq!(parse(b"{} {}"), ParseError::NotJson);
    assert_eq!(parse(b"{\"action\":\"\xff\"}"), ParseError::NotUtf8);
    assert_eq!(parse(b"[]"), ParseError::Unfit("top level"));
    assert_eq!(parse(b"payload=%7B%7D"), ParseError::NotJson);
    assert_eq!(parse(b"{\"action\":\"requested\",\"action\":\"requested\"}"), ParseError::Unfit("top level"));
    let deep = |n: usize| format!("{{\"x\":{}{}}}", "[".repeat(n), "]".repeat(n)).into_bytes();
    assert_eq!(parse(&deep(10_000)), ParseError::TooDeep);
    assert_eq!(parse(&deep(MAX_DEPTH)), ParseError::TooDeep);
    assert_eq!(parse(&deep(MAX_DEPTH - 1)), ParseError::Missing("action"));
    assert_eq!(parse(&b"[".repeat(1 << 20)), ParseError::TooDeep);
    let brackets_in_text = format!("{{\"x\":\"\\\"{}\"}}", "[".repeat(500));
    assert_eq!(parse(brackets_in_text.as_bytes()), ParseError::Missing("action"));
}
