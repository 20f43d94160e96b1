//! The SQL of changes. Governed tables are written only by [`super::apply`], which only `audit::commit` calls.

mod debts;
mod deliveries;
mod evidence;
mod lane;
mod list;
mod looks;
mod proofs;
mod read;
mod reports;
mod served;
mod way_back;
mod write;

pub(super) use debts::{find_debt, hold_lane, insert_debt, insert_emergency, list_unpaid, set_paid};
pub(super) use deliveries::{
    delete_attempt, empty_body, empty_old_bodies, find_attempt, find_read_until, insert_attempt, is_answered,
    list_arrived, list_unread, set_read_until,
};
pub(crate) use deliveries::{find_delivery, insert_delivery, set_delivery_outcome};
pub(super) use evidence::{Kept, find_evidence, insert_evidence};
pub(super) use lane::{
    InLane, StopRecord, find_standing_stop, hold_line, insert_stop, list_lanes, list_stops, set_lifted, set_overtaken,
};
pub use list::Released;
pub(super) use list::{
    Summary, SummaryFilter, find_proposed, list_held_runs, list_of_runs, list_released, list_released_elsewhere,
    list_summaries, list_ways_of_runs,
};
pub(super) use looks::{Approved, forget_old_looks, list_approved, note_look};
pub(super) use proofs::list_proofs;
pub(super) use read::{
    RowFacts, exists_later, find_earlier_held, find_number, find_reading, get_change, get_row, list_changes,
    list_expired, list_given_through, list_prepared_otherwise, list_readings, list_rows, list_unproved, list_unsettled,
    lock_change, lock_run,
};
pub(super) use reports::{find_report, insert_report};
pub(super) use served::{HappenedRow, list_happened, list_latest_released};
pub(super) use way_back::{
    find_mark, find_own_token, find_token, insert_confirmation, insert_mark, insert_token, list_earlier, set_token_used,
};
pub(super) use write::{
    insert_approval, insert_change, insert_subject, next_number, set_answered, set_cancelled_if_executing, set_fallen,
    set_gone, set_read_at, set_reading, set_requirement, set_state, set_subject, set_voided,
};
