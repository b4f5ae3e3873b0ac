//! File names that mean harm; what is let in at all is tested beside the code.

use crate::support::{NOWHERE, PDF, Running, is_refused, raw, uploaded};
use lightship_services::seed::pdf;

#[tokio::test]
async fn hostile_names_are_refused() {
    let service = Running::start(NOWHERE, |_| {}).await;
    let long = "a".repeat(300) + ".pdf";
    for name in [
        "../../etc/cron.d/x.pdf",
        "..%2f..%2fx.pdf",
        "..%5c..%5cx.pdf",
        "/tmp/x.pdf",
        "a%00.pdf",
        "a%0d%0aSet-Cookie:x.pdf",
        "a%e2%80%aefdp.pdf",
        ".pdf",
        ".hidden.pdf",
        "-rf.pdf",
        "CON.pdf",
        "lpt1.x.pdf",
        "x.exe",
        "x.pdf.sh",
        "%",
        "%zz.pdf",
        "%ff.pdf",
        "",
        long.as_str(),
    ] {
        let message = is_refused(service.upload_named(name).await, 422, "invalid_file_name").await;
        assert!(message.starts_with("the file name is refused: it "), "{message}");
        assert!(name.len() < 3 || !message.contains(name), "{message}");
    }
    assert!(service.directory.files().is_empty());
}

#[tokio::test]
async fn a_name_in_raw_bytes_is_refused() {
    let service = Running::start(NOWHERE, |_| {}).await;
    let head = "POST /documents/upload HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\n\
                Connection: close\r\nContent-Length: 5\r\nX-Filename: ";
    let request = [head.as_bytes(), b"M\xc3\xa4rz.pdf\r\n\r\n%PDF-"].concat();
    let answer = raw(service.address(), &request).await;
    assert!(
        answer.starts_with("HTTP/1.1 422 ") && answer.contains("invalid_file_name"),
        "{answer}"
    );
}

#[tokio::test]
async fn the_same_name_twice_is_two_documents() {
    let service = Running::start(NOWHERE, |_| {}).await;
    let headers = [PDF, ("x-filename", "same.pdf")];
    let first = uploaded(service.upload(pdf("one"), &headers).await).await;
    let second = uploaded(service.upload(pdf("two"), &headers).await).await;
    assert_ne!(first.id, second.id);
    for (document, text) in [(first, "one"), (second, "two")] {
        let stored = service.directory.0.join(format!("{}-same.pdf", document.id));
        assert_eq!(std::fs::read(stored).unwrap(), pdf(text));
    }
}
