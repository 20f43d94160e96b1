//! ATK-W13: what no browser sends.

use super::{Bent, approvals_refused, begin_enrol, enrol, finish_enrol};
use crate::auth::testing::{AT, ED, SoftKey, Touch, attestation_object};
use crate::testing::{Browser, TestPortal};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use serde_json::{Value, json};

/// Tries each answer to a first enrolment, made honestly and bent afterwards.
async fn answers_refused(portal: &TestPortal, leela: &Browser<'_>, bends: &[Bent<Value>]) {
    for (tried, bend) in bends {
        let watch = portal.watch().await;
        let refused = enrol(leela, &leela.key, |_| {}, bend).await.expect_err(tried);
        assert_eq!(refused.code, "signature_invalid", "{tried}");
        watch.saw_one_refusal("signature_invalid").await;
    }
    leela.enrol("first").await.unwrap();
}

fn object(answer: &mut Value, bytes: &[u8]) {
    answer["response"]["attestationObject"] = json!(B64.encode(bytes));
}

/// The honest bytes, changed.
fn bent_object(answer: &mut Value, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = B64.decode(answer["response"]["attestationObject"].as_str().unwrap()).unwrap();
    change(&mut bytes);
    object(answer, &bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w13_malformed_cbor() {
    let portal = TestPortal::start().await;
    let leela = portal.browser("E-1003").await;
    answers_refused(
        &portal,
        &leela,
        &[
            ("nothing", |a| object(a, &[])),
            ("an empty map", |a| object(a, &[0xa0])),
            ("no map", |a| object(a, b"\x83\x01\x02\x03")),
            ("one byte short", |a| bent_object(a, |o| o.truncate(o.len() - 1))),
            ("one byte more", |a| bent_object(a, |o| o.push(0))),
            ("a second object after it", |a| bent_object(a, |o| o.extend(o.clone()))),
            ("9,000 arrays in each other", |a| object(a, &[0x81; 9_000])),
            ("9,000 tags in each other", |a| object(a, &[0xc1; 9_000])),
            ("text of 2^63 bytes", |a| object(a, &[0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
            ("bytes of 2^32 bytes", |a| object(a, &[0x5a, 0xff, 0xff, 0xff, 0xff])),
            ("a map of 2^63 members", |a| object(a, &[0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
            ("a map without end", |a| object(a, b"\xbf\x63fmt\x64none")),
            ("authData twice", |a| {
                bent_object(a, |o| {
                    o[0] = 0xa4;
                    o.extend(b"\x68authData\x41\x00");
                });
            }),
            ("authData as text", |a| object(a, b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x61x")),
            ("empty authData", |a| object(a, &attestation_object("none", &[]))),
            ("a format that nobody knows", |a| bent_object(a, |o| o[5..9].copy_from_slice(b"nope"))),
            ("no UTF-8", |a| bent_object(a, |o| o[5..9].fill(0xff))),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w13_malformed_json_and_oversized_fields() {
    let portal = TestPortal::start().await;
    let leela = portal.browser("E-1003").await;
    answers_refused(
        &portal,
        &leela,
        &[
            ("nothing", |a| *a = json!({})),
            ("null", |a| *a = Value::Null),
            ("a list", |a| *a = json!([])),
            ("no response", |a| drop(a.as_object_mut().unwrap().remove("response"))),
            ("a number for an id", |a| a["rawId"] = json!(1)),
            ("no base64url", |a| a["response"]["attestationObject"] = json!("a+/=")),
            ("an object of 20 kB", |a| a["response"]["attestationObject"] = json!("A".repeat(20_000))),
            ("client data of 20 kB", |a| a["response"]["clientDataJSON"] = json!("A".repeat(20_000))),
            ("an id of 20 kB", |a| (a["id"], a["rawId"]) = (json!("A".repeat(20_000)), json!("A".repeat(20_000)))),
            ("20 kB that nobody asked for", |a| a["padding"] = json!("A".repeat(20_000))),
            ("another type", |a| a["type"] = json!("password")),
            ("two ids", |a| a["id"] = json!("AAAA")),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w13_new_key_of_another_kind_or_with_more_than_a_key() {
    let portal = TestPortal::start().await;
    let leela = portal.browser("E-1003").await;
    let bends: [Bent<Touch>; 14] = [
        ("an algorithm that nobody knows", |t| t.cose[4] = 0x37),
        ("RS256's number", |t| t.cose = [&t.cose[..4], &[0x39, 0x01, 0x00], &t.cose[5..]].concat()),
        ("EdDSA", |t| t.cose = [&[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 0x20][..], &[9; 32]].concat()),
        ("another curve", |t| t.cose[6] = 2),
        ("no point of the curve", |t| t.cose[10..42].fill(1)),
        ("no key", |t| t.cose.clear()),
        ("half a key", |t| t.cut = 8),
        ("not announced", |t| t.flags &= !AT),
        ("bytes after the key", |t| t.rest = vec![0]),
        ("extensions that are no map", |t| (t.flags, t.rest) = (t.flags | ED, vec![1])),
        ("bytes after the extensions", |t| (t.flags, t.rest) = (t.flags | ED, vec![0xa0, 0])),
        ("no id", |t| t.credential_id.clear()),
        ("an id of 15 bytes", |t| t.credential_id.truncate(15)),
        ("an id of 1,024 bytes", |t| t.credential_id = vec![1; 1024]),
    ];
    for (tried, bend) in bends {
        let watch = portal.watch().await;
        let refused = enrol(&leela, &leela.key, bend, |_| {}).await.expect_err(tried);
        assert_eq!(refused.code, "signature_invalid", "{tried}");
        watch.saw_one_refusal("signature_invalid").await;
    }
    leela.enrol("first").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w13_more_than_the_middle_of_the_portal_takes() {
    let portal = TestPortal::start().await;
    let leela = portal.browser("E-1003").await;
    let begun = begin_enrol(&leela).await;
    let watch = portal.watch().await;
    let refused = finish_enrol(&leela, &begun, &json!("A".repeat(70_000))).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.status), ("body_too_large", 413));
    watch.saw_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_w13_assertion_with_more_or_less_than_was_asked_for() {
    let portal = TestPortal::start().await;
    approvals_refused(
        &portal,
        &[
            ("one byte short", |t| t.cut = 1, "signature_invalid"),
            ("no authenticator data", |t| t.cut = 37, "signature_invalid"),
            ("a byte that nothing announces", |t| t.rest = vec![0], "signature_invalid"),
            ("extension outputs", |t| (t.flags, t.rest) = (t.flags | ED, vec![0xa0]), "signature_invalid"),
            ("a new key", |t| (t.flags, t.rest) = (t.flags | AT, vec![0; 100]), "signature_invalid"),
            ("800 bytes of authenticator data", |t| t.rest = vec![0; 800], "signature_invalid"),
            ("5,000 bytes of authenticator data", |t| t.rest = vec![0; 5_000], "signature_invalid"),
            ("5,000 bytes of client data", |t| t.client["x"] = json!("x".repeat(5_000)), "signature_invalid"),
            ("arrays in each other", |t| t.client_bytes = Some(vec![b'['; 3_000]), "signature_invalid"),
            ("no UTF-8", |t| t.client_bytes = Some(vec![0xff; 40]), "signature_invalid"),
            ("reserved flags", |t| t.flags |= 1 << 5 | 1 << 1, "signature_invalid"),
            ("a handle of 65 bytes", |t| t.user_handle = Some(vec![0; 65]), "signature_invalid"),
            ("an id of 2,000 bytes", |t| t.credential_id = vec![1; 2_000], "signature_invalid"),
            ("an id that nobody has", |t| t.credential_id = SoftKey::new("nobody").id, "key_not_active"),
        ],
    )
    .await;
}
