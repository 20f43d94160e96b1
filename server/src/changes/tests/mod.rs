//! Promotions from GitHub's question to its answer, through the production router, on a real database,
//! beside the twin. Attacks are named after the case that they try.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod atk_01_own_request;
mod atk_02_second_account;
mod atk_04_rewritten;
mod atk_05_bots;
mod atk_06_seats;
mod atk_07_gained_role;
mod atk_09_false_pretences;
mod atk_10_moved_commit;
mod atk_11_moved_image;
mod atk_12_same_image;
mod atk_13_hidden_files;
mod atk_14_mass_assignment;
mod atk_15_policy;
mod atk_15_rules;
mod atk_16_other_subject;
mod atk_17_replay;
mod atk_18_evidence;
mod atk_20_last_seat;
mod atk_21_interleavings;
mod atk_22_two_replicas;
mod atk_23_crash;
mod atk_24_lost_commit;
mod atk_26_clocks;
mod atk_27_isolation;
mod atk_28_failover;
mod atk_32_rerun;
mod atk_33_sweep;
mod atk_33_webhook;
mod atk_w;
mod data_protection;
mod emergency;
mod github_trouble;
mod habits;
mod lawful;
mod proof;
mod replayed;
mod rules;
mod shown;
mod stop_the_line;
mod story;
mod subject;
mod supersede;
mod trouble;
