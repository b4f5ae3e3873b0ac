//! What is written in `#[observe(..)]`.

use super::Purpose;
use super::field::{self, Field};
use super::words::{self, Level};
use crate::function::Function;
use crate::mistakes::{Mistakes, listed};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseBuffer, ParseStream, Parser};
use syn::{Error, Expr, LitBool, LitStr, Path, Result, Token, parenthesized, token};

/// All options, in the order in which a message lists them.
const OPTIONS: [&str; 13] = [
    "name", "level", "target", "parent", "kind", "fields", "tags", "err", "ret", "skip",
    "skip_all", "metrics", "crate",
];

/// Those of `#[workflow]`, whose span and metrics are what they are.
const WORKFLOW_OPTIONS: [&str; 4] = ["name", "err", "ret", "crate"];

impl Purpose {
    fn options(self) -> &'static [&'static str] {
        match self {
            Purpose::Observe => &OPTIONS,
            Purpose::Workflow => &WORKFLOW_OPTIONS,
        }
    }
}

/// How an error or a value is recorded.
pub(crate) struct Recorded {
    /// Of the option's name, where what it asks of the type is told.
    pub(crate) span: Span,
    pub(crate) debug: bool,
    pub(crate) level: Option<Level>,
}

#[derive(Default)]
pub(crate) struct Options {
    /// A string, or the path of a constant.
    pub(crate) name: Option<Expr>,
    pub(crate) level: Option<Level>,
    pub(crate) target: Option<Expr>,
    pub(crate) parent: Option<Expr>,
    pub(crate) kind: Option<LitStr>,
    pub(crate) fields: Vec<Field>,
    pub(crate) tags: Vec<Field>,
    pub(crate) err: Option<Recorded>,
    pub(crate) ret: Option<Recorded>,
    pub(crate) without_metrics: bool,
    pub(crate) root: Option<Path>,
    skipped: Vec<Ident>,
}

impl Options {
    pub(super) fn parse(
        purpose: Purpose,
        arguments: TokenStream,
        function: &Function,
    ) -> Result<Self> {
        let parse = |input: ParseStream<'_>| {
            let (mut options, mut mistakes) = (Options::default(), Mistakes::default());
            options.parse_all(purpose, input, &mut mistakes);
            options.check(function, &mut mistakes);
            mistakes.or(options)
        };
        parse.parse2(arguments)
    }

    fn parse_all(&mut self, purpose: Purpose, input: ParseStream<'_>, mistakes: &mut Mistakes) {
        let mut seen: Vec<String> = Vec::new();
        each_between_commas(input, mistakes, |input, mistakes| {
            self.parse_one(purpose, input, &mut seen, mistakes)
        });
    }

    fn parse_one(
        &mut self,
        purpose: Purpose,
        input: ParseStream<'_>,
        seen: &mut Vec<String>,
        mistakes: &mut Mistakes,
    ) -> Result<()> {
        // As tracing has it, a string alone is the name.
        let option = match input.peek(LitStr) {
            true => Ident::new("name", input.span()),
            false => Ident::parse_any(input).map_err(|error| {
                Error::new(error.span(), format!("options are {}", listed(purpose.options())))
            })?,
        };
        let word = option.to_string();
        if seen.contains(&word) {
            mistakes.on(&option, format!("`{word}` specified more than once"));
        }
        seen.push(word.clone());
        match word.as_str() {
            word if !purpose.options().contains(&word) => {
                let options = listed(purpose.options());
                let message = format!("unknown option `{word}`; options are {options}");
                return Err(Error::new(option.span(), message));
            }
            "name" if input.peek(LitStr) => self.name = Some(input.parse()?),
            "name" => self.name = Some(constant(&option, input)?),
            "target" => self.target = Some(constant(&option, input)?),
            "level" => self.level = Some(Level::parse(after_equals(&option, "\"info\"", input)?)?),
            "kind" => self.kind = Some(words::kind(after_equals(&option, "\"server\"", input)?)?),
            "parent" => self.parent = Some(after_equals(&option, "&span", input)?.parse()?),
            "fields" => {
                self.fields = field::fields(&inside(&option, "key = value", input)?, mistakes)
            }
            "tags" => self.tags = field::tags(&inside(&option, "key = value", input)?, mistakes),
            "err" => self.err = Some(Recorded::parse(&option, input, mistakes)?),
            "ret" => self.ret = Some(Recorded::parse(&option, input, mistakes)?),
            "skip" => self.skipped = field::names(&inside(&option, "argument", input)?, mistakes),
            "skip_all" => {}
            "metrics" => self.without_metrics = !switch(&option, input)?,
            "crate" => self.root = Some(path(&option, input)?),
            _ => {}
        }
        Ok(())
    }

    /// What can be seen to be wrong only beside the function, or beside other options.
    fn check(&self, function: &Function, mistakes: &mut Mistakes) {
        let arguments = function.arguments();
        for name in &self.skipped {
            if !arguments.iter().any(|argument| name == argument) {
                mistakes.on(name, no_argument(name, &arguments));
            }
        }
        let returns = function.returns().is_some();
        for (recorded, word) in [(&self.err, "err"), (&self.ret, "ret")] {
            if let Some(recorded) = recorded.as_ref().filter(|_| !returns) {
                let message =
                    format!("`{word}` records what the function returns, which is nothing");
                mistakes.at(recorded.span, message);
            }
        }
        let declared = self.fields.iter().chain(&self.tags);
        let mut keys: Vec<String> = self.kind.iter().map(|_| "otel.kind".to_owned()).collect();
        for field in declared {
            let key = field.key();
            if keys.contains(&key) {
                mistakes.at(field.span(), format!("`{key}` specified more than once"));
            }
            keys.push(key);
        }
    }
}

impl Recorded {
    /// `err`, `err(Debug)`, `err(level = "warn")`, or both.
    fn parse(option: &Ident, input: ParseStream<'_>, mistakes: &mut Mistakes) -> Result<Self> {
        // Values are seldom made to be shown, errors are.
        let debug = option == "ret";
        let mut recorded = Recorded { span: option.span(), debug, level: None };
        if input.peek(Token![=]) {
            let message =
                format!("`{option}` takes no value; write `{option}` or `{option}(Debug)`");
            return Err(Error::new(option.span(), message));
        }
        if !input.peek(token::Paren) {
            return Ok(recorded);
        }
        let inside = inside(option, "Debug", input)?;
        while !inside.is_empty() {
            let word = Ident::parse_any(&inside)?;
            match word.to_string().as_str() {
                "Debug" => recorded.debug = true,
                "Display" => recorded.debug = false,
                "level" => {
                    let level = Level::parse(after_equals(&word, "\"info\"", &inside)?);
                    recorded.level = mistakes.ok(level);
                }
                other => {
                    let message = format!(
                        "unknown option `{other}` of `{option}`; options are `Debug`, `Display` and \
                         `level`"
                    );
                    mistakes.on(&word, message);
                    skip_to_comma(&inside);
                }
            }
            if !inside.is_empty() {
                inside.parse::<Token![,]>()?;
            }
        }
        Ok(recorded)
    }
}

fn no_argument(name: &Ident, arguments: &[String]) -> String {
    match arguments {
        [] => format!("there is no argument `{name}` to skip; the function has none"),
        arguments => {
            format!("there is no argument `{name}` to skip; arguments are {}", listed(arguments))
        }
    }
}

/// The input behind the option's `=`.
fn after_equals<'a>(
    option: &Ident,
    example: &str,
    input: ParseStream<'a>,
) -> Result<ParseStream<'a>> {
    if input.parse::<Option<Token![=]>>()?.is_none() {
        let message = format!("`{option}` takes a value: `{option} = {example}`");
        return Err(Error::new(option.span(), message));
    }
    Ok(input)
}

/// What the option has in parentheses.
fn inside<'a>(option: &Ident, example: &str, input: ParseStream<'a>) -> Result<ParseBuffer<'a>> {
    if !input.peek(token::Paren) {
        let message = format!("`{option}` takes a list: `{option}({example}, ..)`");
        return Err(Error::new(option.span(), message));
    }
    let content;
    parenthesized!(content in input);
    Ok(content)
}

/// A string or the path of a constant, which a place in the program has once and for all.
fn constant(option: &Ident, input: ParseStream<'_>) -> Result<Expr> {
    let expression: Expr = after_equals(option, "\"..\"", input)?.parse()?;
    match &expression {
        Expr::Lit(literal) if matches!(literal.lit, syn::Lit::Str(_)) => Ok(expression),
        Expr::Path(_) | Expr::Macro(_) => Ok(expression),
        other => {
            let message = format!("`{option}` is a string, or the path of a constant that is one");
            Err(Error::new_spanned(other, message))
        }
    }
}

fn switch(option: &Ident, input: ParseStream<'_>) -> Result<bool> {
    let wanted: LitBool = after_equals(option, "false", input)?
        .parse()
        .map_err(|error| Error::new(error.span(), format!("`{option}` is `true` or `false`")))?;
    Ok(wanted.value)
}

fn path(option: &Ident, input: ParseStream<'_>) -> Result<Path> {
    let path = after_equals(option, "some::path", input)?.call(Path::parse_mod_style);
    path.map_err(|error| Error::new(error.span(), "`crate` is the path of lightship"))
}

/// Reads what stands between commas, one by one; after a mistake it goes on with the next.
pub(super) fn each_between_commas(
    input: ParseStream<'_>,
    mistakes: &mut Mistakes,
    mut one: impl FnMut(ParseStream<'_>, &mut Mistakes) -> Result<()>,
) {
    while !input.is_empty() {
        if let Err(error) = one(input, mistakes) {
            mistakes.add(error);
            skip_to_comma(input);
        }
        if !input.is_empty() && !input.peek(Token![,]) {
            mistakes.at(input.span(), "a comma is missing before this");
            skip_to_comma(input);
        }
        let _: Option<Token![,]> = input.parse().ok();
    }
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        // A tree can always be read where there is one.
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}
