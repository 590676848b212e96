//! What may be spent on delays.
//!
//! All delays together take at most the settled share of the time, so that a program keeps the rest of its pace even where a
//! delayed thread holds what all others wait for. And a thread spends at most that share of its own time, once it is old
//! enough for that to mean anything. What time brings in is kept for seconds and not longer. Times are nanoseconds of one clock
//! that the caller reads.

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
        (YOUTH as f64 * self.0) as u64
    }

    fn is_nothing(self) -> bool {
        self.0 <= 0.0
    }

    /// The time of which `length` is this share.
    fn cost(self, length: u64) -> u64 {
        (length as f64 / self.0) as u64
    }
}

/// What is not spent at once is there later, but no more than this much time brings in: a program that was idle for an hour
/// keeps the rest of its pace in the second after it, too.
const SAVED_UP: u64 = 3_000_000_000;

/// When what was spent is paid for. Time pays: a delay takes as much of it as its length divided by the share.
#[derive(Clone, Copy)]
struct Paid {
    until: u64,
    /// What the delay takes.
    cost: u64,
}

impl Paid {
    /// When a delay of this length will be paid for, where all before it are at `until`, and the time from `since` on counts.
    fn after(until: u64, since: u64, now: u64, share: Share, length: u64) -> Self {
        let cost = share.cost(length);
        // A delay that costs more is possible all the same, where so much time has passed.
        let earliest = now.saturating_sub(SAVED_UP.max(cost));
        Self { until: until.max(since).max(earliest).saturating_add(cost), cost }
    }

    /// When it is paid for if it has taken `used` in the end.
    fn settled(until: u64, share: Share, cost: u64, used: u64) -> u64 {
        until.saturating_sub(cost).saturating_add(share.cost(used))
    }
}

/// What one thread has spent.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// When its first access was; 0 before.
    since: u64,
    /// When its delays are paid for.
    paid: u64,
}

/// What a delay may cost at most, taken from the account and the process's budget already.
#[derive(Debug)]
pub(super) struct Grant {
    shares: Shares,
    /// What it takes of the process's time and of the thread's.
    costs: [u64; 2],
}

/// What may be spent of the process's time, and of the thread's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shares {
    pub(super) process: Share,
    pub(super) thread: Share,
}

/// What the process has spent.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// When the first access of the process was; 0 before. Written once, and in the child of a fork.
    since: AtomicU64,
    /// When all delays are paid for, what is granted and not settled yet included. Written as delays begin and end.
    paid: AtomicU64,
    /// How long threads were delayed, all together. Written as delays end.
    spent: AtomicU64,
    /// The longest delay that was granted.
    longest: AtomicU64,
    /// Delays left out for want of budget.
    over_budget: AtomicU64,
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

    /// In the child of a fork, which is as new as a process can be: what its parent's threads were granted is not settled here.
    /// Only stores.
    pub(super) fn begin_anew(&self) {
        for count in [&self.since, &self.paid, &self.spent, &self.longest, &self.over_budget] {
            count.store(0, ORDER);
        }
    }

    /// Takes a delay of this length from the budget, unless there is not enough in it.
    pub(super) fn grant(&self, account: &mut Account, shares: Shares, now: u64, length: u64) -> Option<Grant> {
        let own = Paid::after(account.paid, account.since, now, shares.thread, length);
        let granted = (account.age(now) < YOUTH || own.until <= now) && !shares.thread.is_nothing();
        let Some(cost) = granted.then(|| self.reserve(shares.process, now, length)).flatten() else {
            self.over_budget.fetch_add(1, ORDER);
            return None;
        };
        account.paid = own.until;
        self.longest.fetch_max(length, ORDER);
        Some(Grant { shares, costs: [cost, own.cost] })
    }

    /// What it costs, where there is enough.
    fn reserve(&self, share: Share, now: u64, length: u64) -> Option<u64> {
        let (since, now) = (self.since.load(ORDER), now.saturating_add(YOUTH));
        let mut cost = 0;
        let reserved = self.paid.fetch_update(ORDER, ORDER, |until| {
            let paid = Paid::after(until, since, now, share, length);
            cost = paid.cost;
            (paid.until <= now).then_some(paid.until)
        });
        reserved.ok().filter(|_| !share.is_nothing()).map(|_| cost)
    }

    /// Puts what the delay took in the place of what it might have: less where somebody walked in, and more where the thread
    /// woke up late.
    pub(super) fn settle(&self, account: &mut Account, grant: &Grant, used: u64) {
        let Grant { shares, costs: [cost, own_cost] } = *grant;
        account.paid = Paid::settled(account.paid, shares.thread, own_cost, used);
        let settled = |until| Some(Paid::settled(until, shares.process, cost, used));
        let _ = self.paid.fetch_update(ORDER, ORDER, settled);
        self.spent.fetch_add(used, ORDER);
    }

    /// How long threads were delayed, all together.
    pub(super) fn spent(&self) -> u64 {
        self.spent.load(ORDER)
    }

    pub(super) fn longest(&self) -> u64 {
        self.longest.load(ORDER)
    }

    /// How long ago the first access was.
    pub(super) fn elapsed(&self, now: u64) -> u64 {
        match self.since.load(ORDER) {
            0 => 0,
            since => now.saturating_sub(since),
        }
    }

    /// How many delays were left out for want of budget.
    pub(super) fn over_budget(&self) -> u64 {
        self.over_budget.load(ORDER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;
    const THIRD: Share = Share(1.0 / 3.0);

    fn both(share: Share) -> Shares {
        Shares { process: share, thread: share }
    }

    /// Asks for a delay of 2 ms again and again, each `late` longer than asked for. How much it has got.
    fn spend(pool: &Pool, account: &mut Account, share: Share, from: u64, until: u64, late: u64) -> u64 {
        let (mut now, mut spent) = (from, 0);
        while now < until {
            pool.begin(now);
            account.begin(now);
            if let Some(grant) = pool.grant(account, both(share), now, 2 * MS) {
                pool.settle(account, &grant, 2 * MS + late);
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
            assert!(pool.over_budget() > 0);
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
            let grant = pool.grant(&mut account, both(THIRD), 1, 20 * MS).expect("nothing has been used");
            pool.settle(&mut account, &grant, 0);
        }
        assert_eq!(pool.spent(), 0);
    }

    #[test]
    fn no_budget_is_no_delay() {
        let (pool, mut account) = (Pool::default(), Account::default());
        assert_eq!(spend(&pool, &mut account, Share(0.0), MS, 1_000 * MS, 0), 0);
    }

    #[test]
    fn a_threads_share_is_of_its_own_time_whatever_others_have_spent() {
        let (pool, mut others, mut own) = (Pool::default(), Account::default(), Account::default());
        own.begin(1);
        spend(&pool, &mut others, THIRD, 1, 10_000 * MS, 0);
        assert!(pool.spent() > 1_000 * MS);
        let (shares, now) = (Shares { process: THIRD, thread: Share(0.1) }, 10_010 * MS);
        assert!(pool.grant(&mut own, shares, now, MS).is_some(), "a tenth of its time is its own");
    }

    #[test]
    fn what_an_idle_hour_brings_in_is_not_spent_at_once() {
        let (pool, mut account) = (Pool::default(), Account::default());
        spend(&pool, &mut account, THIRD, 1, 2, 0);
        let (hour, lasts) = (3_600_000 * MS, 10_000 * MS);
        let most = (SAVED_UP + YOUTH + lasts) / 3 + 2 * MS;
        // One thread, as old as the process; and threads that are all young.
        let spent = spend(&pool, &mut account, THIRD, hour, hour + lasts, 0);
        let beats = (0..lasts / (2 * MS)).map(|beat| 2 * hour + beat * 2 * MS);
        let by_young: u64 = beats.map(|at| spend(&pool, &mut Account::default(), THIRD, at, at + 1, 0)).sum();
        assert!(spent <= most && by_young <= most, "{spent} and {by_young} in the {lasts} after it");
        assert!(by_young > lasts / 3, "{by_young}");
    }

    #[test]
    fn a_delay_that_costs_more_than_is_saved_up_is_made_in_its_time() {
        let (pool, mut account) = (Pool::default(), Account::default());
        pool.begin(1);
        account.begin(1);
        let length = 2 * SAVED_UP;
        assert!(pool.grant(&mut account, both(THIRD), 2 * length, length).is_none(), "too soon");
        assert!(pool.grant(&mut account, both(THIRD), 3 * length + 10, length).is_some());
    }

    #[test]
    fn a_child_of_a_fork_begins_anew() {
        let (pool, mut account) = (Pool::default(), Account::default());
        spend(&pool, &mut account, THIRD, 1, 1_000 * MS, 0);
        let unsettled = pool.grant(&mut account, both(THIRD), 10_000 * MS, 20 * MS).expect("there is enough");
        pool.begin_anew();
        assert_eq!((pool.spent(), pool.over_budget(), pool.elapsed(10_000 * MS)), (0, 0, 0));
        let spent = spend(&pool, &mut Account::default(), THIRD, 10_000 * MS, 10_300 * MS, 0);
        assert!(spent > 190 * MS, "{spent}");
        // The forking thread's own, from a signal that came while it was delayed.
        pool.settle(&mut account, &unsettled, 20 * MS);
    }
}
