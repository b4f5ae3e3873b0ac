//! One side of a comparison: a process with its own subscriber, that works when it is told to.

use crate::child::child;
use crate::harness::{Costs, Effort, costs, median, process_cpu};
use crate::table::Table;
use crate::{loads, ours, peers};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, ChildStderr, Stdio};
use std::thread;
use std::time::Duration;

pub(crate) const CHILD: &str = "child-side";
/// What begins an answer. Other lines are what the side says to people.
const ANSWER: &str = "= ";
/// Done before every turn and not measured: other processes have had the caches.
const WARM_UP: u64 = 200;
/// Turns are short here, so that there are more of them.
const TURNS_PER_ROUND: usize = 5;
/// How spans come while exporting is measured: some 20,000 a second, far from filling a queue.
const BURST: u64 = 400;
const PAUSE: Duration = Duration::from_millis(20);

/// What is installed in the process of a side.
pub(crate) struct Installed {
    /// Has everything that waits exported or written, and waits for that.
    pub(crate) flush: Box<dyn Fn()>,
    /// How many spans or lines were dropped, if the side itself can tell.
    pub(crate) dropped: Box<dyn Fn() -> Option<u64>>,
}

/// A side, seen from the process that compares; ends when dropped.
pub(crate) struct Side {
    child: Child,
    answers: BufReader<ChildStderr>,
}

/// What one operation cost.
#[derive(Clone, Copy)]
pub(crate) struct Turn {
    /// The thread that did it.
    pub(crate) thread: Costs,
    /// Nanoseconds of all threads, until all was flushed.
    pub(crate) process: f64,
}

impl Side {
    fn start(name: &str, collector: &str) -> Self {
        let mut child = child(CHILD)
            .args([name, collector])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("this program can start itself");
        let answers = BufReader::new(child.stderr.take().expect("it was piped"));
        Side { child, answers }
    }

    /// Several of them, ready to take turns.
    pub(crate) fn all<const N: usize>(names: [&str; N], collector: &str) -> [Self; N] {
        names.map(|name| Side::start(name, collector))
    }

    pub(crate) fn turn(&mut self, load: &str, times: u64) -> Turn {
        let [nanos, allocations, process] = self.ask(&format!("turn {load} {times}"));
        Turn { thread: Costs { nanos, allocations }, process }
    }

    /// Nanoseconds of the process for all of these spans until they are exported.
    pub(crate) fn export(&mut self, spans: u64) -> f64 {
        let [nanos] = self.ask(&format!("export {} {spans}", loads::ROOT));
        nanos
    }

    pub(crate) fn dropped(&mut self) -> Option<f64> {
        let [dropped] = self.ask("dropped - 0");
        (!dropped.is_nan()).then_some(dropped)
    }

    fn ask<const N: usize>(&mut self, question: &str) -> [f64; N] {
        let input = self.child.stdin.as_mut().expect("it was piped");
        writeln!(input, "{question}").expect("the child listens");
        loop {
            let mut line = String::new();
            let length = self.answers.read_line(&mut line).expect("the child answers");
            assert_ne!(length, 0, "the child ended");
            let Some(answer) = line.strip_prefix(ANSWER) else {
                eprint!("{line}");
                continue;
            };
            let numbers: Result<Vec<f64>, _> = answer.split_whitespace().map(str::parse).collect();
            let numbers = numbers.expect("the child answers with numbers");
            return numbers.try_into().expect("as many numbers as were asked for");
        }
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It may have ended already; there is nobody to tell.
        let _ = self.child.wait();
    }
}

/// The medians of every side, which take turns.
pub(crate) fn in_turns<const N: usize>(
    effort: Effort,
    sides: &mut [Side; N],
    (load, times): (&str, u64),
) -> [Turn; N] {
    in_turns_of(effort, sides, [load; N], times)
}

/// The same where every side has a load of its own.
pub(crate) fn in_turns_of<const N: usize>(
    effort: Effort,
    sides: &mut [Side; N],
    loads: [&str; N],
    times: u64,
) -> [Turn; N] {
    let (rounds, times) = match effort.smoke {
        true => (effort.rounds, times / 10),
        false => (effort.rounds * TURNS_PER_ROUND, times),
    };
    sides.iter_mut().zip(loads).for_each(|(side, load)| _ = side.turn(load, times));
    let mut all = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for ((turns, side), load) in all.iter_mut().zip(sides.iter_mut()).zip(loads) {
            turns.push(side.turn(load, times));
        }
    }
    all.map(|turns| Turn {
        thread: Costs::median(&turns.iter().map(|turn| turn.thread).collect::<Vec<_>>()),
        process: median(turns.iter().map(|turn| turn.process)),
    })
}

/// What came of it all, for a reader to see that nothing was cheap for being dropped.
pub(crate) fn note_drops<const N: usize>(
    table: &mut Table,
    names: [&'static str; N],
    sides: &mut [Side; N],
) {
    for (name, side) in names.into_iter().zip(sides) {
        if let Some(dropped) = side.dropped() {
            table.note(format!("{name}: {dropped} dropped"));
        }
    }
}

/// The child's part.
pub(crate) fn work_until_stdin_closes<'a>(mut words: impl Iterator<Item = &'a str>) {
    let name = words.next().expect("a name");
    let collector = words.next().expect("a collector's address");
    let installed = match name.strip_prefix("ours") {
        Some(kind) => ours::install(kind, collector),
        None => peers::install(name, collector),
    };
    for line in std::io::stdin().lines() {
        let line = line.expect("questions are text");
        let words: Vec<&str> = line.split(' ').collect();
        let &[task, load, times] = &words[..] else { panic!("what is {line}?") };
        let times: u64 = times.parse().expect("how many times");
        let mut answer = ANSWER.to_owned();
        let numbers = match task {
            "turn" => turn(&installed, load, times).to_vec(),
            "export" => vec![export(&installed, load, times)],
            _ => vec![(installed.dropped)().map_or(f64::NAN, |dropped| dropped as f64)],
        };
        numbers.iter().for_each(|number| _ = write!(answer, "{number} "));
        eprintln!("{answer}");
    }
}

fn turn(installed: &Installed, load: &str, times: u64) -> [f64; 3] {
    (installed.flush)();
    let start = process_cpu();
    let thread = if load == loads::TWO_THREADS {
        loads::named(loads::ROOT)(WARM_UP);
        Costs { nanos: loads::two_threads(times), allocations: f64::NAN }
    } else {
        let mut load = loads::named(load);
        load(WARM_UP);
        costs(&mut load, times)
    };
    (installed.flush)();
    let process = (process_cpu() - start).as_nanos() as f64 / (times + WARM_UP) as f64;
    [thread.nanos, thread.allocations, process]
}

fn export(installed: &Installed, load: &str, times: u64) -> f64 {
    let load = loads::named(load);
    let start = process_cpu();
    for made in (0..times).step_by(BURST as usize) {
        load(BURST.min(times - made));
        thread::sleep(PAUSE);
    }
    (installed.flush)();
    (process_cpu() - start).as_nanos() as f64
}
