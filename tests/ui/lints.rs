//! What the compiler warns of is what it would warn of without an attribute, and nothing else.
#![warn(unused, unreachable_code)]

use lightship::{counted, observe, timed};

#[observe]
#[must_use]
pub fn must_be_used(unused_argument: u8) -> u8 {
    let unused_variable = 1;
    let mut never_changed = 2;
    never_changed
}

#[observe(err, ret, tags(a = n), fields(?n))]
async fn never_used(n: u8) -> Result<u8, std::fmt::Error> {
    return Ok(n);
    println!("not reached");
}

#[observe]
#[deprecated]
pub fn old(mut assigned: u8) {
    assigned = 2;
}

#[observe]
#[timed("a")]
#[counted("b", "c" => "d")]
pub fn fine(n: u8, mut used: Vec<u8>) -> Result<Vec<u8>, std::fmt::Error> {
    if n == 0 {
        return Err(std::fmt::Error);
    }
    used.push(n);
    Ok(used)
}

#[observe]
pub fn diverges() -> u8 {
    loop {}
}

#[observe]
pub async fn diverges_later() -> u8 {
    panic!("at once")
}

pub fn main() {
    must_be_used(1);
    old(1);
}
