//! The only reader of the process's environment; everybody else gets an [`Environment`].

use super::variables::{VARIABLES, Variable};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

/// Variables, owned: of the process, or given by a test or an embedding host.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    values: BTreeMap<String, String>,
    /// Variables that are set to what is not UTF-8.
    unreadable: Vec<Variable>,
}

impl Environment {
    /// What the process was started with: the variables of the table, and no others.
    #[expect(clippy::disallowed_methods, reason = "this is the reader that all others go through")]
    pub(crate) fn of_process() -> Self {
        Self::read(|name| std::env::var_os(name))
    }

    pub(crate) fn empty() -> Self {
        Environment::default()
    }

    /// The variable's value without surrounding spaces. An empty value counts as not set.
    pub(crate) fn get(&self, variable: Variable) -> Option<&str> {
        self.values.get(variable.name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    pub(crate) fn unreadable(&self) -> &[Variable] {
        &self.unreadable
    }

    pub(super) fn read(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let mut environment = Environment::default();
        for &variable in VARIABLES {
            match lookup(variable.name).map(OsString::into_string) {
                Some(Ok(value)) => {
                    environment.values.insert(variable.name.to_owned(), value);
                }
                Some(Err(_)) => environment.unreadable.push(variable),
                None => {}
            }
        }
        environment
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let pairs = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Environment { values: pairs.collect(), unreadable: Vec::new() }
    }
}

/// Names alone: a value may be a token.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::variables as var;
    use super::*;

    #[test]
    fn an_empty_value_counts_as_not_set() {
        let environment: Environment =
            [("DD_ENV", ""), ("DD_SERVICE", " \t"), ("DD_VERSION", " 1 ")].into_iter().collect();
        assert_eq!(environment.get(var::DD_ENV), None);
        assert_eq!(environment.get(var::DD_SERVICE), None);
        assert_eq!(environment.get(var::DD_VERSION), Some("1"));
    }

    #[test]
    fn reading_asks_for_the_variables_of_the_table_and_no_others() {
        let asked = std::cell::RefCell::new(Vec::new());
        let environment = Environment::read(|name| {
            asked.borrow_mut().push(name.to_owned());
            (name == "DD_ENV").then(|| "prod".into())
        });
        let names: Vec<_> = VARIABLES.iter().map(|variable| variable.name).collect();
        assert_eq!(*asked.borrow(), names);
        assert_eq!(environment.get(var::DD_ENV), Some("prod"));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_utf_8_is_remembered_but_not_used() {
        use std::os::unix::ffi::OsStringExt;
        let environment = Environment::read(|name| {
            (name == "DD_ENV").then(|| OsString::from_vec(vec![b'a', 0xff]))
        });
        assert_eq!(environment.get(var::DD_ENV), None);
        assert_eq!(environment.unreadable(), [var::DD_ENV]);
    }

    #[test]
    fn debug_shows_no_values() {
        let environment: Environment = [("LIGHTSHIP_ADMIN_TOKEN", "hunter2")].into_iter().collect();
        assert_eq!(format!("{environment:?}"), r#"{"LIGHTSHIP_ADMIN_TOKEN"}"#);
    }
}
