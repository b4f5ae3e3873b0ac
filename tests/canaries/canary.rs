//! What is planted: for each place and shape a secret that nobody else has, and two harmless markers.

use crate::places::{Fits, Place};

/// Where a value is longer than a tag, and than a span's attribute, may be.
const TAG_CUT: usize = 200;
const TEXT_CUT: usize = 4_096;
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ALPHANUMERIC: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const DIGITS: &str = "0123456789";
const HEX: &str = "0123456789abcdef";

/// A shape that the policy promises to know by its looks, or by the key it stands under.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// What it is planted under: `detail` says nothing.
    pub(crate) key: &'static str,
    looks: fn(&mut Invented) -> Looks,
}

/// A secret's text, and the parts of it that nobody may ever see.
struct Looks {
    text: String,
    secrets: Vec<String>,
    /// So many characters of it in a row are a leak.
    leak: usize,
}

/// One secret, in one place.
pub(crate) struct Planted {
    pub(crate) place: &'static str,
    pub(crate) shape: &'static str,
    pub(crate) key: &'static str,
    /// The secret alone.
    pub(crate) canary: String,
    /// What a user writes: for what is known by its looks, behind a harmless word.
    pub(crate) value: String,
    /// A harmless word, to be planted beside the secret.
    pub(crate) beside: String,
    /// The harmless word in `value`; `None` where the whole value is to go.
    pub(crate) within: Option<String>,
    pub(crate) secrets: Vec<String>,
    pub(crate) leak: usize,
}

impl Planted {
    /// Whether what is planted is known by the key alone.
    pub(crate) fn is_keyed(&self) -> bool {
        self.key != "detail"
    }
}

/// Every shape that fits the place.
pub(crate) fn plant(place: &'static Place) -> Vec<Planted> {
    let fitting = SHAPES.iter().filter(|shape| fits(place.takes, shape));
    fitting.map(|shape| planted(place, shape)).collect()
}

fn fits(takes: Fits, shape: &Shape) -> bool {
    let is_keyed = shape.key != "detail";
    match takes {
        Fits::All => true,
        Fits::Looks => !is_keyed,
        Fits::Url => URL_SAFE.contains(&shape.name),
        Fits::Keyed => is_keyed,
        Fits::Unquoted => !is_keyed && !["pem", "json", "escaped_json"].contains(&shape.name),
        Fits::Host => ["github", "stripe", "openai", "gitlab"].contains(&shape.name),
        Fits::Tokens => TOKENS.contains(&shape.name),
        Fits::OneLine => !is_keyed && shape.name != "pem" && !shape.name.ends_with("cut"),
    }
}

fn planted(place: &'static Place, shape: &'static Shape) -> Planted {
    let mut invented = Invented::new(&format!("{}/{}", place.name, shape.name));
    let Looks { text: canary, secrets, leak } = (shape.looks)(&mut invented);
    let beside = format!("mark{}", invented.text(LOWER, 12));
    let within = (shape.key == "detail").then(|| format!("kept{}", invented.text(LOWER, 12)));
    let value = match &within {
        Some(within) => format!("{within} {canary}"),
        None => canary.clone(),
    };
    let (place, shape, key) = (place.name, shape.name, shape.key);
    Planted { place, shape, key, canary, value, beside, within, secrets, leak }
}

/// Shapes that a URL's path or query can hold as they are.
pub(crate) const URL_SAFE: &[&str] =
    &["email", "email_encoded", "github", "aws", "stripe", "google", "openai", "gitlab", "jwt"];
/// Shapes without any separators.
const TOKENS: &[&str] = &["github", "aws", "stripe", "google", "openai", "gitlab"];

macro_rules! shapes {
    ($($name:literal $(under $key:literal)? => $looks:expr;)+) => {
        &[$(Shape { name: $name, key: shapes!(@key $($key)?), looks: $looks }),+]
    };
    (@key) => { "detail" };
    (@key $key:literal) => { $key };
}

/// Put together here, so that no scanner takes this file for a leak.
const SHAPES: &[Shape] = shapes! {
    "email" => |it| it.around("", LOWER, 14, "@leak.example.com");
    "email_encoded" => |it| it.around("", LOWER, 14, "%40leak.example.com");
    "github" => |it| it.around("ghp_", ALPHANUMERIC, 36, "");
    "aws" => |it| it.around("AKIA", UPPER, 16, "");
    "stripe" => |it| it.around("sk_live_", ALPHANUMERIC, 24, "");
    "slack" => |it| it.around("xoxb-", ALPHANUMERIC, 40, "");
    "google" => |it| it.around("AIza", ALPHANUMERIC, 35, "");
    "openai" => |it| it.around("sk-proj-7", ALPHANUMERIC, 40, "");
    "gitlab" => |it| it.around("glpat-", ALPHANUMERIC, 20, "");
    "jwt" => Invented::jwt;
    "pem" => Invented::pem;
    "url_password" => |it| it.around("postgres://app:", ALPHANUMERIC, 16, "@db:5432/main");
    "bearer" => |it| it.around("Authorization: Bearer 7", ALPHANUMERIC, 24, "");
    "basic" => |it| it.around("Authorization: Basic 7", ALPHANUMERIC, 24, "");
    "cookie" => |it| it.around("Cookie: theme=dark; sid=", ALPHANUMERIC, 16, "");
    "set_cookie" => |it| it.around("Set-Cookie: sid=", ALPHANUMERIC, 16, "; Path=/");
    "assignment" => |it| it.around("password=", ALPHANUMERIC, 16, "");
    "json" => |it| it.around("{\"password\":\"", ALPHANUMERIC, 16, "\",\"n\":1}");
    "escaped_json" => |it| it.around("{\\\"password\\\":\\\"", ALPHANUMERIC, 16, "\\\"}");
    "query" => |it| it.around("GET /files?access_token=", ALPHANUMERIC, 16, "&page=2");
    "signature" => |it| it.around("https://s3.test/a?X-Amz-Signature=", HEX, 64, "&page=2");
    "card" => Invented::card;
    "iban" => Invented::iban;
    "ssn" => Invented::ssn;
    "phone" => Invented::phone;
    "ipv6" => Invented::ipv6;
    "mrn" => |it| it.around("MRN: ", DIGITS, 12, "");
    "tag_cut" => |it| it.at(TAG_CUT);
    "text_cut" => |it| it.at(TEXT_CUT);
    "password" under "password" => |it| it.around("hunter", LOWER, 12, "2");
    "db_password" under "db.password" => |it| it.around("hunter", LOWER, 12, "2");
    "user_id" under "user.id" => |it| it.around("u-", LOWER, 12, "");
    "name" under "patient.full_name" => |it| it.around("Canary ", LOWER, 12, "");
    "address" under "client.address" => Invented::ipv6;
};

/// Letters and digits that are the same at every start, and nowhere else.
struct Invented(u64);

impl Invented {
    fn new(seed: &str) -> Self {
        let fnv = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Invented(seed.bytes().fold(0xcbf2_9ce4_8422_2325, fnv))
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn text(&mut self, of: &str, length: usize) -> String {
        let of = of.as_bytes();
        (0..length).map(|_| char::from(of[self.number() as usize % of.len()])).collect()
    }

    fn around(&mut self, before: &str, of: &str, length: usize, after: &str) -> Looks {
        let secret = self.text(of, length);
        let text = format!("{before}{secret}{after}");
        // Digits alone come by chance where there are many others.
        let leak = match of {
            DIGITS => length,
            HEX => 24,
            _ => 8,
        };
        Looks { text, secrets: vec![secret], leak }
    }

    fn jwt(&mut self) -> Looks {
        let (claims, signature) = (self.text(ALPHANUMERIC, 40), self.text(ALPHANUMERIC, 43));
        let text = format!("eyJhbGciOiJIUzI1NiJ9.eyJ{claims}.{signature}");
        Looks { text, secrets: vec![claims, signature], leak: 8 }
    }

    fn pem(&mut self) -> Looks {
        let lines = [self.text(ALPHANUMERIC, 64), self.text(ALPHANUMERIC, 64)];
        let kind = "PRIVATE KEY-----";
        let text = format!("-----BEGIN {kind}\n{}\n-----END {kind}\n", lines.join("\n"));
        Looks { text, secrets: lines.to_vec(), leak: 8 }
    }

    fn card(&mut self) -> Looks {
        let digits = format!("4{}", self.text(DIGITS, 14));
        let doubled = digits.bytes().rev().enumerate().map(|(at, digit)| {
            let digit = u32::from(digit - b'0') * if at % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        });
        let check = (10 - doubled.sum::<u32>() % 10) % 10;
        let card = format!("{digits}{check}");
        Looks { text: card.clone(), secrets: vec![card], leak: 12 }
    }

    fn phone(&mut self) -> Looks {
        let number = format!("4915{}", self.text(DIGITS, 10));
        Looks { text: format!("+{number}"), secrets: vec![number], leak: 12 }
    }

    fn iban(&mut self) -> Looks {
        let account = self.text(DIGITS, 18);
        // `DE00` goes to the end, a letter being its place in the alphabet and nine.
        let rest = format!("{account}131400");
        let rest = rest.bytes().fold(0, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % 97);
        let text = format!("DE{:02}{account}", 98 - rest);
        Looks { text, secrets: vec![account], leak: 12 }
    }

    fn ssn(&mut self) -> Looks {
        let number = self.number() % 100_000;
        let text = format!("{}-{}-{:04}", 101 + number % 500, 10 + number % 89, 1 + number % 9_999);
        Looks { text: text.clone(), secrets: vec![text], leak: 11 }
    }

    /// An address of which the first 48 bits may stay.
    fn ipv6(&mut self) -> Looks {
        let group = |it: &mut Self| format!("a{}", it.text(HEX, 3));
        let host = [0; 5].map(|_| group(self)).join(":");
        Looks { text: format!("2a02:908:1234:{host}"), secrets: vec![host], leak: 9 }
    }

    /// A token that begins before a cut and ends behind it.
    fn at(&mut self, cut: usize) -> Looks {
        let mut looks = self.around("ghp_", ALPHANUMERIC, 36, "");
        let padding = "x ".repeat((cut - 46) / 2);
        looks.text = format!("{padding}{}", looks.text);
        looks
    }
}
