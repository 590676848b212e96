//! Choices that a second run makes again.
//!
//! A choice is a number drawn from the seed, the thread, the access and how often that thread has come there: not from a
//! stream that threads share, whose next number would depend on who comes first. A thread is known by its place in the
//! order in which the program starts threads, which one thread that starts the others makes the same in every run.

use std::cell::OnceCell;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::OnceLock;

use super::scatter::scatter;

/// Seeds this program chooses are exact in every reader of JSON.
const BITS: u32 = 53;

/// What this process's choices are drawn from where nobody has said.
pub(super) fn chosen() -> u64 {
    static CHOSEN: OnceLock<u64> = OnceLock::new();
    *CHOSEN.get_or_init(|| RandomState::new().hash_one(std::process::id()) >> (u64::BITS - BITS))
}

/// A number from 0 up to 1.
pub(super) fn draw(seed: u64, thread: u64, spot: u64, occurrence: u64) -> f64 {
    let mixed = [thread, spot, occurrence].into_iter().fold(scatter(seed), |sum, part| scatter(sum ^ part));
    (mixed >> (u64::BITS - BITS)) as f64 / (1_u64 << BITS) as f64
}

/// The calling thread's number among all that the program has started.
pub(super) fn thread() -> u64 {
    thread_local! {
        // Needs no destructor, so it can be read at any point of a thread's life.
        static NUMBER: OnceCell<u64> = const { OnceCell::new() };
    }
    NUMBER.with(|number| {
        *number.get_or_init(|| {
            let mut words = Words(0);
            std::thread::current().id().hash(&mut words);
            words.finish()
        })
    })
}

/// A hasher that gives the same number in every run.
struct Words(u64);

impl Hasher for Words {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = scatter(self.0 ^ u64::from(*byte));
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_replays_its_draws_and_another_makes_others() {
        let draws = |seed| -> Vec<f64> { (0..64).map(|occurrence| draw(seed, 3, 17, occurrence)).collect() };
        assert_eq!(draws(7), draws(7));
        assert_ne!(draws(7), draws(8));
        assert!(draws(7).iter().all(|drawn| (0.0..1.0).contains(drawn)));
    }

    #[test]
    fn each_thread_access_and_occurrence_draws_for_itself() {
        let drawn = draw(7, 1, 1, 1);
        for other in [draw(7, 2, 1, 1), draw(7, 1, 2, 1), draw(7, 1, 1, 2)] {
            assert_ne!(drawn, other);
        }
        let mean = (0..4096).map(|occurrence| draw(7, 1, 1, occurrence)).sum::<f64>() / 4096.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
    }

    #[test]
    fn threads_differ_and_stay_who_they_are() {
        let other = std::thread::spawn(thread).join().expect("it only looks");
        assert_ne!(thread(), other);
        assert_eq!(thread(), thread());
    }

    #[test]
    fn a_chosen_seed_is_exact_as_a_floating_point_number() {
        assert!(chosen() < 1 << BITS);
        assert_eq!(chosen(), chosen());
    }
}
