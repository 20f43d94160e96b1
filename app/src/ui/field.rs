//! An exact value: monospace, wrapped, with a button that copies it.

use super::icon::{Icon, icon};
use super::text::visible;
use leptos::prelude::*;

/// The value in full. `name` says what the button copies.
#[component]
pub(crate) fn Exact(
    /// What it is, for the button's name.
    #[prop(into)]
    name: String,
    /// The exact text.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let shown = visible(&value);
    let copy = move |_| {
        copied.set(copy_to_clipboard(&value));
        set_timeout(move || copied.set(false), std::time::Duration::from_secs(2));
    };
    view! {
        <span class="exact">
            <code>{shown}</code>
            <button type="button" class="copy" aria-label=format!("Copy {name}") on:click=copy>
                {icon(Icon::Copy)}
                <span class="copied" aria-live="polite">{move || copied.get().then_some("copied")}</span>
            </button>
        </span>
    }
    .into_any()
}

/// Whether the browser has a clipboard to write to (only in a secure context).
#[cfg(feature = "hydrate")]
fn copy_to_clipboard(text: &str) -> bool {
    use wasm_bindgen::JsCast;
    let get = |of: &wasm_bindgen::JsValue, name: &str| js_sys::Reflect::get(of, &name.into()).ok();
    let clipboard = get(&window().into(), "navigator").and_then(|navigator| get(&navigator, "clipboard"));
    let Some(clipboard) = clipboard.filter(|c| c.is_object()) else { return false };
    let write = get(&clipboard, "writeText").and_then(|f| f.dyn_into::<js_sys::Function>().ok());
    // A refused permission rejects the promise; nobody waits for it, and the text can still be selected.
    write.is_some_and(|write| write.call1(&clipboard, &text.into()).is_ok())
}

#[cfg(not(feature = "hydrate"))]
fn copy_to_clipboard(_text: &str) -> bool {
    false
}
