//! One `CheckedMap`, used by every kind of access at once.
//!
//! Money moves between accounts under `write()`, two keys at a time, so the sum over all accounts is the same whenever nobody
//! writes. Single calls keep counters whose sum is known in the end.

use std::thread;

use checkedmap::{CheckedMap, Mode};

use crate::dice::Dice;
use crate::rendezvous::Rendezvous;

const THREADS: u64 = 4;
const ROUNDS: u64 = if cfg!(debug_assertions) { 3_000 } else { 10_000 };
const ACCOUNTS: u64 = 16;
const EACH: u64 = 1_000;
/// Keys from here on come and go; the accounts stay.
const GUESTS: u64 = 1_000;

/// Both halves change together, and are on the heap, where the sanitizers see a use after free.
#[derive(Clone, Debug)]
struct Balance(Box<[u64; 2]>);

impl Balance {
    fn new(amount: u64) -> Self {
        Self(Box::new([amount; 2]))
    }

    fn amount(&self) -> u64 {
        assert_eq!(self.0[0], self.0[1], "a torn value");
        self.0[0]
    }

    fn change(&mut self, by: i64) {
        self.0.iter_mut().for_each(|half| *half = half.wrapping_add_signed(by));
    }
}

type Accounts = CheckedMap<u64, Balance>;

fn transfer(map: &Accounts, from: u64, to: u64) {
    let mut accounts = map.write();
    if from != to && accounts[&from].amount() > 0 {
        accounts.get_mut(&from).unwrap().change(-1);
        accounts.get_mut(&to).unwrap().change(1);
    }
}

fn assert_sum(amounts: impl Iterator<Item = u64>) {
    assert_eq!(amounts.sum::<u64>(), ACCOUNTS * EACH, "the accounts were seen in the middle of a transfer");
}

/// One thread's share; returns how often it added to the counter of `GUESTS`.
fn act(map: &Accounts, thread: u64) -> u64 {
    let mut dice = Dice::new(thread);
    let mut added = 0;
    for _ in 0..ROUNDS {
        let account = dice.below(ACCOUNTS);
        let guest = GUESTS + 1 + dice.below(40);
        match dice.below(16) {
            0..5 => transfer(map, account, dice.below(ACCOUNTS)),
            5 => {
                map.insert(guest, Balance::new(guest));
            }
            6 => {
                if let Some(balance) = map.remove(&guest) {
                    assert_eq!(balance.amount(), guest);
                }
            }
            7 => {
                drop(map.entry(GUESTS).and_modify(|count| count.change(1)).or_insert_with(|| Balance::new(1)));
                added += 1;
            }
            8 => {
                if let Ok(Some(mut count)) = map.try_get_mut(&GUESTS) {
                    count.change(1);
                    added += 1;
                }
            }
            9 => assert_sum(map.iter().filter(|(key, _)| **key < ACCOUNTS).map(|(_, balance)| balance.amount())),
            10 => {
                assert_sum(map.read().iter().filter(|(key, _)| **key < ACCOUNTS).map(|(_, balance)| balance.amount()))
            }
            11 => map.retain(|key, balance| *key <= GUESTS || (*key == balance.amount() && key % 4 != 0)),
            12 => {
                let gone: Vec<_> = map.extract_if(|key, _| *key == guest).collect();
                assert!(gone.iter().all(|(key, balance)| *key == balance.amount()));
            }
            _ => {
                let balance = map.get(&account).expect("the accounts stay");
                thread::yield_now();
                assert!(balance.amount() <= ACCOUNTS * EACH);
            }
        }
    }
    added
}

fn storm(name: &'static str, mode: Mode) {
    let map = Accounts::builder().name(name).mode(mode).build();
    map.extend((0..ACCOUNTS).map(|account| (account, Balance::new(EACH))));
    let start = Rendezvous::new(THREADS as usize);
    let added: u64 = thread::scope(|scope| {
        let threads: Vec<_> = (1..=THREADS)
            .map(|number| {
                let (map, mut party) = (&map, start.join());
                scope.spawn(move || {
                    party.meet();
                    act(map, number)
                })
            })
            .collect();
        // Joined one by one: the end of a scope is an order that ThreadSanitizer does not see.
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(map.get(&GUESTS).map_or(0, |count| count.amount()), added, "an addition was lost");
    let mut map = map;
    assert_sum(map.iter_mut().filter(|(key, _)| **key < ACCOUNTS).map(|(_, balance)| balance.amount()));
    assert!(
        map.into_iter().all(|(key, balance)| key <= GUESTS || key == balance.amount()),
        "a value under another's key"
    );
}

#[test]
fn log_keeps_sums_and_pairs() {
    storm("stress-map-log", Mode::Log);
}

#[test]
fn fallback_keeps_sums_and_pairs() {
    storm("stress-map-fallback", Mode::Fallback);
}
