//! All budgets with their accounts, behind one lock.

use super::account::{Account, Event, OTHER, Place};
use super::{Ask, Budget, BudgetExceeded, BudgetScope, BudgetState};
use crate::money::Cost;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// The bounds of budgets.
pub(crate) mod limits {
    /// How many workflows, models or tenants a budget is kept for apart; further ones share an account,
    /// `_other`, of the same limit.
    pub const MAX_BUDGET_ACCOUNTS: usize = 1_000;
    /// For how many of them there are gauges.
    pub const MAX_BUDGET_GAUGES: usize = 100;
    /// How many lines a budget writes in a period.
    pub const MAX_BUDGET_LINES: u32 = 40;
}

use limits::{MAX_BUDGET_ACCOUNTS, MAX_BUDGET_GAUGES, MAX_BUDGET_LINES};

/// The budgets of a process.
#[derive(Debug)]
pub(super) struct Budgets {
    /// Whether there are any: asked by every call.
    any: AtomicBool,
    of_tenants: AtomicBool,
    ledger: Mutex<Ledger>,
}

#[derive(Debug)]
pub(super) struct Ledger {
    kept: Vec<Kept>,
    next_id: u64,
}

/// A budget with its accounts.
#[derive(Debug)]
struct Kept {
    id: u64,
    budget: Budget,
    period: u64,
    accounts: HashMap<Arc<str>, Account>,
    shown: usize,
    lines_left: u32,
}

/// An account that something is reserved on.
#[derive(Debug)]
pub(super) struct Held {
    budget: u64,
    key: Arc<str>,
}

/// Lines to write when the lock is open again.
pub(super) type Lines = Vec<String>;

impl Budgets {
    pub(super) const fn new() -> Self {
        Budgets {
            any: AtomicBool::new(false),
            of_tenants: AtomicBool::new(false),
            ledger: Mutex::new(Ledger { kept: Vec::new(), next_id: 0 }),
        }
    }

    pub(super) fn any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// Whether anybody asks for tenants, whose hashes take a microsecond.
    pub(super) fn of_tenants(&self) -> bool {
        self.of_tenants.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, budgets: Vec<Budget>) {
        let mut ledger = self.lock();
        ledger.set(&budgets, SystemTime::now());
        let of_tenants = budgets.iter().any(|budget| budget.scope == BudgetScope::Tenant);
        self.any.store(!budgets.is_empty(), Ordering::Relaxed);
        self.of_tenants.store(of_tenants, Ordering::Relaxed);
    }

    pub(super) fn states(&self, now: SystemTime) -> Vec<BudgetState> {
        self.lock().states(now, |_| true)
    }

    /// Those that gauges show.
    pub(super) fn shown(&self, now: SystemTime) -> Vec<BudgetState> {
        self.lock().states(now, |account| account.shown)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    fn set(&mut self, budgets: &[Budget], now: SystemTime) {
        let mut before = std::mem::take(&mut self.kept);
        for (at, &budget) in budgets.iter().enumerate() {
            let is_same =
                |other: &Budget| (other.period, other.scope) == (budget.period, budget.scope);
            if budgets[at + 1..].iter().any(is_same) {
                continue;
            }
            let kept = match before.iter().position(|kept| is_same(&kept.budget)) {
                Some(at) => Kept { budget, ..before.swap_remove(at) },
                None => {
                    self.next_id += 1;
                    Kept::new(self.next_id, budget, now)
                }
            };
            self.kept.push(kept);
        }
    }

    /// Reserves on all accounts that a call belongs to, or on none. `keys` are its keys of a scope.
    pub(super) fn reserve(
        &mut self,
        keys: &dyn Fn(BudgetScope) -> Vec<Arc<str>>,
        &Ask { estimate, may_be_denied, .. }: &Ask<'_>,
        now: SystemTime,
        lines: &mut Lines,
    ) -> Result<Vec<Held>, BudgetExceeded> {
        let mut held = Vec::new();
        let mut denied = None;
        for kept in &mut self.kept {
            kept.begin_if_over(now);
            for key in keys(kept.budget.scope) {
                let key = kept.open(key);
                let is_known = |held: &Held| held.budget == kept.id && held.key == key;
                if held.iter().any(is_known) {
                    continue;
                }
                if let Err(exceeded) = kept.check(&key, estimate, lines) {
                    denied = denied.or(Some(exceeded));
                }
                held.push(Held { budget: kept.id, key });
            }
        }
        if let Some(exceeded) = denied.filter(|_| may_be_denied) {
            return Err(exceeded);
        }
        for held in &held {
            if let Some(account) = self.account(held) {
                account.reserve(estimate.unwrap_or(Cost::ZERO));
            }
        }
        Ok(held)
    }

    /// Gives back what was reserved, and takes what it came to.
    pub(super) fn settle(
        &mut self,
        held: &[Held],
        estimate: Cost,
        cost: Cost,
        now: SystemTime,
        lines: &mut Lines,
    ) {
        for held in held {
            // One that was set anew meanwhile knows nothing of it.
            let Some(kept) = self.kept.iter_mut().find(|kept| kept.id == held.budget) else {
                continue;
            };
            kept.begin_if_over(now);
            kept.settle(&held.key, estimate, cost, lines);
        }
    }

    fn account(&mut self, held: &Held) -> Option<&mut Account> {
        let kept = self.kept.iter_mut().find(|kept| kept.id == held.budget)?;
        kept.accounts.get_mut(&held.key)
    }

    fn states(&mut self, now: SystemTime, wanted: impl Fn(&Account) -> bool) -> Vec<BudgetState> {
        let mut states = Vec::new();
        for kept in &mut self.kept {
            kept.begin_if_over(now);
            let Kept { budget, period, accounts, .. } = kept;
            let state = |(key, account): (&Arc<str>, &Account)| {
                Place { budget, key, period: *period }.state(account)
            };
            states.extend(accounts.iter().filter(|(_, account)| wanted(account)).map(state));
        }
        states.sort_by(|a, b| {
            (a.scope.name(), a.period, &a.key).cmp(&(b.scope.name(), b.period, &b.key))
        });
        states
    }
}

impl Kept {
    fn new(id: u64, budget: Budget, now: SystemTime) -> Self {
        let (period, accounts) = (budget.period.index(now), HashMap::new());
        let mut kept =
            Kept { id, budget, period, accounts, shown: 0, lines_left: MAX_BUDGET_LINES };
        if budget.scope == BudgetScope::Process {
            kept.open(Arc::from(""));
        }
        kept
    }

    fn begin_if_over(&mut self, now: SystemTime) {
        let index = self.budget.period.index(now);
        if !super::Period::is_over(self.period, index) {
            return;
        }
        self.period = index;
        self.lines_left = MAX_BUDGET_LINES;
        // A gauge that was shown goes on, for it would stay where it is.
        self.accounts.retain(|_, account| account.open > 0 || account.shown);
        self.accounts.values_mut().for_each(Account::begin);
    }

    /// Makes sure that there is an account; the key is that of the one it has to share.
    fn open(&mut self, key: Arc<str>) -> Arc<str> {
        if self.accounts.contains_key(&key) {
            return key;
        }
        let is_full = self.accounts.len() >= MAX_BUDGET_ACCOUNTS;
        let key = if is_full { Arc::from(OTHER) } else { key };
        if !self.accounts.contains_key(&key) {
            let shown = self.shown < MAX_BUDGET_GAUGES;
            self.shown += usize::from(shown);
            self.accounts.insert(Arc::clone(&key), Account::new(shown));
        }
        key
    }

    fn check(
        &mut self,
        key: &Arc<str>,
        estimate: Option<Cost>,
        lines: &mut Lines,
    ) -> Result<(), BudgetExceeded> {
        let Kept { budget, period, accounts, lines_left, .. } = self;
        let Some(account) = accounts.get_mut(key) else { return Ok(()) };
        if budget.on_exceed == super::OnExceed::Observe || account.has_room(budget, estimate) {
            return Ok(());
        }
        let event = account.denied();
        push(lines, lines_left, event, budget, key, account);
        Err(Place { budget, key, period: *period }.exceeded(account, estimate))
    }

    fn settle(&mut self, key: &Arc<str>, estimate: Cost, cost: Cost, lines: &mut Lines) {
        let key = &self.open(Arc::clone(key));
        let Kept { budget, accounts, lines_left, .. } = self;
        let Some(account) = accounts.get_mut(key) else { return };
        let event = account.settle(budget, estimate, cost);
        push(lines, lines_left, event, budget, key, account);
    }
}

fn push(
    lines: &mut Lines,
    left: &mut u32,
    event: Option<Event>,
    budget: &Budget,
    key: &str,
    account: &Account,
) {
    if let Some(event) = event.filter(|_| *left > 0) {
        *left -= 1;
        lines.push(event.line(budget, key, account));
    }
}
