use std::sync::{Arc, Mutex};

pub fn run() -> String {
    let totals: Arc<Mutex<HashMap<u32, u32>>> = Arc::new(Mutex::new(HashMap::new()));
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let totals = Arc::clone(&totals);
            std::thread::spawn(move || {
                for n in 0..10 {
                    *totals.lock().unwrap().entry(n % 3).or_insert(0) += worker;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    let totals = totals.lock().unwrap();
    let mut rows: Vec<_> = totals.iter().map(|(k, v)| (*k, *v)).collect();
    rows.sort();
    format!("{rows:?}")
}
