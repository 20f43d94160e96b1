//! A button that acts without JavaScript too: alone in a plain form, whose answer is the page it stands on.

use leptos::prelude::*;

/// One act on one thing. With JavaScript it is a click, without it the form is sent.
#[component]
pub(crate) fn Post(
    /// The server function.
    action: &'static str,
    /// What the act is on: the argument's name.
    #[prop(optional)]
    name: Option<&'static str>,
    /// And its value.
    #[prop(optional)]
    value: Option<String>,
    /// How it looks.
    class: &'static str,
    /// Its name, where the words in it do not say which thing.
    #[prop(optional)]
    label: Option<String>,
    /// Something is under way.
    #[prop(into)]
    busy: Signal<bool>,
    /// What happens.
    on_act: Callback<()>,
    /// The words in it.
    children: Children,
) -> impl IntoView {
    let press = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        on_act.run(());
    };
    view! {
        <form method="post" action=format!("/api/ui/{action}")>
            <button type="submit" class=class name=name value=value aria-label=label disabled=busy on:click=press>
                {children()}
            </button>
        </form>
    }
    .into_any()
}
