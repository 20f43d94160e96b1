//! Who is it? An OpenID provider with AltScore's people: code flow with PKCE, one client, rotating refresh tokens.
//!
//! Invariants: a code is spent once, by the client and redirect address it was made for, with the verifier behind its
//! challenge; a refresh token is spent once and gives the next; claims are always those of now, so a group that was
//! taken away is gone at the next refresh; a suspended person gets nothing.

mod lies;
mod page;
mod routes;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};

pub use lies::Lie;
pub(crate) use routes::router;

use crate::state::Shared;
use crate::world::Person;

/// An authorization request that waits for somebody to say who they are.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub client: String,
    pub redirect_uri: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub challenge: String,
    pub offline: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub sub: String,
    pub request: Request,
    pub auth_time: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// What a refresh or access token stands for.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub sub: String,
    pub auth_time: DateTime<Utc>,
    pub offline: bool,
}

#[derive(Default)]
pub(crate) struct Provider {
    pub requests: BTreeMap<String, Request>,
    pub codes: BTreeMap<String, Code>,
    pub refresh: BTreeMap<String, Grant>,
    pub access: BTreeMap<String, (Grant, DateTime<Utc>)>,
    pub suspended: BTreeSet<String>,
    /// When set, every call is refused: the provider is down.
    pub down: bool,
    /// What the provider lies about, if it does.
    pub lie: Option<Lie>,
    /// How long a change of groups takes until tokens say it, and the changes on their way: when, who, their groups.
    pub groups_lag: TimeDelta,
    pub groups_before: Vec<(DateTime<Utc>, String, Vec<String>)>,
}

/// The people and their provider, for tests.
#[derive(Clone)]
pub struct PeopleHandle(pub(crate) Shared);

impl Provider {
    /// Somebody as tokens say it now: with the groups from before a change that is still on its way.
    pub(crate) fn as_told(&self, person: &Person, now: DateTime<Utc>) -> Person {
        let on_its_way =
            self.groups_before.iter().find(|(at, sub, _)| *sub == person.sub && now - *at < self.groups_lag);
        let groups = on_its_way.map_or_else(|| person.groups.clone(), |(_, _, before)| before.clone());
        Person { groups, ..person.clone() }
    }
}

impl PeopleHandle {
    /// Everybody there is.
    #[must_use]
    pub fn all(&self) -> Vec<Person> {
        self.0.model().people.clone()
    }

    /// One more person to be; replaces whoever has the same `sub`. Somebody with a GitHub login gets the account too.
    pub fn add(&self, person: Person) {
        let mut model = self.0.model();
        model.people.retain(|known| known.sub != person.sub);
        crate::history::open_account(&mut model.github, &person);
        model.people.push(person);
    }

    fn change(&self, sub: &str, change: impl FnOnce(&mut Person)) -> anyhow::Result<()> {
        let (now, mut model) = (self.0.now(), self.0.model());
        let found = model.people.iter_mut().find(|person| person.sub == sub);
        let person = found.with_context(|| format!("nobody is `{sub}`"))?;
        let before = person.groups.clone();
        change(person);
        model.oidc.groups_before.push((now, sub.to_owned(), before));
        Ok(())
    }

    /// From now on a change of groups takes this long to reach the tokens, as between a directory and its provider.
    pub fn delay_groups(&self, lag: TimeDelta) {
        self.0.model().oidc.groups_lag = lag;
    }

    /// The provider lies, in this one way, until [`PeopleHandle::be_honest`].
    pub fn lie(&self, lie: Lie) {
        self.0.model().oidc.lie = Some(lie);
    }

    /// The provider says what is so.
    pub fn be_honest(&self) {
        self.0.model().oidc.lie = None;
    }

    /// Takes a group away; the next token says so.
    ///
    /// # Errors
    /// When nobody has this `sub`.
    pub fn remove_group(&self, sub: &str, group: &str) -> anyhow::Result<()> {
        self.change(sub, |person| person.groups.retain(|known| known != group))
    }

    /// Gives a group.
    ///
    /// # Errors
    /// When nobody has this `sub`.
    pub fn add_group(&self, sub: &str, group: &str) -> anyhow::Result<()> {
        self.change(sub, |person| person.groups.push(group.to_owned()))
    }

    /// Changes the e-mail claim, as when an address is given to somebody else.
    ///
    /// # Errors
    /// When nobody has this `sub`.
    pub fn set_email(&self, sub: &str, email: &str) -> anyhow::Result<()> {
        self.change(sub, |person| email.clone_into(&mut person.email))
    }

    /// Suspends somebody: no sign-in, no refresh, no user info.
    pub fn suspend(&self, sub: &str) {
        self.0.model().oidc.suspended.insert(sub.to_owned());
    }

    /// Ends a suspension.
    pub fn reinstate(&self, sub: &str) {
        self.0.model().oidc.suspended.remove(sub);
    }

    /// Turns the provider on or off; off, everything answers 503.
    pub fn set_up(&self, up: bool) {
        self.0.model().oidc.down = !up;
    }

    /// Does what a browser would: takes the portal's authorization URL, says who one is, and returns the address that
    /// the provider redirects to.
    ///
    /// # Errors
    /// When the request is refused, nobody has this `sub`, or they are suspended.
    pub fn sign_in(&self, authorize_url: &str, sub: &str) -> anyhow::Result<String> {
        let url = url::Url::parse(authorize_url)?;
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let request = routes::check_request(&query).map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
        routes::choose(&self.0, request, sub).with_context(|| format!("nobody is `{sub}`"))
    }
}
