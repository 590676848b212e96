//! A thread that is asked for what it served is not held up while somebody waits for its answer.

use std::sync::LazyLock;
use std::thread;

use checkedmap::{CheckedMap, ContextProvider, Mode, RequestContext, observe, set_context_provider};

use crate::child::{is_child, run, tell};
use crate::programs::Map;

/// Which request each thread serves, as a program keeps it.
static REQUESTS: LazyLock<Map> = LazyLock::new(|| Map::named("requests"));

fn look_up() {
    REQUESTS.insert(1, 1);
}

struct LooksUp;

impl ContextProvider for LooksUp {
    fn describe(&self, context: &mut RequestContext) {
        look_up();
        context.baggage.push(("asked".to_owned(), "1".to_owned()));
    }
}

/// Another thread was at the requests a moment ago, so that the next access there is worth a delay.
fn near_miss() {
    thread::scope(|scope| scope.spawn(|| REQUESTS.get(&1).is_none()).join()).expect("nobody else is inside");
}

fn delays() -> u64 {
    observe::hunt().expect("it is hunted").delays
}

#[test]
fn a_context_provider_that_uses_a_map_is_not_delayed() {
    const NAME: &str = "answering::a_context_provider_that_uses_a_map_is_not_delayed";
    if is_child(NAME) {
        assert!(set_context_provider(Box::new(LooksUp)).is_ok(), "it is the first");
        let map: Map = CheckedMap::builder().name("m").mode(Mode::Log).hunt(false).build();
        // So many in a row that the map is this thread's own: then an access is over, for all to see, when it is asked.
        (0..100_000).for_each(|_| _ = map.insert(0, 0));
        near_miss();
        let reading = map.read();
        // The contender asks its own provider first, and then the holder's is asked as it leaves.
        thread::scope(|scope| scope.spawn(|| map.try_insert(1, 1).is_err()).join()).expect("it is refused");
        drop(reading);
        tell("detected", checkedmap::books().detected);
        tell("delays", delays());
        look_up();
        tell("delays-later", delays());
        return tell("asked", REQUESTS.len());
    }
    let variables = [("CHECKEDMAP_HUNT", "window=60s,delay=1ms,budget=1"), ("CHECKEDMAP_EVIDENCE_MS", "30000")];
    let ran = run(NAME, &variables);
    assert_eq!((ran.number("detected"), ran.number("asked")), (1, 1), "{:?}\n{}", ran.told, ran.stderr);
    assert_eq!(ran.number("delays"), 0, "{:?}", ran.told);
    assert_eq!(ran.number("delays-later"), 1, "the twin: nobody waits for it");
}
