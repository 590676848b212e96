//! What may be spent on delays.
//!
//! A thread may spend the settled share of the time since its first access. That would leave a thread that has just begun
//! with nothing, and the short life of a thread per request with nothing ever; so a young thread may borrow from a pool that
//! the whole process has, which grows by the same share of the process's time. What it borrows counts as spent by it, so
//! a thread that lives on comes back below its share. Times are nanoseconds of one clock that the caller reads.

use std::sync::atomic::{AtomicU64, Ordering};

// Every access below is Relaxed: counts that publish nothing.
const ORDER: Ordering = Ordering::Relaxed;

/// A thread this young may borrow; a process counts as having run for so long when it begins, so that a program which is
/// over in a millisecond is hunted in too.
const YOUTH: u64 = 300_000_000;

/// A part of the time, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Share(pub(super) f64);

impl Share {
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
    /// How much of its age the process has been told of.
    told: u64,
}

/// What a delay may cost at most, taken from an account already.
#[derive(Debug)]
pub(super) struct Grant {
    length: u64,
    borrowed: u64,
}

/// What the process has.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// When the first access of the process was; 0 before. Written once.
    since: AtomicU64,
    /// Lent to young threads. Written by who borrows and by who gives back.
    lent: AtomicU64,
    /// Spent by all threads together, borrowed or not. Written as delays end.
    spent: AtomicU64,
    /// How old the threads that were delayed have become, together. Written as delays end.
    lived: AtomicU64,
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

    /// Takes a delay of this length from the account, unless there is not enough in it.
    pub(super) fn grant(&self, account: &mut Account, share: Share, now: u64, length: u64) -> Option<Grant> {
        let own = share.of(account.age(now)).saturating_sub(account.spent);
        let missing = length.saturating_sub(own);
        if missing > 0 && !(account.age(now) < YOUTH && self.lend(share, now, missing)) {
            self.refused.fetch_add(1, ORDER);
            return None;
        }
        account.spent += length;
        Some(Grant { length, borrowed: missing })
    }

    fn lend(&self, share: Share, now: u64, amount: u64) -> bool {
        let limit = share.of(YOUTH.saturating_add(now.saturating_sub(self.since.load(ORDER))));
        self.lent.fetch_update(ORDER, ORDER, |lent| lent.checked_add(amount).filter(|lent| *lent <= limit)).is_ok()
    }

    /// Gives back what the delay did not use, as it ends.
    pub(super) fn settle(&self, account: &mut Account, grant: Grant, used: u64, now: u64) {
        let age = account.age(now);
        let news = age.saturating_sub(std::mem::replace(&mut account.told, age));
        self.lived.fetch_add(news, ORDER);
        // A thread that woke up late has spent more than was granted.
        account.spent = (account.spent - grant.length).saturating_add(used);
        let unused = grant.length.saturating_sub(used).min(grant.borrowed);
        self.lent.fetch_sub(unused, ORDER);
        self.spent.fetch_add(used, ORDER);
    }

    /// What all threads have spent together.
    pub(super) fn spent(&self) -> u64 {
        self.spent.load(ORDER)
    }

    /// How old the threads that were delayed had become when they last were, together.
    pub(super) fn lived(&self) -> u64 {
        self.lived.load(ORDER)
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

    /// Asks for a delay at every millisecond, and takes all it gets, each `late` longer than asked for.
    fn spend(pool: &Pool, account: &mut Account, share: Share, from: u64, until: u64, late: u64) -> u64 {
        let (mut now, mut spent) = (from, 0);
        while now < until {
            pool.begin(now);
            account.begin(now);
            if let Some(grant) = pool.grant(account, share, now, 2 * MS) {
                spent += 2 * MS + late;
                now += 2 * MS + late;
                pool.settle(account, grant, 2 * MS + late, now);
            }
            now += MS / 10;
        }
        spent
    }

    #[test]
    fn a_thread_spends_at_most_its_share() {
        for late in [0, MS / 2, 3 * MS] {
            let (pool, mut account) = (Pool::default(), Account::default());
            let spent = spend(&pool, &mut account, THIRD, MS, 10_000 * MS, late);
            assert!(spent <= 10_000 * MS / 3 + 5 * MS, "{spent} of 10 s, each {late} late");
            assert!(spent > 3_000 * MS, "the budget is there to be used: {spent}");
            assert_eq!(pool.spent(), spent);
            assert!((9_000 * MS..=10_010 * MS).contains(&pool.lived()), "{}", pool.lived());
            assert!(pool.refused() > 0);
        }
    }

    #[test]
    fn a_thread_that_has_just_begun_borrows() {
        let (pool, mut account) = (Pool::default(), Account::default());
        pool.begin(1);
        account.begin(1);
        assert!(pool.grant(&mut account, THIRD, 1, 2 * MS).is_some());
    }

    /// A server with a thread for each request, which is over before it has a share worth speaking of.
    #[test]
    fn short_lived_threads_share_the_pool() {
        let pool = Pool::default();
        let mut spent = 0;
        for request in 1..=10_000 {
            let (now, mut account) = (request * MS, Account::default());
            pool.begin(now);
            account.begin(now);
            if let Some(grant) = pool.grant(&mut account, THIRD, now, 2 * MS) {
                pool.settle(&mut account, grant, 2 * MS, now + 2 * MS);
                spent += 2 * MS;
            }
        }
        assert!(spent <= (10_000 * MS + YOUTH) / 3, "{spent} of 10 s and what the process began with");
        assert!(spent > 3_000 * MS, "the pool is there to be used: {spent}");
    }

    #[test]
    fn what_was_not_used_is_there_again() {
        let (pool, mut account) = (Pool::default(), Account::default());
        pool.begin(1);
        account.begin(1);
        for _ in 0..1_000 {
            let grant = pool.grant(&mut account, THIRD, 1, 20 * MS).expect("nothing has been used");
            pool.settle(&mut account, grant, 0, 1);
        }
        assert_eq!((account.spent, pool.spent(), pool.lent.load(ORDER)), (0, 0, 0));
    }

    #[test]
    fn no_budget_is_no_delay() {
        let (pool, mut account) = (Pool::default(), Account::default());
        assert_eq!(spend(&pool, &mut account, Share(0.0), MS, 1_000 * MS, 0), 0);
    }
}
