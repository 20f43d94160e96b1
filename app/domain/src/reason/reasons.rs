//! All reasons against an act: at least one.

use super::Reason;
use serde::{Deserialize, Serialize};

/// At least one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Reason>", into = "Vec<Reason>")]
pub struct Reasons(Reason, Vec<Reason>);

impl Reasons {
    /// One reason.
    #[must_use]
    pub fn one(reason: Reason) -> Self {
        Self(reason, Vec::new())
    }

    /// `None` when there is none.
    #[must_use]
    pub fn from_vec(reasons: Vec<Reason>) -> Option<Self> {
        let mut all = reasons.into_iter();
        all.next().map(|first| Self(first, all.collect()))
    }

    /// The weightiest, which gives the Problem its code.
    #[must_use]
    pub fn first(&self) -> &Reason {
        &self.0
    }

    /// All, weightiest first.
    pub fn iter(&self) -> impl Iterator<Item = &Reason> {
        std::iter::once(&self.0).chain(&self.1)
    }

    /// All codes, in order.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        self.iter().map(|r| r.code().to_owned()).collect()
    }
}

impl From<Reason> for Reasons {
    fn from(reason: Reason) -> Self {
        Self::one(reason)
    }
}
impl From<Reasons> for Vec<Reason> {
    fn from(reasons: Reasons) -> Self {
        reasons.iter().cloned().collect()
    }
}
impl TryFrom<Vec<Reason>> for Reasons {
    type Error = &'static str;
    fn try_from(reasons: Vec<Reason>) -> Result<Self, Self::Error> {
        Self::from_vec(reasons).ok_or("a refusal without a reason")
    }
}
