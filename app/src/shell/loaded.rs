//! A page's data, once it is there: the page, the sign-in page, or the problem.

use super::live::Live;
use super::not_found::nothing_here;
use super::signin::sign_in;
use crate::error::UiError;
use crate::ui::problem::problem;
use gatehouse_domain::problem::Problem;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use serde::{Serialize, de::DeserializeOwned};

/// Shows `view` of the data, and reads it again whenever it has moved. What is read again replaces what is shown only
/// when it has come; while nobody answers, what was read last stays, and the frame says as of when.
pub(crate) fn loaded<T, V>(
    resource: Resource<Result<T, UiError>>,
    view: impl Fn(T) -> V + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let location = use_location();
    let live = use_context::<Live>();
    if let Some(live) = live {
        live.on_page(move || resource.refetch());
    }
    let last = StoredValue::new(None::<(String, T)>);
    let here = Memo::new(move |_| format!("{}{}", location.pathname.get(), query_of(&location.search.get())));
    view! {
        <Transition fallback=|| view! { <p class="loading">"Reading…"</p> }>
            {move || {
                let view = view.clone();
                let here = here.get_untracked();
                Suspend::new(async move {
                    let answer = resource.await;
                    say_alive();
                    match answer {
                        Ok(data) => {
                            last.set_value(Some((here, data.clone())));
                            view(data).into_view().into_any()
                        }
                        Err(e) if e.is_signed_out() => {
                            answers_with(200);
                            sign_in(&here).into_any()
                        }
                        Err(UiError(e)) => {
                            let before = last.get_value().filter(|(of, _)| is_silence(e.status) && *of == here);
                            if let Some((_, data)) = before {
                                if let Some(live) = live {
                                    live.lost();
                                }
                                return view(data).into_view().into_any();
                            }
                            answers_with(e.status);
                            failed(e).into_any()
                        }
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

/// Nobody answered, or something in between did: no word about the page itself.
fn is_silence(status: u16) -> bool {
    matches!(status, 502..=504)
}

/// A page that is only a problem.
pub(crate) fn failed(what: Problem) -> impl IntoView {
    if what.status == 404 {
        return nothing_here("There is nothing of that number").into_any();
    }
    let heading = match what.status {
        401 | 403 => "You may not see this",
        503 => "This cannot be read right now",
        _ => "This did not work",
    };
    view! {
        <Title text=heading />
        <h1>{heading}</h1>
        <div class="failed">{problem(what)}</div>
    }
    .into_any()
}

fn query_of(search: &str) -> String {
    match search.trim_start_matches('?') {
        "" => String::new(),
        query => format!("?{query}"),
    }
}

/// Marks the document once events are attached: until then a click does nothing, and tests wait for it.
pub(crate) fn say_alive() {
    Effect::new(|_| {
        if let Some(html) = document().document_element() {
            // Setting an attribute of this name cannot fail.
            drop(html.set_attribute("data-alive", "true"));
        }
    });
}

/// The sign-in page is an answer, not an error; everything else keeps the problem's status.
fn answers_with(status: u16) {
    #[cfg(feature = "ssr")]
    if let Some(reply) = crate::api::reply() {
        reply.status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}
