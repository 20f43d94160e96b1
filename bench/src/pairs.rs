//! Ours, the reference, ours, the reference, …

/// What one round measured.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    /// The portal's figure.
    pub ours: f64,
    /// The reference's.
    pub reference: f64,
}

/// Measures both in turn, once to warm up and then `rounds` times that count. Both are told which round it is; 0 is
/// the one that is thrown away.
///
/// # Errors
/// The first of either.
pub async fn interleave(
    rounds: usize,
    mut ours: impl AsyncFnMut(usize) -> anyhow::Result<f64>,
    mut reference: impl AsyncFnMut(usize) -> anyhow::Result<f64>,
) -> anyhow::Result<Vec<Pair>> {
    let mut pairs = Vec::with_capacity(rounds);
    for round in 0..=rounds {
        let pair = Pair { ours: ours(round).await?, reference: reference(round).await? };
        eprintln!(
            "  {}ours {:.3}, reference {:.3}, ratio {:.3}",
            if round == 0 { "(warm-up) " } else { "" },
            pair.ours,
            pair.reference,
            pair.ours / pair.reference
        );
        if round > 0 {
            pairs.push(pair);
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::cell::RefCell;

    #[tokio::test]
    async fn turns_alternate_and_the_first_pair_does_not_count() {
        let turns = RefCell::new(String::new());
        let turn = |who: char, round: usize| {
            turns.borrow_mut().push(who);
            Ok(round as f64)
        };
        let pairs = interleave(2, async |round| turn('a', round), async |round| turn('b', round)).await.unwrap();
        assert_eq!(*turns.borrow(), "ababab");
        assert_eq!(pairs.iter().map(|pair| pair.ours).collect::<Vec<_>>(), [1.0, 2.0]);
    }
}
