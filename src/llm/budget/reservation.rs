//! What a call has of the budgets while it runs.

use super::ledger::{Budgets, Held, Lines};
use super::{BudgetExceeded, BudgetScope};
use crate::metrics::current;
use crate::money::Cost;
use crate::scrub;
use crate::workflow;
use std::sync::Arc;
use std::time::SystemTime;

/// The longest name of an account, in characters.
const MAX_KEY_CHARS: usize = 200;

/// A call that is about to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) model: &'a str,
    /// Raw; nobody sees it but as a hash.
    pub(crate) tenant: Option<&'a str>,
    /// The workflow that it is made in. Where that is the one that runs, those around it count, too.
    pub(crate) workflow: Option<&'a str>,
    /// What it will cost, if that is known.
    pub(crate) estimate: Option<Cost>,
    /// Whether it is not made where a budget says no; else it counts all the same.
    pub(crate) may_be_denied: bool,
}

/// A call's part of the budgets, until it is settled. Dropped, it is given back without a cost.
#[derive(Debug)]
#[must_use = "what is dropped is given back at once"]
pub(crate) struct Reservation {
    /// None where there are no budgets.
    held: Option<(&'static Budgets, Vec<Held>)>,
    estimate: Cost,
}

pub(super) fn reserve(
    of: &'static Budgets,
    ask: &Ask<'_>,
    now: SystemTime,
) -> Result<Reservation, BudgetExceeded> {
    let tenant = ask.tenant.filter(|tenant| of.of_tenants() && !tenant.is_empty()).map(pseudonym);
    let workflows = workflows(ask);
    let keys = |scope| match scope {
        BudgetScope::Process => vec![Arc::from("")],
        BudgetScope::Workflow => workflows.clone(),
        BudgetScope::Model => vec![key(ask.model)],
        BudgetScope::Tenant => tenant.iter().cloned().collect(),
    };
    let mut lines = Lines::new();
    let held = of.lock().reserve(&keys, ask, now, &mut lines);
    write(&lines);
    Ok(Reservation { held: Some((of, held?)), estimate: ask.estimate.unwrap_or(Cost::ZERO) })
}

/// The names of the workflows that a call is made in, none of them twice.
fn workflows(ask: &Ask<'_>) -> Vec<Arc<str>> {
    let Some(name) = ask.workflow else { return Vec::new() };
    let mut names = vec![key(name)];
    if let Some(running) = workflow::current().filter(|running| running.name() == name) {
        for around in running.chain().skip(1) {
            let around = key(around.name());
            if !names.contains(&around) {
                names.push(around);
            }
        }
    }
    names
}

fn key(text: &str) -> Arc<str> {
    Arc::from(scrub::cut(text, MAX_KEY_CHARS))
}

/// The tenant as the policy names people.
fn pseudonym(tenant: &str) -> Arc<str> {
    Arc::from(format!("h1:{}", current::policy().pseudonym("tenant", tenant).as_str()))
}

fn write(lines: &[String]) {
    lines.iter().for_each(|line| current::notify(line));
}

impl Reservation {
    pub(super) fn none() -> Self {
        Reservation { held: None, estimate: Cost::ZERO }
    }

    /// Takes what the call did cost; nothing is taken where that is not known.
    pub(crate) fn settle(mut self, cost: Option<Cost>) {
        self.settle_at(cost, SystemTime::now());
    }

    pub(super) fn settle_at(&mut self, cost: Option<Cost>, now: SystemTime) {
        let Some((of, held)) = self.held.take() else { return };
        let mut lines = Lines::new();
        let cost = cost.unwrap_or(Cost::ZERO);
        of.lock().settle(&held, self.estimate, cost, now, &mut lines);
        write(&lines);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.held.is_some() {
            self.settle_at(None, SystemTime::now());
        }
    }
}
