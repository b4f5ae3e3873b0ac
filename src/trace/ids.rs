//! Which span of which trace: for logs, and for whoever carries a trace further.

/// The ids of a span, and whether its trace is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpanIds {
    /// Never 0.
    pub(crate) trace_id: u128,
    /// Never 0.
    pub(crate) span_id: u64,
    pub(crate) sampled: bool,
}

impl SpanIds {
    /// As OpenTelemetry writes it, in ASCII.
    pub(crate) fn trace_id_hex(&self) -> [u8; 32] {
        hex(self.trace_id)
    }

    /// As OpenTelemetry writes it, in ASCII.
    pub(crate) fn span_id_hex(&self) -> [u8; 16] {
        hex(u128::from(self.span_id))
    }
}

/// The lowest `N` hexadecimal digits.
fn hex<const N: usize>(mut rest: u128) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(rest & 0xf) as usize];
        rest >>= 4;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn ids_are_written_as_their_readers_expect() {
        let ids = SpanIds {
            trace_id: 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736,
            span_id: 0x00f0_67aa_0ba9_02b7,
            sampled: true,
        };
        assert_eq!(text(&ids.trace_id_hex()), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(text(&ids.span_id_hex()), "00f067aa0ba902b7");
    }

    #[test]
    fn the_smallest_and_the_largest_fit() {
        let smallest = SpanIds { trace_id: 1, span_id: 1, sampled: false };
        assert_eq!(text(&smallest.trace_id_hex()), format!("{:032x}", 1));
        let largest = SpanIds { trace_id: u128::MAX, span_id: u64::MAX, sampled: false };
        assert_eq!(text(&largest.trace_id_hex()), "f".repeat(32));
        assert_eq!(text(&largest.span_id_hex()), "f".repeat(16));
    }
}
