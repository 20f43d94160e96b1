//! Whom one can be in the demo.

use crate::say::{self, row};

/// Name, role, and what that person may do about the two held runs.
const PEOPLE: &[[&str; 3]] = &[
    ["Asha Rao", "engineer, on call", "may approve both"],
    ["Leela Menon", "engineer", "may approve score-api; wrote consent-service"],
    ["Rohan Das", "engineer", "wrote score-api: refused, with the reason"],
    ["Vikram Iyer", "engineer, guardrail", "is a co-author of score-api: refused as well"],
    ["Devika Shah", "engineer", "wrote erp-ingestion; may approve the others"],
    ["Ishaan Kulkarni", "engineer", "was here already and signed with his own key"],
    ["Tara Bose", "engineer", "was here already and signed with her own key"],
    ["Farah Khan", "security", "must sign what admin-service may reach, beside two engineers"],
    ["Meera Nair", "data protection", "must sign the phone number that erp-ingestion will read"],
    ["Sunita Pillai", "auditor", "reads everything, signs nothing"],
    ["Kavita Reddy", "lead", "sees how signatures are given, signs nothing"],
    ["Nikhil Joshi", "contractor", "not on Gatehouse's own list: signs nothing"],
    ["Guest Auditor", "visitor", "has no employee number: not let in"],
];

/// The table of them.
pub fn table() -> String {
    let head = [row(["sign in as", "who is", "and"])];
    let rows: Vec<_> = head.into_iter().chain(PEOPLE.iter().copied().map(row)).collect();
    say::table(&rows)
}
