//! What an error says, and its causes.

use crate::scrub;
use std::error::Error;
use std::fmt::{self, Write};

/// More is not asked for: what is shown has at most 200 characters, and what begins there may end a
/// little behind.
const MAX_BYTES: usize = 200 * 4 + 512;
/// Who is the cause of itself has no end.
const MAX_CAUSES: usize = 8;

/// The message, and those of the causes that it does not end in: many an error says its cause's, too.
pub(in crate::http) fn of(error: &(dyn Error + 'static)) -> String {
    let mut all = Bounded(String::new());
    let _ = write!(all, "{error}");
    let mut next = error.source();
    for _ in 0..MAX_CAUSES {
        let Some(cause) = next else { break };
        let mut message = Bounded(String::new());
        let _ = write!(message, "{cause}");
        if !message.0.is_empty() && !all.0.ends_with(&message.0) {
            let _ = write!(all, ": {}", message.0);
        }
        next = cause.source();
    }
    all.0
}

/// Takes no more than is looked at, whatever an error has to say.
#[derive(Debug)]
struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = MAX_BYTES.saturating_sub(self.0.len());
        if text.len() <= room {
            self.0.push_str(text);
            return Ok(());
        }
        self.0.push_str(super::body::up_to(text, room));
        Err(fmt::Error)
    }
}

/// What a panic was raised with, if that is a text.
pub(in crate::http) fn of_panic(payload: &(dyn std::any::Any + Send)) -> Option<&str> {
    let literal = payload.downcast_ref::<&str>().copied();
    let text = literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str))?;
    Some(scrub::cut(text, MAX_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Failed(&'static str, Option<Box<Failed>>);

    impl fmt::Display for Failed {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Failed {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_ref().map(|cause| cause.as_ref() as _)
        }
    }

    fn caused(message: &'static str, cause: Failed) -> Failed {
        Failed(message, Some(Box::new(cause)))
    }

    #[test]
    fn causes_are_told_once() {
        let refused = || Failed("refused", None);
        assert_eq!(of(&refused()), "refused");
        assert_eq!(of(&caused("no storage", refused())), "no storage: refused");
        assert_eq!(of(&caused("no storage: refused", refused())), "no storage: refused");
        let deep = caused("upload", caused("put: refused", refused()));
        assert_eq!(of(&deep), "upload: put: refused");
        assert_eq!(of(&caused("upload", Failed("", None))), "upload");
    }

    #[test]
    fn endless_errors_end() {
        #[derive(Debug)]
        struct Endless;
        impl fmt::Display for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                loop {
                    f.write_str("on and é")?;
                }
            }
        }
        impl Error for Endless {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(&Endless)
            }
        }
        assert!(of(&Endless).len() <= MAX_BYTES);
    }

    #[test]
    fn panics_have_texts() {
        assert_eq!(of_panic(&"a literal"), Some("a literal"));
        assert_eq!(of_panic(&"owned".to_owned()), Some("owned"));
        assert_eq!(of_panic(&17), None);
    }
}
