//! A place for a reference to something that is never freed.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicPtr, Ordering};

/// A `&'static T` that can be replaced while others read it.
#[derive(Debug)]
pub(crate) struct Leaked<T>(AtomicPtr<T>);

impl<T: 'static> Leaked<T> {
    pub(crate) const fn new(value: &'static T) -> Self {
        Leaked(AtomicPtr::new(std::ptr::from_ref(value).cast_mut()))
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> &'static T {
        // SAFETY: only `new` and `set` put pointers here, and both have them from `&'static T`.
        unsafe { &*self.0.load(Ordering::Acquire) }
    }

    pub(crate) fn set(&self, value: &'static T) {
        self.0.store(std::ptr::from_ref(value).cast_mut(), Ordering::Release);
    }
}
