//! Times, and who counts what.

use super::source::{Laid, gauge, histogram};
use super::*;
use crate::metrics::reading::{Kind, Reading};
use std::sync::atomic::Ordering;

fn laid() -> (Arc<Laid>, usize) {
    let laid = Laid::default();
    let index = laid.add(&Laid::family("jobs", Kind::Counter), &[], Reading::Counter(1));
    (Arc::new(laid), index)
}

#[test]
fn totals_start_when_the_reader_did_whatever_becomes_of_them() {
    let (laid, index) = laid();
    let mut rig = Rig::new(Temporality::Cumulative, Arc::clone(&laid) as _);
    let first = rig.points().remove(0);
    for (total, outcome) in [(1, Outcome::NotTaken), (2, Outcome::Unknown), (3, Outcome::Refused)] {
        laid.set(index, Reading::Counter(total));
        let requests = rig.reader.collect();
        rig.reader.settle(&[outcome]);
        let point = decode(&requests).remove(0);
        assert_eq!((point.start, point.counts()), (first.start, vec![total]));
        assert!(point.end > first.end);
    }
}

#[test]
fn a_delta_starts_where_the_last_one_that_was_taken_ended() {
    let (laid, index) = laid();
    let mut rig = Rig::new(Temporality::Delta, Arc::clone(&laid) as _);
    let mut next = |total, outcome| {
        laid.set(index, Reading::Counter(total));
        let requests = rig.reader.collect();
        rig.reader.settle(&vec![outcome; requests.len()]);
        decode(&requests).pop().map(|point| (point.start, point.end, point.counts()[0]))
    };
    let (started, first, _) = next(1, Outcome::Accepted).unwrap();
    assert_eq!(next(1, Outcome::Accepted), None, "nothing came");
    let (start, second, value) = next(3, Outcome::NotTaken).unwrap();
    assert_eq!((start, value), (first, 2));
    let (start, third, value) = next(4, Outcome::Unknown).unwrap();
    assert_eq!((start, value), (first, 3));
    let (start, fourth, value) = next(9, Outcome::Refused).unwrap();
    assert_eq!((start, value), (third, 5));
    let (start, fifth, value) = next(10, Outcome::Accepted).unwrap();
    assert_eq!((start, value), (fourth, 1));
    let times = [started, first, second, third, fourth, fifth];
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
}

#[test]
fn a_series_that_comes_late_starts_with_the_collect_before() {
    let (laid, _) = laid();
    let mut rig = Rig::new(Temporality::Delta, Arc::clone(&laid) as _);
    let first = rig.points().remove(0);
    laid.add(&Laid::family("late", Kind::Counter), &[], Reading::Counter(1));
    let late = rig.points().remove(0);
    assert_eq!((&*late.name, late.start), ("late", first.end));
}

#[test]
fn what_went_without_an_answer_is_counted_here_and_a_refusal_is_not() {
    for temporality in [Temporality::Cumulative, Temporality::Delta] {
        let (laid, index) = laid();
        laid.add(&Laid::family("depth", Kind::Gauge), &[], gauge(1.0));
        let mut rig = Rig::new(temporality, Arc::clone(&laid) as _);
        for (total, outcome) in
            [Outcome::Accepted, Outcome::Refused, Outcome::NotTaken, Outcome::Unknown]
                .into_iter()
                .enumerate()
        {
            laid.set(index, Reading::Counter(2 + total as u64));
            rig.reader.collect();
            rig.reader.settle(&[outcome]);
            let expected = if outcome == Outcome::Unknown { 2 } else { 0 };
            assert_eq!(rig.unknown(), expected, "{temporality:?} {outcome:?}");
            assert_eq!(rig.pipeline.status().dropped_total(), expected);
        }
    }
}

#[test]
fn what_nobody_settled_is_unknown_and_not_sent_twice() {
    let (laid, index) = laid();
    let mut rig = Rig::new(Temporality::Delta, Arc::clone(&laid) as _);
    assert_eq!(decode(&rig.reader.collect())[0].counts(), [1]);
    laid.set(index, Reading::Counter(3));
    assert_eq!(decode(&rig.reader.collect())[0].counts(), [2]);
    assert_eq!(rig.unknown(), 1);
    rig.reader.settle(&[]);
    rig.reader.settle(&[Outcome::Unknown; 3]);
    assert_eq!(rig.unknown(), 2);
    assert!(rig.reader.collect().is_empty());
}

#[test]
fn a_source_that_panics_leaves_nothing_behind() {
    let (laid, index) = laid();
    let mut rig = Rig::new(Temporality::Delta, Arc::clone(&laid) as _);
    laid.panics.store(true, Ordering::Relaxed);
    let collect = std::panic::AssertUnwindSafe(|| rig.reader.collect());
    assert!(std::panic::catch_unwind(collect).is_err());
    laid.panics.store(false, Ordering::Relaxed);
    laid.set(index, Reading::Counter(5));
    assert_eq!(rig.points()[0].counts(), [5]);
    assert_eq!(rig.unknown(), 0);
}

#[test]
fn a_sum_that_was_behind_comes_with_the_next_value() {
    let laid = Arc::new(Laid::default());
    let family = Laid::family("size", Kind::Histogram);
    let index = laid.add(&family, &[], histogram(3, 4.0, &[(1.0, 1)]));
    let mut rig = Rig::new(Temporality::Delta, Arc::clone(&laid) as _);
    assert_eq!(rig.points()[0].sum(), Some(4.0));
    laid.set(index, histogram(3, 6.0, &[(1.0, 1)]));
    assert_eq!(rig.points(), []);
    laid.set(index, histogram(4, 6.5, &[(1.0, 2)]));
    let point = rig.points().remove(0);
    assert_eq!((point.counts(), point.sum()), (vec![1, 0], Some(2.5)));
}
