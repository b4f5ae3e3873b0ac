//! Whatever happens, the numbers add up: offered = exported + dropped + waiting.

use super::*;
use std::sync::atomic::{AtomicBool, Ordering};

fn lost(bed: &Bed) -> u64 {
    [DropReason::QueueFull, DropReason::ExportPanic, DropReason::Shutdown]
        .map(|reason| bed.dropped(reason))
        .into_iter()
        .sum()
}

fn load(bed: &Bed, threads: u64, spans: u64) {
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let tracer = bed.traces.tracer();
            scope.spawn(move || {
                for n in 0..spans {
                    // Rarely, so that not every batch holds one.
                    let is_bad = (n + thread) % 97 == 0;
                    tracer.start(if is_bad { "bad" } else { "good" }).end();
                }
            });
        }
    });
}

#[test]
fn a_storm_with_panics_and_a_small_queue_adds_up() {
    let bed = Bed::new(&settings(64, 8), Fault::Panics);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Those that drain meanwhile disturb nobody.
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                bed.traces.drain(Duration::from_millis(1));
            }
        });
        load(&bed, 4, 1_500);
        stop.store(true, Ordering::Relaxed);
    });
    assert!(bed.traces.drain(PATIENCE));
    let counts = bed.counts();
    assert_eq!(counts.offered, 6_000);
    assert_eq!(counts.waiting, 0);
    assert_eq!(counts.exported + lost(&bed), 6_000);
    assert!(counts.exported > 0 && bed.dropped(DropReason::ExportPanic) > 0);
    assert_eq!(bed.tray.items(), counts.exported);
    assert_eq!(bed.tray.spans().len() as u64, counts.exported);
}

#[test]
fn an_end_in_the_middle_of_a_storm_adds_up() {
    for round in 0..20 {
        let bed = Bed::new(&settings(64, 8), Fault::Panics);
        std::thread::scope(|scope| {
            scope.spawn(|| load(&bed, 2, 300));
            bed.traces.shutdown(Duration::from_micros(50 * round));
        });
        let counts = bed.counts();
        assert_eq!((counts.offered, counts.waiting), (600, 0));
        assert_eq!(counts.exported + lost(&bed), 600, "round {round}");
        assert_eq!(bed.tray.items(), counts.exported, "round {round}");
    }
}

#[test]
fn a_full_batch_goes_by_itself_and_a_smaller_one_when_its_time_comes() {
    let bed = Bed::new(&settings(64, 8), Fault::None);
    (0..17).for_each(|_| bed.span("a"));
    wait_until(|| bed.tray.items() == 16);
    assert_eq!(bed.counts(), Counts { offered: 17, exported: 16, waiting: 1 });

    let soon = SpansSettings { delay: Duration::from_millis(20), ..settings(64, 8) };
    let bed = Bed::new(&soon, Fault::None);
    bed.span("a");
    wait_until(|| bed.tray.items() == 1);
}

#[test]
fn a_drain_finds_in_the_spool_what_was_offered_before() {
    let bed = Bed::new(&settings(2_048, 512), Fault::None);
    let drain = bed.traces.drainer();
    for round in 1..=50 {
        bed.span("a");
        assert!(drain(PATIENCE));
        assert_eq!(bed.tray.items(), round);
    }
}

fn wait_until(condition: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "it never happened");
        std::thread::sleep(Duration::from_millis(1));
    }
}
