//! What services write, as loads.

/// Tags as they come: clean and short.
pub(crate) const TAGS: [(&str, &str); 12] = [
    ("endpoint", "/api/v1/documents/{id}"),
    ("status", "200"),
    ("method", "POST"),
    ("service", "upload-service"),
    ("region", "eu-central-1"),
    ("kind", "application/pdf"),
    ("outcome", "cancelled"),
    ("k8s.pod.name", "upload-7d9f8b6c5d-x2v4q"),
    ("version", "1.4.2-rc.1"),
    ("model", "gpt-4o-2024-08-06"),
    ("error_type", "connection_refused"),
    ("table", "documents"),
];

/// What is found in texts of a hundred characters, one of every kind.
const FINDINGS: [(&str, &str); 14] = [
    ("email", "ann.example@example.org"),
    ("password=", "password=hunter22"),
    ("JSON field", r#""password":"hunter22""#),
    ("JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NzExIn0.c2lnbmF0dXJl"),
    ("forge token", "ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ("cloud key", "AKIAAAAABBBBCCCCDDDD"),
    ("URL password", "postgres://app:Tr0ub4dor@db:5432/x"),
    ("query", "/reset?token=c0ffee42c0ffee&lang=de"),
    ("card", "4539578763621486"),
    ("IBAN", "DE89370400440532013000"),
    ("phone", "+442079460958"),
    ("IPv4", "81.2.69.142"),
    ("IPv6", "2a00:1450:4001:81b::200e"),
    ("bearer", "Bearer 0123456789abcdef.0123456789"),
];
const LENGTH: usize = 100;

/// A name, and a text of a hundred characters with a finding in its middle.
pub(crate) fn with_findings() -> Vec<(&'static str, String)> {
    let text = |(name, finding): (&'static str, &str)| {
        let mut text = format!("upload 17 was refused: {finding} after 3 retries");
        let tail =
            ", the queue has room again and all of the workers are idle now or wait for work";
        let missing = LENGTH.saturating_sub(text.len()).min(tail.len());
        text.push_str(&tail[..missing]);
        (name, text)
    };
    FINDINGS.map(text).into()
}

/// A page of documents as an API lists them, about so many bytes: ids, digests, times, addresses of pages,
/// and every few documents somebody's e-mail address.
pub(crate) fn json_body(bytes: usize) -> String {
    let mut documents = Vec::new();
    let mut length = 0;
    for n in 0_u64.. {
        let owner = if n % 8 == 0 { "ann.example@example.org" } else { "team-upload" };
        let document = serde_json::json!({
            "id": format!("0193509e-7c21-7b3a-9f1e-2d4c6b8a{n:04x}"),
            "name": format!("report-{n}.pdf"),
            "pages": 12 + n,
            "bytes": 48_213 * (n + 1),
            "sha256": format!("{:064x}", u128::from(n + 1) * 0x9E37_79B9_7F4A_7C15_F39C_C060),
            "created_at": "2026-11-22T10:00:00.123Z",
            "href": format!("https://api.example.com/v1/documents/{n}?expand=pages"),
            "labels": ["invoice", "eu-west-1", "v1.4.2"],
            "owner": owner,
        });
        let document = document.to_string();
        length += document.len() + 1;
        documents.push(document);
        if length >= bytes {
            break;
        }
    }
    format!("[{}]", documents.join(","))
}

/// Unkind to detectors: what they look at, over and over, and never a finding that would end a search.
pub(crate) const ADVERSARIES: [(&str, &str); 20] = [
    ("@", "@"),
    ("a@", "a@"),
    ("a.a@b.", "a.a@b."),
    ("eyJ.", "eyJ."),
    ("eyJeyJ", "eyJ"),
    ("password=", "password="),
    ("\"password\":", "\"password\":"),
    ("-----BEGIN", "-----BEGIN "),
    ("BEGIN PRIVATE KEY", "-----BEGIN PRIVATE KEY-----"),
    ("digits", "4539"),
    ("4-4-4-4", "4539 "),
    (":", ":"),
    ("1:", "1:"),
    ("1.", "1."),
    ("%40", "%40"),
    ("quotes", "\""),
    ("\\\"", "\\\""),
    ("://a:", "://a:"),
    ("?a&b", "?key&"),
    ("Cookie:", "Cookie: "),
];

pub(crate) fn adversary(crumb: &str, bytes: usize) -> String {
    let mut text = crumb.repeat(bytes / crumb.len() + 1);
    text.truncate(bytes);
    text
}
