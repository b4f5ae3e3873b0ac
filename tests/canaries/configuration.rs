//! Secrets in settings.
