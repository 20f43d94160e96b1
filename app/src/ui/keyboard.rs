//! Keys that do something on a page, never while somebody types.

use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

/// Listens while the page is open; only the browser has keys. `act` says whether the key was meant for it: then the
/// browser does nothing more with it, such as typing it into a field that has just got the focus.
pub(crate) fn on_key(act: impl Fn(&str) -> bool + 'static) {
    Effect::new({
        let act = std::rc::Rc::new(act);
        move |_| {
            let act = std::rc::Rc::clone(&act);
            let listener = window_event_listener(ev::keydown, move |event| {
                let is_chord = event.ctrl_key() || event.meta_key() || event.alt_key();
                if !is_chord && !event.repeat() && !is_typing(&event) && act(&event.key()) {
                    event.prevent_default();
                }
            });
            on_cleanup(move || listener.remove());
        }
    });
}

fn is_typing(event: &ev::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<leptos::web_sys::Element>().ok());
    target.is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// `j` and `k` move the focus along the page's rows (`data-row`); Enter is the browser's own.
pub(crate) fn rows_move_with_j_and_k() {
    on_key(|key| {
        let step = match key {
            "j" => 1,
            "k" => -1,
            _ => return false,
        };
        move_focus(step);
        true
    });
}

#[cfg(feature = "hydrate")]
fn move_focus(step: i64) {
    let Ok(rows) = document().query_selector_all("[data-row]") else { return };
    let rows: Vec<web_sys::HtmlElement> =
        (0..rows.length()).filter_map(|i| rows.get(i)).filter_map(|node| node.dyn_into().ok()).collect();
    let active = document().active_element();
    let here = rows.iter().position(|row| active.as_ref().is_some_and(|a| row.is_same_node(Some(a))));
    let next = match here.and_then(|i| i64::try_from(i).ok()) {
        Some(i) => i.saturating_add(step),
        None => 0,
    };
    if let Some(row) = usize::try_from(next).ok().and_then(|i| rows.get(i)) {
        // Focus can fail only on an element that is gone; then there is nothing to move to.
        drop(row.focus());
    }
}

#[cfg(not(feature = "hydrate"))]
fn move_focus(_step: i64) {}
