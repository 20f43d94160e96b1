//! A malicious identity provider, or somebody between it and us: one lie at a time, through the real sign-in.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::people::testing::{Browser, ORIGIN, Reply, Stage};
use http::StatusCode;
use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use twin::Lie;

/// What the person is told, and which check the operator's log names.
fn expected(lie: Lie) -> (&'static str, &'static str) {
    let not_believed = |check| ("identity_not_believed", check);
    let outage = |check| ("source_unavailable", check);
    match lie {
        Lie::SignatureWrong | Lie::SignatureAbsent | Lie::KeyAnother | Lie::KeyEmbedded => not_believed("signature"),
        Lie::AlgorithmNone | Lie::AlgorithmHmacPublicKey | Lie::AlgorithmHmacClientSecret => not_believed("algorithm"),
        Lie::KeyUnknown => not_believed("key"),
        Lie::IssuerOther | Lie::IssuerAbsent => not_believed("issuer"),
        Lie::AudienceOther | Lie::AudienceMany => not_believed("audience"),
        Lie::AuthorizedPartyOther => not_believed("authorized_party"),
        Lie::Expired | Lie::ExpiryAbsent => not_believed("expiry"),
        Lie::NotYetValid => not_believed("not_before"),
        Lie::IssuedInFuture => not_believed("issued_at"),
        Lie::NonceAbsent | Lie::NonceOther => not_believed("nonce"),
        Lie::SubjectAbsent | Lie::SubjectBlank => not_believed("subject"),
        Lie::EmployeeAbsent | Lie::EmployeeBlank | Lie::EmployeeList | Lie::EmployeeNumber => {
            ("no_employee_id", "employee_id")
        }
        Lie::EmployeeTwice => not_believed("claim_twice"),
        Lie::AccessHashOther => not_believed("access_hash"),
        Lie::GroupsText => not_believed("groups"),
        Lie::CodeOfAnotherClient => ("signin_denied", "grant"),
        Lie::TokenWithoutIdentity => not_believed("id_token"),
        Lie::TokenPage | Lie::TokenRedirects => outage("token_response"),
        Lie::TokenHuge => outage("answer"),
        Lie::StateOther => ("signin_invalid", "state"),
        Lie::AnswerIssuerOther | Lie::AnswerIssuerAbsent => not_believed("answer_issuer"),
        Lie::DiscoveryIssuerOther
        | Lie::DiscoveryAuthorizeElsewhere
        | Lie::DiscoveryTokenElsewhere
        | Lie::DiscoveryKeysElsewhere
        | Lie::DiscoveryPlainPkce
        | Lie::KeysRedirect
        | Lie::KeysPage => outage("discovery"),
        Lie::KeysHuge | Lie::KeysSlow => outage("answer"),
    }
}

/// The operator's log, for as long as it is held.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || log.clone()).finish();
        tracing::subscriber::set_default(subscriber)
    }

    /// The checks that failed, as they stand in it.
    fn checks(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let checks = text.split("check=\"").skip(1).filter_map(|rest| rest.split('"').next());
        checks.map(str::to_owned).collect()
    }
}

/// Everybody waits long, on a busy machine too, but for keys that never come.
async fn stage_for(lie: Option<Lie>) -> Stage {
    let seconds = if lie == Some(Lie::KeysSlow) { 5 } else { 60 };
    Stage::with(|config| config.oidc.answer_within = Duration::from_secs(seconds)).await
}

/// Goes to the provider and comes back; the portal's last word.
async fn try_to_sign_in(stage: &Stage, browser: &mut Browser) -> Reply {
    let begun = stage.get("/auth/login?to=/audit", browser).await;
    if begun.status != StatusCode::SEE_OTHER {
        return begun;
    }
    let back = stage.twin.people().sign_in(begun.location(), "u-1001").unwrap();
    stage.get(back.strip_prefix(ORIGIN).unwrap(), browser).await
}

async fn sessions(stage: &Stage) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM people_sessions").fetch_one(&stage.db.owner).await.unwrap()
}

#[tokio::test]
async fn no_lie_of_the_provider_signs_anybody_in_and_each_is_counted_once_under_its_name() {
    // While there is only one listener, `tracing` asks only the thread that first says a thing whether anybody
    // listens, and other tests say the same things. A second one, who hears nothing, makes it ask everybody.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    for &lie in Lie::ALL {
        let stage = stage_for(Some(lie)).await;
        let log = Log::default();
        let listening = log.listen();
        stage.twin.people().lie(lie);
        let mut browser = Browser::default();
        let reply = try_to_sign_in(&stage, &mut browser).await;
        drop(listening);
        let (code, check) = expected(lie);
        assert!(reply.status.is_client_error() || reply.status.is_server_error(), "{lie:?}: {}", reply.status);
        assert_eq!(stage.counted().await, [format!("people.sign_in: {code} 1")], "{lie:?}: {}", reply.body);
        assert_eq!(log.checks(), [check], "{lie:?}");
        assert!(!reply.body.contains("evil") && !reply.body.contains("E-100"), "{lie:?}: {}", reply.body);
        assert_eq!((stage.who(&browser).await, sessions(&stage).await), (None, 0), "{lie:?}");
        assert!(stage.governed().await.iter().all(String::is_empty) && stage.entries().await.is_empty(), "{lie:?}");
        assert_eq!(stage.twin.faults().calls("oidc.moved"), 0, "{lie:?}: a redirect was followed");
        // The same browser, the same provider, honest again: so it was the lie.
        stage.twin.people().be_honest();
        let reply = try_to_sign_in(&stage, &mut browser).await;
        assert_eq!(reply.location(), "/audit", "{lie:?}: {}", reply.body);
    }
    assert!(Lie::ALL.len() >= 40);
    let names: BTreeSet<_> = Lie::ALL.iter().map(|lie| lie.name()).collect();
    assert_eq!(names.len(), Lie::ALL.len());
}

#[tokio::test]
async fn an_answer_is_good_for_the_sign_in_that_it_belongs_to_and_once() {
    let stage = stage_for(None).await;
    let (mut mine, mut thief) = (Browser::default(), Browser::default());
    let back = stage.go_and_say("u-1001", &mut mine).await;
    let theirs = stage.go_and_say("u-1002", &mut thief).await;
    let of = |url: &str, name: &str| {
        let url = url::Url::parse(&format!("{ORIGIN}{url}")).unwrap();
        url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
    };
    // The thief's code under the victim's state: the victim would be signed in as the thief.
    let mixed = back.replace(&of(&back, "code"), &of(&theirs, "code"));
    let reply = stage.get(&mixed, &mut mine).await;
    assert!(reply.body.contains("signin_denied"), "PKCE and nonce bind the code: {}", reply.body);
    // And the state is used up by that, the code by the failed exchange.
    assert!(stage.get(&back, &mut mine).await.body.contains("signin_invalid"));
    assert!(stage.get(&theirs, &mut thief).await.body.contains("signin_denied"));
    assert_eq!(
        stage.counted().await,
        ["people.sign_in: signin_denied 2", "people.sign_in: signin_invalid 1"],
        "each attempt once"
    );
    assert_eq!(sessions(&stage).await, 0);
}

#[tokio::test]
async fn a_sign_in_cannot_be_talked_down_to_a_weaker_proof() {
    let stage = stage_for(None).await;
    let mut browser = Browser::default();
    let begun = stage.get("/auth/login", &mut browser).await;
    let url = begun.location().to_owned();
    assert!(url.contains("code_challenge_method=S256") && url.contains("response_type=code"));
    // Somebody on the way changes what the browser asks for; the provider answers what it was asked.
    for (from, to) in [
        ("code_challenge_method=S256", "code_challenge_method=plain"),
        ("code_challenge_method=S256", "x=1"),
        ("response_type=code", "response_type=id_token"),
    ] {
        assert!(stage.twin.people().sign_in(&url.replace(from, to), "u-1001").is_err(), "{from} became {to}");
    }
    // A challenge of the attacker's own: the code is then not redeemed by our verifier.
    let challenge = url.split("code_challenge=").nth(1).unwrap().split('&').next().unwrap();
    let other = url.replace(challenge, &"A".repeat(43));
    let back = stage.twin.people().sign_in(&other, "u-1001").unwrap();
    let reply = stage.get(back.strip_prefix(ORIGIN).unwrap(), &mut browser).await;
    assert!(reply.body.contains("signin_denied"), "{}", reply.body);
    assert_eq!(sessions(&stage).await, 0);
}

#[tokio::test]
async fn a_lie_at_a_refresh_gives_nobody_a_role() {
    for lie in [Lie::GroupsText, Lie::SignatureWrong, Lie::AudienceOther, Lie::EmployeeTwice, Lie::TokenPage] {
        let stage = stage_for(None).await;
        let (_, asha) = stage.sign_in("u-1001").await;
        let before = (stage.governed().await, stage.entries().await);
        stage.twin.people().add_group("u-1001", "altscore-security").unwrap();
        stage.twin.people().lie(lie);
        assert!(crate::people::refresh_role_facts(&stage.ctx, &asha.person).await.is_err(), "{lie:?}");
        assert_eq!((stage.governed().await, stage.entries().await), before, "{lie:?}");
    }
}
