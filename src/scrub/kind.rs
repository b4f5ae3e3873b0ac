//! What can be found in a value.

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// What a built-in detector finds in a value.
        ///
        /// The text form is what stands in the placeholder, `[REDACTED:email]`, and is the label value
        /// of `lightship_redactions_total{kind}`.
        ///
        /// # Examples
        ///
        /// ```
        /// use lightship::{Redaction, Sensitive};
        ///
        /// assert_eq!(Sensitive::Email.as_str(), "email");
        /// let rules = Redaction::default().without(Sensitive::Phone);
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Sensitive {
            $($(#[$doc])* $variant,)*
        }

        impl Sensitive {
            /// Every kind there is.
            pub(crate) const ALL: &'static [Sensitive] = &[$(Sensitive::$variant,)*];

            /// The kind's name, such as `email`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Sensitive::$variant => $name,)*
                }
            }
        }
    };
}

kinds! {
    /// A private key in PEM, to its end or that of the text.
    PrivateKey => "private_key",
    /// The password of a URL: `scheme://user:password@host`.
    UrlPassword => "url_password",
    /// A JSON web token.
    Jwt => "jwt",
    /// A token that can be told by its form, such as a cloud's access key.
    Token => "token",
    /// What stands behind `Authorization:` or `Bearer`.
    Authorization => "authorization",
    /// What stands behind `Cookie:` or `Set-Cookie:`.
    Cookie => "cookie",
    /// The value of a key that names a secret: `password=...`, in JSON, in a query.
    Secret => "secret",
    /// An e-mail address.
    Email => "email",
    /// The number of a payment card.
    Card => "card",
    /// An international bank account number.
    Iban => "iban",
    /// A social security number of the USA.
    Ssn => "ssn",
    /// A telephone number.
    Phone => "phone",
    /// A public IP address; its network stays.
    Ip => "ip",
    /// A labelled medical id: of a record, an insurance, a patient.
    MedicalId => "medical_id",
}

/// What was found: by a detector of ours, or by one of the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    BuiltIn(Sensitive),
    /// By its place among the user's detectors.
    Custom(u8),
}
