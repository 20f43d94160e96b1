//! Fetches a change with what it does to people's data, and carries out what the caller decides on it.

use super::view::data;
use crate::changes::api::read_data_change;
use crate::changes::page::of_number;
use leptos::prelude::*;

/// `/changes/:number/data`
#[component]
pub(crate) fn DataPage() -> impl IntoView {
    of_number(read_data_change, data)
}
