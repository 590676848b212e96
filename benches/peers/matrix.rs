//! Every operation on every map, for each kind of key, hasher, size and number of threads.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::go::{Go, Variant};
use crate::keys::{Hasher, Key, keys};
use crate::options::Options;
use crate::race::{Entrant, Pace, race};
use crate::subjects::checked::{Closures, Degraded, Guards};
use crate::subjects::locks::{InAtomicRefCell, InMutex, InRwLock, InStdMutex, InStdRwLock};
use crate::subjects::peers::{Dash, Papaya, Scc};
use crate::subjects::plain::{CheckedStd, InRefCell, Plain};
use crate::subjects::{Role, Sharing, Subject};
use crate::table::{About, Line, Table};
use crate::work::{Hashed, Operation, Work};

/// In L1 with its keys, or nearly so.
pub(crate) const SMALL: usize = 1 << 10;
const MEDIUM: usize = 1 << 14;
/// The table alone is larger than 32 MB, and lookups are spread over all of it.
const LARGE: usize = 1_800_000;

/// Makes the entrant for one operation.
type Enter<K> = Box<dyn Fn(&Arc<Vec<K>>, Operation) -> Box<dyn Entrant>>;

/// One map of a table, its type forgotten.
struct Member<K> {
    role: Role,
    sharing: Sharing,
    lends: bool,
    enter: Enter<K>,
}

fn member<M: Subject<K, S>, K: Key, S: Hasher>(keys: &[K], hasher: &S) -> Member<K> {
    let subject = M::with_room(keys.len(), hasher.clone());
    for (key, value) in keys.iter().zip(0..) {
        subject.insert(key.clone(), value);
    }
    let subject = Arc::new(subject);
    Member {
        role: M::ROLE,
        sharing: M::SHARING,
        lends: M::LENDS,
        enter: Box::new(move |keys, operation| {
            Box::new(Hashed::<M, K, S>(Work::new(Arc::clone(&subject), keys, operation), PhantomData))
        }),
    }
}

fn members<K: Key, S: Hasher>(keys: &[K]) -> Vec<Member<K>> {
    let hasher = S::default();
    vec![
        member::<Plain<K, S>, K, S>(keys, &hasher),
        member::<InRefCell<K, S>, K, S>(keys, &hasher),
        member::<CheckedStd<K, S>, K, S>(keys, &hasher),
        member::<Closures<K, S>, K, S>(keys, &hasher),
        member::<Guards<K, S>, K, S>(keys, &hasher),
        member::<Degraded<K, S>, K, S>(keys, &hasher),
        member::<InAtomicRefCell<K, S>, K, S>(keys, &hasher),
        member::<InStdMutex<K, S>, K, S>(keys, &hasher),
        member::<InStdRwLock<K, S>, K, S>(keys, &hasher),
        member::<InMutex<K, S>, K, S>(keys, &hasher),
        member::<InRwLock<K, S>, K, S>(keys, &hasher),
        member::<Dash<K, S>, K, S>(keys, &hasher),
        member::<Papaya<K, S>, K, S>(keys, &hasher),
        member::<Scc<K, S>, K, S>(keys, &hasher),
    ]
}

/// Whether a table has room for the member.
fn takes_part<K>(member: &Member<K>, operation: Operation, threads: usize) -> bool {
    if operation == Operation::Guard && !member.lends {
        return false;
    }
    match member.sharing {
        // Its like with one thread are the tables' point; alone it would be measured as what it never is.
        Sharing::Anything if member.role == Role::Checked => threads > 1 && !operation.only_reads(),
        Sharing::Anything => true,
        Sharing::Reads => threads == 1 || operation.only_reads(),
        Sharing::Never => threads == 1,
    }
}

pub(crate) fn run(options: &Options, threads: &[usize], go: Option<&Go>) -> Vec<Table> {
    let mut tables = Vec::new();
    let all = Operation::ALL.as_slice();
    block::<u64, foldhash::fast::RandomState>(options, SMALL, all, threads, go, &mut tables);
    block::<String, std::hash::RandomState>(options, SMALL, all, threads, go, &mut tables);
    block::<u64, std::hash::RandomState>(options, SMALL, all, &[1], None, &mut tables);
    block::<String, foldhash::fast::RandomState>(options, SMALL, all, &[1], None, &mut tables);
    block::<u64, foldhash::fast::RandomState>(options, MEDIUM, all, &[1], go, &mut tables);
    if options.quick {
        let few = [Operation::Get, Operation::Insert];
        block::<u64, foldhash::fast::RandomState>(options, LARGE, &few, &[1], None, &mut tables);
    } else {
        block::<u64, foldhash::fast::RandomState>(options, LARGE, all, threads, go, &mut tables);
        block::<u64, std::hash::RandomState>(options, MEDIUM, all, &[1], None, &mut tables);
        block::<u64, std::hash::RandomState>(options, LARGE, all, &[1], None, &mut tables);
        block::<String, foldhash::fast::RandomState>(options, MEDIUM, all, &[1], None, &mut tables);
        block::<String, foldhash::fast::RandomState>(options, LARGE, all, &[1], None, &mut tables);
        block::<String, std::hash::RandomState>(options, MEDIUM, all, threads, go, &mut tables);
        block::<String, std::hash::RandomState>(options, LARGE, all, &[1], None, &mut tables);
    }
    tables
}

/// The tables of one kind of key, hasher and size.
fn block<K: Key, S: Hasher>(
    options: &Options,
    entries: usize,
    operations: &[Operation],
    threads: &[usize],
    go: Option<&Go>,
    tables: &mut Vec<Table>,
) {
    let about = |operation: Operation, threads| About {
        operation: operation.name(),
        key: K::NAME,
        hasher: S::NAME,
        entries,
        threads,
    };
    let wanted: Vec<(usize, Operation)> = threads
        .iter()
        .flat_map(|threads| operations.iter().map(|operation| (*threads, *operation)))
        .filter(|(threads, operation)| options.wants(&about(*operation, *threads).title()))
        .collect();
    if wanted.is_empty() {
        return;
    }
    let keys = Arc::new(keys::<K>(entries));
    let members = members::<K, S>(&keys);
    for (threads, operation) in wanted {
        let about = about(operation, threads);
        eprintln!("peers: {}", about.title());
        let partakers = members.iter().filter(|member| takes_part(member, operation, threads));
        let mut entrants: Vec<(Role, Box<dyn Entrant>)> =
            partakers.map(|member| (member.role, (member.enter)(&keys, operation))).collect();
        if let Some(go) = go {
            entrants.extend(gophers(go, operation, K::NAME, entries, threads));
        }
        let pace = if options.quick { Pace::quick(entries >= LARGE) } else { Pace::full(entries >= LARGE) };
        let spreads = race(&entrants.iter().map(|(_, entrant)| &**entrant).collect::<Vec<_>>(), threads, pace);
        let line = |((role, entrant), spread): (&(Role, Box<dyn Entrant>), _)| Line {
            subject: entrant.name(),
            role: *role,
            spread,
        };
        let lines = entrants.iter().zip(spreads).map(line).collect();
        let table = Table { about, unit: operation.unit(), lines };
        table.print();
        tables.push(table);
    }
}

fn gophers<'a>(
    go: &'a Go,
    operation: Operation,
    key: &'static str,
    entries: usize,
    threads: usize,
) -> Vec<(Role, Box<dyn Entrant + 'a>)> {
    let mut variants = vec![Variant::SyncMap];
    if threads == 1 || operation.only_reads() {
        variants.push(Variant::Map);
    }
    if operation == Operation::Guard {
        // Go copies values out.
        variants.clear();
    }
    let entrant = |variant| (Role::Other, Box::new(go.entrant(variant, operation, key, entries)) as Box<dyn Entrant>);
    variants.into_iter().map(entrant).collect()
}
