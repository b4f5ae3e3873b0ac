//! Words for an enum's variants, as both derives have them.

use syn::{Data, DataEnum, DeriveInput, Error, LitStr, Result, Variant};

/// What differs between the derives.
pub(crate) struct Words {
    /// The helper attribute.
    pub(crate) attribute: &'static str,
    /// What to say of something that is no enum.
    pub(crate) no_enum: &'static str,
    /// What to say of a word that is empty.
    pub(crate) empty: &'static str,
}

impl Words {
    /// The enum, if that is what it is and there is a variant.
    pub(crate) fn enum_of<'i>(&self, input: &'i DeriveInput) -> Result<&'i DataEnum> {
        let Data::Enum(data) = &input.data else {
            return Err(Error::new_spanned(&input.ident, self.no_enum));
        };
        match data.variants.is_empty() {
            true => Err(Error::new_spanned(&input.ident, "an enum without variants has no values")),
            false => Ok(data),
        }
    }

    /// The variant's name in snake case, or what `rename = "..."` says.
    pub(crate) fn of(&self, variant: &Variant) -> Result<String> {
        let renamed = self.renamed(variant)?;
        Ok(renamed.unwrap_or_else(|| snake_case(&variant.ident.to_string())))
    }

    fn renamed(&self, variant: &Variant) -> Result<Option<String>> {
        let mut renamed = None;
        let of_ours = variant.attrs.iter().filter(|one| one.path().is_ident(self.attribute));
        for attribute in of_ours {
            attribute.parse_nested_meta(|meta| {
                if !meta.path.is_ident("rename") {
                    return Err(meta.error("unknown option; the only one is `rename = \"...\"`"));
                }
                let text: LitStr = meta.value()?.parse()?;
                if text.value().is_empty() {
                    return Err(Error::new_spanned(text, self.empty));
                }
                renamed = Some(text.value());
                Ok(())
            })?;
        }
        Ok(renamed)
    }
}

/// `NotFound` and `HTTPError` as `not_found` and `http_error`.
pub(crate) fn snake_case(name: &str) -> String {
    let characters: Vec<char> = name.trim_start_matches("r#").chars().collect();
    let mut snake = String::new();
    for (at, &character) in characters.iter().enumerate() {
        let after_lower = at > 0 && !characters[at - 1].is_uppercase() && characters[at - 1] != '_';
        let before_lower = characters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let after_upper = at > 0 && characters[at - 1].is_uppercase();
        if character.is_uppercase() && (after_lower || (after_upper && before_lower)) {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn names_become_snake_case() {
        for (name, snake) in [
            ("Ok", "ok"),
            ("NotFound", "not_found"),
            ("HTTPError", "http_error"),
            ("Http2", "http2"),
            ("A", "a"),
            ("Already_Snake", "already_snake"),
            ("r#Type", "type"),
        ] {
            assert_eq!(snake_case(name), snake, "{name}");
        }
    }
}
