//! Where values are kept: written by the caller without a lock, read by whoever collects.
//!
//! Counters and histograms are kept once a thread, so that a write is a plain load and store that
//! no other core disturbs; gauges and sets are shared. Cells live as long as the process: handles
//! to them are `Copy`, and the registry bounds their number.
//!
//! Who may do what with a thread's cells:
//! - the owning thread writes values, and allocates; it takes [`Threads`]' lock to replace a table
//!   that others may be reading;
//! - a collector reads under that lock;
//! - when a thread ends, its cells wait, values and all, for the next thread to go on with them.
//!   Nothing is folded, so totals never go backwards.

mod counter;
mod gauge;
mod histogram;
mod layout;
mod leaked;
mod memory;
mod octave;
mod reader;
mod set;
mod table;
mod thread;
mod thread_histogram;

pub use counter::CounterCell;
pub use gauge::GaugeCell;
pub use histogram::HistogramCell;
pub(crate) use layout::Layout;
pub(crate) use leaked::Leaked;
pub use memory::LIMIT as MAX_MEMORY;
pub(crate) use reader::Reader;
pub use set::{MAX_MEMBERS, SetCell};
pub(crate) use thread::is_leaving;

/// The generation of cells that belong to no registry; no registry ever has it.
pub(crate) const NO_GENERATION: u32 = u32::MAX;
