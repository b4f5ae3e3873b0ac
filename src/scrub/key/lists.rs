//! The words of the built-in rules, and what each means for a key.

use super::words::{Word, each_word_of};

// A pair is two adjacent words of one group: the low 16 bits say which groups a word begins, the next 16
// which it ends.
const KEY: u64 = 1;
const TOKEN: u64 = 1 << 1;
const STRING: u64 = 1 << 2;
const CARD: u64 = 1 << 3;
const SECURITY: u64 = 1 << 4;
const BIRTH: u64 = 1 << 5;
pub(super) const NAME: u64 = 1 << 6;
pub(super) const ADDRESS: u64 = 1 << 7;
pub(super) const NUMBER: u64 = 1 << 8;
pub(super) const PATIENT: u64 = 1 << 9;
const RECORD: u64 = 1 << 10;
const PASS: u64 = 1 << 11;
const IP: u64 = 1 << 12;
const PERSON: u64 = 1 << 13;
const TRACE: u64 = 1 << 14;
const DENIED_PAIRS: u64 = (1 << 12) - 1;
const ENDS: u32 = 16;

/// Denied wherever it stands.
pub(super) const DENY: u64 = 1 << 32;
/// Denied where it stands last.
pub(super) const DENY_LAST: u64 = 1 << 33;
/// Tells of a secret, where it stands last, without being it.
pub(super) const SAFE_LAST: u64 = 1 << 34;
/// Holds a person's address, where it is the only word.
const IP_ALONE: u64 = 1 << 35;
/// A pair by itself: `userid`, `traceid`.
const PSEUDONYM: u64 = 1 << 36;
const TRACE_ID: u64 = 1 << 37;
/// What has dots between its numbers is a version.
pub(super) const VERSION: u64 = 1 << 38;
/// Says nothing: `date of birth`.
const FILLER: u64 = 1 << 39;
pub(super) const SESSION: u64 = 1 << 40;
// What a value must look like behind such a word in a text, where nobody vouches for what is a key.
pub(super) const WEAK: u64 = 1 << 41;
pub(super) const MAIL: u64 = 1 << 42;
pub(super) const DIGITS: u64 = 1 << 43;
pub(super) const COOKIE: u64 = 1 << 44;
pub(super) const HEADER: u64 = 1 << 45;
pub(super) const PHRASE: u64 = 1 << 46;
pub(super) const DATE: u64 = 1 << 47;
pub(super) const OPEN: u64 = 1 << 48;
/// A sensitive parameter of a query, and nowhere else.
pub(super) const QUERY: u64 = 1 << 49;

const LISTS: &[(u64, &str)] = &[
    (
        DENY,
        "password passwd pwd passphrase passcode secret secrets credential credentials \
         authorization cookie cookies otp cvv cvc pin ssn dob mrn jwt csrf xsrf iban apikey \
         privatekey accesskey secretkey authtoken accesstoken refreshtoken sessiontoken \
         passwords passwort creds apitoken apisecret clientsecret idtoken bearertoken \
         csrftoken xsrftoken signingkey encryptionkey dbpassword userpassword pgpassword \
         newpassword oldpassword currentpassword rootpassword adminpassword \
         connectionstring creditcard cardnumber accountkey apikeys",
    ),
    (DENY_LAST, "token email phone pan sid auth session bearer pw"),
    (
        SAFE_LAST,
        "count total length len size bytes ms days seconds ttl type kind method status \
         version template verified valid enabled limit os family rotation expiry policy \
         expires expired attempts strength required present exists endpoint algorithm alg at \
         error errors reason set minutes hours retries scheme format age exception found missing invalid \
         failed failure mismatch denied rejected revoked changed updated rotated disabled",
    ),
    (
        KEY,
        "api private access secret signing encryption app application account master \
         subscription session",
    ),
    (KEY << ENDS, "key keys"),
    (TOKEN, "auth access refresh id session bearer csrf xsrf security"),
    (TOKEN << ENDS, "token"),
    (STRING, "connection"),
    (STRING << ENDS, "string"),
    (CARD, "credit debit"),
    (CARD << ENDS, "card"),
    (SECURITY, "social"),
    (SECURITY << ENDS, "security"),
    (BIRTH, "date"),
    (BIRTH << ENDS, "birth"),
    (NAME, "full first last patient"),
    (NAME << ENDS, "name"),
    (ADDRESS, "home street postal billing shipping"),
    (ADDRESS << ENDS, "address"),
    (NUMBER, "card phone mobile account routing passport nhs"),
    (NUMBER << ENDS, "number"),
    (PATIENT, "patient otp cvv cvc"),
    (PATIENT << ENDS, "id code"),
    (RECORD, "medical"),
    (RECORD << ENDS, "record"),
    (PASS, "db user smtp mysql postgres pg redis admin root ftp ldap"),
    (PASS << ENDS, "pass pw"),
    (IP, "client user enduser remote real connecting"),
    (IP << ENDS, "ip address addr for"),
    (IP, "forwarded"),
    (IP_ALONE, "remoteaddr clientip userip remoteip"),
    (PERSON, "user enduser usr customer account session client"),
    (PERSON << ENDS, "id"),
    (PSEUDONYM, "userid enduserid customerid accountid sessionid clientid"),
    (TRACE, "trace span"),
    (TRACE << ENDS, "id"),
    (TRACE_ID, "traceid spanid traceparent"),
    (VERSION, "version os browser oid build release firmware"),
    (FILLER, "of"),
    (SESSION, "session sid"),
    (WEAK, "sid auth session bearer pass pw"),
    (MAIL, "email"),
    (DIGITS, "ssn iban phone pan number pin otp security card creditcard cardnumber mrn"),
    (COOKIE, "cookie cookies"),
    (HEADER, "authorization"),
    (PHRASE, "passphrase"),
    (DATE, "dob birth"),
    (OPEN, "token credential credentials creds jwt csrf xsrf record id"),
    (QUERY, "key code sig signature pass pw awsaccesskeyid"),
];

const SLOTS: usize = 512;

/// The words, each at the place that its letters say or one of the next; no letters mean none.
static WORDS: [Word; SLOTS] = TABLE.0;
static MEANINGS: [u64; SLOTS] = TABLE.1;

const TABLE: ([Word; SLOTS], [u64; SLOTS]) = {
    let mut table = ([Word { head: 0, rest: 0 }; SLOTS], [0; SLOTS]);
    let mut list = 0;
    while list < LISTS.len() {
        let (meaning, words) = LISTS[list];
        let mut at = 0;
        while let Some((word, next)) = Word::next(words, at) {
            let mut slot = word.slot(SLOTS);
            while table.0[slot].head != 0 && !table.0[slot].is(word) {
                slot = (slot + 1) % SLOTS;
            }
            table.0[slot] = word;
            table.1[slot] |= meaning;
            at = next;
        }
        list += 1;
    }
    table
};

#[inline(always)]
fn meaning(word: Word) -> u64 {
    let mut slot = word.slot(SLOTS);
    while !WORDS[slot].is(word) {
        if WORDS[slot].head == 0 {
            return 0;
        }
        slot = (slot + 1) % SLOTS;
    }
    MEANINGS[slot]
}

/// What a key's words mean together.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Summary {
    /// Of all words.
    pub(super) any: u64,
    /// The groups of pairs anywhere.
    pairs: u64,
    /// The groups that the last two words make.
    last_pair: u64,
    /// Of the last word.
    pub(super) last: u64,
    words: u32,
}

impl Summary {
    #[inline]
    pub(super) fn of(key: &[u8]) -> Summary {
        Summary::of_part(key, 0, key.len())
    }

    /// Of a part of a text.
    #[inline(always)]
    pub(super) fn of_part(text: &[u8], start: usize, end: usize) -> Summary {
        let mut summary = Summary::default();
        each_word_of(text, start, end, |word| {
            let meaning = meaning(word);
            if meaning & FILLER == 0 {
                summary.last_pair = summary.last & (meaning >> ENDS) & 0xFFFF;
                summary.pairs |= summary.last_pair;
                summary.any |= meaning;
                summary.last = meaning;
                summary.words += 1;
            }
        });
        summary
    }

    pub(super) fn is_denied(self) -> bool {
        self.last & SAFE_LAST == 0
            && !self.is_name()
            && (self.any & DENY != 0
                || self.last & DENY_LAST != 0
                || self.pairs & DENIED_PAIRS != 0)
    }

    /// Whether this is what a secret is called, as in `cookie.name`, and not somebody's name.
    fn is_name(self) -> bool {
        self.last & (NAME << ENDS) != 0 && self.last_pair & NAME == 0
    }

    /// Whether it is denied for nothing but ending in a session.
    pub(super) fn is_session(self) -> bool {
        self.last & SESSION != 0 && self.any & DENY == 0 && self.pairs & DENIED_PAIRS == 0
    }

    /// Whether the last two words alone are denied, for `api key` with a space, or all three of
    /// `medical record number`.
    pub(super) fn is_denied_pair(self) -> bool {
        self.last_pair & DENIED_PAIRS != 0 || self.pairs & RECORD != 0
    }

    pub(super) fn is_pseudonym(self) -> bool {
        self.last_pair & PERSON != 0 || self.last & PSEUDONYM != 0
    }

    pub(super) fn is_trace(self) -> bool {
        self.last_pair & TRACE != 0 || self.last & TRACE_ID != 0
    }

    pub(super) fn is_ip(self) -> bool {
        self.last_pair & IP != 0 || (self.words == 1 && self.last & IP_ALONE != 0)
    }

    /// Whether the last word may end a pair.
    pub(super) fn ends_pair(self) -> bool {
        self.last & (DENIED_PAIRS << ENDS) != 0
    }

    pub(super) fn last_pair(self) -> u64 {
        self.last_pair
    }
}
