//! A portal where nothing is relaxed: two founders with keys and roles, and everybody else asks.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use crate::auth::testing::SoftKey;
use crate::config::{Config, Mode};
use crate::error::Error;
use crate::people::session::SignedIn;
use crate::people::testing::{ORIGIN, Stage, named, options};
use crate::people::{init, read_signers, service};
use chrono::Duration;
use gatehouse_app::people::shape::{EndorseRequest, EnrolRequest, EnrolStep, SignatureRequest};
use gatehouse_domain::people::{Role, Signer};
use std::collections::BTreeSet;

/// One person with a key of theirs, in force or not.
pub(super) struct Player {
    /// The account at the provider.
    sub: &'static str,
    /// Signed in now.
    pub(super) who: SignedIn,
    /// The key.
    pub(super) key: SoftKey,
}

/// Turns everything on, and makes Asha and Rohan founders.
pub(super) fn strictly(config: &mut Config) {
    config.mode = Mode::Demo { admit_first_keys: false };
    let founders = ["E-1001", "E-1002"];
    config.admitted.iter_mut().filter(|row| founders.contains(&row.person.as_str())).for_each(|row| row.founder = true);
}

/// The portal with both founders in.
pub(super) async fn founded() -> (Stage, Player, Player) {
    let stage = Stage::with(strictly).await;
    let (asha, rohan) = found(&stage).await;
    (stage, asha, rohan)
}

/// Lets both founders in with their codes.
pub(super) async fn found(stage: &Stage) -> (Player, Player) {
    let mut codes = init(&stage.ctx).await.unwrap().into_iter();
    let mut come = async |sub| {
        let code = codes.next().unwrap().code;
        let (_, who) = stage.sign_in(sub).await;
        let key = SoftKey::new(sub);
        let request = EnrolRequest { name: "founding key".into(), founder_code: Some(code) };
        let request = service::begin_enrol(&stage.ctx, &who, request).await.unwrap();
        let credential = key.register(&options(&request), ORIGIN).to_string();
        let step = service::finish_enrol(&stage.ctx, &who, &request.ceremony, &credential).await.unwrap();
        assert_eq!(step, EnrolStep::Done);
        Player { sub, who, key }
    };
    (come("u-1001").await, come("u-1002").await)
}

impl Player {
    /// Signs in and asks for a first key.
    pub(super) async fn asks(stage: &Stage, sub: &'static str) -> Self {
        let (_, who) = stage.sign_in(sub).await;
        let key = SoftKey::new(&format!("{sub} asks"));
        let request = service::begin_enrol(&stage.ctx, &who, named("first")).await.unwrap();
        let credential = key.register(&options(&request), ORIGIN).to_string();
        let step = service::finish_enrol(&stage.ctx, &who, &request.ceremony, &credential).await.unwrap();
        assert_eq!(step, EnrolStep::Asked);
        Self { sub, who, key }
    }

    /// Signs in again: after a day nobody's session lives.
    pub(super) async fn comes_back(&mut self, stage: &Stage) {
        self.who = stage.sign_in(self.sub).await.1;
    }

    /// What decisions see of this person.
    pub(super) async fn signer(&self, stage: &Stage) -> Signer {
        let mut conn = stage.ctx.db.acquire().await.unwrap();
        let only = BTreeSet::from([self.who.person.clone()]);
        read_signers(&mut conn, &stage.ctx, &only).await.unwrap().into_values().next().unwrap()
    }

    /// Begins to say yes or no to what the page shows.
    pub(super) async fn begins(&self, stage: &Stage, request: &str, word: &str) -> Result<SignatureRequest, Error> {
        let shown = service::request(&stage.ctx, &self.who, request).await.unwrap().digest;
        let request = EndorseRequest { request: request.to_owned(), decision: word.to_owned(), subject_digest: shown };
        service::begin_endorsement(&stage.ctx, &self.who, request).await
    }

    /// Touches the key for a ceremony and gives the answer.
    pub(super) async fn finishes(&self, stage: &Stage, asked: &SignatureRequest) -> Result<String, Error> {
        let assertion = self.key.sign(&options(asked), ORIGIN).to_string();
        service::finish_endorsement(&stage.ctx, &self.who, &asked.ceremony, &assertion).await
    }

    /// Says yes or no from beginning to end.
    pub(super) async fn says(&self, stage: &Stage, request: &str, word: &str) -> Result<String, Error> {
        let asked = self.begins(stage, request, word).await?;
        self.finishes(stage, &asked).await
    }

    /// Revokes this person's only key.
    pub(super) async fn revokes(&self, stage: &Stage) {
        let keys = service::keys(&stage.ctx, &self.who).await.unwrap().keys;
        let id = &keys.iter().find(|key| key.revoked_at.is_none()).unwrap().id;
        let asked = service::begin_revoke(&stage.ctx, &self.who, id).await.unwrap();
        let assertion = self.key.sign(&options(&asked), ORIGIN).to_string();
        service::finish_revoke(&stage.ctx, &self.who, &asked.ceremony, &assertion).await.unwrap();
    }
}

/// The open request of this person for this, as people read it: `a security key`, `the role Engineer`.
pub(super) async fn open(stage: &Stage, by: &Player, person: &str, what: &str) -> String {
    let all = service::people(&stage.ctx, &by.who).await.unwrap().requests;
    let found = all.iter().find(|row| row.person.id == person && row.what == what);
    found.unwrap_or_else(|| panic!("{person} does not ask for {what}: {all:?}")).id.clone()
}

/// Moves time on and lets the minute's work be done.
pub(super) async fn later(stage: &Stage, by: Duration) {
    stage.advance(by).await;
    crate::people::sweep(&stage.ctx).await.unwrap();
}

/// The attempt changed nothing, and exactly one entry says who tried what and why not.
pub(super) async fn saw_one_refusal<T: std::fmt::Debug>(
    stage: &Stage,
    attempt: &str,
    code: &str,
    tried: impl AsyncFnOnce() -> Result<T, Error>,
) {
    let (governed, entries) = (stage.governed().await, stage.entries().await.len());
    assert_eq!(super::codes(tried().await), code);
    assert_eq!(stage.governed().await, governed, "something changed");
    let after = stage.entries().await;
    assert_eq!(after.iter().skip(entries).collect::<Vec<_>>(), [&format!("{attempt}: {code}")]);
}

/// Every governed table is what the log makes of it.
pub(super) async fn rebuilds(stage: &Stage) {
    let mut conn = stage.ctx.db.acquire().await.unwrap();
    crate::testing::replay::must_rebuild(&mut conn).await;
}

/// The roles that count.
pub(super) fn engineer() -> BTreeSet<Role> {
    BTreeSet::from([Role::Engineer])
}
