//! Other crates' traits on `hash_map::HashMap`, next to what they do on std's.

use std::collections::HashMap as Std;

use checkedmap::hash_map::HashMap as Ours;

#[cfg(feature = "serde")]
#[test]
fn a_map_is_written_as_std_s_is_and_reads_back() {
    let std: Std<String, u32> = Std::from([("a".to_owned(), 1)]);
    let ours: Ours<String, u32> = std.clone().into_iter().collect();
    let text = serde_json::to_string(&ours).unwrap();
    assert_eq!(text, serde_json::to_string(&std).unwrap());
    assert_eq!(serde_json::from_str::<Ours<String, u32>>(&text).unwrap(), ours);
    assert_eq!(serde_json::to_string(&Ours::<String, u32>::new()).unwrap(), "{}");
    let many: Ours<u32, u32> = (0..1000).map(|n| (n, n)).collect();
    assert_eq!(serde_json::from_value::<Ours<u32, u32>>(serde_json::to_value(&many).unwrap()).unwrap(), many);
    let wrong = serde_json::from_str::<Ours<String, u32>>("[1]").unwrap_err();
    assert_eq!(wrong.to_string(), serde_json::from_str::<Std<String, u32>>("[1]").unwrap_err().to_string());
}

#[cfg(feature = "rayon")]
#[test]
fn a_map_is_walked_filled_and_emptied_in_parallel() {
    use rayon::iter::{
        IntoParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelDrainFull, ParallelExtend,
        ParallelIterator,
    };
    let mut ours: Ours<u32, u32> = (0..1000_u32).into_par_iter().map(|n| (n, n)).collect();
    let std: Std<u32, u32> = (0..1000).map(|n| (n, n)).collect();
    assert_eq!(ours.par_iter().map(|(k, v)| k + v).sum::<u32>(), std.par_iter().map(|(k, v)| k + v).sum::<u32>());
    ours.par_iter_mut().for_each(|(_, v)| *v *= 2);
    assert!(ours.iter().all(|(k, v)| *v == 2 * k));
    ours.par_extend(std.par_iter());
    ours.par_extend([(1000, 1000)].into_par_iter());
    assert!(ours.iter().all(|(k, v)| v == k));
    assert_eq!(ours.clone().into_par_iter().count(), 1001);
    let capacity = ours.capacity();
    assert_eq!(ours.par_drain().count(), 1001);
    assert_eq!((ours.len(), ours.capacity()), (0, capacity));
}
