//! Stories of people: through the real routes and services, a real database and the twin's provider.
#![expect(clippy::panic, reason = "tests")]

mod atk_02_same_person;
mod atk_03_reused_address;
mod atk_05_service_account;
mod atk_08_between;
mod atk_08_stolen_session;
mod atk_w;
mod ceremonies;
mod first_keys;
mod founders;
mod hostile_provider;
mod keys;
mod refound;
mod role_facts;
mod roles;
mod sign_in;
mod strict;

use crate::error::Error;

/// Somebody at the identity provider, changed.
fn account(of: &str, sub: &str, employee: Option<&str>) -> twin::world::Person {
    let found = twin::world::people().into_iter().find(|person| person.sub == of).unwrap_or_else(|| panic!("{of}"));
    let (sub, employee) = (sub.to_owned(), employee.map(str::to_owned));
    twin::world::Person { sub, employee, login: None, github_id: None, admitted: Vec::new(), ..found }
}

/// The codes of a refusal.
fn codes<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Refused(reasons)) => reasons.codes().join(", "),
        other => format!("not refused: {other:?}"),
    }
}
