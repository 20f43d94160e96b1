//! Is a workload well? By what its own record says, never by hope.

use super::facts::Workload;
use crate::tone::Tone;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Every pod that is wanted serves, and all are of the newest version.
    Healthy,
    /// Something is under way, and nothing says that it fails.
    Progressing,
    /// Some serve, fewer than are wanted, or a roll-out is stuck.
    Degraded,
    /// None serves, though some are wanted.
    Down,
    /// It cannot be read.
    Unknown,
}

impl Health {
    /// As people say it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::Progressing => "Progressing",
            Self::Degraded => "Degraded",
            Self::Down => "Down",
            Self::Unknown => "Unknown",
        }
    }

    /// As it is shown.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Healthy => Tone::Ok,
            Self::Progressing => Tone::Running,
            Self::Degraded => Tone::Warn,
            Self::Down => Tone::Bad,
            Self::Unknown => Tone::Unknown,
        }
    }
}

/// How it is, and why in words. `is_known`: what is held of its kind is known not to be behind.
#[must_use]
pub fn of(workload: &Workload, is_known: bool) -> (Health, String) {
    let Workload { wanted, replicas, updated, available, .. } = *workload;
    let stuck = workload.conditions.iter().any(|it| it.kind == "Progressing" && it.status == "False");
    if !is_known {
        return (Health::Unknown, "What was last seen may be old.".to_owned());
    }
    if !workload.observed {
        return (Health::Progressing, "The cluster has not taken note of the newest version yet.".to_owned());
    }
    if wanted == 0 {
        return match replicas {
            0 => (Health::Healthy, "None is wanted and none runs.".to_owned()),
            left => (Health::Progressing, format!("None is wanted; {left} still end.")),
        };
    }
    if available == 0 {
        return (Health::Down, format!("None of {wanted} serves."));
    }
    if stuck {
        return (Health::Degraded, format!("The roll-out is stuck; {available} of {wanted} serve."));
    }
    if updated < wanted {
        return (Health::Progressing, format!("{updated} of {wanted} are of the newest version; {available} serve."));
    }
    if available < wanted {
        return (Health::Degraded, format!("{available} of {wanted} serve."));
    }
    if replicas > wanted {
        return (Health::Progressing, format!("All {wanted} serve; {} too many still end.", replicas - wanted));
    }
    (Health::Healthy, format!("All {wanted} serve."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environments::facts::Condition;

    fn workload(wanted: u32, replicas: u32, updated: u32, available: u32) -> Workload {
        Workload { wanted, replicas, updated, available, observed: true, ..Workload::default() }
    }

    #[test]
    fn a_workload_is_what_its_record_says() {
        for (counts, health) in [
            ((3, 3, 3, 3), Health::Healthy),
            ((3, 4, 3, 3), Health::Progressing),
            ((3, 4, 2, 3), Health::Progressing),
            ((3, 3, 3, 2), Health::Degraded),
            ((3, 3, 3, 0), Health::Down),
            ((0, 0, 0, 0), Health::Healthy),
            ((0, 1, 1, 1), Health::Progressing),
        ] {
            let (wanted, replicas, updated, available) = counts;
            assert_eq!(of(&workload(wanted, replicas, updated, available), true).0, health, "{counts:?}");
            assert_eq!(of(&workload(wanted, replicas, updated, available), false).0, Health::Unknown);
        }
    }

    #[test]
    fn an_older_generations_status_is_never_healthy_and_a_stuck_roll_out_says_so() {
        let mut it = workload(3, 3, 3, 3);
        it.observed = false;
        assert_eq!(of(&it, true).0, Health::Progressing);
        let mut it = workload(3, 4, 1, 3);
        it.conditions =
            vec![Condition { kind: "Progressing".to_owned(), status: "False".to_owned(), ..Condition::default() }];
        assert_eq!(of(&it, true), (Health::Degraded, "The roll-out is stuck; 3 of 3 serve.".to_owned()));
    }
}
