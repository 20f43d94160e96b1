//! ATK-W4, W5, W11: a touch that was given on another page than ours.

use super::{approvals_refused, enrolments_refused};
use crate::testing::{ORIGIN, TestPortal};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn atk_w4_approval_from_another_origin() {
    let portal = TestPortal::start().await;
    approvals_refused(
        &portal,
        &[
            ("host only", |t| t.client["origin"] = json!("localhost"), "signature_invalid"),
            ("host and port", |t| t.client["origin"] = json!("localhost:8080"), "signature_invalid"),
            ("suffix", |t| t.client["origin"] = json!("http://localhost.evil.test:8080"), "signature_invalid"),
            ("prefix", |t| t.client["origin"] = json!("http://evil-localhost:8080"), "signature_invalid"),
            ("subdomain", |t| t.client["origin"] = json!("http://x.localhost:8080"), "signature_invalid"),
            ("port", |t| t.client["origin"] = json!("http://localhost:8081"), "signature_invalid"),
            ("no port", |t| t.client["origin"] = json!("http://localhost"), "signature_invalid"),
            ("scheme", |t| t.client["origin"] = json!("https://localhost:8080"), "signature_invalid"),
            ("null", |t| t.client["origin"] = json!("null"), "signature_invalid"),
            ("JSON's null", |t| t.client["origin"] = json!(null), "signature_invalid"),
            ("punycode", |t| t.client["origin"] = json!("http://xn--lcalhost-7hb:8080"), "signature_invalid"),
            ("Cyrillic", |t| t.client["origin"] = json!("http://l\u{43e}calhost:8080"), "signature_invalid"),
            ("slash", |t| t.client["origin"] = json!("http://localhost:8080/"), "signature_invalid"),
            ("case", |t| t.client["origin"] = json!("http://LOCALHOST:8080"), "signature_invalid"),
            ("address", |t| t.client["origin"] = json!("http://127.0.0.1:8080"), "signature_invalid"),
            ("us as user", |t| t.client["origin"] = json!("http://localhost:8080@evil.test"), "signature_invalid"),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w4_key_made_on_another_origin() {
    let portal = TestPortal::start().await;
    enrolments_refused(
        &portal,
        &[
            ("host only", |t| t.client["origin"] = json!("localhost"), "signature_invalid"),
            ("suffix", |t| t.client["origin"] = json!("http://localhost.evil.test:8080"), "signature_invalid"),
            ("subdomain", |t| t.client["origin"] = json!("http://x.localhost:8080"), "signature_invalid"),
            ("port", |t| t.client["origin"] = json!("http://localhost:8081"), "signature_invalid"),
            ("scheme", |t| t.client["origin"] = json!("https://localhost:8080"), "signature_invalid"),
            ("null", |t| t.client["origin"] = json!("null"), "signature_invalid"),
            ("punycode", |t| t.client["origin"] = json!("http://xn--lcalhost-7hb:8080"), "signature_invalid"),
            ("slash", |t| t.client["origin"] = json!("http://localhost:8080/"), "signature_invalid"),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w5_approval_for_another_relying_party() {
    let portal = TestPortal::start().await;
    approvals_refused(
        &portal,
        &[
            ("parent domain", |t| t.rp_id = "host".into(), "signature_invalid"),
            ("subdomain", |t| t.rp_id = "x.localhost".into(), "signature_invalid"),
            ("nothing", |t| t.rp_id.clear(), "signature_invalid"),
            ("case", |t| t.rp_id = "Localhost".into(), "signature_invalid"),
            ("the origin", |t| t.rp_id = ORIGIN.into(), "signature_invalid"),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w5_key_made_for_another_relying_party() {
    let portal = TestPortal::start().await;
    enrolments_refused(
        &portal,
        &[
            ("parent domain", |t| t.rp_id = "host".into(), "signature_invalid"),
            ("subdomain", |t| t.rp_id = "x.localhost".into(), "signature_invalid"),
            ("the origin", |t| t.rp_id = ORIGIN.into(), "signature_invalid"),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w11_approval_inside_a_frame_of_another_origin() {
    let portal = TestPortal::start().await;
    approvals_refused(
        &portal,
        &[
            ("crossOrigin", |t| t.client["crossOrigin"] = json!(true), "signature_invalid"),
            ("topOrigin", |t| t.client["topOrigin"] = json!("http://evil.test"), "signature_invalid"),
            ("our own topOrigin", |t| t.client["topOrigin"] = json!(ORIGIN), "signature_invalid"),
            ("crossOrigin as text", |t| t.client["crossOrigin"] = json!("false"), "signature_invalid"),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w11_key_made_inside_a_frame_of_another_origin() {
    let portal = TestPortal::start().await;
    enrolments_refused(
        &portal,
        &[
            ("crossOrigin", |t| t.client["crossOrigin"] = json!(true), "signature_invalid"),
            ("topOrigin", |t| t.client["topOrigin"] = json!("http://evil.test"), "signature_invalid"),
        ],
    )
    .await;
}
