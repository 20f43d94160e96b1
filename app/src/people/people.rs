//! The people page, as a function of its shape: what waits, and who is admitted.

use super::rows::request_rows;
use super::shape::{PeopleView, PersonRow};
use crate::ui::badge::badge;
use crate::ui::section::{Section, empty};
use crate::ui::text::{capital, foreign, number_word, visible};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use leptos_meta::Title;

/// `Two requests wait for your word`.
pub(crate) fn heading(view: &PeopleView) -> String {
    let (yours, all) = (view.requests.iter().filter(|row| row.is_yours).count(), view.requests.len());
    match (yours, all) {
        (0, 0) => "Nobody waits to be let in".to_owned(),
        (0, 1) => "One request waits".to_owned(),
        (0, n) => format!("{} requests wait", capital(&number_word(n))),
        (1, _) => "One request waits for your word".to_owned(),
        (n, _) => format!("{} requests wait for your word", capital(&number_word(n))),
    }
}

/// The page.
pub(crate) fn people(view: &PeopleView) -> impl IntoView + use<> {
    let title = heading(view);
    let requests = if view.requests.is_empty() {
        let next = if view.is_relaxed {
            "In this demo keys and roles count at once. Elsewhere a first key, and a role that somebody gained, would wait here for two others and 24 hours."
        } else {
            "A first or replacement key, and a role that somebody gained, wait here for two others and 24 hours."
        };
        empty("Nothing waits.", next).into_any()
    } else {
        request_rows(&view.requests, view.as_of).into_any()
    };
    let rows = view.people.iter().map(person).collect_view();
    view! {
        <Title text="People" />
        <h1>{title}</h1>
        <p class="lead">"A new key and a new role count only after two others have vouched for them, in person, and a day has passed in which anybody may refuse."</p>
        <Section title="Waiting" id="waiting">{requests}</Section>
        <Section title="Admitted" id="admitted">
            <table class="rows people">
                <thead>
                    <tr>
                        <th scope="col">"Person"</th>
                        <th scope="col">"Roles"</th>
                        <th scope="col">"Keys that sign"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Section>
    }
    .into_any()
}

fn person(row: &PersonRow) -> impl IntoView + use<> {
    let roles = row.roles.iter().map(|role| {
        let is_plain = role.status.tone == Tone::Ok;
        let word = if is_plain { role.name.clone() } else { format!("{}, {}", role.name, role.status.word) };
        view! { {badge(&word, role.status.tone)} " " }.into_any()
    });
    let keys = match (row.has_come, row.keys) {
        (false, _) => view! { <span class="dim">"never signed in"</span> }.into_any(),
        (true, 0) => view! { <span class="dim">"none"</span> }.into_any(),
        (true, n) => view! { <span class="num">{n}</span> }.into_any(),
    };
    // Whose name nobody has told us is shown by the id already.
    let id = row.person.name.is_some().then(|| view! { " " <span class="dim mono">{visible(&row.person.id)}</span> });
    view! {
        <tr>
            <td class="grow"><b>{foreign(row.person.shown())}</b>{id}</td>
            <td class="roles">{roles.collect_view()}</td>
            <td data-label=row.has_come.then_some("keys")>{keys}</td>
        </tr>
    }
    .into_any()
}
