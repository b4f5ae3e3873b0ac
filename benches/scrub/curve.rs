//! Whether cost grows with length and with nothing else, for texts that are unkind.

use crate::harness::thread_cpu;
use crate::peers::Side;
use crate::table::Table;
use crate::texts::{ADVERSARIES, adversary};
use lightship::Redaction;
use std::hint::black_box;
use std::time::Duration;

const KILO: usize = 1 << 10;
/// From 1k to 256k.
const DOUBLINGS: u32 = 8;
/// Where peers stand beside us.
const BESIDE: u32 = 5;
/// What is expected to take longer is not measured.
const PATIENCE: Duration = Duration::from_millis(100);
/// How much more a byte of the longest text may cost than one of an eighth of it: a quadratic search
/// would make it eight times as much.
const GROWTH: f64 = 3.0;
/// The best of so many: whatever disturbs makes it slower.
const TIMES: usize = 5;

pub(crate) fn rows(table: &mut Table, sides: &[Side], smoke: bool) -> bool {
    if !table.wants("curve") {
        return true;
    }
    let redactor = Redaction::default().build().expect("the default rules hold");
    let doublings = if smoke { 2 } else { DOUBLINGS };
    let mut is_linear = true;
    println!("ns a byte, ours, for texts of 1k to {}k of:", 1 << doublings);
    for (name, crumb) in ADVERSARIES {
        let curve = curve(crumb, doublings, &|text| {
            black_box(redactor.unbounded(black_box(text)));
        });
        let grows = growth(&curve, doublings as usize) > GROWTH;
        is_linear &= smoke || !grows;
        let verdict = if grows && !smoke { "  NOT LINEAR" } else { "" };
        println!("{name:<20}{}{verdict}", cells(&curve));
    }
    let at = BESIDE.min(doublings);
    let names = sides.iter().map(|side| format!(" {:>10}", side.name)).collect::<String>();
    println!("\nthe same at {}k, beside peers:\n{:<20}{names}", 1 << at, "");
    for (name, crumb) in ADVERSARIES {
        let all: String = sides
            .iter()
            .enumerate()
            .map(|(place, side)| {
                let curve = curve(crumb, at, &|text| match place {
                    0 => drop(black_box(redactor.unbounded(black_box(text)))),
                    _ => drop(black_box(side.scrub("", black_box(text)))),
                });
                // Where a peer was stopped earlier, what it cost there is less than what it would have.
                let (last, more) = (curve.iter().flatten().last(), curve.contains(&None));
                let mark = if more { ">" } else { "" };
                format!(" {:>10}", last.map_or("-".to_owned(), |ns| format!("{mark}{ns:.2}")))
            })
            .collect();
        println!("{name:<20}{all}");
    }
    is_linear
}

/// Nanoseconds a byte for lengths that double; none where it would have taken too long.
fn curve(crumb: &str, doublings: u32, scrub: &dyn Fn(&str)) -> Vec<Option<f64>> {
    let mut taken = Duration::ZERO;
    (0..=doublings)
        .map(|doubling| {
            // A quadratic search takes four times as long on twice the text.
            if taken * 4 > PATIENCE {
                return None;
            }
            let text = adversary(crumb, KILO << doubling);
            let times = (0..TIMES).map(|_| {
                let start = thread_cpu();
                scrub(&text);
                thread_cpu() - start
            });
            taken = times.min().unwrap_or_default();
            Some(taken.as_nanos() as f64 / text.len() as f64)
        })
        .collect()
}

/// What a byte costs at the end, as a multiple of what it costs three doublings before.
fn growth(curve: &[Option<f64>], doublings: usize) -> f64 {
    let at = |place: usize| curve.get(place).copied().flatten();
    match (at(doublings.saturating_sub(3)), at(doublings)) {
        (Some(before), Some(last)) => last / before.max(0.01),
        _ => f64::INFINITY,
    }
}

fn cells(curve: &[Option<f64>]) -> String {
    let cell =
        |ns: &Option<f64>| format!(" {:>7}", ns.map_or("-".to_owned(), |ns| format!("{ns:.2}")));
    curve.iter().map(cell).collect()
}
