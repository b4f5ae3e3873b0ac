//! Tables over one another, and what was found in them.

use super::name::MAX_NAME;
use super::table::{Found, Table};
use crate::llm::Provider;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Names that are remembered, whoever thinks them up.
const MAX_REMEMBERED: usize = 1_024;

/// Never changed: other tables make other layers, with nothing remembered.
#[derive(Debug, Default)]
pub(super) struct Layers {
    pub(super) code: Option<Arc<Table>>,
    pub(super) file: Option<Arc<Table>>,
    pub(super) builtin: Option<Arc<Table>>,
    memory: RwLock<Memory>,
}

/// The rank of a table and a place in it, or that there is none.
type Known = Option<(usize, Found)>;

#[derive(Debug, Default)]
struct Memory {
    known: HashMap<Provider, HashMap<Box<str>, Known>>,
    names: usize,
}

impl Layers {
    pub(super) fn new(
        code: Option<Arc<Table>>,
        file: Option<Arc<Table>>,
        builtin: Option<Arc<Table>>,
    ) -> Self {
        Layers { code, file, builtin, memory: RwLock::default() }
    }

    /// By rank: what is over others comes first.
    pub(super) fn tables(&self) -> impl Iterator<Item = (usize, &Arc<Table>)> {
        let tables = [&self.code, &self.file, &self.builtin].into_iter().enumerate();
        tables.filter_map(|(rank, table)| table.as_ref().map(|table| (rank, table)))
    }

    pub(super) fn table(&self, rank: usize) -> Option<&Arc<Table>> {
        self.tables().find(|(at, _)| *at == rank).map(|(_, table)| table)
    }

    /// The rank of the table that knows the model, and where in it.
    pub(super) fn find(&self, provider: Provider, model: &str) -> Known {
        if model.is_empty() || model.len() > MAX_NAME {
            return None;
        }
        let memory = self.memory.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = memory.known.get(&provider).and_then(|models| models.get(model)) {
            return *known;
        }
        drop(memory);
        let found =
            self.tables().find_map(|(rank, table)| Some((rank, table.find(provider, model)?)));
        let mut memory = self.memory.write().unwrap_or_else(PoisonError::into_inner);
        if memory.names >= MAX_REMEMBERED {
            *memory = Memory::default();
        }
        let is_new =
            memory.known.entry(provider).or_default().insert(model.into(), found).is_none();
        memory.names += usize::from(is_new);
        found
    }
}
