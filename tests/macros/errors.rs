//! Of which type an error is said to be.

use super::errors;
use lightship::testing::capture;
use lightship::{ErrorType, observe};
use std::sync::Arc;

const HERE: &str = module_path!();

#[derive(Debug, ErrorType)]
#[allow(dead_code, reason = "never looked at")]
enum UploadError {
    NotAPdf,
    TooLarge {
        bytes: u64,
    },
    #[error_type(rename = "storage")]
    Io(std::io::Error),
}

#[derive(Debug)]
#[allow(dead_code, reason = "never looked at")]
struct Rejected(u16);

type Outcome<T> = Result<T, UploadError>;

#[observe]
fn upload(bytes: u64) -> Outcome<()> {
    match bytes {
        0 => Err(UploadError::NotAPdf),
        1 => Err(UploadError::Io(std::io::ErrorKind::NotFound.into())),
        bytes => Err(UploadError::TooLarge { bytes }),
    }
}

#[observe]
fn shared() -> Result<(), Arc<UploadError>> {
    Err(Arc::new(UploadError::NotAPdf))
}

#[observe]
fn reject() -> Result<(), Rejected> {
    Err(Rejected(3))
}

#[observe]
fn of_any<E>(error: E) -> Result<(), E> {
    Err(error)
}

#[observe]
fn of_any_at_all<T>(value: T) -> T {
    value
}

#[test]
fn an_error_has_a_type_of_few_words() {
    let ((), seen) = capture(|| {
        (0..3).for_each(|bytes| _ = upload(bytes));
        shared().unwrap_err();
        reject().unwrap_err();
        of_any(UploadError::NotAPdf).unwrap_err();
        of_any_at_all::<Result<(), u8>>(Err(1)).unwrap_err();
    });
    for error_type in ["not_a_pdf", "too_large", "storage"] {
        assert_eq!(errors(&seen, "upload", HERE, error_type), 1, "{error_type}");
    }
    assert_eq!(errors(&seen, "shared", HERE, "not_a_pdf"), 1);
    assert_eq!(errors(&seen, "reject", HERE, "Rejected"), 1);
    assert_eq!(errors(&seen, "of_any", HERE, "UploadError"), 1, "what is generic is not known");
    assert_eq!(super::calls(&seen, "of_any_at_all", HERE, "ok"), 1);
}
