//! The only start of WASM: brings the server-rendered page to life.

use gatehouse_app::App;
use leptos::mount::hydrate_body;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the hydration script once the module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    hydrate_body(App);
}
