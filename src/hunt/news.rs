//! Pairs that were reported while the table was not to be touched: they wait for who touches it next.
//!
//! A stack without a lock, so that the child of a fork that comes at any moment finds it whole. It grows by what is refused
//! while a fork is coming, and is emptied at once.

use std::sync::atomic::{AtomicPtr, Ordering};

use super::pairs::{Key, Pair};

struct Node {
    key: Key,
    pair: Pair,
    next: *mut Node,
}

/// See the module's page.
pub(super) struct News {
    latest: AtomicPtr<Node>,
}

impl News {
    pub(super) const fn new() -> Self {
        Self { latest: AtomicPtr::new(std::ptr::null_mut()) }
    }

    /// Leaves a pair for whoever calls [`News::take`].
    #[allow(unsafe_code)]
    pub(super) fn leave(&self, key: Key, pair: Pair) {
        let node = Box::into_raw(Box::new(Node { key, pair, next: std::ptr::null_mut() }));
        // Relaxed: the nodes are not looked at here, and the exchange fails if another one is the latest by now.
        let mut latest = self.latest.load(Ordering::Relaxed);
        loop {
            // SAFETY: made from a box above, and nobody else sees it before the exchange.
            unsafe { (*node).next = latest };
            // Release: pairs with `take`, which reads the node.
            match self.latest.compare_exchange_weak(latest, node, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => latest = now,
            }
        }
    }

    /// Everything that was left, the latest first.
    #[allow(unsafe_code)]
    pub(super) fn take(&self) -> Vec<(Key, Pair)> {
        let mut taken = Vec::new();
        // Relaxed: a look that saves the exchange; what is missed is there the next time.
        if self.latest.load(Ordering::Relaxed).is_null() {
            return taken;
        }
        // Acquire: pairs with `leave`, for all nodes: each exchange there continues the release sequence of the one before.
        let mut latest = self.latest.swap(std::ptr::null_mut(), Ordering::Acquire);
        while !latest.is_null() {
            // SAFETY: from a box in `leave`; the swap has made it this thread's alone.
            let node = unsafe { Box::from_raw(latest) };
            latest = node.next;
            taken.push((node.key, node.pair));
        }
        taken
    }
}

impl Drop for News {
    fn drop(&mut self) {
        self.take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Access, Operation};
    use crate::hunt::spot::Spot;

    fn pair() -> Pair {
        let spot = Spot::from(Access::here(Operation::Insert));
        Pair::new(spot.place.clone(), "sessions".to_owned(), [spot.clone(), spot])
    }

    #[test]
    fn what_was_left_is_taken_once() {
        let news = News::new();
        for map in 0..3 {
            news.leave(Key::new(map, 1, 2), pair());
        }
        let keys: Vec<_> = news.take().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [2, 1, 0].map(|map| Key::new(map, 1, 2)));
        assert!(news.take().is_empty());
        news.leave(Key::new(0, 1, 2), pair());
    }

    #[test]
    fn threads_that_leave_and_take_at_the_same_time_lose_nothing() {
        const EACH: u64 = if cfg!(miri) { 20 } else { 2_000 };

        let news = News::new();
        let taken = std::thread::scope(|scope| {
            for thread in 0..2 {
                let news = &news;
                scope.spawn(move || (0..EACH).for_each(|nth| news.leave(Key::new(thread, nth, nth), pair())));
            }
            let mut taken = Vec::new();
            while (taken.len() as u64) < 2 * EACH {
                taken.extend(news.take().into_iter().map(|(key, _)| key));
                std::thread::yield_now();
            }
            taken
        });
        let unique: std::collections::BTreeSet<_> = taken.iter().collect();
        assert_eq!(unique.len() as u64, 2 * EACH);
    }
}
