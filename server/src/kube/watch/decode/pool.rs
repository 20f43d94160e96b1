//! What is said ten thousand times is kept once.

use gatehouse_domain::environments::facts::PodShape;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many may be there before those that nobody holds any more are looked for.
const MANY: usize = 4_096;

/// Texts and pod shapes of one kind of one cluster. Bounded by what is held of them: what nobody else holds is let go.
#[derive(Debug, Default)]
pub struct Pool {
    texts: BTreeSet<Arc<str>>,
    shapes: BTreeSet<Arc<PodShape>>,
    sweep_at: usize,
}

impl Pool {
    /// This text, shared.
    pub fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        self.sweep();
        let new: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&new));
        new
    }

    /// This shape, shared.
    pub fn shape(&mut self, shape: PodShape) -> Arc<PodShape> {
        if let Some(known) = self.shapes.get(&shape) {
            return Arc::clone(known);
        }
        self.sweep();
        let new = Arc::new(shape);
        self.shapes.insert(Arc::clone(&new));
        new
    }

    fn sweep(&mut self) {
        if self.texts.len() + self.shapes.len() < self.sweep_at.max(MANY) {
            return;
        }
        self.texts.retain(|text| Arc::strong_count(text) > 1);
        self.shapes.retain(|shape| Arc::strong_count(shape) > 1);
        self.sweep_at = (self.texts.len() + self.shapes.len()) * 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_is_let_go_and_what_is_held_is_shared() {
        let mut pool = Pool::default();
        let held = pool.text("held");
        for number in 0..MANY * 3 {
            drop(pool.text(&number.to_string()));
        }
        assert!(pool.texts.len() <= MANY, "{}", pool.texts.len());
        assert!(Arc::ptr_eq(&held, &pool.text("held")));
        let shape = pool.shape(PodShape::default());
        assert!(Arc::ptr_eq(&shape, &pool.shape(PodShape::default())));
    }
}
