// How a map grows and shrinks.

use std::collections::TryReserveError;
use std::hash::BuildHasherDefault;

use map::*;

type Fixed = BuildHasherDefault<DefaultHasher>;

pub(crate) fn capacities() -> Vec<usize> {
    let mut out = Vec::new();
    let mut map = HashMap::<u32, u32, Fixed>::default();
    out.push(map.capacity());
    for n in [0, 1, 3, 4, 14, 15, 100, 1000] {
        out.push(HashMap::<u32, u32>::with_capacity(n).capacity());
        map.reserve(n);
        out.push(map.capacity());
    }
    for n in 0..300 {
        map.insert(n, n);
        out.push(map.capacity());
    }
    map.shrink_to(400);
    out.push(map.capacity());
    map.retain(|k, _| k % 8 == 0);
    out.push(map.capacity());
    map.shrink_to_fit();
    out.push(map.capacity());
    out.push(map.clone().capacity());
    out.push(map.drain().count());
    out.push(map.capacity());
    drop(map.drain());
    map.clear();
    out.push(map.capacity());
    map.extend((0..50).map(|n| (n, n)));
    out.push(map.capacity());
    map.extend((0..50).map(|n| (n, n)));
    out.push(map.capacity());
    map.clone_from(&HashMap::from_iter([(1, 1)]));
    out.push(map.capacity());
    map.shrink_to_fit();
    map.entry(7).or_default();
    out.push(map.capacity());
    _ = map.entry(8);
    out.push(map.capacity());
    map.clear();
    map.shrink_to_fit();
    out.push(map.capacity());
    out.push((0..20).map(|n| (n, n)).collect::<HashMap<u32, u32>>().capacity());
    out.push(
        std::iter::from_fn({
            let mut n = 0;
            move || {
                (n < 20).then(|| {
                    n += 1;
                    (n, n)
                })
            }
        })
        .collect::<HashMap<u32, u32>>()
        .capacity(),
    );
    out
}

pub(crate) fn reserve_errors() -> Vec<Option<String>> {
    let mut map = HashMap::from([(1_u64, [0_u64; 8])]);
    let mut error = |additional| map.try_reserve(additional).err().map(|error: TryReserveError| error.to_string());
    vec![error(0), error(100), error(usize::MAX), error(usize::MAX / 16), error(usize::MAX / 512)]
}
