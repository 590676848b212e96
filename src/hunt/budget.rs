//! What may be spent on delays.
//!
//! All delays together take at most the settled share of the time the process has run, so that a program keeps the rest of
//! its pace even where a delayed thread holds what all others wait for. And a thread spends at most that share of its own
//! time, once it is old enough for that to mean anything. Times are nanoseconds of one clock that the caller reads.

use std::sync::atomic::{AtomicU64, Ordering};

// Every access below is Relaxed: counts that publish nothing.
const ORDER: Ordering = Ordering::Relaxed;

/// A thread this young is held to the process's share alone. And a process counts as having run for so long when it begins:
/// else one that is over in a millisecond could not be hunted in.
const YOUTH: u64 = 300_000_000;

/// A part of the time, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Share(pub(super) f64);

impl Share {
    /// What a process may spend as it begins.
    pub(super) fn to_begin_with(self) -> u64 {
        self.of(YOUTH)
    }

    fn of(self, time: u64) -> u64 {
        (time as f64 * self.0) as u64
    }
}

/// What one thread has spent.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// When its first access was; 0 before.
    since: u64,
    spent: u64,
}

/// What a delay may cost at most, taken from the account and the process's budget already.
#[derive(Debug)]
pub(super) struct Grant(u64);

/// What the process has spent.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// When the first access of the process was; 0 before. Written once.
    since: AtomicU64,
    /// By all threads together, what is granted and not settled yet included. Written as delays begin and end.
    spent: AtomicU64,
    /// The longest delay that was granted.
    longest: AtomicU64,
    /// Delays left out for want of budget.
    refused: AtomicU64,
}

impl Account {
    /// Takes note of an access.
    pub(super) fn begin(&mut self, now: u64) {
        if self.since == 0 {
            self.since = now;
        }
    }

    fn age(&self, now: u64) -> u64 {
        now.saturating_sub(self.since)
    }
}

impl Pool {
    pub(super) fn begin(&self, now: u64) {
        if self.since.load(ORDER) == 0 {
            // The first to write wins; who loses has seen almost the same time.
            let _ = self.since.compare_exchange(0, now, ORDER, ORDER);
        }
    }

    /// Takes a delay of this length from the budget, unless there is not enough in it.
    pub(super) fn grant(&self, account: &mut Account, share: Share, now: u64, length: u64) -> Option<Grant> {
        let own = account.age(now) < YOUTH || account.spent.saturating_add(length) <= share.of(account.age(now));
        if !(own && self.reserve(share, now, length)) {
            self.refused.fetch_add(1, ORDER);
            return None;
        }
        account.spent += length;
        self.longest.fetch_max(length, ORDER);
        Some(Grant(length))
    }

    fn reserve(&self, share: Share, now: u64, length: u64) -> bool {
        let limit = share.of(self.lasted(now).saturating_add(YOUTH));
        self.spent.fetch_update(ORDER, ORDER, |spent| spent.checked_add(length).filter(|spent| *spent <= limit)).is_ok()
    }

    /// Puts what the delay took in the place of what it might have: less where somebody walked in, and more where the thread
    /// woke up late.
    pub(super) fn settle(&self, account: &mut Account, Grant(length): Grant, used: u64) {
        account.spent = (account.spent - length).saturating_add(used);
        self.spent.fetch_add(used.wrapping_sub(length), ORDER);
    }

    /// What all threads have spent together.
    pub(super) fn spent(&self) -> u64 {
        self.spent.load(ORDER)
    }

    pub(super) fn longest(&self) -> u64 {
        self.longest.load(ORDER)
    }

    /// How long ago the first access was.
    pub(super) fn lasted(&self, now: u64) -> u64 {
        match self.since.load(ORDER) {
            0 => 0,
            since => now.saturating_sub(since),
        }
    }

    /// How many delays were left out for want of budget.
    pub(super) fn refused(&self) -> u64 {
        self.refused.load(ORDER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;
    const THIRD: Share = Share(1.0 / 3.0);

    /// Asks for a delay of 2 ms again and again, each `late` longer than asked for. How much it has got.
    fn spend(pool: &Pool, account: &mut Account, share: Share, from: u64, until: u64, late: u64) -> u64 {
        let (mut now, mut spent) = (from, 0);
        while now < until {
            pool.begin(now);
            account.begin(now);
            if let Some(grant) = pool.grant(account, share, now, 2 * MS) {
                pool.settle(account, grant, 2 * MS + late);
                spent += 2 * MS + late;
                now += 2 * MS + late;
            }
            now += MS / 10;
        }
        spent
    }

    #[test]
    fn a_program_spends_at_most_its_share() {
        for late in [0, MS / 2, 3 * MS] {
            let (pool, mut account) = (Pool::default(), Account::default());
            let spent = spend(&pool, &mut account, THIRD, MS, 10_000 * MS, late);
            assert!(spent <= (10_000 * MS + YOUTH) / 3 + 5 * MS, "{spent} of 10 s, each {late} late");
            assert!(spent > 3_000 * MS, "the budget is there to be used: {spent}");
            assert_eq!((pool.spent(), pool.longest()), (spent, 2 * MS));
            assert!(pool.refused() > 0);
        }
    }

    /// The process has run for long, and nobody has been delayed yet.
    #[test]
    fn a_thread_spends_at_most_its_own_share() {
        let (pool, mut account) = (Pool::default(), Account::default());
        pool.begin(1);
        let (from, until) = (100_000 * MS, 103_000 * MS);
        let young = spend(&pool, &mut account, THIRD, from, from + YOUTH, 0);
        assert!(young > YOUTH / 2, "a thread that has just begun is held to the process's share alone: {young}");
        let spent = young + spend(&pool, &mut account, THIRD, from + YOUTH + 2 * MS, until, 0);
        assert!(spent <= 1_001 * MS, "{spent} of 3 s, though the process has more");
        assert!(spent > 990 * MS, "{spent}");
    }

    #[test]
    fn a_program_that_has_just_begun_has_a_little() {
        let (pool, mut account) = (Pool::default(), Account::default());
        let spent = spend(&pool, &mut account, THIRD, 1, 2, 0);
        assert_eq!(spent, 2 * MS);
    }

    /// A server with a thread for each request, all of them young.
    #[test]
    fn short_lived_threads_share_what_the_process_has() {
        let pool = Pool::default();
        let requests =
            (1..=10_000).map(|request| spend(&pool, &mut Account::default(), THIRD, request * MS, request * MS + 1, 0));
        let spent: u64 = requests.sum();
        assert!(spent <= (10_000 * MS + YOUTH) / 3, "{spent} of 10 s and what the process began with");
        assert!(spent > 3_000 * MS, "the budget is there to be used: {spent}");
    }

    #[test]
    fn what_was_not_used_is_there_again() {
        let (pool, mut account) = (Pool::default(), Account::default());
        pool.begin(1);
        account.begin(1);
        for _ in 0..1_000 {
            let grant = pool.grant(&mut account, THIRD, 1, 20 * MS).expect("nothing has been used");
            pool.settle(&mut account, grant, 0);
        }
        assert_eq!((account.spent, pool.spent()), (0, 0));
    }

    #[test]
    fn no_budget_is_no_delay() {
        let (pool, mut account) = (Pool::default(), Account::default());
        assert_eq!(spend(&pool, &mut account, Share(0.0), MS, 1_000 * MS, 0), 0);
    }
}
